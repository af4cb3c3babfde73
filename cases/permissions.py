"""Who may do what to a case: the one check that buttons, pages and acts read."""

from dataclasses import dataclass
from enum import StrEnum

from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef

from audit.statements import Given, Kept
from staff.dates import in_force, today
from staff.models import Line, Role
from staff.policy import WORKERS

from .models import Assignment, Case


class Act(StrEnum):
    WORK = "work"
    CORRECT = "correct"
    PEOPLE = "people"
    ADD_WORKER = "add_worker"
    SET_PRIMARY = "set_primary"
    COORDINATE = "coordinate"


@dataclass(frozen=True)
class Standing:
    """What a person is to a case that day.

    `carries`: assigned, primary or parallel. `leads`: supervises somebody who carries it, or is
    the supervisor who carries it as primary.
    """

    carries: bool = False
    primary: bool = False
    leads: bool = False
    coordinates: bool = False


# Who may, and the sentence for everybody else.
RULES = {
    Act.WORK: (
        lambda is_: is_.carries or is_.leads,
        "Only a worker assigned to this case, or their supervisor, keeps its records.",
    ),
    Act.CORRECT: (
        lambda is_: is_.carries or is_.leads or is_.coordinates,
        "Only a worker assigned to this case, their supervisor or the coordinator corrects its dates.",
    ),
    Act.PEOPLE: (
        lambda is_: is_.carries or is_.leads or is_.coordinates,
        "Only a worker assigned to this case, their supervisor or the coordinator adds people to it.",
    ),
    Act.ADD_WORKER: (
        lambda is_: is_.primary or is_.leads or is_.coordinates,
        "Only the primary worker, their supervisor or the coordinator assigns a parallel worker.",
    ),
    Act.SET_PRIMARY: (
        lambda is_: is_.leads or is_.coordinates,
        "Only the supervisor or the coordinator changes the primary worker.",
    ),
    Act.COORDINATE: (lambda is_: is_.coordinates, "Only the coordinator of this case does this."),
}


def check_can(user, act, case, on=None):
    """Raise PermissionDenied, with a sentence fit to show, unless this person may do it."""
    allows, sentence = RULES[act]
    if not allows(standing_of(user, case, on)):
        raise PermissionDenied(sentence)


def check_can_create(user):
    if not user.is_active or user.role not in WORKERS or user.agency_id is None:
        raise PermissionDenied("Only clinicians and supervisors of an agency open cases.")


def check_can_open_in_emergency(user):
    if not user.is_active or user.role not in WORKERS or user.agency_id is None:
        raise PermissionDenied("Only clinicians and supervisors open a case of their agency in an emergency.")


def may(standing):
    """Every act by name, and whether this standing allows it: for a page's buttons."""
    return {act.value: allows(standing) for act, (allows, _) in RULES.items()}


def standing_of(user, case, on=None):
    """One query. For a page that has the case's workers at hand, see `standing_among`."""
    on = on or today()
    if user.role == Role.COORDINATOR:
        return Standing(coordinates=Case.objects.visible_to(user, on).filter(pk=case.pk).exists())
    return standing_among(workers_of(case, user, on), user, on)


def workers_of(case, user, on=None):
    """The case's assignments, each with `led`: is its person in this one's line that day?"""
    return _WORKERS.all(case=case.pk, person=user.pk, day=on or today())


def _workers():
    led = Line.objects.filter(in_force(Given("day")), supervisor=Given("person"), person=OuterRef("person"))
    return Assignment.objects.filter(case=Given("case")).annotate(led=Exists(led)).select_related("person")


_WORKERS = Kept(_workers)


def standing_among(assignments, user, on=None):
    """What somebody who is no coordinator is to the case whose `workers_of` these are."""
    on = on or today()
    if not user.is_active or user.role not in WORKERS:
        return Standing()
    current = [
        row
        for row in assignments
        if row.kind != Assignment.Kind.REVIEW and row.starts <= on and (row.ends is None or row.ends >= on)
    ]
    mine = [row for row in current if row.person_id == user.pk]
    primary = any(row.kind == Assignment.Kind.PRIMARY for row in mine)
    return Standing(
        carries=bool(mine),
        primary=primary,
        leads=user.role == Role.SUPERVISOR and (primary or any(row.led for row in current)),
    )
