"""Children join, leave, and carry what is dated."""

import pytest
from django.core.exceptions import PermissionDenied

from cans.models import Obligation
from cases import actions
from cases.models import CaseEvent, Child, Membership, Service, ServiceKind
from staff.refusals import NotNow
from tests import factories
from tests.factories import days

NEW = {"person_number": "700-1", "name": "Newt Plainly-Invented", "born": days(-3000)}


def add(case, by, **changed):
    facts = NEW | {"developmental_disability": False, "joined": days(-5)} | changed
    return actions.add_child(case, by=by, **facts)


def initial_of(child):
    return Obligation.objects.current().get(child=child, kind="initial")


class TestAdd:
    def test_the_child_joins_and_owes_an_initial_cans(self, case, clinician):
        stay = add(case, clinician)
        assert stay.child.name == "Newt Plainly-Invented"
        assert initial_of(stay.child).due == days(25)
        assert CaseEvent.objects.get().sentence == "Newt Plainly-Invented joined the case."

    @pytest.mark.parametrize(
        ("changed", "field"),
        [
            ({"born": days(1)}, "born"),
            ({"born": days(-31 * 366)}, "born"),
            ({"joined": days(1)}, "joined"),
            ({"joined": days(-3001)}, "joined"),
            ({"person_number": "not a number!"}, "person_number"),
            ({"name": ""}, "name"),
        ],
    )
    def test_what_is_wrong_is_said_by_field(self, case, clinician, wrong, changed, field):
        assert field in wrong(add, case, clinician, **changed)
        assert not Child.objects.exists()

    def test_a_number_in_use(self, case, child, clinician, wrong):
        assert "person_number" in wrong(add, case, clinician, person_number=child.person_number)

    def test_nobody_is_a_child_and_an_adult_of_one_case(self, case, caregiver, clinician, wrong):
        found = wrong(add, case, clinician, person_number=caregiver.person_number)
        assert "nobody is both" in found["person_number"]
        elsewhere = factories.make_case(primary=clinician)
        assert add(elsewhere, clinician, person_number=caregiver.person_number)

    def test_who_may_not(self, case, stranger, colleague, coordinator):
        for person in (stranger, colleague, coordinator):
            with pytest.raises(PermissionDenied):
                add(case, person)


class TestJoin:
    def test_rejoining_is_a_new_stay(self, case, child, stay, clinician):
        actions.child_leaves(stay, by=clinician, left=days(-10))
        actions.join_child(case, by=clinician, child=child, joined=days(-4))
        assert child.memberships.count() == 2
        dues = set(Obligation.objects.current().filter(child=child).values_list("due", flat=True))
        assert days(26) in dues

    def test_one_case_at_a_time(self, case, child, clinician):
        other = factories.make_case(primary=clinician)
        with pytest.raises(NotNow, match="one at a time"):
            actions.join_child(other, by=clinician, child=child, joined=days(-4))

    def test_from_a_closed_case_the_child_leaves_the_day_before(self, case, child, stay, clinician):
        actions.close_episode(case.episodes.get(), by=clinician, closed=days(-9), closing_reason="stable")
        other = factories.make_case(primary=clinician)
        actions.join_child(other, by=clinician, child=child, joined=days(-4))
        stay.refresh_from_db()
        assert stay.left == days(-5)
        assert (
            CaseEvent.objects.filter(case=case, kind="child").get().sentence.endswith("by joining another.")
        )
        assert Obligation.objects.current().get(case=other).due == days(26)

    def test_not_on_the_days_of_an_earlier_stay_elsewhere(self, case, child, stay, clinician, wrong):
        actions.child_leaves(stay, by=clinician, left=days(-10))
        other = factories.make_case(primary=clinician)
        found = wrong(actions.join_child, other, by=clinician, child=child, joined=days(-10))
        assert "in another case at that time" in found["joined"]
        assert case.number not in found["joined"]

    def test_leaving_and_rejoining_one_case_on_one_day(self, case, child, stay, clinician):
        actions.child_leaves(stay, by=clinician, left=days(-10))
        assert actions.join_child(case, by=clinician, child=child, joined=days(-10))

    def test_but_joining_once_a_day(self, case, child, stay, clinician, wrong):
        actions.child_leaves(stay, by=clinician, left=stay.joined)
        found = wrong(actions.join_child, case, by=clinician, child=child, joined=stay.joined)
        assert "joined this case that day already" in found["joined"]

    def test_the_coordinator_may_too(self, case, child, stay, clinician, coordinator, other_supervisor):
        actions.child_leaves(stay, by=clinician, left=days(-10))
        factories.assign(case, other_supervisor, kind="review", starts=days(-1))
        with pytest.raises(PermissionDenied):
            actions.join_child(case, by=other_supervisor, child=child, joined=days(-4))
        assert actions.join_child(case, by=coordinator, child=child, joined=days(-4))


class TestLeave:
    def test_caregiving_and_services_end_too(self, approved, case, child, stay, caregiver, clinician):
        kind = ServiceKind.objects.create(name="Invented Respite")
        service = Service.objects.create(membership=stay, kind=kind, provider="Nobody", starts=days(-9))
        actions.child_leaves(stay, by=clinician, left=days(0), reason="Went home.")
        service.refresh_from_db()
        assert service.ends == days(0)
        assert stay.caregivings.get().ends == days(0)
        assert Obligation.objects.current().get(kind="six_month").cancelled
        assert CaseEvent.objects.get(kind="child").reason == "Went home."

    @pytest.mark.parametrize("on", [1, -21])
    def test_wrong_days(self, stay, clinician, wrong, on):
        assert set(wrong(actions.child_leaves, stay, by=clinician, left=days(on))) == {"left"}

    def test_not_before_somebody_begins_to_care(self, child, stay, clinician, wrong):
        factories.make_caregiver(child, starts=days(-3), name="Late Carer")
        assert "Late Carer" in wrong(actions.child_leaves, stay, by=clinician, left=days(-4))["left"]

    def test_not_twice(self, stay, clinician):
        actions.child_leaves(stay, by=clinician, left=days(-2))
        with pytest.raises(NotNow, match="left this case"):
            actions.child_leaves(stay, by=clinician, left=days(-2))


class TestCorrect:
    def test_a_corrected_joining_recomputes(self, child, stay, clinician):
        actions.correct_stay(stay, by=clinician, joined=days(-10), left=None, reason="Typing error.")
        assert initial_of(child).due == days(20)
        assert "corrected to from" in CaseEvent.objects.get().sentence

    def test_the_coordinator_corrects_too(self, child, stay, coordinator):
        actions.correct_stay(stay, by=coordinator, joined=days(-10), left=None, reason="As in SACWIS.")
        assert initial_of(child).due == days(20)
        assert CaseEvent.objects.get().by == coordinator

    def test_a_leaving_is_taken_back(self, stay, clinician):
        actions.child_leaves(stay, by=clinician, left=days(-2))
        actions.correct_stay(stay, by=clinician, joined=stay.joined, left=None, reason="Did not leave.")
        stay.refresh_from_db()
        assert stay.left is None

    def test_not_when_the_child_is_in_another_case_now(self, child, stay, clinician, wrong):
        actions.child_leaves(stay, by=clinician, left=days(-9))
        Membership.objects.create(case=factories.make_case(), child=child, joined=days(-5))
        found = wrong(
            actions.correct_stay, stay, by=clinician, joined=stay.joined, left=None, reason="Did not leave."
        )
        assert "another case" in found["joined"]

    def test_only_with_a_reason(self, stay, clinician, wrong):
        assert set(
            wrong(actions.correct_stay, stay, by=clinician, joined=days(-3), left=None, reason="")
        ) == {"reason"}

    def test_details(self, case, child, clinician, wrong):
        edit = {"by": clinician, "case": case}
        actions.edit_child(child, **edit, version=1, name="Robin Renamed")
        child.refresh_from_db()
        assert (child.name, child.version) == ("Robin Renamed", 2)
        with pytest.raises(NotNow):
            actions.edit_child(child, **edit, version=1, name="Robin Lost-Update")
        assert "born" in wrong(actions.edit_child, child, **edit, born=days(1))
        assert "check the year" in wrong(actions.edit_child, child, **edit, born=days(-31 * 366))["born"]
        assert "born" in wrong(actions.edit_child, child, **edit, born=days(-19))
        assert CaseEvent.objects.count() == 1


class TestStatus:
    def test_rows_are_added_and_never_overwritten(self, stay, clinician):
        for value, since in [("Shelter", -9), ("Relative home", -2)]:
            actions.record_status(stay, by=clinician, kind="placement", value=value, since=days(since))
        assert [row.value for row in stay.statuses.all()] == ["Relative home", "Shelter"]
        assert CaseEvent.objects.filter(kind="status").count() == 2

    @pytest.mark.parametrize(
        ("given", "field"),
        [
            ({"since": days(1)}, "since"),
            ({"since": days(-9999)}, "since"),
            ({"kind": "shoe size"}, "kind"),
            ({"value": ""}, "value"),
        ],
    )
    def test_what_is_wrong(self, stay, clinician, wrong, given, field):
        facts = {"kind": "goal", "value": "Return home", "since": days(-1)} | given
        assert field in wrong(actions.record_status, stay, by=clinician, **facts)
