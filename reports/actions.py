"""What one does with the reports besides reading them: the address of one's own calendar, and views that
are kept under a name. What they are called is nobody's business, and not in the record.

The address opens something, as a password does: whoever is disabled or begins anew loses it as well."""

import hashlib
import secrets

from django.db import transaction
from django.utils import timezone

from audit.actions import record
from staff.actions.accounts import disable_person
from staff.actions.sign_in import reset_sign_in

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
def revoke_feed(person, *, by):
    gone, _ = Feed.objects.filter(person=person).delete()
    if gone:
        record("calendar.revoke", by=by, subject=f"person {person.pk}")


@transaction.atomic
def disable_with_calendar(person, *, by, reason):
    """The address does not come back with the account."""
    disable_person(person, by=by, reason=reason)
    revoke_feed(person, by=by)


@transaction.atomic
def reset_with_calendar(person, *, by):
    """Whoever had the password may have the address. Returns the first password."""
    password = reset_sign_in(person, by=by)
    revoke_feed(person, by=by)
    return password


@transaction.atomic
def save_view(*, by, page, name, query):
    """Keep a report under a name. Returns the view, and whether there was none of this name."""
    view, is_new = by.saved_views.update_or_create(page=page, name=name, defaults={"query": query})
    replaced = "no" if is_new else "yes"
    record("view.save", by=by, subject=f"saved view {view.pk}", page=page, replaced=replaced)
    return view, is_new


@transaction.atomic
def forget_view(view, *, by):
    subject = f"saved view {view.pk}"
    view.delete()
    record("view.forget", by=by, subject=subject, page=view.page)


def digest_of(secret):
    """Random as the secret is, a fast hash is enough; and looking it up tells nothing by its time."""
    return hashlib.sha256(secret.encode()).hexdigest()
