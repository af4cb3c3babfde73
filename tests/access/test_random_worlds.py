"""`can` and `visible_to` say the same, and what an oracle says that was written apart from them."""

import os

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from approvals import permissions as steps
from approvals.workflow import Action
from audit.statements import Rows
from cans import permissions as scoring
from cans import waivers
from cans.models import Assessment, Obligation
from cases import permissions as cases
from cases.grants import grant_for
from cases.models import Adult, Case, Child
from exchange.models import StateList
from staff import gate
from staff.anybody import NOW, Anybody, asked_by
from staff.dates import today
from staff.models import AccountRequest, User
from staff.refusals import NotNow
from tests import factories
from tests.forms_world import undone

from . import oracle
from .random_worlds import Drawn, Stored

pytestmark = pytest.mark.django_db
WORLDS = {"proof": 10_000, "short": 300}.get(os.environ.get("HYPOTHESIS_PROFILE"), 12)

OWED_TO = Rows(lambda anybody, on: Obligation.objects.visible_to(anybody, on, NOW).values_list("pk"))


def answer(check, *args):
    try:
        check(*args)
    except PermissionDenied:
        return oracle.WHO
    except NotNow:
        return oracle.WHEN
    return oracle.YES


@pytest.fixture(scope="module")
def instrument(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock(), undone():
        yield factories.make_instrument()


@settings(max_examples=WORLDS)
@given(random=st.randoms(use_true_random=False))
def test_the_application_and_the_oracle_agree(instrument, random):
    with time_machine.travel(timezone.now().replace(microsecond=0), tick=False), undone():
        world = Drawn(random).world()
        stored = Stored(world, instrument)
        for who, person in enumerate(stored.people):
            about_cases(world, stored, who, person)
            about_people(world, stored, who, person)
            about_cans(world, stored, who, person)
            about_families(world, stored, who, person)
            about_papers(world, stored, who, person)


def about_cases(world, stored, who, person):
    visible, listed = keys(Case.objects.visible_to(person)), keys(Case.objects.listed_to(person))
    held, workable = keys(Case.objects.held_by(person)), keys(Case.objects.workable_by(person))
    cans, owed = Assessment.objects.visible_to(person), Obligation.objects.visible_to(person)
    of_cans, of_owed = set(cans.values_list("case", flat=True)), keys(owed)
    asked = OWED_TO.all(Anybody.like(person), today(), **asked_by(person))
    assert {number for (number,) in asked} == of_owed
    for number, case in enumerate(stored.cases):
        reads = world.reads(who, number)
        assert (case.pk in visible) == reads
        assert (case.pk in listed) == world.finds(who, number)
        assert (case.pk in held) == bool(world.grants(who, number))
        assert (case.pk in workable) == world.may(who, "work", number)
        assert (case.pk in of_cans) == (reads and any(one.case == number for one in world.cans))
        owed = stored.obligations[number]
        assert (owed.pk in of_owed) == reads
        assert answer(waivers.check_can_waive, person, owed) == world.waives(who, number)
        assert answer(waivers.check_can_withdraw, person, owed) == world.withdraws(who, number)
        grant = grant_for(person, case)
        lasting = world.grants(who, number)
        assert grant in ({stored.named(one) for one in lasting or world.emergency(who, number)} or {""})
        allowed = cases.may(cases.standing_of(person, case))
        assert allowed == {act.value: world.may(who, act.value, number) for act in cases.Act}
        assert reads or not any(allowed.values())
        expected = oracle.YES if allowed["people"] else oracle.WHO
        assert answer(cases.check_can, person, cases.Act.PEOPLE, case) == expected
        assert answer(scoring.check_can_start, person, case) == started(world, who, number)


def started(world, who, case):
    """The application tells a person whose account is closed so: their moment, not their place."""
    expected = world.start(who, case)
    person = world.people[who]
    if not person.active and person.role in ("clinician", "supervisor") and world.carried_by(who, case):
        return oracle.WHEN
    return expected


def about_people(world, stored, who, person):
    visible = keys(User.objects.visible_to(person))
    for number, other in enumerate(stored.people):
        assert (other.pk in visible) == world.sees_person(who, number)
    assert (not gate.refusals(person)) == world.cleared(who)
    assert gate.cleared().filter(pk=person.pk).exists() == world.cleared(who)


def about_families(world, stored, who, person):
    for rows, ties, visible, taken in [
        (stored.children, world.stays, Child.objects.visible_to, Child.objects.movable_by),
        (stored.adults, world.adults, Adult.objects.visible_to, Adult.objects.tied_by),
    ]:
        known, movable = keys(visible(person)), keys(taken(person))
        for place, row in enumerate(rows):
            assert (row.pk in known) == world.knows(who, ties, place)
            assert (row.pk in movable) == world.takes_along(who, ties, place)


def about_papers(world, stored, who, person):
    visible, lists = (
        keys(AccountRequest.objects.visible_to(person)),
        keys(StateList.objects.visible_to(person)),
    )
    for place, row in enumerate(stored.requests):
        assert (row.pk in visible) == world.sees_request(who, place)
    for row, owner in zip(stored.lists, world.lists, strict=True):
        assert (row.pk in lists) == (owner == who)


def about_cans(world, stored, who, person):
    for number, cans in enumerate(stored.cans):
        reads = world.reads(who, world.cans[number].case)
        for action in Action:
            expected = world.step(who, action.value, number)
            assert answer(steps.check_can, person, action, cans) == expected, (action, who, number)
            assert expected != oracle.YES or reads, (action, who, number)
        if world.people[who].active:
            assert answer(scoring.check_can_score, person, cans) == world.score(who, number)
            assert answer(scoring.check_can_take_over, person, cans) == world.take_over(who, number)


def keys(rows):
    return set(rows.values_list("pk", flat=True))
