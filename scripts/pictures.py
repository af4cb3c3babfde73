"""`make pictures`: the pictures of the README, from a fresh sample on a server of their own. Into another
folder where one is named."""

import contextlib
import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

from playwright.sync_api import sync_playwright

PICTURES = Path(sys.argv[1] if len(sys.argv) > 1 else "docs/pictures")
WIDTH = 1280
SHARPER = 1.25  # device pixels for each: letters stay crisp where the page is shown smaller
LARGEST = 350_000  # bytes
NARROW = {"width": 360, "height": 780}
RATED = "0100210000000110211021101020010213201"


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
        with contextlib.suppress(OSError):  # refused, or not answered in time
            urllib.request.urlopen(url, timeout=5).close()  # noqa: S310  (our own server)
            return
        time.sleep(0.1)
    raise SystemExit(f"No answer from {url}.")


def sign_in(browser, address, username, password):
    context = browser.new_context(
        base_url=address, viewport={"width": WIDTH, "height": 800}, device_scale_factor=SHARPER
    )
    page = context.new_page()
    page.goto("/")
    page.get_by_label("Username").fill(username)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in", exact=True).click()
    return page


def take_scoring(page):
    """A second CANS, half rated with the keys: each item says what it was last time."""
    page.get_by_role("link", name="Rowan Dovetailor, six-month CANS").click()
    page.get_by_role("link", name="Start a CANS").first.click()
    page.get_by_role("button", name="Start this CANS").click()
    page.goto(page.url.partition("/score/")[0].rstrip("/") + "/score/")
    finish(page).wait_for()
    for key in RATED:
        page.keyboard.press(key)
    wait_till_saved(page)
    page.evaluate("scrollBy(0, -250)")  # more of what is rated
    take(page, "scoring")
    take_conflict(page)
    take_narrow(page)


def take_narrow(page):
    """The same on a phone."""
    options = {"viewport": NARROW, "device_scale_factor": 2, "has_touch": True, "is_mobile": True}
    context = page.context.browser.new_context(storage_state=page.context.storage_state(), **options)
    phone = context.new_page()
    phone.goto(page.url)
    finish(phone).wait_for()
    take(phone, "scoring-narrow")
    context.close()


def take_conflict(page):
    """Another window rates the item that this one is at; the second to rate it is asked."""
    item = page.locator("fieldset.item:focus-within")
    other = page.context.new_page()
    other.goto(page.url)
    finish(other).wait_for()
    other.keyboard.press("2")
    wait_till_saved(other)
    other.close()
    number = item.get_attribute("id")
    page.keyboard.press("1")
    page.get_by_role("button", name="Use mine").wait_for()
    item = page.locator(f"[id='{number}']")
    item.get_by_role("radio").nth(1).focus()
    take(page, "conflict")


def finish(page):
    """Shown when the keys are listened to."""
    return page.get_by_role("link", name="Summary and submit")


def wait_till_saved(page):
    page.locator(".save-state[data-state=saved]").wait_for()


def take_overdue(page):
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Reports").click()
    rows = page.get_by_role("table", name="Overdue CANS").locator("tbody tr")
    take(page, "overdue", bottom=rows.nth(2))


def take(page, name, *, bottom=None):
    """The page as its window shows it; or from its top to the end of `bottom`."""
    if bottom:
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
