"""The submission report: which CANS were first submitted in a time, each of them once."""

import csv
import datetime
import io

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django.utils.html import escape

from approvals import actions
from cans.actions import answer_warnings, take_over
from cans.facts import readiness_of
from cans.models import Assessment, Obligation
from staff.dates import today
from tests import factories
from tests.approvals.conftest import submit

from .conftest import owing, submitted

URL = "/reports/submission/"


def of_today():
    return f"first={today()}&last={today()}"


@pytest.fixture
def world(clinician, colleague, supervisor):
    """Submitted 3 days ago by one clinician, today by the other, and what does not count: a draft, one
    that was taken back, one that was voided."""
    factories.make_draft(owing(clinician, late=2, name="Dee Invented-Draft"), author=clinician)
    with time_machine.travel(factories.noon(-3), tick=False):
        submitted(owing(clinician, late=4, name="Ann Invented-Early"), clinician)
    submitted(owing(colleague, late=-1, name="Bea Invented-Today"), colleague)
    back = submitted(owing(clinician, late=1, name="Cay Invented-Back"), clinician)
    actions.recall(back, by=clinician)
    void = submitted(owing(clinician, late=1, name="Eve Invented-Void"), clinician)
    actions.return_for_revision(void, by=supervisor, reason="Look again.")
    actions.void(void, by=supervisor, reason="Entered twice.")


@pytest.fixture
def here(client, world, coordinator):
    client.force_login(coordinator)

    def get(query=""):
        answer = client.get(f"{URL}?{query}")
        assert answer.status_code == 200
        return answer

    return get


def children(answer):
    return sorted(row.case_label.split(" Invented")[0] for row in answer.context["page"])


def test_what_was_submitted_in_these_days_and_nothing_else(here):
    assert children(here(f"first={factories.days(-9)}&last={today()}")) == ["Ann", "Bea"]
    assert children(here(of_today())) == ["Bea"]
    assert children(here(f"first={factories.days(-3)}&last={factories.days(-3)}")) == ["Ann"]
    assert children(here(f"first={factories.days(-2)}&last={factories.days(-1)}")) == []


def test_what_came_on_record_later_was_not_shown_then(here):
    """The steps of a past CANS that was imported are older than its record here."""
    then = f"first={factories.days(-9)}&on={factories.days(-2)}"
    assert children(here(then)) == ["Ann"]
    Obligation.objects.filter(case__name__startswith="Ann").update(recorded_at=timezone.now())
    assert children(here(then)) == []
    assert children(here(f"first={factories.days(-9)}")) == ["Ann", "Bea"]


def test_without_days_it_is_the_month_before(here):
    first, last = here().context["as_of"].range()
    assert last == today().replace(day=1) - datetime.timedelta(days=1)
    assert first == last.replace(day=1)
    assert here(f"first={factories.days(-9)}").context["as_of"].range() == (factories.days(-9), today())
    assert here("last=2026-02-10").context["as_of"].range()[0] == datetime.date(2026, 2, 1)


def test_a_row_says_what_when_and_by_whom(here, supervisor):
    (row,) = here(of_today()).context["page"]
    assert (row.type, row.submitted_on, row.state) == ("Initial", today(), "Submitted")
    assert (row.assessor, row.supervisor) == ("Coll Colleague", supervisor.name)


def test_of_how_many_children_and_cases_and_which(here, clinician, supervisor):
    case = factories.make_case(primary=clinician, opened=factories.days(-9))
    ida, jay = (factories.make_child(case, name=f"{name} Invented-Sibling") for name in ("Ida", "Jay"))
    submitted(jay, clinician)
    actions.approve(submitted(ida, clinician, assessed_on=factories.days(-2)), by=supervisor)
    again = factories.make_draft(ida, author=clinician, rated="1")
    warnings = {problem.key: "It is so." for problem in readiness_of(again, by=clinician)}
    answer_warnings(again, by=clinician, answers=warnings)
    actions.submit(again, by=clinician)
    page = here(of_today())
    words = page.content.decode()
    assert [number.count for number in page.context["of"].values()] == [3, 2]
    for number, what in zip(page.context["of"].values(), ("child_name", "case_label"), strict=True):
        told = [getattr(row, what) for row in here(number.query).context["page"]]
        assert (len(told), len(set(told)), told) == (4, number.count, sorted(told))
        assert f'href="?{escape(number.query)}"' in words
    assert "of 3 children</a>" in words
    assert "in 2 cases</a>" in words


def test_of_a_cans_and_its_amendment_the_one_in_force_counts(here, colleague, supervisor):
    first = Assessment.objects.get(case__name__startswith="Bea")
    actions.approve(first, by=supervisor)
    actions.amend(first, by=supervisor, author=colleague, reason="One item was wrong.")
    assert [row.cans for row in here(of_today()).context["page"]] == [first.pk]
    amendment = Assessment.objects.get(amends=first)
    submit(amendment)
    assert [row.cans for row in here(of_today()).context["page"]] == [first.pk]
    amendment.refresh_from_db()
    actions.approve(amendment, by=supervisor)
    assert [row.cans for row in here(of_today()).context["page"]] == [amendment.pk]


def test_as_of_a_past_day_it_is_what_it_was_then(client, coordinator, clinician, colleague, supervisor):
    """Recalled, returned, voided and taken over since: the evening's page is the page of that evening."""

    def shown(on=None):
        query = f"{URL}?first={since}" + (f"&on={on}" if on else "")
        rows = client.get(query).context["page"]
        return sorted((row.cans, row.submitted_on, row.state, row.assessor) for row in rows)

    first_day, since, told = timezone.now(), factories.days(-1), {}
    with time_machine.travel(first_day, tick=False) as clock:
        one, two, three = (submitted(owing(clinician, late=n), clinician) for n in (1, 2, 3))
        for day in range(4):
            clock.move_to(first_day + datetime.timedelta(days=day))
            client.force_login(coordinator)
            if day == 1:
                actions.recall(one, by=clinician)
                actions.return_for_revision(two, by=supervisor, reason="Look again.")
                actions.approve(three, by=supervisor)
            elif day == 2:
                actions.submit(one, by=clinician)
                factories.assign(two.case, colleague, kind="parallel", starts=today())
                take_over(two, by=colleague)
            elif day == 3:
                actions.void(two, by=supervisor, reason="Entered twice.")
            told[today()] = shown()
        assert [len(rows) for rows in told.values()] == [3, 2, 3, 2]
        for on, rows in told.items():
            assert shown(on) == rows, on


def test_sorted_and_the_file_in_the_same_order(here, client):
    query = f"first={factories.days(-9)}&last={today()}&sort=-submitted"
    assert [row.case_label[:3] for row in here(query).context["page"]] == ["Bea", "Ann"]
    for key in ("submitted", "assessed", "case", "child", "agency", "clinician"):
        assert len(here(f"first={factories.days(-9)}&sort=-{key}").context["page"]) == 2
    file = client.get(f"{URL}csv/?{query}").content.decode("utf-8-sig")
    head, *lines = csv.reader(io.StringIO(file))
    assert head[:5] == ["Child", "Case", "Type", "Assessed on", "Submitted"]
    assert [line[1][:3] for line in lines] == ["Bea", "Ann"]
    assert client.get(f"{URL}xlsx/?{query}").status_code == 200


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("first=2025-02-02&last=2025-02-01", "This is before the first day."),
        ("first=2099-01-01", "This is after the day of the report."),
        ("type=nonsense", "Not in this list today. Choose again."),
        ("first=x", "Nothing is listed"),
    ],
)
def test_a_bad_filter_gets_a_sentence_and_no_row(here, query, sentence):
    answer = here(query)
    assert sentence in answer.content.decode()
    assert children(answer) == []


def test_who_sees_what(client, world, stranger, colleague, clinician, administrator, supervisor):
    query = f"{URL}?first={factories.days(-9)}&last={today()}"
    seen = [(stranger, []), (colleague, ["Bea"]), (clinician, ["Ann"]), (supervisor, ["Ann", "Bea"])]
    for person, names in seen:
        client.force_login(person)
        assert children(client.get(query)) == names
    client.force_login(administrator)
    assert client.get(query).status_code == 403


def test_as_many_queries_for_twenty_as_for_two(client, clinician, coordinator):
    client.force_login(coordinator)
    counts = []
    for number in (2, 18):
        for _ in range(number):
            submitted(owing(clinician, late=1), clinician)
        client.get(URL)
        with CaptureQueriesContext(connection) as captured:
            assert len(client.get(f"{URL}?{of_today()}").context["page"]) in (2, 20)
        counts.append(len(captured))
    assert counts[0] == counts[1]
