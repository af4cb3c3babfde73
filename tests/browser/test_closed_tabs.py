"""A window is closed, or its process dies, at a random moment while somebody rates: of what was given one
rating is lost at most, none is doubled, and what is there was given in that order; but what a page sends
as it ends may overtake what was on its way.
"""

import itertools
import os
import random
import time

import pytest
from django.urls import reverse
from playwright.sync_api import Error, expect

from tests import factories

from .faulty_line import faulty_line_to
from .test_faults import SAVED, changes_in, focused, is_sound, stored_in

pytestmark = pytest.mark.database
PROFILE = os.environ.get("HYPOTHESIS_PROFILE") or "ordinary"
RUNS = {"proof": 500, "short": 40}.get(PROFILE, 6)
RUNS_OF_A_DRAFT = 10
MOST_KEYS = 9  # fewer than a tenth of the items, so that each falls on an item without a rating
PACE = 150  # milliseconds between two keys at most: faster than anybody reads
LATE = 3  # seconds, after which what has not come is lost


def close(page):
    """The tab's own cross: nothing is asked."""
    page.close(run_before_unload=False)


def kill(page):
    """The target is closed from outside, past the page."""
    browser = page.context.browser.new_browser_cdp_session()
    session = page.context.new_cdp_session(page)
    target = session.send("Target.getTargetInfo")["targetInfo"]["targetId"]
    browser.send("Target.closeTarget", {"targetId": target})
    browser.detach()


def crash(page):
    """The page's process dies: nothing of the page runs any more."""
    with pytest.raises(Error, match="crash"):
        page.goto("chrome://crash", timeout=5000)
    page.close()


@pytest.fixture
def line(live_server):
    with faulty_line_to(live_server.url) as line:
        yield line


@pytest.mark.proof
@pytest.mark.parametrize("end", [close, kill, crash])
def test_at_most_one_rating_is_lost(open_browser, line, case, clinician, transactional_db, end):
    context = open_browser(clinician).context
    seed = random.randrange(2**32) if PROFILE == "proof" else 1
    runs = -(-RUNS // 3)  # a third for each end
    lost = 0
    for run in range(runs):
        if run % RUNS_OF_A_DRAFT == 0:
            draft = factories.make_draft(factories.make_child(case), author=clinician)
            begun, kept = stored_in(draft), []
        given = rate_and_end(context, line, draft, random.Random(seed + run), end)
        recorded = recorded_after(draft, kept, given)
        assert any(in_order(recorded, one) for one in orders(given, end)), (
            f"seed {seed}, run {run}: {recorded} of {given}"
        )
        assert len(recorded) >= len(given) - 1, f"seed {seed}, run {run}: {recorded} of {given}"
        kept += recorded
        lost += len(given) - len(recorded)
        is_sound(draft, begun)
    print(f"{end.__name__}: {runs} runs, {lost} lost")  # noqa: T201  (with `pytest -s`)


def rate_and_end(context, line, draft, chance, end):
    """What was given: (sheet, code, value) key by key."""
    page = context.new_page()
    page.goto(line.url + reverse("cans:continue", args=[draft.pk]))
    expect(page.get_by_role("link", name="Summary and submit")).to_be_visible()
    given = []
    keys = chance.randint(1, MOST_KEYS)
    for key in range(keys):
        place, value = focused(page), chance.choice("0123")
        page.wait_for_timeout(chance.uniform(0, PACE))
        if end is crash and 0 < key == keys - 1:
            # One request is on its way at a time. A page that ends sends what waits behind it; a process
            # that dies cannot, and on a slow machine that would be more than the last.
            expect(page.locator("[data-state-words]")).to_have_text(SAVED)
        page.keyboard.press(value)
        given.append((*place, value))
    page.wait_for_timeout(chance.choice([0, chance.uniform(0, PACE)]))
    end(page)
    return given


def recorded_after(draft, kept, given):
    """What the record has of this run, when all of it is there or nothing more comes."""
    late = time.monotonic() + LATE
    while True:
        recorded = [(sheet, code, after) for sheet, code, _, after in changes_in(draft)]
        assert recorded[: len(kept)] == kept
        recorded = recorded[len(kept) :]
        if len(recorded) >= len(given) or time.monotonic() > late:
            return recorded


def orders(given, end):
    """In which the server may hear it. A page that ends sends what waits beside what is on its way: two
    requests, of different items. Each keeps its own order."""
    yield given
    if end is not crash:
        for begins, ends in itertools.combinations(range(len(given)), 2):
            yield given[:begins] + given[ends:] + given[begins:ends]


def in_order(recorded, given):
    """Whether the one is the other with something left out."""
    rest = iter(given)
    return all(one in rest for one in recorded)
