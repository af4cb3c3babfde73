"""What somebody who leaves a case leaves behind in it, and that somebody takes that over."""

from django.core.exceptions import ValidationError
from django.db import transaction

from cases import actions
from cases.models import Assignment

from .models import Assessment, Obligation
from .states import WORKABLE


@transaction.atomic
def end_with_heir(assignment, *, by, last_day, inheritor=None):
    """End it; where open drafts or due dates would be left behind, only with somebody who takes over."""
    actions.end_assignment(assignment, by=by, last_day=last_day, inheritor=inheritor)
    if inheritor is None and (left := left_behind(assignment)):
        raise ValidationError({"inheritor": f"Say who takes over: {' '.join(left)}"})


def left_behind(assignment):
    """What this person would leave in the case, in sentences; due dates are the primary worker's."""
    found = [
        f"An open CANS of {cans.child}."
        for cans in Assessment.objects.filter(
            case=assignment.case, author=assignment.person, state__in=WORKABLE
        ).select_related("child")
    ]
    if assignment.kind == Assignment.Kind.PRIMARY:
        owed = Obligation.objects.unsettled().filter(case=assignment.case, submitted_on__isnull=True)
        found += [
            f"A CANS of {row.child} due {row.due:%a} {row.due.day} {row.due:%b %Y}."
            for row in owed.select_related("child").order_by("due")
            if row.status() in {"due", "overdue"}
        ]
    return found
