import hashlib
from typing import NamedTuple

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from audit.actions import record
from reports.export import as_csv
from staff.dates import today
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
    case: str
    name: str
    agency: str
    line: int
    what: str
    here: str
    there: str
    fix: str
    why: str


COLUMNS = [
    ("Case number", "case", False),
    ("Case", "name", False),
    ("Agency", "agency", False),
    ("Line", "line", True),
    ("Date", "what", False),
    ("Here", "here", False),
    ("State's system", "there", False),
    ("Fix it", "fix", False),
    ("Because", "why", False),
]


@policy("case.coordinate")
@require_safe
@step_up
@transaction.atomic
def doubt_csv(request):
    kept = _latest(request.user)
    rows = question.rows_of(question.in_doubt(kept, request.user), kept) if kept else []
    lines = [
        Line(row.case.number, row.case.name, row.case.agency.name, row.line.line, *told, row.fix, row.why)
        for row in rows
        for told in row.differences
    ]
    record("report.export", by=request.user, subject="dates-in-doubt", rows=len(rows), filters="")
    response = HttpResponse(as_csv(lines, COLUMNS), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="dates-in-doubt-{today():%Y-%m-%d}.csv"'
    return response


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
