from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone

from staff.dates import in_force, today
from staff.models import Role

from .places import PLACES


class EntryQuerySet(models.QuerySet):
    def shown_on(self, day):
        return self.filter(in_force(day), shown=True)

    def visible_to(self, user):
        """Everybody reads what is shown today; who edits it also what is to come, over or taken down."""
        return self.all() if user.role == Role.COORDINATOR else self.shown_on(today())


class Entry(models.Model):
    """One piece of the program's own help: everybody reads it, a coordinator edits it."""

    class Kind(models.TextChoices):
        NOTICE = "notice", "Notice"
        GUIDE = "guide", "Guide"
        QUESTION = "question", "Question and answer"
        CONTACT = "contact", "Whom to ask"
        RESOURCE = "resource", "Resource"

    # What a person edits, and what an earlier version keeps.
    CONTENT = ("kind", "title", "summary", "text", "places", "starts", "ends", "position", "shown")

    slug = models.SlugField(max_length=60, unique=True)
    kind = models.CharField(max_length=10, choices=Kind)
    title = models.CharField(max_length=120)
    summary = models.CharField(max_length=200, blank=True)
    text = models.TextField(max_length=20_000)
    places = models.JSONField(default=list, blank=True)  # keys of PLACES
    starts = models.DateField(default=today)
    ends = models.DateField(null=True, blank=True)
    position = models.PositiveSmallIntegerField(default=100)
    shown = models.BooleanField(default=True)
    version = models.PositiveIntegerField(default=1)
    # Both empty while it stands as it came with the application.
    edited_at = models.DateTimeField(null=True, blank=True)
    edited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True, blank=True
    )

    objects = EntryQuerySet.as_manager()

    class Meta:
        ordering = ["kind", "position", "title", "pk"]
        verbose_name_plural = "entries"
        constraints = [
            models.CheckConstraint(
                name="guidance_entry_days",
                condition=Q(ends__isnull=True) | Q(ends__gte=F("starts")),
                violation_error_message="The last day is before the first.",
            ),
            models.CheckConstraint(
                name="guidance_entry_edited",
                condition=Q(edited_at__isnull=True, edited_by__isnull=True)
                | Q(edited_at__isnull=False, edited_by__isnull=False),
            ),
        ]

    def __str__(self):
        return self.title

    def get_absolute_url(self):
        return reverse("guidance:entry", args=[self.slug])

    @property
    def content(self):
        return {name: getattr(self, name) for name in self.CONTENT}

    @property
    def is_shown(self):
        return self.shown and self.starts <= today() and (self.ends is None or today() <= self.ends)

    @property
    def pages(self):
        """The places it is about; one that a later version of the application has not is left out."""
        return [PLACES[key] for key in self.places if key in PLACES]


class Earlier(models.Model):
    """An entry as it stood before somebody edited it. Rows are only added."""

    entry = models.ForeignKey(Entry, models.PROTECT, related_name="earlier", db_index=False)
    version = models.PositiveIntegerField()
    content = models.JSONField(encoder=DjangoJSONEncoder)
    replaced_at = models.DateTimeField(default=timezone.now)
    replaced_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        ordering = ["entry", "-version"]
        constraints = [
            models.UniqueConstraint(fields=["entry", "version"], name="guidance_earlier_once"),
        ]

    def __str__(self):
        return f"{self.entry}, version {self.version}"
