"""The import itself: all of a file or nothing of it, in one transaction, told in one audit event."""

import hashlib

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from audit.actions import record
from cases.actions.holding import FASTER
from cases.models import Case
from staff.models import Role
from staff.refusals import NotNow

from .arrival import is_document, tables_of
from .checking import check
from .reading import IN_BROWSER, Unreadable, read
from .writing import write

CHANGED = "This is not what was checked, or something changed since. Look at it again."


def checked(files, *, by, receiver=None, limits=IN_BROWSER):
    """The Plan of these files, (name, content) each, for this coordinator. Raises Unreadable.

    The `receiver` is the supervisor who gets a case that comes as a document.
    """
    if not by.is_active or by.role != Role.COORDINATOR:
        raise PermissionDenied("Only coordinators import cases.")
    tables, left_out, received = {}, [], None
    for name, content in files:
        if is_document(name, content):
            found, left_out = tables_of(content, receiver, limits)
            received = receiver
        else:
            found = read(name, content, limits)
        if both := sorted(found.keys() & tables.keys()):
            raise Unreadable(f"There are two sheets of {both[0]}: put them into one file.")
        tables |= found
    plan = check(tables, by=by)
    plan.left_out, plan.receiver = left_out, received
    plan.sha256 = hashlib.sha256(b"".join(content for _, content in files)).hexdigest()
    return plan


def import_cases(files, *, by, receiver=None, seal=None, limits=IN_BROWSER, tell=None):
    """Store what is new in the files. With a `seal`, only what was shown under it. Returns the Plan."""
    try:
        with transaction.atomic():
            plan = checked(files, by=by, receiver=receiver, limits=limits)
            if seal is not None and not plan.is_sealed_by(seal):
                raise NotNow(CHANGED)
            store(plan, by=by, tell=tell)
            return plan
    except IntegrityError as broken:
        raise NotNow(FASTER) from broken


@transaction.atomic
def store(plan, *, by, tell=None):
    if plan.wrong:
        raise NotNow("Nothing was imported: put right what is wrong first.")
    if not plan.counts:
        raise NotNow("There is nothing new in it: everything is on record already.")
    _hold(plan.touched.values())
    write(plan, by=by, tell=tell)
    record("case.import", by=by, subject="import of cases", sha256=plan.sha256, **plan.counts)


def _hold(cases):
    """Acts on one case queue up behind its row; one that changed since it was read is not added to."""
    for case in sorted(cases, key=lambda row: row.pk):
        held = Case.objects.select_for_update(no_key=True, of=("self",)).get(pk=case.pk)
        if held.version != case.version:
            raise NotNow(FASTER)
