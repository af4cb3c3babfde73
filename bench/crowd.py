"""Sixteen people at once at a server of its own: how long all but the slowest twentieth wait for a save.

Each asks again as soon as they are answered, which no people do: it is the longest queue they can make.
The floor is the same crowd in the same run that opens the signed-in view instead, turn by turn.
"""

import contextlib
import http.client
import os
import socket
import statistics
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from itertools import islice

from cans.facts import sheets_of
from cans.models import Assessment
from cans.states import State
from cans.views.layout import parts_of
from staff import gate

from . import pages
from .visitor import Answer, Visitor

PEOPLE = 16
ROUNDS, SECONDS = 3, 1.2  # of each, by turns
AT_MOST = 3
LINE = "{:46} {:>10} {:>10} {:>8} {:>8}"


class Remote(Visitor):
    """The same person at a server, on a connection of their own."""

    def __init__(self, user, port):
        super().__init__(user)
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)

    def ask(self, path):
        return self._asked("GET", path)

    def patch(self, path, text, **headers):
        return self._asked("PATCH", path, text, {"Content-Type": "application/json"} | headers)

    def _asked(self, method, path, text=None, headers=None):
        cookies = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        self.connection.request(method, path, text, cookies | (headers or {}))
        response = self.connection.getresponse()
        body = response.read()
        self._keep_cookies(response.getheaders())
        return Answer(response.status, dict(response.getheaders()), body, cpu=0)


def main():
    with _server() as port:
        views, saves = zip(*(_seat(author, part, port) for author, part in _seats()), strict=True)
        for turn in (views, saves):
            for page in turn:
                page.check(page.ask())  # a wrong answer may be fast
        waits = {"view": [], "save": []}
        for _ in range(ROUNDS):
            waits["view"] += _at_once(views)
            waits["save"] += _at_once(saves)
        for save in saves:
            save.check(save.ask())
    _print(waits)


def _seats():
    """(author, a part that nobody else rates), of as many drafts as there are up to one a seat."""
    drafts = Assessment.objects.filter(state=State.DRAFT, author__in=gate.cleared()).order_by("pk")
    of_draft = [
        (draft.author, parts_of(sheets_of(draft))) for draft in drafts.select_related("author")[:PEOPLE]
    ]
    deepest = max((len(parts) for _, parts in of_draft), default=0)
    free = ((author, parts[at]) for at in range(deepest) for author, parts in of_draft if at < len(parts))
    seats = list(islice(free, PEOPLE))
    if len(seats) < PEOPLE:
        raise pages.WrongAnswer(f"There is not enough to rate for {PEOPLE} people at once.")
    return seats


def _seat(author, part, port):
    person = Remote(author, port)
    view = pages.Page("signed-in view", person, "/bench/empty/", "nothing but")
    return view, pages.SaveOne("save one rating", person, part)


def _at_once(requests):
    """Milliseconds of each request, while everybody asks one after the other for SECONDS."""
    begin = threading.Barrier(len(requests))

    def one(request):
        begin.wait()
        waits, until = [], time.perf_counter() + SECONDS
        while (asked := time.perf_counter()) < until:
            answer = request.ask()
            waits.append((time.perf_counter() - asked) * 1000)
            if answer.status != 200:
                raise pages.WrongAnswer(f"{request.name}: {answer.status}, with {len(requests)} at once")
        return waits

    with ThreadPoolExecutor(len(requests)) as crowd:
        return [wait for waits in crowd.map(one, requests) for wait in waits]


@contextlib.contextmanager
def _server():
    """Gunicorn as it runs anywhere else, with the settings and the database of this process. Its port."""
    with socket.socket() as reserved:
        reserved.bind(("127.0.0.1", 0))
        port = reserved.getsockname()[1]
    environment = os.environ | {"BIND": f"127.0.0.1:{port}"}
    silent = {"stdout": subprocess.DEVNULL}
    with subprocess.Popen([sys.executable, "-m", "gunicorn"], env=environment, **silent) as server:
        try:
            _wait_for(f"http://127.0.0.1:{port}/healthz", server)
            yield port
        finally:
            server.terminate()


def _wait_for(url, server, seconds=30):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and server.poll() is None:
        with contextlib.suppress(urllib.error.URLError):
            urllib.request.urlopen(url, timeout=5).close()  # noqa: S310  (our own server)
            return
        time.sleep(0.1)
    raise pages.WrongAnswer(f"No answer from {url}.")


def _print(waits):
    print(f"\n{PEOPLE} people at once, each asking again when answered, milliseconds by the clock\n")
    print(LINE.format("", "middle", "p95", "x floor", "at most"))
    floor = _p95(waits["view"])
    _line("signed-in view", waits["view"], "", "")
    ratio = _p95(waits["save"]) / floor
    _line("save one rating", waits["save"], f"{ratio:.2f}{' !' if ratio > AT_MOST else '  '}", AT_MOST)


def _line(words, waits, ratio, at_most):
    middle = f"{statistics.median(waits):.1f}"
    print(LINE.format(f"{words}, {len(waits)} times", middle, f"{_p95(waits):.1f}", ratio, at_most))


def _p95(waits):
    return statistics.quantiles(waits, n=20)[-1]
