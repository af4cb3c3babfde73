"""The scoring page in Chromium: what a first visit loads, and how soon a key and an answer show.

Keys are pressed on a processor that Chromium slows to a quarter. The floor is the same key in the same
run on a page of ours with one group of radio buttons, which does nothing.
"""

import gzip
import os
import shutil
import statistics
import threading
from contextlib import contextmanager
from urllib.parse import urlsplit

from django.conf import settings
from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler
from playwright.sync_api import sync_playwright

from . import pages
from .visitor import application

SLOWER = 4
KEYS = 30
LINE = "{:46} {:>12} {:>9} {:>9}"
LIMITS = {"kB": 60, "handled": 50, "painted": None, "saved": 100, "shift": 0}

# Milliseconds from a key to the end of all that listens to it, and to the frame that follows; from the
# last byte of an answer to the frame that says "saved"; and what moved meanwhile.
WATCH = """() => {
  const seen = window.seen = { handled: [], painted: [], saved: [], shift: 0 };
  const framed = act => requestAnimationFrame(() => {
    const channel = new MessageChannel();
    channel.port1.onmessage = act;
    channel.port2.postMessage(null);
  });
  addEventListener("keydown", ({ timeStamp }) => {
    seen.handled.push(performance.now() - timeStamp);
    framed(() => seen.painted.push(performance.now() - timeStamp));
  });
  const fetched = window.fetch;
  let answered = 0;
  window.fetch = async (...request) => {
    const answer = await fetched(...request);
    await answer.clone().text();
    answered = performance.now();
    return answer;
  };
  const line = document.querySelector(".save-state");
  if (line) new MutationObserver(() => {
    if (line.dataset.state === "saved") framed(() => seen.saved.push(performance.now() - answered));
  }).observe(line, { attributeFilter: ["data-state"] });
  new PerformanceObserver(list => {
    for (const one of list.getEntries()) seen.shift += one.value;
  }).observe({ type: "layout-shift", buffered: true });
}"""
OTHER_LEVEL = """() => {
  const { name, value } = document.activeElement;
  const chosen = document.querySelector(`input[name="${CSS.escape(name)}"]:checked`);
  return chosen?.value === "1" ? "2" : "1";
}"""

AT_REST = """() => {
  const { handled, painted, saved } = window.seen;
  const isSaved = !document.querySelector(".save-state") || saved.length === handled.length;
  return painted.length === handled.length && isSaved;
}"""


class _Quiet(WSGIRequestHandler):
    def log_message(self, *args):
        """The table is all that is printed."""


def main():
    chromium = shutil.which("chromium")
    if not chromium:
        print("could not run  in Chromium: no chromium on the PATH (apt-get install chromium)")
        return
    page = pages.whole_form()
    with _server() as address, sync_playwright() as playwright:
        root = ["--no-sandbox"] if os.geteuid() == 0 else []
        browser = playwright.chromium.launch(executable_path=chromium, args=["--disable-gpu", *root])
        weights = first_load(_tab(browser, address, page.visitor), page.path)
        floor = keys_in(_tab(browser, address, page.visitor), "/bench/radio/")
        found = keys_in(_tab(browser, address, page.visitor), page.path)
        version = browser.version
        browser.close()
    _print(page.name, version, weights, floor, found)


@contextmanager
def _server():
    with ThreadedWSGIServer(("127.0.0.1", 0), _Quiet) as server:
        server.daemon_threads = True
        server.set_app(application)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def _tab(browser, address, visitor):
    context = browser.new_context(base_url=address, viewport={"width": 1280, "height": 900})
    name = settings.SESSION_COOKIE_NAME
    context.add_cookies([{"name": name, "value": visitor.cookies[name], "url": address}])
    return context.new_page()


def first_load(tab, path):
    """What each file weighs that an empty cache asks for, compressed: its path → bytes."""
    answers = []
    tab.on("response", lambda answer: answers.append(answer))
    tab.goto(path, wait_until="networkidle")
    failed = [answer.url for answer in answers if answer.status != 200]
    if failed:
        raise pages.WrongAnswer(f"{path} loads {failed} in vain")
    return {urlsplit(one.url).path: len(gzip.compress(one.body(), 6)) for one in answers}


def keys_in(tab, path, keys=KEYS):
    """What WATCH saw while items were rated one after the other."""
    tab.goto(path, wait_until="networkidle")
    tab.locator("input[type=radio]").first.focus()
    tab.context.new_cdp_session(tab).send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    tab.evaluate(WATCH)
    for _ in range(keys):
        tab.keyboard.press(tab.evaluate(OTHER_LEVEL))
        tab.wait_for_function(AT_REST)
    return tab.evaluate("() => window.seen")


def _print(name, version, weights, floor, found):
    print(f"\nIn Chromium {version}, for keys on a processor {SLOWER} times slower: {name}\n")
    print(LINE.format("", "middle", "x floor", "at most"))
    total = sum(weights.values())
    _line(f"first load, kB compressed, {len(weights)} requests", total / 1000, None, LIMITS["kB"])
    for path, weight in sorted(weights.items(), key=lambda one: -one[1]):
        print(
            LINE.format(f"    {path.removeprefix(settings.STATIC_URL)}"[:46], f"{weight / 1000:.1f}", "", "")
        )
    for what, words in [
        ("handled", "ms from a key till all of it is done"),
        ("painted", "ms from a key till it is painted"),
        ("saved", "ms from an answer till it says saved"),
    ]:
        if not found[what]:
            raise pages.WrongAnswer(f"{name}: nothing was {what}")
        base = statistics.median(floor[what]) if floor[what] else None
        _line(words, statistics.median(found[what]), base, LIMITS[what])
    _line("layout shift", found["shift"], None, LIMITS["shift"])


def _line(words, value, base, at_most):
    mark = " !" if at_most is not None and value > at_most else "  "
    ratio = f"{value / base:.2f}" if base else ""
    print(LINE.format(words, f"{value:.1f}{mark}", ratio, "" if at_most is None else at_most))
