"""What a coordinator is shown of what waits for review: too long, or for nobody who may decide it."""

import datetime

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from approvals.permissions import check_can, deciders_of
from approvals.waiting import left_behind, left_rows_of, longest_wait, rows_of, stuck, unattended
from approvals.workflow import Action
from cans.days import written_with_weekday
from cans.models import Assessment, Contribution
from cans.states import State
from cases.actions import transfer
from cases.models import Membership
from staff.dates import today
from staff.models import Cover, PolicySetting
from tests import factories
from tests.factories import days

URL = "/reports/waiting/"


@pytest.fixture
def submitted(coordinator, clinician, supervisor):
    return _submitted(clinician, supervisor)


def _submitted(author, reviewer, ago=0):
    child = factories.make_child(factories.make_case(primary=author))
    draft = factories.make_draft(child, author=author, assessed_on=days(-90))
    _waits(draft, reviewer, ago)
    return draft


def _waits(cans, reviewer, ago):
    """Submitted at the first moment of that day."""
    at = timezone.make_aware(datetime.datetime.combine(days(-ago), datetime.time.min))
    Assessment.objects.filter(pk=cans.pk).update(
        state=State.SUBMITTED,
        reviewer=reviewer,
        submitted_at=at,
        submitted_by=cans.author,
        first_submitted_on=days(-ago),
    )


@pytest.mark.parametrize(("ago", "shown"), [(0, False), (5, False), (6, True), (90, True)])
def test_more_than_the_days_of_the_setting(submitted, supervisor, coordinator, ago, shown):
    _waits(submitted, supervisor, ago)
    assert stuck(coordinator).filter(pk=submitted.pk).exists() is shown


def test_the_setting_of_the_day_counts(submitted, supervisor, coordinator):
    _waits(submitted, supervisor, 3)
    PolicySetting.objects.create(
        name="review_days", value="2", since=days(0), reason="Decided.", set_by=coordinator
    )
    assert (longest_wait(), longest_wait(days(-1))) == (2, 5)
    [row] = rows_of(stuck(coordinator))
    assert (row.assessment, row.days, row.may_decide) == (submitted, 3, [supervisor])


def test_only_what_is_submitted_in_their_regions(submitted, supervisor, coordinator):
    _waits(submitted, supervisor, 9)
    assert not stuck(factories.make_coordinator(factories.make_region())).exists()
    Assessment.objects.filter(pk=submitted.pk).update(
        state=State.RETURNED, reviewer=None, returned_at=timezone.now(), returned_by=supervisor
    )
    assert not stuck(coordinator).exists()


def test_a_disabled_reviewer_without_cover_shows_at_once(
    client, submitted, supervisor, other_supervisor, coordinator
):
    client.force_login(coordinator)
    assert "Nothing waits too long" in client.get(URL).content.decode()
    supervisor.is_active = False
    supervisor.save()
    page = client.get(URL).content.decode()
    assert "Nobody" in page
    assert "Their account is not active." in page
    assert reverse("approvals:reroute", args=[submitted.pk]) in page
    Cover.objects.create(
        supervisor=supervisor, cover=other_supervisor, starts=today(), ends=today(), named_by=coordinator
    )
    assert "Nothing waits too long" in client.get(URL).content.decode()
    _waits(submitted, supervisor, 30)
    page = client.get(URL).content.decode()
    assert other_supervisor.name in page
    assert "30 days" in page
    assert "Nobody" not in page


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"role": "clinician"}, "They are no longer a supervisor."),
        ({"agency": None}, "The case moved to another agency."),
        ({}, "Their credentials have lapsed, or they wrote in it."),
    ],
)
def test_says_why_the_reviewer_does_not(submitted, supervisor, coordinator, change, sentence):
    if "agency" in change:
        change = {"agency": factories.make_agency()}
    if not change:
        supervisor.credentials.all().delete()
    for name, value in change.items():
        setattr(supervisor, name, value)
    supervisor.save()
    [row] = rows_of(stuck(coordinator))
    assert (row.may_decide, row.why_nobody) == ([], sentence)


def test_without_the_gate_nobody_waits_for_credentials(submitted, supervisor, coordinator):
    supervisor.credentials.all().delete()
    assert deciders_of([submitted.pk]) == {submitted.pk: []}
    PolicySetting.objects.create(
        name="entry_gate", value="no", since=days(0), reason="Decided.", set_by=coordinator
    )
    assert deciders_of([submitted.pk]) == {submitted.pk: [supervisor.pk]}


def test_only_a_coordinator_opens_it(client, clinician, supervisor, coordinator):
    for user, status in [(clinician, 403), (supervisor, 403), (coordinator, 200)]:
        client.force_login(user)
        assert client.get(URL).status_code == status
        assert (URL in client.get("/reports/due/").content.decode()) is (status == 200)


def test_constant_queries_and_fifty_a_page(client, clinician, supervisor, coordinator):
    client.force_login(coordinator)
    _submitted(clinician, supervisor, 9)
    client.get(URL)
    before = _count(client)
    for _ in range(52):
        _submitted(clinician, supervisor, 9)
    assert _count(client) == before
    page = client.get(URL).content.decode()
    assert page.count("/reroute/") == 50
    assert "of 53" in page
    assert client.get(URL + "?page=2").content.decode().count("/reroute/") == 3


def _count(client):
    with CaptureQueriesContext(connection) as queries:
        client.get(URL)
    return len(queries)


class TestLeftBehind:
    """A draft in the case that the child has left, for another."""

    @pytest.fixture
    def draft(self, child, clinician):
        return factories.make_draft(child, author=clinician)

    def moves_away(self, draft, clinician):
        Membership.objects.filter(child=draft.child).update(left=days(-1))
        there = factories.make_case(primary=clinician)
        Membership.objects.create(case=there, child=draft.child, joined=days(0))

    def test_who_may_end_it_is_named(self, client, draft, clinician, supervisor, coordinator):
        client.force_login(coordinator)
        assert "the child has left" not in client.get(URL).content.decode()
        self.moves_away(draft, clinician)
        [row] = left_rows_of(left_behind(coordinator))
        assert (row.assessment, row.may_end) == (draft, [clinician, supervisor])
        page = client.get(URL).content.decode()
        assert "the child has left" in page
        assert f"{clinician.name}, {supervisor.name}" in page
        assert not left_behind(factories.make_coordinator(factories.make_region())).exists()

    def test_one_that_is_submitted_is_its_reviewers(self, submitted, clinician, supervisor, coordinator):
        self.moves_away(submitted, clinician)
        [row] = left_rows_of(left_behind(coordinator))
        assert row.may_end == [supervisor]

    def test_after_the_case_was_transferred_the_new_agencys_supervisor(
        self, client, draft, clinician, coordinator
    ):
        self.moves_away(draft, clinician)
        new = factories.make_agency()
        receiver = factories.make_person("supervisor", agency=new)
        transfer(draft.case, by=coordinator, agency=new, supervisor=receiver, reason="It moved.")
        [row] = left_rows_of(left_behind(coordinator))
        assert row.may_end == [receiver]
        draft.case.assignments.all().delete()
        client.force_login(coordinator)
        assert "Assign a worker to that case first." in client.get(URL).content.decode()

    def test_constant_queries(self, client, clinician, supervisor, coordinator):
        client.force_login(coordinator)
        counts = []
        for number in (1, 51):
            for _ in range(number):
                draft = factories.make_draft(
                    factories.make_child(factories.make_case(primary=clinician)), author=clinician
                )
                self.moves_away(draft, clinician)
            client.get(URL)
            counts.append(_count(client))
        assert counts[0] == counts[1]
        assert "The 50 oldest of 52." in client.get(URL).content.decode()


class TestAway:
    """Whoever is away decides nothing, though they might."""

    def cover_by(self, supervisor, person):
        return Cover.objects.create(
            supervisor=supervisor, cover=person, starts=days(0), ends=days(3), named_by=supervisor
        )

    @pytest.fixture
    def lapsed(self, agency):
        return factories.make_person("supervisor", agency=agency, credentials=False)

    @pytest.fixture
    def disabled(self, agency):
        person = factories.make_person("supervisor", agency=agency)
        person.is_active = False
        person.save()
        return person

    @pytest.fixture
    def away_too(self, agency, lapsed):
        person = factories.make_person("supervisor", agency=agency)
        self.cover_by(person, lapsed)
        return person

    @pytest.mark.parametrize("cover", ["lapsed", "disabled", "away_too"])
    def test_with_a_cover_who_may_not(self, request, client, cover, submitted, supervisor, coordinator):
        assert not unattended(coordinator).exists()
        self.cover_by(supervisor, request.getfixturevalue(cover))
        [row] = rows_of(unattended(coordinator))
        assert (row.assessment, row.may_decide) == (submitted, [])
        said = f"Away until {written_with_weekday(days(3))}, and who stands in is away"
        assert row.why_nobody == f"{said} as well or may not decide it."
        client.force_login(coordinator)
        for page in (URL, "/"):
            assert said in client.get(page).content.decode()

    def test_with_a_cover_who_may(self, submitted, supervisor, coordinator, agency):
        person = factories.make_person("supervisor", agency=agency)
        self.cover_by(supervisor, person)
        assert not unattended(coordinator).exists()
        _waits(submitted, supervisor, 9)
        [row] = rows_of(stuck(coordinator))
        assert row.may_decide == [person]


class TestLastResort:
    """Who else reroutes what nobody may decide, and is shown it."""

    def home(self, client, person):
        client.force_login(person)
        return client.get("/").content.decode()

    def test_the_author_is_shown_it(self, client, submitted, supervisor, clinician):
        Contribution.objects.get_or_create(assessment=submitted, person=clinician)
        said = "Waiting with nobody to decide"
        assert said not in self.home(client, clinician)
        supervisor.credentials.all().delete()
        page = self.home(client, clinician)
        assert said in page
        assert reverse("approvals:reroute", args=[submitted.pk]) in page

    def test_so_is_a_supervisor_of_the_case_and_then_only_they_reroute_it(
        self, client, submitted, supervisor, other_supervisor, agency
    ):
        """Of somebody else who works in the case; its author is gone."""
        successor = factories.make_person("clinician", agency=agency, supervisor=other_supervisor)
        factories.assign(submitted.case, successor, kind="parallel")
        submitted.refresh_from_db()
        with pytest.raises(PermissionDenied):
            check_can(other_supervisor, Action.REROUTE, submitted)
        assert "Waiting with nobody to decide" not in self.home(client, other_supervisor)
        supervisor.is_active = False
        supervisor.save()
        check_can(other_supervisor, Action.REROUTE, submitted)
        assert reverse("approvals:reroute", args=[submitted.pk]) in self.home(client, other_supervisor)
