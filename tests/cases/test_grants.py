"""The grant that a reading names is there exactly when the case is visible."""

import pytest

from cases.grants import grant_for
from cases.models import Assignment, Case
from staff.models import Cover
from tests import factories
from tests.factories import days


@pytest.mark.parametrize("shift", [0, -1])
def test_by_every_path_and_on_its_last_day(case, clinician, supervisor, coordinator, other_supervisor, shift):
    """With a shift of -1 everything ended yesterday."""
    end = days(shift)
    covering = factories.make_person("supervisor", agency=case.agency, name="Cover")
    reviewing = factories.assign(case, other_supervisor, kind="review", starts=days(-9), ends=end)
    cover = Cover.objects.create(
        supervisor=other_supervisor, cover=covering, starts=days(-9), ends=end, named_by=coordinator
    )
    line, region = clinician.lines.get(), coordinator.region_grants.get()
    for row in (line, region):
        row.ends = end
        row.save()
    Assignment.objects.filter(kind="primary").update(ends=days(0))
    primary = case.assignments.get(kind="primary")
    expected = {
        clinician: f"assignment {primary.pk}",
        supervisor: f"line {line.pk}",
        other_supervisor: f"routing {reviewing.pk}",
        covering: f"cover {cover.pk}",
        coordinator: f"region {region.pk}",
    }
    for person, grant in expected.items():
        held = grant if shift == 0 or person == clinician else ""
        assert grant_for(person, case) == held
        assert Case.objects.visible_to(person).exists() == bool(held)


def test_nobody_else(case, stranger, administrator, colleague, clinician):
    clinician.is_active = False
    for person in (stranger, administrator, colleague, clinician):
        assert grant_for(person, case) == ""
        assert not Case.objects.visible_to(person).exists()


def test_a_coordinator_of_a_region_has_no_other(case):
    """Nothing else stops them: active, of a region that lasts, and this is no agency's matter."""
    here = factories.make_coordinator(case.region)
    elsewhere = factories.make_coordinator(factories.make_region("Elsewhere"))
    theirs = factories.make_case(region=elsewhere.region_grants.get().region)
    assert list(Case.objects.visible_to(here)) == [case]
    assert list(Case.objects.visible_to(elsewhere)) == [theirs]
    assert grant_for(elsewhere, case) == ""
