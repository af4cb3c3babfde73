"""A return with two comments, and what becomes of them: one answered in words, one rating changed."""

import re

import pytest
from playwright.sync_api import expect

from approvals import actions
from tests import factories

CHILD = "Robin Plainly-Invented"


@pytest.fixture
def waiting(clinician, supervisor, transactional_db):
    case = factories.make_case(primary=clinician, name="Plainly-Invented")
    draft = factories.make_draft(factories.make_child(case, name=CHILD), author=clinician, rated="1")
    actions.submit(draft, by=clinician)
    return draft


class Hand:
    """Counts what a person does: a press of something, or the filling in of one field."""

    def __init__(self, page):
        self.page, self.actions = page, 0

    def press(self, role, name):
        self.actions += 1
        self.page.get_by_role(role, name=name).first.click()

    def fill(self, label, text):
        box = self.page.get_by_label(label)
        expect(box).to_be_attached()
        if not box.is_visible():
            self.actions += 1
            self.page.locator("details").filter(has=box).locator("summary").click()
        self.actions += 1
        box.fill(text)


@pytest.mark.parametrize("script", [True, False], ids=["JavaScript", "no JavaScript"])
def test_returned_answered_and_reviewed(script, waiting, clinician, supervisor, open_browser):
    reviewer = open_browser(signed_in=supervisor, java_script_enabled=script)
    reviewer.goto("/approvals/")
    hand = Hand(reviewer)
    hand.press("link", CHILD)
    hand.press("link", "Return for revision")
    hand.fill("What should the author do?", "Two ratings do not fit what you told me.")
    hand.fill(re.compile(r"Comment on \d+ Sleep\b"), "You described nightmares.")
    hand.fill(re.compile(r"Comment on \d+ Optimism\b"), "What shows it?")
    hand.press("button", re.compile("^Return CANS"))
    expect(reviewer.get_by_text("with 2 comments")).to_be_visible()
    assert hand.actions < 10

    author = open_browser(signed_in=clinician, java_script_enabled=script)
    author.goto(waiting.get_absolute_url())
    expect(author.get_by_text("Not seen to yet", exact=True)).to_have_count(2)
    change_sleep(author, script)
    answer_optimism(author)
    expect(author.get_by_text("Rating changed", exact=True)).to_be_visible()
    expect(author.get_by_text("Answered", exact=True)).to_be_visible()
    expect(author.get_by_text("not seen to yet")).to_have_count(0)
    author.get_by_role("button", name=re.compile("^Submit CANS")).click()
    expect(author.get_by_text("Submitted. ")).to_be_visible()

    reviewer.goto("/approvals/")
    reviewer.get_by_role("link", name=CHILD).first.click()
    commented = reviewer.get_by_role("region", name="What changed since it was returned")
    sleep = commented.get_by_role("listitem").filter(has_text="You described nightmares.")
    expect(sleep).to_contain_text("Changed")
    expect(sleep.get_by_text("2, act")).to_be_visible()
    optimism = commented.get_by_role("listitem").filter(has_text="What shows it?")
    expect(optimism).to_contain_text("She speaks of next summer.")
    expect(optimism).to_contain_text("Rating not changed")
    expect(commented.get_by_text("Changed besides")).to_have_count(0)


def row_of(page, item):
    return page.get_by_role("group", name=re.compile(rf"\b{item}\b")).filter(has=page.get_by_role("radio"))


def change_sleep(page, script):
    """From the checklist to the first of two controls, and on to the second, which is rated otherwise."""
    page.get_by_role("link", name=re.compile(r"^Optimism \(")).first.click()
    expect(row_of(page, "Optimism").get_by_text("Comment 1 of 2")).to_be_in_viewport()
    row_of(page, "Optimism").get_by_role("link", name="Next comment").click()
    row = row_of(page, "Sleep")
    expect(row.get_by_text("Comment 2 of 2")).to_be_in_viewport()
    row.get_by_role("radio", name=re.compile("^2 ")).check()
    if script:
        expect(page.get_by_text(re.compile("^Saved at "))).to_be_visible()
    else:
        page.get_by_role("button", name="Save", exact=True).click()


def answer_optimism(page):
    row_of(page, "Sleep").get_by_role("link", name="Previous comment").click()
    row_of(page, "Optimism").get_by_role("link", name="Answer in words").click()
    page.get_by_label(re.compile(r"^Your answer on Optimism")).fill("She speaks of next summer.")
    page.get_by_role("button", name="Save the answers").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Summary")
