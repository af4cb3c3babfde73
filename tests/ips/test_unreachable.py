"""A database that is down or hangs: whoever asks is told soon, and told when to come back."""

import json
import os
import socket
import subprocess
import sys

import pytest
from django.conf import settings

# A server's process of its own, for in this one the database is there.
ASKED = """
import json, sys, time
from ips.wsgi import application
from django.conf import settings
from django.test import Client

answers = []
for method, path, headers in json.loads(sys.argv[1]):
    client = Client(raise_request_exception=False, headers=headers)
    client.cookies[settings.SESSION_COOKIE_NAME] = "a" * 32
    began = time.monotonic()
    answer = getattr(client, method)(path, content_type="application/json")
    took = time.monotonic() - began
    answers.append([answer.status_code, dict(answer.headers), answer.content.decode(), took])
print(json.dumps(answers))
"""


def ask(port, *requests):
    """[status, headers, text, seconds] of each, from a server whose database is said to be there."""
    environment = os.environ | {
        "DATABASE_URL": f"postgres://nobody:nothing@127.0.0.1:{port}/nowhere",
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "ALLOWED_HOSTS": "testserver",
    }
    done = subprocess.run(
        [sys.executable, "-c", ASKED, json.dumps(requests)],
        cwd=settings.BASE_DIR,
        env=environment,
        check=True,
        capture_output=True,
        text=True,
    )
    return json.loads(done.stdout.splitlines()[-1])


@pytest.fixture
def silent():
    """The port of a server that takes every connection and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


@pytest.fixture
def closed():
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


def test_where_it_is_down_pages_say_so_and_scripts_are_told(closed):
    script = {"Accept": "application/json"}
    *pages, saved, health, help_page = ask(
        closed,
        ("get", "/", {}),
        ("post", "/cases/new/", {}),
        ("get", "/accounts/login/", {}),
        ("get", "/no/such/page/", {}),
        ("patch", "/cans/1/ratings/", script),
        ("get", "/healthz", {}),
        ("get", "/help/", {}),
    )
    for status, headers, text, _ in [*pages, help_page]:
        assert status == 503
        assert (headers["Retry-After"], headers["Cache-Control"]) == ("5", "no-store")
        assert "The records cannot be reached just now" in text
        assert "Content-Security-Policy" in headers
    status, headers, text, _ = saved
    assert (status, headers["Retry-After"]) == (503, "5")
    assert json.loads(text) == {"problem": "The records cannot be reached just now."}
    assert health[0] == 503


def test_where_it_hangs_that_is_waited_for_once(silent):
    [(status, _, _, took)] = ask(silent, ("get", "/", {}))
    assert status == 503
    assert 3 < took < 6  # connect_timeout, which each further try would take again
