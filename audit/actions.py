"""The only writers of the record. An act is written in its own transaction: no record, no act."""

from dataclasses import dataclass
from types import SimpleNamespace

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from . import anchors
from .chain import OF_EVENT, OF_READING, event_mac, newest, reading_mac, stored_form
from .models import Chain, Event, Reading
from .statements import Given, Insert, Question

PROGRAM = 0  # the chain of what belongs to no agency
SYSTEM, NOBODY = "the system", "nobody signed in"

# Every page of a record waits for the first, every act for all the others.
_INSERT_READING = Insert(Reading, *OF_READING, "mac")
_INSERT_EVENT = Insert(Event, *OF_EVENT, "previous", "mac")
_HEAD = Question(
    lambda: Chain.objects.select_for_update().filter(number=Given("number")).values_list("seq", "mac")
)
_MOVE_ON = "UPDATE audit_chain SET seq = %s, mac = %s WHERE number = %s"


@dataclass
class Head:
    """Of a chain that this transaction holds: the number and the mac of its last event."""

    number: int
    seq: int
    mac: str


def record(action, *, by, subject, case=None, kind=Event.Kind.ACT, **detail):
    """Write down an act inside the transaction of the act: no record, no act.

    `by` is None for what a command did by itself. `detail` must not hold a child's data:
    numbers, dates, field names and reasons only.
    """
    chain = (case.agency_id if case else by and by.agency_id) or PROGRAM
    return append(chain, [entry(action, detail, by=by, subject=subject, case=case, kind=kind)])[0]


def record_denial(action, *, by, subject, agency=None, case=None, **detail):
    """Write down a refusal, in a transaction of its own. `by` is None where nobody is signed in.

    It stands in the chain of whoever was refused; of somebody without an agency in that of the `case`.
    """
    own = by.agency_id if by else agency
    chain = own or (case.agency_id if case else PROGRAM)
    row = entry(action, detail, by=by, subject=subject, case=case, kind=Event.Kind.DENIAL)
    if by is None:
        row["actor_label"] = NOBODY
    with transaction.atomic():
        return append(chain, [row])[0]


def record_reading(page, *, by, case, grant, children=()):
    """Write down that a person opened a record, before the answer goes out.

    It takes no place in the chain yet, so that reading does not queue behind reading.
    """
    return record_readings(page, by=by, opened=[(case, grant, children)])[0]


def record_readings(page, *, by, opened):
    """The same of many records that one page or file shows: (case, grant, children) each. A row a case, so
    that whoever looks who opened a record finds it there, and many rows in one statement."""
    now = timezone.now()
    rows = [_reading(page, by, now, *one) for one in opened]
    numbers = _INSERT_READING.rows(*rows)
    for number, row in zip(numbers, rows, strict=True):
        anchors.after_commit("reading", row["chain"], number, row["mac"])
    return [Reading(pk=number, **row) for number, row in zip(numbers, rows, strict=True)]


def _reading(page, by, at, case, grant, children):
    row = {
        "chain": (case.agency_id if case else by.agency_id) or PROGRAM,
        "at": at,
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
    return row


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
    """Add these to the end of a chain, which is held until the transaction ends: so without a gap.

    Returns them as they are stored; a model's object of each would cost half as much as storing it.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("An act and its audit event belong in one transaction.")
    (head,) = hold_chains(chain)
    events = [_next(head, row) for row in rows]
    numbers = _INSERT_EVENT.rows(*events)
    with connection.cursor() as cursor:
        cursor.execute(_MOVE_ON, [head.seq, head.mac, chain])
    anchors.after_commit("event", chain, head.seq, head.mac)
    return [SimpleNamespace(pk=number, **event) for number, event in zip(numbers, events, strict=True)]


def hold_chains(*chains):
    """Take the heads of these chains until the transaction ends, in the same order everywhere.

    An act that is written into several chains takes them all before it writes into the first, or
    two such acts could wait for each other.
    """
    return [_hold(number) for number in sorted(set(chains))]


def _hold(number):
    held = _HEAD.first(number=number)
    if held is None:
        Chain.objects.bulk_create([Chain(number=number)], ignore_conflicts=True)
        held = _HEAD.first(number=number)
    return Head(number, *held)


def _next(head, row):
    row = row | {"chain": head.number, "seq": head.seq + 1, "key_id": newest(settings.AUDIT_KEYS)}
    event = row | {"previous": head.mac, "mac": event_mac(_key(row), head.mac, row)}
    head.seq, head.mac = event["seq"], event["mac"]
    return event


def _key(row):
    return settings.AUDIT_KEYS[row["key_id"]]
