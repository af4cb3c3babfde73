import datetime

from django.db import transaction
from django.db.models import Q

from audit.actions import record
from staff.dates import in_force, today
from staff.models import Line, User
from staff.policy import WORKERS
from staff.refusals import NotNow

from .keeping import hold_person


@transaction.atomic
def set_line(person, *, supervisor, starts, seen, by):
    """Say who supervises somebody from a day on; the line before ends the day before. Returns it.

    `seen` are the numbers of the lines that the page showed: of two who set it at once, one is told.
    """
    held = hold_person(person, by=by)
    lines = Line.objects.filter(person=held)
    if seen != lines_seen(held):
        raise NotNow("Somebody else changed who supervises this person a moment ago. Look again.")
    check_supervisor(held, supervisor, starts)
    if _would_change_nothing(lines, supervisor, starts):
        raise NotNow(f"{supervisor} supervises {held} that day already.")
    called_off = _end_before(lines, starts)
    line = Line.objects.create(person=held, supervisor=supervisor, starts=starts)
    record(
        "person.line",
        by=by,
        subject=f"person {held.pk}",
        supervisor=supervisor.pk,
        starts=starts.isoformat(),
        called_off=called_off,
    )
    return line


def check_supervisor(person, supervisor, starts):
    """Raise a sentence unless this supervisor may lead this person from that day on."""
    if starts < today():
        raise NotNow("A line begins today or later; it cannot reach back.")
    if person.role not in WORKERS:
        raise NotNow("Only clinicians and supervisors have a supervisor.")
    if not possible_supervisors(person).filter(pk=supervisor.pk).exists():
        raise NotNow(f"Choose another active supervisor of the agency to supervise {person}.")
    after = Q(ends__isnull=True) | Q(ends__gte=starts)
    if Line.objects.filter(after, person=supervisor, supervisor=person).exists():
        raise NotNow(f"{person} supervises {supervisor}: two people cannot supervise each other.")


def possible_supervisors(person):
    """Active supervisors of the same agency, but not oneself."""
    return User.objects.supervisors().of_agency(person.agency_id).exclude(pk=person.pk)


def lines_seen(person):
    """The lines a page shows, as it names them when its form comes back."""
    rows = Line.objects.filter(person=person).order_by("pk").values_list("pk", "ends")
    return " ".join(f"{pk}:{ends or ''}" for pk, ends in rows)


def end_lines(lines, starts):
    """Nobody is supervised from that day on: see `set_line` for what happens to each."""
    return _end_before(lines, starts)


def _would_change_nothing(lines, supervisor, starts):
    after = lines.filter(Q(ends__isnull=True) | Q(ends__gte=starts))
    only = after.get() if after.count() == 1 else None
    return bool(only) and only.ends is None and only.starts <= starts and only.supervisor_id == supervisor.pk


def _end_before(lines, starts):
    """End what is in force the day before; call off what would begin later. Returns what was called off.

    A line that never was in force before that day leaves no day behind, so it goes; the record keeps it.
    """
    later = lines.filter(starts__gte=starts)
    called_off = [[row.supervisor_id, row.starts.isoformat()] for row in later]
    later.delete()
    lines.filter(in_force(starts)).update(ends=starts - datetime.timedelta(days=1))
    return called_off
