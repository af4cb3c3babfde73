"""What a person does while something is on its way: an answer that comes late, a note that is being
typed, a page that is about to be left. And what somebody hears who cannot see the line."""

import re
import threading
from functools import partial

import pytest
from playwright.sync_api import expect

from cans.models import Note, RatingChange

from . import faulty_line
from .faulty_line import instead
from .test_faults import (
    SAVED,
    SAVES,
    TOLD,
    TRYING,
    child_sheet,
    focused,
    is_as_told,
    line,
    opened,
    stored_in,
    two,
    window,
)

__all__ = ["child_sheet", "line", "opened", "two", "window"]  # fixtures

pytestmark = pytest.mark.database

AWAY = 31_000  # milliseconds, after which a window looks what changed
OPENS_LATER = "The summary opens when all is saved."

SEEN = """state => {
    Object.defineProperty(document, "visibilityState", { value: state, configurable: true });
    document.dispatchEvent(new Event("visibilitychange"));
}"""
# Until what follows from an answer has happened; timers stand still.
SETTLED = """() => new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => resolve(null);
    port2.postMessage(null);
})"""
HEAR = """() => {
    window.heard = [];
    const says = document.querySelector("[data-says]");
    new MutationObserver(() => window.heard.push(says.textContent)).observe(says, { childList: true });
}"""


def finish(window):
    return window.page.get_by_role("link", name="Summary and submit")


def is_still_there(window):
    window.page.evaluate(SETTLED)
    expect(finish(window)).to_be_visible()
    is_as_told(window)


@pytest.mark.parametrize("given", ["before the page looks", "while the answer is on its way"])
def test_a_late_look_at_what_changed_does_not_undo_what_was_given_since(window, line, given):
    window.page.evaluate(SEEN, "hidden")
    window.page.clock.fast_forward(AWAY)
    here, arrives = focused(window.page), threading.Event()
    line.spoil(partial(faulty_line.late, until=arrives), SAVES, method="GET")
    with window.page.expect_response(lambda one: SAVES in one.url and one.request.method == "GET") as look:
        if given == "before the page looks":
            line.spoil(faulty_line.held, SAVES)
            window.give("3")
            window.says("Saving…")
        with window.page.expect_request(lambda one: SAVES in one.url and one.method == "GET"):
            window.page.evaluate(SEEN, "visible")
        while not [method for method, path, _ in line.answered if method == "GET" and SAVES in path]:
            window.page.evaluate(SETTLED)
        line.mend()
        if given != "before the page looks":
            window.give("3")
        window.says(SAVED)
        arrives.set()
    look.value.finished()
    window.page.evaluate(SETTLED)
    is_as_told(window)
    told = window.page.evaluate(TOLD)["items"]["-".join(map(str, here))]
    assert (told["shown"], told["state"]) == ("3", "saved")


def test_a_late_look_shows_what_another_gave_meanwhile(two):
    one, other, _ = two
    other.page.evaluate(SEEN, "hidden")
    other.page.clock.fast_forward(AWAY)
    here = focused(one.page)
    one.give("3")
    one.says(SAVED)
    other.page.evaluate(SEEN, "visible")
    expect(other.page.get_by_text("Changed elsewhere while this window was away.")).to_be_visible()
    assert other.page.evaluate(TOLD)["items"]["-".join(map(str, here))]["shown"] == "3"


def a_note_by(one, text):
    write(one, text)
    with one.page.expect_response(lambda sent: SAVES in sent.url):
        one.page.clock.fast_forward(1000)


def note_in(window, here):
    return window.page.locator(f"[id='note-{'-'.join(map(str, here))}']")


def test_a_look_shows_the_note_that_another_wrote(two):
    one, other, _ = two
    other.page.evaluate(SEEN, "hidden")
    other.page.clock.fast_forward(AWAY)
    here = focused(one.page)
    a_note_by(one, "Sleeps with the light on.")
    other.page.evaluate(SEEN, "visible")
    expect(note_in(other, here)).to_have_value("Sleeps with the light on.")
    expect(note_in(other, here)).to_be_visible()
    expect(other.page.locator("[data-says]")).to_have_text("1 item was changed elsewhere.")


def test_a_look_leaves_alone_what_is_being_written_meanwhile(two, line):
    one, other, _ = two
    other.page.evaluate(SEEN, "hidden")
    other.page.clock.fast_forward(AWAY)
    here, arrives = focused(one.page), threading.Event()
    a_note_by(one, "Theirs.")
    line.spoil(partial(faulty_line.late, until=arrives), SAVES, method="GET")
    with other.page.expect_response(lambda sent: SAVES in sent.url and sent.request.method == "GET") as look:
        other.page.evaluate(SEEN, "visible")
        write(other, "Mine.")
        line.mend()
        arrives.set()
    look.value.finished()
    other.page.evaluate(SETTLED)
    expect(note_in(other, here)).to_have_value("Mine.")
    other.page.clock.fast_forward(1000)
    other.says("Changed elsewhere: 1 item asks which is right.")


def write(window, words):
    window.page.keyboard.press("m")
    window.page.keyboard.type(words)


def test_a_note_goes_out_within_a_second_of_its_first_key_however_long_one_types(window):
    write(window, "Looks")
    window.says("Saving…")
    for words in (" away", " when"):
        window.page.clock.fast_forward(500)
        window.page.keyboard.type(words)
    window.says("Saving…")  # the last word has no second yet
    window.page.clock.fast_forward(1000)
    window.says(SAVED)
    assert Note.objects.get().text == "Looks away when"


def test_what_is_typed_is_stored_a_second_later_though_one_types_on(window):
    write(window, "Looks")
    with window.page.expect_response(lambda one: SAVES in one.url):
        for _ in range(2):
            window.page.clock.fast_forward(500)
            window.page.keyboard.type("!")
    assert Note.objects.get().text.startswith("Looks")


def test_a_note_goes_out_when_the_window_is_hidden(window):
    write(window, "Looks away.")
    with window.page.expect_response(lambda one: SAVES in one.url):
        window.page.evaluate(SEEN, "hidden")
    assert Note.objects.get().text == "Looks away."


def test_what_two_gave_is_chosen_from_by_keyboard_alone(two):
    one, other, _ = two
    here = focused(one.page)
    one.give("2")
    one.says(SAVED)
    other.page.keyboard.press("0")
    other.says("Changed elsewhere: 1 item asks which is right.")
    other.page.keyboard.press("k")
    assert focused(other.page) == here
    for choice in (r"^Keep “2, ", r"^Use mine: “0, "):
        other.page.keyboard.press("Tab")
        expect(other.page.get_by_role("button", name=re.compile(choice))).to_be_focused()
    other.page.keyboard.press("Enter")
    other.given.append((*here, "0"))
    other.says(SAVED)
    is_as_told(one, other)


def test_what_is_heard_of_a_bad_line(window, line):
    window.page.evaluate(HEAR)

    def last(words):
        window.page.wait_for_function("() => window.heard.length > 0")
        expect(window.page.locator("[data-says]")).to_have_text(words)
        return window.page.evaluate("window.heard")

    with line.spoiled(instead(503), SAVES):
        window.give("2")
        window.says(TRYING)
        assert len(last(TRYING)) == 1
        line.spoil(faulty_line.never_answered, SAVES)
        window.page.get_by_role("button", name="Try now").click()
        window.says("Saving…")
        assert len(last(TRYING)) == 1  # nothing is saved yet
        line.mend()
    with line.spoiled(instead(409, b'{"problem": "This CANS was voided."}'), SAVES):
        window.page.clock.fast_forward(10_000)
        window.page.clock.fast_forward(1000)
        window.says("Not saved: 1 answer. This CANS was voided.")
        assert "Saved again." not in last("Not saved: 1 answer. This CANS was voided.")
    window.page.get_by_role("button", name="Try now").click()
    window.says(SAVED)
    last("Saved again.")
    is_as_told(window)


def test_whoever_goes_on_rating_is_not_led_away(window, line, child_sheet):
    there = focused(window.page)
    with line.spoiled(faulty_line.lost_before_the_server, SAVES):
        window.give("2")
        window.says(TRYING)
        following = focused(window.page)
        finish(window).click()
        window.says(re.compile(rf"Trying again\. {OPENS_LATER}$"))
        window.go_to(child_sheet, following[1])
        window.give("3")
        window.says(TRYING)
    window.try_again()
    window.says(SAVED)
    is_still_there(window)
    assert [stored_in(window.draft)[f"{sheet}-{code}"] for sheet, code in (there, following)] == ["2", "3"]


def test_the_summary_that_cannot_show_all_says_so_where_everybody_sees_it(window):
    window.page.context.set_offline(True)
    window.give("2")
    finish(window).click()
    no_line = "No connection: 1 answer waits in this window. Keep it open."
    window.says(f"{no_line} The summary would not show all of it.")
    window.page.context.set_offline(False)
    window.says(SAVED)
    is_still_there(window)


def test_the_summary_opens_in_a_window_of_its_own_where_that_is_asked(window):
    with window.page.context.expect_page() as other:
        finish(window).click(modifiers=["ControlOrMeta"])
    expect(other.value.get_by_role("heading", level=1, name="Summary")).to_be_visible()
    is_still_there(window)
    assert RatingChange.objects.count() == 1
