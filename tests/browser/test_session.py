"""The end of a sign-in as the page shows it: warned, covered, open again, and nothing typed is lost.

The browser's clock is moved by hand; what the server keeps of the time is moved beside it.
"""

import contextlib
import re
from importlib import import_module

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import expect

from cases.models import Extension
from staff.models import Session
from staff.sessions import BEGAN, SEEN
from tests import factories

from .conftest import NARROW, PASSWORD, WIDE, axe_findings, sideways
from .test_scoring import focused, saved
from .test_sign_in import has_app

WORDS = "The child was ill, and the CANS comes next week."
STORE = import_module(settings.SESSION_ENGINE).SessionStore
QUESTION = "**/accounts/session/"


@pytest.fixture
def form(case, transactional_db):
    return f"/cases/{case.pk}/episodes/{case.episodes.get().pk}/extend/"


@pytest.fixture
def page(clinician, form, open_browser):
    """Somebody has written half a form."""
    page = open_browser(clinician)
    page.clock.install()
    page.goto(form)
    page.get_by_label("Requested on").fill(str(factories.days(0)))
    words(page).fill(WORDS)
    return page


@pytest.fixture
def asked(page):
    """The questions to the server whether the session lasts."""
    questions = []
    page.on("request", lambda one: one.url.endswith("/accounts/session/") and questions.append(one))
    return questions


def words(page):
    return page.locator("textarea[name=reason]")


def warning(page):
    return page.get_by_role("alertdialog")


def cover(page):
    return page.get_by_role("dialog", name=re.compile("signed out|Somebody else"))


def is_covered(page, why="You are signed out"):
    expect(page.get_by_role("heading", name=why)).to_be_focused()
    expect(page.locator("main")).to_be_hidden()
    assert page.title() == f"{why} · IPS CANS"


def is_open(page):
    expect(cover(page)).to_be_hidden()
    expect(words(page)).to_be_visible()


def pass_time(minutes):
    """As much as the browser's clock is moved, the server's sessions are older."""
    for row in Session.objects.all():
        session = STORE(row.pk)
        session[SEEN] -= minutes * 60
        session[BEGAN] -= minutes * 60
        session.save()


def wait(page, minutes):
    pass_time(minutes)
    page.clock.fast_forward(int(minutes * 60_000))


@contextlib.contextmanager
def heard(page):
    """Until the page knows the new end. That an answer came is not enough: the page gives it ten seconds,
    which are the browser's clock's as well, and whoever moves that clock too soon takes the answer away."""
    page.evaluate("""() => {
        window.heardOf = null;
        new BroadcastChannel("ips-session").onmessage = ({ data }) => { window.heardOf = data.type };
    }""")
    yield
    page.wait_for_function("() => window.heardOf === 'signed-in'")


def fill_sign_in(window, username="clinician"):
    window.get_by_label("Username").fill(username)
    window.get_by_label("Password").fill(PASSWORD)
    window.get_by_role("button", name="Sign in", exact=True).click()


def sign_in_again(page, username="clinician"):
    with page.expect_popup() as opened:
        page.get_by_role("link", name="Sign in in a new window").click()
    window = opened.value
    fill_sign_in(window, username)
    return window


def closes(window):
    if not window.is_closed():
        window.wait_for_event("close")


def saves(page):
    page.get_by_role("button", name="Request the extension").click()
    expect(page.get_by_text("The extension is requested.")).to_be_visible()
    assert Extension.objects.get().reason == WORDS


def test_five_minutes_before_it_warns_and_one_key_stays(page, asked):
    words(page).focus()
    wait(page, 9.5)
    expect(warning(page)).to_be_hidden()
    wait(page, 0.5)
    expect(warning(page)).to_contain_text("You will be signed out in 5 minutes, at ")
    expect(page.get_by_role("button", name="Stay signed in")).to_be_focused()
    wait(page, 3.5)
    expect(warning(page).get_by_role("status")).to_contain_text("in 1 minute, at ")
    page.keyboard.press("Enter")
    expect(warning(page)).to_be_hidden()
    expect(words(page)).to_be_focused()
    assert len(asked) == 1
    wait(page, 9.5)
    is_open(page)
    expect(warning(page)).to_be_hidden()
    saves(page)


def test_other_keys_stay_too_and_it_says_so_when_the_server_is_away(page, asked):
    for key in ("Space", "Escape"):
        wait(page, 11)
        expect(warning(page)).to_be_visible()
        with page.expect_response(QUESTION):
            page.keyboard.press(key)
        expect(warning(page)).to_be_hidden()
    assert len(asked) == 2
    page.route(QUESTION, lambda route: route.abort())
    wait(page, 11)
    page.keyboard.press("Enter")
    expect(warning(page).get_by_role("alert")).to_contain_text("could not be reached")
    page.unroute(QUESTION)
    page.keyboard.press("Enter")
    expect(warning(page)).to_be_hidden()
    is_open(page)


def test_the_page_ends_no_later_than_the_server(page):
    """A session is written at most once a minute, so one that was seen lately may end earlier."""
    pass_time(0.5)
    page.reload()
    wait(page, 14.5)
    is_covered(page)


def test_whoever_writes_is_not_asked(page, asked):
    words(page).focus()
    for _ in range(3):
        wait(page, 2.5)
        page.keyboard.type("More. ")
        wait(page, 2.5)
        with heard(page):
            page.keyboard.type("More. ")
        expect(warning(page)).to_be_hidden()
    assert len(asked) == 3


def test_when_it_is_over_the_page_is_covered_and_opens_again_where_it_was(page):
    words(page).focus()
    words(page).press("End")
    wait(page, 15)
    is_covered(page)
    assert "Plainly-Invented" not in page.locator("body").inner_text()
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    is_covered(page)
    window = sign_in_again(page)
    expect(words(page)).to_be_focused()
    closes(window)
    is_open(page)
    assert words(page).input_value() == WORDS
    assert "Plainly-Invented" in page.title()
    saves(page)


def test_another_person_does_not_get_to_see_it(page, colleague, clinician):
    wait(page, 15)
    is_covered(page)
    page.route(QUESTION, lambda route: route.abort())  # their own page says who they are
    window = sign_in_again(page, "colleague")
    is_covered(page, "Somebody else is signed in")
    page.unroute(QUESTION)
    assert "Plainly-Invented" not in page.locator("body").inner_text()
    closes(window)
    expect(page.get_by_role("link", name="Open the start page")).to_be_visible()
    assert page.get_by_role("link", name="Sign in in a new window").count() == 0

    theirs = page.context.new_page()
    theirs.goto("/")
    theirs.get_by_role("button", name="Sign out").click()
    expect(theirs.get_by_role("heading", name="Sign in", exact=True)).to_be_visible()
    expect(page.get_by_role("heading", name="You are signed out")).to_be_visible()
    fill_sign_in(theirs)
    expect(words(page)).to_be_visible()
    assert words(page).input_value() == WORDS
    saves(page)


def test_work_in_one_window_keeps_the_other(page, form):
    other = page.context.new_page()
    other.goto("/help/")
    wait(page, 9)
    with heard(page):
        other.goto("/staff/me/")
    wait(page, 9)
    is_open(page)
    expect(warning(page)).to_be_hidden()
    wait(page, 2)
    expect(warning(page)).to_be_visible()
    expect(warning(other)).to_be_visible()
    other.get_by_role("button", name="Stay signed in").click()
    expect(warning(page)).to_be_hidden()
    is_open(page)
    wait(page, 15)
    is_covered(page)
    expect(other.get_by_role("heading", name="You are signed out")).to_be_visible()


def test_to_sign_out_covers_the_other_windows(page):
    other = page.context.new_page()
    other.goto("/help/")
    other.get_by_role("button", name="Sign out").click()
    is_covered(page)
    sign_in_again(page)
    is_open(page)
    saves(page)


def test_a_sign_in_in_another_window_renews_what_the_forms_are_sent_with(page, clinician):
    """The page does not know yet that it was signed out by the server."""
    Session.objects.all().delete()
    sent_with = page.locator("main input[name=csrfmiddlewaretoken]").first
    before = sent_with.input_value()
    other = page.context.new_page()
    other.goto("/")
    page.clock.fast_forward(60_000)
    fill_sign_in(other)
    expect(sent_with).not_to_have_value(before)
    is_open(page)
    saves(page)


def sleep(page):
    """While a computer sleeps no timer runs: here the time is set, and no timer is told."""
    pass_time(20)
    page.clock.set_fixed_time(page.evaluate("Date.now()") / 1000 + 20 * 60)  # in seconds


@pytest.mark.parametrize("woken_by", ["window.dispatchEvent(new Event('focus'))", "a key"])
def test_a_computer_that_slept_looks_at_the_clock_first(woken_by, page, asked):
    words(page).focus()
    sleep(page)
    if woken_by == "a key":
        page.keyboard.press("x")
    else:
        page.evaluate(woken_by)
    is_covered(page)
    assert asked == []


def test_a_form_sent_when_it_is_over_stays(page):
    sleep(page)
    page.evaluate("document.querySelector('main form').requestSubmit()")
    is_covered(page)
    sign_in_again(page)
    is_open(page)
    assert words(page).input_value() == WORDS
    assert not Extension.objects.exists()


def test_whoever_is_out_without_knowing_is_covered_at_the_next_question(page, clinician):
    Session.objects.all().delete()
    page.clock.fast_forward(5 * 60_000)
    words(page).press("x")
    is_covered(page)
    sign_in_again(page)
    is_open(page)


def test_whoever_the_server_knows_instead_does_not_get_to_see_it(page, colleague, live_server):
    """No window said so: it was somebody's own act with the browser's cookies."""
    browser = Client()
    browser.force_login(colleague)
    cookie = {"name": "sessionid", "value": browser.cookies["sessionid"].value, "url": live_server.url}
    page.context.add_cookies([cookie])
    page.clock.fast_forward(5 * 60_000)
    words(page).press("x")
    is_covered(page, "Somebody else is signed in")


def test_an_answer_from_before_the_sign_out_opens_nothing(page):
    held = []
    page.route(QUESTION, lambda route: held.append(route))
    page.clock.fast_forward(5 * 60_000)
    with page.expect_request(QUESTION):
        words(page).press("x")
    page.evaluate("new BroadcastChannel('ips-session').postMessage({ type: 'signed-out' })")
    is_covered(page)
    with page.expect_response(QUESTION) as answer:
        held[0].continue_()
    assert answer.value.json()["idle"] > 0
    page.evaluate("fetch('/healthz').then(answer => answer.text())")
    is_covered(page)


def test_scoring_goes_on_at_the_same_item(clinician, draft, transactional_db, open_browser):
    page = open_browser(clinician)
    page.clock.install()
    page.goto(f"/cans/{draft.pk}/score/")
    expect(page.get_by_role("link", name="Summary and submit")).to_be_visible()
    page.keyboard.press("2")
    saved(page)
    here = focused(page)
    wait(page, 15)
    is_covered(page)
    page.keyboard.press("3")
    sign_in_again(page)
    expect(cover(page)).to_be_hidden()
    assert focused(page) == here
    page.keyboard.press("1")
    saved(page)
    sheet = draft.sheets.select_related("assessment").get(pk=here[0])
    rated = {code: value for code, value in sheet.values.items() if value != "."}
    assert sorted(rated.values()) == ["1", "2"]
    assert rated[here[1]] == "1"


def test_the_last_end_is_told_and_nothing_puts_it_off(page, asked):
    pass_time(12 * 60 - 14)
    for row in Session.objects.all():
        session = STORE(row.pk)
        session[SEEN] = session[BEGAN] + (12 * 60 - 14) * 60
        session.save()
    page.reload()
    wait(page, 10)
    expect(warning(page)).to_contain_text("A sign-in lasts 12 hours at most. Yours ends in 4 minutes")
    page.keyboard.press("Enter")
    expect(warning(page)).to_be_hidden()
    wait(page, 2)
    expect(warning(page)).to_be_hidden()
    assert asked == []
    wait(page, 2)
    is_covered(page)


def test_all_of_it_is_accessible_and_fits_and_the_start_page_is_the_other_persons(page, colleague):
    wait(page, 11)
    expect(warning(page)).to_be_visible()
    assert faults(page) == []
    wait(page, 4)
    is_covered(page)
    assert faults(page) == []
    sign_in_again(page, "colleague")
    is_covered(page, "Somebody else is signed in")
    assert faults(page) == []
    page.get_by_role("link", name="Open the start page").click()
    expect(page.get_by_role("link", name="Coll Colleague")).to_be_visible()
    expect(cover(page)).to_be_hidden()


def faults(page):
    found = []
    for width in (NARROW, WIDE):
        page.set_viewport_size(width)
        found += axe_findings(page) + sideways(page)
    page.emulate_media(color_scheme="dark")
    found += [f"dark: {one}" for one in axe_findings(page, rules=["color-contrast"])]
    page.emulate_media(color_scheme="light")
    return found


def test_with_a_second_factor_the_window_asks_for_it_too(page, clinician, settings):
    settings.SECOND_FACTOR_REQUIRED = True
    codes = iter(has_app(clinician).get_unused_codes())
    page.context.clear_cookies()
    page.goto("/help/")
    fill_sign_in(page)
    fill_code(page, next(codes))
    expect(page.get_by_role("heading", name="Help")).to_be_visible()
    page.wait_for_load_state()  # or its clock is moved before the page has looked at it
    wait(page, 15)
    is_covered(page)
    window = sign_in_again(page)
    expect(window.get_by_label("Code")).to_be_visible()
    expect(page.get_by_role("heading", name="You are signed out")).to_be_visible()
    fill_code(window, next(codes))
    expect(page.get_by_role("heading", name="Help")).to_be_visible()
    closes(window)


def fill_code(window, code):
    window.get_by_label("Code").fill(code)
    window.get_by_role("button", name="Sign in", exact=True).click()


def test_a_directory_may_cut_the_windows_tie_and_the_page_still_hears(page):
    """Its pages are another site's, and ours let none of these hold on to a window of ours."""
    there = "http://directory.invalid/"
    page.context.route(there, lambda route: route.fulfill(body="Who are you?", content_type="text/html"))
    wait(page, 15)
    with page.expect_popup() as opened:
        page.get_by_role("link", name="Sign in in a new window").click()
    window = opened.value
    back = window.url
    window.goto(there)
    window.goto(back)
    fill_sign_in(window)
    is_open(page)
    expect(window.get_by_role("heading", name="You are signed in")).to_be_visible()


def test_without_scripts_nothing_is_different(form, clinician, open_browser):
    page = open_browser(clinician, java_script_enabled=False)
    page.goto(form)
    page.get_by_label("Requested on").fill(str(factories.days(0)))
    words(page).fill(WORDS)
    saves(page)
