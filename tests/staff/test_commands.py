"""What whoever runs the installation does for people whom no administrator keeps: coordinators, and the
only administrator of an agency."""

import re

import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import CommandError, call_command
from django.test import Client

from audit.models import Event
from cases.models import Case
from reports.actions import make_feed
from reports.models import Feed
from staff import actions
from staff.actions.keeping import hold_agency, hold_person
from staff.history import history_of
from staff.left_open import left_open
from staff.models import Region, RegionGrant, Session, User
from tests import factories
from tests.factories import days

pytestmark = pytest.mark.django_db


def on_record(action, person):
    event = Event.objects.get(action=action)
    assert (event.actor_label, event.subject) == ("the system", f"person {person.pk}")
    return event.detail


@pytest.mark.parametrize(
    "command",
    [
        ["reset_sign_in", "nobody"],
        ["disable_person", "nobody", "--reason=Left."],
        ["enable_person", "nobody", "--reason=Back."],
        ["grant_region", "nobody", "--all-regions"],
    ],
)
def test_an_unknown_user_name(command):
    with pytest.raises(CommandError, match="Nobody has the user name nobody"):
        call_command(*command)


@pytest.mark.parametrize("who", ["coordinator", "administrator"])
class TestWhomNoAdministratorKeeps:
    def test_reset(self, who, request, capsys):
        person = request.getfixturevalue(who)
        browser = Client()
        browser.force_login(person)
        call_command("reset_sign_in", person.username)
        password = re.search(r"^(?:[a-z]{5}-){3}[a-z]{5}$", capsys.readouterr().out, re.M)[0]
        person.refresh_from_db()
        assert person.check_password(password)
        assert person.must_change_password
        assert browser.get("/").status_code == 302
        assert on_record("sign_in.reset", person) == {"second_factors": 0}
        (told,) = history_of(person, latest=1)
        assert (told.words[:13], told.by) == ("Sign-in reset", "the system")

    def test_disabled_and_back(self, who, request, capsys):
        person = request.getfixturevalue(who)
        browser = Client()
        browser.force_login(person)
        call_command("disable_person", person.username, reason="Left the program.")
        assert not User.objects.active().filter(pk=person.pk).exists()
        assert not Session.objects.filter(person=person).exists()
        assert on_record("person.disable", person) == {"reason": "Left the program."}
        with pytest.raises(CommandError, match="disabled already"):
            call_command("disable_person", person.username, reason="Left the program.")
        call_command("enable_person", person.username, reason="Came back.")
        assert User.objects.active().filter(pk=person.pk).exists()
        assert on_record("person.enable", person) == {"reason": "Came back."}
        with pytest.raises(CommandError, match="is active"):
            call_command("enable_person", person.username, reason="Came back.")


@pytest.mark.parametrize("command", ["reset_sign_in", "disable_person"])
def test_the_address_of_their_calendar_goes_too(coordinator, command):
    make_feed(by=coordinator)
    options = {"reason": "Left."} if command == "disable_person" else {}
    call_command(command, coordinator.username, **options)
    assert not Feed.objects.exists()
    on_record("calendar.revoke", coordinator)


@pytest.mark.parametrize(
    ("reason", "sentence"), [(" ", "This field is required."), ("x" * 401, "at most 400 characters")]
)
def test_a_reason_is_what_the_page_takes_for_one(coordinator, reason, sentence):
    with pytest.raises(CommandError, match=sentence):
        call_command("disable_person", coordinator.username, reason=reason)
    assert User.objects.active().filter(pk=coordinator.pk).exists()


def test_what_is_left_open_is_said(submitted, supervisor, capsys):
    call_command("disable_person", supervisor.username, reason="Left.")
    assert "Left open: 1 CANS waits for Sana Supervisor." in capsys.readouterr().out


def test_an_account_that_nobody_confirmed_is_not_made_active(supervisor, administrator):
    asked = factories.make_account_request(supervisor)
    actions.open_account(asked, username="nell", name="Nell", email="", by=administrator)
    with pytest.raises(CommandError, match="when Sana Supervisor confirms it"):
        call_command("enable_person", "nell", reason="In a hurry.")


def test_a_page_never_has_this_right(coordinator, clinician):
    """Only nobody at all is taken for whoever runs the installation."""
    for hold in (hold_person, lambda person, by: hold_agency(person.agency_id, by=by)):
        with pytest.raises(PermissionDenied):
            hold(coordinator, by=clinician)


class TestTheLast:
    def sentences(self, person):
        return [left.sentence for left in left_open(person)]

    def test_administrator(self, administrator, agency):
        assert self.sentences(administrator) == [f"Ada Admin is the only administrator of {agency}."]
        factories.make_person("administrator")
        gone = factories.make_person("administrator", agency=agency)
        User.objects.filter(pk=gone.pk).update(is_active=False)
        assert self.sentences(administrator)
        factories.make_person("administrator", agency=agency)
        assert self.sentences(administrator) == []

    def test_coordinator_of_all_regions(self, coordinator):
        said = ["Cora Coordinator is the only coordinator of all regions."]
        factories.make_coordinator(Region.objects.first())
        assert self.sentences(coordinator) == said
        other = factories.make_coordinator()
        assert self.sentences(coordinator) == []
        User.objects.filter(pk=other.pk).update(is_active=False)
        assert self.sentences(coordinator) == said

    def test_coordinator_of_a_region(self):
        central, other = Region.objects.all()[:2]
        person = factories.make_coordinator(central, name="Cal Central")
        factories.make_coordinator(other)
        assert self.sentences(person) == [f"Cal Central is the only coordinator of {central}."]
        RegionGrant.objects.filter(coordinator=person).update(ends=days(-1))
        assert self.sentences(person) == []
        RegionGrant.objects.filter(coordinator=person).update(ends=None)
        factories.make_coordinator()
        assert self.sentences(person) == []


class TestRegions:
    @pytest.fixture
    def person(self):
        return factories.make_person("coordinator", username="cal", name="Cal Coordinator")

    def sees(self, person, on=0):
        return Case.objects.visible_to(person, days(on)).exists()

    def test_granted_and_ended(self, person, case, capsys):
        call_command("grant_region", "cal", "--region", case.region.name)
        assert self.sees(person)
        grant = RegionGrant.objects.get(coordinator=person)
        told = {"region": case.region.pk, "starts": str(days(0)), "ends": None}
        assert on_record("region.grant", person) == told
        RegionGrant.objects.update(starts=days(-3))
        call_command("grant_region", "cal", "--region", case.region.name, "--end")
        grant.refresh_from_db()
        assert grant.ends == days(-1)
        assert not self.sees(person)
        assert on_record("region.end", person) == {**told, "starts": str(days(-3))}
        assert capsys.readouterr().out.splitlines() == [
            f"Cal Coordinator has {case.region}.",
            f"Cal Coordinator does not have {case.region} any more.",
            f"Nobody coordinates {case.region} now.",
        ]

    def test_a_region_that_somebody_has_still_is_not_mourned(self, person, case, coordinator, capsys):
        call_command("grant_region", "cal", "--region", case.region.name)
        call_command("grant_region", "cal", "--region", case.region.name, "--end")
        assert "Nobody" not in capsys.readouterr().out

    def test_what_began_today_is_taken_away(self, person, case):
        call_command("grant_region", "cal", "--all-regions")
        assert self.sees(person)
        call_command("grant_region", "cal", "--all-regions", "--end")
        assert not self.sees(person)
        assert not RegionGrant.objects.filter(coordinator=person).exists()

    def test_through_a_day(self, person, case):
        call_command("grant_region", "cal", "--all-regions", "--until", str(days(5)))
        assert self.sees(person, on=5)
        assert not self.sees(person, on=6)

    def test_ending_one_region_leaves_the_others(self, person, case):
        other = factories.make_region()
        call_command("grant_region", "cal", "--all-regions")
        call_command("grant_region", "cal", "--region", other.name)
        call_command("grant_region", "cal", "--all-regions", "--end")
        assert RegionGrant.objects.get(coordinator=person).region == other

    def test_what_was_over_before_stays_as_it_was(self, person, case):
        over = RegionGrant.objects.create(coordinator=person, starts=days(-9), ends=days(-5))
        call_command("grant_region", "cal", "--all-regions")
        call_command("grant_region", "cal", "--all-regions", "--end")
        assert RegionGrant.objects.get(coordinator=person) == over
        over.refresh_from_db()
        assert over.ends == days(-5)

    @pytest.mark.parametrize(
        ("given", "sentence"),
        [
            (["--region", "Atlantis"], "No region is called Atlantis; there are .*Central"),
            (["--all-regions", "--end"], "Cal Coordinator does not have all regions."),
            (["--all-regions", "--until", str(days(-1))], "The last day cannot be before today."),
            (["--all-regions", "--until", "tomorrow"], "tomorrow is no day"),
            ([], "one of the arguments --region --all-regions is required"),
        ],
    )
    def test_refused_with_a_sentence(self, person, given, sentence):
        with pytest.raises(CommandError, match=sentence):
            call_command("grant_region", "cal", *given)
        assert not RegionGrant.objects.exists()
        assert not Event.objects.exists()

    def test_twice(self, person):
        call_command("grant_region", "cal", "--all-regions", "--until", str(days(5)))
        with pytest.raises(CommandError, match=r"has all regions already through .*\. End that first\."):
            call_command("grant_region", "cal", "--all-regions")
        assert RegionGrant.objects.count() == 1

    @pytest.mark.parametrize("way", [[], ["--end"]])
    def test_of_nobody_but_a_coordinator(self, administrator, way):
        with pytest.raises(CommandError, match="Only a coordinator has regions, and Ada Admin"):
            call_command("grant_region", "admin", "--all-regions", *way)
        assert not RegionGrant.objects.exists()
