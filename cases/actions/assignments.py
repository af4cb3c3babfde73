"""Who carries a case: primary and parallel workers, with dates, and who takes over."""

from django.db.models import Q

from cases.models import Assignment, CaseEvent
from cases.permissions import Act, check_can
from staff.models import User
from staff.refusals import NotNow

from .holding import before, day_after, far, hold, keep, missing, one_act, refuse, tell, written

PRIMARY, PARALLEL = Assignment.Kind.PRIMARY, Assignment.Kind.PARALLEL
ACT = {PRIMARY: Act.SET_PRIMARY, PARALLEL: Act.ADD_WORKER}


def possible_workers(case):
    """Active clinicians and supervisors of the case's agency."""
    return User.objects.workers().of_agency(case.agency)


@one_act
def assign(case, *, by, person, kind, starts, ends=None, role=""):
    """Give somebody the case, as primary where there is none, or beside the primary worker."""
    case = hold(case)
    check_can(by, ACT[kind], case)
    refuse(
        person=_not_possible(case, person) or _carries_already(case, person, starts, ends),
        starts=before(starts, case.referred_on, "the referral") or far(starts),
        ends=before(ends, starts, "the first day"),
        role=missing(role, "Say what this worker does on the case.") if kind == PARALLEL else "",
    )
    if kind == PRIMARY:
        _check_only_primary(case, starts, ends)
    return _give(case, by, person, kind, starts, ends, role)


@one_act
def end_assignment(assignment, *, by, last_day, inheritor=None):
    """Set the last day of somebody's work on the case; the inheritor begins the day after.

    An open case keeps a primary worker, so there the primary one has an inheritor always. Whether
    drafts or due dates are left behind is for the caller to ask. Authorship of a draft does not
    move by itself: the inheritor takes it over.
    """
    case = hold(assignment.case)
    assignment = case.assignments.select_related("person").get(pk=assignment.pk)
    if assignment.kind == Assignment.Kind.REVIEW:
        raise NotNow("A review ends with its decision, or by rerouting the CANS.")
    check_can(by, ACT[assignment.kind], case)
    leaver = assignment.person
    refuse(
        last_day=before(last_day, assignment.starts, "the first day"),
        inheritor=_cannot_inherit(case, assignment, inheritor),
    )
    assignment.ends = last_day
    keep(assignment)
    sentence = f"{leaver} works on this case through {written(last_day)}."
    tell(case, CaseEvent.Kind.ASSIGNED, sentence, by=by, on=last_day, about=assignment, ends=last_day)
    if inheritor is not None:
        _inherit(case, by, inheritor, assignment)
    return assignment


def _inherit(case, by, inheritor, left):
    first_day = day_after(left.ends)
    if left.kind == PRIMARY:
        _check_only_primary(case, first_day, None)
        _end_parallel(case, by, inheritor, left.ends)
    elif _overlapping(case.assignments.carrying().filter(person=inheritor), first_day, None).exists():
        return
    _give(case, by, inheritor, left.kind, first_day, None, left.role)


def _end_parallel(case, by, person, last_day):
    """Nobody is primary and parallel worker of one case on one day."""
    rows = _overlapping(case.assignments.filter(person=person, kind=PARALLEL), day_after(last_day), None)
    rows.filter(starts__gt=last_day).delete()
    rows.update(ends=last_day)


def _give(case, by, person, kind, starts, ends, role):
    row = keep(Assignment(case=case, person=person, kind=kind, starts=starts, ends=ends, role=role))
    what = f"{row.get_kind_display().lower()} worker" + (f", {role}" if role else "")
    until = f" through {written(ends)}" if ends else ""
    sentence = f"{person} is {what}, from {written(starts)}{until}."
    tell(
        case, CaseEvent.Kind.ASSIGNED, sentence, by=by, on=starts, about=row, assigned=kind, person=person.pk
    )
    return row


def _overlapping(rows, starts, ends):
    rows = rows.filter(Q(ends__isnull=True) | Q(ends__gte=starts))
    return rows if ends is None else rows.filter(starts__lte=ends)


def _check_only_primary(case, starts, ends):
    there = _overlapping(case.assignments.filter(kind=PRIMARY), starts, ends).select_related("person").first()
    if there:
        raise NotNow(
            f"{there.person} is the primary worker then, and there is one at a time. End that assignment "
            "and say who takes over."
        )


def _not_possible(case, person):
    if possible_workers(case).filter(pk=person.pk).exists():
        return ""
    return "Choose an active clinician or supervisor of the case's agency."


def _carries_already(case, person, starts, ends):
    there = _overlapping(case.assignments.carrying().filter(person=person), starts, ends).first()
    return f"{person} works on this case at that time already." if there else ""


def _cannot_inherit(case, assignment, inheritor):
    if inheritor is None:
        if assignment.kind == PRIMARY and case.episodes.filter(closed__isnull=True).exists():
            return "An open case keeps a primary worker: say who takes over."
        return ""
    if inheritor.pk == assignment.person_id:
        return "Choose somebody else than the person who leaves."
    return _not_possible(case, inheritor)
