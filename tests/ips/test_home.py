"""Today's work: each role finds theirs, and each number is that of the page it opens."""

import datetime
import html
import re

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from approvals import actions
from cases import actions as cases
from cases.models import LASTS
from staff.actions import open_account
from staff.dates import today
from staff.models import Cover, PolicySetting, User
from tests import factories
from tests.reports.conftest import missed_extension, owing, submitted

WAYS_TO_BEGIN = [(" button-primary", "/staff/add/"), ("", "/import/people/")]


@pytest.fixture
def home(client):
    def get(person):
        client.force_login(person)
        return client.get("/").content.decode()

    return get


def certified(person, days_ago):
    person.credentials.filter(kind="certification").update(on=today() - datetime.timedelta(days=days_ago))


def rows_behind(client, href):
    """How many rows the page behind a number holds, as that page itself says."""
    page = client.get(html.unescape(href)).content.decode()
    found = re.search(r'aria-label="Pages">\s*<p>(?:[\d,]+\D[\d,]+ of )?([\d,]+)</p>', page)
    return int(found[1]) if found else 0


def numbers(page):
    """Every link that holds a number of rows: (address, number)."""
    return [
        (href, int(number))
        for href, number in re.findall(
            r'<a href="(/(?:reports|staff)/[^"]*)"[^>]*>\s*(?:All )?(?:<strong>)?(\d+)(?=</strong>|<span| )',
            page,
        )
    ]


class TestClinician:
    def test_sees_drafts_with_progress_and_what_was_returned(
        self, home, draft, clinician, supervisor, colleague
    ):
        owed = owing(clinician, late=-9)
        actions.return_for_revision(submitted(owed, clinician), by=supervisor, reason="Look again.")
        page = home(clinician)
        assert "Returned to you" in page
        assert f"{owed.name}, initial CANS" in page
        assert "Returned by Sana Supervisor" in page
        assert f"{draft.child.name}, initial CANS" in page
        assert re.search(r"0 of \d+ rated", page)
        assert draft.child.name not in home(colleague)

    def test_a_draft_opens_where_it_is_rated_by_whoever_may(self, home, draft, clinician):
        rates, reads = (
            f'href="{reverse(name, args=[draft.pk])}"' for name in ("cans:continue", "cans:detail")
        )
        page = home(clinician)
        assert rates in page
        assert reads not in page
        certified(clinician, 400)
        page = home(clinician)
        assert reads in page
        assert rates not in page

    def test_sees_the_strictest_date_of_each_child_with_its_rule(self, home, clinician, supervisor):
        child = owing(clinician, late=-12)
        page = home(clinician)
        assert f"{child.name}, initial CANS" in page
        assert "Work by" in page
        assert "30 days after IPS opened" in page
        assert "12 days left" in page

    def test_sees_what_is_overdue(self, home, client, clinician):
        child = owing(clinician, late=4)
        missed_extension(child, clinician)
        page = home(clinician)
        assert "4 days late" in page
        assert "1 missed extension" in page
        assert all(rows_behind(client, href) == number for href, number in numbers(page))

    def test_what_was_submitted_in_time_is_not_called_late(self, home, clinician):
        child = owing(clinician, late=-2)
        with time_machine.travel(timezone.now(), tick=False) as clock:
            submitted(child, clinician)
            clock.shift(datetime.timedelta(days=5))
            page = home(clinician)
        assert "Submitted in time, not approved" in page
        assert "days late</span>" not in page

    def test_is_told_when_nothing_is_there(self, home, clinician):
        page = home(clinician)
        assert "You have no draft." in page
        assert "Nothing is overdue." in page

    def test_sees_whether_they_may_enter_a_cans(self, home, clinician):
        certified(clinician, 400)
        page = home(clinician)
        assert "May I enter a CANS?" in page
        assert "Who can fix it" in page

    def test_what_an_emergency_shows_goes_with_it(self, home, clinician, supervisor):
        """The question is made once, and given another moment each time."""
        case = owing(clinician, late=4).memberships.get().case
        outsider = factories.make_person("clinician", agency=case.agency, name="Omar", supervisor=supervisor)
        with time_machine.travel(timezone.now(), tick=False) as clock:
            assert "Nothing is overdue." in home(outsider)
            cases.open_in_emergency(by=outsider, number=case.number, reason="Nobody else is on duty.")
            assert "4 days late" in home(outsider)
            clock.shift(LASTS)
            assert "Nothing is overdue." in home(outsider)

    def test_is_told_of_lapsed_credentials_while_they_are_asked_for(self, home, clinician, coordinator):
        """The question is made again for a program that asks for none."""
        owing(clinician, late=4)
        certified(clinician, 400)
        assert "credentials lapsed" in home(clinician)
        PolicySetting.objects.create(
            name="entry_gate", value="no", since=today(), reason="Flood.", set_by=coordinator
        )
        assert "credentials lapsed" not in home(clinician)


class TestSupervisor:
    def test_sees_what_waits(self, home, submitted, supervisor, other_supervisor):
        assert "<strong>1</strong> waiting for you, the oldest since" in home(supervisor)
        assert "<strong>0</strong> waiting for you" in home(other_supervisor)

    def test_sees_what_waits_for_whom_they_cover(self, home, submitted, supervisor, other_supervisor):
        Cover.objects.create(
            supervisor=supervisor, cover=other_supervisor, starts=today(), ends=today(), named_by=supervisor
        )
        page = home(other_supervisor)
        assert "<strong>1</strong> waiting for you" in page
        assert "You stand in for Sana Supervisor." in page
        assert "Otto Other stands in for you." in home(supervisor)

    def test_sees_whose_credentials_lapse(self, home, clinician, colleague, supervisor):
        certified(clinician, 350)
        certified(colleague, 500)
        page = home(supervisor)
        assert page.index("Coll Colleague") < page.index("Cleo Clinician")
        assert "lapsed after" in page
        assert "lapses after" in page

    def test_numbers_are_those_of_the_reports(self, home, client, clinician, supervisor, other_supervisor):
        for late in (3, 5, -5, -20):
            owing(clinician, late=late)
        found = numbers(home(supervisor))
        assert len(found) == 4
        assert all(rows_behind(client, href) == number for href, number in found)
        assert all(number == 0 for _, number in numbers(home(other_supervisor)))


class TestCoordinator:
    def test_numbers_are_those_of_the_reports(self, home, client, clinician, coordinator):
        north, south = factories.make_region("North"), factories.make_region("South")
        for late in (2, 12, 12, 45, 90, -3, -20, -50):
            owing(clinician, late=late, region=north)
        owing(clinician, late=12, region=south)
        found = numbers(home(coordinator))
        assert len(found) == 1 + 5 + (4 + 1) + (1 + 1) + 3 + 1
        assert all(rows_behind(client, href) == number for href, number in found), found
        assert sum(number for href, number in found if "region" in href and "age" in href) == 6

    def test_sees_only_their_region(self, home, clinician):
        owing(clinician, late=9, region=factories.make_region("North"))
        page = home(factories.make_coordinator(factories.make_region("South")))
        assert "North" not in page.split("<main")[1]
        assert "All 0 overdue" in page

    def test_sees_a_cans_that_nobody_can_decide(self, home, submitted, supervisor, coordinator):
        page = home(coordinator)
        assert "Every submitted CANS is with somebody" in page
        assert 'href="/reports/waiting/"' in page
        certified(supervisor, 500)
        page = home(coordinator)
        assert "Waiting with nobody to decide" in page
        assert f"{submitted.child.name}, initial CANS" in page
        assert "With Sana Supervisor since" in page

    def test_a_cover_who_may_decide_is_enough(
        self, home, submitted, supervisor, other_supervisor, coordinator
    ):
        supervisor.is_active = False
        supervisor.save()
        cover = Cover.objects.create(
            supervisor=supervisor, cover=other_supervisor, starts=today(), ends=today(), named_by=coordinator
        )
        assert submitted.child.name not in home(coordinator)
        certified(other_supervisor, 500)
        assert submitted.child.name in home(coordinator)
        certified(other_supervisor, 5)
        Cover.objects.filter(pk=cover.pk).update(starts=factories.days(-3), ends=factories.days(-1))
        assert submitted.child.name in home(coordinator)


def test_an_administrator_sees_who_may_enter(
    home, client, administrator, clinician, colleague, stranger, case
):
    certified(clinician, 400)
    certified(colleague, 350)
    page = home(administrator)
    found = numbers(page)
    assert [number for _, number in found] == [2, 1, 1]
    assert all(rows_behind(client, href) == number for href, number in found)
    assert case.name not in page


def test_who_left_counts_for_nobody(home, client, administrator, supervisor, clinician, colleague):
    """Also who is kept by name only, as the author of what was imported."""
    certified(clinician, 400)
    certified(colleague, 400)
    User.objects.filter(pk=colleague.pk).update(is_active=False)
    found = numbers(home(administrator))
    assert [number for _, number in found] == [1, 0, 1]
    assert all(rows_behind(client, href) == number for href, number in found)
    page = home(supervisor)
    assert "Cleo Clinician" in page
    assert "Coll Colleague" not in page


def test_an_administrator_of_nobody_is_shown_how_to_begin(home, administrator):
    ways = [f'<a class="button{primary}" href="{url}">' for primary, url in WAYS_TO_BEGIN]
    page = home(administrator)
    assert all(way in page for way in ways)
    assert numbers(page) == []
    factories.make_person("supervisor", agency=administrator.agency, credentials=False)
    page = home(administrator)
    assert not any(way in page for way in ways)
    assert [number for _, number in numbers(page)] == [0, 0, 1]


def test_an_administrator_sees_requests_and_what_lapses_next(
    home, administrator, supervisor, clinician, colleague, stranger
):
    factories.make_account_request(supervisor, name="Nell Newcomer")
    factories.make_account_request(factories.make_person("supervisor"), name="Nat Not-Ours")
    certified(clinician, 350)
    certified(stranger, 350)
    page = home(administrator)
    assert "Account requests to answer: 1" in page
    assert "Nell Newcomer" in page
    assert "Nat Not-Ours" not in page
    assert "Cleo Clinician" in page
    assert "Coll Colleague" not in page
    assert "Stran Stranger" not in page


def test_a_supervisor_sees_whom_to_confirm(home, administrator, supervisor, other_supervisor):
    asked = factories.make_account_request(supervisor, name="Nell Newcomer")
    assert "Accounts to confirm" not in home(supervisor)
    open_account(asked, username="nell", name="Nell Newcomer", email="", by=administrator)
    assert "Nell Newcomer" in home(supervisor)
    assert "Nell Newcomer" not in home(other_supervisor)


@pytest.mark.parametrize("role", ["clinician", "supervisor", "coordinator"])
def test_cases_that_wait_for_their_children_are_as_many_as_their_list_has(client, request, role, clinician):
    client.force_login(request.getfixturevalue(role))
    assert "without a child" not in client.get("/").content.decode()
    factories.make_child(factories.make_case(primary=clinician))
    for number in (1, 2):
        factories.make_case(primary=clinician)
        factories.make_case(primary=clinician, closed=today())
        page = client.get("/").content.decode()
        href, said = re.search(r'<a href="([^"]+)">(\d+) cases? without a child</a>', page).groups()
        assert int(said) == number == rows_behind(client, href)


def test_a_case_of_others_waits_on_their_pages(client, clinician, colleague, administrator):
    factories.make_case(primary=clinician)
    for person in (colleague, administrator):
        client.force_login(person)
        assert "without a child" not in client.get("/").content.decode()


def test_who_has_no_draft_may_open_a_case(home, clinician):
    assert f'href="{reverse("cases:create")}"' in home(clinician)


@pytest.mark.parametrize("role", ["clinician", "supervisor", "coordinator", "administrator"])
def test_the_number_of_queries_does_not_grow(
    client, request, role, clinician, supervisor, agency, django_assert_max_num_queries
):
    person = request.getfixturevalue(role)
    client.force_login(person)
    client.get("/")  # the first page of a session also writes when it began

    def queries():
        with django_assert_max_num_queries(17) as captured:
            assert client.get("/").status_code == 200
        return len(captured)

    def family(number):
        late, soon, busy = (
            owing(clinician, late=number),
            owing(clinician, late=-number),
            owing(clinician, late=-9),
        )
        factories.make_caregiver(late)
        factories.make_draft(late, author=clinician)
        cans = submitted(busy, clinician)
        if number % 2:
            actions.return_for_revision(cans, by=supervisor, reason="Look again.")
        factories.make_person("clinician", agency=agency, supervisor=supervisor)
        return soon

    family(1), family(2)
    few = queries()
    for number in range(3, 15):
        family(number)
    assert queries() == few


def test_dates_are_those_of_the_agency(home, clinician):
    assert f"{timezone.localdate():%Y}" in home(clinician)
