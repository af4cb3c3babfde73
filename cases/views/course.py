"""A child's course: the CANS in force over time, what changed between them, and what else happened then."""

import datetime
from collections import defaultdict
from dataclasses import dataclass, field

from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from cans.comparison import Change, compare
from cans.facts import course_over, sheets_in_force
from cases.models import Child, ChildStatus, Episode, Membership
from staff.policy import policy

from . import story
from .pages import crumbs_of, note_reading

# What is told of two CANS, in this order.
TOLD = {
    Change.MET: "Needs met",
    Change.NEW: "New needs",
    Change.BUILT: "Strengths built",
    Change.LOST: "Strengths lost",
}


@dataclass(frozen=True)
class Mark:
    """Something that happened on a day; `changes` are (what, names of items), `cans` the CANS it is."""

    on: datetime.date
    sentence: str
    cans: object = None
    changes: list = field(default_factory=list)


@policy("case.view")
@require_safe
def course(request, pk, child_pk):
    case = story.case_for_page(request, pk)
    child = get_object_or_404(Child.objects.filter(memberships__case=case).distinct(), pk=child_pk)
    stays = Membership.objects.filter(case=case, child=child)
    sheets = sheets_in_force(child, case)
    note_reading(request, "child course", case, [child_pk])
    here = reverse("cases:child", args=[pk, child_pk])
    context = {
        "case": case,
        "child": child,
        "course": course_over(sheets) if len(sheets) > 1 else None,
        "marks": sorted(
            [*_of_cans(sheets), *_of_the_case(case, stays)], key=lambda mark: mark.on, reverse=True
        ),
        "number": len(sheets),
        "crumbs": [*crumbs_of(case, child.name)[:-1], (child.name, here), ("Course", None)],
    }
    return render(request, "cases/course.html", context)


def _of_cans(sheets):
    before = None
    for sheet in sheets:
        cans = sheet.assessment
        sentence = f"{cans.get_type_display()} CANS by {cans.author.name}"
        yield Mark(cans.assessed_on, sentence, cans, _changes(before, sheet) if before else [])
        before = sheet


def _changes(before, sheet):
    named = defaultdict(list)
    for one in compare(sheet.applicable_items, before.values, sheet.values):
        named[one.change].append(one.item.label)
    return [(words, named[change]) for change, words in TOLD.items() if named[change]]


def _of_the_case(case, stays):
    """Openings and closings, joining and leaving, and what was recorded of placement, goal and status."""
    for episode in Episode.objects.filter(case=case):
        yield Mark(episode.opened, "IPS opened")
        if episode.closed:
            yield Mark(episode.closed, f"IPS closed: {episode.get_closing_reason_display().lower()}")
    for stay in stays:
        yield Mark(stay.joined, "Joined the case")
        if stay.left:
            yield Mark(stay.left, "Left the case")
    for status in ChildStatus.objects.filter(membership__in=stays):
        yield Mark(status.since, f"{status.get_kind_display()}: {status.value}")
