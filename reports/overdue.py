"""What is overdue, why, and on whose desk it lies: one question, asked by rows, totals and export.

Overdue is `Obligation.objects.overdue()`: the due date is past, and the CANS that meets it is
neither approved nor the date cancelled or waived. The age runs from the due date. Extensions
that nothing can meet any more are apart, as missed.
"""

import datetime
from enum import StrEnum

from django.db.models import (
    BigIntegerField,
    Case,
    CharField,
    DateField,
    F,
    OuterRef,
    Q,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Cast, Coalesce

from cans import due
from cans.models import Assessment, Obligation
from cans.states import State
from cases.models import Assignment
from staff import gate
from staff.dates import in_force, today
from staff.models import Cover, Line


class Reason(StrEnum):
    """Why a due date is not met. The first that is true, in this order: what is submitted waits for
    its reviewer and what is returned for its author, whatever has lapsed meanwhile; a draft, or the
    lack of one, is put down to lapsed credentials before it is put down to anybody's delay."""

    MISSED = "missed"
    SUPERVISOR = "supervisor"
    RETURNED = "returned"
    LAPSED = "lapsed"
    DRAFT = "draft"
    NOT_STARTED = "not_started"

    @property
    def label(self):
        return REASONS[self]


REASONS = {
    Reason.NOT_STARTED: "Not started",
    Reason.DRAFT: "In draft",
    Reason.SUPERVISOR: "With the supervisor",
    Reason.RETURNED: "Returned for revision",
    Reason.LAPSED: "Author's credentials lapsed",
    Reason.MISSED: "Missed: no CANS can meet it any more",
}
KINDS = {"initial": "Initial", "six_month": "Six-month", "extension": "Extension", "closing": "Closing"}

NUMBER = BigIntegerField()  # a person's number that comes from one of several columns


def owed(user, on=None):
    """What this person may see of what is overdue."""
    return explained(Obligation.objects.visible_to(user, on).overdue(on), on)


def missed(user, on=None):
    return explained(Obligation.objects.visible_to(user, on).missed(on), on)


def due_soon(user, within, on=None):
    """What falls due from today through that many days from now."""
    on = on or today()
    last = on + datetime.timedelta(days=within)
    return explained(Obligation.objects.visible_to(user, on).due_between(on, last), on)


def explained(obligations, on=None):
    """With each row: `worker` and `supervisor` (today's primary worker and their line), `draft`,
    `reason`, and `desk`, whose turn it is."""
    on = on or today()
    lacking = ~Q(writer__in=gate.cleared(on).values("pk"))
    return obligations.annotate(
        worker=_worker(on),
        supervisor=_supervisor(on),
        draft=Subquery(_drafts().values("pk")[:1]),
        writer=Coalesce(Subquery(_drafts().values("author")[:1]), "worker", output_field=NUMBER),
    ).annotate(
        reason=Case(
            When(due__lt=on, kind=due.Kind.EXTENSION, met_by__isnull=True, then=_says(Reason.MISSED)),
            When(met_by__isnull=False, fix_by__isnull=True, then=_says(Reason.SUPERVISOR)),
            When(met_by__isnull=False, then=_says(Reason.RETURNED)),
            When(Q(writer__isnull=False) & lacking, then=_says(Reason.LAPSED)),
            When(draft__isnull=False, then=_says(Reason.DRAFT)),
            default=_says(Reason.NOT_STARTED),
            output_field=CharField(),
        ),
        desk=Case(
            When(due__lt=on, kind=due.Kind.EXTENSION, met_by__isnull=True, then=Value(None)),
            When(
                met_by__isnull=False,
                fix_by__isnull=True,
                then=Coalesce(_cover(on), F("met_by__reviewer"), output_field=NUMBER),
            ),
            When(met_by__isnull=False, then=F("met_by__author")),
            default=F("writer"),
            output_field=NUMBER,
        ),
    )


def _says(reason):
    return Value(reason.value)


def _worker(on):
    current = Assignment.objects.current(on).filter(case=OuterRef("case"), kind=Assignment.Kind.PRIMARY)
    return Subquery(current.order_by("-starts", "-pk").values("person")[:1], output_field=NUMBER)


def _supervisor(on):
    lines = Line.objects.filter(in_force(on), person=OuterRef("worker"))
    return Subquery(lines.order_by("-starts", "-pk").values("supervisor")[:1], output_field=NUMBER)


def _drafts():
    """The open draft that would meet the obligation once it is submitted.

    Not an amendment, which keeps the dates of what it amends; nor one assessed outside the days
    around a closing.
    """
    first_day = OuterRef("target") - datetime.timedelta(days=due.CLOSING_DAYS)
    return Assessment.objects.annotate(closing_from=Cast(first_day, DateField())).filter(
        Q(closing_from__isnull=True)
        | Q(assessed_on__gte=F("closing_from"), assessed_on__lte=OuterRef("due")),
        child=OuterRef("child"),
        episode=OuterRef("episode"),
        state=State.DRAFT,
        amends__isnull=True,
    )


def _cover(on):
    covers = Cover.objects.filter(in_force(on), supervisor=OuterRef("met_by__reviewer"))
    return Subquery(covers.order_by("-starts", "-pk").values("cover")[:1], output_field=NUMBER)
