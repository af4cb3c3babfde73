"""The service array, services, and the CANS findings they answer."""

from django.db import models
from django.db.models import F, Q

from .people import Membership
from .standing import AsItStands


class ServiceKind(models.Model):
    """The service array: a list the coordinator keeps. A retired kind stays on old services."""

    name = models.CharField(max_length=80, unique=True)
    active = models.BooleanField(default=True)

    class Meta:
        ordering = ["name"]

    def __str__(self):
        return self.name


class Service(AsItStands, models.Model):
    """A support given to one child; it answers at least one CANS finding."""

    membership = models.ForeignKey(Membership, models.PROTECT, related_name="services")
    kind = models.ForeignKey(ServiceKind, models.PROTECT, related_name="services")
    provider = models.CharField(max_length=120)
    starts = models.DateField("from")
    ends = models.DateField("until", null=True, blank=True)

    class Meta:
        ordering = ["-starts", "-pk"]
        constraints = [
            models.CheckConstraint(
                name="cases_service_ends_after_start",
                condition=Q(ends__isnull=True) | Q(ends__gte=F("starts")),
                violation_error_message="A service cannot end before it starts.",
            ),
        ]

    def __str__(self):
        return f"{self.kind} for {self.membership.child}"

    def _standing(self):
        return [*super()._standing(), *sorted(one.code for one in self.findings.all())]


class ServiceFinding(models.Model):
    """The CANS item a service answers, by its code in the instrument ("behavioral.anxiety")."""

    service = models.ForeignKey(Service, models.CASCADE, related_name="findings")
    code = models.CharField(max_length=80)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["service", "code"], name="cases_finding_once"),
        ]

    def __str__(self):
        return self.code
