"""The people of the access matrix: each stands in one relation to the cases of `world.py`."""

from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.test import Client
from django.utils import timezone

from cases.models import LASTS, Assignment, EmergencyAccess
from staff.models import Cover, Line, RegionGrant, User
from tests import factories
from tests.factories import days

# By role. The first three open nothing but the way to sign in.
GROUPS = {
    "nobody": ["anonymous", "pending", "disabled"],
    "clinicians": [
        "assigned",
        "parallel",
        "lapsed",
        "untrained",
        "ended_yesterday",
        "starts_tomorrow",
        "unassigned",
        "elsewhere",
        "in_emergency",
        "after_emergency",
    ],
    "supervisors": [
        "supervisor",
        "wrote_in_it",
        "rerouted_to",
        "covers_today",
        "received_it",
        "other_team",
        "former",
        "line_tomorrow",
        "covered_yesterday",
        "covers_tomorrow",
        "covers_for_nothing",
        "decided_yesterday",
    ],
    "coordinators": ["region", "other_region", "region_ended"],
    "administrators": ["administrator", "other_administrator"],
    "without_a_role": ["superuser"],
}
ACTORS = [name for names in GROUPS.values() for name in names]
PASSWORD = "a password for tests"


def make(base):
    """Everybody but the anonymous one, by name. Those who write are given what they write elsewhere."""
    ours, theirs = base.ours, base.theirs
    people = {
        "assigned": ours.clinician,
        "parallel": ours.parallel,
        "unassigned": ours.colleague,
        "elsewhere": theirs.clinician,
        "supervisor": ours.supervisor,
        "covers_today": ours.other,
        "received_it": theirs.supervisor,
        "administrator": ours.administrator,
        "other_administrator": theirs.administrator,
        "superuser": User.objects.create_superuser("root", password=PASSWORD, name="Invented Root"),
    }
    for name in ("pending", "disabled", *GROUPS["clinicians"], *GROUPS["supervisors"]):
        if name not in people:
            role = "supervisor" if name in GROUPS["supervisors"] else "clinician"
            people[name] = _worker(role, name, ours)
    people |= _coordinators(ours.region)
    _lines_and_covers(people, ours)
    return people


def _worker(role, name, ours):
    person = factories.make_person(
        role, agency=ours.agency, name=f"Invented {name}", credentials=name not in {"lapsed", "untrained"}
    )
    if name == "lapsed":
        factories.certify(person, certified=days(-500))
    if name == "untrained":
        factories.certify(person, trained=days(1))
    return person


def _coordinators(region):
    found = {
        "region": factories.make_coordinator(region, name="Invented of the region"),
        "other_region": factories.make_coordinator(factories.make_region()),
        "region_ended": factories.make_coordinator(factories.make_region()),
    }
    RegionGrant.objects.create(
        coordinator=found["region_ended"], region=region, starts=days(-60), ends=days(-1)
    )
    return found


def _lines_and_covers(people, ours):
    clinician, supervisor = ours.clinician, ours.supervisor
    Line.objects.create(person=clinician, supervisor=people["former"], starts=days(-800), ends=days(-1))
    Line.objects.create(person=clinician, supervisor=people["line_tomorrow"], starts=days(1), ends=days(30))
    for name, whose, starts, ends in [
        ("wrote_in_it", supervisor, 0, 5),
        ("covered_yesterday", supervisor, -9, -1),
        ("covers_tomorrow", supervisor, 1, 9),
        ("covers_for_nothing", people["other_team"], -1, 1),
    ]:
        Cover.objects.create(
            supervisor=whose, cover=people[name], starts=days(starts), ends=days(ends), named_by=whose
        )


def give(people, case):
    """Each their own dated row on a case, but for the primary worker, who is there already."""
    for name in ("parallel", "lapsed", "untrained", "wrote_in_it", "pending", "disabled"):
        Assignment.objects.get_or_create(
            case=case, person=people[name], kind="parallel", ends=None, defaults={"starts": days(-9)}
        )
    for name, kind, starts, ends in [
        ("ended_yesterday", "parallel", -9, -1),
        ("starts_tomorrow", "parallel", 1, None),
        ("decided_yesterday", "review", -9, -1),
    ]:
        ends = days(ends) if ends is not None else None
        factories.assign(case, people[name], kind=kind, starts=days(starts), ends=ends)
    now = timezone.now()
    for name, began in [("in_emergency", now - LASTS / 2), ("after_emergency", now - LASTS)]:
        EmergencyAccess.objects.create(
            case=case,
            person=people[name],
            reason="Nobody else can be reached tonight.",
            starts_at=began,
            ends_at=began + LASTS,
        )


def browsers(people):
    """One signed-in browser each; one waits for the second factor, one was disabled while signed in."""
    found = {"anonymous": Client()}
    for name, person in people.items():
        found[name] = Client()
        if name == "pending":
            _give_password_only(found[name], person)
        else:
            found[name].force_login(person)
    User.objects.filter(pk=people["disabled"].pk).update(is_active=False)
    return found


def _give_password_only(browser, person):
    TOTP.activate(person, generate_totp_secret())
    answer = browser.post("/accounts/login/", {"login": person.username, "password": PASSWORD})
    assert answer.url.startswith("/accounts/second-factor/give/"), answer.url


def role_of(name):
    return next(group for group, names in GROUPS.items() if name in names)
