"""Many at once write into the same chains: no number is missing or given twice, and nobody waits for ever."""

import itertools

import pytest
from django.db import transaction

from audit.actions import hold_chains, record, record_denial, record_reading
from audit.models import Event, Reading
from cases import actions as cases
from tests import factories
from tests.factories import days
from tests.racing import at_once

pytestmark = pytest.mark.django_db(transaction=True)


def test_acts_refusals_and_readings_at_once(case, clinician, stranger, verify):
    def acts():
        for _ in range(10):
            with transaction.atomic():
                record("test.first", by=clinician, subject="invented 1", case=case)
                record("test.second", by=clinician, subject="invented 1", case=case)

    def refusals():
        for _ in range(10):
            record_denial("denied", by=stranger, subject="cases/1/", status=404)

    def readings():
        for _ in range(10):
            record_reading("case", by=clinician, case=case, grant="assignment 1")

    came_of_it = at_once(acts, acts, acts, refusals, refusals, readings, readings, readings)
    assert came_of_it == [None] * 8
    for chain, count in [(case.agency_id, 60), (stranger.agency_id, 20)]:
        numbers = Event.objects.filter(chain=chain).order_by("seq").values_list("seq", flat=True)
        assert list(numbers) == list(range(1, count + 1))
    assert Reading.objects.count() == 30
    assert verify()[0]


def test_acts_that_take_two_chains_in_either_order(clinician, stranger, verify):
    def act(*people):
        chains = [person.agency_id for person in people]

        def run():
            for _ in range(15):
                with transaction.atomic():
                    hold_chains(*chains)
                    for person in people:
                        record("test.act", by=person, subject="invented 1")

        return run

    one, other = act(clinician, stranger), act(stranger, clinician)
    assert at_once(one, other, one, other) == [None] * 4
    assert Event.objects.filter(action="test.act").count() == 120
    assert verify()[0]


def test_children_who_change_agencies_in_opposite_directions(clinician, stranger, verify):
    people = [clinician, stranger]
    moves = []
    for (old, new), _ in itertools.product(itertools.permutations(people), range(3)):
        child = factories.make_child(factories.make_case(primary=old, closed=days(-9)), joined=days(-15))
        case = factories.make_case(primary=new)
        moves.append((case, child, new))

    def join(case, child, by):
        return lambda: cases.join_child(case, by=by, child=child, joined=days(-2))

    assert [why for why in at_once(*(join(*move) for move in moves)) if isinstance(why, Exception)] == []
    assert Event.objects.filter(action="case.child").count() == 12
    assert verify()[0]
