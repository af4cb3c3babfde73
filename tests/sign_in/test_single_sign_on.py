"""Signing in through a directory, against a provider that really speaks OpenID Connect over a socket."""

import copy
import datetime
import time
import warnings
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit, urlunsplit

import pytest
import requests
import time_machine
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.test import Client
from django.utils import timezone

from audit.models import Event
from staff import actions
from staff.single_sign_on import Conversation
from tests import factories

from .conftest import App, is_signed_in

# The mock provider uses what its own libraries call deprecated.
pytestmark = [pytest.mark.filterwarnings("ignore::DeprecationWarning")]
EMAIL = "cleo@agency.example"
START, ANSWER = "/accounts/single-sign-on/", "/accounts/single-sign-on/answer/"


@pytest.fixture(scope="module")
def server():
    with pytest.MonkeyPatch.context() as patch, warnings.catch_warnings(record=True):
        patch.setenv("AUTHLIB_INSECURE_TRANSPORT", "1")
        from oidc_provider_mock import run_server_in_thread

        with run_server_in_thread(require_nonce=True) as running:
            yield f"http://localhost:{running.server_port}"


@pytest.fixture
def issuer(server, settings):
    point_to(settings, server)
    return server


def point_to(settings, address):
    providers = copy.deepcopy(settings.SOCIALACCOUNT_PROVIDERS)
    providers["openid_connect"]["APPS"][0] |= {
        "name": "the state directory",
        "client_id": "ips",
        "secret": "an invented secret",
        "settings": {"server_url": address},
    }
    settings.SOCIALACCOUNT_PROVIDERS = providers
    settings.OIDC_NAME, settings.OIDC_ISSUER = "the state directory", address


@pytest.fixture
def known(clinician):
    clinician.email = EMAIL
    clinician.save()
    return clinician


class Directory:
    def __init__(self, issuer, client):
        self.issuer, self.client = issuer, client

    def knows(self, subject, **claims):
        requests.put(f"{self.issuer}/users/{subject}", json=claims, timeout=5).raise_for_status()

    def ask(self, next_page="/cases/", client=None):
        """To the provider: its address, with the question."""
        return (client or self.client).get(START, {"next": next_page})["Location"]

    def answered(self, question, subject):
        """What the provider sends the browser back with."""
        answer = requests.post(question, data={"sub": subject}, allow_redirects=False, timeout=5)
        return urlsplit(answer.headers["Location"])

    def sign_in(self, subject, next_page="/cases/", client=None):
        back = self.answered(self.ask(next_page, client), subject)
        assert back.path == ANSWER
        return (client or self.client).get(f"{back.path}?{back.query}")


@pytest.fixture
def directory(issuer, client):
    made = Directory(issuer, client)
    made.knows("subject-1", email=EMAIL, email_verified=True, name="Somebody")
    return made


def with_parameter(address, **values):
    parts = urlsplit(address)
    query = dict(parse_qsl(parts.query)) | values
    return urlunsplit(parts._replace(query=urlencode(query)))


def failures():
    """What is on record of sign-ins that failed: of whom, why, in whose chain."""
    events = Event.objects.filter(action="sign_in.failed", kind=Event.Kind.DENIAL)
    return [(event.subject, event.detail["why"], event.chain) for event in events]


class TestSignIn:
    def test_it_leads_to_the_page_that_was_asked_for(self, client, directory, known):
        assert directory.sign_in("subject-1")["Location"] == "/cases/"
        assert client.get("/cases/").status_code == 200
        assert SocialAccount.objects.get().user == known
        assert SocialAccount.objects.get().extra_data == {}
        assert Event.objects.get(action="sign_in.link").actor_number == known.pk

    def test_the_question_carries_state_nonce_and_a_challenge(self, directory, known):
        asked = parse_qs(urlsplit(directory.ask()).query)
        assert asked["code_challenge_method"] == ["S256"]
        assert len(asked["nonce"][0]) >= 32
        assert len(asked["state"][0]) >= 16

    def test_afterwards_the_subject_decides_and_not_the_address(self, client, directory, known):
        directory.sign_in("subject-1")
        known.email = ""
        known.save()
        directory.knows("subject-1", email="new-name@agency.example", email_verified=False)
        again = Client()
        assert directory.sign_in("subject-1", client=again)["Location"] == "/cases/"
        assert is_signed_in(again)

    def test_the_sign_in_page_offers_it_and_keeps_where_one_was_going(self, client, directory, db):
        page = client.get("/accounts/login/?next=/cases/%3Fpage%3D2").content.decode()
        assert "Sign in with the state directory" in page
        assert 'href="/accounts/single-sign-on/?next=/cases/%3Fpage%3D2"' in page

    def test_in_a_window_beside_a_page_it_ends_where_that_page_is_told(self, client, directory, known):
        assert directory.sign_in("subject-1", "/accounts/signed-in/")["Location"] == "/accounts/signed-in/"
        assert client.get("/accounts/signed-in/").status_code == 200

    def test_the_next_page_is_never_another_site(self, directory, known):
        assert directory.sign_in("subject-1", "https://elsewhere.example/")["Location"] == "/"

    def test_where_none_is_configured_it_is_not_there(self, client, db):
        assert client.get(START).status_code == 404
        assert client.get(ANSWER).status_code == 404
        assert "single-sign-on" not in client.get("/accounts/login/").content.decode()


class TestRefused:
    def refused(self, directory, subject="subject-1"):
        answer = directory.sign_in(subject)
        assert answer.status_code == 403
        assert failures() == [("an unknown account", "unknown", 0)]
        assert not is_signed_in(directory.client)
        assert not SocialAccount.objects.filter(uid=subject).exists()
        return answer.content.decode()

    def test_somebody_unknown_is_told_what_to_do_and_gets_no_account(
        self, directory, clinician, django_user_model
    ):
        people = django_user_model.objects.count()
        assert "it fits no account here" in self.refused(directory)
        assert django_user_model.objects.count() == people

    @pytest.mark.parametrize("verified", [False, None, "true", 1])
    def test_an_address_that_is_not_verified_opens_nothing(self, directory, known, verified):
        directory.knows("subject-1", email=EMAIL, email_verified=verified)
        assert "it fits no account here" in self.refused(directory)

    def test_an_address_of_two_accounts_opens_neither(self, directory, known):
        other = factories.make_person("clinician")
        other.email = EMAIL.upper()
        other.is_active = False
        other.save()
        self.refused(directory)

    def test_an_address_that_passed_to_somebody_else_does_not_open_the_account(self, directory, known):
        SocialAccount.objects.create(user=known, provider="oidc", uid="their own subject")
        self.refused(directory)

    def test_no_address_at_all_is_nobodys(self, directory, known):
        known.email = ""
        known.save()
        directory.knows("subject-1", email="", email_verified=True)
        self.refused(directory)

    def test_somebody_who_is_disabled_is_told_so(self, directory, known):
        known.is_active = False
        known.save()
        SocialAccount.objects.create(user=known, provider="oidc", uid="subject-1")
        answer = directory.sign_in("subject-1")
        assert answer.status_code == 403
        assert "your account here is not active" in answer.content.decode()
        assert failures() == [(f"person {known.pk}", "inactive", known.agency_id)]
        assert not is_signed_in(directory.client)

    def test_after_a_reset_the_link_is_gone(self, directory, known, administrator):
        directory.sign_in("subject-1")
        actions.reset_sign_in(known, by=administrator)
        assert not SocialAccount.objects.exists()

    def test_whoever_stops_at_the_provider_is_told_so(self, client, directory, known):
        state = parse_qs(urlsplit(directory.ask()).query)["state"][0]
        answer = client.get(ANSWER, {"error": "access_denied", "state": state}, follow=True)
        assert "You stopped at the state directory." in answer.content.decode()
        assert failures() == []


class TestForged:
    def untrusted(self, client, answer):
        assert answer.status_code == 401
        assert "gave no answer that can be trusted" in answer.content.decode()
        assert failures() == [("an unknown account", "untrusted", 0)]
        assert not is_signed_in(client)

    def test_another_state(self, client, directory, known):
        back = directory.answered(directory.ask(), "subject-1")
        forged = with_parameter(back.geturl(), state="f" * 16)
        self.untrusted(client, client.get(ANSWER + "?" + urlsplit(forged).query))

    def test_no_state(self, client, directory, known):
        back = directory.answered(directory.ask(), "subject-1")
        code = parse_qs(back.query)["code"][0]
        self.untrusted(client, client.get(ANSWER, {"code": code}))

    def test_the_answer_to_another_browsers_question(self, client, directory, known):
        """Somebody sends a link that would sign the reader in as somebody else."""
        back = directory.answered(directory.ask(client=Client()), "subject-1")
        self.untrusted(client, client.get(f"{ANSWER}?{back.query}"))

    def test_an_answer_twice(self, client, directory, known):
        back = directory.answered(directory.ask(), "subject-1")
        client.get(f"{ANSWER}?{back.query}")
        client.post("/accounts/logout/")
        self.untrusted(client, client.get(f"{ANSWER}?{back.query}"))

    def test_another_nonce(self, client, directory, known):
        back = directory.answered(with_parameter(directory.ask(), nonce="somebody else's"), "subject-1")
        self.untrusted(client, client.get(f"{ANSWER}?{back.query}"))

    def test_another_code_challenge(self, client, directory, known):
        """The code was stolen and is offered with a question of the thief's own."""
        stolen = parse_qs(directory.answered(directory.ask(client=Client()), "subject-1").query)["code"][0]
        own = directory.answered(directory.ask(), "subject-1")
        forged = with_parameter(own.geturl(), code=stolen)
        self.untrusted(client, client.get(ANSWER + "?" + urlsplit(forged).query))

    def test_another_audience(self, client, directory, known):
        back = directory.answered(with_parameter(directory.ask(), client_id="another"), "subject-1")
        self.untrusted(client, client.get(f"{ANSWER}?{back.query}"))

    def test_a_code_that_was_made_up(self, client, directory, known):
        state = parse_qs(urlsplit(directory.ask()).query)["state"][0]
        self.untrusted(client, client.get(ANSWER, {"code": "made up", "state": state}))

    def test_a_signature_that_is_not_the_providers(self, client, directory, known, monkeypatch):
        own = requests.Session.request

        def request(self, method, url, **kwargs):
            answer = own(self, method, url, **kwargs)
            if url.endswith("/jwks"):
                key = answer.json()["keys"][0]
                key["n"] = key["n"][:-4] + ("AAAA" if key["n"][-4:] != "AAAA" else "BBBB")
                monkeypatch.setattr(answer, "json", lambda: {"keys": [key]})
            return answer

        back = directory.answered(directory.ask(), "subject-1")
        monkeypatch.setattr(requests.Session, "request", request)
        self.untrusted(client, client.get(f"{ANSWER}?{back.query}"))

    def test_userinfo_about_somebody_else(self, client, directory, known, monkeypatch):
        told = {"sub": "subject-2", "email": EMAIL, "email_verified": True}
        monkeypatch.setattr(Conversation, "_fetch_user_info", lambda self, token: told)
        self.untrusted(client, directory.sign_in("subject-1"))

    def test_an_answer_without_an_id_token(self, client, directory, known, monkeypatch):
        own = Conversation.get_access_token_data

        def without(self, *args, **kwargs):
            return {k: v for k, v in own(self, *args, **kwargs).items() if k != "id_token"}

        monkeypatch.setattr(Conversation, "get_access_token_data", without)
        self.untrusted(client, directory.sign_in("subject-1"))

    def test_a_provider_that_is_out_of_reach(self, client, settings, db):
        point_to(settings, "http://localhost:9")
        self.untrusted(client, client.get(START))

    def test_an_issuer_that_calls_itself_another(self, client, directory, known, settings):
        settings.OIDC_ISSUER = directory.issuer + "/another"
        self.untrusted(client, directory.sign_in("subject-1"))


@pytest.mark.usefixtures("required")
class TestSecondFactor:
    def test_if_the_provider_does_not_speak_of_one_it_is_set_up_here(self, client, directory, known):
        directory.sign_in("subject-1")
        assert client.get("/cases/")["Location"] == "/accounts/second-factor/"

    @pytest.mark.parametrize("claims", [{"amr": ["pwd", "mfa"]}, {"acr": "https://refeds.org/profile/mfa"}])
    def test_if_it_says_that_it_asked_for_one_that_counts(self, client, directory, known, claims, settings):
        settings.OIDC_SECOND_FACTOR_ACR = ["https://refeds.org/profile/mfa"]
        directory.knows("subject-1", email=EMAIL, email_verified=True, **claims)
        directory.sign_in("subject-1")
        assert client.get("/cases/").status_code == 200

    @pytest.mark.parametrize(
        "claims", [{"amr": ["pwd"]}, {"amr": "mfa"}, {"amr": [["mfa"]]}, {"acr": "0"}, {"acr": "mfa"}]
    )
    def test_other_words_do_not(self, client, directory, known, claims):
        directory.knows("subject-1", email=EMAIL, email_verified=True, **claims)
        directory.sign_in("subject-1")
        assert client.get("/cases/").status_code == 302

    def test_whoever_has_one_here_gives_it(self, client, directory, known):
        app = App(known)
        assert directory.sign_in("subject-1")["Location"] == "/accounts/second-factor/give/"
        assert not is_signed_in(client)
        answer = client.post("/accounts/second-factor/give/", {"code": app.code()})
        assert answer["Location"] == "/cases/"

    def test_but_is_not_asked_twice(self, client, directory, known):
        App(known)
        directory.knows("subject-1", email=EMAIL, email_verified=True, amr=["mfa"])
        assert directory.sign_in("subject-1")["Location"] == "/cases/"
        assert client.get("/cases/").status_code == 200

    @pytest.fixture
    def asked_again(self, client, directory, known):
        """Somebody without a password here, who signed in some time ago and wants to export."""
        known.set_unusable_password()
        known.save()
        directory.knows("subject-1", email=EMAIL, email_verified=True, amr=["mfa"])
        directory.sign_in("subject-1")
        assert not Authenticator.objects.exists()
        assert client.get("/reports/overdue/csv/").status_code == 200
        with time_machine.travel(timezone.now() + datetime.timedelta(minutes=6)):
            asked = client.get("/reports/overdue/csv/")["Location"]
        assert asked == START + "?next=%2Freports%2Foverdue%2Fcsv%2F"
        return client.get(asked)["Location"]

    def comes_back(self, client, directory, question, **claims):
        directory.knows("subject-1", email=EMAIL, email_verified=True, amr=["mfa"], **claims)
        back = directory.answered(question, "subject-1")
        return client.get(f"{back.path}?{back.query}")

    def test_without_a_password_the_provider_is_asked_again_before_an_export(
        self, client, directory, asked_again
    ):
        query = parse_qs(urlsplit(asked_again).query)
        assert (query["prompt"], query["max_age"]) == (["login"], ["0"])
        answer = self.comes_back(client, directory, asked_again, auth_time=int(time.time()))
        assert answer["Location"] == "/reports/overdue/csv/"

    @pytest.mark.parametrize("said", [-60, None, "now"])
    def test_and_its_word_is_not_taken_for_a_proof_that_is_old_or_has_no_time(
        self, client, directory, asked_again, said, known
    ):
        """A provider whose own session still lasts answers without asking anybody."""
        times = {-60: int(time.time()) - 60, "now": str(int(time.time()))}
        proofs = client.session["account_authentication_methods"]
        answer = self.comes_back(client, directory, asked_again, auth_time=times.get(said))
        assert answer.status_code == 403
        assert "did not say that you have just done so" in answer.content.decode()
        assert is_signed_in(client)
        assert client.session["account_authentication_methods"] == proofs
        assert failures() == [(f"person {known.pk}", "stale", known.agency_id)]
