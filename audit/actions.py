from django.db import connection

from .models import Event, Reading


def record(action, *, by, subject, case=None, kind=Event.Kind.ACT, **detail):
    """Write down an act inside the transaction of the act: no record, no act.

    `by` is None for what a command did by itself. `detail` must not hold a child's data:
    numbers, dates, field names and reasons only.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("An act and its audit event belong in one transaction.")
    return Event.objects.create(
        action=action,
        kind=kind,
        actor_number=by.pk if by else None,
        actor_label=str(by) if by else "the system",
        agency_number=by.agency_id if by else None,
        case_number=case.pk if case else None,
        subject=subject,
        detail=detail,
    )


def record_reading(page, *, by, case, grant, children=()):
    """Write down that a person opened a record, before the answer goes out."""
    return Reading.objects.create(
        page=page,
        reader_number=by.pk,
        reader_label=str(by),
        agency_number=by.agency_id,
        case_number=case.pk,
        children=list(children),
        grant=grant,
    )
