"""A line between browser and server that can be cut at any place: real sockets, really closed.

It speaks HTTP of one request a connection, so that nothing is retried below the page. How a request
fares is a function of its Passage; what nobody spoils goes through.
"""

import socket
import threading
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from urllib.parse import urlsplit

from tests.ports import reserved_port

PATIENCE = 30  # seconds, after which a test that waits for its line has failed


@contextmanager
def faulty_line_to(server):
    """A line on a port that stays its own, also while nobody listens there."""
    with reserved_port() as port:
        line = FaultyLine(server, port)
        try:
            yield line
        finally:
            line.mend()
            line.go()


@dataclass
class Passage:
    """One request on its way."""

    line: "FaultyLine"
    browser: socket.socket
    method: str
    path: str
    request: bytes

    def ask(self):
        """The server's whole answer: from here on it has done what was asked."""
        with self.line.open_to(self.line.server) as server:
            server.sendall(self.request)
            answer = b"".join(iter(lambda: server.recv(65536), b""))
        self.line.answered.append((self.method, self.path, answer.split(b" ", 2)[1:2]))
        return answer

    def answer(self, answer):
        self.browser.sendall(answer)


def through(passage):
    passage.answer(passage.ask())


def lost_before_the_server(passage):
    """The connection ends, and the server has heard nothing."""


def lost_after_the_server(passage):
    passage.ask()


def half_an_answer(passage):
    answer = passage.ask()
    passage.answer(answer[: len(answer) - 20])


def held(passage):
    """Goes through when the line is mended."""
    passage.line.hold()
    through(passage)


def late(passage, until):
    """The server has answered at once; what it said then arrives when the event comes."""
    answer = passage.ask()
    until.wait(PATIENCE)
    passage.answer(answer)


def never_answered(passage):
    passage.line.hold()


def done_but_never_answered(passage):
    passage.ask()
    passage.line.hold()


def instead(status, body=b"<html><h1>Not an answer of ours</h1></html>", *, done=False):
    """What a gateway says in the server's stead, of a request that came through or did not."""

    def answered(passage):
        if done:
            passage.ask()
        head = f"HTTP/1.1 {status} Gateway\r\nContent-Type: text/html\r\nContent-Length: {len(body)}\r\n"
        passage.answer(head.encode() + b"Connection: close\r\n\r\n" + body)

    return answered


class FaultyLine:
    """Its `url` is what the browser knows of the server."""

    def __init__(self, server, port):
        self.server = urlsplit(server).hostname, urlsplit(server).port
        self.answered = []  # what came through: method, path, status
        self._spoiled = []
        self._released = threading.Event()
        self._open = set()
        self._lock = threading.Lock()
        self._port = port
        self.url = f"http://{self.server[0]}:{port}"
        self.come()

    # What the tests do to it

    def spoil(self, fares, path, method="PATCH"):
        """From now on such requests fare like this; of several words the latest."""
        self._released.clear()
        self._spoiled.insert(0, (method, path, fares))

    def mend(self):
        """All goes through again, and whatever is held is let go."""
        self._spoiled.clear()
        self._released.set()

    @contextmanager
    def spoiled(self, fares, path, method="PATCH"):
        self.spoil(fares, path, method)
        try:
            yield
        finally:
            self.mend()

    def go(self):
        """As when the server is killed: nobody listens, and what was open is closed."""
        with suppress(OSError):  # or it would accept one more
            self._listening.shutdown(socket.SHUT_RDWR)
        self._accepting.join(PATIENCE)
        self._listening.close()
        with self._lock:
            for one in list(self._open):
                with suppress(OSError):
                    one.shutdown(socket.SHUT_RDWR)
        self._released.set()

    def come(self):
        """Listen, where it listened before."""
        self._listening = socket.create_server((self.server[0], self._port), backlog=64)
        self._accepting = threading.Thread(target=self._serve, args=[self._listening], daemon=True)
        self._accepting.start()

    def hold(self):
        self._released.wait(PATIENCE)

    # How it works

    def _serve(self, listening):
        while True:
            try:
                browser, _ = listening.accept()
            except OSError:
                return
            threading.Thread(target=self._pass, args=[browser], daemon=True).start()

    def _pass(self, browser):
        with self._kept(browser), suppress(OSError):
            browser.settimeout(PATIENCE)
            head = self._until_blank_line(browser)
            if not head:
                return
            passage = _passage(self, browser, *head)
            self._fares(passage)(passage)

    def _fares(self, passage):
        for method, path, fares in self._spoiled:
            if method == passage.method and path in passage.path:
                return fares
        return through

    @contextmanager
    def open_to(self, address):
        with socket.create_connection(address, timeout=PATIENCE) as opened, self._kept(opened):
            yield opened

    @contextmanager
    def _kept(self, opened):
        with self._lock:
            self._open.add(opened)
        try:
            with opened:
                yield
        finally:
            with self._lock:
                self._open.discard(opened)

    @staticmethod
    def _until_blank_line(browser):
        """(head, what came of the body); a browser also connects to ask nothing."""
        received = b""
        while b"\r\n\r\n" not in received:
            more = browser.recv(65536)
            if not more:
                return None
            received += more
        return received.split(b"\r\n\r\n", 1)


def _passage(line, browser, head, body):
    first, *headers = head.split(b"\r\n")
    names = {one.split(b":", 1)[0].lower(): one.split(b":", 1)[1].strip() for one in headers}
    while len(body) < int(names.get(b"content-length", 0)):
        more = browser.recv(65536)
        if not more:
            raise ConnectionError("the browser went before it had said everything")
        body += more
    kept = [one for one in headers if not one.lower().startswith(b"connection:")]
    request = b"\r\n".join([first, *kept, b"Connection: close", b"", body])
    method, path, _ = first.decode().split(" ")
    return Passage(line, browser, method, path, request)
