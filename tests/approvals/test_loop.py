"""The main loop at the level of the verbs: submit, return, resubmit, reroute, approve."""

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from approvals import actions
from approvals.models import Step
from audit.models import Event
from cans.models import Obligation, Sheet
from cans.states import State
from cases.models import Assignment, Case
from staff.refusals import NotNow

from .conftest import submit


@pytest.fixture
def owed(case, child):
    return Obligation.objects.current().get(case=case, kind="initial")


def test_submit_routes_to_the_authors_supervisor_and_meets_the_initial_date(
    owed, ready_draft, clinician, supervisor
):
    actions.submit(ready_draft, by=clinician)
    assert ready_draft.state == State.SUBMITTED
    assert ready_draft.reviewer == supervisor
    now = Obligation.objects.current().get(case=owed.case, kind="initial")
    assert (now.met_by, now.status(), now.on_time) == (ready_draft, "submitted", True)
    owed.refresh_from_db()
    assert owed.superseded_at is not None
    assert Event.objects.filter(action="assessment.submit", actor_number=clinician.pk).count() == 1


def test_a_draft_with_an_unrated_item_is_not_submitted(draft, clinician):
    with pytest.raises(NotNow, match="not ready"):
        actions.submit(draft, by=clinician)
    draft.refresh_from_db()
    assert draft.state == State.DRAFT
    assert not Step.objects.exists()


def test_return_comment_resubmit_reroute_approve(submitted, clinician, supervisor, other_supervisor):
    sheet = submitted.sheets.get(adult=None)
    actions.return_for_revision(
        submitted, by=supervisor, reason="Please look again.", comments=[(sheet, "life.sleep", "Why 1?")]
    )
    assert submitted.state == State.RETURNED
    actions.submit(submitted, by=clinician)
    actions.reroute(submitted, by=supervisor, to=other_supervisor, reason="I am away.")
    assert Case.objects.visible_to(other_supervisor).filter(pk=submitted.case_id).exists()
    with pytest.raises(PermissionDenied):
        actions.approve(submitted, by=supervisor)
    actions.approve(submitted, by=other_supervisor)
    assert submitted.state == State.APPROVED
    assert not Assignment.objects.filter(kind="review", ends=None).exists()
    assert not Case.objects.visible_to(other_supervisor).exists()
    assert [step.action for step in submitted.steps.all()] == [
        "submit",
        "return",
        "submit",
        "reroute",
        "approve",
    ]
    assert submitted.steps.get(action="return").comments.get().text == "Why 1?"


def test_an_approved_cans_cannot_change_in_the_database(approved):
    with pytest.raises(IntegrityError), transaction.atomic():
        Sheet.objects.filter(assessment=approved).update(ratings="2" * 94)
    with pytest.raises(IntegrityError), transaction.atomic():
        Step.objects.filter(assessment=approved).delete()


def test_an_amendment_keeps_date_submission_and_obligations(approved, clinician, supervisor):
    draft = actions.amend(approved, by=supervisor, author=clinician, reason="A wrong item.")
    assert draft.assessed_on == approved.assessed_on
    met = Obligation.objects.current().get(case=approved.case, kind="initial")
    assert met.met_by == approved
    submit(draft)
    actions.approve(draft, by=supervisor)
    met = Obligation.objects.current().get(case=approved.case, kind="initial")
    assert met.met_by == draft
    assert met.submitted_on == approved.first_submitted_on
