"""The scoring page for everybody: every state of it under axe, read out item by item, in large letters,
and under a thumb."""

import re

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from approvals.actions import return_for_revision, submit
from cans import actions
from cans.facts import readiness_of, sheets_of
from cans.instrument import UNRATED, words
from cans.views import layout
from tests import factories

from .conftest import NARROW, WIDE, axe_findings, sideways
from .test_scoring import big_draft, item, saved, scoring

__all__ = ["big_draft", "scoring"]  # fixtures

GRIEF, NUMBING, SCHOOL = "stress.traumatic-grief-separation", "stress.numbing", "life.school-behavior"
COMMENT = "What does she do when she is alone?"
RATINGS = "**/cans/*/ratings/"
# axe takes a second for each hundred rows, and most of them are the same in every state.
ACROSS = {"width": 640, "height": 360}  # a phone held across
WHAT_CHANGES = ".save-bar, [data-says], dialog, .lede, .item:is([data-state], .item-wrong, :focus-within)"


@pytest.fixture
def parallel(case, agency):
    """Rates the same CANS."""
    person = factories.make_person("clinician", agency=agency, name="Pat Parallel", username="parallel")
    factories.assign(case, person, kind="parallel")
    return person


@pytest.fixture
def returned(transactional_db, approved, clinician, supervisor):
    """A second CANS that came back with two comments, while a caregiver joined."""
    draft = factories.make_draft(approved.child, author=clinician, rated="1", type="reassessment")
    sheet = draft.sheets.get(adult=None)
    answers = {warning.key: "So it is." for warning in readiness_of(draft)}
    actions.answer_warnings(draft, by=clinician, answers=answers)
    submit(draft, by=clinician)
    comments = [(sheet, NUMBING, COMMENT), (sheet, SCHOOL, "Which school?\nAnd since when?")]
    return_for_revision(draft, by=supervisor, reason="Two items need more.", comments=comments)
    factories.make_caregiver(approved.child, name="Gwen Later-Example")
    draft.refresh_from_db()
    return draft


def empty(assessment):
    for sheet in assessment.sheets.all():
        sheet.ratings = UNRATED * sheet.size
        sheet.save(update_fields=["ratings"])


class Looker:
    """Names the state of the page with what is wrong in it."""

    def __init__(self, page):
        self.page = page
        self.wrong = []

    def __call__(self, state, *, dark=False, whole=False):
        """The whole page, or what is another in this state than in the one before."""
        within = None if whole else WHAT_CHANGES
        for width in (NARROW, WIDE):
            self.page.set_viewport_size(width)
            found = axe_findings(self.page, within=within) + sideways(self.page)
            self.wrong += [f"{state}, {width['width']} px: {fault}" for fault in found]
        if dark:
            self.page.emulate_media(color_scheme="dark")
            found = axe_findings(self.page, rules=["color-contrast"], within=within)
            self.wrong += [f"{state}, dark: {fault}" for fault in found]
            self.page.emulate_media(color_scheme="light")


def says(page, words):
    expect(page.locator(".save-state")).to_contain_text(words)


def press(page, sheet, code, key):
    item(page, sheet, code).get_by_role("radio").first.focus()
    page.keyboard.press(key)


def answer(page, status, body):
    page.unroute(RATINGS)
    page.route(RATINGS, lambda route: route.fulfill(status=status, json=body))


@pytest.mark.closely
def test_every_state(scoring, returned, parallel, clinician):
    sheet = returned.sheets.get(adult=None)
    page = scoring(clinician, returned)
    look = Looker(page)
    look("returned with comments, all done, a caregiver joined", whole=True, dark=True)
    page.get_by_role("button", name="Hide last ratings").click()
    look("last ratings hidden")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
    look("keys")
    page.keyboard.press("Escape")

    empty(returned)
    page.reload()
    says(page, "Each answer is saved")
    look("blank", whole=True)
    for _ in range(15):
        page.keyboard.press("1")
    saved(page)
    look("half done", dark=True)

    there = returned.sheets.get(pk=sheet.pk).values[NUMBING]
    actions.rate(sheet, by=parallel, ratings=[(NUMBING, there, "3", False)])
    actions.annotate(sheet, by=parallel, notes={GRIEF: "Theirs."}, seen={GRIEF: ""})
    press(page, sheet, GRIEF, "m")
    page.keyboard.type("Mine.")
    look("a note is written")
    says(page, "Changed elsewhere: 1 item asks which is right.")
    page.keyboard.press("Escape")
    press(page, sheet, NUMBING, "1")
    says(page, "Changed elsewhere: 2 items ask which is right.")
    look("conflicts of a rating and a note", dark=True)
    for choice in ("Use mine: ", "Use mine"):
        page.get_by_role("button", name=re.compile(choice)).first.click()
    saved(page)

    page.route(RATINGS, lambda route: None)
    press(page, sheet, SCHOOL, "1")
    says(page, "Saving…")
    look("saving")
    answer(page, 503, {"problem": "Later."})
    page.reload()
    press(page, sheet, SCHOOL, "2")
    says(page, "Trying again")
    look("retrying", dark=True)
    page.context.set_offline(True)  # first, or it is sent again before there is no line
    page.unroute(RATINGS)
    page.get_by_role("button", name="Try now").click()
    says(page, "No connection")
    look("off line")
    for status in (409, 403):
        answer(page, status, {"problem": "This CANS was submitted at 10:42 AM.", "reason": "role"})
        page.context.set_offline(False)
        page.get_by_role("button", name="Try now").click()
        says(page, "This CANS was submitted")
        look(f"refused, {status}", dark=True)
    items = {f"{sheet.pk}-{SCHOOL}": "There is no such rating."}
    answer(page, 400, {"problem": "No.", "items": items})
    page.get_by_role("button", name="Try now").click()
    expect(page.get_by_text("There is no such rating.").first).to_be_visible()
    look("an item refused")
    answer(page, 401, {"problem": "You are signed out."})
    press(page, sheet, NUMBING, "0")
    expect(page.get_by_role("heading", name="You are signed out")).to_be_focused()
    look("signed out", dark=True)
    assert look.wrong == []


@pytest.mark.closely
def test_the_plain_form(returned, clinician, open_browser):
    """Without a script, and with what cannot be saved."""
    page = open_browser(clinician)
    page.route("**/main*.js", lambda route: route.abort())
    page.goto(reverse("cans:continue", args=[returned.pk]))
    look = Looker(page)
    look("plain")
    page.locator(f"[name='rating-{returned.sheets.get(adult=None).pk}-{NUMBING}']:checked").evaluate(
        "level => { level.value = '9' }"
    )
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("heading", name="Nothing was saved")).to_be_visible()
    look("plain, wrong", whole=True, dark=True)
    assert look.wrong == []


def tree_of(page):
    """What a screen reader is given, as (number, role, name, description, properties, children's numbers)."""
    session = page.context.new_cdp_session(page)
    nodes = session.send("Accessibility.getFullAXTree")["nodes"]
    session.detach()
    return {
        node["nodeId"]: {
            "role": node.get("role", {}).get("value"),
            "name": node.get("name", {}).get("value", ""),
            "description": node.get("description", {}).get("value", ""),
            "children": node.get("childIds", []),
            **{one["name"]: one["value"].get("value") for one in node.get("properties", [])},
        }
        for node in nodes
    }


def under(tree, number):
    """All that stands below, in the order it is read."""
    for child in tree[number]["children"]:
        yield tree[child]
        yield from under(tree, child)


def groups_of(tree):
    """The groups of radio buttons, each with all that is in it."""
    groups = [(node, list(under(tree, number))) for number, node in tree.items() if node["role"] == "group"]
    return [(node, inside) for node, inside in groups if any(one["role"] == "radio" for one in inside)]


def test_read_out_item_by_item(scoring, returned, clinician):
    sheet = returned.sheets.get(adult=None)
    page = scoring(clinician, returned)
    items = f"{sheet.pk}-{GRIEF}"
    answer(page, 400, {"problem": "No.", "items": {items: "There is no such rating."}})
    press(page, sheet, GRIEF, "2")
    expect(page.get_by_text("There is no such rating.").first).to_be_visible()
    tree = tree_of(page)
    groups = groups_of(tree)
    rated = [(of, rating) for of in sheets_of(returned) for rating in of.applicable_items]
    assert len(rated) > 100
    assert [node["name"] for node, _ in groups] == [heard(rating) for _, rating in rated]
    for (of, rating), (node, inside) in zip(rated, groups, strict=True):
        levels = [one for one in inside if one["role"] == "radio"]
        assert [one["name"] for one in levels] == [f"{digit} {says}" for _, digit, says in levels_of(rating)]
        chosen = "2" if (of.pk, rating.code) == (sheet.pk, GRIEF) else "1"
        assert [one["name"][0] for one in levels if one["checked"] == "true"] == [chosen]
        assert f"Was {words(rating, '1')}, on " in node["description"]
        summary = next(one for one in inside if one["role"] == "DisclosureTriangle")
        assert summary["name"].split() == f"Add a note to {rating.number or ''} {rating.name}".split()
    described = {node["name"]: node["description"] for node, _ in groups}
    assert f"Sana Supervisor: {COMMENT}" in next(
        text for name, text in described.items() if "Numbing" in name
    )
    assert "There is no such rating." in next(text for name, text in described.items() if "Grief" in name)
    unnamed = [one for one in tree.values() if one.get("focusable") and not one["name"]]
    assert [one["role"] for one in unnamed] == ["main"]  # where the skip link leads
    read = " ".join(one["name"] for one in tree.values() if one["role"] == "StaticText")
    assert f"{len(rated)} of {len(rated)} rated" in " ".join(read.split())
    assert "Not saved: 1 answer." in read


def levels_of(rating):
    return layout.levels(rating.kind, rating.na_allowed)


def heard(rating):
    """The number, the name and the kind, as the legend says them."""
    return f"{rating.number} {rating.name} {rating.kind.value.capitalize()}".removeprefix("None ")


def test_large_letters_and_a_narrow_screen(scoring, returned, clinician):
    page = scoring(clinician, returned)
    wrong = []
    for size, viewport in [(200, WIDE), (100, NARROW), (200, NARROW), (100, {"width": 320, "height": 256})]:
        page.set_viewport_size(viewport)
        page.evaluate("size => { document.documentElement.style.fontSize = `${size}%` }", size)
        found = sideways(page) + page.evaluate(CUT_OFF)
        wrong += [f"{size} % at {viewport['width']} px: {fault}" for fault in found]
    assert wrong == []


# Words that run out of the box they stand in, or out of the page.
CUT_OFF = """() => {
  const wrong = new Set();
  const boxes = ".level > span, .button, summary, legend, .item-was, .save-state, .sections a, h1, h2, h3";
  for (const box of document.querySelectorAll(`main :is(${boxes})`)) {
    const around = box.getBoundingClientRect();
    if (!around.width) continue;
    const range = document.createRange();
    const walker = document.createTreeWalker(box, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
      if (walker.currentNode.parentElement.closest(".visually-hidden")) continue;
      range.selectNodeContents(walker.currentNode);
      for (const words of range.getClientRects()) {
        const inside = words.left >= around.left - 1 && words.right <= around.right + 1 &&
          words.top >= around.top - 1 && words.bottom <= around.bottom + 1 &&
          words.left >= 0 && words.right <= document.documentElement.clientWidth;
        if (!inside) wrong.add(`${box.tagName} ${box.className}: ${walker.currentNode.data.trim()}`);
      }
    }
  }
  return [...wrong];
}"""


SMALL = """() => [...document.querySelectorAll(
      "#ratings :is(.level, summary, textarea, a, button), #sections :is(a, button)")]
    .filter(one => one.checkVisibility())
    .map(one => [one, one.getBoundingClientRect()])
    .filter(([one, box]) => box.width && box.height && (box.height < 44 || box.width < 44))
    .map(([one, box]) => `${one.outerHTML.slice(0, 80)}: ${box.width} x ${box.height}`)"""


def test_under_a_thumb(scoring, returned, parallel, clinician):
    sheet = returned.sheets.get(adult=None)
    page = scoring(clinician, returned, viewport=NARROW, has_touch=True, is_mobile=True)
    found = {"as it opens": page.evaluate(SMALL)}
    answer(page, 503, {"problem": "Later."})
    item(page, sheet, NUMBING).locator("summary").tap()
    item(page, sheet, NUMBING).get_by_role("radio").first.tap()
    says(page, "Trying again")
    found["retrying"] = page.evaluate(SMALL)
    page.get_by_role("link", name="Summary and submit").tap()
    says(page, "The summary opens when all is saved.")
    found["about to go on"] = page.evaluate(SMALL)
    answer(page, 409, {"problem": "This CANS was voided."})
    page.get_by_role("button", name="Try now").tap()
    says(page, "This CANS was voided.")
    found["refused"] = page.evaluate(SMALL)
    page.unroute(RATINGS)
    actions.rate(sheet, by=parallel, ratings=[(NUMBING, "1", "3", False)])
    page.get_by_role("button", name="Try now").tap()
    says(page, "Changed elsewhere: 1 item asks which is right.")
    expect(page.get_by_role("link", name="Go there")).to_be_visible()
    found["two gave different answers"] = page.evaluate(SMALL)
    assert {state: small for state, small in found.items() if small} == {}


@pytest.mark.parametrize("viewport", [WIDE, NARROW, ACROSS], ids=["wide", "narrow", "across"])
def test_the_item_with_the_focus_is_never_under_the_bar(scoring, draft, clinician, viewport):
    page = scoring(clinician, draft, viewport=viewport)
    hidden = []
    for key in "0123" * 4:
        page.keyboard.press(key)
        row, bar = page.evaluate(
            """() => [document.activeElement.closest("fieldset.item"), document.querySelector(".save-bar")]
            .map(one => { const { top, bottom } = one.getBoundingClientRect(); return [top, bottom] })"""
        )
        hidden += [row] if row[0] < 0 or row[1] > bar[0] else []
    assert hidden == []
