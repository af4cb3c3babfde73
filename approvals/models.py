from django.conf import settings
from django.db import models
from django.db.models import OuterRef, Q
from django.utils import timezone

from cans.models import Assessment, Sheet
from cans.states import CHOICES

from .workflow import Action


class Step(models.Model):
    """One step of the workflow: who, when, from, to, why. Rows are only ever added."""

    assessment = models.ForeignKey(Assessment, models.PROTECT, related_name="steps")
    action = models.CharField(max_length=10, choices=[(a.value, a.label) for a in Action])
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    on_behalf_of = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="The absent supervisor, when their cover acted.",
    )
    at = models.DateTimeField(default=timezone.now)
    from_state = models.CharField(max_length=10, choices=CHOICES)
    to_state = models.CharField(max_length=10, choices=CHOICES)
    from_reviewer = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    to_reviewer = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    reason = models.TextField(max_length=2000, blank=True)
    stood = models.JSONField(
        null=True,
        blank=True,
        help_text="Of a return: what then stood of the day, type, sections and sheets (approvals.stood).",
    )

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                name="approvals_reason_given",
                condition=~Q(action__in=["return", "reroute", "amend", "void"]) | ~Q(reason=""),
                violation_error_message="Give a reason.",
            ),
        ]
        indexes = [
            models.Index(fields=["assessment", "id"], name="approvals_steps_of_cans"),
            models.Index(fields=["by", "-at"], name="approvals_steps_by_person"),
        ]

    def __str__(self):
        return f"{self.get_action_display()} by {self.by}"


def as_decided(action, state, at, by):
    """For an update of written CANS whose last step is this one: the state it left them in, with the columns
    of its moment and its person."""
    steps = Step.objects.filter(assessment=OuterRef("pk"), action=action).order_by("-pk")
    return {"state": state, at: steps.values("at")[:1], by: steps.values("by")[:1]}


class ItemComment(models.Model):
    """A reviewer's remark on one item, made with a return; it stays after approval."""

    step = models.ForeignKey(Step, models.PROTECT, related_name="comments")
    sheet = models.ForeignKey(Sheet, models.PROTECT, related_name="comments")
    code = models.CharField(max_length=80)
    text = models.TextField(max_length=2000)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["step", "sheet", "code"], name="approvals_one_comment_an_item"),
            models.CheckConstraint(name="approvals_comment_says_something", condition=~Q(text="")),
        ]

    def __str__(self):
        return f"comment on {self.code}"

    @property
    def answered(self):
        """Its answer in words, or None."""
        return getattr(self, "answer", None)


class CommentAnswer(models.Model):
    """What the author says to a reviewer's comment. It may be put otherwise until the CANS is submitted
    again; from then on it stays."""

    comment = models.OneToOneField(ItemComment, models.PROTECT, related_name="answer")
    text = models.TextField(max_length=2000)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(name="approvals_answer_says_something", condition=~Q(text="")),
        ]

    def __str__(self):
        return f"answer to {self.comment}"
