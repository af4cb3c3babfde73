"""Scoring as it is done: with one key or one tap an item, and nothing by accident."""

import re

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from cans import actions
from cans.models import RatingChange
from tests import factories

NUMBING = "stress.numbing"
SWITCH = "**/staff/me/switch/"


def values_of(assessment):
    """sheet → its ratings as they are in the database now."""
    return {sheet.pk: sheet.values for sheet in assessment.sheets.select_related("assessment")}


def unrated_in(assessment):
    return sum(
        sheet.value(item) == "."
        for sheet in assessment.sheets.select_related("assessment")
        for item in sheet.applicable_items
    )


@pytest.fixture
def big_draft(case, clinician, transactional_db):
    """A youth with every section and two substitute caregivers: the longest there is."""
    child = factories.make_child(case, age=16, developmental_disability=True)
    for name in ("Fay Foster-Example", "Gus Foster-Example"):
        factories.make_caregiver(child, name=name)
    return factories.make_draft(child, author=clinician)


@pytest.fixture
def scoring(open_browser):
    """Opens the scoring page of a CANS as somebody, with its script at work."""

    def opened(person, assessment, anchor="", **options):
        page = open_browser(person, **options)
        page.goto(reverse("cans:continue", args=[assessment.pk]) + anchor)
        expect(page.get_by_role("link", name="Summary and submit")).to_be_visible()
        if anchor:  # where it lands a frame after all else
            expect(page.locator(f"[id='{anchor[1:]}']:focus-within")).to_be_attached()
        return page

    return opened


def focused(page):
    """(sheet, code) of the item that has the focus, and the level."""
    return page.evaluate(
        """() => { const item = document.activeElement.closest("fieldset.item");
        return item && [Number(item.dataset.sheet), item.dataset.code] }"""
    )


def saved(page, timeout=None):
    words = page.get_by_text(re.compile(r"^Saved at \d+:\d\d [AP]M C[SD]T\.$"))
    expect(words).to_be_visible(timeout=timeout)


def all_saved(page):
    """A whole CANS, which was rated faster than anybody rates: what waits goes out batch after batch."""
    saved(page, timeout=60_000)


def item(page, sheet, code):
    return page.locator(f'[id="item-{sheet.pk}-{code}"]')


@pytest.fixture
def child_sheet(draft):
    return draft.sheets.get(adult=None)


def test_from_blank_to_ready_with_one_key_an_item(scoring, big_draft, clinician):
    page = scoring(clinician, big_draft)
    items = page.locator("fieldset.item").count()
    assert items >= 162
    presses = 0
    while unrated := items - presses:
        page.keyboard.press("0123"[unrated % 4])
        presses += 1
    all_saved(page)
    assert unrated_in(big_draft) == 0
    page.keyboard.press("Enter")  # the focus is on the way on
    expect(page.get_by_role("heading", level=1, name="Summary")).to_be_visible()
    assert presses + 1 <= items + 5


@pytest.mark.closely
def test_by_touch_with_one_tap_an_item(scoring, big_draft, clinician):
    screen = {"viewport": {"width": 360, "height": 780}, "has_touch": True, "is_mobile": True}
    page = scoring(clinician, big_draft, **screen)
    items = page.locator("fieldset.item")
    tapped = ["0123"[number % 4] for number in range(items.count())]
    assert len(tapped) >= 162
    for row, value in zip(items.all(), tapped, strict=True):
        row.locator(f'.level:has(> input[value="{value}"])').tap()
    all_saved(page)
    sheets = big_draft.sheets.select_related("assessment")
    assert [sheet.value(one) for sheet in sheets for one in sheet.applicable_items] == tapped


def test_coming_back_lands_on_the_next_item_without_a_rating(scoring, draft, child_sheet, clinician):
    first = [one for one in child_sheet.applicable_items if one.section == "trauma"]
    actions.rate(child_sheet, by=clinician, ratings=[(one.code, ".", "0", False) for one in first])
    page = scoring(clinician, draft)
    assert focused(page) == [child_sheet.pk, "stress.adjustment-to-trauma"]
    page.keyboard.press("2")
    saved(page)
    page.reload()
    expect(page.get_by_role("link", name="Summary and submit")).to_be_visible()
    assert focused(page) == [child_sheet.pk, "stress.traumatic-grief-separation"]


@pytest.mark.parametrize("key", ["ArrowDown", "ArrowRight", "ArrowUp", "ArrowLeft"])
def test_arrows_go_from_level_to_level_and_choose_nothing(scoring, draft, child_sheet, clinician, key):
    page = scoring(clinician, draft, f"#item-{child_sheet.pk}-{NUMBING}")
    for _ in range(7):
        page.keyboard.press(key)
        assert focused(page) == [child_sheet.pk, NUMBING]
    expect(page.locator("input[type=radio]:checked")).to_have_count(0)
    page.keyboard.press("Space")
    expect(item(page, child_sheet, NUMBING).locator("input[type=radio]:checked")).to_have_count(1)
    saved(page)
    assert RatingChange.objects.count() == 1


def test_wheel_stray_keys_and_keys_elsewhere_change_nothing(scoring, draft, child_sheet, clinician):
    page = scoring(clinician, draft, f"#item-{child_sheet.pk}-{NUMBING}")
    for key in ("x", "4", "9", "n", "Control+1", "Alt+2", "Meta+3", "PageDown", "Home"):
        page.keyboard.press(key)
    page.mouse.move(600, 450)
    page.mouse.wheel(0, 800)
    page.get_by_role("link", name="A section at a time").focus()
    page.keyboard.type("0123u=")
    expect(page.locator("input[type=radio]:checked")).to_have_count(0)
    assert not RatingChange.objects.exists()


def test_a_held_key_rates_one_item(scoring, draft, child_sheet, clinician):
    page = scoring(clinician, draft)
    for _ in range(10):
        page.keyboard.down("2")
    page.keyboard.up("2")
    saved(page)
    assert RatingChange.objects.count() == 1


def test_a_mistake_is_rated_again_and_taken_back(scoring, draft, child_sheet, clinician):
    page = scoring(clinician, draft, f"#item-{child_sheet.pk}-{NUMBING}")
    page.keyboard.press("3")
    item(page, child_sheet, NUMBING).get_by_role("radio", name=re.compile("^3 ")).focus()
    page.keyboard.press("1")
    item(page, child_sheet, NUMBING).get_by_role("radio", name=re.compile("^1 ")).focus()
    page.keyboard.press("Delete")
    saved(page)
    assert values_of(draft)[child_sheet.pk][NUMBING] == "."
    expect(item(page, child_sheet, NUMBING).locator("input[type=radio]:checked")).to_have_count(0)
    page.reload()
    expect(item(page, child_sheet, NUMBING).locator("input[type=radio]:checked")).to_have_count(0)


def test_the_last_rating_is_repeated_item_by_item_and_can_be_hidden(scoring, approved, clinician):
    draft = factories.make_draft(approved.child, author=clinician)
    sheet = draft.sheets.get(adult=None)
    page = scoring(clinician, draft, f"#item-{sheet.pk}-{NUMBING}")
    expect(item(page, sheet, NUMBING).get_by_text("Was 1, watch, prevent, on ")).to_be_visible()
    with page.expect_response(SWITCH):
        page.get_by_role("button", name="Hide last ratings").click()
    expect(page.get_by_text("Was 1, watch, prevent, on ")).to_have_count(0)
    page.reload()
    expect(page.get_by_role("button", name="Hide last ratings", pressed=True)).to_be_visible()
    expect(page.get_by_text("Was 1, watch, prevent, on ")).to_have_count(0)
    item(page, sheet, NUMBING).get_by_role("radio").first.focus()
    page.keyboard.press("=")
    expect(item(page, sheet, NUMBING).get_by_text("Show the last ratings to repeat one.")).to_be_visible()
    page.get_by_role("button", name="Hide last ratings").click()
    item(page, sheet, NUMBING).get_by_role("radio").first.focus()
    page.keyboard.press("=")
    saved(page)
    change = RatingChange.objects.get(sheet=sheet)
    assert (change.after, change.carried) == ("1", True)
    page.keyboard.press("1")
    saved(page)
    assert not RatingChange.objects.filter(sheet=sheet).latest("pk").carried


def test_a_note_is_written_with_one_key_and_kept(scoring, draft, child_sheet, clinician):
    page = scoring(clinician, draft, f"#item-{child_sheet.pk}-{NUMBING}")
    page.keyboard.press("m")
    page.keyboard.type("Looks away when 3 or more people are near.")
    page.keyboard.press("Escape")
    assert focused(page) == [child_sheet.pk, NUMBING]
    saved(page)
    assert child_sheet.notes.get().text == "Looks away when 3 or more people are near."
    assert not RatingChange.objects.exists()


def test_single_keys_can_be_switched_off(scoring, draft, child_sheet, clinician):
    page = scoring(clinician, draft, f"#item-{child_sheet.pk}-{NUMBING}")
    page.keyboard.press("?")
    sheet = page.get_by_role("dialog", name="Keys")
    expect(sheet).to_be_visible()
    with page.expect_response(SWITCH):
        sheet.get_by_role("checkbox").uncheck()
    page.keyboard.press("Escape")
    item(page, child_sheet, NUMBING).get_by_role("radio").first.focus()
    page.keyboard.type("12?=u")
    expect(sheet).to_be_hidden()
    expect(page.locator("input[type=radio]:checked")).to_have_count(0)
    elsewhere = scoring(clinician, draft, f"#item-{child_sheet.pk}-{NUMBING}")
    item(elsewhere, child_sheet, NUMBING).get_by_role("radio").first.focus()
    elsewhere.keyboard.press("2")
    expect(elsewhere.locator("input[type=radio]:checked")).to_have_count(0)


def test_a_switch_that_could_not_be_kept_says_so_and_holds_on_the_page(
    scoring, draft, child_sheet, clinician
):
    page = scoring(clinician, draft, f"#item-{child_sheet.pk}-{NUMBING}")
    page.route(SWITCH, lambda route: route.fulfill(status=503))
    page.keyboard.press("?")
    sheet = page.get_by_role("dialog", name="Keys")
    sheet.get_by_role("checkbox").uncheck()
    expect(sheet.get_by_text("it could not be kept for next time")).to_be_visible()
    page.keyboard.press("Escape")
    item(page, child_sheet, NUMBING).get_by_role("radio").first.focus()
    page.keyboard.press("2")
    expect(page.locator("input[type=radio]:checked")).to_have_count(0)
    clinician.refresh_from_db()
    assert clinician.single_keys


def test_whose_ratings_these_are_stays_in_sight(scoring, draft, clinician):
    page = scoring(clinician, draft)
    adult = draft.sheets.exclude(adult=None).get()
    page.locator("fieldset.item").last.get_by_role("radio").first.focus()
    page.keyboard.press("n")
    expect(page.locator("fieldset.item").last.get_by_text("cannot be N/A.")).to_be_visible()
    expect(page.get_by_role("heading", name=adult.adult.name)).to_be_in_viewport()
    here = page.get_by_label("Sections").locator("[aria-current]")
    expect(here).to_contain_text(adult.adult.name)


def test_how_far_it_has_come_is_said_while_it_is_rated(scoring, draft, clinician):
    page = scoring(clinician, draft)
    for _ in range(14):
        page.keyboard.press("1")
    heads = page.locator(".section-head")
    expect(heads.nth(0)).to_contain_text("13 of 13 rated")
    expect(heads.nth(1)).to_contain_text("1 of 6 rated")
    expect(page.locator(".lede")).to_have_text("14 of 105 rated.")
    expect(page.locator("[data-part=trauma]")).to_have_class("done")


@pytest.mark.parametrize("width", [1280, 360])
@pytest.mark.parametrize("trouble", [0, 2])
def test_nothing_moves_while_it_is_saved(scoring, draft, clinician, width, trouble):
    page = scoring(clinician, draft, viewport={"width": width, "height": 780})
    if trouble:
        page.route("**/ratings/", lambda route: route.fulfill(status=503), times=trouble)
    page.evaluate(
        """() => { window.shifted = []; new PerformanceObserver(list => {
        for (const one of list.getEntries()) for (const { node } of one.sources) {
            const moved = node instanceof Element ? node : node?.parentElement;
            // Two lines of words stand higher than one, in a box that stays as large as it is.
            if (moved?.closest("[data-state-words], [data-state-act]")) continue;
            window.shifted.push(`${one.value} ${moved?.outerHTML.slice(0, 300)}`);
        }
        }).observe({type: "layout-shift", buffered: true}) }"""
    )
    for _ in range(20):
        page.keyboard.press("1")
    saved(page)
    assert page.evaluate("window.shifted") == []
