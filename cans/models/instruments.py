"""Versions of the instrument, as loaded from a file."""

from functools import lru_cache

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from cans import instrument


class InstrumentVersionQuerySet(models.QuerySet):
    def active(self):
        """The version new assessments are scored on. Raises DoesNotExist before the first is loaded."""
        return self.get(active=True)


class InstrumentVersion(models.Model):
    """One loaded file of items. Never changed: an assessment stays with the version it was scored on."""

    label = models.CharField(max_length=60, unique=True)
    source = models.TextField(help_text="The file as loaded, tab-separated.")
    active = models.BooleanField(default=False)
    loaded_at = models.DateTimeField(default=timezone.now)
    loaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )

    objects = InstrumentVersionQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["active"], condition=Q(active=True), name="cans_one_active_instrument"
            ),
        ]

    def __str__(self):
        return self.label

    def get_absolute_url(self):
        return reverse("cans:instrument", args=[self.pk])

    @property
    def instrument(self):
        """The items of this version, read once per process: a version never changes."""
        return instrument_of(self.pk)


@lru_cache(maxsize=16)
def instrument_of(pk):
    """The items of the version with this number."""
    version = InstrumentVersion.objects.get(pk=pk)
    items, problems = instrument.parse(version.source)
    if problems:
        raise ValueError(f"Instrument {version.label}: {problems[0].sentence}")
    return instrument.Instrument(version.label, tuple(items))


class Item(models.Model):
    """The same items as rows, for people with SQL tools (see the view cans_rating)."""

    version = models.ForeignKey(InstrumentVersion, models.PROTECT, related_name="item_rows")
    subject = models.CharField(max_length=10)
    position = models.PositiveSmallIntegerField(help_text="From 0, within the subject's sheet.")
    code = models.CharField(max_length=80)
    number = models.PositiveSmallIntegerField(null=True)
    name = models.CharField(max_length=120)
    domain = models.CharField(max_length=20)
    kind = models.CharField(max_length=10)

    class Meta:
        ordering = ["version", "subject", "position"]
        constraints = [
            models.UniqueConstraint(fields=["version", "code"], name="cans_item_code_once"),
            models.UniqueConstraint(fields=["version", "subject", "position"], name="cans_item_place_once"),
        ]

    def __str__(self):
        return self.name
