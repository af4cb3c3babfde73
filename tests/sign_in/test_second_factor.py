"""With SECOND_FACTOR_REQUIRED: nobody gets past the sign-in without one."""

import datetime
import json
import re

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from cryptography.fernet import InvalidToken
from django.core.management import call_command
from django.test import Client
from django.urls import get_resolver
from django.utils import timezone

from audit.models import Event
from reports.export import FORMATS
from staff.models import Role, Session, User
from tests import factories
from tests.forms_world import _walk

from .conftest import PASSWORD, WRONG_CODE, App, code_of, is_signed_in

HOME, SET_UP, GIVE = "/", "/accounts/second-factor/", "/accounts/second-factor/again/"
APP, CODES = "/accounts/second-factor/app/", "/accounts/second-factor/codes/"
PARAMETER = re.compile(r"<(?:int|slug|str):\w+>")


ANSWER = {
    "id": "AA",
    "rawId": "AA",
    "type": "public-key",
    "clientExtensionResults": {},
    "response": {
        "clientDataJSON": "e30",
        "attestationObject": "AAAA",
        "authenticatorData": "AAAA",
        "signature": "AA",
        "userHandle": "MQ",
    },
}
ILL_MADE = [
    "",
    "{",
    "[]",
    "{}",
    '"x"',
    "null",
    "[" * 100_000,
    "1" * 5_000,
    *(
        json.dumps(one)
        for one in [
            {"id": 3},
            {"response": 7},
            ANSWER,
            ANSWER | {"rawId": "!"},
            ANSWER | {"id": None},
            ANSWER | {"response": []},
            ANSWER | {"response": ANSWER["response"] | {"userHandle": None}},
            ANSWER | {"response": ANSWER["response"] | {"userHandle": "_____w"}},
            ANSWER | {"response": ANSWER["response"] | {"clientDataJSON": "AAAA"}},
            ANSWER | {"response": ANSWER["response"] | {"authenticatorData": "A" * 60}},
        ]
    ),
]


def every_address():
    return ["/" + PARAMETER.sub("1", pattern) for pattern, _ in _walk(get_resolver().url_patterns)]


def secret_on(page):
    return re.search(r'class="secret">(\w+)<', page.content.decode())[1]


# Nobody signs in there: it is opened by its secret, and without one it is not there.
BY_SECRET = "/calendar/1.ics"


def reachable(client):
    """What does not lead back to the step that is owed."""
    found = set()
    for path in every_address():
        for method in (client.get, client.post):
            answer = method(path) if path != "/accounts/logout/" else client.get(path)
            if not (answer.status_code == 302 and answer["Location"] in {SET_UP, GIVE}):
                found.add(path)
    return found


class TestSetUp:
    """Somebody who has signed in with a password and has no second factor."""

    def test_they_are_led_to_it_and_reach_nothing_else(self, client, signs_in, required):
        signs_in()
        assert client.get("/cases/")["Location"] == SET_UP
        assert reachable(client) == {
            SET_UP,
            APP,
            "/accounts/passkeys/add/",
            "/accounts/reauthenticate/",
            "/accounts/logout/",
            BY_SECRET,
        }

    def test_the_pages_do_not_offer_what_is_shut(self, client, signs_in, required):
        signs_in()
        page = client.get(SET_UP).content.decode()
        assert 'aria-label="Main"' not in page
        assert "Set up one of these two" in page

    def test_an_app_opens_the_rest_and_recovery_codes_are_shown_once(self, client, signs_in, required):
        signs_in()
        page = client.get(APP)
        assert "<svg" in page.content.decode()
        answer = client.post(APP, {"code": code_of(secret_on(page))})
        assert answer["Location"] == CODES
        codes = re.findall(r"<code>(\d{8})</code>", client.get(CODES).content.decode())
        assert len(codes) == 10
        assert client.get("/cases/").status_code == 200
        again = client.get(CODES).content.decode()
        assert "are not shown again" in again
        assert codes[0] not in again

    def test_a_wrong_code_sets_nothing_up(self, client, signs_in, required):
        signs_in()
        client.get(APP)
        assert "This code is not right" in client.post(APP, {"code": WRONG_CODE}).content.decode()
        assert not Authenticator.objects.exists()

    def test_another_session_with_the_password_alone_gains_nothing_by_it(self, client, signs_in, required):
        """Who knew the password before stays outside when its owner sets up a second factor."""
        thief = Client()
        signs_in(browser=thief)
        assert thief.get(APP).status_code == 200
        signs_in()
        client.post(APP, {"code": code_of(secret_on(client.get(APP)))})
        assert client.get("/cases/").status_code == 200
        assert thief.get("/cases/")["Location"] == GIVE
        assert reachable(thief) == {GIVE, "/accounts/logout/", BY_SECRET}

    def test_the_first_people_of_an_installation_come_in_the_same_way(
        self, client, required, monkeypatch, db
    ):
        monkeypatch.setenv("PASSWORD", PASSWORD)
        call_command(
            "add_person",
            "first",
            name="Fia First",
            email="fia@agency.example",
            role="administrator",
            agency="Northfield Invented",
            new_agency=True,
        )
        assert User.objects.get(username="first").email == "fia@agency.example"
        client.post("/accounts/login/", {"login": "first", "password": PASSWORD})
        assert client.get("/")["Location"] == SET_UP
        client.post(APP, {"code": code_of(secret_on(client.get(APP)))})
        assert client.get("/").status_code == 200


class TestGive:
    """Somebody who has one."""

    PAGE = "/accounts/second-factor/give/"

    def test_the_password_alone_is_half_a_sign_in(self, client, signs_in, app, required):
        assert signs_in(next="/cases/")["Location"] == self.PAGE
        assert not is_signed_in(client)
        assert client.get("/cases/")["Location"] == "/accounts/login/?next=/cases/"
        answer = client.post(self.PAGE, {"code": app.code()})
        assert answer["Location"] == "/cases/"
        assert client.get("/cases/").status_code == 200

    @pytest.mark.parametrize("fields", [{"code": WRONG_CODE}, {"credential": json.dumps(ANSWER)}])
    def test_a_wrong_one_is_on_record(self, fields, client, signs_in, app, knows_password):
        signs_in()
        client.post(self.PAGE, fields)
        failed = Event.objects.filter(action="sign_in.second_factor").values_list("kind", "chain", "subject")
        assert list(failed) == [("denial", knows_password.agency_id, f"person {knows_password.pk}")]

    def test_a_code_works_once(self, client, signs_in, app):
        with time_machine.travel(timezone.now(), tick=False):
            code = app.code()
            signs_in()
            assert client.post(self.PAGE, {"code": code}).status_code == 302
            second = Client()
            signs_in(browser=second)
            assert "it was used already" in second.post(self.PAGE, {"code": code}).content.decode()
        assert not is_signed_in(second)

    def test_not_even_while_a_slow_clock_would_still_take_it(self, client, signs_in, app):
        now = timezone.now()
        with time_machine.travel(now, tick=False):
            code = app.code()
            signs_in()
            assert client.post(self.PAGE, {"code": code}).status_code == 302
        with time_machine.travel(now + datetime.timedelta(seconds=31), tick=False):
            second = Client()
            signs_in(browser=second)
            assert second.post(self.PAGE, {"code": code}).status_code == 200
            assert client.post(GIVE, {"code": code}).status_code == 200

    def test_a_code_of_half_a_minute_ago_is_taken_and_an_older_one_is_not(self, client, signs_in, app):
        now = timezone.now()
        signs_in()
        with time_machine.travel(now - datetime.timedelta(seconds=61), tick=False):
            older = app.code()
        with time_machine.travel(now - datetime.timedelta(seconds=30), tick=False):
            newer = app.code()
        with time_machine.travel(now, tick=False):
            assert client.post(self.PAGE, {"code": older}).status_code == 200
            assert client.post(self.PAGE, {"code": newer}).status_code == 302

    def test_a_recovery_code_works_once(self, client, signs_in, app):
        signs_in()
        client.post(self.PAGE, {"code": app.recovery_codes[3]})
        assert is_signed_in(client)
        second = Client()
        signs_in(browser=second)
        assert second.post(self.PAGE, {"code": app.recovery_codes[3]}).status_code == 200
        assert second.post(self.PAGE, {"code": app.recovery_codes[4]}).status_code == 302

    def test_codes_cannot_be_guessed_without_end(self, client, signs_in, app):
        now = timezone.now()
        with time_machine.travel(now, tick=False):
            signs_in()
            for _ in range(10):
                client.post(self.PAGE, {"code": WRONG_CODE})
            assert "wrong too often" in client.post(self.PAGE, {"code": app.code()}).content.decode()
        with time_machine.travel(now + datetime.timedelta(minutes=6), tick=False):
            assert client.post(self.PAGE, {"code": app.code()}).status_code == 302

    def test_whoever_was_disabled_meanwhile_does_not_get_in(self, client, signs_in, app, clinician):
        signs_in()
        clinician.is_active = False
        clinician.save()
        client.post(self.PAGE, {"code": app.code()})
        assert client.get("/cases/").status_code == 302

    def test_a_person_without_a_half_sign_in_is_sent_to_the_beginning(self, client, db):
        assert client.get(self.PAGE)["Location"] == "/accounts/login/"

    @pytest.mark.parametrize("sent", ILL_MADE)
    def test_what_is_no_passkey_is_refused_without_a_crash(self, client, signs_in, app, sent):
        signs_in()
        stranger = Client()
        client.get(self.PAGE)
        stranger.get("/accounts/passkeys/login/", headers={"accept": "application/json"})
        assert client.post(self.PAGE, {"credential": sent}).status_code == 200
        assert stranger.post("/accounts/passkeys/login/", {"credential": sent}).status_code == 302
        assert not is_signed_in(client)
        assert not is_signed_in(stranger)

    @pytest.mark.parametrize("sent", ILL_MADE)
    def test_nor_is_it_kept_as_one(self, client, clinician, sent):
        client.force_login(clinician)
        client.post("/accounts/reauthenticate/", {"password": "a password for tests"})
        client.get("/accounts/passkeys/add/")
        page = client.post("/accounts/passkeys/add/", {"name": "Mine", "credential": sent})
        assert "The passkey was not added" in page.content.decode()
        assert not Authenticator.objects.exists()


class TestKeep:
    @pytest.fixture
    def signed_in(self, client, signs_in, app, required):
        signs_in()
        client.post(TestGive.PAGE, {"code": app.code()})
        return client

    def test_the_only_one_cannot_be_removed_while_one_is_required(self, signed_in, app):
        page = signed_in.get(APP + "remove/").content.decode()
        assert "Add another before you remove it." in page
        signed_in.post(APP + "remove/")
        app.row.refresh_from_db()

    def test_nor_the_only_passkey(self, signed_in, app, clinician):
        app.row.delete()
        key = Authenticator.objects.create(user=clinician, type="webauthn", data={"name": "Mine"})
        answer = signed_in.post(f"/accounts/passkeys/{key.pk}/remove/")
        assert "Add another before you remove it." in answer.content.decode()
        key.refresh_from_db()

    def test_one_of_two_can(self, signed_in, app, clinician):
        Authenticator.objects.create(user=clinician, type="webauthn", data={"name": "Mine"})
        assert signed_in.post(APP + "remove/").status_code == 302
        assert not Authenticator.objects.filter(pk=app.row.pk).exists()

    def test_a_passkey_of_somebody_else_is_not_there(self, signed_in, colleague):
        key = Authenticator.objects.create(user=colleague, type="webauthn", data={"name": "Theirs"})
        for act in ("rename", "remove"):
            assert signed_in.get(f"/accounts/passkeys/{key.pk}/{act}/").status_code == 404
            assert signed_in.post(f"/accounts/passkeys/{key.pk}/{act}/", {"name": "x"}).status_code == 404
        key.refresh_from_db()

    def test_new_recovery_codes_replace_the_old_ones(self, signed_in, app, client, signs_in):
        signed_in.post(CODES + "new/")
        other = Client()
        signs_in(browser=other)
        assert other.post(TestGive.PAGE, {"code": app.recovery_codes[0]}).status_code == 200

    def test_a_passkey_is_renamed(self, signed_in, clinician):
        key = Authenticator.objects.create(user=clinician, type="webauthn", data={"name": "Mine"})
        signed_in.post(f"/accounts/passkeys/{key.pk}/rename/", {"name": "Blue security key"})
        assert "Blue security key" in signed_in.get("/accounts/passkeys/").content.decode()

    def test_five_minutes_later_one_is_asked_again_who_one_is(self, signed_in):
        with time_machine.travel(timezone.now() + datetime.timedelta(minutes=6)):
            assert signed_in.get(CODES + "new/")["Location"].startswith("/accounts/reauthenticate/?next=")
            signed_in.post("/accounts/reauthenticate/", {"password": PASSWORD})
            assert signed_in.get(CODES + "new/").status_code == 200


class TestAtRest:
    def test_neither_the_apps_secret_nor_the_codes_are_in_the_database(self, app):
        stored = json.dumps(list(Authenticator.objects.values_list("data", flat=True)))
        assert app.secret not in stored
        assert not any(code in stored for code in app.recovery_codes)
        assert Authenticator.objects.get(type="recovery_codes").wrap().generate_codes() == app.recovery_codes

    def test_an_older_key_still_opens_and_a_foreign_one_does_not(self, app, settings):
        former = settings.SECOND_FACTOR_KEYS
        settings.SECOND_FACTOR_KEYS = ["another", *former]
        assert app.row.wrap().validate_code(app.code())
        settings.SECOND_FACTOR_KEYS = ["another"]
        with pytest.raises(InvalidToken):
            app.row.wrap().validate_code(app.code())


class TestReset:
    """Somebody has lost the phone and the codes."""

    @pytest.fixture
    def page(self, clinician):
        return f"/staff/{clinician.pk}/reset-sign-in/"

    def test_all_is_gone_and_the_new_password_opens_one_page(
        self, client, signs_in, app, administrator, clinician, page, required
    ):
        signs_in()
        client.post(TestGive.PAGE, {"code": app.code()})
        keeper = signed_in_as(administrator)
        assert Session.objects.filter(person=clinician).exists()
        assert f"Reset the sign-in of {clinician}" in keeper.get(page).content.decode()
        shown = keeper.get(keeper.post(page)["Location"]).content.decode()
        password = re.search(r"\b(?:[a-z]{5}-){3}[a-z]{5}\b", shown)[0]
        assert password not in keeper.get(f"/staff/{clinician.pk}/").content.decode()

        assert not Session.objects.filter(person=clinician).exists()
        assert client.get("/cases/").status_code == 302
        assert not Authenticator.objects.filter(user=clinician).exists()
        assert signs_in().status_code == 200, "the former password"
        signs_in(password=password)
        assert client.get("/cases/")["Location"] == "/accounts/password/change/"

        event = Event.objects.get(action="sign_in.reset")
        assert (event.actor_number, event.subject) == (administrator.pk, f"person {clinician.pk}")
        assert event.detail == {"second_factors": 1}

    def test_nobody_resets_their_own(self, administrator, required):
        keeper = signed_in_as(administrator)
        assert keeper.get(f"/staff/{administrator.pk}/reset-sign-in/").status_code == 404

    def test_the_administrator_of_another_agency_finds_nobody(self, page, app, required):
        elsewhere = factories.make_person("administrator")
        assert signed_in_as(elsewhere).post(page).status_code == 404
        app.row.refresh_from_db()

    @pytest.mark.parametrize("role", ["supervisor", "colleague", "coordinator"])
    def test_nor_does_it_anybody_else(self, request, page, app, role, required):
        assert signed_in_as(request.getfixturevalue(role)).post(page).status_code == 403
        app.row.refresh_from_db()


def signed_in_as(person):
    """By password and code, so that the second factor and the step-up have nothing to ask."""
    person.set_password(PASSWORD)
    person.save()
    browser, app = Client(), App(person)
    browser.post("/accounts/login/", {"login": person.username, "password": PASSWORD})
    browser.post(TestGive.PAGE, {"code": app.code()})
    assert is_signed_in(browser)
    return browser


class TestStepUp:
    EXPORT = "/reports/overdue/csv/"

    @pytest.fixture
    def signed_in(self, clinician, required):
        return signed_in_as(clinician)

    def test_right_after_signing_in_nothing_is_asked(self, signed_in):
        assert signed_in.get(self.EXPORT).status_code == 200

    def test_every_format_is_asked_for(self, signed_in):
        with time_machine.travel(timezone.now() + datetime.timedelta(minutes=6), tick=False):
            for one in FORMATS:
                asked = signed_in.get(f"/reports/overdue/{one}/")["Location"]
                assert asked == f"/accounts/reauthenticate/?next=%2Freports%2Foverdue%2F{one}%2F"

    @pytest.mark.parametrize("act", ["change", "line", "enable", "role", "reset-sign-in"])
    def test_so_is_whatever_decides_who_gets_in_and_whom_they_answer_to(
        self, act, administrator, clinician, required
    ):
        if act == "enable":
            User.objects.filter(pk=clinician.pk).update(is_active=False)
        browser, page = signed_in_as(administrator), f"/staff/{clinician.pk}/{act}/"
        assert browser.get(page).status_code == 200
        with time_machine.travel(timezone.now() + datetime.timedelta(minutes=6), tick=False):
            assert browser.get(page)["Location"].startswith("/accounts/reauthenticate/?next=")

    @pytest.mark.parametrize("page", ["/import/", "/reports/doubt/upload/", "/reports/doubt/csv/"])
    def test_and_whatever_is_taken_in_or_out_by_the_file(self, page, coordinator, required):
        browser = signed_in_as(coordinator)
        assert browser.get(page).status_code == 200
        with time_machine.travel(timezone.now() + datetime.timedelta(minutes=6), tick=False):
            assert browser.get(page)["Location"].startswith("/accounts/reauthenticate/?next=")

    def test_later_it_is_and_leads_back(self, signed_in):
        now = timezone.now()
        with time_machine.travel(now + datetime.timedelta(minutes=6), tick=False):
            asked = signed_in.get(self.EXPORT + "?show=missed")["Location"]
            assert asked == "/accounts/reauthenticate/?next=%2Freports%2Foverdue%2Fcsv%2F%3Fshow%3Dmissed"
            answer = signed_in.post(asked, {"password": PASSWORD, "next": self.EXPORT + "?show=missed"})
            assert answer["Location"] == self.EXPORT + "?show=missed"
        with time_machine.travel(now + datetime.timedelta(minutes=10, seconds=30), tick=False):
            assert signed_in.get(self.EXPORT).status_code == 200
        with time_machine.travel(now + datetime.timedelta(minutes=11, seconds=1), tick=False):
            assert signed_in.get(self.EXPORT).status_code == 302

    def test_the_wrong_role_is_refused_before_anything_is_asked(self, administrator, required):
        browser = signed_in_as(administrator)
        with time_machine.travel(timezone.now() + datetime.timedelta(minutes=6)):
            assert browser.get(self.EXPORT).status_code == 403

    def test_a_form_that_was_open_too_long_is_kept(self, administrator, clinician, required):
        browser = signed_in_as(administrator)
        page = f"/staff/{clinician.pk}/reset-sign-in/"
        with time_machine.travel(timezone.now() + datetime.timedelta(minutes=6)):
            answer = browser.post(page, {"reason": "<lost> phone", "csrfmiddlewaretoken": "x"})
            shown = answer.content.decode()
        assert answer.status_code == 409
        assert '<input type="hidden" name="reason" value="&lt;lost&gt; phone">' in shown
        assert "/accounts/reauthenticate/?next=%2Fstaff%2Fconfirmed%2F" in shown
        assert not Event.objects.filter(action="sign_in.reset").exists()

    def test_without_the_requirement_nothing_is_asked(self, client, clinician):
        client.force_login(clinician)
        assert client.get(self.EXPORT).status_code == 200


class TestSample:
    LINE = "Sample installation: sign-in without a second factor."

    def test_without_it_every_page_says_so(self, client, clinician):
        assert self.LINE in client.get("/accounts/login/").content.decode()
        client.force_login(clinician)
        assert self.LINE in client.get("/").content.decode()

    def test_with_it_none_does(self, client, required, db):
        assert self.LINE not in client.get("/accounts/login/").content.decode()


def test_every_role_is_asked(client, required, signs_in, db):
    for role in Role.values:
        person = factories.make_coordinator() if role == "coordinator" else factories.make_person(role)
        browser = Client()
        browser.force_login(person)
        assert browser.get(HOME)["Location"] == SET_UP
    root = User.objects.create_superuser("root", password=PASSWORD, name="Invented Root")
    client.force_login(root)
    assert client.get(HOME)["Location"] == SET_UP
