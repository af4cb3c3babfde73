"""A code opens once, and a wrong one is on record.

allauth remembers a code for half a minute; with the tolerance it is right for longer.
"""

from functools import wraps

from allauth.mfa.adapter import get_adapter
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from django.conf import settings
from django.core.cache import cache
from django.core.exceptions import ValidationError

from audit.actions import record_denial

PERIOD = 30  # seconds
RIGHT_FOR = PERIOD * (2 * settings.MFA_TOTP_TOLERANCE + 1)


def failures_on_record(clean):
    """For a form that knows whose second factor it asks for."""

    @wraps(clean)
    def cleaned(form):
        try:
            return clean(form)
        except ValidationError:
            person = form.user
            record_denial(
                "sign_in.second_factor", by=None, agency=person.agency_id, subject=f"person {person.pk}"
            )
            raise

    return cleaned


def _once(form, code):
    digits = "".join(filter(str.isalnum, code))
    if not cache.add(f"code-used:{form.user.pk}:{digits}", True, RIGHT_FOR):
        raise get_adapter().validation_error("incorrect_code")
    return code


class GiveForm(AuthenticateForm):
    @failures_on_record
    def clean_code(self):
        return _once(self, super().clean_code())


class AgainForm(ReauthenticateForm):
    @failures_on_record
    def clean_code(self):
        return _once(self, super().clean_code())
