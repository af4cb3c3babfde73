"""One Chromium for the session, one context a person. Only these tests may use the ORM beside it."""

import os
import threading

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.core.cache import cache
from django.core.management import call_command
from django.core.signals import request_finished, request_started
from django.test import Client
from playwright.sync_api import expect, sync_playwright

from scripts.chromium import find_chromium

PASSWORD = "a password for tests"
TIMEOUT = 30_000  # milliseconds: what is right comes sooner, on a loaded machine not much
# Asked for by name, so that a new one is a decision: WCAG 2.2 A and AA, and what axe calls good practice.
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
QUIET = [
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-gpu",
    "--disable-sync",
    "--no-first-run",
]
WIDE, NARROW = {"width": 1280, "height": 900}, {"width": 360, "height": 780}


def pytest_collection_modifyitems(items):
    """Whatever stands in this folder needs Chromium."""
    for item in items:
        if "/browser/" in item.path.as_posix():
            item.add_marker("browser")


@pytest.fixture(scope="session")
def chromium():
    path = find_chromium() or "/usr/bin/chromium"
    root = ["--no-sandbox"] if os.geteuid() == 0 else []
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        # Playwright keeps an event loop in this thread, and Django would refuse its own queries there.
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        expect.set_options(timeout=TIMEOUT)
        browser = playwright.chromium.launch(executable_path=path, args=[*QUIET, *root])
        yield browser
        browser.close()


class AtWork:
    """How many requests are being answered. What a closed window has sent is answered all the same, and the
    tables must not be emptied meanwhile."""

    def __init__(self):
        self.number, self.changed = 0, threading.Condition()

    def began(self, **kwargs):
        with self.changed:
            self.number += 1

    def ended(self, **kwargs):
        with self.changed:
            self.number -= 1
            self.changed.notify_all()

    def wait(self):
        with self.changed:
            self.changed.wait_for(lambda: self.number <= 0, timeout=10)


@pytest.fixture(scope="session")
def at_work():
    requests = AtWork()
    request_started.connect(requests.began)
    request_finished.connect(requests.ended)
    yield requests
    request_started.disconnect(requests.began)
    request_finished.disconnect(requests.ended)


@pytest.fixture
def open_browser(chromium, live_server, at_work):
    """A fresh browser of a person's own; `signed_in` saves them the form."""
    cache.clear()
    contexts = []

    def open_one(signed_in=None, **options):
        # Without motion, or a colour is measured on its way from one to the other.
        still = {"viewport": WIDE, "reduced_motion": "reduce"}
        context = chromium.new_context(base_url=live_server.url, **still | options)
        contexts.append(context)
        context.set_default_timeout(TIMEOUT)
        if signed_in:
            client = Client()
            client.force_login(signed_in)
            session = client.cookies["sessionid"].value
            context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])
        return context.new_page()

    yield open_one
    for context in contexts:
        context.close()
    at_work.wait()


@pytest.fixture
def sample(transactional_db, monkeypatch, capsys):
    """The invented families that `make run` begins with."""
    monkeypatch.setenv("SAMPLE_PASSWORD", PASSWORD)
    call_command("load_sample")


def sign_in(page, username):
    page.goto("/")
    page.get_by_label("Username").fill(username)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()


def axe_findings(page, *, rules=None, within=None):
    """What axe says against the page as it stands, or what of it a selector names: one line a rule, with
    the first elements."""
    page.wait_for_load_state()  # which a click does not: words stand there before their styles
    only = {"type": "rule", "values": rules} if rules else {"type": "tag", "values": RULES}
    if page.evaluate("typeof axe === 'undefined'"):
        page.evaluate(Axe().axe_script)
    options = {"runOnly": only, "resultTypes": ["violations"]}
    run = "async ([within, options]) => (await axe.run(within ?? document, options)).violations"
    violations = page.evaluate(run, [within, options])
    return [
        f"axe {one['id']}: {one['help']}: {'; '.join(node['html'][:160] for node in one['nodes'][:3])}"
        for one in violations
    ]


def sideways(page):
    """The sentence to complain with when the page scrolls sideways; nothing when it does not."""
    page.wait_for_load_state()
    scrolls, shown = page.evaluate(
        "[document.documentElement.scrollWidth, document.documentElement.clientWidth]"
    )
    return [f"{scrolls} px wide where {shown} are shown"] if scrolls > shown else []
