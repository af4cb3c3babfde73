import hashlib

from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.views.decorators.http import require_http_methods, require_safe

from audit.actions import record
from cases.permissions import Act
from cases.views.pages import case_for, note_reading
from staff.dates import today
from staff.policy import policy
from staff.step_up import step_up
from staff.views.posted import posted

from .checking.plan import was_shown_to
from .course import HERE, as_it_comes, course_of_check, course_of_import
from .export import as_json, children_of
from .forms import ImportForm, carried
from .reading import IN_BROWSER
from .sheets import SHEETS
from .template import as_file, workbook

ABOUT = {"sheets": SHEETS, "most": IN_BROWSER["rows"]}


@policy("case.coordinate")
@require_safe
def template(request):
    return as_file(workbook(), "cases.xlsx")


@policy("case.coordinate")
@step_up
@require_http_methods(["GET", "POST"])
def import_page(request):
    """First what the file would do, then, confirmed, exactly that."""
    form = ImportForm(posted(request), request.FILES or None)
    if request.method == "GET" or not form.is_valid():
        return _page(request, form)
    said = form.cleaned_data | {"sent": form.sent()}
    if "show" in request.POST:
        return _as_it_comes(request, said, course_of_check)
    if not was_shown_to(request.user, said["checked"]):
        form.add_error(None, "See first what would be imported, then confirm it.")
        return _page(request, form, carried=carried(*said["sent"], show="1"), status=409)
    return _as_it_comes(request, said, course_of_import)


def _as_it_comes(request, said, course):
    again = ImportForm(initial={"receiver": said["receiver"]})
    about = ABOUT | {"form": again, "here": HERE, "importing": course is course_of_import}
    page = render_to_string("exchange/import.html", about, request)
    return as_it_comes(page, course(request, said))


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


def _page(request, form, status=200, **more):
    return render(request, "exchange/import.html", {"form": form, **ABOUT, **more}, status=status)
