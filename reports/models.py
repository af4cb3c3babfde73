from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils import timezone


class SavedView(models.Model):
    """A report as one person narrowed and sorted it, under a name of their own. It keeps the question,
    never the answer: whoever opens it sees what they may see then."""

    class Page(models.TextChoices):
        OVERDUE = "reports:overdue", "Overdue"
        DUE = "reports:due", "Due soon"
        TIMELINESS = "reports:timeliness", "Timeliness"
        OPENING = "reports:opening", "Opening status"
        CHANGE = "reports:change", "Change"
        SUBMISSION = "reports:submission", "Submission"
        WAITING = "reports:waiting", "Waiting for review"
        TURNAROUND = "reports:turnaround", "Turnaround"

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="saved_views")
    page = models.CharField(max_length=40, choices=Page)
    name = models.CharField(max_length=60)
    query = models.CharField(max_length=1000, blank=True)

    class Meta:
        ordering = ["page", "name", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["person", "page", "name"],
                name="reports_view_named_once",
            ),
        ]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return f"{reverse(self.page)}?{self.query}"


class Feed(models.Model):
    """The calendar of one's due dates that a calendar program fetches by a secret address. Of the secret
    only its hash is kept: who reads this table cannot fetch."""

    person = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="feed")
    digest = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField(default=timezone.now)
    last_fetched_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["pk"]

    def __str__(self):
        return f"Calendar of {self.person}"
