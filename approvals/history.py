"""The steps of a CANS as its readers see them: who had it how long, and what was said."""

from dataclasses import dataclass
from itertools import zip_longest

from django.utils import timezone

from audit.statements import Given, Kept, as_prefetched
from cans.states import State
from staff.dates import written_at

from .models import CommentAnswer, ItemComment, Step
from .workflow import Action

TONES = {Action.RETURN: "warn", Action.APPROVE: "ok", Action.VOID: "bad", Action.SUBMIT: "info"}
DONE = {
    Action.SUBMIT: "Submitted",
    Action.APPROVE: "Approved",
    Action.RETURN: "Returned for revision",
    Action.REROUTE: "Rerouted",
    Action.RECALL: "Taken back",
    Action.AMEND: "Amendment opened",
    Action.VOID: "Voided",
}


@dataclass(frozen=True)
class Comment:
    about: str
    text: str
    answer: CommentAnswer | None


@dataclass(frozen=True)
class Told:
    """One step; `days` is how long it then waited for `to_reviewer`, so far if it `waits` still."""

    step: Step
    comments: list[Comment]
    days: int | None = None
    waits: bool = False

    @property
    def done(self):
        return DONE[self.step.action]

    @property
    def when(self):
        return written_at(self.step.at)

    @property
    def iso(self):
        return timezone.localtime(self.step.at).isoformat()

    @property
    def tone(self):
        return TONES.get(self.step.action, "")


def steps_of(assessment):
    """The steps in order, in one query, and one more for comments where it was ever returned."""
    steps = _STEPS.all(assessment=assessment.pk)
    if any(step.action == Action.RETURN for step in steps):
        comments = comments_on(assessment)
        for step in steps:
            as_prefetched(step, "comments", [one for one in comments if one.step_id == step.pk])
    return steps


def comments_on(assessment):
    """What reviewers ever said of its items, oldest first: each with its step, and the number of the
    `last_return` there was. One query."""
    return _COMMENTS.all(assessment=assessment.pk)


_STEPS = Kept(
    lambda: (
        Step.objects.filter(assessment=Given("assessment"))
        .select_related("by", "on_behalf_of", "from_reviewer", "to_reviewer")
        .order_by("pk")
    )
)
_COMMENTS = Kept(
    lambda: (
        ItemComment.objects.filter(step__assessment=Given("assessment"))
        .select_related("step__by", "sheet__adult", "answer__by")
        .annotate(
            last_return=Step.objects.filter(assessment=Given("assessment"), action=Action.RETURN)
            .order_by("-pk")
            .values("pk")[:1]
        )
        .order_by("pk")
    )
)


def amendment_of(assessment):
    """The step that opened this amendment, which says why; it belongs to what is amended. None for what
    amends nothing."""
    if assessment.amends_id is None:
        return None
    opened = Step.objects.filter(
        assessment=assessment.amends_id, action=Action.AMEND, at__gte=assessment.started_at
    )
    return opened.select_related("by").order_by("pk").first()


def told(assessment, steps=None):
    steps = steps_of(assessment) if steps is None else steps
    return [_told(step, after, assessment) for step, after in zip_longest(steps, steps[1:])]


def last_return(steps):
    """The return that the present submission answers; None where it was never returned."""
    return next((step for step in reversed(steps) if step.action == Action.RETURN), None)


def _told(step, after, assessment):
    comments = []
    if step.action == Action.RETURN:
        comments = [
            Comment(_about(comment, assessment), comment.text, comment.answered)
            for comment in step.comments.all()
        ]
    if step.to_state != State.SUBMITTED:
        return Told(step, comments)
    until = after.at if after else timezone.now()
    days = (timezone.localdate(until) - timezone.localdate(step.at)).days
    return Told(step, comments, days, waits=after is None)


def _about(comment, assessment):
    item = assessment.instrument.by_code.get(comment.code)
    name = item.label if item else comment.code
    return f"{comment.sheet.adult.name}: {name}" if comment.sheet.adult_id else name
