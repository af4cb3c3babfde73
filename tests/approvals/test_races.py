"""Two at once: exactly one wins, the other is told in a sentence, and the record says what won."""

import pytest

from approvals import actions
from approvals.models import Step
from approvals.workflow import Action
from audit.models import Event
from cans.models import Assessment, Obligation
from cases.models import Assignment
from tests import factories
from tests.racing import at_once, one_winner

from .conftest import take, write_in

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(params=range(2), autouse=True)
def rounds(request):
    """Each race is run twice: who is faster differs."""


def step(action, assessment, by, **given):
    """An act on the page as it was loaded before the race: with its own copy and its version."""
    mine = Assessment.objects.get(pk=assessment.pk)
    return lambda: take(action, mine, by=by, version=mine.version, **given)


def check_record(assessment, before):
    """One step more, with one event, and the state it led to."""
    assessment.refresh_from_db()
    steps = list(assessment.steps.all())
    assert len(steps) == before + 1
    assert Event.objects.filter(
        action__startswith="assessment.", subject=f"assessment {assessment.pk}"
    ).count() == len(steps)
    assert assessment.state == steps[-1].to_state
    assert assessment.version == 1 + len(steps)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (Action.APPROVE, Action.APPROVE),
        (Action.APPROVE, Action.RETURN),
        (Action.RETURN, Action.RETURN),
        (Action.REROUTE, Action.APPROVE),
        (Action.REROUTE, Action.REROUTE),
    ],
)
def test_the_reviewer_against_their_cover(first, second, submitted, supervisor, cover, other_supervisor):
    acts = (
        step(first, submitted, supervisor, to=other_supervisor),
        step(second, submitted, cover, to=other_supervisor),
    )
    one_winner(at_once(*acts))
    check_record(submitted, 1)


@pytest.mark.parametrize("decision", [Action.APPROVE, Action.RETURN, Action.REROUTE])
def test_the_reviewer_against_the_author_who_takes_it_back(
    decision, submitted, supervisor, clinician, other_supervisor
):
    one_winner(
        at_once(
            step(decision, submitted, supervisor, to=other_supervisor),
            step(Action.RECALL, submitted, clinician),
        )
    )
    check_record(submitted, 1)
    waits = submitted.state == "submitted"
    assert Assignment.objects.filter(kind="review").exists() == waits
    owed = Obligation.objects.current().get(case=submitted.case, kind="initial")
    assert owed.status() == {"draft": "due", "approved": "met"}.get(submitted.state, submitted.state)


def test_two_authors_submit(ready_draft, clinician, contributor):
    write_in(ready_draft, contributor)
    one_winner(
        at_once(step(Action.SUBMIT, ready_draft, clinician), step(Action.SUBMIT, ready_draft, contributor))
    )
    check_record(ready_draft, 0)


def test_submit_against_void(ready_draft, clinician, supervisor):
    one_winner(
        at_once(step(Action.SUBMIT, ready_draft, clinician), step(Action.VOID, ready_draft, supervisor))
    )
    check_record(ready_draft, 0)


@pytest.mark.parametrize("second", [Action.AMEND, Action.VOID])
def test_amend_against_amend_and_void(second, approved, clinician, supervisor, coordinator):
    one_winner(
        at_once(
            step(Action.AMEND, approved, supervisor, author=clinician),
            step(second, approved, coordinator, author=clinician),
        )
    )
    check_record(approved, 2)
    amendments = Assessment.objects.filter(amends=approved).count()
    assert amendments == Step.objects.filter(action="amend").count() <= 1


def test_opening_against_taking_back(submitted, supervisor, clinician):
    """Whichever comes first: an opened submission is never a draft."""
    mine = Assessment.objects.get(pk=submitted.pk)
    at_once(lambda: actions.mark_opened(mine, by=supervisor), step(Action.RECALL, submitted, clinician))
    submitted.refresh_from_db()
    assert (submitted.state, submitted.opened_at is None) in {("draft", True), ("submitted", False)}


def test_a_sibling_submitted_while_the_other_is_approved_keeps_the_reviewers_grant(
    submitted, case, clinician, supervisor
):
    second = factories.make_draft(factories.make_child(case), author=clinician, rated="1")
    results = at_once(step(Action.APPROVE, submitted, supervisor), step(Action.SUBMIT, second, clinician))
    assert not any(isinstance(one, Exception) for one in results)
    assert Assignment.objects.filter(kind="review", person=supervisor, ends=None).count() == 1


def test_a_submission_while_what_it_rests_on_is_voided(approved, child, clinician, coordinator):
    """Both happen, in either order, and neither waits for the other for ever."""
    second = factories.make_draft(child, author=clinician, type="reassessment", rated="1")
    mine = Assessment.objects.get(pk=second.pk)
    at_once(
        step(Action.VOID, approved, coordinator),
        lambda: actions.submit(mine, by=clinician),  # refused where its ratings are those of last time
    )
    second.refresh_from_db()
    approved.refresh_from_db()
    assert (approved.state, second.based_on) == ("voided", None)
