from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone


class MailQuerySet(models.QuerySet):
    def waiting(self):
        return self.filter(sent_at__isnull=True, given_up_at__isnull=True)

    def due(self, now):
        """Those whose turn to be tried has come, the longest waiting first."""
        return self.waiting().filter(next_try_at__lte=now).order_by("next_try_at", "pk")


class Mail(models.Model):
    """A mail to one of our people, made in the transaction of the act it tells of: no act, no mail.

    It is sent after the commit, and again by `manage.py send_mail` until it went out. It says
    nothing about a child, for it travels and lies outside.
    """

    class Kind(models.TextChoices):
        RETURNED = "returned", "A CANS was returned"
        DIGEST = "digest", "What waits for review"
        DESK = "desk", "A coordinator's numbers"

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="mails")
    kind = models.CharField(max_length=10, choices=Kind)
    # What it tells of, so that nothing is told twice: "returned:7", "digest:2025-03-03:5".
    key = models.CharField(max_length=60, unique=True)
    subject = models.CharField(max_length=120)
    text = models.TextField(max_length=2000)
    made_at = models.DateTimeField(default=timezone.now)
    tries = models.PositiveSmallIntegerField(default=0)
    next_try_at = models.DateTimeField(default=timezone.now)
    sent_at = models.DateTimeField(null=True, blank=True)
    given_up_at = models.DateTimeField(null=True, blank=True)
    last_problem = models.CharField(max_length=400, blank=True)

    objects = MailQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                name="staff_mail_one_end",
                condition=Q(sent_at__isnull=True) | Q(given_up_at__isnull=True),
                violation_error_message="A mail was sent or given up, not both.",
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_try_at"],
                condition=Q(sent_at__isnull=True, given_up_at__isnull=True),
                name="staff_mail_waiting",
            ),
        ]

    def __str__(self):
        return f"{self.get_kind_display()}, to {self.person}"
