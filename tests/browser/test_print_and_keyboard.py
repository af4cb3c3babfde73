"""On paper, and without a mouse."""

import pytest
from playwright.sync_api import expect

from .conftest import sideways

LETTER = {"width": 816, "height": 1056}  # 8.5 by 11 inches at 96 px


def test_a_cans_on_letter_paper(clinician, submitted, open_browser):
    page = open_browser(clinician, viewport=LETTER)
    page.goto(submitted.get_absolute_url())
    expect(page.get_by_role("navigation", name="Main")).to_be_visible()
    page.emulate_media(media="print")
    for part in (page.locator("nav.site-nav"), page.get_by_role("button", name="Sign out")):
        expect(part).to_be_hidden()
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    assert sideways(page) == []
    background = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert background in ("rgb(255, 255, 255)", "rgba(0, 0, 0, 0)")


def test_the_skip_link_is_first_and_leads_to_the_page(clinician, case, open_browser):
    page = open_browser(clinician)
    page.goto("/cases/")
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Skip to main content")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()


@pytest.fixture
def rating(clinician, draft, open_browser):
    """The first section of a blank draft, with the focus on its first item."""
    page = open_browser(clinician)
    page.goto(f"{draft.get_absolute_url()}score/trauma/")
    page.get_by_role("radio").first.focus()
    return page


def test_the_focus_is_seen_on_a_level(rating):
    rating.keyboard.press("ArrowRight")
    rating.keyboard.press("ArrowLeft")
    ring = rating.evaluate(
        """() => [document.activeElement, document.activeElement.nextElementSibling]
            .map(element => getComputedStyle(element))
            .some(style => style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2)"""
    )
    assert ring


def test_tab_stops_once_in_each_item_in_their_order(rating):
    items = rating.locator("fieldset.item").evaluate_all("items => items.map(item => item.id)")
    stops = []
    while rating.evaluate("document.activeElement.closest('fieldset.item') !== null"):
        if rating.evaluate("document.activeElement.type === 'radio'"):
            stops.append(rating.evaluate("document.activeElement.closest('fieldset.item').id"))
        rating.keyboard.press("Tab")
    assert stops == items
    expect(rating.get_by_role("button", name="Save", exact=True)).to_be_focused()


def test_a_level_is_chosen_and_saved_with_keys_alone(rating):
    rating.keyboard.press("Space")
    rating.keyboard.press("ArrowRight")
    chosen = rating.evaluate("document.activeElement.value")
    rating.keyboard.press("Enter")
    expect(rating.get_by_text("saved at")).to_be_visible()  # or this is still the page before
    expect(rating.get_by_role("radio").nth(1)).to_be_checked()
    assert chosen == "1"
