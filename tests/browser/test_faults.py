"""The line between browser and server is cut, the sign-in ends, somebody else is at work: after each of
it the database equals what the page told the person, nothing is doubled, and nothing overwritten in silence.
"""

import re
from collections import Counter

import pytest
from django.test import Client
from django.urls import reverse
from playwright.sync_api import expect

from approvals import actions as approvals
from approvals.models import Step
from cans import actions as cans
from cans.models import Note, RatingChange
from cases.models import Assignment
from staff.models import Session
from tests import factories

from . import faulty_line
from .faulty_line import faulty_line_to, instead
from .test_scoring import focused, item
from .test_session import closes, cover, fill_sign_in, is_covered, pass_time, sign_in_again

pytestmark = pytest.mark.database
SAVES = "/ratings/"
SAVED = re.compile(r"^Saved at \d+:\d\d [AP]M C[SD]T\.$")
TRYING = re.compile(r"^Not saved: (\d+) answers? waits? in this window\. Trying again\.$")
MINUTE = 60_000

# What the page tells, of the whole and of each item.
TOLD = """() => {
    const line = document.querySelector(".save-state");
    const items = [...document.querySelectorAll("fieldset.item")].map((one) => [
        `${one.dataset.sheet}-${one.dataset.code}`,
        {
            shown: one.querySelector("input[type=radio]:checked")?.value ?? ".",
            state: one.dataset.state ?? "",
            asks: one.querySelector(".item-asks") !== null,
        },
    ]);
    return {
        kind: line.dataset.state,
        words: line.querySelector("[data-state-words]").textContent,
        items: Object.fromEntries(items),
    };
}"""


class Window:
    """A window with the scoring page, and what was given in it, act by act."""

    def __init__(self, page, draft):
        self.page = page
        self.draft = draft
        self.begun = stored_in(draft)
        self.given = []

    def give(self, *values):
        """A key each, in the item that has the focus."""
        for value in values:
            sheet, code = focused(self.page)
            self.page.keyboard.press(value)
            self.given.append((sheet, code, value))

    def go_to(self, sheet, code):
        item(self.page, sheet, code).get_by_role("radio").first.focus()

    def says(self, words):
        expect(self.page.locator("[data-state-words]")).to_have_text(words)

    def waits(self):
        """How many answers the line says are not stored."""
        number = re.search(r"\d+(?= answer)", self.page.locator("[data-state-words]").text_content())
        return int(number[0]) if number else 0

    def try_again(self):
        """The time of the next attempt has come. Nothing passes by itself: the clock stands."""
        self.page.clock.fast_forward(1000)

    def asks(self, sheet, code, about="rating"):
        row = self.page.locator(f'[id="item-{sheet}-{code}"]')
        return row.get_by_role("group", name=re.compile(f"^Which {about} is right"))


@pytest.fixture
def line(live_server):
    with faulty_line_to(live_server.url) as line:
        yield line


@pytest.fixture
def opened(open_browser, line, draft):
    """Opens the scoring page over the line, as somebody or in a further window of the same browser."""

    def open_one(person=None, beside=None):
        page = beside.page.context.new_page() if beside else open_browser(person)
        if not beside:
            page.clock.install()
        page.goto(line.url + reverse("cans:continue", args=[draft.pk]))
        expect(page.get_by_role("link", name="Summary and submit")).to_be_visible()
        page.clock.pause_at(now(page) + 30)  # far enough ahead that a slow machine is not past it
        return Window(page, draft)

    return open_one


@pytest.fixture
def window(opened, clinician, transactional_db):
    """Somebody is at work, and has given one answer that is stored."""
    window = opened(clinician)
    window.give("1")
    window.says(SAVED)
    return window


def now(page):
    """In seconds, as the browser's clock is told it."""
    return page.evaluate("Date.now()") / 1000


@pytest.fixture
def child_sheet(draft):
    return draft.sheets.get(adult=None)


def stored_in(draft):
    """sheet-code → the rating in the database."""
    sheets = draft.sheets.select_related("assessment")
    return {f"{one.pk}-{code}": value for one in sheets for code, value in one.values.items()}


def changes_in(draft):
    """(sheet, code, before, after) of each change, in the order of the record."""
    found = RatingChange.objects.filter(sheet__assessment=draft).select_related("sheet__assessment")
    codes = {sheet.pk: {one.position: one.code for one in sheet.items} for sheet in draft.sheets.all()}
    return [(one.sheet_id, codes[one.sheet_id][one.position], one.before, one.after) for one in found]


def is_sound(draft, begun):
    """Each change begins where the one before it ended, the last is what stands there, and none repeats."""
    there = dict(begun)
    for sheet, code, before, after in changes_in(draft):
        key = f"{sheet}-{code}"
        assert before == there[key], f"{code}: {before} → {after} over {there[key]}"
        assert after != before, code
        there[key] = after
    assert stored_in(draft) == there


def promises_hold(window, *, alone=True):
    """Whatever the page calls saved was stored, and stands there unless others are at work too. Returns
    what the page told."""
    told = window.page.evaluate(TOLD)
    stored = stored_in(window.draft)
    changed = {(f"{sheet}-{code}", after) for sheet, code, _, after in changes_in(window.draft)}
    for key, one in told["items"].items():
        if one["state"] == "saved":  # which may be its note
            assert (key, one["shown"]) in changed | {(key, window.begun[key])}, (key, one)
        if one["state"] == "":
            assert one["shown"] == window.begun[key], (key, one)
        if alone and one["state"] in {"", "saved"}:
            assert one["shown"] == stored[key], (key, one)
    if told["kind"] in {"saved", "empty"}:
        assert unstored(told) == []
    return told


def unstored(told):
    return [key for key, one in told["items"].items() if one["state"] in {"saving", "unsaved"}]


def is_as_told(*windows, waiting=0):
    """The end of every fault: the database equals what the windows tell, and what was given is there once
    for each act, in order, but for as many of the last acts as the line says wait."""
    for window in windows:
        told = promises_hold(window, alone=len(windows) == 1)
        assert window.waits() == len(unstored(told)) == waiting, told
    is_recorded(*windows, waiting=waiting)


def is_recorded(*windows, waiting=0):
    is_sound(windows[0].draft, windows[0].begun)
    recorded = [(sheet, code, after) for sheet, code, _, after in changes_in(windows[0].draft)]
    if len(windows) == 1:
        given = windows[0].given
        assert recorded == given[: len(given) - waiting]
    else:
        assert Counter(recorded) == Counter(one for window in windows for one in window.given)


# The server and the line to it

FAULTS = {
    "killed before it heard": faulty_line.lost_before_the_server,
    "answer lost after the commit": faulty_line.lost_after_the_server,
    "half an answer": faulty_line.half_an_answer,
    "500": instead(500),
    "500 after the commit": instead(500, done=True),
    "503": instead(503),
    "502 in JSON": instead(502, b'{"problem": "no upstream"}'),
    "a page in its stead": instead(200),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_what_a_fault_leaves_unknown_is_sent_again_and_stored_once(window, line, fault):
    with line.spoiled(FAULTS[fault], SAVES):
        window.give("2", "3", "0")
        window.says(TRYING)
        assert window.waits() == 3
        promises_hold(window)
    window.try_again()
    window.says(SAVED)
    is_as_told(window)


@pytest.mark.parametrize("fault", ["never_answered", "done_but_never_answered"])
def test_a_server_that_hangs_is_left_after_ten_seconds(window, line, fault):
    with line.spoiled(getattr(faulty_line, fault), SAVES):
        window.give("2")
        window.says("Saving…")
        promises_hold(window)
        window.give("3")
        window.page.clock.fast_forward(10_000)
        window.says(TRYING)
        assert window.waits() == 2
    window.try_again()
    window.says(SAVED)
    is_as_told(window)


def test_a_server_that_goes_away_and_comes_back(window, line):
    with line.spoiled(faulty_line.never_answered, SAVES):
        window.give("2")
        line.go()
        window.says(TRYING)
    window.give("3", "1")
    assert window.waits() == 3
    is_as_told(window, waiting=3)
    line.come()
    rated = focused(window.page)
    window.page.get_by_role("button", name="Try now").press("Enter")
    assert focused(window.page) == rated  # the button is gone, and the keys go on
    window.says(SAVED)
    is_as_told(window)


def test_off_line_for_two_minutes(window):
    window.page.context.set_offline(True)
    window.give("2", "3")
    window.says("No connection: 2 answers wait in this window. Keep it open.")
    for _ in range(4):
        with window.page.expect_event("requestfailed"):  # or it fails when the line is back: the clock stands
            window.page.clock.fast_forward(MINUTE // 2)
        window.give("0")
    window.says("No connection: 6 answers wait in this window. Keep it open.")
    is_as_told(window, waiting=6)
    window.page.context.set_offline(False)
    window.says(SAVED)
    is_as_told(window)


# Refused


def test_a_stale_token_is_renewed_unnoticed(window, line):
    cookie = {"name": "csrftoken", "value": "s" * 32, "url": line.url}
    window.page.context.add_cookies([cookie])
    window.give("2", "3")
    window.says(SAVED)
    assert [b"403"] in [status for method, _, status in line.answered if method == "PATCH"]
    is_as_told(window)


@pytest.mark.parametrize(("status", "person"), [(b"403", "supervisor"), (b"404", "colleague")])
def test_an_assignment_that_ended_meanwhile(opened, line, case, request, status, person):
    """A supervisor still sees the CANS; a colleague does not even see that."""
    person = request.getfixturevalue(person)
    assignment = factories.assign(case, person, kind="parallel")
    window = opened(person)
    window.give("1")
    window.says(SAVED)
    Assignment.objects.filter(pk=assignment.pk).update(ends=factories.days(-1))
    window.give("2")
    window.says(re.compile(r"^Not saved: 1 answer\. \w"))
    window.give("3")
    assert window.waits() == 2
    assert line.answered[-1][2] == [status]
    is_as_told(window, waiting=2)
    Assignment.objects.filter(pk=assignment.pk).update(ends=None)
    window.page.get_by_role("button", name="Try now").click()
    window.says(SAVED)
    is_as_told(window)


@pytest.mark.parametrize("verb", ["submitted", "voided"])
def test_a_cans_that_moved_on_meanwhile(opened, line, draft, child_sheet, case, clinician, colleague, verb):
    factories.fill(draft)
    factories.assign(case, colleague, kind="parallel")
    window = opened(colleague)
    window.go_to(child_sheet, "stress.numbing")
    window.give("2")
    window.says(SAVED)
    draft.refresh_from_db()
    if verb == "submitted":
        approvals.submit(draft, by=clinician)
    else:
        approvals.void(draft, by=clinician, reason="It was begun for another child.")
    window.give("3")
    window.says(re.compile(rf"^Not saved: 1 answer\. This CANS is {verb}; its ratings cannot change now\."))
    window.give("0")
    assert window.waits() == 2
    assert line.answered[-1][2] == [b"409"]
    is_as_told(window, waiting=2)
    if verb == "submitted":
        draft.refresh_from_db()
        approvals.recall(draft, by=clinician)
        window.page.get_by_role("button", name="Try now").click()
        window.says(SAVED)
        is_as_told(window)


# The sign-in


def test_signed_out_by_the_server_and_in_again_in_place(window):
    Session.objects.all().delete()
    here = focused(window.page)
    window.give("2")
    is_covered(window.page)
    window.says("Signed out: 1 answer waits in this window.")
    is_as_told(window, waiting=1)
    closes(sign_in_again(window.page))
    window.says(SAVED)
    assert focused(window.page) != here
    window.give("3")
    window.says(SAVED)
    is_as_told(window)


def test_a_computer_that_slept_past_the_end_goes_on_at_the_same_item(window, line):
    with line.spoiled(faulty_line.lost_after_the_server, SAVES):
        window.give("2", "3")
        window.says(TRYING)
        here = focused(window.page)
        pass_time(20)
        window.page.clock.pause_at(now(window.page) + 20 * 60)
        window.page.keyboard.press("0")  # it wakes the page up, and is no answer
        is_covered(window.page)
    window.says("Signed out: 2 answers wait in this window.")
    closes(sign_in_again(window.page))
    window.says(SAVED)
    assert focused(window.page) == here
    window.give("1")
    window.says(SAVED)
    is_as_told(window)


def test_what_one_person_gave_is_never_sent_as_anothers(window, line, case, colleague):
    """No window said that the sign-in is another's. The other one works on this CANS too."""
    factories.assign(case, colleague, kind="parallel")
    context = window.page.context
    [own] = [one for one in context.cookies(line.url) if one["name"] == "sessionid"]
    other = Client()
    other.force_login(colleague)
    context.add_cookies([own | {"value": other.cookies["sessionid"].value}])
    window.give("2")
    window.says(re.compile("^Not saved: 1 answer. Somebody else has signed in"))
    is_as_told(window, waiting=1)
    context.add_cookies([own])
    window.page.get_by_role("button", name="Try now").click()
    window.says(SAVED)
    is_as_told(window)
    assert set(RatingChange.objects.values_list("by__username", flat=True)) == {"clinician"}


def test_another_person_signs_in_in_another_window(window, line, case, colleague):
    factories.assign(case, colleague, kind="parallel")
    with line.spoiled(faulty_line.lost_before_the_server, SAVES):
        window.give("2", "3")
        window.says(TRYING)
        other = window.page.context.new_page()
        other.goto(f"{line.url}/help/")
        other.get_by_role("button", name="Sign out").click()
        expect(other.get_by_role("heading", name="Sign in", exact=True)).to_be_visible()
        is_covered(window.page)
    other.goto(line.url)
    fill_sign_in(other, "colleague")
    is_covered(window.page, "Somebody else is signed in")
    window.page.clock.fast_forward(MINUTE)
    is_as_told(window, waiting=2)
    other.get_by_role("button", name="Sign out").click()
    expect(other.get_by_role("heading", name="Sign in", exact=True)).to_be_visible()
    fill_sign_in(other)
    expect(cover(window.page)).to_be_hidden()
    window.says(SAVED)
    is_as_told(window)
    assert set(RatingChange.objects.values_list("by__username", flat=True)) == {"clinician"}


# Two at work


@pytest.fixture(params=["two windows of one person", "two people"])
def two(request, window, opened, case, colleague):
    """Both have the second item before them, and what the first is called in the other."""
    if request.param == "two people":
        factories.assign(case, colleague, kind="parallel")
        return window, opened(colleague), "Cleo Clinician"
    return window, opened(beside=window), "In another window you"


def test_what_two_give_to_different_items_is_all_there(two, draft):
    one, other, _ = two
    other.go_to(draft.sheets.exclude(adult=None).get(), "caregiver.supervision")
    for value in "2301":
        one.give(value)
        other.give(value)
    one.says(SAVED)
    other.says(SAVED)
    is_as_told(one, other)


def test_what_two_give_to_one_item_is_asked_about(two):
    one, other, who = two
    one.give("2", "3")
    one.says(SAVED)
    places = [focused(other.page)]
    other.page.keyboard.press("0")
    places.append(focused(other.page))
    other.page.keyboard.press("1")
    other.says("Changed elsewhere: 2 items ask which is right.")
    is_as_told(one, other)  # of the other nothing is stored, and it says so
    theirs, mine = (other.asks(*place) for place in places)
    expect(theirs).to_contain_text(f"{who} set this to “2, ")
    expect(mine).to_contain_text(f"{who} set this to “3, ")
    theirs.get_by_role("button", name=re.compile("^Keep “2, ")).click()
    other.says("Changed elsewhere: 1 item asks which is right.")
    mine.get_by_role("button", name=re.compile("^Use mine: “1, ")).click()
    other.given.append((*places[1], "1"))
    other.says(SAVED)
    is_as_told(one, other)
    shown = other.page.evaluate(TOLD)["items"]
    assert [shown[f"{sheet}-{code}"]["shown"] for sheet, code in places] == ["2", "1"]


def test_what_is_sent_again_does_not_undo_what_another_did_meanwhile(window, line, draft, case, colleague):
    """The other one took back what was stored without an answer: it looks as if it had never been."""
    factories.assign(case, colleague, kind="parallel")
    sheet, code = focused(window.page)
    with line.spoiled(faulty_line.lost_after_the_server, SAVES):
        window.give("2")
        window.says(TRYING)
        cans.rate(draft.sheets.get(pk=sheet), by=colleague, ratings=[(code, "2", ".", False)])
    window.try_again()
    window.says("Changed elsewhere: 1 item asks which is right.")
    window.given.append((sheet, code, "."))  # the other's
    is_as_told(window)
    expect(window.asks(sheet, code)).to_contain_text("Coll Colleague set this to ")
    window.asks(sheet, code).get_by_role("button", name=re.compile("^Use mine: “2, ")).click()
    window.given.append((sheet, code, "2"))
    window.says(SAVED)
    is_as_told(window)


def test_what_two_write_into_one_note_is_asked_about(two, child_sheet):
    one, other, who = two
    for side, words in ((one, "Looks away."), (other, "Does not cry.")):
        side.go_to(child_sheet, "stress.numbing")
        side.page.keyboard.press("m")
        side.page.keyboard.type(words)
        side.page.keyboard.press("Escape")
        if side is one:
            side.says(SAVED)
    other.says("Changed elsewhere: 1 item asks which is right.")
    assert Note.objects.get().text == "Looks away."
    asks = other.asks(child_sheet.pk, "stress.numbing", about="note")
    expect(asks).to_contain_text(f"{who} changed this note to “Looks away.”")
    asks.get_by_role("button", name="Use mine").click()
    other.says(SAVED)
    assert Note.objects.get().text == "Does not cry."
    is_as_told(one, other)


# The way on, and away


def test_submit_pressed_twice_while_answers_are_out(opened, line, draft, child_sheet, clinician):
    factories.fill(draft)
    window = opened(clinician)
    window.go_to(child_sheet, "stress.numbing")
    with line.spoiled(faulty_line.held, SAVES):
        window.give("2", "3", "0")
        window.page.get_by_role("link", name="Summary and submit").dblclick()
        window.says("Saving… The summary opens when all is saved.")
        assert promises_hold(window)["kind"] == "saving"
    expect(window.page.get_by_role("heading", level=1, name="Summary")).to_be_visible()
    is_recorded(window)
    window.page.get_by_role("button", name=re.compile("^Submit CANS")).dblclick()
    # Whichever answer the browser waited for: what was said in the other's is not heard.
    told = window.page.get_by_role("status").filter(
        has_text=re.compile("Submitted[.] |sent twice, and done once")
    )
    expect(told).to_be_visible()
    draft.refresh_from_db()
    assert draft.state == "submitted"
    assert Step.objects.filter(assessment=draft).count() == 1
    is_recorded(window)


def test_the_summary_is_not_opened_over_what_is_not_stored(window, line):
    with line.spoiled(faulty_line.lost_before_the_server, SAVES):
        window.give("2")
        window.says(TRYING)
        window.page.get_by_role("link", name="Summary and submit").click()
        is_as_told(window, waiting=1)
    window.try_again()
    expect(window.page.get_by_role("heading", level=1, name="Summary")).to_be_visible()
    is_recorded(window)


def test_leaving_with_unsaved_answers_asks(window, line):
    asked = []

    def stay(dialog):
        asked.append(dialog.type)
        dialog.dismiss()

    window.page.on("dialog", stay)
    with line.spoiled(faulty_line.lost_before_the_server, SAVES):
        window.give("2", "3")
        window.says(TRYING)
        for leave in ("location.reload()", "location.assign('/')"):
            with window.page.expect_event("dialog"):
                window.page.evaluate(leave)
        is_as_told(window, waiting=2)
    window.try_again()
    window.says(SAVED)
    is_as_told(window)
    assert asked == ["beforeunload"] * 2
    window.page.reload()
    assert asked == ["beforeunload"] * 2


@pytest.mark.parametrize("how", ["reload", "back"])
def test_after_a_reload_and_after_back_the_page_is_as_the_record(window, line, how):
    window.give("2", "3")
    window.says(SAVED)
    if how == "reload":
        window.page.reload()
    else:
        window.page.get_by_role("link", name="Summary and submit").click()
        expect(window.page.get_by_role("heading", level=1, name="Summary")).to_be_visible()
        window.page.go_back()
    expect(window.page.get_by_role("link", name="Summary and submit")).to_be_visible()
    is_recorded(window)
    shown = {key: one["shown"] for key, one in window.page.evaluate(TOLD)["items"].items()}
    stored = stored_in(window.draft)
    assert shown == {key: stored[key] for key in shown}


def test_what_is_chosen_before_the_script_is_there(open_browser, line, draft, child_sheet, clinician):
    page = open_browser(clinician)
    window = Window(page, draft)
    with line.spoiled(faulty_line.held, "/scoring/main.js", method="GET"):
        page.goto(line.url + reverse("cans:continue", args=[draft.pk]), wait_until="commit")
        expect(page.get_by_role("button", name="Save", exact=True)).to_be_visible()
        for code, value in (("stress.numbing", "2"), ("stress.dissociation", "3")):
            item(page, child_sheet, code).get_by_role("radio", name=re.compile(f"^{value} ")).check()
            window.given.append((child_sheet.pk, code, value))
        window.says("Press Save before you leave this page.")
        assert not RatingChange.objects.exists()
    window.says(SAVED)
    is_as_told(window)
