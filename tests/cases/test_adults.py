"""Collaterals and caregivers."""

import pytest
from django.core.exceptions import PermissionDenied

from cases import actions
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
    from cases.models import Membership

    elsewhere = factories.make_child(factories.make_case()).memberships.get()
    with pytest.raises(Membership.DoesNotExist):
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
