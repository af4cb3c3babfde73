"""How the CANS stood when a past day ended: from the steps that had been taken by then."""

from django.db.models import F, OuterRef, Subquery, Value
from django.db.models.functions import Coalesce

from approvals.models import Step
from cans.models import Assessment, TakeOver
from cans.states import State
from staff.dates import end_of


def drafts(on):
    """The numbers of what was a draft then: begun, and not on its way by the last step."""
    begun = Assessment.objects.filter(started_at__lt=end_of(on))
    stood = Coalesce(_last_step("pk", on, "to_state"), Value(State.DRAFT.value))
    return Subquery(begun.annotate(stood=stood).filter(stood=State.DRAFT).values("pk"))


def reviewer(cans, on):
    """Whom the CANS at this path waited for then."""
    return _last_step(cans, on, "to_reviewer")


def author(cans, on):
    """Whose the CANS at this path was then: who was the author when it was next taken over, or is now."""
    later = TakeOver.objects.filter(assessment=OuterRef(f"{cans}__pk"), at__gte=end_of(on))
    return Coalesce(Subquery(later.order_by("pk").values("author_before")[:1]), F(f"{cans}__author"))


def _last_step(cans, on, column):
    taken = Step.objects.filter(assessment=OuterRef(cans), at__lt=end_of(on))
    return Subquery(taken.order_by("-pk").values(column)[:1])
