from django.contrib import messages
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from staff.policy import policy
from staff.refusals import NotNow
from staff.step_up import step_up
from staff.views.posted import posted

from .forms import SentForm, carried
from .people import checked, import_people
from .reading import ACCOUNTS, Unreadable
from .sheets import PEOPLE
from .template import as_file, workbook


@policy("people.keep")
@require_safe
def template(request):
    return as_file(workbook([PEOPLE]), "people.xlsx")


@policy("people.keep")
@step_up
@require_http_methods(["GET", "POST"])
def people(request):
    """First what the file would do, then, confirmed, exactly that."""
    form = SentForm(posted(request), request.FILES or None)
    if request.method == "GET" or not form.is_valid():
        return _page(request, form)
    name, content = form.sent()
    try:
        return _answered(request, form, name, content)
    except Unreadable as why:
        form.add_error("file", str(why))
        return _page(request, form)


def _answered(request, form, name, content):
    """What the file would do; or, confirmed, that; or why not, beside what it would do now."""
    if "show" in request.POST:
        return _shown(request, form, name, content)
    try:
        return _imported(request, name, content, form.cleaned_data["checked"])
    except NotNow as why:
        form.add_error(None, str(why))
        return _shown(request, form, name, content, status=409)


def _imported(request, name, content, seal):
    if not seal:
        raise NotNow("See first what would be imported, then confirm it.")
    plan = import_people(name, content, by=request.user, seal=seal)
    number = len(plan.new["accounts"])
    messages.success(
        request, f"{number} account{'s' * (number != 1)} opened. Each gets its password from you."
    )
    return redirect("staff:people")


def _shown(request, form, name, content, status=200):
    plan = checked(name, content, by=request.user)
    sent = carried(name, content, checked=plan.seal())
    return _page(request, form, plan, sent, status)


def _page(request, form, plan=None, sent=None, status=200):
    context = {
        "form": form,
        "plan": plan,
        "carried": sent,
        "most": ACCOUNTS["rows"],
        "sheet": PEOPLE,
    }
    return render(request, "exchange/people.html", context, status=status)
