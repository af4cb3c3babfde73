"""The sample's agencies, regions and people. The user names are part of the interface."""

import datetime
import secrets

from django.contrib.auth.hashers import make_password
from django.utils import timezone

from staff.dates import today
from staff.models import AccountRequest, Agency, Credential, Line, Region, RegionGrant, Role, User

from .names import COUNTIES

FIRST, SECOND = "Prairie Example Family Services", "Lakeside Example Youth Network"

# user name, name, role, agency, supervisor
PEOPLE = [
    ("supervisor", "Sage Lanternby", Role.SUPERVISOR, FIRST, None),
    ("supervisor2", "Reed Compasser", Role.SUPERVISOR, FIRST, None),
    ("clinician", "Wren Inkwellby", Role.CLINICIAN, FIRST, "supervisor"),
    ("clinician2", "Moss Paperclipper", Role.CLINICIAN, FIRST, "supervisor"),
    ("clinician3", "Linden Blottersby", Role.CLINICIAN, FIRST, "supervisor2"),
    ("coordinator", "Laurel Almanacker", Role.COORDINATOR, None, None),
    ("admin", "Ivy Ledgerly", Role.ADMINISTRATOR, FIRST, None),
    ("supervisor.b", "Ash Gablewright", Role.SUPERVISOR, SECOND, None),
    ("clinician.b", "Fern Thimblesby", Role.CLINICIAN, SECOND, "supervisor.b"),
]
# Of those who belong to no agency: nobody but themselves enters it. No mail arrives there.
ADDRESSES = {"coordinator": "laurel.almanacker@example.invalid"}
# Who is certified how many days ago; a certification holds through its anniversary.
CERTIFIED_DAYS_AGO = {"clinician3": 380, "clinician2": 345}


def make_places():
    """The two agencies, in regions that every installation has."""
    for region in COUNTIES:
        Region.objects.get_or_create(name=region)
    for agency in (FIRST, SECOND):
        Agency.objects.get_or_create(name=agency)


def make_people(password):
    """The sample people, each with this password. Returns them by user name."""
    agencies = {agency.name: agency for agency in Agency.objects.all()}
    hashed = make_password(password)
    people = {}
    for username, name, role, agency, supervisor in PEOPLE:
        people[username] = User.objects.create(
            username=username,
            name=name,
            email=ADDRESSES.get(username, ""),
            role=role,
            agency=agencies.get(agency),
            password=hashed,
        )
        if supervisor:
            Line.objects.create(person=people[username], supervisor=people[supervisor], starts=_ago(900))
    RegionGrant.objects.create(coordinator=people["coordinator"], region=None, starts=_ago(900))
    for username, person in people.items():
        if person.role in {Role.CLINICIAN, Role.SUPERVISOR}:
            certify(person, _ago(CERTIFIED_DAYS_AGO.get(username, 150)), by=people["admin"])
    _ask_for_accounts(people)
    return people


def _ask_for_accounts(people):
    """Two new clinicians: one whose account is to be opened, one whose account is to be confirmed."""
    supervisor, admin = people["supervisor"], people["admin"]
    asked = {
        "agency": supervisor.agency,
        "requested_by": supervisor,
        "phone": "555 0100",
        "needed_from": today(),
        "reason": "A new hire.",
    }
    AccountRequest.objects.create(name="Sorrel Stampwell", **asked)
    new = User.objects.create(
        username="clinician4",
        name="Bryony Folderly",
        role=Role.CLINICIAN,
        agency=supervisor.agency,
        is_active=False,
        password=make_password(None),
    )
    Line.objects.create(person=new, supervisor=supervisor, starts=today())
    AccountRequest.objects.create(
        name=new.name, person=new, opened_by=admin, opened_at=timezone.now(), **asked
    )


def certify(person, certified, *, by):
    Credential.objects.bulk_create(
        [
            Credential(person=person, kind="certification", on=certified, recorded_by=by),
            Credential(person=person, kind="training", on=_ago(800), recorded_by=by),
        ]
    )


def made_up_password():
    """Long enough for the rules, and to be typed off a screen."""
    return "-".join(secrets.token_hex(2) for _ in range(4))


def _ago(days):
    return today() - datetime.timedelta(days=days)
