import datetime
import time

import pytest
import time_machine
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value
from django.core.cache import cache
from django.utils import timezone

PASSWORD = "the heron waits by the weir"
NOW = timezone.now().replace(microsecond=0)


def at(**passed):
    return time_machine.travel(NOW + datetime.timedelta(**passed), tick=False)


@pytest.fixture(autouse=True)
def _nothing_counted_yet(db):
    cache.clear()


@pytest.fixture
def required(settings):
    settings.SECOND_FACTOR_REQUIRED = True


@pytest.fixture
def knows_password(clinician):
    clinician.set_password(PASSWORD)
    clinician.save()
    return clinician


@pytest.fixture
def signs_in(knows_password, client):
    """Sends the form of the sign-in page."""

    def sign_in(password=PASSWORD, username="clinician", address="192.0.2.1", browser=None, **more):
        fields = {"login": username, "password": password} | more
        return (browser or client).post("/accounts/login/", fields, REMOTE_ADDR=address)

    return sign_in


@pytest.fixture
def signed_in(signs_in, client):
    """Somebody who signed in at NOW."""
    with at():
        signs_in()
    return client


@pytest.fixture
def app(knows_password):
    """The clinician's authenticator app."""
    return App(knows_password)


class App:
    def __init__(self, person):
        self.secret = generate_totp_secret()
        self.row = TOTP.activate(person, self.secret).instance
        self.recovery_codes = RecoveryCodes.activate(person).generate_codes()

    def code(self):
        return code_of(self.secret)


def code_of(secret):
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30))


# Too long for an app's code and too short for a recovery code: any code of six digits is right now and then.
WRONG_CODE = "0000000"


def is_signed_in(client):
    return "_auth_user_id" in client.session
