"""Two people at the same moment: one wins, the other is told."""

import threading

import pytest
from django.db import connection

from cases import actions
from cases.models import CaseEvent, Membership
from staff.refusals import NotNow
from tests import factories
from tests.factories import days


def together(*acts):
    """Run the acts at once, each in a thread and a connection of its own; what each came to."""
    gate, results = threading.Barrier(len(acts)), [None] * len(acts)

    def run(number, act):
        gate.wait()
        try:
            results[number] = act()
        except Exception as why:
            results[number] = why
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=each) for each in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def one_winner(results):
    refused = [result for result in results if isinstance(result, Exception)]
    assert [type(each) for each in refused] == [NotNow] * (len(results) - 1), results
    return refused


@pytest.mark.django_db(transaction=True)
class TestTwoAtOnce:
    def test_closing(self, case, episode, clinician, supervisor):
        def close(by, reason):
            return lambda: actions.close_episode(episode, by=by, closed=days(-1), closing_reason=reason)

        one_winner(together(close(clinician, "stable"), close(supervisor, "moved")))
        assert CaseEvent.objects.count() == 1

    def test_opening_again(self, case, episode, clinician, supervisor):
        actions.close_episode(episode, by=clinician, closed=days(-3), closing_reason="stable")

        def reopen(by):
            return lambda: actions.open_episode(case, by=by, opened=days(-1), authorised_through=days(9))

        one_winner(together(reopen(clinician), reopen(supervisor)))
        assert case.episodes.count() == 2

    def test_editing_from_the_same_page(self, case, clinician, supervisor):
        def edit(by, county):
            return lambda: actions.edit_case(case, by=by, version=1, county=county)

        one_winner(together(edit(clinician, "Lake"), edit(supervisor, "Kane")))
        case.refresh_from_db()
        assert case.version == 2

    def test_the_primary_worker(self, case, supervisor, coordinator, clinician):
        case.assignments.all().delete()
        factories.assign(case, supervisor, kind="parallel")

        def give(person):
            return lambda: actions.assign(case, by=coordinator, person=person, kind="primary", starts=days(0))

        other = factories.make_person("clinician", agency=case.agency)
        one_winner(together(give(clinician), give(other)))
        assert case.assignments.filter(kind="primary").count() == 1

    def test_one_child_into_two_cases(self, clinician):
        first, second = (factories.make_case(primary=clinician) for _ in range(2))
        child = factories.make_child(factories.make_case(closed=days(-9)), joined=days(-15))

        def join(case):
            return lambda: actions.join_child(case, by=clinician, child=child, joined=days(-2))

        results = together(join(first), join(second))
        assert sum(isinstance(result, Membership) for result in results) == 1, results
        assert Membership.objects.filter(child=child, left=None).count() == 1
        assert all(isinstance(result, Membership | NotNow) for result in results), results
