"""What the database itself refuses, and what a failing part of an act undoes."""

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction

from approvals import actions
from approvals.models import ItemComment, Step
from approvals.workflow import Action
from audit.models import Event
from cans.models import Assessment, Note, WarningAnswer
from staff.refusals import NotNow
from tests import factories

from .conftest import snapshot, submit, take, write_in


def refused():
    return pytest.raises(IntegrityError)


def a_step(assessment, by, action, **fields):
    return Step(
        assessment=assessment, action=action, by=by, from_state="submitted", to_state="submitted", **fields
    )


def whole(state, assessment, person):
    """What a row in this state has to have, so that nothing but the trigger refuses it."""
    undone = dict.fromkeys(("approved_at", "approved_by", "voided_at", "voided_by"))
    how = state if state == "approved" else "returned"
    dated = {f"{how}_at": assessment.submitted_at, f"{how}_by": person}
    return {"state": state, "reviewer": person} | undone | dated


class TestConstraints:
    @pytest.mark.parametrize("action", ["return", "reroute", "amend", "void"])
    def test_a_reason(self, action, submitted, supervisor):
        with refused(), transaction.atomic():
            a_step(submitted, supervisor, action).save()

    def test_nobody_approves_what_they_wrote_in(self, submitted, supervisor, contributor, clinician):
        write_in(submitted, contributor)
        for person in (clinician, contributor):
            with refused(), transaction.atomic():
                a_step(submitted, person, "approve").save()
        a_step(submitted, supervisor, "approve").save()

    def test_steps_and_comments_are_only_added(self, submitted, supervisor):
        sheet = submitted.sheets.get(adult=None)
        actions.return_for_revision(
            submitted, by=supervisor, reason="Why?", comments=[(sheet, "life.sleep", "Why?")]
        )
        for rows, change in (
            (Step.objects.all(), {"reason": "x"}),
            (ItemComment.objects.all(), {"text": "x"}),
        ):
            with refused(), transaction.atomic():
                rows.update(**change)
            with refused(), transaction.atomic():
                rows._raw_delete(rows.db)

    def test_a_comment_is_not_empty_and_one_an_item(self, submitted, supervisor):
        sheet = submitted.sheets.get(adult=None)
        step = actions.return_for_revision(
            submitted, by=supervisor, reason="Why?", comments=[(sheet, "life.sleep", "Why?")]
        )
        for code, text in (("life.school", ""), ("life.sleep", "Again")):
            with refused(), transaction.atomic():
                ItemComment.objects.create(step=step, sheet=sheet, code=code, text=text)

    def test_reviewer_and_approver_are_not_the_author(self, submitted, clinician):
        row = Assessment.objects.filter(pk=submitted.pk)
        for fields in (
            {"reviewer": clinician},
            {"approved_by": clinician, "approved_at": submitted.submitted_at},
        ):
            with refused(), transaction.atomic():
                row.update(**fields)

    @pytest.mark.parametrize(
        "fields",
        [
            {"reviewer": None},
            {"first_submitted_on": None},
            {"submitted_at": None, "submitted_by": None},
            {"submitted_at": None},
            {"state": "approved"},
            {"state": "returned"},
            {"state": "voided"},
            {"opened_by": None, "opened_at": "2025-03-03T12:00Z"},
            {"assessed_on": "2020-01-01"},
        ],
    )
    def test_a_submitted_one_is_whole_and_stays_as_it_was(self, fields, submitted):
        with refused(), transaction.atomic():
            Assessment.objects.filter(pk=submitted.pk).update(**fields)

    def test_a_decided_one_is_never_deleted(self, approved):
        with refused(), transaction.atomic():
            Assessment.objects.filter(pk=approved.pk)._raw_delete("default")

    @pytest.mark.parametrize("to", ["draft", "submitted", "returned"])
    def test_an_approved_one_is_not_opened_again(self, to, approved, supervisor):
        with refused(), transaction.atomic():
            Assessment.objects.filter(pk=approved.pk).update(**whole(to, approved, supervisor))

    @pytest.mark.parametrize("to", ["draft", "submitted", "returned", "approved"])
    def test_nothing_comes_back_from_being_voided(self, to, approved, coordinator, supervisor):
        actions.void(approved, by=coordinator, reason="The wrong child.")
        with refused(), transaction.atomic():
            Assessment.objects.filter(pk=approved.pk).update(**whole(to, approved, supervisor))

    def test_what_was_decided_is_not_carried_to_where_it_could_be_changed(
        self, submitted, supervisor, case, clinician
    ):
        actions.return_for_revision(submitted, by=supervisor, reason="Look again.")
        sheet = submitted.sheets.exclude(adult=None).get()
        note = Note.objects.create(sheet=sheet, code="caregiver.safety", text="Invented.", by=clinician)
        answer = WarningAnswer.objects.create(assessment=submitted, key="a", text="Checked.", by=clinician)
        actions.submit(submitted, by=clinician)
        actions.approve(submitted, by=supervisor)
        draft = factories.make_draft(factories.make_child(case), author=clinician)
        for row, place in (
            (sheet, {"assessment": draft}),
            (note, {"sheet": draft.sheets.get()}),
            (answer, {"assessment": draft}),
        ):
            with pytest.raises(IntegrityError, match="stays with it"), transaction.atomic():
                type(row).objects.filter(pk=row.pk).update(**place)

    def test_the_triggers_of_this_room_are_there(self, db):
        """A later migration that remakes a table on SQLite takes its triggers with it."""
        wanted = {
            f"{table}_{event}_refused"
            for table, events in {
                "approvals_step": ("insert", "update", "delete"),
                "approvals_itemcomment": ("update", "delete"),
            }.items()
            for event in events
        }
        query = {
            "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger'",
            "postgresql": "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal",
        }[connection.vendor]
        with connection.cursor() as cursor:
            cursor.execute(query)
            assert wanted <= {name for (name,) in cursor.fetchall()}


STEPS = {
    Action.SUBMIT: ("author", []),
    Action.APPROVE: ("supervisor", [("submit", "author")]),
    Action.RETURN: ("supervisor", [("submit", "author")]),
    Action.REROUTE: ("supervisor", [("submit", "author")]),
    Action.RECALL: ("author", [("submit", "author")]),
    Action.AMEND: ("supervisor", [("submit", "author"), ("approve", "supervisor")]),
    Action.VOID: ("author", []),
}


class TestAFailingPart:
    @pytest.mark.parametrize("action", list(Action))
    @pytest.mark.parametrize(
        "part", ["record", "obligations.refresh", "Step.objects.create", "_keep_review_grant"]
    )
    def test_leaves_everything_alone(self, action, part, world, ready_draft, monkeypatch):
        who, way = STEPS[action]
        for earlier, by in way:
            take(Action(earlier), ready_draft, by=world[by])
        before = snapshot()

        def fail(*args, **kwargs):
            raise RuntimeError("the disk is full")

        monkeypatch.setattr(f"approvals.actions.{part}", fail)
        with pytest.raises(RuntimeError):
            take(action, ready_draft, by=world[who], to=world["cover today"], author=world["author"])
        assert snapshot() == before

    @pytest.mark.parametrize("field", ["version", "state"])
    def test_a_change_that_slips_past_the_lock_is_found_by_the_condition(
        self, field, submitted, supervisor, monkeypatch
    ):
        def change_it(*args):
            changed = {"version": 9} if field == "version" else {"state": "returned", **returned}
            Assessment.objects.filter(pk=submitted.pk).update(**changed)

        returned = {"returned_at": submitted.submitted_at, "returned_by": supervisor}
        before = snapshot()
        monkeypatch.setattr("approvals.actions.check_can", change_it)
        with pytest.raises(NotNow, match="Somebody else changed this CANS"):
            actions.approve(submitted, by=supervisor)
        assert snapshot() == before

    def test_every_step_has_its_event(self, submitted, clinician, supervisor, other_supervisor):
        actions.reroute(submitted, by=supervisor, to=other_supervisor, reason="Away.")
        actions.return_for_revision(submitted, by=other_supervisor, reason="Look again.")
        actions.submit(submitted, by=clinician)
        actions.approve(submitted, by=supervisor)
        events = Event.objects.filter(action__startswith="assessment.").order_by("pk")
        assert [event.detail["step"] for event in events] == [step.pk for step in submitted.steps.all()]
        assert [event.action for event in events] == [
            "assessment.submit",
            "assessment.reroute",
            "assessment.return",
            "assessment.submit",
            "assessment.approve",
        ]

    def test_no_event_holds_what_was_typed(self, submitted, supervisor):
        actions.return_for_revision(submitted, by=supervisor, reason="Robin's nightmares.")
        assert "nightmares" not in str(list(Event.objects.values_list("detail", flat=True)))


def test_the_stored_due_dates_are_right_after_every_step(submitted, clinician, supervisor, coordinator):
    from cans.obligations import differences

    def same():
        return differences([submitted.case_id]) == ([], [])

    actions.return_for_revision(submitted, by=supervisor, reason="Look again.")
    assert same()
    actions.submit(submitted, by=clinician)
    actions.recall(submitted, by=clinician)
    assert same()
    actions.submit(submitted, by=clinician)
    actions.approve(submitted, by=supervisor)
    assert same()
    draft = actions.amend(submitted, by=supervisor, author=clinician, reason="A wrong item.")
    assert same()
    submit(draft)
    actions.approve(draft, by=supervisor)
    assert same()
    actions.void(draft, by=coordinator, reason="The wrong child.")
    assert same()


def test_the_printed_workflow_is_the_one_that_holds(capsys):
    from pathlib import Path

    call_command("print_workflow")
    printed = Path(__file__).parents[2] / "docs" / "workflow.md"
    assert capsys.readouterr().out == printed.read_text(encoding="utf-8"), (
        "run: python manage.py print_workflow > docs/workflow.md"
    )
