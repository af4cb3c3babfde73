from django.core.paginator import Paginator
from django.shortcuts import render
from django.views.decorators.http import require_safe

from cans.models import Assessment
from staff.models import Role
from staff.policy import WORKERS, policy

PAGE_SIZE = 50
TABS = (("mine", "Mine, open"), ("open", "All open"), ("all", "All"))


@policy("assessment.view")
@require_safe
def index(request):
    """The CANS this person may see: their own open ones first, the rest a tab away."""
    tabs = TABS if request.user.role in WORKERS else TABS[1:]
    show = request.GET.get("show")
    if show not in dict(tabs):
        show = "mine" if request.user.role == Role.CLINICIAN else "open"
    found = Assessment.objects.visible_to(request.user).select_related("child", "case", "author", "reviewer")
    if show != "all":
        found = found.open()
    if show == "mine":
        found = found.filter(author=request.user)
    page = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    return render(request, "cans/list.html", {"page": page, "show": show, "tabs": tabs})
