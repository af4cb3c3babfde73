"""Break-glass: four hours of reading in a case of one's agency, told to those who answer for it."""

import textwrap

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from audit.actions import record
from cases.grants import grant_for
from cases.models import LASTS, Assignment, Case, CaseEvent, EmergencyAccess, EmergencyNotice
from cases.permissions import check_can_open_in_emergency
from staff.dates import in_force, today
from staff.models import Line, Role, User
from staff.refusals import NotNow

from .holding import hold, keep, one_act, refuse, tell

A_SENTENCE = 20  # characters; “Help” is no reason that anybody could judge afterwards


@one_act
def open_in_emergency(*, by, number, reason):
    """Let this person read a case of their agency for four hours from now. Returns the access."""
    check_can_open_in_emergency(by)
    case = Case.objects.filter(agency=by.agency_id, number=number).first()
    refuse(
        number="" if case else "Your agency has no case with this number.",
        reason="" if _is_sentence(reason) else "Say in a sentence what happened and why it cannot wait.",
    )
    case = hold(case)
    if case.agency_id != by.agency_id:
        refuse(number="Your agency has no case with this number.")
    if grant := grant_for(by, case):
        raise NotNow(_open_already(grant))
    now = timezone.now()
    access = keep(EmergencyAccess(case=case, person=by, reason=reason, starts_at=now, ends_at=now + LASTS))
    told = people_to_tell(access)
    EmergencyNotice.objects.bulk_create(EmergencyNotice(access=access, person=person) for person in told)
    tell(
        case,
        CaseEvent.Kind.EMERGENCY,
        f"Opened in an emergency by {by}, to read, until {moment(access.ends_at)}.",
        by=by,
        reason=reason,
        about=access,
        until=access.ends_at,
        told=[person.pk for person in told],
    )
    return access


@one_act
def end_emergency(access, *, by):
    """Give it back before the four hours are over."""
    if access.person_id != by.pk:
        raise PermissionDenied("Only the person who opened the case in an emergency gives that back.")
    case = hold(access.case)
    now = timezone.now()
    if not EmergencyAccess.objects.current(now).filter(pk=access.pk).update(ends_at=now):
        raise NotNow("This access is over already.")
    access.refresh_from_db()
    tell(case, CaseEvent.Kind.EMERGENCY_ENDED, f"Emergency access of {by} given back.", by=by, about=access)
    return access


@transaction.atomic
def acknowledge(notice, *, by):
    """Say that one has read of somebody's emergency access; it then leaves one's home page."""
    if notice.person_id != by.pk:
        raise PermissionDenied("A notice is acknowledged by the person it was sent to.")
    unread = EmergencyNotice.objects.filter(pk=notice.pk, acknowledged_at__isnull=True)
    if not unread.update(acknowledged_at=timezone.now()):
        raise NotNow("You have acknowledged this notice already.")
    access = notice.access
    record(
        "case.emergency.acknowledge",
        by=by,
        case=access.case,
        subject=f"{access._meta.verbose_name} {access.pk}",
    )


def people_to_tell(access):
    """The agency's administrators, the supervisors in whose line the case is carried or who carry it
    themselves, and the person's own supervisor; not the person."""
    on = today()
    carrying = Assignment.objects.current(on).carrying().filter(case=access.case_id).values("person")
    lines = Line.objects.filter(in_force(on)).filter(Q(person__in=carrying) | Q(person=access.person_id))
    answerable = (
        Q(role=Role.ADMINISTRATOR)
        | Q(role=Role.SUPERVISOR, pk__in=lines.values("supervisor"))
        | Q(role=Role.SUPERVISOR, pk__in=carrying)
    )
    people = User.objects.active().of_agency(access.case.agency_id).filter(answerable)
    return list(people.exclude(pk=access.person_id))


def moment(at):
    """3:40 p.m. on Mon 3 Mar 2025, in the agencies' own time."""
    local = timezone.localtime(at)
    half = "a.m." if local.hour < 12 else "p.m."
    return f"{local.hour % 12 or 12}:{local:%M} {half} on {local:%a} {local.day} {local:%b %Y}"


def _is_sentence(reason):
    return len(textwrap.shorten(reason, 400, placeholder="")) >= A_SENTENCE and len(reason.split()) > 2


def _open_already(grant):
    if grant.startswith("emergency"):
        return "You have this case open in an emergency already; find it among your cases."
    return "You have regular access to this case; find it among your cases. Nobody was notified."
