"""What somebody who leaves a case leaves behind in it, and that somebody takes that over."""

from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db import transaction

from cases import actions
from cases.models import Assignment
from cases.permissions import Act, check_can
from staff import gate
from staff.dates import today, written
from staff.refusals import NotNow

from .actions import record_act, take_over
from .models import Assessment, Obligation
from .permissions import carries
from .states import WORKABLE


@dataclass(frozen=True)
class Moved:
    """What became of a CANS that the one who leaves had begun; `kept` where it stays theirs."""

    sentence: str
    kept: bool = False


def goes_on_with(cans, on=None):
    """Who goes on with a CANS that is begun or returned: its author, or the primary worker of a case that
    the author left, who takes it over; None where it has none. As the desk of the overdue report."""
    on = on or today()
    if carries(cans.author, cans.case, on):
        return cans.author
    primary = Assignment.objects.current(on).filter(case=cans.case_id, kind=Assignment.Kind.PRIMARY)
    worker = primary.select_related("person").order_by("-starts", "-pk").first()
    return worker and worker.person


@transaction.atomic
def end_with_heir(assignment, *, by, last_day, inheritor=None):
    """End it; where open drafts or due dates would be left behind, only with somebody who takes over.

    They become the author of what was begun at once, and work on the case beside the one who leaves until
    it is theirs. Who may not enter a CANS takes none: it stays as it is, to be handed over later. Returns
    what was Moved.
    """
    begun = _begun(assignment)
    list(begun.select_for_update(of=("self",), no_key=True))  # before the case, as every verb on a CANS
    actions.end_assignment(assignment, by=by, last_day=last_day, inheritor=inheritor)
    if inheritor is None:
        if left := left_behind(assignment):
            raise ValidationError({"inheritor": f"Say who takes over: {' '.join(left)}"})
        return []
    return [_moved(cans, assignment, by, last_day, inheritor) for cans in begun]


@transaction.atomic
def hand_on(cans, *, by, to):
    """Give a CANS whose author no longer works on the case to somebody who does."""
    if to is None:
        raise ValidationError("Say who takes it over.")
    check_can(by, Act.SET_PRIMARY, cans.case)
    if not carries(to, cans.case):
        raise NotNow(f"{to} does not work on this case today: assign them first.")
    if lacking := not_let_in(to, today()):
        raise NotNow(lacking)
    _give(cans, by, to)


def not_let_in(person, on):
    """Why this person may not enter a CANS that day, in a sentence about them; "" where they may."""
    lacking = gate.lacking(person, on)
    return f"{person} may not enter a CANS on {written(on)}: no {', no '.join(lacking)}." if lacking else ""


def _moved(cans, assignment, by, last_day, heir):
    what = f"The CANS of {cans.child} that {assignment.person} began"
    if lacking := not_let_in(heir, today()):
        return Moved(
            f"{what} is kept in their name, for the worker who has the case. {lacking} Hand it over "
            "when that is put right, or to somebody else who works on the case.",
            kept=True,
        )
    beside = ""
    if not carries(heir, assignment.case):
        role = f"takes over from {assignment.person}"[:120]
        days = {"starts": today(), "ends": last_day}
        actions.assign(assignment.case, by=by, person=heir, kind=Assignment.Kind.PARALLEL, role=role, **days)
        beside = f" They work on the case beside {assignment.person} through {written(last_day)}."
    _give(cans, by, heir)
    return Moved(f"{what} goes to {heir}, from now on.{beside}")


def _give(cans, by, heir):
    """The heir takes it over; on record is also who said so."""
    take_over(cans, by=heir)
    record_act("hand_over", cans, by, to=heir.pk)


def _begun(assignment):
    found = Assessment.objects.filter(case=assignment.case, author=assignment.person, state__in=WORKABLE)
    return found.select_related("child", "case", "author").order_by("pk")


def left_behind(assignment):
    """What this person would leave in the case, in sentences; due dates are the primary worker's."""
    found = [f"An open CANS of {cans.child}." for cans in _begun(assignment)]
    if assignment.kind == Assignment.Kind.PRIMARY:
        owed = Obligation.objects.unsettled().filter(case=assignment.case, submitted_on__isnull=True)
        found += [
            f"A CANS of {row.child} due {row.due:%a} {row.due.day} {row.due:%b %Y}."
            for row in owed.select_related("child").order_by("due")
            if row.status() in {"due", "overdue"}
        ]
    return found
