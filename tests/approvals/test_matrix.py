"""Every step, from every state, by every kind of person. What is expected stands here, apart from the
code: see the workflow's table in the domain. A refusal leaves everything as it was."""

import pytest
from django.core.exceptions import PermissionDenied
from django.db import transaction

from approvals.workflow import Action
from cans.states import State
from staff.refusals import NotNow

from .conftest import snapshot, take

WRITERS = {"author", "parallel contributor"}
LAPSED = "contributor with a lapsed certification"
UNCERTIFIED = "cover today without credentials"
REVIEWERS = {"supervisor", "cover today"}

ALLOWED = {
    ("submit", "draft"): WRITERS,
    ("submit", "returned"): WRITERS,
    ("approve", "submitted"): REVIEWERS,
    ("return", "submitted"): REVIEWERS,
    ("reroute", "submitted"): WRITERS
    | REVIEWERS
    | {LAPSED, UNCERTIFIED, "cover today who wrote in it", "coordinator"},
    ("recall", "submitted"): WRITERS | {LAPSED},
    ("amend", "approved"): {"supervisor", "coordinator"},
    ("void", "draft"): WRITERS | {LAPSED, "supervisor"},
    ("void", "returned"): WRITERS | {LAPSED, "supervisor"},
    ("void", "approved"): {"coordinator"},
}
# Theirs to do, were it not for their credentials.
NOT_NOW = {
    ("submit", "draft"): {LAPSED},
    ("submit", "returned"): {LAPSED},
    ("approve", "submitted"): {UNCERTIFIED},
    ("return", "submitted"): {UNCERTIFIED},
}
SUPERVISORS = {
    "supervisor",
    "supervisor of another team, who covers the cover",
    "cover today",
    "cover until yesterday",
    "cover from tomorrow",
    "cover today who wrote in it",
    UNCERTIFIED,
    "cover today of another agency",
}
# Whose step it may be in some other state: they are told of the moment, the others of themselves. A
# supervisor may have been its reviewer.
EVER = {
    "submit": WRITERS | {LAPSED},
    "approve": SUPERVISORS,
    "return": SUPERVISORS,
    "reroute": SUPERVISORS | WRITERS | {LAPSED, "coordinator"},
    "recall": WRITERS | {LAPSED},
    "amend": {"supervisor", "coordinator"},
    "void": WRITERS | {LAPSED, "supervisor", "coordinator"},
}
AFTER = {
    "submit": "submitted",
    "approve": "approved",
    "return": "returned",
    "reroute": "submitted",
    "recall": "draft",
    "amend": "approved",
    "void": "voided",
}
ON_THE_WAY = {
    "draft": [],
    "submitted": [("submit", "author")],
    "returned": [("submit", "author"), ("return", "supervisor")],
    "approved": [("submit", "author"), ("approve", "supervisor")],
    "voided": [("void", "author")],
}


@pytest.fixture(params=list(ON_THE_WAY))
def state(request, world, ready_draft):
    for action, who in ON_THE_WAY[request.param]:
        take(Action(action), ready_draft, by=world[who])
    assert ready_draft.state == request.param
    return request.param


def test_every_step_by_everybody(state, world, ready_draft, make_supervisor):
    given = {"to": make_supervisor(), "author": world["author"]}
    for action in Action:
        for who, person in world.items():
            where = f"{who}: {action} a {state} CANS"
            if who in ALLOWED.get((action, state), ()):
                check_done(where, action, ready_draft, person, given)
            else:
                check_refused(where, action, ready_draft, person, given, state, who)


def check_done(where, action, assessment, person, given):
    with transaction.atomic():
        take(action, assessment, by=person, **given)
        assessment.refresh_from_db()
        step = assessment.steps.last()
        assert assessment.state == AFTER[action], where
        assert (step.action, step.by, step.to_state) == (action, person, AFTER[action]), where
        transaction.set_rollback(True)
    assessment.refresh_from_db()


def took_place(where, result):
    raise AssertionError(f"{where} was not refused, but gave {result!r}")


def check_refused(where, action, assessment, person, given, state, who):
    expected = PermissionDenied
    if who in NOT_NOW.get((action, state), ()) or ((action, state) not in ALLOWED and who in EVER[action]):
        expected = NotNow
    before = snapshot()
    with pytest.raises(expected, match=r"[.]$"):
        took_place(where, take(action, assessment, by=person, **given))
    assert snapshot() == before, where


def test_the_table_here_names_every_step_of_the_workflow():
    from approvals.workflow import TRANSITIONS

    rows = {(action.value, source.value) for action, row in TRANSITIONS for source in row.sources}
    assert rows == set(ALLOWED)
    assert {state.value for state in State} == set(ON_THE_WAY)


@pytest.mark.parametrize("action", ["submit", "approve", "return", "reroute", "recall", "amend", "void"])
def test_a_wrong_moment_is_said_in_a_sentence_to_whom_it_would_be(action, world, ready_draft):
    """Approved: nothing but amend and void is left, and the sentence says how it stands."""
    take(Action.SUBMIT, ready_draft, by=world["author"])
    take(Action.APPROVE, ready_draft, by=world["supervisor"])
    who = {"submit": "author", "recall": "author", "reroute": "author"}.get(action, "supervisor")
    if action in {"amend", "void"}:
        take(Action.VOID, ready_draft, by=world["coordinator"])
    with pytest.raises(NotNow, match=r"This CANS is (approved|voided) now, so it cannot be"):
        take(Action(action), ready_draft, by=world[who], to=world["cover today"], author=world["author"])
