"""Primary and parallel workers, with dates, and who takes over."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied

from cases import actions
from cases.models import Assignment, Case, CaseEvent
from staff.refusals import NotNow
from tests import factories
from tests.factories import days

BESIDE = {"kind": "parallel", "starts": days(0), "role": "Therapist for Robin"}


def of(case, **wanted):
    return Assignment.objects.get(case=case, **wanted)


class TestParallel:
    def test_beside_the_primary_worker(self, case, clinician, colleague):
        actions.assign(case, by=clinician, person=colleague, ends=days(30), **BESIDE)
        assert Case.objects.visible_to(colleague).get() == case
        assert "parallel worker, Therapist for Robin" in CaseEvent.objects.get().sentence
        assert not Case.objects.visible_to(colleague, days(31)).exists()

    def test_who_may(self, case, clinician, supervisor, coordinator, parallel, colleague, other_supervisor):
        factories.assign(case, other_supervisor, kind="review", starts=days(-1))
        for person in (parallel, colleague, other_supervisor):
            with pytest.raises(PermissionDenied):
                actions.assign(case, by=person, person=colleague, **BESIDE)
        for number, person in enumerate((clinician, supervisor, coordinator)):
            new = factories.make_person("clinician", agency=case.agency, name=f"New {number}")
            assert actions.assign(case, by=person, person=new, **BESIDE)

    def test_only_a_worker_of_the_agency(self, case, clinician, stranger, administrator, colleague, wrong):
        for person in (stranger, administrator):
            assert set(wrong(actions.assign, case, by=clinician, person=person, **BESIDE)) == {"person"}
        colleague.is_active = False
        colleague.save()
        assert set(wrong(actions.assign, case, by=clinician, person=colleague, **BESIDE)) == {"person"}

    def test_the_role_is_said_and_the_days_are_in_order(self, case, clinician, colleague, wrong):
        give = {"by": clinician, "person": colleague}
        assert set(wrong(actions.assign, case, **give, **BESIDE | {"role": ""})) == {"role"}
        assert set(wrong(actions.assign, case, **give, **BESIDE, ends=days(-1))) == {"ends"}
        for wrong_year in (case.referred_on - timedelta(1), days(367)):
            found = wrong(actions.assign, case, **give, **BESIDE | {"starts": wrong_year})
            assert set(found) == {"starts"}
        actions.assign(case, **give, **BESIDE | {"starts": case.referred_on})

    def test_not_twice_at_one_time(self, case, clinician, parallel, wrong):
        found = wrong(actions.assign, case, by=clinician, person=parallel, **BESIDE)
        assert "already" in found["person"]
        found = wrong(actions.assign, case, by=clinician, person=clinician, **BESIDE)
        assert "already" in found["person"]

    def test_again_after_it_ended(self, case, clinician, parallel):
        actions.end_assignment(of(case, person=parallel), by=clinician, last_day=days(-1))
        assert not Case.objects.visible_to(parallel).exists()
        assert actions.assign(case, by=clinician, person=parallel, **BESIDE)


class TestPrimary:
    def test_the_inheritor_begins_the_day_after(self, case, clinician, supervisor, colleague):
        actions.end_assignment(
            of(case, kind="primary"), by=supervisor, last_day=days(-1), inheritor=colleague
        )
        assert of(case, person=clinician).ends == days(-1)
        assert of(case, person=colleague).starts == days(0)
        assert not Case.objects.visible_to(clinician).exists()
        assert Case.objects.workable_by(colleague).exists()

    def test_a_parallel_worker_becomes_primary_and_nothing_else(self, case, supervisor, parallel):
        actions.end_assignment(of(case, kind="primary"), by=supervisor, last_day=days(-1), inheritor=parallel)
        assert of(case, person=parallel, kind="parallel").ends == days(-1)
        assert of(case, person=parallel, kind="primary").starts == days(0)

    def test_an_open_case_keeps_a_primary_worker(self, case, supervisor, wrong):
        row = of(case, kind="primary")
        found = wrong(actions.end_assignment, row, by=supervisor, last_day=days(-1))
        assert "say who takes over" in found["inheritor"]

    def test_a_closed_case_may_go_without(self, case, supervisor):
        actions.close_episode(case.episodes.get(), by=supervisor, closed=days(-1), closing_reason="stable")
        actions.end_assignment(of(case, kind="primary"), by=supervisor, last_day=days(0))
        assert of(case, kind="primary").ends == days(0)

    def test_who_may(self, case, clinician, parallel, other_supervisor, coordinator, colleague):
        row = of(case, kind="primary")
        factories.assign(case, other_supervisor, kind="parallel", starts=days(-1))
        for person in (clinician, parallel, other_supervisor):
            with pytest.raises(PermissionDenied):
                actions.end_assignment(row, by=person, last_day=days(0), inheritor=colleague)
        assert actions.end_assignment(row, by=coordinator, last_day=days(0), inheritor=colleague)

    def test_one_at_a_time(self, case, supervisor, colleague):
        with pytest.raises(NotNow, match="primary worker then"):
            actions.assign(case, by=supervisor, person=colleague, kind="primary", starts=days(0))

    def test_wrong_days_and_wrong_people(self, case, clinician, supervisor, stranger, colleague, wrong):
        row = of(case, kind="primary")
        end = {"by": supervisor, "last_day": days(0)}
        assert set(wrong(actions.end_assignment, row, **end, inheritor=clinician)) == {"inheritor"}
        assert set(wrong(actions.end_assignment, row, **end, inheritor=stranger)) == {"inheritor"}
        end["last_day"] = days(-21)
        assert set(wrong(actions.end_assignment, row, **end, inheritor=colleague)) == {"last_day"}
        assert Assignment.objects.count() == 1

    def test_a_review_is_not_ended_here(self, submitted, case, supervisor):
        with pytest.raises(NotNow, match="A review ends"):
            actions.end_assignment(of(case, kind="review"), by=supervisor, last_day=days(0))


def test_what_was_left_behind_since_the_page_was_opened_is_asked_again(
    case, child, clinician, parallel, wrong
):
    from cases.views.assignments import end_with_heir

    factories.make_draft(child, author=parallel)
    row = of(case, person=parallel)
    assert "An open CANS of" in wrong(end_with_heir, row, by=clinician, last_day=days(0))["inheritor"]
    assert of(case, person=parallel).ends is None
