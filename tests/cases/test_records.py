"""Create a case, correct its details, transfer it."""

import pytest
from django.core.exceptions import PermissionDenied

from cans.models import Obligation
from cases import actions
from cases.models import Assignment, Case, CaseEvent
from cases.views.case import move_with_reviews
from staff.refusals import NotNow
from tests import factories
from tests.factories import days


@pytest.fixture
def facts(db):
    return {
        "number": "C-100",
        "name": "Wholly-Invented",
        "county": "Cook",
        "region": factories.make_region("Invented Cook"),
        "lan": 5,
        "referred_on": days(-9),
        "referral_source": "Department",
        "department_worker": "",
        "opened": days(-2),
        "authorised_through": days(170),
    }


class TestCreate:
    def test_the_clinician_is_the_primary_worker_from_the_opening(self, facts, clinician):
        case = actions.create_case(by=clinician, **facts)
        assert case.agency == clinician.agency
        assert case.episodes.get().opened == days(-2)
        assert (case.assignments.get().person, case.assignments.get().starts) == (clinician, days(-2))
        assert [event.kind for event in case.events.order_by("pk")] == ["created", "opened"]
        assert Case.objects.workable_by(clinician).get() == case

    def test_a_supervisor_names_somebody_of_the_line_or_themselves(
        self, facts, supervisor, clinician, other_supervisor, wrong
    ):
        assert "primary" in wrong(actions.create_case, by=supervisor, primary=other_supervisor, **facts)
        case = actions.create_case(by=supervisor, primary=clinician, **facts)
        assert case.assignments.get().person == clinician
        own = actions.create_case(by=supervisor, **facts | {"number": "C-101"})
        assert own.assignments.get().person == supervisor

    def test_a_clinician_names_nobody_else(self, facts, clinician, colleague, wrong):
        assert "primary" in wrong(actions.create_case, by=clinician, primary=colleague, **facts)

    @pytest.mark.parametrize(
        ("changed", "field"),
        [
            ({"opened": days(1)}, "opened"),
            ({"authorised_through": days(-3)}, "authorised_through"),
            ({"referred_on": days(-1)}, "referred_on"),
            ({"referred_on": days(1)}, "referred_on"),
            ({"number": "a b"}, "number"),
            ({"lan": 63}, "lan"),
            ({"name": ""}, "name"),
        ],
    )
    def test_what_is_wrong_is_said_by_field(self, facts, clinician, wrong, changed, field):
        assert field in wrong(actions.create_case, by=clinician, **facts | changed)
        assert not Case.objects.exists()

    def test_a_number_in_use(self, facts, clinician, case, wrong):
        assert "number" in wrong(actions.create_case, by=clinician, **facts | {"number": case.number})

    def test_who_may_not(self, facts, coordinator, administrator, clinician):
        clinician.is_active = False
        for person in (coordinator, administrator, clinician):
            with pytest.raises(PermissionDenied):
                actions.create_case(by=person, **facts)


class TestEdit:
    def test_what_changed_is_told(self, case, clinician):
        actions.edit_case(case, by=clinician, version=1, name="Renamed", county="Lake", lan=case.lan)
        case.refresh_from_db()
        assert (case.name, case.county, case.version) == ("Renamed", "Lake", 2)
        assert case.events.get().sentence == "Details changed: case name (the family's name), county."

    def test_nothing_changed_tells_nothing(self, case, clinician):
        actions.edit_case(case, by=clinician, version=1, name=case.name)
        assert not CaseEvent.objects.exists()

    def test_a_page_out_of_date(self, case, clinician):
        actions.edit_case(case, by=clinician, version=1, county="Lake")
        with pytest.raises(NotNow):
            actions.edit_case(case, by=clinician, version=1, county="Kane")

    def test_another_region_takes_the_due_dates_along(self, case, child, clinician):
        region = factories.make_region("Invented North")
        actions.edit_case(case, by=clinician, region=region)
        assert Obligation.objects.current().get(case=case).region == region

    def test_the_referral_is_not_later_than_the_opening(self, case, clinician, wrong):
        assert "referred_on" in wrong(actions.edit_case, case, by=clinician, referred_on=days(-19))

    def test_who_may_not(self, case, coordinator, colleague, other_supervisor):
        factories.assign(case, other_supervisor, kind="review", starts=days(-1))
        for person in (coordinator, colleague, other_supervisor):
            with pytest.raises(PermissionDenied):
                actions.edit_case(case, by=person, county="Lake")


class TestTransfer:
    @pytest.fixture
    def receiver(self, db):
        return factories.make_person("supervisor", name="Rae Receiver")

    def test_assignments_end_and_a_supervisor_there_receives_it(
        self, case, child, clinician, supervisor, parallel, coordinator, receiver
    ):
        actions.transfer(
            case, by=coordinator, agency=receiver.agency, supervisor=receiver, reason="Family moved."
        )
        case.refresh_from_db()
        assert case.agency == receiver.agency
        for person in (clinician, parallel, supervisor):
            assert not Case.objects.visible_to(person).exists()
        assert Case.objects.workable_by(receiver).get() == case
        assert Obligation.objects.current().get(case=case).agency == receiver.agency
        event = case.events.get(kind="transferred")
        assert event.reason == "Family moved."
        assert event.sentence.endswith("Until then: Cleo Clinician, Pat Parallel.")

    def test_what_began_today_is_taken_away(self, case, clinician, coordinator, receiver):
        Assignment.objects.update(starts=days(0))
        actions.transfer(case, by=coordinator, agency=receiver.agency, supervisor=receiver, reason="Moved.")
        assert case.assignments.get().person == receiver

    def test_what_waits_for_a_decision_goes_along(self, submitted, case, supervisor, coordinator, receiver):
        move_with_reviews(case, by=coordinator, agency=receiver.agency, supervisor=receiver, reason="Moved.")
        submitted.refresh_from_db()
        assert submitted.reviewer == receiver
        assert not Case.objects.visible_to(supervisor).exists()

    def test_what_is_wrong(self, case, coordinator, supervisor, receiver, stranger, wrong):
        move = {"by": coordinator, "reason": "Moved."}
        found = wrong(actions.transfer, case, agency=case.agency, supervisor=supervisor, **move)
        assert set(found) == {"agency"}
        found = wrong(actions.transfer, case, agency=receiver.agency, supervisor=supervisor, **move)
        assert set(found) == {"supervisor"}
        move["reason"] = ""
        found = wrong(actions.transfer, case, agency=receiver.agency, supervisor=receiver, **move)
        assert set(found) == {"reason"}

    def test_only_the_coordinator_of_the_case(self, case, clinician, supervisor, receiver):
        elsewhere = factories.make_coordinator(factories.make_region())
        for person in (clinician, supervisor, elsewhere):
            with pytest.raises(PermissionDenied):
                actions.transfer(
                    case, by=person, agency=receiver.agency, supervisor=receiver, reason="Moved."
                )
