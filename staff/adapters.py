"""How django-allauth is bent to this house: nobody signs up, everybody gives a second factor."""

import base64
import hashlib

import qrcode
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import record_authentication
from allauth.mfa.adapter import DefaultMFAAdapter
from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.urls import reverse
from qrcode.image.svg import SvgPathImage

from . import single_sign_on
from .step_up import proved_lately
from .throttle import Throttle

WAYS = {
    "reauthenticate": "Your password",
    "mfa_reauthenticate": "A code from your app, or a recovery code",
    "mfa_reauthenticate:webauthn": "A passkey",
}
SECOND_FACTOR_STAGE = "allauth.mfa.stages.AuthenticateStage"


class AccountAdapter(DefaultAccountAdapter):
    error_messages = DefaultAccountAdapter.error_messages | {
        "too_many_login_attempts": "That was wrong too often. Wait five minutes, then try again.",
        "incorrect_password": "This is not your password.",
    }

    def is_open_for_signup(self, request):
        """An administrator makes the accounts: nobody signs up alone."""
        return False

    def pre_authenticate(self, request, **credentials):
        self.throttle = Throttle(request, credentials.get("username", ""))
        self.throttle.count()

    def authenticate(self, request, **credentials):
        user = super().authenticate(request, **credentials)
        if user:
            self.throttle.forgive()
        return user

    def set_password(self, user, password):
        user.must_change_password = False
        super().set_password(user, password)

    def get_password_change_redirect_url(self, request):
        return reverse("staff:me")

    def is_reauthentication_required(self, app):
        return not proved_lately(self.request)

    def get_reauthentication_methods(self, user):
        """Whoever still owes the second factor is not offered the first one again."""
        ways = super().get_reauthentication_methods(user)
        owed = getattr(self.request, "sign_in_unfinished", False)
        second = [way for way in ways if way["id"] != "reauthenticate"]
        return [way | {"description": WAYS[way["id"]]} for way in (second if owed and second else ways)]

    def get_login_stages(self):
        stages = super().get_login_stages()
        return ["staff.second_factor.SecondFactorStage" if s == SECOND_FACTOR_STAGE else s for s in stages]

    def post_login(self, request, user, *, signal_kwargs, **kwargs):
        if single_sign_on.gave_second_factor(signal_kwargs):
            record_authentication(request, user, "mfa", type="provider")
        return super().post_login(request, user, signal_kwargs=signal_kwargs, **kwargs)

    def add_message(self, request, level, message_template=None, *args, **kwargs):
        """Signing in and out speak for themselves."""
        if message_template not in ("account/messages/logged_in.txt", "account/messages/logged_out.txt"):
            super().add_message(request, level, message_template, *args, **kwargs)


class MFAAdapter(DefaultMFAAdapter):
    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": "This code is not right, or it was used already. Wait for the next one.",
        "unreadable_passkey": "This passkey could not be read. Try again, or choose another way.",
        "cannot_delete_authenticator": "This is your only second factor. Add another before you remove it.",
    }

    def encrypt(self, text):
        return _keys().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text):
        return _keys().decrypt(encrypted_text.encode()).decode()

    def get_totp_issuer(self):
        return "IPS CANS"

    def build_totp_svg(self, url):
        image = qrcode.make(url, image_factory=SvgPathImage, border=2)
        return image.to_string(encoding="unicode")

    def can_delete_authenticator(self, authenticator):
        return not settings.SECOND_FACTOR_REQUIRED or (
            authenticator.user.authenticator_set.exclude(pk=authenticator.pk)
            .exclude(type=authenticator.Type.RECOVERY_CODES)
            .exists()
        )

    def generate_authenticator_name(self, user, type):
        return "My passkey" if not user.authenticator_set.filter(type=type).exists() else "Another passkey"


def _keys():
    """The first key encrypts; the others still open what was encrypted before it."""
    return MultiFernet([Fernet(_derived(key)) for key in settings.SECOND_FACTOR_KEYS])


def _derived(key):
    return base64.urlsafe_b64encode(hashlib.sha256(b"second factors: " + key.encode()).digest())
