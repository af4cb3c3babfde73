"""What a script of the page is told of the sign-in: how long it lasts, and that it is over."""

import pytest
from django.shortcuts import redirect
from django.test import Client

from audit.models import Event
from ips.middleware import ScriptMiddleware
from staff import sessions
from staff.models import Session

from .conftest import at

SESSION = "/accounts/session/"
JSON = {"Accept": "application/json"}
IDLE, LAST = 15 * 60, 12 * 60 * 60


def ask(client, path=SESSION):
    return client.get(path, headers=JSON)


def test_it_says_who_and_how_long(signed_in, clinician):
    with at(seconds=30):
        answer = ask(signed_in)
    assert answer.status_code == 200
    assert answer["Cache-Control"] == "no-store"
    told = answer.json()
    assert (told["person"], told["idle"], told["left"]) == (clinician.pk, IDLE - 30, LAST - 30)
    assert len(told["csrf"]) == 64


@pytest.mark.parametrize("seconds", [0, 1, 59, 60, 61, 599, 899])
def test_what_it_says_is_kept_and_not_a_second_more(signed_in, seconds):
    with at(seconds=seconds):
        idle = ask(signed_in).json()["idle"]
    assert IDLE - sessions.WRITTEN_EVERY < idle <= IDLE
    with at(seconds=seconds + idle):
        assert ask(signed_in).status_code == 401


@pytest.mark.parametrize("seconds", [0, 59, 60, 899])
def test_until_then_it_lasts(signed_in, seconds):
    with at(seconds=seconds):
        idle = ask(signed_in).json()["idle"]
    with at(seconds=seconds + idle - 1):
        assert ask(signed_in).status_code == 200


def test_a_page_says_the_same(signed_in, clinician):
    with at(seconds=45):
        page = signed_in.get("/help/").content.decode()
    assert f'data-person="{clinician.pk}" data-idle="{IDLE - 45}" data-left="{LAST - 45}"' in page
    assert 'data-renewed="840"' in page


def test_any_answer_renews_it_for_as_long_as_the_pages_believe(signed_in):
    with at(seconds=59):
        assert signed_in.get("/help/").status_code == 200
    with at(seconds=59 + 840):
        assert ask(signed_in).status_code == 200


def test_pages_without_a_person_say_nothing(client, db):
    assert "js/session.js" not in client.get("/accounts/login/").content.decode()


def test_nor_do_pages_on_the_way_in_and_errors(signs_in, client, app, required, signed_in, clinician):
    with at():
        assert "js/session.js" not in signed_in.get("/accounts/second-factor/again/").content.decode()
        assert "js/session.js" not in signed_in.get("/nothing/").content.decode()


@pytest.mark.parametrize(
    ("method", "headers"), [("get", JSON), ("post", JSON), ("patch", {}), ("patch", JSON)]
)
@pytest.mark.parametrize("path", [SESSION, "/staff/me/", "/cases/"])
def test_nobody_is_told_so_and_not_led_elsewhere(client, db, method, headers, path):
    answer = getattr(client, method)(path, headers=headers)
    assert answer.status_code == 401
    assert answer.json() == {"problem": "You are signed out."}
    (denial,) = Event.objects.filter(kind="denial")
    assert (denial.action, denial.subject, denial.actor_label) == ("denied", path[1:], "nobody signed in")
    assert denial.detail == {"method": method.upper(), "status": 401}


def test_a_browser_takes_anything_and_is_led_to_the_page(client, db):
    answer = client.get(SESSION, headers={"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"})
    assert answer.status_code == 302


@pytest.mark.parametrize(
    ("stamp", "why"), [(sessions.SEEN, sessions.IDLE), (sessions.BEGAN, sessions.TOO_LONG)]
)
def test_why_it_ended_stands_on_the_sign_in_page(signed_in, stamp, why):
    kept = signed_in.session
    kept[stamp] -= LAST
    kept.save()
    with at(minutes=1):
        assert signed_in.patch("/cans/1/ratings/").status_code == 401
        page = signed_in.get(signed_in.get("/accounts/signed-in/")["Location"]).content.decode()
    assert why in page
    assert sessions.UNSAVED.strip() not in page


def test_so_does_that_its_row_is_gone(signed_in):
    Session.objects.all().delete()
    with at(minutes=1):
        assert ask(signed_in).status_code == 401
        assert sessions.OVER in signed_in.get("/accounts/login/").content.decode()


def test_somebody_disabled_is_told(signed_in, clinician):
    clinician.is_active = False
    clinician.save()
    with at(minutes=1):
        assert ask(signed_in).status_code == 401


def test_half_a_sign_in_is_none(client, clinician, required):
    client.force_login(clinician)
    answer = ask(client)
    assert answer.status_code == 401
    assert answer.json() == {"problem": "The sign-in is not finished."}
    assert client.get("/accounts/signed-in/").status_code == 302


def test_a_redirect_to_anywhere_else_is_left_alone(rf):
    answer = ScriptMiddleware(lambda request: redirect("/cases/"))(rf.patch("/cans/1/ratings/"))
    assert (answer.status_code, answer["Location"]) == (302, "/cases/")


# --- a page from before the person signed in again ----------------------------------------------------


@pytest.fixture
def strict(clinician):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(clinician)
    return browser


def test_a_script_is_told_why(strict, clinician):
    answer = strict.patch("/staff/me/")
    assert answer.status_code == 403
    assert answer.json()["reason"] == "csrf"
    assert answer.json()["problem"] == "This page was opened before you last signed in."
    assert Event.objects.get(kind="denial").actor_label == clinician.name


def test_a_person_is_too(strict):
    answer = strict.post("/staff/cover/", {"reason": "typed"})
    assert answer.status_code == 403
    assert "Its page was opened before you last signed in" in answer.content.decode()


def test_with_the_token_it_is_given_it_goes_on(strict):
    token = ask(strict).json()["csrf"]
    assert strict.patch("/staff/me/", headers={"X-CSRFToken": token}).status_code == 405
