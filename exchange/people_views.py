from django.contrib import messages
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from staff.policy import policy
from staff.refusals import NotNow
from staff.step_up import step_up
from staff.views.posted import posted

from .forms import SentForm, filled
from .people import checked, import_people
from .reading import IN_BROWSER, Unreadable
from .sheets import PEOPLE

MOST_SAID = 200


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
        return _answered(request, name, content, form.cleaned_data["checked"])
    except Unreadable as why:
        form.add_error("file", str(why))
        return _page(request, form)


def _answered(request, name, content, seal):
    """What the file would do; or, confirmed, that; or why not, beside what it would do now."""
    if "show" in request.POST:
        return _shown(request, name, content)
    try:
        return _imported(request, name, content, seal)
    except NotNow as why:
        return _shown(request, name, content, str(why))


def _imported(request, name, content, seal):
    if not seal:
        raise NotNow("See first what would be imported, then confirm it.")
    plan = import_people(name, content, by=request.user, seal=seal)
    number = len(plan.new["accounts"])
    messages.success(
        request, f"{number} account{'s' * (number != 1)} opened. Each gets its password from you."
    )
    return redirect("staff:people")


def _shown(request, name, content, refusal=""):
    plan = checked(name, content, by=request.user)
    form = filled(SentForm, name, content, plan.seal())
    if refusal:
        form.add_error(None, refusal)
    return _page(request, form, plan, name, status=409 if refusal else 200)


def _page(request, form, plan=None, name="", status=200):
    context = {
        "form": form,
        "plan": plan,
        "name": name,
        "wrong": plan.wrong[:MOST_SAID] if plan else [],
        "unsaid": max(len(plan.wrong) - MOST_SAID, 0) if plan else 0,
        "most": IN_BROWSER["rows"],
        "sheet": PEOPLE,
    }
    return render(request, "exchange/people.html", context, status=status)
