"""Whatever page about one case names a child or an adult of it: that it was opened is on record."""

import pytest
from django.test import Client

from audit.models import Reading
from cases.grants import grant_for
from cases.models import Case
from tests import forms_world

pytestmark = [pytest.mark.django_db, pytest.mark.once]
# In these rooms a number in the address leads to one case.
ABOUT_A_CASE = {"cases", "cans", "approvals", "reports", "audit"}
SEARCHES = {"cases/<int:pk>/children/find/": "Ann", "cases/<int:pk>/adults/find/": "Fay"}


def pages():
    return [
        route
        for route in forms_world.routes()
        if route.room in ABOUT_A_CASE and "pk" in str(route.parameters) and "instrument" not in route.pattern
    ]


def read_by(browser, path, query):
    """The answer, and the readings it left behind, by case."""
    before = Reading.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    answer = browser.get(path, query or None)
    return answer, Reading.objects.filter(pk__gt=before)


def test_a_page_that_names_somebody_is_on_the_record_of_the_case():
    world = forms_world.build()
    browsers = {role: Client() for role in world.people if role != "administrator"}
    for role, browser in browsers.items():
        browser.force_login(world.people[role])
    names, silent, naming = world.children_and_adults, [], set()
    cases = set(Case.objects.filter(agency=world.ours.agency).values_list("pk", flat=True))
    for route in pages():
        query = {"q": SEARCHES[route.pattern]} if route.pattern in SEARCHES else {}
        for place in forms_world.places(route, world.ours):
            for role, browser in browsers.items():
                with forms_world.undone():
                    answer, readings = read_by(browser, route.path(**place), query)
                    if answer.status_code != 200 or answer.streaming:
                        continue
                    told = answer.content.decode(errors="replace")
                    if any(name in told for name in names if name):
                        naming.add(route.pattern)
                        if not readings.filter(case_number__in=cases).exclude(grant="").exists():
                            silent.append(f"{role} at /{route.pattern}")
    assert sorted(set(silent)) == []
    assert len(naming) > 40


def test_who_lets_a_child_join_has_read_the_record_of_the_case_they_are_in(client):
    world = forms_world.build()
    clinician, child, case = world.ours.clinician, world.ours.children[6], world.ours.case
    client.force_login(clinician)
    for path, cases in (
        (f"/cases/{case.pk}/children/find/?q={child.name}", [case]),
        (f"/cases/{case.pk}/children/{child.pk}/join/", [case, world.ours.closed]),
    ):
        answer, readings = read_by(client, path, {})
        assert child.name in answer.content.decode()
        found = set(readings.values_list("case_number", "grant"))
        assert found == {(one.pk, grant_for(clinician, one)) for one in cases}
        assert all(reading.children == [child.pk] for reading in readings)
