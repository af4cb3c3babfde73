"""What the state's system says of cases, as a coordinator uploaded it. Compared with, never taken over."""

from django.conf import settings
from django.db import models
from django.utils import timezone


class StateListQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Each coordinator's own: whose cases a list names, only its sender's regions say."""
        return self.filter(by=user)


class StateList(models.Model):
    """One uploaded list. `as_of` is the day it was taken from the state's system."""

    file_name = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    as_of = models.DateField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    objects = StateListQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        indexes = [models.Index(fields=["by", "-id"], name="exchange_lists_of")]

    def __str__(self):
        return f"{self.file_name}, as of {self.as_of}"


class StateLine(models.Model):
    """A line of it: one opening of a case as the state has it, and a child's due date perhaps."""

    list = models.ForeignKey(StateList, models.PROTECT, related_name="lines", db_index=False)
    line = models.PositiveIntegerField()
    case_number = models.CharField(max_length=20)
    opened = models.DateField()
    closed = models.DateField(null=True, blank=True)
    person_number = models.CharField(max_length=20, blank=True)
    due = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["list", "line"]
        constraints = [
            models.UniqueConstraint(fields=["list", "line"], name="exchange_line_once"),
        ]

    def __str__(self):
        return f"line {self.line}: {self.case_number}"
