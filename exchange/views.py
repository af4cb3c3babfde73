from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from staff.policy import policy
from staff.refusals import NotNow
from staff.step_up import step_up
from staff.views.posted import posted

from .actions import checked, import_cases
from .forms import ImportForm, filled
from .reading import IN_BROWSER, Unreadable
from .sheets import SHEETS
from .template import workbook

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MOST_SAID = 200  # of what is wrong, on the page


@policy("case.coordinate")
@require_safe
def template(request):
    response = HttpResponse(workbook(), content_type=XLSX)
    response["Content-Disposition"] = 'attachment; filename="cases.xlsx"'
    return response


@policy("case.coordinate")
@step_up
@require_http_methods(["GET", "POST"])
def import_page(request):
    """First what the file would do, then, confirmed, exactly that."""
    form = ImportForm(posted(request), request.FILES or None)
    if request.method == "GET" or not form.is_valid():
        return _page(request, form)
    name, content = form.sent()
    try:
        if "show" not in request.POST:
            return _imported(request, name, content, form.cleaned_data["checked"])
        plan = checked([(name, content)], by=request.user)
        return _page(request, filled(name, content, plan.seal()), plan, name)
    except Unreadable as why:
        form.add_error("file", str(why))
        return _page(request, form)
    except NotNow as why:
        plan = checked([(name, content)], by=request.user)
        again = filled(name, content, plan.seal())
        again.add_error(None, str(why))
        return _page(request, again, plan, name, status=409)


def _imported(request, name, content, seal):
    if not seal:
        raise NotNow("See first what would be imported, then confirm it.")
    plan = import_cases([(name, content)], by=request.user, seal=seal)
    number = sum(plan.counts.values())
    messages.success(request, f"Imported: {number} record{'s' * (number != 1)}. Due dates are up to date.")
    return redirect("cases:list")


def _page(request, form, plan=None, name="", status=200):
    context = {
        "form": form,
        "plan": plan,
        "name": name,
        "wrong": plan.wrong[:MOST_SAID] if plan else [],
        "unsaid": max(len(plan.wrong) - MOST_SAID, 0) if plan else 0,
        "most": IN_BROWSER["rows"],
        "sheets": SHEETS,
    }
    return render(request, "exchange/import.html", context, status=status)
