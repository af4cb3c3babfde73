from django.conf import settings
from django.db import models
from django.utils import timezone


class Sent(models.Model):
    """A form that was sent and done, and where its answer led: see ips.once."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    digest = models.CharField(max_length=64)
    led_to = models.CharField(max_length=2000, blank=True)
    at = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        verbose_name_plural = "sent"
        constraints = [models.UniqueConstraint(fields=["person", "digest"], name="ips_sent_once")]

    def __str__(self):
        return f"sent at {self.at}"
