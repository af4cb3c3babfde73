"""What waits for a supervisor and why, and what they lately decided."""

import datetime
from dataclasses import dataclass

from django.db.models import BooleanField, Exists, ExpressionWrapper, F, OuterRef, Q, Subquery
from django.utils import timezone

from cans.models import Assessment, Contribution, Obligation
from cases.models import Case
from staff.dates import in_force, today
from staff.models import Cover, Line

from .models import Step
from .workflow import Action

ROUTING = [Action.SUBMIT, Action.REROUTE]
DECISIONS = [Action.APPROVE, Action.RETURN, Action.REROUTE]
SOON = datetime.timedelta(days=7)


@dataclass(frozen=True)
class Waiting:
    """One row of the queue. `cover_until` is set where it waits for somebody this person covers."""

    assessment: Assessment
    on: datetime.date
    cover_until: datetime.date | None

    @property
    def days_to_due(self):
        """Negative when the due date is past; None for an amendment, which has no date of its own."""
        due = self.assessment.due_on
        return None if due is None else (due - self.on).days

    @property
    def on_time(self):
        return self.assessment.first_submitted_on <= self.assessment.due_on

    @property
    def days_waiting(self):
        return self._days_since(self.assessment.submitted_at)

    @property
    def days_with_reviewer(self):
        """Fewer than it waits, where it was rerouted."""
        return self._days_since(self.assessment.routed_at or self.assessment.submitted_at)

    @property
    def rerouted(self):
        return self.assessment.routed_how == Action.REROUTE

    @property
    def why(self):
        """Why it is here, in one word: the queue's sentence and its filter go by it."""
        if self.cover_until:
            return "cover"
        if self.rerouted:
            return "rerouted"
        return "line" if self.assessment.in_my_line else "other"

    @property
    def resubmitted(self):
        return self.assessment.returned_at is not None

    def _days_since(self, moment):
        return (self.on - timezone.localdate(moment)).days


def waiting_for(user, on=None):
    """Submitted CANS that this person may decide, the most pressing first."""
    on = on or today()
    return (
        with_due_date(Assessment.objects.awaiting_review_by(user, on))
        .select_related("child", "case", "author", "reviewer")
        .annotate(
            routed_at=_last_routing("at"),
            routed_how=_last_routing("action"),
            routed_by=_last_routing("by__name"),
            in_my_line=Exists(Line.objects.filter(in_force(on), person=OuterRef("author"), supervisor=user)),
            written_by_me=Exists(Contribution.objects.filter(assessment=OuterRef("pk"), person=user)),
        )
        .order_by(F("due_on").asc(nulls_last=True), "submitted_at", "pk")
    )


def whys(user):
    """The same of the whole queue: a condition on `waiting_for` for each word of `Waiting.why`."""
    covered, rerouted, line = ~Q(reviewer=user), Q(routed_how=Action.REROUTE), Q(in_my_line=True)
    return {
        "line": ~covered & ~rerouted & line,
        "rerouted": ~covered & rerouted,
        "cover": covered,
        "other": ~covered & ~rerouted & ~line,
    }


def narrowed(waiting, wanted, user, on=None):
    """What `QueueFilter` found, in the order asked for; the most pressing first where none is."""
    on = on or today()
    if wanted.get("why"):
        waiting = waiting.filter(whys(user)[wanted["why"]])
    if wanted.get("author"):
        waiting = waiting.filter(author=wanted["author"])
    if wanted.get("resubmitted"):
        waiting = waiting.filter(returned_at__isnull=False)
    if wanted.get("due") == "overdue":
        waiting = waiting.filter(due_on__lt=on)
    if wanted.get("due") == "soon":
        waiting = waiting.filter(due_on__range=(on, on + SOON))
    if wanted.get("order") == "resubmitted":
        never_returned = ExpressionWrapper(Q(returned_at__isnull=True), BooleanField())
        waiting = waiting.order_by(never_returned.asc(), *waiting.query.order_by)
    return waiting


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
    rows = list(waiting.values_list("pk", "child__name"))
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


def rows_of(assessments, user, on=None):
    on = on or today()
    covering = dict(
        Cover.objects.filter(in_force(on), cover=user).order_by("ends").values_list("supervisor", "ends")
    )
    return [
        Waiting(row, on, None if row.reviewer_id == user.pk else covering.get(row.reviewer_id))
        for row in assessments
    ]


def lately_decided(user, on=None, number=10):
    """This person's last decisions, on cases they may still open."""
    return (
        Step.objects.filter(by=user, action__in=DECISIONS)
        .filter(assessment__case__in=Case.objects.visible_to(user, on))
        .select_related("assessment__child", "assessment__author", "to_reviewer")
        .order_by("-at", "-pk")[:number]
    )


def _last_routing(field):
    routings = Step.objects.filter(assessment=OuterRef("pk"), action__in=ROUTING).order_by("-pk")
    return Subquery(routings.values(field)[:1])
