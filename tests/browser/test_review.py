"""From the queue to a decision: by keys, and the question before an approval."""

import itertools
import re

import pytest
from playwright.sync_api import expect

from approvals import actions
from cans.states import State
from tests import factories

from .conftest import NARROW, WIDE, axe_findings, sideways

# None of this asks the database anything new.
CHILD, OTHER = "Robin Plainly-Invented", "Wren Also-Invented"


class Hand:
    """Counts what a person does: a press, or the filling in of one field."""

    def __init__(self, page):
        self.page, self.actions = page, 0

    def click(self, role, name):
        self.actions += 1
        self.page.get_by_role(role, name=name).first.click()

    def press(self, keys):
        for key in keys:
            self.actions += 1
            self.page.keyboard.press(key)

    def type(self, text):
        self.actions += 1
        self.page.keyboard.type(text)

    def fill(self, label, text):
        self.actions += 1
        self.page.get_by_label(label).fill(text)


@pytest.fixture
def waiting(clinician, supervisor, transactional_db):
    """Two children's first CANS; the first waits longer."""
    drafts = []
    for name, opened in ((CHILD, -20), (OTHER, -15)):
        case = factories.make_case(primary=clinician, opened=factories.days(opened))
        draft = factories.make_draft(factories.make_child(case, name=name), author=clinician, rated="1")
        actions.submit(draft, by=clinician)
        drafts.append(draft)
    return drafts


@pytest.fixture
def hand(waiting, supervisor, open_browser):
    """A supervisor in the queue."""
    page = open_browser(supervisor)
    page.goto("/approvals/")
    return Hand(page)


def open_review(hand):
    hand.click("link", CHILD)
    expect(hand.page.get_by_role("button", name="Keys")).to_be_visible()  # from now on it listens


def question(page):
    return page.get_by_role("dialog", name=re.compile("^Approve CANS"))


def test_approved_in_two_actions_and_on_to_the_next(hand, waiting):
    """To open it, and to approve it: of which the second asks once, naming the child and the dates, so by
    keys it is two presses."""
    page = hand.page
    open_review(hand)
    hand.press("a")
    expect(question(page)).to_contain_text(CHILD)
    expect(question(page)).to_contain_text(re.compile(r"It settles the initial CANS due \w+ \d+ \w+ \d{4}\."))
    expect(question(page).get_by_role("button", name="Approve CANS")).to_be_focused()
    hand.press(["Enter"])
    expect(page.get_by_text(f"Approved: {CHILD}")).to_be_visible()
    assert hand.actions == 1 + 2
    waiting[1].refresh_from_db()
    assert waiting[1].opened_at is None
    hand.click("link", f"Next: {OTHER}")
    expect(page.get_by_role("heading", level=1)).to_contain_text(OTHER)


def test_neither_a_held_enter_nor_escape_approves(hand, waiting):
    page = hand.page
    open_review(hand)
    page.get_by_role("button", name="Approve CANS").focus()
    for _ in range(3):  # held: the second and third are repeats
        page.keyboard.down("Enter")
    page.keyboard.up("Enter")
    expect(question(page)).to_be_visible()
    page.keyboard.press("Escape")
    expect(question(page)).to_be_hidden()
    page.get_by_role("button", name="Approve CANS").click()
    question(page).get_by_role("button", name="Not now").click()
    expect(question(page)).to_be_hidden()
    waiting[0].refresh_from_db()
    assert waiting[0].state == State.SUBMITTED


def test_returned_with_two_comments_in_under_ten_actions(hand):
    page = hand.page
    open_review(hand)
    hand.press("jc")
    expect(page.get_by_label(re.compile("^Comment on")).first).to_be_focused()
    hand.type("Say more.")
    hand.press(["Tab"])
    hand.type("And here: since when?")
    hand.fill("What should the author do?", "Two ratings need words.")
    hand.click("button", re.compile("^Return CANS"))
    expect(page.get_by_text("with 2 comments")).to_be_visible()
    assert hand.actions < 10


def test_j_and_k_move_and_r_returns(hand):
    page = hand.page
    open_review(hand)
    changes = page.locator(".changes > .change")
    for key, number in (("j", 0), ("j", 1), ("j", 2), ("k", 1)):
        page.keyboard.press(key)
        expect(changes.nth(number)).to_be_focused()
        expect(changes.nth(number)).to_be_in_viewport()
    width = page.evaluate("parseFloat(getComputedStyle(document.activeElement).outlineWidth)")
    assert width >= 2
    for other in ("Control+j", "Alt+j", "Meta+j"):
        page.keyboard.press(other)
    expect(changes.nth(1)).to_be_focused()
    page.keyboard.press("r")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Return CANS")


def test_c_without_a_change_leads_to_all_items(hand):
    page = hand.page
    open_review(hand)
    page.keyboard.press("c")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Return CANS")


def test_an_untouched_item_has_its_history_and_its_comment(hand):
    page = hand.page
    open_review(hand)
    folded = page.locator("details", has=page.locator("summary", has_text="Life domain"))
    folded.locator("summary").click()
    row = folded.locator("tr", has_text="Sleep")
    expect(row.get_by_role("link", name="History of")).to_be_visible()
    row.get_by_role("link", name="Comment on").click()
    box = page.get_by_label(re.compile(r"^Comment on \d+ Sleep"))
    expect(box).to_be_in_viewport()
    expect(box.locator("xpath=ancestor::li").get_by_role("heading")).to_be_in_viewport()


@pytest.mark.parametrize("answer", ["stay", "leave"])
def test_leaving_typed_comments_asks(hand, answer):
    page = hand.page
    open_review(hand)
    hand.press("r")
    page.get_by_label(re.compile("^What should the author do")).fill("Half a thought")
    page.wait_for_load_state()  # from now on it would ask
    asked = []

    def at_leaving(dialog):
        asked.append(dialog.type)
        (dialog.dismiss if answer == "stay" else dialog.accept)()

    page.on("dialog", at_leaving)
    page.get_by_role("link", name="Back to the review").click()
    heading = page.get_by_role("heading", level=1)
    expect(heading).to_contain_text("Return CANS" if answer == "stay" else "Review CANS")
    assert asked == ["beforeunload"]


def test_switched_off_no_key_acts(hand):
    page = hand.page
    open_review(hand)
    page.keyboard.press("?")
    sheet = page.get_by_role("dialog", name="Keys")
    with page.expect_response("**/staff/me/switch/"):
        sheet.get_by_role("checkbox").uncheck()
    page.keyboard.press("Escape")
    expect(sheet).to_be_hidden()
    page.reload()
    expect(page.get_by_role("button", name="Keys")).to_be_visible()
    for key in "ja?r":
        page.keyboard.press(key)
    expect(page.locator("dialog[open], .change:focus")).to_have_count(0)
    expect(page.get_by_role("heading", level=1)).to_contain_text("Review CANS")


def test_the_question_and_the_keys_are_accessible(hand):
    page = hand.page
    open_review(hand)
    found = []
    for key, viewport in itertools.product("a?", (WIDE, NARROW)):
        page.set_viewport_size(viewport)
        page.keyboard.press(key)
        expect(page.locator("dialog[open]")).to_be_visible()
        found += axe_findings(page) + sideways(page)
        page.keyboard.press("Escape")
    assert found == []


def test_without_javascript_the_words_stand_beside_the_button(waiting, supervisor, open_browser):
    page = open_browser(supervisor, java_script_enabled=False)
    page.goto("/approvals/")
    page.get_by_role("link", name=CHILD).click()
    decide = page.get_by_role("complementary", name="Decide")
    expect(decide).to_contain_text(f"This approves {CHILD}'s initial CANS. It settles the initial CANS due")
    decide.get_by_role("button", name="Approve CANS").click()
    expect(page.get_by_text(f"Approved: {CHILD}")).to_be_visible()
