"""The only writers of the record. An act is written in its own transaction: no record, no act."""

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from . import anchors
from .chain import event_mac, newest, reading_mac, stored_form
from .models import Chain, Event, Reading

PROGRAM = 0  # the chain of what belongs to no agency
SYSTEM, NOBODY = "the system", "nobody signed in"


def record(action, *, by, subject, case=None, kind=Event.Kind.ACT, **detail):
    """Write down an act inside the transaction of the act: no record, no act.

    `by` is None for what a command did by itself. `detail` must not hold a child's data:
    numbers, dates, field names and reasons only.
    """
    chain = (case.agency_id if case else by and by.agency_id) or PROGRAM
    return append(chain, [entry(action, detail, by=by, subject=subject, case=case, kind=kind)])[0]


def record_denial(action, *, by, subject, agency=None, **detail):
    """Write down a refusal, in a transaction of its own. `by` is None where nobody is signed in."""
    chain = (by.agency_id if by else agency) or PROGRAM
    row = entry(action, detail, by=by, subject=subject, kind=Event.Kind.DENIAL)
    if by is None:
        row["actor_label"] = NOBODY
    with transaction.atomic():
        return append(chain, [row])[0]


def record_reading(page, *, by, case, grant, children=()):
    """Write down that a person opened a record, before the answer goes out.

    It takes no place in the chain yet, so that reading does not queue behind reading.
    """
    row = {
        "chain": (case.agency_id if case else by.agency_id) or PROGRAM,
        "at": timezone.now(),
        "page": page,
        "reader_number": by.pk,
        "reader_label": str(by)[:150],
        "agency_number": by.agency_id,
        "case_number": case.pk if case else None,
        "children": list(children),
        "grant": grant,
        "key_id": newest(settings.AUDIT_KEYS),
    }
    row["mac"] = reading_mac(_key(row), row)
    number = _store_reading(row)
    anchors.after_commit("reading", row["chain"], number, row["mac"])
    return Reading(pk=number, **row)


def _store_reading(row):
    """Every page of a record waits for this statement, so it is written out: a third of `create`."""
    fields = [field for field in Reading._meta.concrete_fields if field.name in row]
    columns = ", ".join(connection.ops.quote_name(field.column) for field in fields)
    values = [field.get_db_prep_save(row[field.name], connection) for field in fields]
    marks = ", ".join(["%s"] * len(fields))
    with connection.cursor() as cursor:
        # Only names of our own columns are put into the text.
        cursor.execute(f"INSERT INTO audit_reading ({columns}) VALUES ({marks}) RETURNING id", values)  # noqa: S608
        return cursor.fetchone()[0]


def entry(action, detail, *, by, subject, case=None, kind=Event.Kind.ACT, at=None):
    """One row to append, as the columns hold it."""
    return {
        "at": at or timezone.now(),
        "kind": str(kind),
        "action": action,
        "actor_number": by.pk if by else None,
        "actor_label": str(by)[:150] if by else SYSTEM,
        "agency_number": by.agency_id if by else None,
        "case_number": case.pk if case else None,
        "subject": subject[:160],
        "detail": stored_form(detail),
    }


def append(chain, rows):
    """Add these to the end of a chain, which is held until the transaction ends: so without a gap."""
    if not connection.in_atomic_block:
        raise RuntimeError("An act and its audit event belong in one transaction.")
    (head,) = hold_chains(chain)
    events = [_next(head, row) for row in rows]
    Event.objects.bulk_create(events, batch_size=500)
    head.save(update_fields=["seq", "mac"])
    anchors.after_commit("event", chain, head.seq, head.mac)
    return events


def hold_chains(*chains):
    """Take the heads of these chains until the transaction ends, in the same order everywhere.

    An act that is written into several chains takes them all before it writes into the first, or
    two such acts could wait for each other.
    """
    held = Chain.objects.select_for_update()
    return [held.get_or_create(number=number)[0] for number in sorted(set(chains))]


def _next(head, row):
    row = row | {"chain": head.number, "seq": head.seq + 1, "key_id": newest(settings.AUDIT_KEYS)}
    mac = event_mac(_key(row), head.mac, row)
    event = Event(**row, previous=head.mac, mac=mac)
    head.seq, head.mac = event.seq, mac
    return event


def _key(row):
    return settings.AUDIT_KEYS[row["key_id"]]
