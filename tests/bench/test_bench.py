"""That the bench measures what it says. How fast anything is, no test asks."""

from io import StringIO

import pytest
from django.core.management import call_command
from django.core.signals import request_finished, request_started
from django.db import close_old_connections

from bench import pages
from bench.visitor import Visitor

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _as_in_the_bench(settings):
    """With its empty page; but a request leaves the connection open, for the test's transaction is in it."""
    settings.ROOT_URLCONF = "bench.urls"
    request_started.disconnect(close_old_connections)
    request_finished.disconnect(close_old_connections)
    yield
    request_started.connect(close_old_connections)
    request_finished.connect(close_old_connections)


def test_each_page_is_the_one_it_is_taken_for():
    call_command("load_sample", cases=60, stdout=StringIO())
    measured = [pages.signed_in_view(), *pages.pages()]
    for page in measured * 2:  # what is saved goes to and fro
        page.check(page.ask())
    assert len({page.name for page in measured}) == len(measured)


def test_a_redirect_to_the_sign_in_form_is_not_timed(clinician):
    visitor = Visitor(clinician)
    visitor.cookies.clear()
    page = pages.Page("cases", visitor, "/cases/", "Cases")
    with pytest.raises(pages.WrongAnswer, match="answered 302"):
        page.check(page.ask())


def test_a_list_with_too_few_rows_is_not_timed(clinician, case):
    page = pages.Page("cases", Visitor(clinician), "/cases/", pages.A_ROW, 2)
    with pytest.raises(pages.WrongAnswer, match="with 1 of at least 2"):
        page.check(page.ask())
