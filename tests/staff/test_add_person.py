"""The first people of an installation come from the command line."""

import pytest
from django.core.management import CommandError, call_command

from audit.models import Event
from staff.models import Agency, Line, Region, RegionGrant, User

pytestmark = pytest.mark.django_db
PASSWORD = "the heron waits by the weir"


@pytest.fixture(autouse=True)
def _password(monkeypatch):
    monkeypatch.setenv("PASSWORD", PASSWORD)


def add(username, **options):
    call_command("add_person", username, name="Invented Person", **options)


def test_an_agency_with_a_supervisor_and_a_clinician():
    add("sup", role="supervisor", agency="A New Invented Agency", new_agency=True)
    add("clin", role="clinician", agency="A New Invented Agency", supervisor="sup")
    clinician = User.objects.get(username="clin")
    assert clinician.check_password(PASSWORD)
    assert clinician.agency == Agency.objects.get()
    assert Line.objects.get(person=clinician).supervisor.username == "sup"
    assert Event.objects.filter(action="person.add").count() == 2


def test_a_coordinator_of_one_region_and_one_of_all():
    Region.objects.get_or_create(name="Central")
    add("one", role="coordinator", region=["Central"])
    add("all", role="coordinator")
    assert RegionGrant.objects.get(coordinator__username="one").region.name == "Central"
    assert RegionGrant.objects.get(coordinator__username="all").region is None


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"role": "clinician"}, "Give the agency's name"),
        ({"role": "coordinator", "agency": "Some Agency"}, "belongs to no agency"),
        ({"role": "coordinator", "region": ["Atlantis"]}, "No region is called Atlantis"),
        ({"role": "coordinator", "region": ["Central", "Central"]}, "has Central already"),
        (
            {"role": "clinician", "agency": "An Agency", "new_agency": True, "supervisor": "nobody"},
            "not an active supervisor",
        ),
        (
            {"role": "clinician", "agency": "An Agency"},
            "No agency is called An Agency. On record: none. For a new one say --new-agency.",
        ),
    ],
)
def test_what_is_wrong_is_said_and_nobody_added(options, sentence):
    with pytest.raises(CommandError, match=sentence):
        add("somebody", **options)
    assert not User.objects.exists()
    assert not Agency.objects.exists()


def test_a_weak_password_and_a_name_in_use_are_refused(monkeypatch):
    add("admin", role="administrator", agency="An Agency", new_agency=True)
    with pytest.raises(CommandError, match="This user name is taken"):
        add("Admin", role="administrator", agency="An Agency")
    monkeypatch.setenv("PASSWORD", "short")
    with pytest.raises(CommandError, match="too short"):
        add("other", role="administrator", agency="An Agency")


def test_an_agency_comes_by_saying_so_and_not_by_a_slip(capsys):
    add("first", role="administrator", agency="An Agency", new_agency=True)
    with pytest.raises(CommandError, match=r"is called An Agancy\. On record: An Agency\."):
        add("second", role="administrator", agency="An Agancy")
    with pytest.raises(CommandError, match="An Agency is on record already"):
        add("second", role="administrator", agency="an agency", new_agency=True)
    add("second", role="administrator", agency="an agency")
    assert User.objects.get(username="second").agency == Agency.objects.get()
    assert capsys.readouterr().out.splitlines() == [
        "Added administrator first at An Agency, a new agency.",
        "Added administrator second at An Agency.",
    ]


def test_of_two_agencies_that_look_alike_the_one_that_was_named(agency):
    alike = Agency.objects.create(name=agency.name.upper())
    add("one", role="administrator", agency=agency.name)
    add("other", role="administrator", agency=alike.name)
    assert User.objects.get(username="one").agency == agency
    assert User.objects.get(username="other").agency == alike


@pytest.mark.parametrize(("again", "refused"), [(PASSWORD, False), ("the heron waits by the well", True)])
def test_a_password_that_is_typed_is_typed_twice(monkeypatch, again, refused):
    typed = iter([PASSWORD, again])
    monkeypatch.delenv("PASSWORD")
    monkeypatch.setattr("getpass.getpass", lambda prompt: next(typed))
    if refused:
        with pytest.raises(CommandError, match="The two passwords differ"):
            add("somebody", role="coordinator")
    else:
        add("somebody", role="coordinator")
    assert User.objects.exists() != refused
