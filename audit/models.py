"""The append-only record of who did what, and of who opened which record.

Knows no other app: people and things are kept as numbers beside a label frozen at the time,
so that the record still reads true after a person is renamed or leaves.
"""

from django.db import models
from django.utils import timezone


class Event(models.Model):
    """One act or one refusal. Rows are only ever added; the database refuses the rest."""

    class Kind(models.TextChoices):
        ACT = "act", "Act"
        DENIAL = "denial", "Denial"

    at = models.DateTimeField(default=timezone.now)
    kind = models.CharField(max_length=8, choices=Kind, default=Kind.ACT)
    action = models.CharField(max_length=60)
    actor_number = models.BigIntegerField(null=True)
    actor_label = models.CharField(max_length=150)
    agency_number = models.BigIntegerField(null=True)
    case_number = models.BigIntegerField(null=True)
    subject = models.CharField(max_length=60, help_text="What it was done to, as “assessment 12”.")
    detail = models.JSONField(default=dict)

    class Meta:
        ordering = ["-pk"]
        indexes = [models.Index(fields=["case_number", "-id"], name="audit_event_by_case")]

    def __str__(self):
        return f"{self.action} {self.subject} by {self.actor_label}"


class Reading(models.Model):
    """One opening of a record: which page, whose case, and the grant that allowed it."""

    at = models.DateTimeField(default=timezone.now)
    page = models.CharField(max_length=60)
    reader_number = models.BigIntegerField()
    reader_label = models.CharField(max_length=150)
    agency_number = models.BigIntegerField(null=True)
    case_number = models.BigIntegerField()
    children = models.JSONField(default=list, help_text="Numbers of the children shown.")
    grant = models.CharField(max_length=60)

    class Meta:
        ordering = ["-pk"]
        indexes = [models.Index(fields=["case_number", "-id"], name="audit_reading_by_case")]

    def __str__(self):
        return f"{self.reader_label} opened case {self.case_number}"
