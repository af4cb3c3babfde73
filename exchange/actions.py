"""The import itself: all of a file or nothing of it, in one transaction. The record tells of the file, and
of each case that it brought or added to.

Each verb is a generator of Progress: whoever hears it decides how it is told. Whoever stops listening closes
it, and what was stored until then is rolled back.
"""

import hashlib
from dataclasses import dataclass

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from audit.actions import PROGRAM, append, entry, hold_chains, record
from cases.actions.holding import FASTER
from cases.models import Case
from staff.models import Role
from staff.refusals import NotNow

from .arrival import is_document, tables_of
from .checking import check
from .checking.plan import grouped
from .progress import Progress
from .reading import IN_BROWSER, Unreadable, reading
from .writing import AT_ONCE, write

MOST_HIDDEN = 5  # numbers of others that one mistyped file may name
PROBING = (
    f"More than {MOST_HIDDEN} numbers in this file exist already, where you cannot see them. It was not "
    "checked, and that is on record: ask the coordinators of the other regions which cases are theirs."
)
CHANGED = "This is not what was checked, or something changed since. Look at it again."


@dataclass(frozen=True)
class Sent:
    """What was sent, as tables by sheet; of a case that came as a document also what is left out of it."""

    tables: dict
    sha256: str
    left_out: list
    receiver: object = None


def opened(files, *, receiver=None, limits=IN_BROWSER):
    """What these files hold, (name, content) each. Raises Unreadable.

    The `receiver` is the supervisor who gets a case that comes as a document.
    """
    tables, left_out, received = {}, [], None
    for name, content in files:
        if is_document(name, content):
            found, left_out = tables_of(content, receiver, limits)
            received = receiver
        else:
            found = yield from reading(name, content, limits)
        if both := sorted(found.keys() & tables.keys()):
            raise Unreadable(f"There are two sheets of {both[0]}: put them into one file.")
        tables |= found
    sha256 = hashlib.sha256(b"".join(content for _, content in files)).hexdigest()
    return Sent(tables, sha256, left_out, received)


def checking(sent, *, by):
    """The Plan of what was sent, for this coordinator."""
    if not by.is_active or by.role != Role.COORDINATOR:
        raise PermissionDenied("Only coordinators import cases.")
    plan = yield from check(sent.tables, by=by)
    plan.left_out, plan.receiver, plan.sha256 = sent.left_out, sent.receiver, sent.sha256
    return plan


def looking(sent, *, by):
    """The Plan, to be shown. That somebody looked is on record: it tells which numbers are taken, also in
    regions that are not theirs. Raises Unreadable for a file that asks for many of these."""
    plan = yield from checking(sent, by=by)
    rows = sum(len(table.rows) for table in sent.tables.values())
    with transaction.atomic():
        record(
            "case.import_check",
            by=by,
            subject="import of cases",
            sha256=plan.sha256,
            rows=rows,
            hidden=plan.hidden,
        )
    if plan.hidden > MOST_HIDDEN:
        raise Unreadable(PROBING)
    return plan


def importing(sent, *, by, seal=None):
    """Store what is new in it. With a `seal`, only what was shown under it. Returns the Plan."""
    try:
        with transaction.atomic():
            plan = yield from checking(sent, by=by)
            if seal is not None and not plan.is_sealed_by(seal):
                raise NotNow(CHANGED)
            yield from _storing(plan, by=by)
            return plan
    except IntegrityError as broken:
        raise NotNow(FASTER) from broken


def _storing(plan, *, by):
    if plan.wrong:
        raise NotNow("Nothing was imported: put right what is wrong first.")
    if not plan.counts:
        raise NotNow("There is nothing new in it: everything is on record already.")
    _hold(plan.touched.values())
    yield from write(plan, by=by)
    yield from _telling(plan, by)
    record("case.import", by=by, subject="import of cases", sha256=plan.sha256, **plan.counts)


def _telling(plan, by):
    """In the chain of each agency: its cases that came or were added to, with their CANS, and who is kept by
    name only."""
    cans = grouped(plan.new["cans"], lambda one: one.row.case_id)
    people = grouped(plan.new["people"], lambda person: person.agency_id)
    cases = grouped([*plan.new["cases"], *plan.touched.values()], lambda case: case.agency_id)
    hold_chains(PROGRAM, *cases)
    for agency, own in sorted(cases.items()):
        told = [_account(person, plan, by) for person in people[agency]]
        told += [_arrived(case, cans[case.pk], plan, by) for case in own]
        for start in range(0, len(told), AT_ONCE):
            append(agency, told[start : start + AT_ONCE])
            yield Progress("Writing the record", min(start + AT_ONCE, len(told)), len(told))


def _arrived(case, cans, plan, by):
    detail = {"sha256": plan.sha256, "cans": [one.row.pk for one in cans]}
    return entry("case.imported", detail, by=by, subject=f"case {case.pk}", case=case)


def _account(person, plan, by):
    detail = {"role": person.role, "sha256": plan.sha256}
    return entry("person.add", detail, by=by, subject=f"person {person.pk}")


def _hold(cases):
    """Acts on one case queue up behind its row; one that changed since it was read is not added to."""
    for case in sorted(cases, key=lambda row: row.pk):
        held = Case.objects.select_for_update(no_key=True, of=("self",)).get(pk=case.pk)
        if held.version != case.version:
            raise NotNow(FASTER)
