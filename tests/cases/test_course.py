"""A child's course: a line a domain over the CANS in force, and what changed between them."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from approvals import actions
from audit.models import Reading
from cans.models import Assessment
from cases.models import ChildStatus
from tests import factories
from tests.approvals.conftest import submit

NUMBING, OPTIMISM = "stress.numbing", "strengths.optimism"


def approved(child, clinician, supervisor, *, ago, **ratings):
    draft = factories.make_draft(child, author=clinician, assessed_on=factories.days(-ago), rated="1")
    sheet = draft.sheets.get(adult=None)
    values = dict(sheet.values) | {
        {"numbing": NUMBING, "optimism": OPTIMISM}[name]: value for name, value in ratings.items()
    }
    sheet.ratings = "".join(values[item.code] for item in sheet.items)
    sheet.save()
    actions.submit(draft, by=clinician)
    draft.refresh_from_db()
    actions.approve(draft, by=supervisor)
    return Assessment.objects.get(pk=draft.pk)


@pytest.fixture
def case(clinician):
    return factories.make_case(primary=clinician, opened=factories.days(-60), name="Plainly-Invented")


@pytest.fixture
def page(client, clinician, case, child):
    client.force_login(clinician)
    return lambda: client.get(f"/cases/{case.pk}/children/{child.pk}/course/")


def test_a_line_a_domain_and_what_changed_between(page, child, clinician, supervisor):
    approved(child, clinician, supervisor, ago=30, numbing="3", optimism="1")
    latest = approved(child, clinician, supervisor, ago=3, numbing="0", optimism="3")
    answer = page()
    counts = {(line.title, line.counted): line.counts for line in answer.context["course"].lines}
    assert counts["Traumatic stress symptoms", "actionable needs"] == (1, 0)
    assert len(set(counts["Child strengths", "usable strengths"])) == 2
    first = next(mark for mark in answer.context["marks"] if mark.cans)
    assert first.cans == latest
    assert [words for words, _ in first.changes] == ["Needs met", "Strengths lost"]
    assert first.changes[0][1][0].startswith("Numbing")
    assert answer.content.count(b'role="img"') == len(counts)


def test_what_else_happened_stands_among_them(page, child, clinician, supervisor):
    ChildStatus.objects.create(
        membership=child.memberships.get(),
        kind="placement",
        value="Traditional foster home",
        since=factories.days(-10),
        recorded_by=clinician,
    )
    approved(child, clinician, supervisor, ago=30)
    marks = page().context["marks"]
    assert next(mark.sentence for mark in marks) == "Placement: Traditional foster home"
    assert {"IPS opened", "Joined the case"} < {mark.sentence for mark in marks}
    assert [mark.on for mark in marks] == sorted((mark.on for mark in marks), reverse=True)


def test_with_one_cans_and_with_none_it_says_so(page, child, clinician, supervisor):
    assert b"Nothing to draw yet" in page().content
    approved(child, clinician, supervisor, ago=3)
    answer = page()
    assert b"Nothing to draw yet" in answer.content
    assert b"1 CANS in force" in answer.content


def test_what_is_not_in_force_is_not_in_it(page, child, clinician, supervisor):
    approved(child, clinician, supervisor, ago=30)
    latest = approved(child, clinician, supervisor, ago=3, numbing="2")
    actions.amend(latest, by=supervisor, author=clinician, reason="One item was wrong.")
    assert next(mark.cans for mark in page().context["marks"] if mark.cans) == latest
    amendment = Assessment.objects.get(amends=latest)
    submit(amendment)
    amendment.refresh_from_db()
    actions.approve(amendment, by=supervisor)
    answer = page()
    assert next(mark.cans for mark in answer.context["marks"] if mark.cans) == amendment
    assert len(answer.context["course"].cans) == 2


def test_reading_it_is_on_record(page, child, clinician):
    page()
    reading = Reading.objects.filter(page="child course").get()
    assert (reading.reader_number, reading.children) == (clinician.pk, [child.pk])


def test_a_child_of_another_case_is_not_there(client, clinician, case, stranger):
    other = factories.make_child(factories.make_case(primary=clinician))
    client.force_login(clinician)
    assert client.get(f"/cases/{case.pk}/children/{other.pk}/course/").status_code == 404
    assert client.get(f"/cases/{case.pk}/children/999999/course/").status_code == 404
    client.force_login(stranger)
    child = factories.make_child(case)
    assert client.get(f"/cases/{case.pk}/children/{child.pk}/course/").status_code == 404


def test_as_many_queries_for_six_cans_as_for_two(page, child, clinician, supervisor):
    costs = []
    for ago in (50, 40, 30, 20, 10, 3):
        approved(child, clinician, supervisor, ago=ago, numbing=str(ago // 10 % 4))
        if ago in (40, 3):
            page()
            with CaptureQueriesContext(connection) as captured:
                page()
            costs.append(len(captured))
    assert costs[0] == costs[1]
