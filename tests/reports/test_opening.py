"""Opening status: the children whose initial CANS was not submitted within the 30 days."""

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cans.models import Obligation
from cans.waivers import waive
from cases.actions import close_episode, open_episode
from reports.opening import without_child
from staff.dates import today
from tests import factories

from .conftest import owing, submitted

URL = "/reports/opening/"


@pytest.fixture
def world(clinician, colleague, coordinator):
    """Three without an opening in time, opened 70, 37 and 31 days ago; and three that are not among them."""
    submitted(owing(clinician, late=40, name="Ann Invented-Late"), clinician)
    owing(clinician, late=7, name="Bea Invented-Missing")
    owing(colleague, late=1, name="Cay Invented-Missing")
    owing(clinician, late=0, name="Dee Invented-Today")
    waived = owing(clinician, late=9, name="Eve Invented-Waived")
    waive(Obligation.objects.current().get(child=waived), by=coordinator, reason="system")
    in_time = owing(clinician, late=3, name="Fay Invented-In-Time")
    with time_machine.travel(factories.noon(-3), tick=False):
        submitted(in_time, clinician)


@pytest.fixture
def here(client, world, coordinator):
    client.force_login(coordinator)

    def get(query=""):
        answer = client.get(f"{URL}?{query}")
        assert answer.status_code == 200
        return answer

    return get


def families(answer):
    return sorted(row.case_label.split(" Invented")[0] for row in answer.context["page"])


def test_late_and_missing_and_nobody_else(here):
    answer = here()
    assert {number.words: number.count for number in answer.context["listing"].in_bands()} == {
        "Late": 1,
        "Not submitted": 2,
        "in all": 3,
    }
    assert families(answer) == ["Ann", "Bea", "Cay"]
    assert families(here("outcome=late")) == ["Ann"]


def test_by_the_day_of_opening_both_ends_counted(here):
    opened = factories.days(-37)
    assert families(here(f"first={opened}&last={opened}")) == ["Bea"]
    assert families(here(f"first={opened}")) == ["Bea", "Cay"]
    assert families(here(f"last={opened}")) == ["Ann", "Bea"]
    before = here(f"first={factories.days(-36)}&last={factories.days(-32)}")
    assert families(before) == []
    assert "Every child has an opening in time" in before.content.decode()


def test_children_are_counted_and_their_episodes(here, clinician):
    """Two siblings late in one episode, and an episode that no child is on record in."""
    sibling = factories.make_child(factories.make_case(primary=clinician, opened=factories.days(-45)))
    case = sibling.memberships.get().case
    factories.make_child(case)
    answer = here(f"last={factories.days(-31)}")
    said = answer.context["of"]
    assert [said[what].count for what in ("children", "episodes")] == [5, 4]
    assert "of 5 children</a>" in answer.content.decode()
    assert "in 4 episodes</a>" in answer.content.decode()
    assert families(here(said["episodes"].query))[:3] == ["Ann", "Bea", "Cay"]


def test_an_episode_without_a_child_is_listed_apart(here, clinician, client):
    for opened, name in [(-31, "Kim"), (-30, "Lou")]:  # today is the last day of Lou's
        factories.make_case(primary=clinician, opened=factories.days(opened), name=f"{name} Invented-Empty")
    number = here().context["childless"]
    assert number.count == 1
    answer = here(number.query)
    (row,) = answer.context["page"]
    assert (row.case_label[:3], row.late, row.clinician) == ("Kim", 1, "Cleo Clinician")
    assert "No child is on record" in row.rule
    assert [band.count for band in answer.context["listing"].in_bands()] == [1, 0, 0, 0, 1]
    file = client.get(f"{URL}csv/?{number.query}")
    assert "episodes-without-a-child" in file["Content-Disposition"]
    assert len(file.content.decode().splitlines()) == 2
    assert here(f"first={factories.days(-20)}").context["childless"].count == 0


def test_as_of_a_past_day(client, clinician, coordinator):
    with time_machine.travel(factories.noon(-5), tick=False):
        child = owing(clinician, late=1, name="Gil Invented-Past")
    submitted(child, clinician)
    client.force_login(coordinator)
    assert [row.in_time for row in client.get(URL, {"on": factories.days(-2)}).context["page"]] == [
        "Not submitted"
    ]
    assert [row.in_time for row in client.get(URL).context["page"]] == ["Late"]


def test_what_was_opened_again_later_with_an_earlier_day_was_not_without_a_child_then(clinician, coordinator):
    with time_machine.travel(factories.noon(-60), tick=False):
        case = factories.make_case(primary=clinician)
        close_episode(case.episodes.get(), by=clinician, closed=today(), closing_reason="stable")
    again = open_episode(case, by=clinician, opened=factories.days(-50), authorised_through=today())
    for on, found in [(factories.days(-10), []), (today(), [again])]:
        assert list(without_child(coordinator, factories.days(-55), on, on)) == found


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("first=2025-02-02&last=2025-02-01", "This is before the first day."),
        ("on=2026-01-01&first=2026-02-01", "This is after the day of the report."),
        ("first=2099-01-01", "This is after the day of the report."),
        ("outcome=on_time", "Not in this list today. Choose again."),
        ("on=2099-01-01", "This day is still to come"),
        ("first=x", "Nothing is listed"),
    ],
)
def test_a_bad_filter_gets_a_sentence_and_no_row(here, query, sentence):
    answer = here(query)
    assert sentence in answer.content.decode()
    assert families(answer) == []


def test_who_sees_what(client, world, stranger, colleague, administrator, supervisor):
    for person, names in [(stranger, []), (colleague, ["Cay"]), (supervisor, ["Ann", "Bea", "Cay"])]:
        client.force_login(person)
        assert families(client.get(URL)) == names
    client.force_login(administrator)
    assert client.get(URL).status_code == 403


def test_as_many_queries_for_thirty_as_for_three(client, clinician, coordinator):
    client.force_login(coordinator)
    counts = []
    for number in (3, 27):
        for place in range(number):
            owing(clinician, late=1 + place % 20)
        client.get(URL)
        with CaptureQueriesContext(connection) as queries:
            client.get(URL)
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 13
