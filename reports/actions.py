"""What one does with the reports besides reading them: the address of one's own calendar."""

import hashlib
import secrets

from django.db import transaction
from django.utils import timezone

from audit.actions import record

from .models import Feed

BYTES = 32


@transaction.atomic
def make_feed(*, by):
    """A new secret for the address of one's calendar, in place of the one before. It is returned, and
    stored nowhere."""
    secret = secrets.token_urlsafe(BYTES)
    made = {"digest": digest_of(secret), "made_at": timezone.now(), "last_fetched_at": None}
    _, is_first = Feed.objects.update_or_create(person=by, defaults=made)
    record("calendar.make", by=by, subject=f"person {by.pk}", replaced="no" if is_first else "yes")
    return secret


@transaction.atomic
def revoke_feed(*, by):
    gone, _ = Feed.objects.filter(person=by).delete()
    if gone:
        record("calendar.revoke", by=by, subject=f"person {by.pk}")


def digest_of(secret):
    """Random as the secret is, a fast hash is enough; and looking it up tells nothing by its time."""
    return hashlib.sha256(secret.encode()).hexdigest()
