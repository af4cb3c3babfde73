"""`make pictures`: the pictures of the README, from a fresh sample on a server of their own."""

import contextlib
import os
import re
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

from playwright.sync_api import sync_playwright

PICTURES = Path("docs/pictures")
WIDTH = 1280
SHARPER = 1.25  # device pixels for each: letters stay crisp where the page is shown smaller
LARGEST = 300_000  # bytes


@contextlib.contextmanager
def sample_server(password):
    """A server with nothing but the sample in its database. Yields its address."""
    with tempfile.TemporaryDirectory() as directory, socket.socket() as reserved:
        reserved.bind(("127.0.0.1", 0))
        port = reserved.getsockname()[1]
        environment = os.environ | {
            "DATABASE_URL": f"sqlite:///{directory}/pictures.sqlite3",
            "SAMPLE_PASSWORD": password,
            "BIND": f"127.0.0.1:{port}",
            "WEB_CONCURRENCY": "1",
        }
        subprocess.run(
            [sys.executable, "manage.py", "prepare"], env=environment, check=True, stdout=subprocess.DEVNULL
        )
        reserved.close()
        with subprocess.Popen([sys.executable, "-m", "gunicorn"], env=environment) as server:
            try:
                address = f"http://127.0.0.1:{port}"
                wait_for(f"{address}/healthz", server)
                yield address
            finally:
                server.terminate()


def wait_for(url, server, seconds=30):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and server.poll() is None:
        with contextlib.suppress(urllib.error.URLError):
            urllib.request.urlopen(url, timeout=5).close()  # noqa: S310  (our own server)
            return
        time.sleep(0.1)
    raise SystemExit(f"No answer from {url}.")


def sign_in(browser, address, username, password):
    page = browser.new_page(
        base_url=address, viewport={"width": WIDTH, "height": 900}, device_scale_factor=SHARPER
    )
    page.goto("/")
    page.get_by_label("Username").fill(username)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in", exact=True).click()
    return page


def take_scoring(page):
    """A section of a second CANS, half rated: each item says what it was last time."""
    page.get_by_role("link", name="Rowan Dovetailor, six-month CANS").click()
    page.get_by_role("link", name="Start a CANS").first.click()
    page.get_by_role("button", name="Start this CANS").click()
    page.goto(page.url.partition("/score/")[0].rstrip("/") + "/score/life/")
    items = page.locator("fieldset.item")
    for item, level in zip(items.all(), "1020132", strict=False):
        item.get_by_role("radio", name=re.compile(f"^{level} ")).check()
    page.get_by_role("button", name="Save", exact=True).click()
    page.goto(page.url.partition("#")[0])
    take(page, "scoring", bottom=items.nth(7))


def take_overdue(page):
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Reports").click()
    rows = page.get_by_role("table", name="Overdue CANS").locator("tbody tr")
    take(page, "overdue", bottom=rows.nth(2))


def take(page, name, *, bottom):
    """The page from its top to the end of `bottom`, as a window of that height shows it."""
    box = bottom.bounding_box()
    page.set_viewport_size({"width": WIDTH, "height": round(box["y"] + box["height"])})
    path = PICTURES / f"{name}.png"
    page.screenshot(path=path)
    size = path.stat().st_size
    if size > LARGEST:
        raise SystemExit(f"{path} has {size} bytes, {LARGEST} are enough.")
    print(f"{path}: {size} bytes")


def main():
    chromium = shutil.which("chromium") or sys.exit("No chromium on the PATH (apt-get install chromium).")
    PICTURES.mkdir(parents=True, exist_ok=True)
    password = secrets.token_hex(10)
    root = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sample_server(password) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--disable-gpu", *root])
        take_scoring(sign_in(browser, address, "clinician", password))
        take_overdue(sign_in(browser, address, "coordinator", password))
        browser.close()


if __name__ == "__main__":
    main()
