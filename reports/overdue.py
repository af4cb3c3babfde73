"""What is overdue, why, and on whose desk it lies: one question, asked by rows, totals and export.

Overdue is `Obligation.objects.overdue()`: the due date is past, and the CANS that meets it is
neither approved nor the date cancelled or waived. The age runs from the due date. Extensions
that nothing can meet any more are apart, as missed.

Asked about a day in the past, it answers from what was on record when that day ended: due dates and
what met them as they had been stored, drafts and reviewers by the steps taken till then. Assignments,
lines and credentials count by their own dates. Whose cases one may see is always judged today.
"""

import datetime
from enum import StrEnum

from django.db.models import (
    BigIntegerField,
    Case,
    CharField,
    Exists,
    F,
    FilteredRelation,
    OuterRef,
    Q,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Coalesce

from cans import due
from cans.models import Obligation
from cans.models.assessments import UNDECIDED
from cans.states import State
from cases.models import Assignment
from staff import gate
from staff.dates import in_force, today
from staff.models import Cover, Line

from . import past as past_day


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


class Credentials(StrEnum):
    """Whether whoever would write the CANS may still enter it on the day it is due."""

    VALID = "valid"
    LAPSING = "lapsing"
    LAPSED = "lapsed"

    @property
    def label(self):
        return CREDENTIALS[self]


CREDENTIALS = {
    Credentials.VALID: "Valid on the due date",
    Credentials.LAPSING: "Lapse before the due date",
    Credentials.LAPSED: "Lapsed already, or nobody to write it",
}
KINDS = {"initial": "Initial", "six_month": "Six-month", "extension": "Extension", "closing": "Closing"}

# What is on no person's desk, in place of a person's number; None is the primary worker a case has not.
COORDINATOR = 0
DESKS = {COORDINATOR: "The coordinator, to waive or to leave", None: "Nobody: the case has no primary worker"}

NUMBER = BigIntegerField()  # a person's number that comes from one of several columns


def owed(user, on=None, now=None):
    """What this person may see of what is overdue; `now` where it is Anybody who asks."""
    return explained(Obligation.objects.visible_to(user, now=now).overdue(on), on)


def missed(user, on=None):
    return explained(Obligation.objects.visible_to(user).missed(on), on)


def due_soon(user, within, on=None):
    """What falls due from that day through so many days from it."""
    on = on or today()
    last = on + datetime.timedelta(days=within)
    found = explained(Obligation.objects.visible_to(user).due_between(on, last), on)
    return found.annotate(credentials=_credentials(on, within))


def _drafts_now():
    """That it is undecided is said as well: by that it is found, where a state would have to be read."""
    undecided = {f"child__assessments__{key}": value for key, value in UNDECIDED.children}
    return Q(**undecided, child__assessments__state=State.DRAFT)


def explained(obligations, on=None):
    """With each row: `worker` (that day's primary worker), `draft` (the number of the CANS that would meet
    it), `reason`, and `desk`, whose turn it is: a person's number, or one of DESKS.

    The draft is a join: a child has at most one open CANS. The worker is not: on the day of a change
    there may be two, of whom the later one counts.
    """
    past = on is not None and on < today()
    on = on or today()
    drafts = Q(child__assessments__in=past_day.drafts(on)) if past else _drafts_now()
    met, missed = Q(met_by__isnull=False), Q(due__lt=on, kind=due.Kind.EXTENSION, met_by__isnull=True)
    submitted = met & Q(fix_by__isnull=True)
    would_meet = ~missed & _would_meet()
    joined = obligations.annotate(
        open_draft=FilteredRelation(
            "child__assessments", condition=drafts & Q(child__assessments__amends__isnull=True)
        ),
        reviewer=past_day.reviewer("met_by", on) if past else F("met_by__reviewer"),
    ).annotate(
        drafts_author=past_day.author("open_draft", on) if past else F("open_draft__author"),
        submitter=past_day.author("met_by", on) if past else F("met_by__author"),
    )
    return joined.annotate(
        worker=worker_on(on),
        draft=Case(When(would_meet, then=F("open_draft__pk")), output_field=NUMBER),
        writer=Case(
            When(would_meet & _works_there("drafts_author", on), then=F("drafts_author")),
            default=F("worker"),
            output_field=NUMBER,
        ),
    ).annotate(
        reason=Case(
            When(missed, then=_says(Reason.MISSED)),
            When(submitted, then=_says(Reason.SUPERVISOR)),
            When(met, then=_says(Reason.RETURNED)),
            When(_lacks_credentials(on), then=_says(Reason.LAPSED)),
            When(draft__isnull=False, then=_says(Reason.DRAFT)),
            default=_says(Reason.NOT_STARTED),
            output_field=CharField(),
        ),
        desk=Case(
            When(missed, then=Value(COORDINATOR)),
            When(submitted, then=Coalesce(_cover(on), F("reviewer"), output_field=NUMBER)),
            When(met & _works_there("submitter", on), then=F("submitter")),
            When(met, then=F("worker")),
            default=F("writer"),
            output_field=NUMBER,
        ),
    )


def _credentials(on, within):
    """Of the writer, on the row's due date."""
    last_days = gate.last_days(on, within)
    lapsing = Q()
    for last_day, people in last_days.items():
        lapsing |= Q(writer__in=people, due__gt=last_day)
    cases = [When(lapsing, then=_says(Credentials.LAPSING))] if last_days else []
    return Case(
        When(Q(writer__isnull=True) | _lacks_credentials(on), then=_says(Credentials.LAPSED)),
        *cases,
        default=_says(Credentials.VALID),
        output_field=CharField(),
    )


def _lacks_credentials(on):
    """That the row has a writer whom the gate keeps out: looked up one by one, for a page shows few rows."""
    return Q(writer__isnull=False) & ~Exists(gate.cleared(on).filter(pk=OuterRef("writer")))


def _says(reason):
    return Value(reason.value)


def worker_on(on):
    """For querysets of obligations: the number of the case's primary worker that day."""
    current = Assignment.objects.current(on).filter(case=OuterRef("case"), kind=Assignment.Kind.PRIMARY)
    return Subquery(current.order_by("-starts", "-pk").values("person")[:1], output_field=NUMBER)


def _works_there(author, on):
    """That this author still works the case that day: who left it cannot open it any more, and the primary
    worker takes over what they began."""
    there = Assignment.objects.current(on).carrying().filter(case=OuterRef("case"), person=OuterRef(author))
    return Exists(there)


def supervisors_on(on):
    """person → the supervisor of their line that day; of two, whose line began later. One query."""
    lines = Line.objects.filter(in_force(on)).order_by("starts", "pk")
    return dict(lines.values_list("person", "supervisor"))


def _would_meet():
    """Would the child's open draft meet this obligation once it is submitted? An amendment is not joined at
    all: it keeps the dates of what it amends."""
    by_then = Q(assessed_through__isnull=True) | Q(assessed_through__gte=F("open_draft__assessed_on"))
    return by_then & Q(open_draft__case=F("case"), open_draft__assessed_on__gte=F("assessed_from"))


def _cover(on):
    covers = Cover.objects.filter(in_force(on), supervisor=OuterRef("reviewer"))
    return Subquery(covers.order_by("-starts", "-pk").values("cover")[:1], output_field=NUMBER)
