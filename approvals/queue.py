"""What waits for a supervisor and why, and what they lately decided."""

import datetime
from dataclasses import dataclass

from django.db.models import Exists, F, OuterRef, Subquery
from django.utils import timezone

from audit.statements import Given, Kept, Rows
from cans.models import Assessment, Contribution, Obligation
from cases.models import Case
from staff.dates import in_force, today
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
    written_by_me: bool
    cover_until: datetime.date | None
    on: datetime.date

    @property
    def type(self):
        return TYPES[self.kind]

    @property
    def days_to_due(self):
        """Negative when the due date is past; None without one."""
        return None if self.due_on is None else (self.due_on - self.on).days

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
        """Why it is here, in one word: the queue's sentence and its filter go by it."""
        if self.cover_until:
            return "cover"
        if self.rerouted:
            return "rerouted"
        return "line" if self.in_my_line else "other"

    @property
    def resubmitted(self):
        return self.returned_at is not None

    def _days_since(self, moment):
        return (self.on - timezone.localdate(moment)).days


def waiting_for(user, on=None):
    """Submitted CANS that this person may decide, the most pressing first."""
    on = on or today()
    return [Waiting(*row, on) for row in _WAITING.all(person=user.pk, agency=user.agency_id, day=on)]


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


def lately_decided(user, on=None):
    """This person's last ten decisions, on cases that a grant of theirs still opens."""
    return _DECIDED.all(person=user.pk, day=on or today()) if user.role == Role.SUPERVISOR else []


def _last_routing(field):
    routings = Step.objects.filter(assessment=OuterRef("pk"), action__in=ROUTING).order_by("-pk")
    return Subquery(routings.values(field)[:1])


def _waiting():
    person, day = Given("person"), Given("day")
    lines = Line.objects.filter(in_force(day), person=OuterRef("author"), supervisor=person)
    covers = Cover.objects.filter(in_force(day), supervisor=OuterRef("reviewer"), cover=person)
    return (
        with_due_date(Assessment.objects.for_reviewer(person, Given("agency"), day))
        .annotate(
            routed_at=_last_routing("at"),
            routed_how=_last_routing("action"),
            routed_by=_last_routing("by__name"),
            in_my_line=Exists(lines),
            written_by_me=Exists(Contribution.objects.filter(assessment=OuterRef("pk"), person=person)),
            cover_until=Subquery(covers.order_by("-ends").values("ends")[:1]),
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
            "written_by_me",
            "cover_until",
        )
    )


class _Supervisor(Given):
    """Somebody who is known when the question is asked, for rules that ask who it is."""

    role, is_active = Role.SUPERVISOR, True


def _decided():
    may_read = Case.objects.held_by(_Supervisor("person"), Given("day"))
    return (
        Step.objects.filter(by=Given("person"), action__in=DECISIONS, assessment__case__in=may_read)
        .select_related("assessment__child", "assessment__author", "to_reviewer")
        .order_by("-at", "-pk")[:10]
    )


_WAITING = Rows(_waiting)
_DECIDED = Kept(_decided)
