"""Who works a case: assignments, primary, parallel, and by routing."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from staff.dates import in_force, today


class AssignmentQuerySet(models.QuerySet):
    def current(self, on=None):
        return self.filter(in_force(on or today()))

    def carrying(self):
        """Primary and parallel ones: those who work the case, unlike a reviewer from outside."""
        return self.filter(kind__in=[Assignment.Kind.PRIMARY, Assignment.Kind.PARALLEL])


class Assignment(models.Model):
    """Somebody's grant on a case. Every grant on a case is a row here, a review by routing too."""

    class Kind(models.TextChoices):
        PRIMARY = "primary", "Primary"
        PARALLEL = "parallel", "Parallel"
        REVIEW = "review", "Review"

    case = models.ForeignKey("cases.Case", models.PROTECT, related_name="assignments")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="assignments")
    kind = models.CharField(max_length=10, choices=Kind)
    role = models.CharField("role on the case", max_length=80, blank=True)
    starts = models.DateField("first day")
    ends = models.DateField("last day", null=True, blank=True)

    objects = AssignmentQuerySet.as_manager()

    class Meta:
        ordering = ["-starts", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["case"],
                condition=Q(kind="primary", ends__isnull=True),
                name="cases_one_primary",
                violation_error_message="This case already has a primary worker.",
            ),
            models.UniqueConstraint(
                fields=["case", "person", "kind"],
                condition=Q(ends__isnull=True),
                name="cases_assigned_once",
                violation_error_message="This person already has that assignment.",
            ),
            models.CheckConstraint(
                name="cases_assignment_ends_after_start",
                condition=Q(ends__isnull=True) | Q(ends__gte=F("starts")),
                violation_error_message="The last day cannot be before the first.",
            ),
        ]
        indexes = [
            models.Index(fields=["person", "ends", "case"], name="cases_assigned_to"),
            models.Index(fields=["case", "kind", "ends"], name="cases_workers_of_case"),
        ]

    def __str__(self):
        return f"{self.person}, {self.get_kind_display()} on {self.case}"
