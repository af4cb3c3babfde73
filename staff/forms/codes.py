"""A code opens once. allauth remembers it for half a minute; with the tolerance it is right for longer."""

from allauth.mfa.adapter import get_adapter
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from django.conf import settings
from django.core.cache import cache

PERIOD = 30  # seconds
RIGHT_FOR = PERIOD * (2 * settings.MFA_TOTP_TOLERANCE + 1)


def _once(form, code):
    digits = "".join(filter(str.isalnum, code))
    if not cache.add(f"code-used:{form.user.pk}:{digits}", True, RIGHT_FOR):
        raise get_adapter().validation_error("incorrect_code")
    return code


class GiveForm(AuthenticateForm):
    def clean_code(self):
        return _once(self, super().clean_code())


class AgainForm(ReauthenticateForm):
    def clean_code(self):
        return _once(self, super().clean_code())
