"""A coordinator's numbers by mail: those of their pages, as often as they chose, and no name."""

import datetime
import re

import pytest
from django.core.exceptions import PermissionDenied
from pytest_django.asserts import assertContains

from approvals import waiting
from audit.models import Event
from cans.models import Assessment
from reports.mail import make_desk_digests
from staff.actions import set_own_address, want_desk_digest
from staff.dates import today
from staff.models import Mail, User
from tests import factories
from tests.factories import days
from tests.reports.conftest import owing, submitted

from .conftest import give_address, run

pytestmark = pytest.mark.django_db


def monday():
    return today() - datetime.timedelta(days=today().weekday())


@pytest.fixture
def desk(coordinator):
    give_address(coordinator)
    want_desk_digest("daily", by=coordinator)
    coordinator.refresh_from_db()
    return coordinator


@pytest.fixture
def world(clinician, supervisor):
    """Overdue for two reasons, due soon, and waiting too long."""
    late = [owing(clinician, late=number) for number in (3, 40)]
    factories.make_draft(owing(clinician, late=9), author=clinician)
    owing(clinician, late=-10)
    waits = submitted(owing(clinician, late=20), clinician)
    long_ago = waits.submitted_at - datetime.timedelta(days=60)
    Assessment.objects.filter(pk=waits.pk).update(submitted_at=long_ago)
    return late


def pages_total(client, address):
    """What the page itself says it holds."""
    page = client.get(address).content.decode()
    found = re.search(r'aria-label="Pages">\s*<p>(?:[\d,]+\D[\d,]+ of )?([\d,]+|None)</p>', page)
    return int(found[1])


def test_every_number_is_that_of_the_page_it_leads_to(client, desk, world, settings):
    settings.SITE_URL = "https://ips.example"
    assert make_desk_digests() == 1
    text = Mail.objects.get().text
    client.force_login(desk)
    overdue = re.findall(r"- .*: (\d+)\n\s+https://ips.example(\S+)", text)
    assert len(overdue) == 3
    for number, address in overdue:
        assert int(number) == pages_total(client, address) > 0
    total = int(re.search(r"Overdue today: (\d+)", text)[1])
    assert total == pages_total(client, "/reports/overdue/") == sum(int(number) for number, _ in overdue)
    number, address = re.search(r"14 days: (\d+)\.\nhttps://ips.example(\S+)", text).groups()
    assert int(number) == pages_total(client, address) > 0
    long, stuck = (int(one) for one in re.findall(r"Submitted, and .*: (\d+)\.", text))
    rows = waiting.rows_of(list(waiting.stuck(desk)))
    assert long == sum(row.days > waiting.longest_wait() for row in rows) == 1
    assert stuck == sum(not row.may_decide for row in rows)
    assert pages_total(client, "/reports/waiting/") == len(rows)
    assert Mail.objects.get().subject.startswith(f"{total} CANS are overdue")


def test_what_nobody_may_decide_is_counted_apart(desk, clinician, supervisor):
    submitted(owing(clinician, late=-10), clinician)
    User.objects.filter(pk=supervisor.pk).update(is_active=False)
    make_desk_digests()
    assert "nobody may decide it today: 1." in Mail.objects.get().text
    assert "day: 0." in Mail.objects.get().text or "days: 0." in Mail.objects.get().text


def test_no_name_is_in_it(desk, world, clinician, supervisor):
    make_desk_digests()
    mail = Mail.objects.get()
    for child in world:
        case = child.memberships.get().case
        for name in (child.name, child.person_number, case.name, case.number):
            assert name not in mail.subject + mail.text
    for person in (clinician, supervisor, desk):
        assert person.name not in mail.subject + mail.text


def test_only_the_numbers_of_their_regions(desk, world, coordinator):
    other = factories.make_coordinator(factories.make_region("Elsewhere"))
    give_address(other)
    want_desk_digest("daily", by=other)
    assert make_desk_digests() == 1
    assert Mail.objects.get().person == desk


def test_once_a_day_however_often_it_runs(desk, world):
    assert [make_desk_digests(), make_desk_digests()] == [1, 0]
    assert make_desk_digests(days(1)) == 1


def test_weekly_is_on_mondays_or_as_soon_as_it_runs_after(desk, world):
    want_desk_digest("weekly", by=desk)
    week = [monday() + datetime.timedelta(days=number) for number in range(7)]
    assert [make_desk_digests(day) for day in week] == [1, 0, 0, 0, 0, 0, 0]
    next_week = [day + datetime.timedelta(days=7) for day in week[2:]]  # nothing ran on Monday and Tuesday
    assert [make_desk_digests(day) for day in next_week] == [1, 0, 0, 0, 0]


def test_nobody_gets_what_they_did_not_ask_for(desk, world):
    want_desk_digest("", by=desk)
    assert [make_desk_digests(monday() + datetime.timedelta(days=number)) for number in range(7)] == [0] * 7


@pytest.mark.parametrize("change", [{"is_active": False}, {"email": ""}, {"role": ""}])
def test_whoever_is_gone_gets_none(desk, world, change):
    User.objects.filter(pk=desk.pk).update(**change)
    assert make_desk_digests() == 0


def test_where_all_is_well_no_mail_goes(desk):
    assert make_desk_digests() == 0


def test_the_same_command_makes_both(desk, world, supervisor, server, box):
    give_address(supervisor)
    assert run("send_digests").startswith("Digests made: 2.")


class TestChoice:
    def choose(self, client, person, wanted):
        client.force_login(person)
        return client.post("/staff/me/numbers/", {"wanted": wanted}, follow=True)

    def test_it_is_ones_own_and_on_record_once(self, client, coordinator):
        other = factories.make_coordinator()
        for _ in range(2):
            page = self.choose(client, coordinator, "weekly")
            assertContains(page, "On: each Monday morning, as soon as there is an address.")
        (event,) = Event.objects.filter(action="person.digest")
        assert (event.actor_number, event.detail) == (coordinator.pk, {"switched": "weekly"})
        other.refresh_from_db()
        assert other.desk_digest == ""
        assertContains(self.choose(client, coordinator, ""), "Your numbers do not come by mail any more.")

    def test_what_is_not_offered_is_not_taken(self, client, coordinator):
        assertContains(self.choose(client, coordinator, "hourly"), "Choose again how often")
        coordinator.refresh_from_db()
        assert coordinator.desk_digest == ""

    def test_others_have_none_to_choose(self, client, supervisor):
        assert self.choose(client, supervisor, "daily").status_code == 403
        with pytest.raises(PermissionDenied):
            want_desk_digest("daily", by=supervisor)


class TestOwnAddress:
    def test_a_coordinator_enters_it_and_the_numbers_come(self, client, coordinator, world):
        """Nobody else could: they belong to no agency, and an administrator keeps an agency's people."""
        client.force_login(coordinator)
        want_desk_digest("daily", by=coordinator)
        assert make_desk_digests() == 0
        assertContains(client.get("/staff/me/"), 'href="/staff/me/address/"')
        client.post("/staff/me/address/", {"email": "cora@example.invalid"})
        assertContains(client.get("/staff/me/"), "cora@example.invalid")
        assert make_desk_digests() == 1
        event = Event.objects.get(action="person.change")
        assert (event.actor_number, event.detail) == (coordinator.pk, {"fields": ["email"]})

    def test_it_asks_again_who_one_is(self, client, coordinator, settings):
        settings.SECOND_FACTOR_REQUIRED = True
        client.force_login(coordinator)
        assert client.post("/staff/me/address/", {"email": "cora@example.invalid"}).status_code != 200
        coordinator.refresh_from_db()
        assert coordinator.email == ""

    def test_no_address_of_somebody_else(self, client, coordinator, supervisor):
        give_address(supervisor)
        client.force_login(coordinator)
        answer = client.post("/staff/me/address/", {"email": supervisor.email.upper()})
        assert answer.status_code == 409
        assertContains(answer, "Another account has this address.", status_code=409)
        coordinator.refresh_from_db()
        assert coordinator.email == ""

    def test_all_others_ask_their_administrator(self, supervisor):
        with pytest.raises(PermissionDenied, match="administrator of your agency"):
            set_own_address("somebody@example.invalid", by=supervisor)
