"""The server is a process of its own, and is killed for good between a key and its answer: after it is
started again the database equals what the page told the person.
"""

import os
import signal
import subprocess
import sys
import time
import urllib.request
from contextlib import suppress
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.db import connection

from tests.ports import reserved_port

from .faulty_line import faulty_line_to
from .test_faults import SAVED, SAVES, TRYING, is_as_told, opened, promises_hold, window

__all__ = ["opened", "window"]  # fixtures

pytestmark = pytest.mark.database
PATIENCE = 30  # seconds


class Server:
    """Gunicorn as it runs anywhere else, on the database of this test. Nobody tells it that it will die."""

    def __init__(self, port):
        self.port = port
        self.url = f"http://localhost:{self.port}"
        self.process = None

    def start(self):
        environment = os.environ | {
            "DATABASE_URL": database_url(),
            "BIND": f"127.0.0.1:{self.port}",
            "WEB_CONCURRENCY": "1",
        }
        # A group of its own: the one who listens and the one who works die together.
        gunicorn = [sys.executable, "-W", "ignore", "-m", "gunicorn"]
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        self.process = subprocess.Popen(
            gunicorn, env=environment, cwd=settings.BASE_DIR, start_new_session=True, **quiet
        )
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until and self.process.poll() is None:
            with suppress(OSError):  # refused, or taken by the one who listens while nobody works yet
                urllib.request.urlopen(f"{self.url}/healthz", timeout=5).close()  # noqa: S310  (our own server)
                return
        raise AssertionError("the server did not start")

    def kill(self):
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(PATIENCE)


def database_url():
    name = str(connection.settings_dict["NAME"])
    if connection.vendor == "sqlite":
        return f"sqlite:///{name}"
    address, _, options = os.environ["DATABASE_URL"].partition("?")
    return f"{address.rpartition('/')[0]}/{name}?{options}"


@pytest.fixture
def server(transactional_db):
    with reserved_port() as port:
        server = Server(port)
        try:
            server.start()
            yield server
        finally:
            server.kill()


@pytest.fixture
def line(server):
    with faulty_line_to(server.url) as line:
        yield line


@pytest.fixture
def open_browser(open_browser):
    """Scripts and styles from where they are written: the server has only what was collected."""

    def opened(*people, **options):
        page = open_browser(*people, **options)
        page.context.route("**/static/**", from_its_source)
        return page

    return opened


def from_its_source(route):
    path = urlsplit(route.request.url).path.removeprefix("/static/")
    route.fulfill(path=settings.BASE_DIR / "static" / path)


def as_it_hears(server):
    """It has the request, and may have stored it or not: who knows?"""

    def fares(passage):
        with passage.line.open_to(passage.line.server) as there:
            there.sendall(passage.request)
            server.kill()

    return fares


def with_the_answer_in_its_hand(server):
    """It has stored it, and nobody heard."""

    def fares(passage):
        passage.ask()
        server.kill()

    return fares


@pytest.mark.parametrize("killed", [as_it_hears, with_the_answer_in_its_hand])
def test_a_server_that_is_killed_between_key_and_answer(window, server, line, killed):
    with line.spoiled(killed(server), SAVES):
        window.give("2")
        window.says(TRYING)
        assert window.waits() == 1
    assert server.process.poll() == -signal.SIGKILL
    window.give("3")  # nobody is there to hear it
    assert window.waits() == 2
    promises_hold(window)
    server.start()
    window.page.get_by_role("button", name="Try now").click()
    window.says(SAVED)
    is_as_told(window)
