"""Many hands over at once: all that one person holds, or chosen cases, each by the verb that it has.

What would happen is found out by doing it and taking it back, so that a rehearsal cannot say otherwise
than the act. Either all of it is done, or nothing.
"""

import datetime
from dataclasses import dataclass
from enum import StrEnum

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from audit.actions import PROGRAM, hold_chains, record
from cans.leaving import end_with_heir, hand_on, not_let_in
from cans.models import Assessment
from cans.states import OPEN, WORKABLE
from cases.models import Assignment, Case
from staff.actions import end_cover, name_cover, set_line
from staff.actions.lines import lines_seen
from staff.dates import today, written
from staff.models import Cover, Line, Role, User
from staff.refusals import NotNow

from . import actions

MOST = 200  # rows that are shown, and moved, at once


class Kind(StrEnum):
    REVIEW = "review"
    COVER = "cover"
    ASSIGNMENT = "assignment"
    DRAFT = "draft"
    LINE = "line"


@dataclass(frozen=True)
class Held:
    """One thing that somebody holds and somebody else may take."""

    kind: Kind
    row: object

    @property
    def key(self):
        return f"{self.kind}-{self.row.pk}"

    @property
    def title(self):
        return TITLES[self.kind](self.row)

    @property
    def last_day(self):
        """Of an assignment whose last day is set already: whoever was named then takes over."""
        return self.row.ends if self.kind == Kind.ASSIGNMENT else None

    @property
    def seen(self):
        """Changes when somebody changes the row, so that a page that is out of date is known."""
        row = self.row
        if self.kind == Kind.REVIEW:
            return f"{row.reviewer_id}:{row.version}:{row.case.agency_id}"
        if self.kind == Kind.DRAFT:
            return f"{row.author_id}:{row.version}:{row.case.agency_id}"
        holder = {Kind.ASSIGNMENT: "person_id", Kind.LINE: "supervisor_id", Kind.COVER: "cover_id"}
        return f"{getattr(row, holder[self.kind])}:{row.starts}:{row.ends or ''}"


@dataclass(frozen=True)
class Outcome:
    """What happens to one of them, or why it is refused; and to each CANS that was begun there."""

    held: Held
    sentence: str
    refused: str = ""
    begun: tuple = ()
    warning: str = ""


class Refused(Exception):
    """Something is refused, so nothing is done. `outcomes` says what, line by line."""

    def __init__(self, outcomes):
        super().__init__("Nothing was changed.")
        self.outcomes = outcomes


TITLES = {
    Kind.REVIEW: lambda row: f"Review of the CANS of {row.child}, {row.case.name}",
    Kind.COVER: lambda row: f"Cover for {row.supervisor} through {written(row.ends)}",
    Kind.ASSIGNMENT: lambda row: (
        f"{row.case.name}, case {row.case.number}: {row.get_kind_display().lower()} worker"
    ),
    Kind.DRAFT: lambda row: f"CANS of {row.child} that was begun, {row.case.name}",
    Kind.LINE: lambda row: f"{row.person} in the line of {row.supervisor}",
}


def people_of(user):
    """Those whose work this one may hand over: a line's, an agency's supervisors, the workers of regions."""
    if user.role == Role.COORDINATOR:
        agencies = Case.objects.visible_to(user).values("agency")
        return User.objects.filter(role__in=[Role.CLINICIAN, Role.SUPERVISOR], agency__in=agencies)
    if user.role == Role.SUPERVISOR:
        line = User.objects.in_line_of(user).values("pk")
        return User.objects.filter(Q(pk=user.pk) | Q(pk__in=line))
    return User.objects.visible_to(user).filter(role=Role.SUPERVISOR)


def held_by(person, by):
    """All that this person holds today and `by` may hand over."""
    if by.role == Role.ADMINISTRATOR:
        return _all(Kind.LINE, _lines(by).filter(supervisor=person))
    found = _all(Kind.REVIEW, _reviews(by).filter(reviewer=person))
    if by.role == Role.COORDINATOR:
        found += _all(Kind.COVER, Cover.objects.filter(cover=person, ends__gte=today()))
    found += _all(Kind.ASSIGNMENT, _assignments(by).filter(person=person))
    return found + _all(Kind.DRAFT, _left(by).filter(author=person))


def carried_in(cases, by):
    """The primary assignments of these cases."""
    rows = _assignments(by).filter(case__in=cases, kind=Assignment.Kind.PRIMARY)
    return _all(Kind.ASSIGNMENT, rows)


def _all(kind, rows):
    related = {
        Kind.REVIEW: ("case__agency", "child", "reviewer"),
        Kind.COVER: ("supervisor", "cover"),
        Kind.ASSIGNMENT: ("case__agency", "person"),
        Kind.DRAFT: ("case__agency", "child", "author"),
        Kind.LINE: ("person", "supervisor"),
    }
    order = ("case__name", "pk") if "case__agency" in related[kind] else ("pk",)
    found = rows.select_related(*related[kind]).order_by(*order)
    return [Held(kind, row) for row in found[: MOST + 1]]


def _assignments(by):
    """Those that go on: what ends today is handed over already, or was never to go on."""
    goes_on = Q(ends__isnull=True) | Q(ends__gt=today())
    rows = Assignment.objects.current().carrying().filter(goes_on)
    return rows.filter(case__in=Case.objects.held_by(by))


def _reviews(by):
    return Assessment.objects.submitted().filter(case__in=Case.objects.held_by(by))


def _left(by):
    """CANS whose author does not go on working on the case. All others go with the assignment."""
    goes_on = _assignments(by).filter(case=OuterRef("case"), person=OuterRef("author"))
    begun = Assessment.objects.filter(state__in=WORKABLE, case__in=Case.objects.held_by(by))
    return begun.filter(~Exists(goes_on))


def _lines(by):
    not_over = Q(ends__isnull=True) | Q(ends__gte=today())
    return Line.objects.filter(not_over, supervisor__in=User.objects.visible_to(by))


def rehearse(chosen, *, by, last_day, reason):
    """What would happen, line by line. `chosen` are (Held, the person who takes it or None)."""
    with transaction.atomic():
        outcomes = _each(chosen, by, last_day, reason)
        transaction.set_rollback(True)
    return outcomes


@transaction.atomic
def hand_over(chosen, *, by, last_day, reason):
    """Do all of it. Raises Refused, and does nothing, where one line is refused."""
    outcomes = _each(chosen, by, last_day, reason)
    if any(outcome.refused for outcome in outcomes):
        raise Refused(outcomes)
    record(
        "handover",
        by=by,
        subject=f"{len(outcomes)} handed over",
        reason=reason,
        last_day=last_day.isoformat(),
        rows=[[held.key, to.pk if to else None] for held, to in chosen],
    )
    return outcomes


def _each(chosen, by, last_day, reason):
    order = list(Kind)
    chosen = sorted(chosen, key=lambda pair: order.index(pair[0].kind))
    _hold([held for held, _ in chosen], by)
    return [_outcome(held, to, by, last_day, reason) for held, to in chosen]


def _hold(rows, by):
    """Everything that the verbs will take, in the order in which each of them takes it."""

    def numbers(kind, name="pk"):
        return [getattr(held.row, name) for held in rows if held.kind == kind]

    reviews = numbers(Kind.REVIEW)
    mine = Q(pk__in=[*reviews, *numbers(Kind.DRAFT)]) | Q(based_on__in=reviews, state__in=OPEN)
    for held in rows:
        if held.kind == Kind.ASSIGNMENT:
            mine |= Q(case=held.row.case_id, author=held.row.person_id, state__in=WORKABLE)
    list(Assessment.objects.select_for_update(no_key=True).filter(mine).order_by("pk").values("pk"))
    kinds = (Kind.REVIEW, Kind.ASSIGNMENT, Kind.DRAFT)
    cases = {number for kind in kinds for number in numbers(kind, "case_id")}
    held = Case.objects.select_for_update(no_key=True).filter(pk__in=cases).order_by("pk")
    agencies = [agency for _, agency in held.values_list("pk", "agency_id")]
    covered = User.objects.select_for_update(no_key=True).filter(pk__in=numbers(Kind.COVER, "supervisor_id"))
    list(covered.order_by("pk").values("pk"))
    if by.role != Role.ADMINISTRATOR:
        hold_chains(*agencies, by.agency_id or PROGRAM)


def _outcome(held, to, by, last_day, reason):
    said = SENTENCES[held.kind](held.row, to, last_day)
    try:
        with transaction.atomic():
            begun = ACTS[held.kind](held.row, to, by, last_day, reason)
    except ValidationError as wrong:
        return Outcome(held, said, " ".join(wrong.messages))
    except (PermissionDenied, NotNow) as why:
        return Outcome(held, said, str(why))
    return Outcome(held, said, begun=tuple(begun or ()), warning=_warning(held, to, last_day))


def _warning(held, to, last_day):
    """Whoever may not enter a CANS when it comes to them can neither write nor decide one."""
    later = max(_next(last_day), today())
    return not_let_in(to, later if held.kind in {Kind.ASSIGNMENT, Kind.LINE} else today()) if to else ""


def _reroute(row, to, by, last_day, reason):
    actions.reroute(row, by=by, to=_somebody(to), reason=reason, version=row.version)


def _end(row, to, by, last_day, reason):
    return end_with_heir(row, by=by, last_day=last_day, inheritor=to)


def _hand_on(row, to, by, last_day, reason):
    hand_on(row, by=by, to=to)


def _set_line(row, to, by, last_day, reason):
    seen = lines_seen(row.person)
    set_line(row.person, supervisor=_somebody(to), starts=_next(last_day), seen=seen, by=by)


def _cover(row, to, by, last_day, reason):
    end_cover(row, by=by)
    if to is not None:
        name_cover(row.supervisor, cover=to, starts=max(row.starts, today()), ends=row.ends, by=by)


def _somebody(to):
    if to is None:
        raise ValidationError("Say who takes it.")
    return to


def _next(day):
    return day + datetime.timedelta(days=1)


def _said_of_assignment(row, to, last_day):
    said = f"{row.person} through {written(last_day)}"
    return f"{said}, then {to}." if to else f"{said}, then nobody in this place."


ACTS = {
    Kind.REVIEW: _reroute,
    Kind.COVER: _cover,
    Kind.ASSIGNMENT: _end,
    Kind.DRAFT: _hand_on,
    Kind.LINE: _set_line,
}
SENTENCES = {
    Kind.REVIEW: lambda row, to, _: f"Waits for {to or 'nobody'} instead of {row.reviewer}, from now on.",
    Kind.COVER: lambda row, to, _: f"{to or 'Nobody'} stands in instead of {row.cover}, from today.",
    Kind.ASSIGNMENT: _said_of_assignment,
    Kind.DRAFT: lambda row, to, _: f"{to or 'Nobody'} writes it instead of {row.author}, from now on.",
    Kind.LINE: lambda row, to, last_day: (
        f"{row.supervisor} through {written(last_day)}, then {to or 'nobody'}."
    ),
}
