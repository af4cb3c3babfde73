"""Two people at the same moment: one wins, the other is told."""

from functools import partial

import pytest
from django.core.exceptions import PermissionDenied

from cases import actions
from cases.models import CaseEvent, Membership
from staff.refusals import NotNow
from tests import factories
from tests.factories import days
from tests.racing import at_once, one_winner


@pytest.mark.django_db(transaction=True)
class TestTwoAtOnce:
    def test_closing(self, case, episode, clinician, supervisor):
        def close(by, reason):
            return lambda: actions.close_episode(episode, by=by, closed=days(-1), closing_reason=reason)

        one_winner(at_once(close(clinician, "stable"), close(supervisor, "moved")))
        assert CaseEvent.objects.count() == 1

    def test_opening_again(self, case, episode, clinician, supervisor):
        actions.close_episode(episode, by=clinician, closed=days(-3), closing_reason="stable")

        def reopen(by):
            return lambda: actions.open_episode(case, by=by, opened=days(-1), authorised_through=days(9))

        one_winner(at_once(reopen(clinician), reopen(supervisor)))
        assert case.episodes.count() == 2

    def test_editing_from_the_same_page(self, case, clinician, supervisor):
        def edit(by, county):
            return lambda: actions.edit_case(case, by=by, version=1, county=county)

        one_winner(at_once(edit(clinician, "Lake"), edit(supervisor, "Kane")))
        case.refresh_from_db()
        assert case.version == 2

    def test_the_primary_worker(self, case, supervisor, coordinator, clinician):
        case.assignments.all().delete()
        factories.assign(case, supervisor, kind="parallel")

        def give(person):
            return lambda: actions.assign(case, by=coordinator, person=person, kind="primary", starts=days(0))

        other = factories.make_person("clinician", agency=case.agency)
        one_winner(at_once(give(clinician), give(other)))
        assert case.assignments.filter(kind="primary").count() == 1

    def test_whoever_waits_for_a_transfer_is_told(self, case, clinician, coordinator):
        """PostgreSQL looks again at what waited: the case is found though its agency is another by then."""
        receiver = factories.make_person("supervisor", agency=factories.make_agency())
        moved = {"agency": receiver.agency, "supervisor": receiver, "reason": "The family moved."}

        def edit(county):
            return lambda: actions.edit_case(case, by=clinician, county=county)

        transfer = partial(actions.transfer, case, by=coordinator, **moved)
        found = at_once(transfer, *map(edit, ["Lake", "Kane", "Will", "Cook", "McHenry"]))
        refused = [one for one in found if isinstance(one, Exception)]
        assert all(isinstance(why, PermissionDenied | NotNow) for why in refused), refused
        case.refresh_from_db()
        assert case.agency == receiver.agency

    def test_one_child_into_two_cases(self, clinician):
        first, second = (factories.make_case(primary=clinician) for _ in range(2))
        child = factories.make_child(factories.make_case(closed=days(-9)), joined=days(-15))

        def join(case):
            return lambda: actions.join_child(case, by=clinician, child=child, joined=days(-2))

        results = at_once(join(first), join(second))
        assert sum(isinstance(result, Membership) for result in results) == 1, results
        assert Membership.objects.filter(child=child, left=None).count() == 1
        assert all(isinstance(result, Membership | NotNow) for result in results), results
