"""What was overdue on a past day is what was shown that day, whatever happened since."""

import datetime
import io
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core.management import call_command

from approvals import actions
from cans.actions import take_over
from cans.models import Obligation
from cans.waivers import waive
from cases.actions import close_episode, correct_opening, edit_case, end_assignment, undo_closing
from reports import counting, opening, overdue, timeliness
from reports.rows import shown
from staff.dates import today, written
from staff.gate import earliest_valid
from staff.models import User
from tests import factories

from .conftest import missed_extension, owing, submitted

CHICAGO = ZoneInfo("America/Chicago")
# Cay's case opened on the 63rd day before the story, as it was on record till it was corrected to the 50th.
FIRST_OPENED, LAST_OPENED = factories.days(-70), factories.days(-60)


def evening(day):
    """Its last minute in Chicago."""
    return datetime.datetime.combine(day, datetime.time(23, 59), CHICAGO)


def all_shown(user, on=None):
    """The rows of each report, the openings of what is then the month before the last, and the counts."""
    questions = overdue.owed(user, on), overdue.missed(user, on), overdue.due_soon(user, 30, on)
    openings = opening.without_opening(user, FIRST_OPENED, LAST_OPENED, on)
    found = [shown(rows, on) for rows in questions] + [timeliness.shown(openings, on)]
    counted = [
        counting.count(rows, on, scale, keys=keys).by(*keys)
        for rows, scale, keys in [
            (questions[0], counting.LATE, ("lan", "desk", "reason", "age")),
            (questions[2], counting.ahead(30), ("lan", "desk", "credentials")),
            (openings, opening.WITHOUT, ("lan", "outcome")),
        ]
    ]
    return [*(sorted(rows, key=lambda row: row.pk) for rows in found), *counted]


class Story:
    """Ten days in which everything moves that a row says."""

    def __init__(self, clinician, leaving, colleague, supervisor, other_supervisor, coordinator):
        self.clinician, self.leaving, self.colleague = clinician, leaving, colleague
        self.supervisor, self.other, self.coordinator = supervisor, other_supervisor, coordinator

    def day_0(self):
        self.ana, self.ben, self.cay, self.dee = (owing(self.clinician, late=n) for n in (3, 12, 33, -2))
        self.eve, self.fay = (owing(self.leaving, late=n) for n in (5, -6))
        for child in (self.eve, self.fay):
            factories.assign(child.memberships.get().case, self.colleague, kind="parallel")
        self.eves = factories.make_draft(self.eve, author=self.leaving)
        self.fays = factories.make_draft(self.fay, author=self.leaving)

    def day_1(self):
        self.anas = submitted(self.ana, self.clinician)
        self.bens = factories.make_draft(self.ben, author=self.clinician)
        missed_extension(self.cay, self.clinician)

    def day_2(self):
        actions.return_for_revision(self.anas, by=self.supervisor, reason="Look again.")
        factories.fill(self.bens)
        factories.make_caregiver(self.dee)
        take_over(self.eves, by=self.colleague)
        edit_case(self.ben.memberships.get().case, by=self.clinician, lan=7)

    def day_3(self):
        actions.submit(self.bens, by=self.clinician)
        case = self.cay.memberships.get().case
        correct_opening(
            case.episodes.get(), by=self.coordinator, opened=factories.days(-50), reason="A wrong key."
        )

    def day_4(self):
        actions.recall(self.bens, by=self.clinician)
        self.dees = submitted(self.dee, self.clinician)
        take_over(self.fays, by=self.colleague)

    def day_5(self):
        actions.submit(self.bens, by=self.clinician)
        actions.submit(self.anas, by=self.clinician)
        actions.reroute(self.dees, by=self.coordinator, to=self.other, reason="She is away.")

    def day_6(self):
        actions.approve(self.bens, by=self.supervisor)
        self.cays = factories.make_draft(self.cay, author=self.clinician)
        held = self.ana.memberships.get().case.assignments.get(kind="primary")
        end_assignment(held, by=self.supervisor, last_day=today(), inheritor=self.colleague)

    def day_7(self):
        actions.void(self.cays, by=self.clinician, reason="Started for the wrong child.")
        extension = Obligation.objects.missed().get()
        waive(extension, by=self.coordinator, reason="system")
        episode = self.dee.memberships.get().case.episodes.get()
        close_episode(episode, by=self.clinician, closed=today(), closing_reason="stable")

    def day_8(self):
        actions.approve(self.anas, by=self.supervisor)
        episode = self.dee.memberships.get().case.episodes.get()
        undo_closing(episode, by=self.clinician, reason="Closed in error.")

    def day_9(self):
        actions.approve(self.dees, by=self.other)


@pytest.fixture
def leaving(agency, supervisor):
    """Certified through the second day of the story."""
    person = factories.make_person("clinician", agency=agency, name="Lee Leaving", supervisor=supervisor)
    person.credentials.filter(kind="certification").update(on=earliest_valid(factories.days(1)))
    return person


@pytest.fixture
def told(db, coordinator, clinician, leaving, colleague, supervisor, other_supervisor):
    """What the coordinator was shown on the evening of each day, all of it read again on the last."""
    story, told = Story(clinician, leaving, colleague, supervisor, other_supervisor, coordinator), {}
    days = [factories.days(number) for number in range(12)]  # from today on, when all of them are certified
    for number, day in enumerate(days[:10]):
        with time_machine.travel(evening(day), tick=False):
            getattr(story, f"day_{number}")()
            told[day] = all_shown(coordinator)
    with time_machine.travel(evening(days[-1]), tick=False):
        yield told


def test_any_past_day_is_answered_as_it_was_shown_then(told, coordinator):
    for day, was_shown in told.items():
        assert all_shown(coordinator, day) == was_shown, day
    reasons = {row.reason for rows in told.values() for row in rows[0] + rows[1] + rows[2]}
    assert reasons == {"missed", "supervisor", "returned", "lapsed", "draft", "not_started"}
    desks = {row.desk for rows in told.values() for row in rows[0]}
    assert desks >= {"Cleo Clinician", "Lee Leaving", "Coll Colleague", "Sana Supervisor", "Otto Other"}
    first, *_, last = told.values()
    assert [len(rows) for rows in (first[3], last[3])] == [1, 0]  # the opening that was corrected
    assert [{lan for lan, *_ in counted} for counted in (first[4], last[4])] == [{1}, {1}]
    assert any(7 in {lan for lan, *_ in rows[4]} for rows in told.values())


def test_the_page_and_the_file_of_that_day_are_what_the_page_was(told, coordinator, client):
    client.force_login(coordinator)
    for day, (owed, missed, *_) in told.items():
        for show, rows in (("overdue", owed), ("missed", missed)):
            answer = client.get(f"/reports/overdue/?show={show}&on={day}")
            assert answer.context["listing"].total == len(rows)
            assert {row.pk for row in answer.context["page"]} == {row.pk for row in rows}
            file = client.get(f"/reports/overdue/csv/?show={show}&on={day}")
            assert len(file.content.decode().splitlines()) == len(rows) + 1
            assert f"{day}.csv" in file["Content-Disposition"]
            assert "Waive" not in answer.content.decode()


@pytest.mark.parametrize(
    ("on", "sentence"),
    [
        ("2999-01-01", "This year is too far ahead."),
        ("2098-01-01", "This day is still to come: choose today or a day before."),
        ("0001-01-01", "This year is too long ago."),
        ("yesterday", "Write the date as year-month-day, 2025-03-31."),
    ],
)
@pytest.mark.parametrize("url", ["/reports/overdue/", "/reports/due/", "/reports/change/"])
def test_a_day_that_cannot_be_asked_about_gets_a_sentence_and_no_rows(
    url, on, sentence, client, clinician, coordinator
):
    owing(clinician, late=3)
    client.force_login(coordinator)
    answer = client.get(url, {"on": on})
    assert answer.status_code == 200
    assert sentence in answer.content.decode()
    assert answer.context["page"].paginator.count == 0
    for file in ("csv", "xlsx"):  # there is none of that day: its page says why
        answer = client.get(f"{url}{file}/", {"on": on}, follow=True)
        assert answer.redirect_chain == [(f"{url}?on={on}", 302)]
        assert sentence in answer.content.decode()


def test_before_anything_was_on_record_there_is_nothing(told, coordinator):
    assert not any(all_shown(coordinator, min(told) - datetime.timedelta(days=1)))


def test_whose_cases_they_are_is_judged_today(told, colleague, stranger):
    """Ana's case is the colleague's since the eighth day: they read of it what was on record before. In Eve's
    they work from the beginning."""
    assert len(all_shown(colleague, min(told))[0]) == 2
    assert not any(all_shown(stranger, min(told)))


def test_a_day_before_the_record_begins_says_so(client, clinician, coordinator):
    """A case that is put on record after it was open: nothing is known of the days before."""
    before, day, after = (factories.days(number) for number in (-3, -2, -1))
    with time_machine.travel(evening(day), tick=False):
        owing(clinician, late=40)
    client.force_login(coordinator)
    for url in ("/reports/overdue/", "/reports/due/", "/reports/timeliness/", "/reports/opening/"):
        page = client.get(url, {"on": before}).content.decode()
        assert f"Nothing was on record here before {written(day)}." in page
        assert "Nothing is overdue" not in page
        assert "on record here" not in client.get(url, {"on": after}).content.decode()
        assert "on record here" not in client.get(url).content.decode()
    owing(clinician, late=2)  # recorded today
    assert (
        "Some cases that were open by then" in client.get("/reports/overdue/", {"on": after}).content.decode()
    )


@pytest.mark.django_db
def test_the_sample_can_be_asked_about_any_day_since_it_began():
    with time_machine.travel(evening(today()), tick=False):
        call_command("load_sample", stdout=io.StringIO())
        call_command("rebuild_obligations", check=True, stdout=io.StringIO())
        reader = User.objects.get(username="coordinator")
        now = {(row.child, row.kind, row.due) for row in shown(overdue.owed(reader))}
        yesterday = {(row.child, row.kind, row.due) for row in all_shown(reader, factories.days(-1))[0]}
        assert {row for row in now if row[2] < factories.days(-1)} <= yesterday
        assert len(yesterday) > 3
        assert Obligation.objects.known_on(factories.days(-60)).count() > 5
        for row in Obligation.objects.exclude(superseded_at=None):
            later = Obligation.objects.filter(case=row.case, episode=row.episode, child=row.child)
            assert row.recorded_at < row.superseded_at
            assert later.filter(recorded_at=row.superseded_at).exists()
