"""The main loop as people walk it: five people, one browser each, everything by links and buttons."""

import re

import pytest
from playwright.sync_api import expect

from tests import factories

from .conftest import sign_in

pytestmark = pytest.mark.database
CHILD = "Robin Plainly-Invented"


@pytest.fixture
def overdue(clinician, colleague, supervisor, other_supervisor, coordinator, transactional_db):
    """Ten days late with its first CANS, and another family, of a colleague, that stays late."""
    family = factories.make_case(primary=clinician, opened=factories.days(-40), name="Plainly-Invented")
    child = factories.make_child(family, name=CHILD)
    factories.make_caregiver(child, name="Fay Foster-Example")
    other = factories.make_case(primary=colleague, opened=factories.days(-50), name="Also-Invented")
    factories.make_child(other, name="Wren Also-Invented")
    factories.make_instrument()


@pytest.mark.parametrize("script", [True, False], ids=["JavaScript", "no JavaScript"])
def test_main_loop(script, overdue, open_browser):
    def arrives(username):
        page = open_browser(java_script_enabled=script)
        sign_in(page, username)
        return page

    coordinator = arrives("coordinator")
    expect_overdue(coordinator, "Wren Also-Invented", CHILD)

    clinician = arrives("clinician")
    start_a_cans(clinician)
    rate_everything(clinician, script)
    submit(clinician)

    supervisor = arrives("supervisor")
    return_with_comments(
        supervisor,
        reason="Two ratings do not fit what you told me.",
        comments={"Sleep": "You described nightmares most nights.", "Optimism": "What shows it?"},
    )

    fix(clinician, {"Sleep": "2", "Optimism": "0"}, script)
    submit(clinician)

    reroute(supervisor, to="Otto Other")
    approve(arrives("supervisor2"), script)

    expect_overdue(coordinator, "Wren Also-Invented")
    expect_all_told(clinician)


def go_to(page, room):
    page.get_by_role("navigation", name="Main").get_by_role("link", name=room).click()


def expect_overdue(page, *children):
    go_to(page, "Reports")
    rows = page.get_by_role("table", name="Overdue CANS").locator("tbody tr")
    expect(rows).to_have_count(len(children))
    for child in children:
        expect(rows.filter(has_text=child)).to_have_count(1)


def start_a_cans(page):
    go_to(page, "Home")
    page.get_by_role("link", name=f"{CHILD}, initial CANS").first.click()
    page.get_by_role("link", name="Start a CANS").first.click()
    page.get_by_role("button", name="Start this CANS").click()


def rate_everything(page, script):
    """A 1 for each item: with one key each, or as the plain form."""
    if not script:
        save = page.get_by_role("button", name="Save and see the summary")
        expect(save).to_be_visible()  # it stands last: from then on every item is there
        for item in page.locator("fieldset.item").all():
            item.get_by_role("radio", name=re.compile("^1 ")).check()
        save.click()
        return
    way_on = page.get_by_role("link", name="Summary and submit")
    expect(way_on).to_be_visible()  # from then on the keys are listened to
    for _ in range(page.locator("fieldset.item").count()):
        page.keyboard.press("1")
    way_on.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Summary")


def submit(page):
    page.get_by_role("button", name=re.compile("^Submit CANS")).click()
    expect(page.get_by_text("Submitted. ")).to_be_visible()


def return_with_comments(page, *, reason, comments):
    go_to(page, "Approvals")
    page.get_by_role("link", name=CHILD).first.click()
    page.get_by_role("link", name="Return for revision").click()
    page.get_by_label("What should the author do?").fill(reason)
    for item, comment in comments.items():
        box = page.get_by_label(re.compile(rf"Comment on \d+ {item}\b"))
        expect(box).to_be_attached()
        if not box.is_visible():
            page.locator("details").filter(has=box).locator("summary").click()
        box.fill(comment)
    page.get_by_role("button", name=re.compile("^Return CANS")).click()
    expect(page.get_by_text("Returned", exact=False).first).to_be_visible()


def fix(page, ratings, script):
    """From home to the returned CANS, and from there to each item that was asked about."""
    go_to(page, "Home")
    returned = page.get_by_role("region", name="Returned to you")
    for item, level in ratings.items():
        go_to(page, "Home")
        returned.get_by_role("link", name=CHILD).click()
        page.get_by_role("link", name=re.compile(rf"^{item} \(")).first.click()
        group = page.get_by_role("group", name=re.compile(rf"\b{item}\b")).filter(
            has=page.get_by_role("radio")
        )
        expect(group.get_by_text("Sana Supervisor:")).to_be_visible()
        group.get_by_role("radio", name=re.compile(f"^{level} ")).check()
        if script:
            expect(page.get_by_text(re.compile("^Saved at "))).to_be_visible()
        else:
            page.get_by_role("button", name="Save", exact=True).click()
        expect(group.get_by_role("radio", name=re.compile(f"^{level} "))).to_be_checked()
    if script:
        page.get_by_role("link", name="Summary and submit").click()
    else:
        page.get_by_role("button", name="Save and see the summary").click()


def reroute(page, *, to):
    go_to(page, "Approvals")
    page.get_by_role("link", name=CHILD).first.click()
    page.get_by_role("link", name="Reroute").click()
    page.get_by_role("radio", name=to).check()
    page.get_by_label("Why?").fill("I am away from tomorrow.")
    page.get_by_role("button", name=re.compile("^Reroute CANS")).click()
    expect(page.get_by_text(f"now waits for {to}")).to_be_visible()


def approve(page, script):
    go_to(page, "Approvals")
    page.get_by_role("link", name=CHILD).first.click()
    if script:  # asks first, once it listens
        expect(page.get_by_role("button", name="Keys")).to_be_visible()
    page.get_by_role("button", name=re.compile("^Approve CANS")).click()
    if script:
        page.get_by_role("dialog", name="Approve CANS").get_by_role("button", name="Approve CANS").click()
    expect(page.get_by_text("Approved", exact=False).first).to_be_visible()


def expect_all_told(page):
    """Everybody who may read it finds what happened, in order."""
    go_to(page, "CANS")
    page.get_by_role("link", name="All", exact=True).click()
    page.get_by_role("link", name=CHILD).click()
    told = ["Started", "Submitted", "Returned for revision", "Submitted", "Rerouted", "Approved"]
    expect(page.get_by_role("region", name="History").locator("time + p > strong")).to_have_text(told)
