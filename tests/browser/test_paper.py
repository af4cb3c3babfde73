"""What is printed: how many pages, where they break, and nothing on them that is not paper.

And the pages with a form on them that no link opens, looked at as every page is.
"""

import re

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from cans import actions
from cans.models import Sheet
from tests import factories

from .conftest import NARROW, WIDE, axe_findings, sideways

PAGE = re.compile(rb"/Type /Page\b")


def pages_of(page):
    """How many sheets of letter paper it takes, as Chromium prints it."""
    return len(PAGE.findall(page.pdf(prefer_css_page_size=True)))


def faults(page):
    found = axe_findings(page)
    for viewport in (NARROW, WIDE):
        page.set_viewport_size(viewport)
        found += sideways(page)
    return found


@pytest.fixture
def whole(case, clinician):
    """All 94 items of a child and two substitute caregivers: 162 rows, each rated."""
    child = factories.make_child(case, name="Robin Plainly-Invented")
    for name in ("Fay Foster-Example", "Fred Foster-Example"):
        factories.make_caregiver(child, name=name)
    draft = factories.make_draft(child, author=clinician)
    actions.set_domains(draft, by=clinician, early=True, transition=True)
    for sheet in draft.sheets.all():
        sheet.ratings = ("010203" * 16)[: sheet.size]
        sheet.save(update_fields=["ratings"])
    return draft


@pytest.fixture
def opened(whole, clinician, open_browser):
    page = open_browser(clinician)

    def opened(name):
        page.goto(reverse(f"cans:{name}", args=[whole.pk]))
        return page

    return opened


def test_a_whole_cans_is_five_sheets_and_none_splits_an_item(opened):
    page = opened("print")
    assert faults(page) == []
    page.emulate_media(media="print")
    assert pages_of(page) == 5
    rows = page.locator(".paper-item")
    assert rows.count() == 162
    styles = rows.evaluate_all(
        "rows => rows.map(row => [getComputedStyle(row).breakInside, row.getBoundingClientRect().height])"
    )
    assert {inside for inside, _ in styles} == {"avoid"}
    assert max(height for _, height in styles) < 40
    # Neither does a heading stay behind alone, and each person begins a sheet of their own.
    after = page.locator(".paper-section").evaluate_all(
        "rows => rows.map(row => getComputedStyle(row).breakAfter)"
    )
    assert set(after) == {"avoid"}
    begins = page.locator(".paper-person").evaluate_all(
        "people => people.map(one => getComputedStyle(one).breakBefore)"
    )
    assert begins == ["auto", "page", "page"]


def test_on_every_sheet_stands_whose_it_is_and_that_it_is_a_draft(opened):
    page = opened("print")
    run = page.locator(".paper-run").first
    expect(run).to_be_hidden()
    page.emulate_media(media="print")
    expect(run).to_have_text(re.compile(r"CANS \d+, Robin Plainly-Invented, .*: Robin.*DRAFT"))
    expect(run).to_be_visible()
    assert (
        page.locator("thead").first.evaluate("head => getComputedStyle(head).display") == "table-header-group"
    )
    assert page.locator("body").evaluate("body => getComputedStyle(body).page") == "draft"
    for gone in ("banner", "contentinfo", "navigation", "button"):
        expect(page.get_by_role(gone)).to_have_count(0)


def test_the_blank_sheet(opened):
    page = opened("blank")
    assert faults(page) == []
    page.emulate_media(media="print")
    assert pages_of(page) == 5
    boxes = page.locator(".paper-item").first.locator(".box")
    assert boxes.all_inner_texts() == ["0", "1", "2", "3", "U"]
    border = boxes.first.evaluate("box => getComputedStyle(box).borderTopWidth")
    assert float(border.removesuffix("px")) > 0


def test_the_summary_of_a_half_done_reassessment_lists_changes_and_not_what_is_missing(
    approved, clinician, open_browser
):
    again = factories.make_draft(approved.child, author=clinician, type="reassessment")
    sheet = again.sheets.get(adult=None)
    changed = [(item.code, ".", value, False) for item, value in zip(sheet.items, "123" * 7, strict=False)]
    actions.rate(sheet, by=clinician, ratings=changed)
    page = open_browser(clinician)
    page.goto(reverse("cans:summary", args=[again.pk]))
    changes = page.locator("section").filter(has=page.get_by_role("heading", name="Changed since last time"))
    said = changes.get_by_role("listitem").all_inner_texts()
    assert len(said) == 14  # every third is as it was
    assert not [one for one in said if "not yet rated" in one]
    page.emulate_media(media="print")
    assert pages_of(page) <= 3  # with what is missing


def test_the_summary_is_one_or_two_sheets(opened):
    page = opened("summary")
    page.emulate_media(media="print")
    assert pages_of(page) <= 2
    titles = page.get_by_role("heading", level=2).all_inner_texts()
    start = titles.index("What was found")
    assert titles[start:] == [
        "What was found",
        "Changed since last time",
        "Caregivers not scored",
        "Due dates",
    ]
    lists = page.locator("#found ~ * h3").all_inner_texts()
    assert [title.split(" (")[0] for title in lists[:3]] == ["Act now", "Act", "Watch, prevent"]


def test_the_family_summary(opened):
    page = opened("family")
    assert faults(page) == []
    page.get_by_label("Handling anger").uncheck()
    page.get_by_label("Running away (risk)").check()
    page.get_by_role("button", name="Show the page to print").click()
    expect(page.get_by_role("button", name="Print", exact=True)).to_be_visible()
    assert faults(page) == []
    page.emulate_media(media="print")
    paper = page.locator(".paper-family")
    expect(paper.get_by_text("Running away")).to_be_visible()
    expect(paper.get_by_text("Handling anger")).to_have_count(0)
    for gone in (page.locator("form#choose"), page.get_by_text("left out")):
        expect(gone).to_be_hidden()
    assert pages_of(page) <= 2


def test_a_caregiver_side_by_side_and_confirmed(whole, case, clinician, open_browser):
    """With a rating to replace, and again with what somebody changed meanwhile."""
    adult = whole.sheets.exclude(adult=None).first().adult
    other = factories.make_child(case, name="Sib Plainly-Invented")
    factories.make_caregiver(other, adult=adult)
    mine = factories.make_draft(other, author=clinician)
    sheet = Sheet.objects.select_related("assessment").get(assessment=mine, adult=adult)
    actions.rate(sheet, by=clinician, ratings=[("caregiver.safety", ".", "3", False)])
    page = open_browser(clinician)
    page.goto(reverse("cans:siblings", args=[mine.pk, sheet.pk]))
    assert faults(page) == []
    page.get_by_label("Replace Safety (95)").check()
    actions.rate(sheet, by=clinician, ratings=[("caregiver.discipline", ".", "1", False)])
    page.get_by_role("button", name="Confirm as for Robin Plainly-Invented").click()
    expect(page.get_by_role("alert")).to_contain_text("changed since you opened it")
    expect(page.get_by_label("Replace Safety (95)")).to_be_checked()
    assert faults(page) == []
    page.get_by_role("button", name="Confirm as for Robin Plainly-Invented").click()
    expect(page.get_by_role("status").first).to_contain_text(f"33 ratings of {adult.name} confirmed")
    sheet.refresh_from_db()
    assert sheet.ratings == "01" + ("010203" * 6)[2:34]
