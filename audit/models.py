"""The append-only record of who did what, and of who opened which record.

Knows no other app: people and things are kept as numbers beside a label frozen at the time,
so that the record still reads true after a person is renamed or leaves.

Events are numbered and signed one after another in a chain an agency; chain 0 is the program's.
Readings are signed each by itself, and sealed into the chain later, many at a time (sealing.py).
"""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from .chain import START


class Event(models.Model):
    """One act or one refusal. Rows are only ever added; the database refuses the rest."""

    class Kind(models.TextChoices):
        ACT = "act", "Act"
        DENIAL = "denial", "Denial"
        SEAL = "seal", "Seal"

    chain = models.BigIntegerField(default=0, help_text="The number of the agency; 0 is the program.")
    seq = models.BigIntegerField(help_text="1, 2, 3 … in its chain, without a gap.")
    at = models.DateTimeField(default=timezone.now)
    kind = models.CharField(max_length=8, choices=Kind, default=Kind.ACT)
    action = models.CharField(max_length=60)
    actor_number = models.BigIntegerField(null=True)
    actor_label = models.CharField(max_length=150)
    agency_number = models.BigIntegerField(null=True)
    case_number = models.BigIntegerField(null=True)
    subject = models.CharField(max_length=160, help_text="What it was done to, as “assessment 12”.")
    detail = models.JSONField(default=dict)
    key_id = models.CharField(max_length=16)
    previous = models.CharField(max_length=64)
    mac = models.CharField(max_length=64)

    class Meta:
        ordering = ["-pk"]
        constraints = [models.UniqueConstraint(fields=["chain", "seq"], name="audit_event_numbered_once")]
        indexes = [
            models.Index(fields=["case_number", "-id"], name="audit_event_by_case"),
            models.Index(fields=["actor_number", "at"], name="audit_event_by_actor"),
            models.Index(fields=["at"], name="audit_event_by_day"),
            models.Index(
                fields=["chain", "kind", "-seq"],
                condition=Q(kind__in=["denial", "seal"]),
                name="audit_event_not_an_act",
            ),
        ]

    def __str__(self):
        return f"{self.action} {self.subject} by {self.actor_label}"


class Chain(models.Model):
    """The head of a chain: the number and the mac of its last event."""

    number = models.BigIntegerField(unique=True)
    seq = models.BigIntegerField(default=0)
    mac = models.CharField(max_length=64, default=START)

    def __str__(self):
        return f"chain {self.number}, at event {self.seq}"


class Reading(models.Model):
    """One opening of a record: which page, whose case, and the grant that allowed it.

    Without a case it is a search in the record itself.
    """

    IN_A_FILE = "export "  # and the name of the list that left as a file, in place of a page's name

    chain = models.BigIntegerField(default=0)
    at = models.DateTimeField(default=timezone.now)
    page = models.CharField(max_length=60)
    reader_number = models.BigIntegerField()
    reader_label = models.CharField(max_length=150)
    agency_number = models.BigIntegerField(null=True)
    case_number = models.BigIntegerField(null=True)
    children = models.JSONField(default=list, help_text="Numbers of the children shown.")
    grant = models.CharField(max_length=60)
    key_id = models.CharField(max_length=16)
    mac = models.CharField(max_length=64)

    class Meta:
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["case_number", "-id"], name="audit_reading_by_case"),
            models.Index(fields=["reader_number", "at"], name="audit_reading_by_reader"),
            models.Index(fields=["chain", "id"], name="audit_reading_by_chain"),
            models.Index(fields=["at"], name="audit_reading_by_day"),
        ]

    def __str__(self):
        return f"{self.reader_label} opened case {self.case_number}"
