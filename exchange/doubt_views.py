import hashlib
from typing import NamedTuple

from django.contrib import messages
from django.core.paginator import Paginator
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from reports.definitions import IN_DOUBT
from reports.downloads import download
from reports.listing import leads
from staff.dates import today, written
from staff.policy import policy
from staff.step_up import step_up
from staff.views.posted import posted

from . import doubt as question
from .forms import DoubtFilter, ListForm
from .models import StateList
from .reading import A_LIST, Unreadable
from .sheets import STATES_LIST

PAGE = 50
DIFFER, ABSENT, LEFT_OUT = "differ", "absent", "left-out"
ABSENT_THERE = (
    "Cases of your regions that were open on the day of the state's list that was uploaded last, and still "
    "are, and that no line of it names."
)
MOST_SAID = 200


@policy("case.coordinate")
@require_safe
def doubt(request):
    """Of the latest list that was uploaded, what differs now; what of it is not told, and what it lacks."""
    kept = _latest(request.user)
    context = {"kept": kept, "today": today(), "coordinates": True}
    if kept is not None:
        asked = _Asked(request, kept)
        counts = {name: rows.count() for name, rows in asked.found.items()}
        pages = Paginator(asked.found[asked.show], PAGE)
        pages.count = counts[asked.show]
        page = pages.get_page(request.GET.get("page"))
        context |= {
            "show": asked.show,
            "filter": asked.form,
            "page": page,
            "rows": asked.rows(page.object_list),
            "lines": kept.lines.count(),
            "counts": counts,
            "unknown": counts[LEFT_OUT],
            "leads": leads(request.GET),
            "of_agency": leads(request.GET, show=None),
            "of_absent": leads(request.GET, show=ABSENT),
        }
    return render(request, "exchange/doubt.html", context)


class _Asked:
    """Which of the three lists, of which agency; of one that is not there, no rows."""

    def __init__(self, request, kept):
        self.kept = kept
        self.form = DoubtFilter(request.GET, user=request.user)
        known = self.form.is_valid()
        agency = self.form.cleaned_data["agency"] if known else None
        found = {
            DIFFER: question.in_doubt(kept, request.user, agency),
            ABSENT: question.absent(kept, request.user, agency),
            LEFT_OUT: question.unknown(kept, request.user),
        }
        self.found = found if known else {name: rows.none() for name, rows in found.items()}
        self.agency = agency
        self.show = request.GET.get("show") if request.GET.get("show") in found else DIFFER

    def rows(self, some):
        if self.show == LEFT_OUT:
            return list(some)
        return (question.rows_of_absent if self.show == ABSENT else question.rows_of)(some, self.kept)

    def in_words(self):
        of_list = ("List", f"{self.kept.file_name}, as of {written(self.kept.as_of)}")
        return [of_list, ("Agency", str(self.agency))] if self.agency else [of_list]


class Line(NamedTuple):
    """A line of the list in a file. Where several dates differ, they are in one order in each column."""

    case: str
    name: str
    agency: str
    line: int | None
    dates: str
    here: str
    there: str
    fix: str
    why: str


COLUMNS = [
    ("Case number", "case", None),
    ("Case", "name", None),
    ("Agency", "agency", None),
    ("Line", "line", None),
    ("Dates that differ", "dates", None),
    ("Here", "here", None),
    ("State's system", "there", None),
    ("Fix it", "fix", None),
    ("Because", "why", None),
]


@policy("case.coordinate")
@require_safe
@step_up
def doubt_file(request, file_format):
    kept = _latest(request.user)
    asked = _Asked(request, kept) if kept else None
    if asked and asked.show == LEFT_OUT:
        return redirect(reverse("doubt:doubt", query={"show": LEFT_OUT}))
    rows = asked.rows(asked.found[asked.show]) if asked else []
    is_absent = asked is not None and asked.show == ABSENT
    lines = [
        Line(
            row.case.number,
            row.case.name,
            row.case.agency.name,
            row.line and row.line.line,
            *("; ".join(words) for words in zip(*row.differences, strict=True)),
            row.fix,
            row.why,
        )
        for row in rows
    ]
    return download(
        request,
        "not-in-the-states-list" if is_absent else "dates-in-doubt",
        lines,
        COLUMNS,
        file_format,
        shown=((row.case.pk, None) for row in rows),
        definition=ABSENT_THERE if is_absent else IN_DOUBT,
        as_of=today(),
        filters=asked.in_words() if asked else [],
    )


@policy("case.coordinate")
@step_up
@require_http_methods(["GET", "POST"])
def upload(request):
    form, wrong = ListForm(posted(request), request.FILES or None), []
    if request.method == "POST" and form.is_valid():
        name, content = form.sent()
        try:
            kept = question.keep_list(
                name,
                content,
                as_of=form.cleaned_data["as_of"],
                sha256=hashlib.sha256(content).hexdigest(),
                by=request.user,
            )
        except Unreadable as why:
            wrong = getattr(why, "wrong", [])
            form.add_error("file" if form.cleaned_data["file"] else "text", str(why))
        else:
            messages.success(request, f"{kept.lines.count()} lines are compared with the record.")
            return redirect(reverse("doubt:doubt"))
    context = {
        "form": form,
        "wrong": wrong[:MOST_SAID],
        "sheet": STATES_LIST,
        "most": A_LIST["rows"],
    }
    return render(request, "exchange/upload.html", context)


def _latest(user):
    return StateList.objects.visible_to(user).first()
