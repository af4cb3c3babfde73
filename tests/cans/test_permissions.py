"""Who may start, rate and take over: each guard tried with a person whom only that guard stops."""

import pytest
from django.core.exceptions import PermissionDenied

from cans.permissions import (
    carries,
    check_can_score,
    check_can_start,
    check_can_take_over,
    check_gate,
    refusal,
)
from cases.models import Assignment
from staff.models import Credential, PolicySetting
from staff.refusals import NotNow
from tests import factories
from tests.factories import days


@pytest.fixture
def parallel(case, agency):
    person = factories.make_person("clinician", agency=agency, username="parallel")
    factories.assign(case, person, kind="parallel")
    return person


def test_primary_and_parallel_workers_carry_a_case_through_their_last_day(case, clinician, parallel):
    assert carries(clinician, case)
    assert carries(parallel, case)
    Assignment.objects.filter(person=parallel).update(ends=days(0))
    assert carries(parallel, case)
    Assignment.objects.filter(person=parallel).update(ends=days(-1))
    assert not carries(parallel, case)
    Assignment.objects.filter(person=parallel).update(starts=days(1), ends=None)
    assert not carries(parallel, case)


def test_a_review_assignment_is_not_a_worker(case, other_supervisor):
    factories.assign(case, other_supervisor, kind="review")
    assert not carries(other_supervisor, case)


@pytest.mark.parametrize("who", ["colleague", "supervisor", "coordinator", "administrator", "stranger"])
def test_those_without_an_assignment(case, draft, who, request):
    person = request.getfixturevalue(who)
    for check, of in [(check_can_start, case), (check_can_score, draft), (check_can_take_over, draft)]:
        with pytest.raises(PermissionDenied):
            check(person, of)


def test_carrying_another_case_opens_this_one_to_nobody(case, draft, colleague):
    factories.make_case(primary=colleague)
    for check, of in [(check_can_start, case), (check_can_score, draft), (check_can_take_over, draft)]:
        with pytest.raises(PermissionDenied):
            check(colleague, of)


def test_an_assignment_does_not_make_a_worker_of_another_role(case, draft, administrator):
    factories.assign(case, administrator, kind="parallel")
    for check, of in [(check_can_start, case), (check_can_score, draft)]:
        with pytest.raises(PermissionDenied):
            check(administrator, of)


def test_a_supervisor_who_carries_the_case_may(case, draft, supervisor):
    factories.assign(case, supervisor, kind="parallel")
    check_can_start(supervisor, case)
    check_can_score(supervisor, draft)


@pytest.mark.parametrize("kind", ["certification", "training"])
def test_each_credential(case, draft, clinician, kind):
    Credential.objects.filter(person=clinician, kind=kind).delete()
    for check, of in [(check_can_start, case), (check_can_score, draft)]:
        with pytest.raises(NotNow, match=kind):
            check(clinician, of)


def test_all_that_is_missing_is_said_at_once(clinician):
    Credential.objects.filter(person=clinician).delete()
    with pytest.raises(NotNow, match=r"certification.*training"):
        check_gate(clinician)


def test_the_gate_can_be_opened_by_the_program(case, clinician, coordinator):
    Credential.objects.filter(person=clinician).delete()
    PolicySetting.objects.create(
        name="entry_gate", value="no", since=days(0), reason="A trial.", set_by=coordinator
    )
    check_can_start(clinician, case)


def test_rating_ends_with_the_submission(submitted, clinician, parallel):
    for person in (clinician, parallel):
        with pytest.raises(NotNow, match="submitted"):
            check_can_score(person, submitted)


def test_the_wrong_person_is_refused_before_the_wrong_moment(submitted, colleague):
    with pytest.raises(PermissionDenied):
        check_can_score(colleague, submitted)


def test_the_author_does_not_take_over_but_another_worker_may(draft, clinician, parallel):
    with pytest.raises(NotNow, match="author"):
        check_can_take_over(clinician, draft)
    check_can_take_over(parallel, draft)


def test_a_refusal_is_its_sentence_and_nothing_where_there_is_none(draft, clinician, colleague):
    assert refusal(check_can_score, clinician, draft) == ""
    assert refusal(check_can_score, colleague, draft).startswith("Only a worker")
