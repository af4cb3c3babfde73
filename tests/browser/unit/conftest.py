"""A page with the modules of static/js and of this folder on it, and nothing else: no server, no database."""

from pathlib import Path

import pytest
from django.conf import settings

ORIGIN = "http://localhost"  # a secure place, as crypto.randomUUID wants
PLACES = {"/static/": settings.BASE_DIR / "static", "/unit/": Path(__file__).parent}


def _serve(route):
    path = route.request.url.removeprefix(ORIGIN)
    for prefix, folder in PLACES.items():
        file = folder / path.removeprefix(prefix)
        if path.startswith(prefix) and file.is_file():
            return route.fulfill(content_type="text/javascript", body=file.read_text(encoding="utf-8"))
    if path == "/":
        return route.fulfill(content_type="text/html", body="<!doctype html><title>Unit tests</title>")
    return route.fulfill(status=404)


@pytest.fixture(scope="module")
def page(chromium):
    context = chromium.new_context()
    page = context.new_page()
    page.route("**/*", _serve)
    page.goto(f"{ORIGIN}/")
    yield page
    context.close()
