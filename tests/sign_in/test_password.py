"""Signing in with a password, and how often it may be wrong."""

import datetime

import pytest
import time_machine
from allauth.account.auth_backends import AuthenticationBackend
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import timezone

from audit.models import Event
from staff.models import Session
from staff.passwords import OwnWordsValidator, new_password
from tests import factories

from .conftest import PASSWORD, is_signed_in

WRONG = "the heron waits by the wier"


def test_a_page_without_sign_in_leads_there_and_back(client, signs_in):
    response = client.get("/cases/")
    assert response.status_code == 302
    assert response["Location"] == "/accounts/login/?next=/cases/"
    assert signs_in(next="/cases/")["Location"] == "/cases/"
    assert is_signed_in(client)


@pytest.mark.parametrize(("username", "password"), [("clinician", WRONG), ("nobody", PASSWORD)])
def test_a_wrong_password_and_an_unknown_name_are_told_alike(client, signs_in, username, password):
    response = signs_in(username=username, password=password)
    assert response.status_code == 200
    assert "The username and/or password you specified are not correct." in response.content.decode()
    assert not is_signed_in(client)


def test_a_person_who_was_disabled_cannot_sign_in(client, signs_in, clinician):
    clinician.is_active = False
    clinician.save()
    assert signs_in()["Location"] == "/accounts/inactive/"
    assert not is_signed_in(client)
    assert "not active" in client.get("/accounts/inactive/").content.decode()


def test_the_next_page_is_never_another_site(client, signs_in):
    assert signs_in(next="https://elsewhere.example/")["Location"] == "/"


def test_the_session_gets_another_key_at_sign_in(client, signs_in):
    """A key that somebody slipped into the browser before is worth nothing afterwards."""
    session = client.session
    session["slipped in"] = True
    session.save()
    client.cookies["sessionid"] = session.session_key
    signs_in()
    assert client.cookies["sessionid"].value != session.session_key
    assert not Session.objects.filter(pk=session.session_key).exists()


class TestThrottle:
    @pytest.fixture
    def hashed(self, monkeypatch):
        """How many passwords were hashed."""
        found = []
        check = AuthenticationBackend._authenticate

        def counted(self, *args, **kwargs):
            found.append(kwargs)
            return check(self, *args, **kwargs)

        monkeypatch.setattr(AuthenticationBackend, "_authenticate", counted)
        return found

    def guess(self, signs_in, times, **more):
        return [signs_in(password=f"a guess, not the first: {n}", **more).status_code for n in range(times)]

    def test_the_eleventh_guess_is_not_even_hashed(self, client, signs_in, hashed):
        assert self.guess(signs_in, 10) == [200] * 10
        refused = signs_in()
        assert refused.status_code == 429
        assert refused["Retry-After"] == "300"
        assert "Wait 5 minutes, then try again." in refused.content.decode()
        assert len(hashed) == 10
        assert not is_signed_in(client)

    def test_that_a_limit_is_reached_is_on_record_once(self, signs_in, clinician):
        self.guess(signs_in, 14)
        throttled = Event.objects.filter(action="sign_in.throttled", kind=Event.Kind.DENIAL)
        told = throttled.get()
        assert (told.subject, told.chain) == (f"person {clinician.pk}", clinician.agency_id)
        assert told.detail == {"username": clinician.username, "limit": "account_there"}
        self.guess(signs_in, 12, username="what was typed here")
        latest = throttled.first()
        assert (latest.subject, latest.detail) == ("an unknown account", {"limit": "account_there"})
        assert throttled.count() == 2

    def test_after_five_minutes_the_right_password_works_again(self, client, signs_in):
        now = timezone.now()
        with time_machine.travel(now, tick=False):
            self.guess(signs_in, 10)
            assert signs_in().status_code == 429
        with time_machine.travel(now + datetime.timedelta(minutes=5, seconds=1), tick=False):
            assert signs_in().status_code == 302
        assert is_signed_in(client)

    def test_refused_tries_do_not_make_it_longer(self, signs_in):
        now = timezone.now()
        with time_machine.travel(now, tick=False):
            self.guess(signs_in, 10)
        with time_machine.travel(now + datetime.timedelta(minutes=4), tick=False):
            assert self.guess(signs_in, 20) == [429] * 20
        with time_machine.travel(now + datetime.timedelta(minutes=5, seconds=1), tick=False):
            assert signs_in().status_code == 302

    def test_a_colleague_at_the_same_address_gets_in(self, signs_in, colleague):
        colleague.set_password(PASSWORD)
        colleague.save()
        self.guess(signs_in, 11)
        assert signs_in(username="colleague").status_code == 302

    def test_one_address_may_not_try_everybody(self, signs_in, hashed):
        assert self.guess(signs_in, 10, username="") == [200] * 10, "an empty form counts for nothing"
        for number in range(60):
            signs_in(username=f"name{number}")
        assert len(hashed) == 60
        assert signs_in()["Retry-After"] == "300"
        assert signs_in(address="198.51.100.7").status_code == 302

    def test_from_many_addresses_one_account_is_not_tried_without_end(self, signs_in, hashed):
        for number in range(40):
            signs_in(password=WRONG, address=f"198.51.100.{number}")
        assert len(hashed) == 30
        assert signs_in(address="203.0.113.9").status_code == 429

    def test_but_its_owner_still_gets_in_from_where_they_always_do(self, signs_in):
        assert signs_in(browser=Client()).status_code == 302
        for number in range(40):
            signs_in(password=WRONG, address=f"198.51.100.{number}", browser=Client())
        assert signs_in(browser=Client()).status_code == 302

    def test_a_right_password_is_no_guess(self, signs_in):
        assert [signs_in(browser=Client()).status_code for _ in range(15)] == [302] * 15

    def test_upper_and_lower_case_are_one_account(self, signs_in):
        self.guess(signs_in, 10)
        assert signs_in(username=" CLINICIAN ").status_code == 429

    def test_asking_again_for_the_password_counts_too(self, client, signs_in):
        signs_in()
        answers = [
            client.post("/accounts/reauthenticate/", {"password": WRONG}, REMOTE_ADDR="192.0.2.1").status_code
            for _ in range(11)
        ]
        assert answers == [200] * 10 + [429]

    def test_many_visits_of_the_page_alone_are_no_tries(self, client, signs_in):
        assert {client.get("/accounts/login/").status_code for _ in range(130)} == {200}
        assert signs_in().status_code == 302


class TestPasswords:
    def test_they_are_hashed_with_argon2(self):
        from ips import settings

        assert settings.PASSWORD_HASHERS[0].endswith(Argon2PasswordHasher.__name__)

    @pytest.mark.parametrize(
        "password",
        [
            "fourteen chars",
            "passwordpassword",
            "Password Password Password!",
            "p@$$w0rdp@$$w0rd",
            "aaaaaaaaaaaaaaaaaaaa",
            "abcabcabcabcabcabc",
            "123456789012345678",
            "1q2w3e4r5t6y7u8i9o0p",
            "qwertyuiopasdfghjkl",
            "zxcvbnm,./zxcvbnm,./",
            "Northfield Invented Services 2026",
            "IPS CANS Illinois 2026!",
            "Intensive Placement Stabilization",
            "WelcomeSpring2026!!",
            "correct horse battery staple",
            "Cleo Clinician 1234",
            "fosterfamily2025chicago",
        ],
    )
    def test_what_is_tried_first_is_refused(self, clinician, password):
        with pytest.raises(ValidationError):
            validate_password(password, clinician)

    @pytest.mark.parametrize(
        "password",
        [
            "the heron waits by the weir",
            "nine lanterns under granite",
            "zaun laterne kiesel mohn",
            "4711 teapots go sideways",
            "purple monkey dishwasher gravel",
        ],
    )
    def test_a_few_words_of_ones_own_need_no_capitals_and_no_figures(self, clinician, password):
        validate_password(password, clinician)

    def test_the_sentence_says_what_to_choose(self):
        with pytest.raises(ValidationError, match="Choose four or more words"):
            OwnWordsValidator().validate("passwordpassword")

    def test_a_password_that_is_made_for_somebody_passes_and_is_never_the_same(self, clinician):
        made = {new_password() for _ in range(50)}
        assert len(made) == 50
        for password in made:
            validate_password(password, clinician)
            assert len(set(password) - {"-"}) >= 10, "few letters, often repeated, would be refused"


class TestChange:
    NEW = "nine lanterns under granite"

    def change(self, client, **more):
        fields = {"oldpassword": PASSWORD, "password1": self.NEW, "password2": self.NEW}
        return client.post("/accounts/password/change/", fields | more)

    def test_it_ends_the_other_sessions_and_keeps_this_one(self, client, signs_in):
        other = Client()
        signs_in(browser=other)
        signs_in()
        assert self.change(client)["Location"] == "/staff/me/"
        assert Session.objects.count() == 1
        assert client.get("/staff/me/").status_code == 200
        assert other.get("/staff/me/")["Location"] == "/accounts/login/?next=/staff/me/"

    @pytest.mark.parametrize(
        ("wrong", "sentence"),
        [
            ({"oldpassword": WRONG}, "Please type your current password."),
            ({"password2": "nine lanterns"}, "You must type the same password each time."),
            ({"password1": "passwordpassword", "password2": "passwordpassword"}, "are tried first"),
        ],
    )
    def test_what_is_wrong_is_said_and_nothing_changes(self, client, signs_in, clinician, wrong, sentence):
        signs_in()
        assert sentence in self.change(client, **wrong).content.decode()
        clinician.refresh_from_db()
        assert clinician.check_password(PASSWORD)

    def test_a_password_that_somebody_else_made_up_opens_only_this_page(self, client, signs_in, clinician):
        clinician.must_change_password = True
        clinician.save()
        signs_in(next="/cases/")
        for path in ("/", "/cases/", "/staff/me/", "/accounts/second-factor/", "/accounts/reauthenticate/"):
            assert client.get(path)["Location"] == "/accounts/password/change/", path
        page = client.get("/accounts/password/change/").content.decode()
        assert "Choose one that only you know" in page
        assert 'aria-label="Main"' not in page
        self.change(client)
        assert client.get("/cases/").status_code == 200

    def test_whoever_has_no_password_here_finds_no_such_page(self, client):
        person = factories.make_person("clinician")
        person.set_unusable_password()
        person.save()
        client.force_login(person)
        assert client.get("/accounts/password/change/").status_code == 404
        assert "/accounts/password/change/" not in client.get("/staff/me/").content.decode()
