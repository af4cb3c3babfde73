"""Collaterals and caregivers."""

import pytest
from django.core.exceptions import PermissionDenied

from cases import actions
from cases.actions.holding import written
from cases.models import Adult, Caregiving, CaseEvent, Collateral
from staff.refusals import NotNow
from tests import factories
from tests.factories import days

TIE = {"relationship": "Foster parent", "in_home": True, "starts": days(-4)}


def care(stay, **changed):
    return {
        "membership": stay,
        "role": "substitute",
        "relationship": "foster mother",
        "in_home": True,
        "starts": days(-4),
    } | changed


def test_a_substitute_caregiver_is_a_collateral_who_cares(case, stay, clinician):
    new = Adult(name="Ada Invented-Aunt", person_number="500-1")
    adult = actions.add_adult(case, by=clinician, adult=new, collateral=TIE, cares=[care(stay)])
    assert Collateral.objects.get().adult == adult
    assert Caregiving.objects.get().membership == stay
    assert [event.kind for event in CaseEvent.objects.order_by("pk")] == ["collateral", "caregiving"]


def test_a_substitute_without_a_collateral_is_refused_and_nothing_is_kept(case, stay, clinician, wrong):
    new = Adult(name="Ada Invented-Aunt")
    found = wrong(actions.add_adult, case, by=clinician, adult=new, cares=[care(stay)])
    assert "first added to the case as a collateral" in found[f"role_{stay.pk}"]
    assert not Adult.objects.exists()


def test_a_parent_of_the_family_is_no_collateral(case, stay, clinician):
    adult = Adult(name="Pia Plainly-Invented")
    actions.add_adult(case, by=clinician, adult=adult, cares=[care(stay, role="parent")])
    assert not Collateral.objects.exists()
    assert Caregiving.objects.get().role == "parent"


def test_neither_is_nothing(case, clinician, wrong):
    assert "cares" in wrong(actions.add_adult, case, by=clinician, adult=Adult(name="Ada"))


def test_an_existing_person_is_used_and_siblings_share_them(case, child, caregiver, clinician):
    sibling = factories.make_child(case).memberships.get()
    actions.add_adult(case, by=clinician, adult=caregiver, cares=[care(sibling)])
    assert Adult.objects.count() == 1
    assert caregiver.caregivings.count() == 2


def test_nobody_is_a_child_and_a_collateral_of_one_case(case, child, clinician, wrong):
    new = Adult(name="Young Parent", person_number=child.person_number)
    found = wrong(actions.add_adult, case, by=clinician, adult=new, collateral=TIE)
    assert "nobody is both" in found["person_number"]
    elsewhere = factories.make_case(primary=clinician)
    assert actions.add_adult(elsewhere, by=clinician, adult=new, collateral=TIE)


@pytest.mark.parametrize(
    ("changed", "field"),
    [({"starts": days(1)}, "starts"), ({"relationship": ""}, "relationship")],
)
def test_what_is_wrong_with_a_collateral(case, clinician, wrong, changed, field):
    found = wrong(actions.add_adult, case, by=clinician, adult=Adult(name="Ada"), collateral=TIE | changed)
    assert field in found


def test_once_at_a_time(case, child, caregiver, stay, clinician, wrong):
    found = wrong(actions.add_adult, case, by=clinician, adult=caregiver, collateral=TIE)
    assert "already a collateral" in " ".join(found.values())
    with pytest.raises(NotNow, match="already cares"):
        actions.add_adult(case, by=clinician, adult=caregiver, cares=[care(stay)])


def test_not_for_a_child_of_another_case(case, clinician):
    elsewhere = factories.make_child(factories.make_case()).memberships.get()
    with pytest.raises(NotNow):
        actions.add_adult(
            case, by=clinician, adult=Adult(name="Ada"), collateral=TIE, cares=[care(elsewhere)]
        )


def test_not_for_a_child_who_has_left(case, stay, clinician):
    actions.child_leaves(stay, by=clinician, left=days(-2))
    with pytest.raises(NotNow, match="left the case"):
        actions.add_adult(case, by=clinician, adult=Adult(name="Ada"), cares=[care(stay, role="parent")])


def test_ending_the_collateral_ends_the_substitute_caring_only(case, child, stay, caregiver, clinician):
    mother = factories.make_caregiver(child, role="parent")
    actions.end_collateral(Collateral.objects.get(), by=clinician, ends=days(-1))
    assert caregiver.caregivings.get().ends == days(-1)
    assert mother.caregivings.get().ends is None
    with pytest.raises(NotNow):
        actions.end_collateral(Collateral.objects.get(), by=clinician, ends=days(-1))
    actions.add_adult(
        case,
        by=clinician,
        adult=caregiver,
        collateral=TIE | {"starts": days(0)},
        cares=[care(stay, starts=days(0))],
    )


@pytest.mark.parametrize("on", [1, -21])
def test_wrong_last_days(child, caregiver, clinician, wrong, on):
    ends = {"by": clinician, "ends": days(on)}
    assert set(wrong(actions.end_collateral, Collateral.objects.get(), **ends)) == {"ends"}
    assert set(wrong(actions.end_caregiving, Caregiving.objects.get(), **ends)) == {"ends"}


def test_nobody_begins_twice_on_one_day(case, stay, clinician, wrong):
    """A beginning is known by its day, here and in a whole case: one that ended by mistake is corrected."""
    adult = actions.add_adult(
        case, by=clinician, adult=Adult(name="Ada Invented"), collateral=TIE, cares=[care(stay)]
    )
    actions.end_collateral(Collateral.objects.get(), by=clinician, ends=days(-4))
    found = wrong(actions.add_adult, case, by=clinician, adult=adult, collateral=TIE)
    assert "was a collateral from" in found["starts"]
    actions.add_adult(case, by=clinician, adult=adult, collateral=TIE | {"starts": days(-3)})
    found = wrong(actions.add_adult, case, by=clinician, adult=adult, cares=[care(stay)])
    assert "cared for" in found[f"starts_{stay.pk}"]


def test_ending_a_caregiving(caregiver, clinician):
    row = Caregiving.objects.get()
    actions.end_caregiving(row, by=clinician, ends=days(-1))
    assert "no longer cares for" in CaseEvent.objects.get().sentence
    with pytest.raises(NotNow, match="already"):
        actions.end_caregiving(row, by=clinician, ends=days(-1))


def test_details(case, child, caregiver, clinician, wrong):
    actions.edit_adult(caregiver, by=clinician, case=case, version=1, phone="555-0100")
    caregiver.refresh_from_db()
    assert (caregiver.phone, caregiver.version) == ("555-0100", 2)
    with pytest.raises(NotNow):
        actions.edit_adult(caregiver, by=clinician, case=case, version=1, phone="555-0199")
    found = wrong(actions.edit_adult, caregiver, by=clinician, case=case, person_number=child.person_number)
    assert "nobody is both" in found["person_number"]


def test_who_may(case, caregiver, stranger, coordinator, other_supervisor, supervisor):
    factories.assign(case, other_supervisor, kind="review", starts=days(-1))
    for person in (stranger, other_supervisor):
        with pytest.raises(PermissionDenied):
            actions.add_adult(case, by=person, adult=Adult(name="Ada"), collateral=TIE)
    for person in (coordinator, supervisor):
        assert actions.add_adult(case, by=person, adult=Adult(name="Ada"), collateral=TIE)
    with pytest.raises(PermissionDenied):
        actions.end_caregiving(Caregiving.objects.get(), by=coordinator, ends=days(-1))


class TestCorrectCaregiving:
    @pytest.fixture
    def care(self, caregiver):
        return Caregiving.objects.get()

    @pytest.fixture
    def correct(self, care, clinician):
        """Everything as it is on record, but for what is given."""

        def go(row=care, *, by=clinician, reason="Typed wrongly.", **changed):
            names = ("role", "relationship", "in_home", "starts", "ends")
            said = {name: getattr(row, name) for name in names} | changed
            return actions.correct_caregiving(row, by=by, reason=reason, **said)

        return go

    def test_a_mother_recorded_as_a_substitute_from_the_wrong_day(self, care, correct):
        correct(role="parent", relationship="mother", in_home=False, starts=days(-30))
        care.refresh_from_db()
        assert (care.role, care.relationship, care.in_home) == ("parent", "mother", False)
        assert care.starts == days(-30)
        event = CaseEvent.objects.get()
        assert (event.kind, event.on, event.reason) == ("caregiving", days(-30), "Typed wrongly.")
        for said in (
            "role was Substitute caregiver, corrected to Parent",
            "relationship to the child was “foster parent”, corrected to “mother”",
            "lives in the child's home was yes, corrected to no",
            f"cares from was {written(days(-20))}, corrected to {written(days(-30))}",
        ):
            assert said in event.sentence
        assert "cares until" not in event.sentence

    def test_an_end_is_put_in_and_taken_back(self, care, correct, clinician):
        actions.end_caregiving(care, by=clinician, ends=days(-3))
        care.refresh_from_db()
        correct(ends=None)
        care.refresh_from_db()
        assert care.ends is None
        sentence = CaseEvent.objects.latest("pk").sentence
        assert sentence.endswith(f"cares until was {written(days(-3))}, corrected to empty.")
        assert correct(ends=days(-1)).ends == days(-1)

    @pytest.mark.parametrize(
        ("changed", "field", "why"),
        [
            ({"starts": days(1)}, "starts", "has not come yet"),
            ({"starts": days(-3650 * 3)}, "starts", "the child's birth"),
            ({"ends": days(1)}, "ends", "has not come yet"),
            ({"ends": days(-21)}, "ends", "the first day of care"),
            ({"relationship": ""}, "relationship", "blank"),
            ({"role": "neighbour"}, "role", "not a valid choice"),
            ({"starts": days(-9), "reason": " "}, "reason", "Say why"),
            ({}, "reason", "how it stands already"),
        ],
    )
    def test_what_is_wrong(self, correct, wrong, changed, field, why):
        found = wrong(correct, **changed)
        assert set(found) == {field}
        assert why in found[field]
        assert not CaseEvent.objects.exists()

    def test_not_beyond_the_stay(self, care, stay, correct, clinician, wrong):
        actions.child_leaves(stay, by=clinician, left=days(-5))
        care.refresh_from_db()
        assert care.ends == days(-5)
        assert "left the case on" in wrong(correct, ends=None)["ends"]
        assert "the day the child left" in wrong(correct, ends=days(-4))["ends"]
        assert "the day the child left" in wrong(correct, starts=days(-4), ends=days(-4))["starts"]
        assert correct(ends=days(-6)).ends == days(-6)

    def test_not_two_at_once(self, care, stay, caregiver, correct, clinician, wrong):
        actions.end_caregiving(care, by=clinician, ends=days(-10))
        earlier = Caregiving.objects.get()
        later = factories.make_caregiver(stay.child, adult=caregiver, starts=days(-8))
        later = later.caregivings.latest("pk")
        assert f"until {written(days(-10))} already" in wrong(correct, later, starts=days(-11))["starts"]
        assert f"from {written(days(-8))} already" in wrong(correct, earlier, ends=days(-7))["starts"]
        assert "already" in wrong(correct, earlier, ends=None)["starts"]
        factories.make_caregiver(stay.child, starts=days(-20))
        assert correct(later, starts=days(-10)).starts == days(-10)

    def test_a_substitute_is_a_collateral_as_long_as_they_care(self, child, correct, clinician, wrong):
        mother = factories.make_caregiver(child, role="parent").caregivings.get()
        assert "is a collateral of the case" in wrong(correct, mother, role="substitute")["role"]
        actions.end_collateral(Collateral.objects.get(), by=clinician, ends=days(-4))
        care = Caregiving.objects.get(role="substitute")
        assert care.ends == days(-4)
        for ends in (None, days(-3)):
            assert "is a collateral of the case" in wrong(correct, care, ends=ends)["role"]
        assert correct(care, ends=days(-6)).ends == days(-6)

    def test_who_may(self, case, correct, clinician, supervisor, coordinator, stranger, other_supervisor):
        factories.assign(case, other_supervisor, kind="review", starts=days(-1))
        elsewhere = factories.make_coordinator(factories.make_region())
        for person in (stranger, other_supervisor, elsewhere):
            with pytest.raises(PermissionDenied):
                correct(by=person, starts=days(-9))
        for place, person in enumerate((clinician, supervisor, coordinator)):
            assert correct(Caregiving.objects.get(), by=person, starts=days(-9 + place))


class TestCorrectCollateral:
    @pytest.fixture
    def tie(self, caregiver):
        return Collateral.objects.get()

    @pytest.fixture
    def correct(self, tie, clinician):
        def go(row=tie, *, by=clinician, reason="Typed wrongly.", **changed):
            said = {name: getattr(row, name) for name in ("relationship", "in_home", "starts", "ends")}
            return actions.correct_collateral(row, by=by, reason=reason, **(said | changed))

        return go

    def test_what_was_said_before_stays_in_the_story(self, tie, correct):
        correct(relationship="Great-aunt", in_home=False, starts=days(-30))
        tie.refresh_from_db()
        assert (tie.relationship, tie.in_home, tie.starts) == ("Great-aunt", False, days(-30))
        event = CaseEvent.objects.get()
        assert (event.kind, event.on, event.reason) == ("collateral", days(-30), "Typed wrongly.")
        assert "relationship to the family was “Foster parent”, corrected to “Great-aunt”" in event.sentence
        assert f"begin date was {written(days(-20))}, corrected to {written(days(-30))}" in event.sentence

    @pytest.mark.parametrize(
        ("changed", "field", "why"),
        [
            ({"starts": days(1)}, "starts", "has not come yet"),
            ({"ends": days(1)}, "ends", "has not come yet"),
            ({"ends": days(-21)}, "ends", "the begin date"),
            ({"ends": days(-2)}, "ends", "still. End that first"),
            ({"relationship": ""}, "relationship", "blank"),
            ({"starts": days(-9), "reason": ""}, "reason", "Say why"),
            ({}, "reason", "how it stands already"),
        ],
    )
    def test_what_is_wrong(self, correct, wrong, changed, field, why):
        found = wrong(correct, **changed)
        assert set(found) == {field}
        assert why in found[field]

    def test_an_end_is_taken_back_and_the_care_stays_ended(self, tie, correct, caregiver, clinician, wrong):
        actions.end_collateral(tie, by=clinician, ends=days(-4))
        tie.refresh_from_db()
        assert f"until {written(days(-4))}. End that first" in wrong(correct, ends=days(-5))["ends"]
        assert correct(ends=None).ends is None
        assert caregiver.caregivings.get().ends == days(-4)

    def test_not_two_at_once_and_the_later_one_carries_the_care(
        self, case, tie, caregiver, correct, clinician, wrong
    ):
        actions.end_collateral(tie, by=clinician, ends=days(-10))
        tie.refresh_from_db()
        again = Collateral.objects.create(case=case, adult=caregiver, relationship="Aunt", starts=days(-8))
        assert f"until {written(days(-10))} already" in wrong(correct, again, starts=days(-11))["starts"]
        assert "already" in wrong(correct, ends=days(-7))["starts"]
        assert correct(ends=days(-12)).ends == days(-12)

    def test_who_may(self, correct, clinician, supervisor, coordinator, stranger):
        elsewhere = factories.make_coordinator(factories.make_region())
        for person in (stranger, elsewhere):
            with pytest.raises(PermissionDenied):
                correct(by=person, starts=days(-9))
        for place, person in enumerate((clinician, supervisor, coordinator)):
            assert correct(Collateral.objects.get(), by=person, starts=days(-9 + place))
