"""What happened to a case, in words."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from .cases import Case


class CaseEvent(models.Model):
    """What happened to a case, in words, for its timeline. Rows are only ever added."""

    class Kind(models.TextChoices):
        CREATED = "created", "Case created"
        EDITED = "edited", "Case details changed"
        OPENED = "opened", "IPS opened"
        OPENING_CORRECTED = "opening_corrected", "Opening date corrected"
        EXTENSION = "extension", "Extension requested"
        EXTENSION_CORRECTED = "extension_corrected", "Extension corrected"
        EXTENSION_WITHDRAWN = "extension_withdrawn", "Extension request withdrawn"
        DECIDED = "decided", "Extension decided"
        CLOSED = "closed", "IPS closed"
        CLOSE_UNDONE = "close_undone", "Closing undone"
        CLOSING_CORRECTED = "closing_corrected", "Closing date corrected"
        CHILD = "child", "Child"
        STATUS = "status", "Child's status"
        COLLATERAL = "collateral", "Collateral"
        CAREGIVING = "caregiving", "Caregiver"
        ASSIGNED = "assigned", "Assignment"
        SERVICE = "service", "Service"
        TRANSFERRED = "transferred", "Transferred"
        WAIVED = "waived", "Due date waived"
        UNWAIVED = "unwaived", "Waiver withdrawn"
        EMERGENCY = "emergency", "Opened in an emergency"
        EMERGENCY_ENDED = "emergency_ended", "Emergency access given back"

    case = models.ForeignKey(Case, models.PROTECT, related_name="events")
    kind = models.CharField(max_length=20, choices=Kind)
    on = models.DateField(help_text="The day it is true of, which may lie before the day it was written.")
    sentence = models.CharField(max_length=400)
    reason = models.CharField(max_length=400, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-on", "-pk"]
        constraints = [
            models.CheckConstraint(
                name="cases_undo_has_a_reason",
                condition=~Q(
                    kind__in=["close_undone", "opening_corrected", "transferred", "unwaived", "emergency"]
                )
                | ~Q(reason=""),
                violation_error_message="Say why.",
            ),
        ]
        indexes = [models.Index(fields=["case", "-on", "-id"], name="cases_timeline")]

    def __str__(self):
        return self.sentence
