"""A waiver: who, when, and what it changes. The page is the verb's form."""

import html
from importlib import import_module
from urllib.parse import urlencode

import pytest
from django.apps import apps
from django.core.exceptions import PermissionDenied
from django.core.management import call_command

from approvals import actions
from audit.models import Event
from cans.models import Obligation, Waiver
from cans.waivers import waive, withdraw
from cases import actions as cases
from cases.actions.holding import written
from staff.refusals import NotNow
from tests import factories
from tests.approvals.conftest import submit

name_after_the_first = import_module("cans.migrations.0003_dates_of_amendments").name_after_the_first


@pytest.fixture
def owed(child):
    return Obligation.objects.current().get(child=child, kind="initial")


@pytest.fixture
def url(owed):
    return f"/reports/waive/{owed.pk}/"


def test_a_waived_date_is_kept_and_no_longer_owed(owed, coordinator):
    waive(owed, by=coordinator, reason="runaway", note="Since Monday.")
    now = Obligation.objects.current().get(child=owed.child)
    assert now.status() == "waived"
    assert now.recorded_by == coordinator
    assert now.because == "Waived: Child's whereabouts unknown"
    assert not Obligation.objects.unsettled().exists()
    owed.refresh_from_db()
    assert owed.superseded_at is not None
    event = Event.objects.get(action="obligation.waive")
    assert (event.kind, event.case_number) == ("act", owed.case_id)
    assert (event.detail["reason"], event.detail["source"]) == ("runaway", owed.source)


@pytest.mark.parametrize("person", ["clinician", "supervisor", "administrator", "stranger"])
def test_only_a_coordinator_waives(request, owed, person):
    with pytest.raises(PermissionDenied):
        waive(owed, by=request.getfixturevalue(person), reason="system")
    assert not Waiver.objects.exists()


def test_not_a_coordinator_of_another_region(owed):
    elsewhere = factories.make_coordinator(factories.make_region("Elsewhere"))
    with pytest.raises(PermissionDenied):
        waive(owed, by=elsewhere, reason="system")


def test_twice_is_once(owed, coordinator):
    waive(owed, by=coordinator, reason="system")
    with pytest.raises(NotNow, match="has changed since"):
        waive(owed, by=coordinator, reason="system")
    with pytest.raises(NotNow, match="already waived"):
        waive(Obligation.objects.current().get(child=owed.child), by=coordinator, reason="system")
    assert Waiver.objects.count() == 1


def test_what_is_met_cannot_be_waived(approved, coordinator):
    met = Obligation.objects.current().get(child=approved.child, kind="initial")
    with pytest.raises(NotNow, match="approved"):
        waive(met, by=coordinator, reason="system")


def test_a_waiver_that_cannot_be_recorded_is_not_made(owed, coordinator, monkeypatch):
    def refuse(*args, **kwargs):
        raise RuntimeError("the record cannot be written")

    monkeypatch.setattr("cans.waivers.record", refuse)
    with pytest.raises(RuntimeError):
        waive(owed, by=coordinator, reason="system")
    assert not Waiver.objects.exists()
    assert Obligation.objects.get(child=owed.child).superseded_at is None


@pytest.fixture
def waived(owed, coordinator):
    waive(owed, by=coordinator, reason="runaway", note="Since Monday.")
    return Obligation.objects.current().get(child=owed.child)


def test_a_waiver_that_is_withdrawn_is_kept_and_the_date_owed_again(owed, waived, coordinator):
    withdraw(waived, by=coordinator, because="The wrong sibling.")
    now = Obligation.objects.unsettled().get(child=owed.child)
    assert (now.due, now.waiver, now.because) == (owed.due, None, "Waiver withdrawn")
    waiver = Waiver.objects.get()
    assert (waiver.withdrawn_by, waiver.withdrawn_because) == (coordinator, "The wrong sibling.")
    told = owed.case.events.get(kind="unwaived")
    assert told.reason == "The wrong sibling."
    assert Event.objects.get(action="obligation.unwaive").detail["waiver"] == waiver.pk
    call_command("rebuild_obligations", "--check")


def test_the_waiver_of_a_closing_ends_with_it(case, child, clinician, coordinator):
    """IPS closes again on another day: nobody has waived that one."""
    episode = case.episodes.get()

    def close(day):
        cases.close_episode(episode, by=clinician, closed=factories.days(day), closing_reason="stable")
        return Obligation.objects.current().get(kind="closing")

    waive(close(-9), by=coordinator, reason="system")
    cases.undo_closing(episode, by=clinician, reason="Closed in error.")
    assert close(0).status() == "due"
    ended = Waiver.objects.get()
    assert (ended.withdrawn_by, ended.withdrawn_because) == (
        clinician,
        f"The closing on {written(factories.days(-9))} was undone",
    )


def test_the_waiver_of_a_closing_stays_where_its_day_is_corrected(case, child, clinician, coordinator):
    episode = case.episodes.get()
    cases.close_episode(episode, by=clinician, closed=factories.days(-9), closing_reason="stable")
    waive(Obligation.objects.current().get(kind="closing"), by=coordinator, reason="system")
    cases.correct_closing(episode, by=coordinator, closed=factories.days(-8), reason="Misread.")
    assert Obligation.objects.current().get(kind="closing").status() == "waived"


def test_it_can_be_waived_anew_and_withdrawn_once(waived, coordinator):
    withdraw(waived, by=coordinator, because="The wrong sibling.")
    with pytest.raises(NotNow, match="has changed since"):
        withdraw(waived, by=coordinator, because="Twice.")
    now = Obligation.objects.unsettled().get(child=waived.child)
    with pytest.raises(NotNow, match="not waived"):
        withdraw(now, by=coordinator, because="Twice.")
    waive(now, by=coordinator, reason="system")
    assert Obligation.objects.current().get(child=waived.child).waiver.reason == "system"
    assert Waiver.objects.count() == 2


@pytest.mark.parametrize("person", ["clinician", "supervisor", "administrator", "stranger"])
def test_only_a_coordinator_withdraws(request, waived, person):
    with pytest.raises(PermissionDenied):
        withdraw(waived, by=request.getfixturevalue(person), because="Not mine to do.")
    elsewhere = factories.make_coordinator(factories.make_region("Elsewhere"))
    with pytest.raises(PermissionDenied):
        withdraw(waived, by=elsewhere, because="Not mine to do.")
    assert Waiver.objects.get().withdrawn_at is None


class TestPage:
    def test_anonymous(self, client, url):
        assert client.get(url).status_code == 302

    @pytest.mark.parametrize("person", ["clinician", "supervisor", "administrator"])
    def test_wrong_role(self, client, request, url, person):
        client.force_login(request.getfixturevalue(person))
        assert client.get(url).status_code == 403
        assert client.post(url, {"reason": "system"}).status_code == 403
        assert not Waiver.objects.exists()

    def test_another_region_is_like_a_free_number(self, client, url):
        client.force_login(factories.make_coordinator(factories.make_region("Elsewhere")))
        theirs, free = client.get(url), client.get("/reports/waive/999999/")
        assert (theirs.status_code, theirs.content) == (404, free.content)
        assert client.post(url, {"reason": "system"}).status_code == 404

    def test_waives(self, client, owed, url, coordinator):
        client.force_login(coordinator)
        page = client.get(url).content.decode()
        assert owed.why in page
        response = client.post(url, {"reason": "detained", "note": "In hospital."})
        assert response.status_code == 302
        assert response["Location"] == f"/cases/{owed.case_id}/"
        assert Waiver.objects.get().note == "In hospital."

    @pytest.mark.parametrize(
        ("data", "sentence"),
        [
            ({}, "This field is required."),
            ({"reason": "weather"}, "Select a valid choice."),
            ({"reason": "other", "note": " "}, "Say what the other reason is."),
            ({"reason": "system", "note": "x" * 401}, "at most 400 characters"),
        ],
    )
    def test_bad_input(self, client, url, coordinator, data, sentence):
        client.force_login(coordinator)
        response = client.post(url, data)
        assert response.status_code == 200
        assert sentence in response.content.decode()
        assert not Waiver.objects.exists()

    @pytest.mark.parametrize(
        ("back", "is_kept"),
        [
            ("/reports/overdue/?region=2&on=2026-01-05", True),
            ("//elsewhere.example/reports/", False),
            ("https://elsewhere.example/reports/", False),
            ("/reports/\nX: y", False),
            ("/reports/../audit/", False),
            ("", False),
        ],
    )
    def test_it_leads_back_to_the_list_it_was_opened_from_and_nowhere_else(
        self, client, owed, url, coordinator, back, is_kept
    ):
        client.force_login(coordinator)
        address = f"{url}?{urlencode({'back': back})}"
        to = back if is_kept else owed.case.get_absolute_url()
        assert f'href="{html.escape(to)}">Cancel</a>' in client.get(address).content.decode()
        assert client.post(address, {"reason": "detained"}).url == to

    def test_met_meanwhile(self, client, url, submitted, supervisor, coordinator):
        actions.approve(submitted, by=supervisor)
        client.force_login(coordinator)
        response = client.post(url, {"reason": "system", "note": "A sentence that was typed."})
        assert response.status_code == 409
        assert "has changed since" in response.content.decode()
        assert "A sentence that was typed." in response.content.decode()

    def test_withdraws(self, client, waived, coordinator):
        client.force_login(coordinator)
        case = client.get(f"/cases/{waived.case_id}/").content.decode()
        assert f'href="/reports/waive/{waived.pk}/">Withdraw the waiver' in case
        page = client.get(f"/reports/waive/{waived.pk}/").content.decode()
        assert f"Waived by a coordinator. {coordinator.name}, " in page
        assert "Since Monday." in page
        empty = client.post(f"/reports/waive/{waived.pk}/", {"because": " "})
        assert "This field is required." in empty.content.decode()
        assert Waiver.objects.get().withdrawn_at is None
        response = client.post(f"/reports/waive/{waived.pk}/", {"because": "The wrong sibling."})
        assert response["Location"] == f"/cases/{waived.case_id}/"
        assert Waiver.objects.get().withdrawn_because == "The wrong sibling."

    def test_withdrawn_meanwhile(self, client, waived, coordinator):
        withdraw(waived, by=coordinator, because="First.")
        client.force_login(coordinator)
        response = client.post(f"/reports/waive/{waived.pk}/", {"because": "A sentence that was typed."})
        assert response.status_code == 409
        assert "A sentence that was typed." in response.content.decode()

    def test_nobody_else_is_offered_it(self, client, waived, supervisor):
        client.force_login(supervisor)
        assert "Withdraw the waiver" not in client.get(f"/cases/{waived.case_id}/").content.decode()


def test_what_was_named_after_an_amendment_is_named_after_the_first(
    approved, clinician, supervisor, coordinator
):
    """As the migration finds them that had the six-month date of an amendment carry its own number."""
    amendment = actions.amend(approved, by=supervisor, author=clinician, reason="A wrong item.")
    submit(amendment)
    actions.approve(amendment, by=supervisor)
    now = Obligation.objects.current().get(child=approved.child, kind="six_month")
    waive(now, by=coordinator, reason="runaway")
    for model in (Waiver, Obligation):
        model.objects.filter(source=f"six_month:{approved.pk}").update(source=f"six_month:{amendment.pk}")
    name_after_the_first(apps, None)
    call_command("rebuild_obligations", check=True)
    waived = Obligation.objects.current().get(child=approved.child, kind="six_month")
    assert (waived.source, waived.status()) == (f"six_month:{approved.pk}", "waived")
