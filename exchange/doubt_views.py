import hashlib
from typing import NamedTuple

from django.contrib import messages
from django.core.paginator import Paginator
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from reports.definitions import IN_DOUBT
from reports.downloads import download
from staff.dates import today, written
from staff.policy import policy
from staff.step_up import step_up
from staff.views.posted import posted

from . import doubt as question
from .forms import ListForm
from .models import StateList
from .reading import A_LIST, Unreadable
from .sheets import STATES_LIST

PAGE = 50
MOST_SAID = 200


@policy("case.coordinate")
@require_safe
def doubt(request):
    """Of the latest list that was uploaded, what differs now."""
    kept = _latest(request.user)
    context = {"kept": kept, "today": today(), "coordinates": True}
    if kept is not None:
        found = question.in_doubt(kept, request.user)
        context["page"] = Paginator(found, PAGE).get_page(request.GET.get("page"))
        context["rows"] = question.rows_of(context["page"].object_list, kept)
        context["lines"] = kept.lines.count()
        context["unknown"] = question.unknown(kept, request.user)
    return render(request, "exchange/doubt.html", context)


class Line(NamedTuple):
    """A line of the list in a file. Where several dates differ, they are in one order in each column."""

    case: str
    name: str
    agency: str
    line: int
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
    rows = question.rows_of(question.in_doubt(kept, request.user), kept) if kept else []
    lines = [
        Line(
            row.case.number,
            row.case.name,
            row.case.agency.name,
            row.line.line,
            *("; ".join(words) for words in zip(*row.differences, strict=True)),
            row.fix,
            row.why,
        )
        for row in rows
    ]
    return download(
        request,
        "dates-in-doubt",
        lines,
        COLUMNS,
        file_format,
        shown=((row.case.pk, None) for row in rows),
        definition=IN_DOUBT,
        as_of=today(),
        filters=[("List", f"{kept.file_name}, as of {written(kept.as_of)}")] if kept else [],
    )


@policy("case.coordinate")
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
