"""A file of cases as a coordinator imports it: checked, shown, confirmed, on pages that are written as they
come, with and without scripts."""

import pytest
from playwright.sync_api import expect

from cases.models import Case
from tests import factories
from tests.exchange.conftest import as_csv, case

from .conftest import NARROW, WIDE, axe_findings, sideways


@pytest.fixture
def coordinator(db):
    agency, region = factories.make_agency("Invented Agency"), factories.make_region("Invented Region")
    factories.make_instrument()
    factories.make_person("clinician", agency=agency, username="una")
    return factories.make_coordinator(region)


def choose(page, *rows):
    file = {"name": "cases.csv", "mimeType": "text/csv", "buffer": as_csv(rows)}
    page.get_by_label("File", exact=True).set_input_files(file)
    page.get_by_role("button", name="Check the file").click()


def faults(page):
    found = axe_findings(page)
    for viewport in (NARROW, WIDE):
        page.set_viewport_size(viewport)
        found += sideways(page)
    return found


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without"])
def test_checked_shown_and_confirmed(coordinator, open_browser, scripts):
    page = open_browser(coordinator, java_script_enabled=scripts)
    page.goto("/import/")
    choose(page, case(), case("A-2"))
    expect(page.get_by_role("heading", name="What would be imported")).to_be_visible()
    expect(page.get_by_role("heading", name="Checking the file")).to_be_hidden()
    page.get_by_role("button", name="Import all of it").click()
    expect(page.get_by_text("Imported: 6 records")).to_be_visible()
    expect(page.get_by_role("heading", name="Importing the file")).to_be_hidden()
    assert Case.objects.count() == 2


def test_each_state_of_the_page(coordinator, open_browser):
    page = open_browser(coordinator)
    page.goto("/import/")
    choose(page, case(lan="x"), case("A-2", county=""))
    expect(page.get_by_text("2 things to put right")).to_be_visible()
    assert faults(page) == []
    choose(page, case())
    expect(page.get_by_role("button", name="Import all of it")).to_be_visible()
    assert faults(page) == []
    page.get_by_role("button", name="Import all of it").click()
    expect(page.get_by_text("Due dates are up to date.")).to_be_visible()
    assert faults(page) == []
    choose(page, case())
    expect(page.get_by_role("heading", name="Nothing new")).to_be_visible()
    assert faults(page) == []
