"""Break-glass: a case opened for four hours by somebody whom no other grant lets in, and who was told."""

import datetime

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

LASTS = datetime.timedelta(hours=4)


class EmergencyAccessQuerySet(models.QuerySet):
    def current(self, now=None):
        """Those that hold at this moment; none holds for longer than four hours, whatever its row says."""
        now = now or timezone.now()
        return self.filter(starts_at__lte=now, starts_at__gt=now - LASTS, ends_at__gt=now)

    def opening_to(self, user, now=None):
        """Those by which this person reads a case now. One that has left their agency is closed to them."""
        return self.current(now).filter(person=user.pk, case__agency=user.agency_id).order_by()


class EmergencyAccess(models.Model):
    """One opening of a case in an emergency, to read and nothing else. Never taken away again."""

    case = models.ForeignKey("cases.Case", models.PROTECT, related_name="emergencies")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="emergencies")
    reason = models.CharField(max_length=400)
    starts_at = models.DateTimeField(default=timezone.now)
    ends_at = models.DateTimeField(help_text="Four hours later, or when the person gave it back.")

    objects = EmergencyAccessQuerySet.as_manager()

    class Meta:
        ordering = ["-starts_at", "-pk"]
        verbose_name = "emergency access"
        verbose_name_plural = "emergency accesses"
        constraints = [
            models.CheckConstraint(
                name="cases_emergency_ends_after_start", condition=Q(ends_at__gt=F("starts_at"))
            ),
            models.CheckConstraint(name="cases_emergency_has_a_reason", condition=~Q(reason="")),
        ]
        indexes = [
            models.Index(fields=["person", "ends_at", "case"], name="cases_emergency_of"),
            models.Index(fields=["case", "ends_at"], name="cases_emergency_in"),
        ]

    def __str__(self):
        return f"{self.person} in {self.case}, an emergency"


class EmergencyNoticeQuerySet(models.QuerySet):
    def unread_by(self, user):
        return self.filter(person=user, acknowledged_at__isnull=True)


class EmergencyNotice(models.Model):
    """That somebody answerable is told of it: on their home page until they say they have read it."""

    access = models.ForeignKey(EmergencyAccess, models.PROTECT, related_name="notices")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="emergency_notices")
    acknowledged_at = models.DateTimeField(null=True, blank=True)

    objects = EmergencyNoticeQuerySet.as_manager()

    class Meta:
        ordering = ["-access__starts_at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["access", "person"], name="cases_told_once"),
        ]
        indexes = [
            models.Index(
                fields=["person"],
                condition=Q(acknowledged_at__isnull=True),
                name="cases_notice_unread",
            ),
        ]

    def __str__(self):
        return f"notice to {self.person} of {self.access}"
