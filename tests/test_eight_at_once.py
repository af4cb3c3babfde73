"""Eight at once on every step: exactly one success, nothing doubled, nothing lost.

Each step from each state it starts from, and what begins and ends a record. A few trials in an
ordinary run, 200 each in `make proof`.
"""

import os
from functools import partial

import pytest

from approvals import actions as approvals
from audit.models import Event
from cans import actions as cans
from cans.models import Assessment
from cases import actions as cases
from tests import factories
from tests.factories import days
from tests.racing import one_winner, racers

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.proof]

TRIALS = {"proof": 200, "short": 20}.get(os.environ.get("HYPOTHESIS_PROFILE"), 2)
REASON = "An invented reason."


class Stage:
    """One case with its people, and for each trial a child of its own with a CANS in the state wanted."""

    def __init__(self, people):
        self.clinician, self.parallel, self.supervisor, self.other, self.coordinator, self.case = people
        factories.make_instrument()

    def draft(self):
        return factories.make_draft(factories.make_child(self.case), author=self.clinician, rated="1")

    def submitted(self):
        draft = self.draft()
        approvals.submit(draft, by=self.clinician)
        return draft

    def returned(self):
        submitted = self.submitted()
        approvals.return_for_revision(submitted, by=self.supervisor, reason=REASON)
        return submitted

    def approved(self):
        submitted = self.submitted()
        approvals.approve(submitted, by=self.supervisor)
        return submitted


# The state it starts from, who takes the step, the verb and what it needs, the state it leads to.
STEPS = {
    "submit a draft": ("draft", "clinician", approvals.submit, {}, "submitted"),
    "submit again": ("returned", "clinician", approvals.submit, {}, "submitted"),
    "approve": ("submitted", "supervisor", approvals.approve, {}, "approved"),
    "return": ("submitted", "supervisor", approvals.return_for_revision, {"reason": REASON}, "returned"),
    "reroute": ("submitted", "clinician", approvals.reroute, {"to": "other", "reason": REASON}, "submitted"),
    "recall": ("submitted", "clinician", approvals.recall, {}, "draft"),
    "amend": (
        "approved",
        "supervisor",
        approvals.amend,
        {"author": "clinician", "reason": REASON},
        "approved",
    ),
    "void a draft": ("draft", "clinician", approvals.void, {"reason": REASON}, "voided"),
    "void a returned one": ("returned", "supervisor", approvals.void, {"reason": REASON}, "voided"),
    "void an approved one": ("approved", "coordinator", approvals.void, {"reason": REASON}, "voided"),
}


@pytest.fixture
def stage(clinician, supervisor, other_supervisor, coordinator, case):
    parallel = factories.make_person("clinician", agency=case.agency, supervisor=supervisor)
    factories.assign(case, parallel, kind="parallel", starts=days(-9))
    return Stage([clinician, parallel, supervisor, other_supervisor, coordinator, case])


@pytest.fixture
def race():
    with racers(8) as run:
        yield run


@pytest.mark.parametrize("name", STEPS)
def test_a_step(name, stage, race):
    state, who, verb, given, to = STEPS[name]
    by = getattr(stage, who)
    given = {key: getattr(stage, value, value) for key, value in given.items()}
    for _ in range(TRIALS):
        assessment = getattr(stage, state)()
        version, steps, events = assessment.version, assessment.steps.count(), events_about(assessment)
        loaded = [Assessment.objects.get(pk=assessment.pk) for _ in range(8)]
        one_winner(race(*[partial(verb, one, by=by, version=version, **given) for one in loaded]))
        assessment.refresh_from_db()
        assert (assessment.state, assessment.version) == (to, version + 1)
        assert assessment.steps.count() == steps + 1
        assert events_about(assessment) == events + 1
        assert assessment.amendments.count() == (name == "amend")


def events_about(assessment):
    return Event.objects.filter(subject=f"assessment {assessment.pk}").count()


def test_starting_a_cans(stage, race):
    for _ in range(TRIALS):
        child = factories.make_child(stage.case)
        start = partial(cans.start, child, stage.case, assessed_on=days(0))
        one_winner(race(*[partial(start, by=by) for by in [stage.clinician, stage.parallel] * 4]))
        begun = child.assessments.get()
        assert begun.sheets.count() == 1
        assert events_about(begun) == 1


def test_taking_over(stage, race):
    """Each from the page as the first author left it: the second to come is told who was faster."""
    team = {"agency": stage.case.agency, "supervisor": stage.supervisor}
    others = [factories.make_person("clinician", **team) for _ in range(8)]
    for person in others:
        factories.assign(stage.case, person, kind="parallel", starts=days(-9))
    for _ in range(TRIALS):
        draft = stage.draft()
        loaded = [Assessment.objects.select_related("author").get(pk=draft.pk) for _ in others]
        taking = [partial(cans.take_over, one, by=by) for one, by in zip(loaded, others, strict=True)]
        one_winner(race(*taking))
        draft.refresh_from_db()
        assert draft.author in others
        assert events_about(draft) == 1


def test_closing_and_opening_again(clinician, race):
    for _ in range(TRIALS):
        case = factories.make_case(primary=clinician, opened=days(-40))
        episode = case.episodes.get()
        close = partial(cases.close_episode, episode, by=clinician, closed=days(-9), closing_reason="stable")
        reopen = partial(cases.open_episode, case, by=clinician, opened=days(-5), authorised_through=days(90))
        one_winner(race(*[close] * 8))
        one_winner(race(*[reopen] * 8))
        assert sorted(case.episodes.values_list("closed", flat=True), key=str) == [days(-9), None]
        assert Event.objects.filter(case_number=case.pk).count() == 2
