"""Passkeys with Chromium's own virtual authenticator, and a look at every page of the second factor."""

import re
import time

import pytest
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value
from playwright.sync_api import expect

from tests import factories

from .conftest import PASSWORD
from .test_every_page import Reader, look_at

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


@pytest.fixture
def required(settings):
    settings.SECOND_FACTOR_REQUIRED = True


@pytest.fixture
def person(transactional_db):
    return factories.make_person("clinician", name="Cleo Clinician", username="clinician")


@pytest.fixture
def page(open_browser):
    opened = open_browser()
    with_authenticator(opened)
    return opened


def with_authenticator(page):
    """A computer that keeps passkeys and whose owner always shows the right finger."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    made = session.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    return session, made["authenticatorId"]


def give_password(page):
    page.goto("/accounts/login/")
    page.get_by_label("Username").fill("clinician")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()


def sign_out(page):
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in", exact=True)).to_be_visible()


def code():
    return format_hotp_value(hotp_value(SECRET, int(time.time()) // 30))


def has_app(person):
    TOTP.activate(person, SECRET)
    return RecoveryCodes.activate(person)


def add_passkey(page, name="My laptop"):
    page.goto("/accounts/passkeys/add/")
    page.get_by_label("Name").fill(name)
    page.get_by_role("button", name="Add the passkey").click()


def test_a_passkey_is_made_at_the_first_sign_in_and_then_opens_alone(page, person, required):
    heard = Reader(page)
    give_password(page)
    expect(page.get_by_role("heading", name="Second factor")).to_be_visible()
    page.get_by_role("link", name="Add a passkey").click()
    page.get_by_role("button", name="Add the passkey").click()
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()
    assert look_at(page) == []
    assert page.locator(".codes li").count() == 10
    page.get_by_role("link", name="I have kept them").click()
    expect(page.get_by_role("navigation", name="Main")).to_be_visible()

    sign_out(page)
    page.goto("/accounts/login/")
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_role("navigation", name="Main")).to_be_visible()
    assert heard.said == []


def test_a_passkey_as_the_second_factor_and_to_confirm_who_one_is(page, person, required):
    has_app(person)
    give_password(page)
    page.get_by_label("Code").fill(code())
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("navigation", name="Main")).to_be_visible()
    add_passkey(page)
    expect(page.get_by_role("heading", name="Second factor")).to_be_visible()

    sign_out(page)
    give_password(page)
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_role("navigation", name="Main")).to_be_visible()
    page.goto("/accounts/passkeys/again/?next=/staff/me/")
    page.get_by_role("button", name="Use a passkey").click()
    expect(page).to_have_url(re.compile("/staff/me/$"))


def test_where_the_browser_has_no_passkey_it_says_so_and_the_code_still_works(open_browser, person, required):
    codes = has_app(person)
    page = open_browser()
    session, made = with_authenticator(page)
    give_password(page)
    assert page.get_by_role("button", name="Use a passkey").count() == 0
    page.get_by_label("Code").fill(codes.get_unused_codes()[0])
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("navigation", name="Main")).to_be_visible()
    add_passkey(page)
    sign_out(page)

    session.send("WebAuthn.clearCredentials", {"authenticatorId": made})
    give_password(page)
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_role("alert")).to_contain_text("The passkey was not used")
    assert look_at(page) == []
    page.get_by_label("Code").fill(code())
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("navigation", name="Main")).to_be_visible()


def test_without_scripts_the_code_is_there_and_the_passkey_is_not(open_browser, person, required):
    has_app(person)
    page = open_browser(java_script_enabled=False)
    give_password(page)
    assert page.get_by_role("button", name="Use a passkey").count() == 0
    page.get_by_label("Code").fill(code())
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("navigation", name="Main")).to_be_visible()


@pytest.mark.closely
def test_every_page_of_the_second_factor(page, person, required):
    reader = Reader(page)
    give_password(page)
    wrong = reader.read("/accounts/second-factor/")
    wrong += reader.read("/accounts/second-factor/app/")
    page.get_by_label("Authenticator code").fill("0000000")  # never right: six digits might be
    page.get_by_role("button", name="Set it up").click()
    expect(page.get_by_role("heading", name="Please check")).to_be_visible()
    wrong += look_at(page)

    codes = has_app(person)
    page.context.clear_cookies()
    give_password(page)
    wrong += look_at(page)
    page.get_by_label("Code").fill(codes.get_unused_codes()[0])
    page.get_by_role("button", name="Sign in", exact=True).click()
    add_passkey(page)
    expect(page.get_by_role("heading", name="Second factor")).to_be_visible()
    key = person.authenticator_set.get(type="webauthn").pk
    for path in (
        "second-factor/",
        "second-factor/again/",
        "second-factor/app/remove/",
        "second-factor/codes/",
        "second-factor/codes/new/",
        "passkeys/",
        "passkeys/add/",
        "passkeys/again/",
        f"passkeys/{key}/rename/",
        f"passkeys/{key}/remove/",
        "password/change/",
        "reauthenticate/",
    ):
        wrong += reader.read(f"/accounts/{path}")
    person.authenticator_set.filter(type="totp").delete()
    page.goto(f"/accounts/passkeys/{key}/remove/")
    page.get_by_role("button", name="Remove the passkey").click()
    expect(page.get_by_role("alert")).to_contain_text("Add another before you remove it.")
    wrong += look_at(page)
    assert wrong == []


def test_the_pages_of_those_who_do_not_get_in(open_browser, person, settings):
    page = open_browser()
    wrong = []
    settings.OIDC_ISSUER, settings.OIDC_NAME = "http://localhost:9", "the state directory"
    page.goto("/accounts/login/")
    wrong += look_at(page)
    page.goto("/accounts/single-sign-on/")
    expect(page.get_by_role("heading", name="You were not signed in")).to_be_visible()
    wrong += look_at(page)
    for _ in range(11):
        page.goto("/accounts/login/")
        page.get_by_label("Username").fill("clinician")
        page.get_by_label("Password").fill("not their password")
        page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("heading", name="Too many tries")).to_be_visible()
    wrong += look_at(page)
    assert wrong == []
