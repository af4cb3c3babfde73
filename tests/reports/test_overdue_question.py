"""Why a due date is not met, and on whose desk it lies: a fact each where only that reason applies."""

import pytest

from approvals import actions
from cans import obligations
from cans.models import Obligation
from cases.actions import child_leaves, correct_opening, join_child, open_episode
from reports import overdue
from reports.rows import shown
from staff.dates import today
from staff.models import Cover, PolicySetting
from tests import factories

from .conftest import missed_extension, owing, submitted


def row_of(child, user):
    rows = overdue.owed(user).filter(child=child)
    return shown(rows)[0]


@pytest.mark.parametrize(
    ("fixture", "reason", "desk"),
    [
        ("not_started", "not_started", "Cleo Clinician"),
        ("in_draft", "draft", "Cleo Clinician"),
        ("with_supervisor", "supervisor", "Sana Supervisor"),
        ("returned", "returned", "Cleo Clinician"),
    ],
)
def test_reasons(request, coordinator, fixture, reason, desk):
    row = row_of(request.getfixturevalue(fixture), coordinator)
    assert (row.reason, row.desk) == (reason, desk)
    assert (row.clinician, row.supervisor) == ("Cleo Clinician", "Sana Supervisor")


def test_nothing_is_started_because_the_workers_certification_lapsed(lapsed, lapsed_worker, coordinator):
    row = row_of(lapsed, coordinator)
    assert (row.reason, row.desk) == ("lapsed", lapsed_worker.name)


def test_a_draft_whose_authors_certification_lapsed(in_draft, clinician, coordinator):
    clinician.credentials.filter(kind="certification").update(on=factories.days(-500))
    assert row_of(in_draft, coordinator).reason == "lapsed"


def test_a_draft_of_a_parallel_worker_counts_by_that_workers_credentials(
    not_started, colleague, clinician, coordinator
):
    case = not_started.memberships.get().case
    factories.assign(case, colleague, kind="parallel")
    factories.make_draft(not_started, author=colleague)
    clinician.credentials.all().delete()
    row = row_of(not_started, coordinator)
    assert (row.reason, row.desk, row.clinician) == ("draft", "Coll Colleague", "Cleo Clinician")


@pytest.mark.parametrize(("fixture", "reason"), [("in_draft", "draft"), ("returned", "returned")])
def test_what_an_author_who_left_the_case_began_is_the_primary_workers(
    request, clinician, colleague, coordinator, fixture, reason
):
    child = request.getfixturevalue(fixture)
    case = child.memberships.get().case
    assert row_of(child, coordinator).desk == "Cleo Clinician"
    case.assignments.filter(person=clinician).update(ends=factories.days(-1))
    factories.assign(case, colleague)
    row = row_of(child, coordinator)
    assert (row.reason, row.desk, row.clinician) == (reason, "Coll Colleague", "Coll Colleague")


def test_lapsed_credentials_do_not_hide_that_it_waits_for_the_supervisor(
    with_supervisor, clinician, coordinator
):
    clinician.credentials.all().delete()
    assert row_of(with_supervisor, coordinator).reason == "supervisor"


def test_lapsed_credentials_are_no_reason_while_the_program_does_not_ask_for_them(
    lapsed, coordinator, settings
):
    PolicySetting.objects.create(
        name="entry_gate", value="no", since=factories.days(-1), reason="Decided.", set_by=coordinator
    )
    assert row_of(lapsed, coordinator).reason == "not_started"


def test_the_cover_of_today_has_it_on_their_desk(with_supervisor, supervisor, other_supervisor, coordinator):
    Cover.objects.create(
        supervisor=supervisor, cover=other_supervisor, starts=today(), ends=today(), named_by=supervisor
    )
    row = row_of(with_supervisor, coordinator)
    assert (row.desk, row.supervisor) == ("Otto Other", "Sana Supervisor")


def test_a_case_without_a_primary_worker_is_on_nobodys_desk(not_started, coordinator):
    case = not_started.memberships.get().case
    case.assignments.update(ends=factories.days(-1))
    row = row_of(not_started, coordinator)
    assert (row.reason, row.clinician, row.supervisor) == ("not_started", "Nobody", "Nobody")
    assert row.desk == "Nobody: the case has no primary worker"


def test_an_amendment_in_draft_does_not_count_as_the_draft_of_the_next_date(
    clinician, supervisor, coordinator
):
    case = factories.make_case(primary=clinician, opened=factories.days(-250))
    child = factories.make_child(case)
    first = submitted(child, clinician, assessed_on=factories.days(-230))
    actions.approve(first, by=supervisor)
    actions.amend(first, by=supervisor, author=clinician, reason="A wrong item.")
    row = row_of(child, coordinator)
    assert (row.kind, row.reason) == ("Six-month", "not_started")


@pytest.mark.parametrize(("assessed", "reason"), [(-75, "not_started"), (-70, "draft"), (-10, "draft")])
def test_only_a_draft_assessed_around_the_closing_counts_for_the_closing_cans(
    clinician, supervisor, coordinator, assessed, reason
):
    case = factories.make_case(primary=clinician, opened=factories.days(-120), closed=factories.days(-40))
    child = factories.make_child(case)
    actions.approve(submitted(child, clinician, assessed_on=factories.days(-110)), by=supervisor)
    factories.make_draft(child, author=clinician, assessed_on=factories.days(assessed))
    row = row_of(child, coordinator)
    assert (row.kind, row.reason, row.late) == ("Closing", reason, 10)


def test_a_draft_of_a_second_stay_does_not_count_for_the_first(clinician, coordinator):
    case = factories.make_case(primary=clinician, opened=factories.days(-100))
    child = factories.make_child(case)
    child_leaves(child.memberships.get(), by=clinician, left=factories.days(-60))
    join_child(case, by=clinician, child=child, joined=factories.days(-40))
    draft = factories.make_draft(child, author=clinician, assessed_on=factories.days(-5))
    found = [(row.due, row.reason, row.cans) for row in shown(overdue.owed(coordinator))]
    assert found == [
        (factories.days(-70), "not_started", None),
        (factories.days(-10), "draft", draft.pk),
    ]


@pytest.mark.parametrize(
    ("opened", "corrected", "of_first", "of_second"),
    [(-45, None, "not_started", "draft"), (-38, -36, "draft", "not_started")],
)
def test_a_draft_counts_for_the_episode_it_is_in_wherever_openings_moved_since(
    clinician, coordinator, opened, corrected, of_first, of_second
):
    case = factories.make_case(primary=clinician, opened=factories.days(-200), closed=factories.days(-60))
    factories.make_draft(factories.make_child(case), author=clinician, assessed_on=factories.days(-37))
    day = factories.days(opened)
    again = open_episode(case, by=clinician, opened=day, authorised_through=factories.days(90))
    if corrected:
        correct_opening(again, by=coordinator, opened=factories.days(corrected), reason="A wrong key.")
    found = [(row.kind, row.reason) for row in shown(overdue.owed(coordinator))]
    assert found == [("Initial", of_first), ("Closing", of_first), ("Initial", of_second)]


def test_met_cancelled_waived_and_future_dates_are_not_overdue(
    clinician, supervisor, coordinator, child, approved
):
    owing(clinician, late=-5)
    assert not overdue.owed(coordinator).exists()


def test_a_missed_extension_is_apart(not_started, clinician, coordinator):
    missed_extension(not_started, clinician)
    assert [row.kind for row in shown(overdue.owed(coordinator))] == ["Initial"]
    [row] = shown(overdue.missed(coordinator))
    assert (row.kind, row.reason, row.late) == ("Extension", "missed", 3)
    assert row.rule.endswith("Missed: no such CANS was submitted by then.")


def test_the_reason_agrees_with_the_status_of_the_row(everything, coordinator):
    """The status is due.py's own expression; the SQL must not tell another story."""
    for obligation in overdue.owed(coordinator).all():
        expected = {
            "overdue": {"not_started", "draft", "lapsed"},
            "submitted": {"supervisor"},
            "returned": {"returned"},
            "returned_overdue": {"returned"},
        }
        assert obligation.reason in expected[obligation.status()]


def test_due_soon_holds_today_and_the_last_day(clinician, coordinator):
    due_today, last, after = (owing(clinician, late=-n) for n in (0, 14, 15))
    found = set(overdue.due_soon(coordinator, 14).values_list("child", flat=True))
    assert found == {due_today.pk, last.pk}
    assert not overdue.owed(coordinator).exists()
    assert after.pk in overdue.due_soon(coordinator, 30).values_list("child", flat=True)


def test_nothing_recorded_changes_by_asking(everything, coordinator):
    before = list(Obligation.objects.order_by("pk").values())
    list(shown(overdue.owed(coordinator)))
    assert list(Obligation.objects.order_by("pk").values()) == before
    assert obligations.differences(list(Obligation.objects.values_list("case", flat=True))) == ([], [])


def test_by_desk_nobody_and_the_missed_are_lines_of_their_own(everything, clinician, coordinator, client):
    """Who acts next, not who carries the case: what waits lies with the supervisor."""
    vacant = owing(clinician, late=2)
    vacant.memberships.get().case.assignments.update(ends=factories.days(-1))
    missed_extension(everything[0], clinician)
    client.force_login(coordinator)

    def desks(query):
        answer = client.get(f"/reports/overdue/?{query}")
        crossing = answer.context["listing"].crossing()
        for _, words, numbers in crossing:
            there = client.get(f"/reports/overdue/?{numbers[-1].query}").context["page"]
            assert {row.desk for row in there} == {words}
            assert there.paginator.count == numbers[-1].count
        return [(words, numbers[-1].count) for _, words, numbers in crossing]

    lapsed_worker = everything[4].memberships.get().case.assignments.get().person.name
    assert desks("by=desk") == [
        *sorted([("Cleo Clinician", 3), (lapsed_worker, 1), ("Sana Supervisor", 1)]),
        ("Nobody: the case has no primary worker", 1),
    ]
    assert desks("by=desk&show=missed") == [("The coordinator, to waive or to leave", 1)]
    by_desk = [row.desk for row in client.get("/reports/overdue/?sort=desk").context["page"]]
    assert by_desk == [by_desk[0], *sorted(by_desk[1:])]
    assert by_desk[0].startswith("Nobody")
