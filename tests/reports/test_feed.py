"""The calendar that a program fetches: what is in it, what never is, and who gets none."""

import datetime
import logging
import re

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from icalendar import Calendar

from approvals import actions as approvals
from audit.models import Event
from cans import obligations
from cans.models import Obligation
from reports import feed_views
from reports.actions import digest_of, make_feed, revoke_feed
from reports.feed import due_dates
from reports.models import Feed
from staff.dates import today
from staff.models import Session, User
from tests import factories
from tests.factories import days

from .conftest import owing

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def nothing_counted():
    cache.clear()


def fetched(secret, client=None):
    return (client or Client()).get(f"/calendar/{secret}.ics")


def events_of(person):
    answer = fetched(make_feed(by=person))
    assert (answer.status_code, answer["Content-Type"]) == (200, "text/calendar; charset=utf-8")
    return Calendar.from_ical(answer.content).walk("VEVENT")


@pytest.fixture
def child(clinician):
    return owing(clinician, late=4)


# --- what is in it -------------------------------------------------------------------------------


def test_an_event_is_the_day_the_kind_and_the_way_in(clinician, child, settings):
    owed = Obligation.objects.unsettled().get(child=child)
    (event,) = events_of(clinician)
    assert event.decoded("DTSTART") == owed.due
    assert event.decoded("DTEND") == owed.due + datetime.timedelta(days=1)
    assert str(event["SUMMARY"]) == f"CANS due ({owed.get_kind_display()})"
    assert event["URL"] == f"{settings.SITE_URL}/cases/{owed.case_id}/"
    assert f"{owed.work_by:%b %Y}" in event["DESCRIPTION"]
    assert event.decoded("DTSTAMP") == owed.recorded_at.replace(microsecond=0)
    answer = Client().get(event["URL"].removeprefix(settings.SITE_URL))
    assert answer["Location"].startswith("/accounts/login/")


def test_no_name_is_in_it(clinician, child):
    case = child.memberships.get().case
    text = fetched(make_feed(by=clinician)).content.decode().replace("\r\n ", "")
    for secret in (
        child.name,
        child.person_number,
        case.name,
        case.number,
        clinician.name,
        clinician.username,
    ):
        assert secret not in text
        assert not any(word in text for word in re.findall(r"[^\W\d]{3,}", secret))


def test_it_is_a_whole_calendar_that_asks_to_be_fetched_again(clinician, child):
    content = fetched(make_feed(by=clinician)).content
    calendar = Calendar.from_ical(content)
    assert calendar.decoded("REFRESH-INTERVAL") == datetime.timedelta(hours=6)
    assert b"REFRESH-INTERVAL;VALUE=DURATION:PT6H\r\n" in content
    assert (calendar["VERSION"], calendar.errors) == ("2.0", [])
    assert all(len(line) <= 75 for line in content.split(b"\r\n"))


def test_a_date_that_moves_moves_in_the_calendar_too(clinician, child):
    (before,) = events_of(clinician)
    stay = child.memberships.get()
    type(stay).objects.filter(pk=stay.pk).update(joined=days(-20))
    obligations.refresh(stay.case)
    (after,) = events_of(clinician)
    assert before.decoded("DTSTART") != after.decoded("DTSTART")
    assert before["UID"] == after["UID"]


def test_what_is_done_is_not_in_it(clinician, supervisor, child):
    cans = factories.make_draft(child, author=clinician, rated="1", assessed_on=today())
    approvals.submit(cans, by=clinician)
    assert cans.pk in due_dates(clinician).values_list("met_by", flat=True)
    approvals.approve(cans, by=supervisor)
    assert cans.pk not in due_dates(clinician).values_list("met_by", flat=True)


# --- whose ---------------------------------------------------------------------------------------


def test_a_clinician_has_the_cases_they_carry(clinician, child, stranger):
    colleague = factories.make_person("clinician", agency=clinician.agency)
    assert events_of(colleague) == events_of(stranger) == []
    factories.assign(child.memberships.get().case, colleague, kind="parallel", starts=days(-9))
    assert len(events_of(colleague)) == 1


def test_a_supervisor_has_those_of_their_line(supervisor, other_supervisor, child):
    assert len(events_of(supervisor)) == 1
    assert events_of(other_supervisor) == []


def test_a_supervisor_has_what_was_routed_to_them(clinician, other_supervisor, coordinator, child):
    cans = factories.make_draft(child, author=clinician, rated="1", assessed_on=today())
    approvals.submit(cans, by=clinician)
    assert events_of(other_supervisor) == []
    approvals.reroute(cans, by=coordinator, to=other_supervisor, reason="Away this week.")
    assert len(events_of(other_supervisor)) == 1


# --- the secret ----------------------------------------------------------------------------------


def test_only_its_hash_is_stored(clinician):
    secret = make_feed(by=clinician)
    assert re.fullmatch(r"[\w-]{43}", secret)  # 256 bits
    assert Feed.objects.get().digest == digest_of(secret)
    assert secret not in str(list(Feed.objects.values()) + list(Event.objects.values()))


def test_a_new_one_ends_the_old_one_and_revoking_ends_all(clinician):
    old, new = make_feed(by=clinician), make_feed(by=clinician)
    assert [fetched(one).status_code for one in (old, new)] == [404, 200]
    revoke_feed(clinician, by=clinician)
    revoke_feed(clinician, by=clinician)
    assert fetched(new).status_code == 404
    told = Event.objects.filter(action__startswith="calendar.").order_by("pk")
    assert [(one.action, one.detail.get("replaced")) for one in told] == [
        ("calendar.make", "no"),
        ("calendar.make", "yes"),
        ("calendar.revoke", None),
    ]


@pytest.mark.parametrize(
    "change", [{"is_active": False}, {"role": "coordinator", "agency": None}, {"role": "", "agency": None}]
)
def test_without_the_account_or_the_role_it_leads_nowhere(clinician, child, change, caplog):
    secret = make_feed(by=clinician)
    User.objects.filter(pk=clinician.pk).update(**change)
    answer, unknown = fetched(secret), fetched("x" * 43)
    assert (answer.status_code, answer.content) == (404, unknown.content)
    assert unknown.status_code == 404
    assert secret not in caplog.text


@pytest.mark.parametrize("act", ["reset-sign-in", "disable"])
def test_it_ends_with_what_else_opened_the_account(act, client, clinician, administrator):
    """And does not come back with it."""
    secret = make_feed(by=clinician)
    client.force_login(administrator)
    assert client.post(f"/staff/{clinician.pk}/{act}/", {"reason": "A lost phone."}).status_code == 302
    if act == "disable":
        client.post(f"/staff/{clinician.pk}/enable/", {"reason": "Found again."})
    clinician.refresh_from_db()
    assert clinician.is_active
    assert fetched(secret).status_code == 404
    told = Event.objects.get(action="calendar.revoke")
    assert (told.actor_number, told.subject) == (administrator.pk, f"person {clinician.pk}")


@pytest.mark.parametrize("secret", ["x", "%00", "é" * 43, "a" * 5000, digest_of("x")])
def test_anything_else_leads_nowhere(clinician, secret):
    make_feed(by=clinician)
    assert fetched(secret).status_code == 404


def test_the_hash_is_not_the_secret(clinician):
    assert fetched(digest_of(make_feed(by=clinician))).status_code == 404


def test_a_wrong_address_is_not_written_into_the_log(clinician, caplog):
    with caplog.at_level(logging.DEBUG):
        fetched("some-secret-of-somebody")
    assert "some-secret" not in caplog.text
    told = Event.objects.get(kind=Event.Kind.DENIAL)
    assert (told.subject, told.detail) == ("calendar/<str:secret>.ics", {"method": "GET", "status": 404})


def test_too_many_at_once_are_told_to_wait(clinician, monkeypatch):
    monkeypatch.setattr(feed_views, "RATES", {"calendar": "2/5m/ip"})
    secret = make_feed(by=clinician)
    assert [fetched(one).status_code for one in (secret, "x", secret)] == [200, 404, 429]
    assert fetched(secret)["Retry-After"] == "300"


def test_a_fetch_is_noted(clinician):
    secret = make_feed(by=clinician)
    assert Feed.objects.get().last_fetched_at is None
    fetched(secret)
    assert Feed.objects.get().last_fetched_at is not None


def test_no_session_is_used_or_kept_alive(clinician, child):
    browser, secret = Client(), make_feed(by=clinician)
    browser.force_login(clinician)
    session = browser.session
    session["session_seen"] = 0
    session.save()
    before = list(Session.objects.values())
    answer = fetched(secret, browser)
    assert (answer.status_code, dict(answer.cookies)) == (200, {})
    assert "no-store" in answer["Cache-Control"]
    assert list(Session.objects.values()) == before


def test_its_cost_does_not_grow(clinician):
    secret, asked = make_feed(by=clinician), []
    for number in (1, 6):
        for late in range(number):
            owing(clinician, late=late + 1)
        fetched(secret)
        with CaptureQueriesContext(connection) as queries:
            answer = fetched(secret)
        asked.append(len(queries))
    assert answer.content.count(b"BEGIN:VEVENT") == 7
    assert asked[0] == asked[1] <= 16


# --- one's own page ------------------------------------------------------------------------------


def test_the_address_is_shown_once(client, clinician):
    client.force_login(clinician)
    assert "Make an address" in client.get("/staff/me/").content.decode()
    page = client.post("/reports/calendar/", follow=True).content.decode()
    (secret,) = re.findall(r"/calendar/([\w-]{43})\.ics", page)
    assert fetched(secret).status_code == 200
    again = client.get("/staff/me/").content.decode()
    assert "/calendar/" + secret not in again
    assert "Last fetched" in again
    assert secret not in str(client.session.items())
    client.post("/reports/calendar/revoke/")
    assert fetched(secret).status_code == 404
    assert "Revoke the address" not in client.get("/staff/me/").content.decode()


def test_others_have_no_calendar(client, coordinator):
    client.force_login(coordinator)
    assert client.post("/reports/calendar/").status_code == 403
    assert 'id="calendar"' not in client.get("/staff/me/").content.decode()


def test_who_one_is_is_proved_again_first(client, clinician, settings, monkeypatch):
    settings.SECOND_FACTOR_REQUIRED = True
    monkeypatch.setattr("staff.second_factor.is_given", lambda request: True)
    monkeypatch.setattr("staff.step_up.proved_lately", lambda request: False)
    client.force_login(clinician)
    assert client.post("/reports/calendar/").status_code == 409
    assert not Feed.objects.exists()
