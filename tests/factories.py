"""Invented people and families for the tests. Dates are relative to `today`."""

import datetime
import itertools

from django.utils import timezone

from cans import obligations
from cans.facts import caregivings_of
from cans.instrument import SHIPPED, UNRATED, age_domains
from cans.loading import load_instrument
from cans.models import Assessment, Contribution, InstrumentVersion, Sheet, WarningAnswer
from cans.readiness import NOBODY_CARES
from cases.models import (
    Adult,
    Assignment,
    Caregiving,
    Case,
    Child,
    Collateral,
    Episode,
    Membership,
)
from staff.dates import today
from staff.models import AccountRequest, Agency, Credential, Line, Region, RegionGrant, Role, User

_numbers = itertools.count(1)


def days(number):
    """The day that many days from today; negative is past."""
    return today() + datetime.timedelta(days=number)


def noon(number):
    """Of that many days from today. So many times 24 hours may be another day where the clocks change."""
    return timezone.make_aware(datetime.datetime.combine(days(number), datetime.time(12)))


def make_agency(name=None):
    return Agency.objects.create(name=name or f"Invented Agency {next(_numbers)}")


def make_region(name=None):
    return Region.objects.create(name=name or f"Region {next(_numbers)}")


def make_person(role, *, agency=None, name=None, username=None, supervisor=None, credentials=True):
    """A person with valid credentials, and a line to `supervisor` that began a year ago."""
    number = next(_numbers)
    person = User.objects.create_user(
        username=username or f"{role}{number}",
        password="a password for tests",
        name=name or f"Invented {role.capitalize()} {number}",
        role=role,
        agency=None if role == Role.COORDINATOR else (agency or make_agency()),
    )
    if credentials and role in {Role.CLINICIAN, Role.SUPERVISOR}:
        certify(person)
    if supervisor:
        Line.objects.create(person=person, supervisor=supervisor, starts=days(-365))
    return person


def certify(person, *, certified=None, trained=None):
    for kind, on in [("certification", certified or days(-100)), ("training", trained or days(-200))]:
        Credential.objects.create(person=person, kind=kind, on=on, recorded_by=person)


def make_account_request(supervisor, **fields):
    """A request for a new clinician, with a phone number and a reason."""
    asked = {
        "name": f"Newcomer Invented {next(_numbers)}",
        "phone": "555 0100",
        "needed_from": today(),
        "reason": "A new hire.",
    }
    return AccountRequest.objects.create(agency=supervisor.agency, requested_by=supervisor, **asked | fields)


def make_coordinator(*regions, **kwargs):
    """A coordinator of these regions, or of all where none is named."""
    person = make_person(Role.COORDINATOR, **kwargs)
    for region in regions or [None]:
        RegionGrant.objects.create(coordinator=person, region=region, starts=days(-365))
    return person


def make_case(*, agency=None, region=None, opened=None, primary=None, name=None, closed=None):
    """A case with one episode, opened 20 days ago unless said otherwise, and its primary worker."""
    number = next(_numbers)
    opened = opened or days(-20)
    case = Case.objects.create(
        number=f"9{number:07}",
        name=name or f"Invented Family {number}",
        agency=agency or (primary.agency if primary else make_agency()),
        county="Cook",
        region=region or Region.objects.first() or make_region(),
        lan=1,
        referred_on=opened - datetime.timedelta(days=7),
        referral_source="Department",
    )
    Episode.objects.create(
        case=case,
        opened=opened,
        authorised_through=opened + datetime.timedelta(days=180),
        closed=closed,
        closing_reason="stable" if closed else "",
    )
    if primary:
        assign(case, primary, starts=opened)
    return case


def assign(case, person, *, kind="primary", starts=None, ends=None):
    return Assignment.objects.create(
        case=case, person=person, kind=kind, starts=starts or days(-20), ends=ends
    )


def make_child(case, *, age=9, born=None, joined=None, name=None, developmental_disability=False):
    """A child of the case, joined with its opening unless said otherwise. Returns the child."""
    number = next(_numbers)
    child = Child.objects.create(
        person_number=f"7{number:07}",
        name=name or f"Invented Child {number}",
        born=born or today() - datetime.timedelta(days=int(age * 365.25) + 30),
        developmental_disability=developmental_disability,
    )
    Membership.objects.create(case=case, child=child, joined=joined or case.episodes.latest("opened").opened)
    obligations.refresh(case)
    return child


def make_caregiver(child, *, role="substitute", name=None, starts=None, adult=None):
    """Somebody who cares for the child, with a collateral where a substitute. Returns the adult."""
    number = next(_numbers)
    membership = child.memberships.latest("joined")
    adult = adult or Adult.objects.create(
        name=name or f"Invented Adult {number}", person_number=f"5{number:07}"
    )
    starts = starts or membership.joined
    if role == "substitute":
        Collateral.objects.get_or_create(
            case=membership.case,
            adult=adult,
            ends=None,
            defaults={"relationship": "Foster parent", "in_home": True, "starts": starts},
        )
    Caregiving.objects.create(
        membership=membership,
        adult=adult,
        role=role,
        relationship="foster parent" if role == "substitute" else "mother",
        in_home=True,
        starts=starts,
    )
    return adult


def make_instrument():
    """The shipped instrument, loaded and active."""
    return InstrumentVersion.objects.filter(active=True).first() or load_instrument(
        SHIPPED.read_text(encoding="utf-8"), label="CANS 2.0 Illinois", by=None, activate=True
    )


def make_draft(child, *, author, assessed_on=None, rated=None, **fields):
    """A draft with a sheet for the child and each caregiver; `rated` fills every applicable item."""
    case = child.memberships.latest("joined").case
    version = make_instrument()
    assessed_on = assessed_on or today()
    early, transition = age_domains(
        born=child.born,
        developmental_disability=child.developmental_disability,
        assessed_on=assessed_on,
    )
    draft = Assessment.objects.create(
        child=child,
        case=case,
        instrument_version=version,
        type=fields.pop("type", "initial"),
        assessed_on=assessed_on,
        early=early,
        transition=transition,
        based_on=Assessment.objects.latest_approved_of(child, case),
        author=author,
        started_by=author,
        **fields,
    )
    Contribution.objects.create(assessment=draft, person=author)
    Sheet.objects.create(assessment=draft, size=94, ratings=UNRATED * 94)
    for care in caregivings_of(draft):
        Sheet.objects.create(
            assessment=draft,
            adult=care.adult,
            substitute=care.role == "substitute",
            size=34,
            ratings=UNRATED * 34,
        )
    if rated:
        fill(draft, rated)
    return draft


def fill(draft, value="1"):
    """Rate every applicable item of every sheet with one value; where nobody cares for the child, say why."""
    for sheet in draft.sheets.select_related("assessment", "adult"):
        applicable = {item.position for item in sheet.applicable_items}
        sheet.ratings = "".join(
            value if position in applicable else UNRATED for position in range(sheet.size)
        )
        sheet.save(update_fields=["ratings"])
    if not caregivings_of(draft):
        WarningAnswer.objects.create(
            assessment=draft, key=f"warning:{NOBODY_CARES}", text="An invented group home.", by=draft.author
        )
