"""Accounts from a file: of an administrator's own agency, checked and shown before any is opened."""

import hashlib

from django.db import IntegrityError, transaction

from audit.actions import append, entry
from staff.actions.keeping import hold_agency
from staff.dates import in_force, today
from staff.models import Line, Role, User
from staff.refusals import NotNow

from .actions import CHANGED
from .checking.plan import OTHERWISE, Lines, Plan
from .reading import ACCOUNTS, read_list
from .sheets import PEOPLE

OF_PERSON = {"name": "name", "email": "email", "role": "role"}


def checked(name, content, *, by):
    """The Plan of this file for this administrator, today. Raises Unreadable. Writes nothing."""
    plan = Plan(by, sha256=hashlib.sha256(content).hexdigest())
    lines = list(Lines(plan, read_list(name, content, ACCOUNTS, PEOPLE)))
    known = _Known(by, [line["user_name"] for line in lines])
    for line in lines:
        _account(line, known)
    for line in lines:
        _supervisor(line, known)
    return plan


def import_people(name, content, *, by, seal):
    """Open every account of a file that was checked and shown, or none. Returns the Plan."""
    try:
        with transaction.atomic():
            hold_agency(by.agency_id, by=by)
            plan = checked(name, content, by=by)
            if not plan.is_sealed_by(seal):
                raise NotNow(CHANGED)
            if plan.wrong:
                raise NotNow("Nothing was imported: put right what is wrong first.")
            if not plan.counts:
                raise NotNow("There is nothing new in it: everybody is on record already.")
            _store(plan, by)
            return plan
    except IntegrityError as broken:
        raise NotNow(CHANGED) from broken


def _store(plan, by):
    accounts, lines = plan.new["accounts"], plan.new["lines"]
    User.objects.bulk_create(accounts)
    Line.objects.bulk_create(lines)
    supervisors = {line.person_id: line.supervisor_id for line in lines}
    told = [
        entry(
            "person.add",
            {"role": person.role, "supervisor": supervisors.get(person.pk)},
            by=by,
            subject=f"person {person.pk}",
        )
        for person in accounts
    ]
    whole = {"sha256": plan.sha256, **plan.counts}
    append(by.agency_id, [*told, entry("people.import", whole, by=by, subject="people")])


class _Known:
    """Everybody of the agency by user name; of other agencies only that a name is taken."""

    def __init__(self, by, names):
        own = User.objects.of_agency(by.agency_id)
        self.agency = by.agency
        self.own = {person.username: person for person in own}
        wanted = {name.casefold() for name in names}
        self.taken = {
            name.casefold()
            for name in User.objects.values_list("username", flat=True)
            if name.casefold() in wanted
        }
        lines = Line.objects.filter(in_force(today()), person__in=own).select_related("supervisor")
        self.supervisors = {line.person_id: line.supervisor for line in lines}
        self.pairs = set()  # (person, supervisor), of this file


def _account(line, known):
    name = line["user_name"]
    person = User(
        username=name, agency=known.agency, must_change_password=True, **line.values("name", "email", "role")
    )
    person.set_unusable_password()
    line.clean(person, {"username": "user_name"})
    there = known.own.get(name)
    if there is None and name.casefold() in known.taken:
        line.say("user_name", "This user name is taken. Choose another one.")
    elif there is not None and there.pk is None:
        line.say("user_name", "This user name is in the file twice.")
    if line.meet("accounts", there, person, OF_PERSON) is person:
        known.own[name] = person
        known.taken.add(name.casefold())


def _supervisor(line, known):
    person, name = known.own.get(line["user_name"]), line["supervisor"]
    if person is None or not line.fine:
        return
    if person.pk is not None:
        now = known.supervisors.get(person.pk)
        if name and (now is None or now.username != name):
            line.say("supervisor", OTHERWISE.format(f"“{now.username}”" if now else "nobody"))
        return
    if not name:
        wanted = person.role == Role.CLINICIAN
        line.say(
            "supervisor", "A clinician has a supervisor, who reviews what they submit." if wanted else ""
        )
        return
    supervisor = known.own.get(name)
    if person.role == Role.ADMINISTRATOR:
        line.say("supervisor", "An administrator has no supervisor here.")
    elif supervisor is None or not supervisor.is_active or supervisor.role != Role.SUPERVISOR:
        line.say("supervisor", "No active supervisor of your agency has this user name.")
    elif supervisor is person or (name, person.username) in known.pairs:
        line.say("supervisor", "Nobody supervises themselves, and no two people each other.")
    if line.fine:
        known.pairs.add((person.username, name))
        line.lines.plan.new["lines"].append(Line(person=person, supervisor=supervisor, starts=today()))
