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
    add("sup", role="supervisor", agency="A New Invented Agency")
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
        ({"role": "clinician", "agency": "An Agency", "supervisor": "nobody"}, "not an active supervisor"),
    ],
)
def test_what_is_wrong_is_said_and_nobody_added(options, sentence):
    with pytest.raises(CommandError, match=sentence):
        add("somebody", **options)
    assert not User.objects.exists()
    assert not Agency.objects.exists()


def test_a_weak_password_and_a_name_in_use_are_refused(monkeypatch):
    add("admin", role="administrator", agency="An Agency")
    with pytest.raises(CommandError, match="already exists"):
        add("admin", role="administrator", agency="An Agency")
    monkeypatch.setenv("PASSWORD", "short")
    with pytest.raises(CommandError, match="too short"):
        add("other", role="administrator", agency="An Agency")
