"""What waits for a supervisor and why, and what they lately decided."""

import datetime
from dataclasses import dataclass
from typing import NamedTuple

from django.db.models import Exists, F, OuterRef, Subquery
from django.db.models.functions import TruncDate
from django.utils import timezone

from audit.statements import Given, Rows
from cans.days import written_with_weekday
from cans.models import Assessment, Contribution, Obligation
from cases.models import Case
from staff.anybody import Anybody
from staff.dates import in_force, today, written_at
from staff.gate import earliest_valid, is_let_in, stands
from staff.models import Cover, Line, Role

from .models import Step
from .workflow import Action

ROUTING = [Action.SUBMIT, Action.REROUTE]
DECISIONS = [Action.APPROVE, Action.RETURN, Action.REROUTE]
SOON = datetime.timedelta(days=7)
TYPES = dict(Assessment.Type.choices)


@dataclass(frozen=True, slots=True)
class Waiting:
    """One row of the queue, as it is on the day `on`. `due_on` is empty for an amendment, which has no
    date of its own; `cover_until` is set where it waits for somebody this person covers."""

    pk: int
    child: str
    case_number: str
    case_name: str
    kind: str
    amends: int | None
    author: int
    author_name: str
    assessed_on: datetime.date
    due_on: datetime.date | None
    due_why: str | None
    first_submitted_on: datetime.date
    submitted_at: datetime.datetime
    returned_at: datetime.datetime | None
    reviewer_name: str
    routed_at: datetime.datetime | None
    routed_how: str | None
    routed_by: str | None
    in_my_line: bool
    was_in_my_line: bool
    has_a_line: bool
    written_by_me: bool
    cover_until: datetime.date | None
    certified: bool
    trained: bool
    decided: str | None
    on: datetime.date

    @property
    def type(self):
        return TYPES[self.kind]

    @property
    def days_to_due(self):
        """Negative when the due date is past; None without one."""
        return None if self.due_on is None else (self.due_on - self.on).days

    @property
    def assessed(self):
        return written_with_weekday(self.assessed_on)

    @property
    def on_time(self):
        return self.first_submitted_on <= self.due_on

    @property
    def days_waiting(self):
        return self._days_since(self.submitted_at)

    @property
    def days_with_reviewer(self):
        """Fewer than it waits, where it was rerouted."""
        return self._days_since(self.routed_at or self.submitted_at)

    @property
    def rerouted(self):
        return self.routed_how == Action.REROUTE

    @property
    def why(self):
        """Why it is here, in one word: the queue's filter goes by it."""
        if self.cover_until:
            return "cover"
        if self.rerouted:
            return "rerouted"
        return "line" if self.in_my_line or self.was_in_my_line else "other"

    @property
    def why_in_words(self):
        """What is on record, and no guess at what a line was at the hour when it was submitted."""
        if self.cover_until:
            return f"You cover for {self.reviewer_name} until {written_with_weekday(self.cover_until)}"
        if self.rerouted:
            return f"Rerouted to you by {self.routed_by}"
        if self.in_my_line:
            return f"{self.author_name} is in your line"
        if self.was_in_my_line:
            return f"{self.author_name} was in your line when it was submitted"
        stands = "is in another line" if self.has_a_line else "has no supervisor"
        return f"{self.author_name} {stands}; it came to you when it was submitted"

    @property
    def let_in(self):
        """Does the gate let the person in whose queue this is? With an account that is not active they read
        none."""
        return is_let_in(True, self.certified, self.trained, self.decided)

    @property
    def may_decide(self):
        """May they approve or return it, as `check_can` has it?"""
        return self.let_in and not self.written_by_me

    @property
    def resubmitted(self):
        return self.returned_at is not None

    def _days_since(self, moment):
        return (self.on - timezone.localdate(moment)).days


def waiting_for(user, on=None):
    """Submitted CANS that this person may decide, the most pressing first."""
    on = on or today()
    rows = _WAITING.all(person=user.pk, agency=user.agency_id, day=on, earliest=earliest_valid(on))
    return [Waiting(*row, on) for row in rows]


def narrowed(waiting, wanted):
    """What `QueueFilter` found, in the order asked for; the most pressing first where none is."""
    found = [row for row in waiting if _fits(row, wanted)]
    if wanted.get("order") == "resubmitted":
        found.sort(key=lambda row: not row.resubmitted)
    return found


def _fits(row, wanted):
    due, left = wanted.get("due"), row.days_to_due
    return (
        wanted.get("why") in {None, "", row.why}
        and wanted.get("author") in {None, "", str(row.author)}
        and (row.resubmitted or not wanted.get("resubmitted"))
        and (not due or (left is not None and (left < 0 if due == "overdue" else 0 <= left <= SOON.days)))
    )


@dataclass(frozen=True)
class Place:
    """Where one CANS stands in the queue, from 1, and its neighbors there: (pk, child's name) or None."""

    number: int
    total: int
    before: tuple | None
    after: tuple | None

    @property
    def following(self):
        """Which one to read once this one is decided: the next, or what was passed over before it."""
        return self.after or self.before


def place_of(assessment, waiting):
    """None where it does not stand in this queue."""
    rows = [(row.pk, row.child) for row in waiting]
    at = next((number for number, (pk, _) in enumerate(rows) if pk == assessment.pk), None)
    if at is None:
        return None
    return Place(
        at + 1, len(rows), rows[at - 1] if at else None, rows[at + 1] if at + 1 < len(rows) else None
    )


def with_due_date(assessments):
    """With `due_on` and `due_why` of the strictest unsettled obligation that each meets."""
    owed = Obligation.objects.unsettled().filter(met_by=OuterRef("pk")).order_by("due", "pk")
    return assessments.annotate(
        due_on=Subquery(owed.values("due")[:1]), due_why=Subquery(owed.values("why")[:1])
    )


class Decided(NamedTuple):
    """One decision, as the queue lists it; `to` is who had it then, where it was not approved."""

    assessment: int
    child: str
    kind: str
    action: str
    at: datetime.datetime
    to_reviewer: str | None
    author: str

    @property
    def type(self):
        return TYPES[self.kind]

    @property
    def when(self):
        return written_at(self.at)

    @property
    def to(self):
        return {Action.REROUTE: self.to_reviewer, Action.RETURN: self.author}.get(self.action, "")


def lately_decided(user, on=None):
    """This person's last ten decisions, on cases that a grant of theirs still opens."""
    if user.role != Role.SUPERVISOR:
        return []
    return [Decided(*row) for row in _DECIDED.all(person=user.pk, day=on or today())]


def _last_routing(field):
    routings = Step.objects.filter(assessment=OuterRef("pk"), action__in=ROUTING).order_by("-pk")
    return Subquery(routings.values(field)[:1])


def _waiting():
    person, day = Given("person"), Given("day")
    lines = Line.objects.filter(person=OuterRef("author"))
    mine, then = lines.filter(supervisor=person), OuterRef("submitted_on")
    covers = Cover.objects.filter(in_force(day), supervisor=OuterRef("reviewer"), cover=person)
    return (
        with_due_date(Assessment.objects.for_reviewer(person, Given("agency"), day))
        .alias(submitted_on=TruncDate("submitted_at"))
        .annotate(
            routed_at=_last_routing("at"),
            routed_how=_last_routing("action"),
            routed_by=_last_routing("by__name"),
            in_my_line=Exists(mine.filter(in_force(day))),
            was_in_my_line=Exists(mine.filter(in_force(then))),
            has_a_line=Exists(lines.filter(in_force(day))),
            written_by_me=Exists(Contribution.objects.filter(assessment=OuterRef("pk"), person=person)),
            cover_until=Subquery(covers.order_by("-ends").values("ends")[:1]),
            **stands(),
        )
        .order_by(F("due_on").asc(nulls_last=True), "submitted_at", "pk")
        .values_list(
            "pk",
            "child__name",
            "case__number",
            "case__name",
            "type",
            "amends",
            "author",
            "author__name",
            "assessed_on",
            "due_on",
            "due_why",
            "first_submitted_on",
            "submitted_at",
            "returned_at",
            "reviewer__name",
            "routed_at",
            "routed_how",
            "routed_by",
            "in_my_line",
            "was_in_my_line",
            "has_a_line",
            "written_by_me",
            "cover_until",
            "certified",
            "trained",
            "decided",
        )
    )


def _decided():
    may_read = Case.objects.held_by(Anybody(Role.SUPERVISOR), Given("day"))
    return (
        Step.objects.filter(by=Given("person"), action__in=DECISIONS, assessment__case__in=may_read)
        .order_by("-at", "-pk")
        .values_list(
            "assessment",
            "assessment__child__name",
            "assessment__type",
            "action",
            "at",
            "to_reviewer__name",
            "assessment__author__name",
        )[:10]
    )


_WAITING = Rows(_waiting)
_DECIDED = Rows(_decided)
