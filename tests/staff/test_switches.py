"""What somebody who scores or reviews switches for all their pages."""

import pytest
from django.core.exceptions import PermissionDenied
from pytest_django.asserts import assertContains

from audit.models import Event
from staff.actions import switch
from staff.history import history_of
from staff.models import Switch

URL = "/staff/me/switch/"
KEYS, LAST = Switch.SINGLE_KEYS, Switch.LAST_RATINGS


def press(client, person, which, wanted, **more):
    client.force_login(person)
    return client.post(URL, {"switch": which, "wanted": wanted}, **more)


def stands(person):
    person.refresh_from_db()
    return person.single_keys, person.last_ratings


@pytest.mark.parametrize("who", ["clinician", "supervisor"])
def test_each_is_switched_on_ones_own_page_which_says_how_it_stands(client, who, request):
    person = request.getfixturevalue(who)
    assert stands(person) == (True, True)
    assertContains(press(client, person, KEYS, "no", follow=True), "Single keys are off.")
    assert stands(person) == (False, True)
    page = press(client, person, LAST, "no", follow=True)
    assertContains(page, "Off: you rate without seeing how it was rated last time.")
    assertContains(page, "Switch single keys on")
    assert stands(person) == (False, False)
    assertContains(
        press(client, person, LAST, "yes", follow=True), "On: each item says how it was rated last time."
    )
    assert stands(person) == (False, True)


def test_a_page_of_a_cans_is_told_no_more_than_that_it_is_kept(client, clinician):
    answer = press(client, clinician, KEYS, "no", headers={"Accept": "application/json"})
    assert (answer.status_code, answer.content) == (204, b"")
    assert stands(clinician) == (False, True)
    assert "are off" not in client.get("/").content.decode()


@pytest.mark.parametrize("which", ["", "is_superuser", "must_change_password", "role"])
def test_nothing_else_is_switched(client, clinician, which):
    answer = press(client, clinician, which, "yes", follow=True)
    assertContains(answer, "Choose again what to switch.")
    assert not Event.objects.filter(action="person.switch").exists()
    with pytest.raises(ValueError, match="not a valid Switch"):
        switch(which, True, by=clinician)


def test_it_is_ones_own_to_decide_and_on_record_once(client, clinician, colleague):
    for _ in range(2):
        press(client, clinician, LAST, "no")
    (event,) = Event.objects.filter(action="person.switch")
    assert (event.actor_number, event.subject) == (clinician.pk, f"person {clinician.pk}")
    assert [entry.words for entry in history_of(clinician, 5)] == ["Own last ratings switched off"]
    assert stands(colleague) == (True, True)


@pytest.mark.parametrize("who", ["coordinator", "administrator"])
def test_who_neither_scores_nor_reviews_has_none(client, who, request):
    person = request.getfixturevalue(who)
    with pytest.raises(PermissionDenied):
        switch(KEYS, False, by=person)
    assert stands(person) == (True, True)
    client.force_login(person)
    assert "Switch single keys" not in client.get("/staff/me/").content.decode()
