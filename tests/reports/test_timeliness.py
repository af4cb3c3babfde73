"""Three figures by month: submitted on time, approved, days to approve. The numbers, their rows, the file."""

import csv
import datetime
import io

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from approvals import actions
from cans.models import Obligation
from cans.waivers import waive
from staff.dates import today, written
from tests import factories

from .conftest import owing, submitted

URL = "/reports/timeliness/"


def ago(days):
    return time_machine.travel(factories.noon(-days), tick=False)


@pytest.fixture
def world(clinician, colleague, supervisor, coordinator):
    """By name: an initial CANS each, with what became of it."""
    due_long_ago = owing(clinician, late=40, name="Ann Invented-Late")
    made = {
        "in time, approved after 3 days": owing(clinician, late=3, name="Bea Invented-Soon"),
        "in time, approved the same day": owing(colleague, late=2, name="Cay Invented-Same"),
        "late": due_long_ago,
        "missing": owing(clinician, late=1, name="Dee Invented-Missing"),
        "to come": owing(clinician, late=0, name="Eve Invented-Today"),
        "waived": owing(clinician, late=5, name="Fay Invented-Waived"),
    }
    submitted(due_long_ago, clinician)
    with ago(4):
        first = submitted(made["in time, approved after 3 days"], clinician)
        actions.approve(submitted(made["in time, approved the same day"], colleague), by=supervisor)
    with ago(1):
        actions.approve(first, by=supervisor)
    waived = Obligation.objects.current().get(child=made["waived"])
    waive(waived, by=coordinator, reason="system", note="The line was down.")
    return made


@pytest.fixture
def here(client, world, coordinator):
    client.force_login(coordinator)

    def get(query=""):
        answer = client.get(f"{URL}?{query}")
        assert answer.status_code == 200
        return answer

    return get


def families(answer):
    return sorted(row.case_label.split(" (")[0] for row in answer.context["page"])


def in_all(answer):
    return {number.words: number.count for number in answer.context["listing"].in_bands()}


def test_each_is_counted_once_and_as_what_it_is(here, world):
    assert in_all(here("months=3")) == {
        "In time": 2,
        "Late": 1,
        "Not submitted": 1,
        "Still to come": 1,
        "Waived": 1,
        "in all": 6,
    }
    for outcome, name in [
        ("late", "Ann Invented-Late"),
        ("missing", "Dee Invented-Missing"),
        ("to_come", "Eve Invented-Today"),
        ("waived", "Fay Invented-Waived"),
    ]:
        assert families(here(f"months=3&outcome={outcome}")) == [name]


def test_a_waived_row_says_why_by_whom_and_when(here, client, coordinator):
    said = f"State system unavailable. The line was down. {coordinator.name}, {written(today())}."
    page = here("months=3&outcome=waived")
    assert [row.waived for row in page.context["page"]] == [said]
    assert f"Waived: {said}" in page.content.decode()
    file = client.get(f"{URL}csv/?months=3").content.decode("utf-8-sig")
    assert [line["Waived"] for line in csv.DictReader(io.StringIO(file)) if line["Waived"]] == [said]


def test_the_share_counts_what_was_due_and_the_days_what_was_approved(here, clinician, colleague):
    answer = here("months=3&by=clinician")
    lines = {line.words: line for line in answer.context["lines"]}
    bars = [lines[name].bar for name in ("Cleo Clinician", "Coll Colleague")]
    assert [(bar.percent, bar.says) for bar in bars] == [(33, "1 of 3, 33%"), (100, "1 of 1, 100%")]
    assert [here(bar.query).context["page"].paginator.count for bar in bars] == [1, 1]
    assert (lines["Cleo Clinician"].approved.count, lines["Cleo Clinician"].days) == (1, 3)
    assert (lines["Coll Colleague"].approved.count, lines["Coll Colleague"].days) == (1, 0)


def test_the_approved_stand_beside_all_outcomes_whichever_is_chosen(here):
    """As the other numbers of a line do: to choose one of them changes the rows, not the table."""
    (whole,), (chosen,) = (
        [line for line in here(f"months=3&by=clinician{more}").context["lines"] if "Cleo" in line.words]
        for more in ("", "&outcome=late")
    )
    assert (chosen.approved.count, chosen.days) == (whole.approved.count, whole.days) == (1, 3)
    assert here(chosen.approved.query).context["page"].paginator.count == 1


def test_what_was_approved_opens_its_rows(here):
    for words, name in [("Cleo Clinician", "Bea"), ("Coll Colleague", "Cay")]:
        lines = {line.words: line for line in here("months=3&by=clinician").context["lines"]}
        found = families(here(lines[words].approved.query))
        assert len(found) == 1, found
        assert found[0].startswith(name), found


def test_a_return_does_not_undo_a_submission_in_time(client, clinician, supervisor, coordinator):
    child = owing(clinician, late=1)
    with ago(3):
        actions.return_for_revision(submitted(child, clinician), by=supervisor, reason="Look again.")
    client.force_login(coordinator)
    assert in_all(client.get(URL))["In time"] == 1


def test_every_month_of_the_time_in_order_and_only_so_many(here, world):
    answer = here("months=36")
    lines = {line.words: line for line in answer.context["lines"]}
    assert len(lines) == 36
    assert list(lines)[-1] == f"{today():%b %Y}"
    assert [bar.words for bar in answer.context["bars"]] == list(lines)
    assert lines[next(iter(lines))].bar.says == "none due"
    days = {row.due.replace(day=1) for row in answer.context["page"]}
    assert {words for words, line in lines.items() if line.numbers[-1].count} == {
        f"{day:%b %Y}" for day in days
    }
    first = today().replace(day=1)
    assert all(row.due >= first - datetime.timedelta(days=62) for row in here("months=3").context["page"])


def test_the_file_has_no_word_for_nothing(here, client):
    rows = list(
        csv.DictReader(io.StringIO(client.get(f"{URL}csv/?outcome=missing").content.decode("utf-8-sig")))
    )
    assert [(row["First submitted"], row["Approved"], row["Days to approve"]) for row in rows] == [
        ("", "", "")
    ]


def test_who_sees_what(client, world, stranger, colleague, administrator, supervisor):
    client.force_login(stranger)
    page = client.get(URL)
    assert page.context["page"].paginator.count == 0
    assert "Cleo Clinician" not in page.content.decode()
    client.force_login(colleague)
    assert families(client.get(URL)) == ["Cay Invented-Same"]
    client.force_login(supervisor)
    assert client.get(f"{URL}?months=3").context["page"].paginator.count == 6
    client.force_login(administrator)
    assert client.get(URL).status_code == 403


@pytest.mark.parametrize("query", ["month=2020-01-01", "outcome=nonsense", "month=x", "month=2020-13"])
def test_what_is_not_there_gets_a_sentence_and_no_row(here, query):
    answer = here(query)
    assert "Not in this list today. Choose again." in answer.content.decode()
    assert families(answer) == []


def test_nonsense_elsewhere_does_no_harm(here):
    assert here("sort=age&by=reason&months=-1").context["page"].paginator.count == 6


def test_as_many_queries_for_thirty_as_for_three(client, clinician, coordinator):
    client.force_login(coordinator)
    counts = []
    for number in (3, 27):
        for place in range(number):
            owing(clinician, late=place % 20)
        client.get(URL)
        with CaptureQueriesContext(connection) as queries:
            client.get(URL)
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 13


def test_as_of_a_past_day(client, clinician, coordinator):
    with ago(5):
        child = owing(clinician, late=1, name="Gil Invented-Past")
    submitted(child, clinician)
    client.force_login(coordinator)
    was = client.get(URL, {"on": factories.days(-3)})
    assert in_all(was)["Not submitted"] == 1
    assert in_all(client.get(URL))["Late"] == 1
