from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.db import transaction

from audit.actions import record
from staff.models import Session
from staff.passwords import new_password

from .keeping import hold_person


@transaction.atomic
def reset_sign_in(person, *, by):
    """For somebody who has lost phone and codes: all they signed in with is gone. Returns a password.

    It opens nothing but the page that changes it; then a second factor is set up anew. A link to the
    directory is cut as well, and made again by the e-mail address of the account.
    """
    held = hold_person(person, by=by)
    password = new_password()
    held.set_password(password)
    held.must_change_password = True
    held.save(update_fields=["password", "must_change_password"])
    factors = Authenticator.objects.filter(user=held).exclude(type=Authenticator.Type.RECOVERY_CODES).count()
    Authenticator.objects.filter(user=held).delete()
    SocialAccount.objects.filter(user=held).delete()
    Session.objects.filter(person=held).delete()
    record("sign_in.reset", by=by, subject=f"person {held.pk}", second_factors=factors)
    return password
