"""How the CANS stood when a past day ended: from the steps that had been taken by then; and whether anything
was on record then."""

import datetime
from dataclasses import dataclass

from django.db.models import (
    BigIntegerField,
    Case,
    DateField,
    Exists,
    F,
    Min,
    OuterRef,
    Q,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Coalesce, TruncDate
from django.utils import timezone

from approvals.models import Step
from approvals.workflow import Action
from cans.models import Assessment, Obligation, TakeOver
from cans.models.assessments import here_by
from cans.states import State
from cases import models as cases
from staff.dates import end_of, today, written

A_DAY = datetime.timedelta(days=1)


def drafts(on):
    """The numbers of what was a draft then: begun, and not on its way by the last step. What was imported
    never was one here."""
    begun = Assessment.objects.filter(started_at__lt=end_of(on), imported_at__isnull=True)
    return Subquery(begun.annotate(stood=state("pk", on)).filter(stood=State.DRAFT).values("pk"))


def state(cans, on):
    """How the CANS at this path stood then."""
    return Coalesce(_last_step(cans, on, "to_state"), Value(State.DRAFT.value))


def reviewer(cans, on):
    """Whom the CANS at this path waited for then."""
    return _last_step(cans, on, "to_reviewer")


def author(cans, on):
    """Whose the CANS at this path was then: who was the author when it was next taken over, or is now."""
    at = f"{cans}__" if cans else ""
    later = TakeOver.objects.filter(assessment=OuterRef(f"{at}pk"), at__gte=end_of(on))
    was = Subquery(later.order_by("pk").values("author_before")[:1])
    return Coalesce(was, F(f"{at}author"), output_field=BigIntegerField())


def submitted_between(cans, first, last, on):
    """Those of these CANS that may have been first submitted in that time, both days counted, of what was
    on record then, they and their cases."""
    over = end_of(min(last, on))
    known = Obligation.objects.filter(case=OuterRef("case"), recorded_at__lt=end_of(on))
    sent = Step.objects.filter(action=Action.SUBMIT, at__gte=end_of(first - A_DAY), at__lt=over)
    return cans.filter(here_by(on), Exists(known)).filter(
        Q(pk__in=sent.values("assessment")) | Q(amends__isnull=False, first_submitted_on__range=(first, last))
    )


def first_submitted(on):
    """The day of the first submission as it was on record then; what was taken back by then, or had not
    come, has none. An amendment has that of what it amends."""
    decided_before = Step.objects.filter(
        assessment=OuterRef("assessment"), action__in=[Action.RETURN, Action.APPROVE], pk__lt=OuterRef("pk")
    )
    sent = Step.objects.filter(
        ~Exists(decided_before),
        assessment=OuterRef("pk"),
        action__in=[Action.SUBMIT, Action.RECALL],
        at__lt=end_of(on),
    )
    day = Case(When(action=Action.SUBMIT, then=TruncDate("at")), output_field=DateField())
    return Case(
        When(amends__isnull=False, then=F("first_submitted_on")),
        default=Subquery(sent.order_by("-pk").annotate(day=day).values("day")[:1]),
        output_field=DateField(),
    )


def _last_step(cans, on, column):
    taken = Step.objects.filter(assessment=OuterRef(cans), at__lt=end_of(on))
    return Subquery(taken.order_by("-pk").values(column)[:1])


@dataclass(frozen=True)
class NotOnRecord:
    """What is to be said of a day when some or all of the due dates of then were not here yet."""

    sentence: str
    nothing: bool


NOTHING = "Nothing was on record here before {}."
SOME = "Some cases that were open by then came on record here later, and are not in these numbers."


def not_on_record(user, on):
    """Of the cases this person may see; None where all that was open by then was on record."""
    if on is None or on >= today():
        return None
    seen, by_then = Obligation.objects.visible_to(user), {"recorded_at__lt": end_of(on)}
    if not seen.filter(**by_then).exists():
        first = seen.aggregate(first=Min("recorded_at"))["first"]
        return first and NotOnRecord(NOTHING.format(written(timezone.localdate(first))), nothing=True)
    of_case = Obligation.objects.filter(case=OuterRef("pk"))
    known_later = cases.Case.objects.visible_to(user).filter(
        Exists(cases.Episode.objects.filter(case=OuterRef("pk"), opened__lte=on)),
        Exists(of_case),
        ~Exists(of_case.filter(**by_then)),
    )
    return NotOnRecord(SOME, nothing=False) if known_later.exists() else None
