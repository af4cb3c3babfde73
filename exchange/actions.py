"""The import itself: all of a file or nothing of it, in one transaction, told in one audit event.

Each verb is a generator of Progress: whoever hears it decides how it is told. Whoever stops listening closes
it, and what was stored until then is rolled back.
"""

import hashlib
from dataclasses import dataclass

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from audit.actions import record
from cases.actions.holding import FASTER
from cases.models import Case
from staff.models import Role
from staff.refusals import NotNow

from .arrival import is_document, tables_of
from .checking import check
from .reading import IN_BROWSER, Unreadable, reading
from .writing import write

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
    record("case.import", by=by, subject="import of cases", sha256=plan.sha256, **plan.counts)


def _hold(cases):
    """Acts on one case queue up behind its row; one that changed since it was read is not added to."""
    for case in sorted(cases, key=lambda row: row.pk):
        held = Case.objects.select_for_update(no_key=True, of=("self",)).get(pk=case.pk)
        if held.version != case.version:
            raise NotNow(FASTER)
