import datetime
from dataclasses import dataclass

from django.core.paginator import Paginator
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from approvals import waiting as routing
from staff.dates import today
from staff.policy import policy
from staff.step_up import step_up

from . import definitions
from .downloads import download
from .listing import PAGE


@policy("case.coordinate")
@require_safe
def waiting(request):
    page = Paginator(routing.stuck(request.user), PAGE).get_page(request.GET.get("page"))
    left = routing.left_behind(request.user)
    this_page = request.resolver_match.view_name
    context = {
        "page": page,
        "rows": routing.rows_of(list(page.object_list)),
        "left": routing.left_rows_of(list(left[:PAGE])),
        "left_in_all": left.count(),
        "longest": routing.longest_wait(),
        "today": today(),
        "coordinates": True,
        "this_page": this_page,
        "saved": request.user.saved_views.filter(page=this_page),
    }
    return render(request, "reports/waiting.html", context)


@dataclass(frozen=True)
class Line:
    """One CANS that waits as the export shows it."""

    child: str
    case: str
    agency: str
    type: str
    author: str
    days: int
    since: datetime.date
    reviewer: str
    may_decide: str
    why_nobody: str


COLUMNS = (
    ("Child", "child", None),
    ("Case", "case", None),
    ("Agency", "agency", None),
    ("Type", "type", None),
    ("Assessor", "author", None),
    ("Days waiting", "days", None),
    ("Waiting since", "since", None),
    ("With", "reviewer", None),
    ("May decide it today", "may_decide", None),
    ("Why nobody may", "why_nobody", None),
)


@policy("case.coordinate")
@require_safe
@step_up
def waiting_file(request, file_format):
    stuck = routing.rows_of(list(routing.stuck(request.user)))
    return download(
        request,
        "waiting",
        [_line(row) for row in stuck],
        COLUMNS,
        file_format,
        shown=((row.assessment.case_id, row.assessment.child_id) for row in stuck),
        definition=definitions.waiting(routing.longest_wait()),
        as_of=today(),
    )


def _line(row):
    cans = row.assessment
    return Line(
        child=cans.child.name,
        case=str(cans.case),
        agency=cans.case.agency.name,
        type=cans.get_type_display(),
        author=cans.author.name,
        days=row.days,
        since=timezone.localdate(cans.submitted_at),
        reviewer=cans.reviewer.name,
        may_decide=", ".join(person.name for person in row.may_decide),
        why_nobody="" if row.may_decide else row.why_nobody,
    )
