"""Whoever moved on to a case out of sight: what is written of them there is neither told nor changed here."""

import json

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from cases import actions
from cases.models import Adult, CaseEvent, Child
from exchange.export import as_json
from staff.refusals import NotNow
from tests import factories
from tests.factories import days
from tests.importing import checked

SHELTER = "1 Invented Shelter"


@pytest.fixture
def there(case, child, caregiver, clinician):
    """The child left, and is with the foster parent in a case of another agency, which wrote down where
    they live now."""
    theirs = factories.make_agency("Another Agency")
    worker = factories.make_person(
        "clinician", agency=theirs, supervisor=factories.make_person("supervisor", agency=theirs)
    )
    region = factories.make_region("Elsewhere")
    there = factories.make_case(primary=worker, agency=theirs, region=region, opened=days(-10))
    actions.child_leaves(case.memberships.get(child=child), by=clinician, left=days(-5))
    there.memberships.create(child=child, joined=days(-4))
    factories.make_caregiver(child, adult=caregiver)
    actions.edit_adult(caregiver, by=worker, case=there, phone="555 0199", address=SHELTER)
    actions.edit_child(child, by=worker, case=there, name="Robin Newly-Invented")
    there.worker = worker
    return there


def told(case):
    return list(CaseEvent.objects.filter(case=case).values_list("sentence", flat=True))


def page(client, name, *numbers, **query):
    return client.get(reverse(f"cases:{name}", args=numbers), query).content.decode()


def test_whoever_was_a_collateral_to_care_for_the_child_is_one_no_longer(there, case, caregiver):
    assert case.collaterals.get(adult=caregiver).ends == days(-5)


def test_but_is_one_still_while_they_care_for_another_child_here(case, child, caregiver, clinician):
    sibling = factories.make_child(case, name="Remi Plainly-Invented")
    factories.make_caregiver(sibling, adult=caregiver)
    stay = case.memberships.get(child=child)
    actions.child_leaves(stay, by=clinician, left=days(0))
    assert case.collaterals.get(adult=caregiver).ends is None


def test_where_they_live_now_is_told_on_no_page_of_the_former_case(client, there, case, caregiver, clinician):
    client.force_login(clinician)
    for text in (
        page(client, "detail", case.pk),
        page(client, "find_adult", case.pk, q="Fay"),
        page(client, "edit_adult", case.pk, caregiver.pk),
    ):
        assert SHELTER not in text
        assert "555 0199" not in text
    client.force_login(there.worker)
    assert SHELTER in page(client, "detail", there.pk)
    assert SHELTER in page(client, "find_adult", there.pk, q="Fay")


def test_nor_in_what_leaves_as_a_file(there, case, caregiver):
    adults = {one["name"]: one for one in json.loads(as_json(case))["adults"]}
    assert (adults[caregiver.name]["phone"], adults[caregiver.name]["address"]) == ("", "")
    (mine,) = json.loads(as_json(there))["adults"]
    assert (mine["phone"], mine["address"]) == ("555 0199", SHELTER)


def test_nor_by_an_import_that_is_only_tried(there, case, child, caregiver):
    coordinator = factories.make_coordinator(case.region)
    adults = f"case_number,adult_number,adult_name,phone\n{case.number},{caregiver.person_number},Wrong,1\n"
    born = child.born.isoformat()
    children = (
        "case_number,person_number,child_name,born,joined\n"
        f"{case.number},{child.person_number},Robin Wrong,{born},{case.memberships.get().joined}\n"
    )
    plan = checked([("adults.csv", adults.encode()), ("children.csv", children.encode())], by=coordinator)
    said = [(one.column, one.sentence) for one in plan.wrong]
    assert {column for column, _ in said} == {"child_name", "adult_name"}
    assert {sentence for _, sentence in said} == {
        "On record it is otherwise, in a case that you do not see. Ask the coordinator it belongs to."
    }


def test_their_details_are_corrected_where_they_are(client, there, case, child, caregiver, clinician):
    before = told(there)
    with pytest.raises(NotNow, match="Who works there keeps these details"):
        actions.edit_adult(caregiver, by=clinician, case=case, name="Wrong")
    with pytest.raises(NotNow, match="Who works there keeps these details"):
        actions.edit_child(child, by=clinician, case=case, name="Wrong")
    client.force_login(clinician)
    for name, number in (("edit_adult", caregiver.pk), ("edit_child", child.pk)):
        address = reverse(f"cases:{name}", args=[case.pk, number])
        assert client.get(address).status_code == 409
        assert client.post(address, {"name": "Wrong"}).status_code == 409
        assert address not in page(client, "detail", case.pk) + page(client, "child", case.pk, child.pk)
    assert told(there) == before
    assert not Child.objects.filter(name="Wrong").exists()
    assert not Adult.objects.filter(name="Wrong").exists()


def test_who_went_nowhere_else_is_still_corrected_here(client, case, child, caregiver, clinician):
    stay = case.memberships.get(child=child)
    actions.child_leaves(stay, by=clinician, left=days(-5))
    actions.edit_child(child, by=clinician, case=case, name="Robin Corrected")
    actions.edit_adult(caregiver, by=clinician, case=case, address="2 Invented Street")
    client.force_login(clinician)
    assert "2 Invented Street" in page(client, "detail", case.pk)
    assert reverse("cases:edit_child", args=[case.pk, child.pk]) in page(client, "child", case.pk, child.pk)


def test_an_adult_of_two_cases_is_corrected_in_either_and_both_are_told(there, case, caregiver, clinician):
    """A grandparent who cares for one child there and is a collateral here."""
    actions.add_adult(
        case,
        by=clinician,
        adult=caregiver,
        collateral={"relationship": "grandmother", "in_home": False, "starts": days(-1)},
    )
    actions.edit_adult(caregiver, by=clinician, case=case, phone="555 0111")
    assert told(there)[0] == told(case)[0] == f"{caregiver}: corrected phone."


def test_the_day_of_another_case_is_not_told_by_a_refusal(case, child, clinician):
    earlier = factories.make_case(opened=days(-400), closed=days(-100))
    earlier.memberships.create(child=child, joined=days(-397), left=days(-100))
    with pytest.raises(ValidationError) as refused:
        actions.edit_child(child, by=clinician, case=case, born=days(-50))
    assert refused.value.message_dict == {"born": ["This is after the child joined an earlier case."]}
