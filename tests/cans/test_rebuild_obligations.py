"""`manage.py rebuild_obligations` puts right what differs; `--check` only says so, and fails."""

import io
from importlib import import_module

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command

from approvals import actions
from cans.models import Obligation
from cans.waivers import waive
from cases.actions import close_episode, open_episode, request_extension
from tests import factories
from tests.approvals.conftest import submit

fill = import_module("cans.migrations.0007_days_that_would_meet").fill


def check():
    out = io.StringIO()
    call_command("rebuild_obligations", "--check", stdout=out)
    return out.getvalue()


def differences():
    out = io.StringIO()
    with pytest.raises(CommandError) as failed:
        call_command("rebuild_obligations", "--check", stdout=out)
    return str(failed.value), out.getvalue().splitlines()


@pytest.fixture
def owed(case, child):
    return Obligation.objects.get(case=case, kind="initial")


def test_no_difference_after_each_verb(
    ready_draft, clinician, supervisor, other_supervisor, coordinator, child
):
    assert "equal to the rules" in check()
    actions.submit(ready_draft, by=clinician)
    check()
    actions.recall(ready_draft, by=clinician)
    check()
    actions.submit(ready_draft, by=clinician)
    actions.return_for_revision(ready_draft, by=supervisor, reason="Look again.")
    check()
    actions.submit(ready_draft, by=clinician)
    actions.reroute(ready_draft, by=supervisor, to=other_supervisor, reason="Away.")
    check()
    actions.approve(ready_draft, by=other_supervisor)
    check()
    amendment = actions.amend(ready_draft, by=supervisor, author=clinician, reason="A wrong item.")
    check()
    submit(amendment)
    actions.approve(amendment, by=supervisor)
    check()
    actions.void(amendment, by=coordinator, reason="Wrong child.")
    check()
    waive(Obligation.objects.unsettled().get(), by=coordinator, reason="system")
    check()


def test_a_changed_row_is_named_with_what_it_should_be(owed):
    right = owed.due
    Obligation.objects.filter(pk=owed.pk).update(due=factories.days(3))
    failure, lines = differences()
    assert failure == "1 of the stored due dates of 1 cases differ from the rules."
    assert lines == [
        f"Case {owed.case_id}, child {owed.child_id}, episode {owed.episode_id}, {owed.source} differs: "
        f"due is {factories.days(3)}, should be {right}."
    ]
    assert Obligation.objects.get(pk=owed.pk).due == factories.days(3)
    assert Obligation.objects.count() == 1


def test_a_row_that_is_missing_and_one_that_is_not_owed(owed):
    Obligation.objects.filter(pk=owed.pk).update(source="initial:0")
    _, lines = differences()
    assert len(lines) == 2
    assert "initial:0 is stored" in lines[0]
    assert f"{owed.source} is owed" in lines[1]
    assert lines[1].endswith("is not stored.")


def test_no_name_of_anybody_is_printed(owed, child):
    Obligation.objects.filter(pk=owed.pk).update(due=factories.days(3))
    assert child.name not in "".join(differences()[1])
    assert child.memberships.get().case.name not in "".join(differences()[1])


def test_a_rebuild_puts_it_right_and_keeps_what_was(owed):
    Obligation.objects.filter(pk=owed.pk).update(due=factories.days(3))
    out = io.StringIO()
    call_command("rebuild_obligations", stdout=out)
    assert out.getvalue() == "Due dates of 1 cases: rebuilt; 2 rows superseded or added.\n"
    check()
    owed.refresh_from_db()
    assert owed.superseded_at is not None
    now = Obligation.objects.current().get(case=owed.case)
    assert (now.recorded_by, now.because) == (None, "Due dates rebuilt by command")


def test_the_migration_fills_in_the_days_that_the_rules_say(case, child, approved, clinician):
    """But for a child who left and came back."""
    request_extension(case.episodes.get(), by=clinician, requested=factories.days(-5))
    close_episode(case.episodes.get(), by=clinician, closed=factories.days(-2), closing_reason="stable")
    open_episode(case, by=clinician, opened=factories.days(-1), authorised_through=factories.days(90))
    Obligation.objects.update(assessed_from=None, assessed_through=None)
    assert len(differences()[1]) == 4
    fill(apps, None)
    check()


def test_more_cases_than_one_chunk_holds(clinician, monkeypatch, django_assert_max_num_queries):
    monkeypatch.setattr("cans.management.commands.rebuild_obligations.CHUNK", 4)
    for _ in range(9):
        factories.make_child(factories.make_case(primary=clinician))
    Obligation.objects.update(why="Tampered.")
    failure, lines = differences()
    assert failure.startswith("9 of the stored due dates of 9 cases")
    assert len(lines) == 9
    call_command("rebuild_obligations", stdout=io.StringIO())
    assert "9 cases" in check()


def test_without_any_case(db):
    assert check() == "Due dates of 0 cases: equal to the rules.\n"
