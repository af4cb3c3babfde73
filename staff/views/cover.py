from django.contrib import messages
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from staff import actions
from staff.dates import today
from staff.forms.cover import CoverForm, supervisors_seen_by
from staff.models import Cover
from staff.policy import policy
from staff.refusals import NotNow

from .people import PAGE
from .posted import posted


@policy("cover")
@require_http_methods(["GET", "POST"])
def cover(request):
    form, status = CoverForm(posted(request), user=request.user), 200
    if request.method == "POST" and form.is_valid():
        try:
            named = actions.name_cover(by=request.user, **{"supervisor": request.user, **form.cleaned_data})
        except NotNow as why:
            form.add_error(None, str(why))
            status = 409
        else:
            messages.success(request, f"{named.cover} covers for {named.supervisor}.")
            return redirect("staff:cover")
    seen = Cover.objects.select_related("supervisor", "cover", "named_by").filter(ends__gte=today())
    named = seen.filter(supervisor__in=supervisors_seen_by(request.user)).order_by("starts", "pk")
    context = {
        "form": form,
        "covers": Paginator(named, PAGE).get_page(request.GET.get("page")),
        "covering": seen.filter(cover=request.user).order_by("starts", "pk"),
        "today": today(),
    }
    return render(request, "staff/cover.html", context, status=status)


@policy("cover")
@require_POST
def end_cover(request, pk):
    ended = get_object_or_404(Cover, pk=pk, supervisor__in=supervisors_seen_by(request.user))
    actions.end_cover(ended, by=request.user)
    messages.success(request, f"{ended.cover} no longer covers for {ended.supervisor}.")
    return redirect("staff:cover")
