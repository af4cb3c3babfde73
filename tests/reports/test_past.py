"""What was overdue on a past day is what was shown that day, whatever happened since."""

import datetime
from zoneinfo import ZoneInfo

import pytest
import time_machine

from approvals import actions
from cans.models import Obligation
from cans.waivers import waive
from cases.actions import close_episode, correct_opening, end_assignment, undo_closing
from reports import overdue
from reports.rows import shown
from staff.dates import today
from tests import factories

from .conftest import missed_extension, owing, submitted

CHICAGO = ZoneInfo("America/Chicago")


def evening(day):
    """Its last minute in Chicago."""
    return datetime.datetime.combine(day, datetime.time(23, 59), CHICAGO)


def all_shown(user, on=None):
    questions = overdue.owed(user, on), overdue.missed(user, on), overdue.due_soon(user, 30, on)
    return [sorted(shown(rows, on), key=lambda row: row.pk) for rows in questions]


class Story:
    """Ten days in which everything moves that a row says."""

    def __init__(self, clinician, colleague, supervisor, other_supervisor, coordinator):
        self.clinician, self.colleague = clinician, colleague
        self.supervisor, self.other, self.coordinator = supervisor, other_supervisor, coordinator

    def day_0(self):
        self.ana, self.ben, self.cay, self.dee = (owing(self.clinician, late=n) for n in (3, 12, 33, -2))

    def day_1(self):
        self.anas = submitted(self.ana, self.clinician)
        self.bens = factories.make_draft(self.ben, author=self.clinician)
        missed_extension(self.cay, self.clinician)

    def day_2(self):
        actions.return_for_revision(self.anas, by=self.supervisor, reason="Look again.")
        factories.fill(self.bens)
        factories.make_caregiver(self.dee)

    def day_3(self):
        actions.submit(self.bens, by=self.clinician)
        case = self.cay.memberships.get().case
        correct_opening(
            case.episodes.get(), by=self.coordinator, opened=factories.days(-50), reason="A wrong key."
        )

    def day_4(self):
        actions.recall(self.bens, by=self.clinician)
        self.dees = submitted(self.dee, self.clinician)

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
def told(db, coordinator, clinician, colleague, supervisor, other_supervisor):
    """What the coordinator was shown on the evening of each day, all of it read again on the last."""
    story, told = Story(clinician, colleague, supervisor, other_supervisor, coordinator), {}
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
    reasons = {row.reason for rows in told.values() for row in rows[0] + rows[1]}
    assert reasons == {"missed", "supervisor", "returned", "draft", "not_started"}
    desks = {row.desk for rows in told.values() for row in rows[0]}
    assert desks >= {"Cleo Clinician", "Sana Supervisor", "Otto Other"}


def test_the_page_and_the_file_of_that_day_are_what_the_page_was(told, coordinator, client):
    client.force_login(coordinator)
    for day, (owed, missed, _) in told.items():
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
    assert all_shown(coordinator, min(told) - datetime.timedelta(days=1)) == [[], [], []]


def test_whose_cases_they_are_is_judged_today(told, colleague, stranger):
    """Ana's case is the colleague's since the eighth day: they read of it what was on record before."""
    assert len(all_shown(colleague, min(told))[0]) == 1
    assert all_shown(stranger, min(told)) == [[], [], []]
