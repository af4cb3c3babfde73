"""Signing in, out, and failing to, on record: whichever way it was done, Django says so."""

from django.contrib.auth import get_user_model
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.db import transaction
from django.dispatch import receiver

from .actions import record, record_denial


@receiver(user_logged_in)
@transaction.atomic
def signed_in(sender, user, **kwargs):
    record("sign_in", by=user, subject=f"person {user.pk}")


@receiver(user_logged_out)
@transaction.atomic
def signed_out(sender, user, **kwargs):
    if user is not None:
        record("sign_out", by=user, subject=f"person {user.pk}")


@receiver(user_login_failed)
def failed(sender, credentials, **kwargs):
    record_try("sign_in.failed", str(credentials.get(get_user_model().USERNAME_FIELD) or ""))


def record_try(action, typed, **detail):
    """With the account that was tried. Without the password, and without a name that is nobody's: people
    type passwords there."""
    model = get_user_model()
    person = model.objects.filter(**{f"{model.USERNAME_FIELD}__iexact": typed}).first() if typed else None
    record_refused(action, person, **detail)


def record_refused(action, person, **detail):
    """A sign-in to this person's account that did not succeed, by whomever; None where it is nobody's."""
    if person is None:
        record_denial(action, by=None, subject="an unknown account", **detail)
    else:
        record_denial(
            action,
            by=None,
            agency=person.agency_id,
            subject=f"person {person.pk}",
            username=person.get_username(),
            **detail,
        )
