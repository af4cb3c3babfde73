"""A long plain form is not left with something in it that was not saved, unless the person says so."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from cans import actions
from tests import factories

from .test_scoring import NUMBING, child_sheet, item
from .test_scoring_access import returned

__all__ = ["child_sheet", "returned"]  # fixtures


@pytest.fixture
def section(open_browser, draft, child_sheet, clinician, transactional_db):
    page = open_browser(clinician)
    page.goto(reverse("cans:score", args=[draft.pk, "stress"]), wait_until="load")
    return page


@pytest.fixture
def asked(section):
    """What the page asked, each time answered with: stay."""
    dialogs = []

    def stay(dialog):
        dialogs.append(dialog.type)
        dialog.dismiss()

    section.on("dialog", stay)
    return dialogs


def leave(page):
    page.get_by_role("link", name="Help", exact=True).click()


def choose(page, sheet, level):
    item(page, sheet, NUMBING).get_by_role("radio").nth(level).check()


def stays(page, asked, times):
    """It asks each time it is left."""
    for _ in range(times):
        with page.expect_event("dialog"):
            leave(page)
    assert asked == ["beforeunload"] * times
    expect(page.locator("#ratings")).to_be_visible()


def left(page, asked):
    leave(page)
    expect(page.locator("#ratings")).to_have_count(0)
    assert asked == []


def test_a_page_on_which_nothing_was_chosen_is_left_without_a_word(section, asked, child_sheet):
    item(section, child_sheet, NUMBING).get_by_role("radio").first.focus()
    left(section, asked)


@pytest.mark.parametrize("how", ["a rating", "a note"])
def test_what_is_not_saved_is_not_left_behind_in_silence(section, asked, child_sheet, how):
    if how == "a rating":
        choose(section, child_sheet, 2)
    else:
        item(section, child_sheet, NUMBING).locator("summary").click()
        item(section, child_sheet, NUMBING).get_by_role("textbox").fill("Looks away.")
    stays(section, asked, 2)


def test_what_is_taken_back_by_hand_is_nothing_to_ask_about(section, asked, child_sheet):
    item(section, child_sheet, NUMBING).locator("summary").click()
    for words in ("Looks away.", ""):
        item(section, child_sheet, NUMBING).get_by_role("textbox").fill(words)
    left(section, asked)


def test_what_is_sent_is_left_without_a_word(section, asked, child_sheet):
    choose(section, child_sheet, 2)
    section.get_by_role("button", name="Save", exact=True).click()
    expect(section.get_by_text("saved at")).to_be_visible()
    left(section, asked)


def test_what_the_server_gave_back_is_not_saved_yet(section, asked, child_sheet, colleague, case):
    factories.assign(case, colleague, kind="parallel")
    actions.rate(child_sheet, by=colleague, ratings=[(NUMBING, ".", "3", False)])
    choose(section, child_sheet, 2)
    section.get_by_role("button", name="Save", exact=True).click()
    expect(section.get_by_role("heading", name="Saved, except what somebody else changed")).to_be_visible()
    section.wait_for_load_state()  # from now on it would ask
    item(section, child_sheet, NUMBING).get_by_role("radio").first.focus()
    section.mouse.click(5, 5)  # a browser asks only where somebody has done something
    stays(section, asked, 1)


def test_answers_to_a_reviewer_are_not_left_behind_either(open_browser, returned, clinician):
    page = open_browser(clinician)
    page.goto(reverse("cans:answers", args=[returned.pk]))
    page.get_by_role("textbox").first.fill("She hides under the table.")
    dialogs = []

    def go(dialog):
        dialogs.append(dialog.type)
        dialog.accept()

    page.on("dialog", go)
    page.get_by_role("link", name="Back to the summary").click()
    expect(page.get_by_role("heading", level=1, name="Summary")).to_be_visible()
    assert dialogs == ["beforeunload"]


@pytest.fixture
def answering(open_browser, ready_draft, clinician, transactional_db):
    """The summary of a CANS with a warning to answer."""
    sheet = ready_draft.sheets.select_related("assessment__case").get(adult=None)
    actions.rate(sheet, by=clinician, ratings=[("risk.suicide-risk", "1", "2", False)])
    page = open_browser(clinician)
    page.goto(reverse("cans:summary", args=[ready_draft.pk]))
    return page


def test_an_answer_to_a_warning_is_not_left_behind_in_silence(answering):
    asked = []
    answering.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    answer = answering.get_by_role("textbox").first
    answer.fill("The plan is in the file.")
    with answering.expect_event("dialog"):
        answering.get_by_role("link", name="Go on rating").click()
    expect(answer).to_have_value("The plan is in the file.")
    answering.get_by_role("button", name="Save the answers").click()
    expect(answering.get_by_text("Your answers are saved.")).to_be_visible()
    answering.wait_for_load_state()
    answering.get_by_role("link", name="Go on rating").click()
    expect(answering.get_by_role("heading", level=1, name="Ratings")).to_be_visible()
    assert asked == ["beforeunload"]


def test_a_day_that_does_not_exist_is_not_sent_as_none(open_browser, case, clinician, transactional_db):
    page = open_browser(clinician)
    page.goto(reverse("cases:edit", args=[case.pk]))
    day = page.get_by_label("Referral date")
    day.press_sequentially("02312026")
    sent = []
    page.on("request", lambda one: one.method == "POST" and sent.append(one.url))
    page.get_by_role("button", name="Keep the details").click()
    expect(day).to_be_focused()
    assert page.evaluate("document.activeElement.validity.badInput")
    assert sent == []
    day.press_sequentially("02282026")
    page.get_by_role("button", name="Keep the details").click()
    expect(page.get_by_role("heading", level=1, name=case.name)).to_be_visible()
    assert len(sent) == 1
