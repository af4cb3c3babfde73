import hashlib

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from audit.actions import record
from cases.permissions import Act
from cases.views.pages import case_for, note_reading
from staff.dates import today
from staff.policy import policy
from staff.refusals import NotNow
from staff.step_up import step_up
from staff.views.posted import posted

from .actions import checked, import_cases
from .export import as_json, children_of
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
        return _answered(request, name, content, form.cleaned_data)
    except Unreadable as why:
        form.add_error("file", str(why))
        return _page(request, form)


def _answered(request, name, content, said):
    """What the file would do; or, confirmed, that; or why not, beside what it would do now."""
    receiver = said["receiver"]
    if "show" in request.POST:
        return _shown(request, name, content, receiver)
    try:
        return _imported(request, name, content, receiver, said["checked"])
    except NotNow as why:
        return _shown(request, name, content, receiver, str(why))


def _imported(request, name, content, receiver, seal):
    if not seal:
        raise NotNow("See first what would be imported, then confirm it.")
    plan = import_cases([(name, content)], by=request.user, receiver=receiver, seal=seal)
    number = sum(plan.counts.values())
    messages.success(request, f"Imported: {number} record{'s' * (number != 1)}. Due dates are up to date.")
    return redirect("cases:list")


def _shown(request, name, content, receiver, refusal=""):
    plan = checked([(name, content)], by=request.user, receiver=receiver)
    form = filled(ImportForm, name, content, plan.seal(), receiver=receiver and receiver.pk)
    if refusal:
        form.add_error(None, refusal)
    return _page(request, form, plan, name, status=409 if refusal else 200)


@policy("case.coordinate")
@require_safe
@step_up
@transaction.atomic
def export(request, pk):
    """A whole case leaves the house with whoever exports it: that is written down."""
    case = case_for(request, pk, Act.COORDINATE)
    content = as_json(case)
    note_reading(request, "case export", case, children_of(case))
    record(
        "case.export",
        by=request.user,
        case=case,
        subject=f"case {case.pk}",
        sha256=hashlib.sha256(content).hexdigest(),
    )
    response = HttpResponse(content, content_type="application/json")
    response["Content-Disposition"] = f'attachment; filename="case-{case.number}-{today():%Y-%m-%d}.json"'
    return response


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
