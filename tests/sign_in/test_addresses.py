"""Every address about one's own sign-in: what each answers to whom, and which ones there are not."""

import pytest
from django.test import Client
from django.urls import get_resolver

from tests.forms_world import _walk

# GET: nobody signed in; somebody signed in; somebody signed in who has an authenticator app.
ADDRESSES = """
accounts/login/                          200 302 302
accounts/logout/                         302 200 200
accounts/session/                        302 200 200
accounts/signed-in/                      302 200 200
accounts/inactive/                       200 200 200
accounts/reauthenticate/                 302 200 200
accounts/password/change/                302 200 200
accounts/second-factor/                  302 200 200
accounts/second-factor/give/             302 302 302
accounts/second-factor/again/            302 302 200
accounts/second-factor/app/              302 302 302
accounts/second-factor/app/remove/       302 404 302
accounts/second-factor/codes/            302 404 302
accounts/second-factor/codes/new/        302 302 302
accounts/passkeys/                       302 200 200
accounts/passkeys/add/                   302 302 302
accounts/passkeys/again/                 302 302 302
accounts/passkeys/login/                 302 302 302
accounts/passkeys/<int:pk>/rename/       302 302 302
accounts/passkeys/<int:pk>/remove/       302 302 302
accounts/single-sign-on/                 404 404 404
accounts/single-sign-on/answer/          404 404 404
accounts/single-sign-on/cancelled/       200 200 200
"""
ROWS = {pattern: tuple(map(int, codes)) for pattern, *codes in map(str.split, ADDRESSES.strip().splitlines())}
# allauth has them; here an administrator makes accounts, keeps addresses and resets passwords.
ABSENT = [
    "signup/",
    "email/",
    "confirm-email/",
    "confirm-email/key/",
    "password/set/",
    "password/reset/",
    "password/reset/done/",
    "password/reset/key/1-key/",
    "password/reset/key/done/",
    "login/code/",
    "login/code/confirm/",
    "second-factor/codes/download/",
    "2fa/",
    "social/signup/",
    "social/connections/",
    "3rdparty/",
    "3rdparty/signup/",
    "oidc/oidc/login/",
    "single-sign-on/error/",
    "",
]


def test_the_list_is_whole():
    found = {pattern for pattern, _ in _walk(get_resolver().url_patterns) if pattern.startswith("accounts/")}
    assert found == ROWS.keys()


@pytest.mark.parametrize("pattern", ROWS)
def test_what_each_answers(pattern, clinician, app, colleague, required, settings):
    settings.SECOND_FACTOR_REQUIRED = False
    path = "/" + pattern.replace("<int:pk>", "1")
    answers = []
    for person in (None, colleague, clinician):
        browser = Client()
        if person:
            browser.force_login(person)
        answer = browser.get(path)
        answers.append(answer.status_code)
        if person is None and answer.status_code == 302:
            assert answer["Location"].split("?")[0] == "/accounts/login/"
    assert tuple(answers) == ROWS[pattern]


@pytest.mark.parametrize("path", ABSENT)
def test_what_is_not_wanted_is_not_there(client, clinician, path):
    for signed_in in (False, True):
        if signed_in:
            client.force_login(clinician)
        for send in (client.get, client.post):
            assert send(f"/accounts/{path}").status_code == 404


@pytest.mark.parametrize("path", ["login/", "inactive/", "single-sign-on/cancelled/"])
def test_the_way_in_leads_to_nothing_that_is_absent(client, db, path):
    page = client.get(f"/accounts/{path}").content.decode()
    assert "signup" not in page
    assert "reset" not in page.replace("reset your sign-in", "")


def test_no_page_has_a_script_or_a_style_of_its_own(client, clinician, app):
    """The policy would refuse them: what runs is a file, and what looks is a class."""
    client.force_login(clinician)
    client.post("/accounts/reauthenticate/", {"password": "the heron waits by the weir"})
    for path in ("passkeys/add/", "second-factor/", "second-factor/codes/", "second-factor/app/remove/"):
        page = client.get(f"/accounts/{path}")
        body = page.content.decode()
        assert page.status_code == 200
        assert "style=" not in body
        assert "<style" not in body
        assert "onclick" not in body
        for script in body.split("<script")[1:]:
            assert "src=" in script.split(">")[0] or 'type="application/json"' in script.split(">")[0]
