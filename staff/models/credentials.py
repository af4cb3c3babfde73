from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone


class CredentialQuerySet(models.QuerySet):
    def valid(self):
        """Those that count: one that was recorded wrongly stays on record and counts for nothing."""
        return self.filter(withdrawn_at__isnull=True)


class Credential(models.Model):
    """A CANS 2.0 certification (or recertification), or the training in CANS functionality."""

    class Kind(models.TextChoices):
        CERTIFICATION = "certification", "CANS 2.0 certification"
        TRAINING = "training", "Training in CANS functionality"

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="credentials")
    kind = models.CharField(max_length=16, choices=Kind)
    on = models.DateField("date")
    evidence = models.CharField(max_length=200, blank=True)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(default=timezone.now)
    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_reason = models.CharField(max_length=400, blank=True)

    objects = CredentialQuerySet.as_manager()

    class Meta:
        ordering = ["-on", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["person", "kind", "on"],
                condition=Q(withdrawn_at__isnull=True),
                name="staff_credential_once",
                violation_error_message="This is on record already.",
            ),
            models.CheckConstraint(
                name="staff_credential_withdrawn",
                condition=Q(withdrawn_at__isnull=True, withdrawn_by__isnull=True, withdrawn_reason="")
                | (Q(withdrawn_at__isnull=False, withdrawn_by__isnull=False) & ~Q(withdrawn_reason="")),
                violation_error_message="A credential is withdrawn by somebody, with a reason.",
            ),
        ]
        indexes = [models.Index(fields=["person", "kind", "-on"], name="staff_credential_latest")]

    def __str__(self):
        return f"{self.get_kind_display()} of {self.person}, {self.on}"
