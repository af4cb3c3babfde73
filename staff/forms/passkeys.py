"""What a browser sends as a passkey's answer is anybody's to make up; allauth expects it well made."""

import struct
from functools import wraps

from allauth.mfa.adapter import get_adapter
from allauth.mfa.webauthn.forms import (
    AddWebAuthnForm,
    AuthenticateWebAuthnForm,
    LoginWebAuthnForm,
    ReauthenticateWebAuthnForm,
)
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from django import forms
from django.core.exceptions import ValidationError

from .codes import failures_on_record

ILL_MADE = (
    ArithmeticError,
    AttributeError,
    InvalidSignature,
    LookupError,
    RecursionError,
    TypeError,
    UnsupportedAlgorithm,
    ValueError,
    struct.error,
)


def _sound(clean):
    @wraps(clean)
    def cleaned(form):
        try:
            return clean(form)
        except ILL_MADE as wrong:
            raise get_adapter().validation_error("unreadable_passkey") from wrong

    return cleaned


class AnswerField(forms.JSONField):
    widget = forms.HiddenInput

    def to_python(self, value):
        try:
            return super().to_python(value)
        except (RecursionError, ValueError):  # nested too deep, or a number of thousands of figures
            raise ValidationError(self.error_messages["invalid"], code="invalid") from None

    def bound_data(self, data, initial):
        """Never sent back: the question that it answered is used up."""
        return ""

    def prepare_value(self, value):
        return ""


class AddForm(AddWebAuthnForm):
    credential = AnswerField()
    clean = _sound(AddWebAuthnForm.clean)


class GiveForm(AuthenticateWebAuthnForm):
    credential = AnswerField()
    clean_credential = failures_on_record(_sound(AuthenticateWebAuthnForm.clean_credential))


class SignInForm(LoginWebAuthnForm):
    credential = AnswerField()
    clean_credential = _sound(LoginWebAuthnForm.clean_credential)


class AgainForm(ReauthenticateWebAuthnForm):
    credential = AnswerField()
    clean_credential = failures_on_record(_sound(ReauthenticateWebAuthnForm.clean_credential))
