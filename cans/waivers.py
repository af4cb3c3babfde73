"""A coordinator's dispensation from one due date, and its withdrawal; both kept, and reported apart."""

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from audit.actions import record
from cases.models import Case, CaseEvent
from staff.dates import today
from staff.models import Role
from staff.refusals import NotNow

from . import due, obligations
from .days import written
from .models import Obligation, Waiver

SETTLED = {
    due.Status.MET: "The CANS for this due date is approved, so there is nothing to waive.",
    due.Status.CANCELLED: "This due date was cancelled, so there is nothing to waive.",
    due.Status.WAIVED: "This due date is already waived.",
}


def check_can_waive(user, obligation):
    """Raise PermissionDenied (who) or NotNow (when) unless this person may waive this due date."""
    _check_coordinates(user, obligation)
    if why := SETTLED.get(obligation.status()):
        raise NotNow(why)


def check_can_withdraw(user, obligation):
    """Raise PermissionDenied (who) or NotNow (when) unless they may withdraw the waiver of this due date."""
    _check_coordinates(user, obligation)
    if obligation.waiver_id is None:
        raise NotNow("This due date is not waived, so there is nothing to withdraw.")


def _check_coordinates(user, obligation):
    if (
        user.role != Role.COORDINATOR
        or not Case.objects.visible_to(user).filter(pk=obligation.case_id).exists()
    ):
        raise PermissionDenied("Only a coordinator of the case's region waives a due date.")
    if obligation.superseded_at is not None:
        raise NotNow("This due date has changed since you opened it. Look at it as it is now.")


def _held(obligation):
    """As it is now. The case is the lock that obligations.refresh takes too: no other act moves this row
    meanwhile."""
    Case.objects.select_for_update(no_key=True).get(pk=obligation.case_id)
    return Obligation.objects.get(pk=obligation.pk)


@transaction.atomic
def waive(obligation, *, by, reason, note=""):
    """Release the child's workers from this due date, for a reason that is kept. Returns the waiver."""
    now = _held(obligation)
    check_can_waive(by, now)
    waiver = Waiver.objects.create(
        episode_id=now.episode_id, child_id=now.child_id, source=now.source, reason=reason, note=note, by=by
    )
    obligations.refresh(now.case, by=by, because=f"Waived: {waiver.get_reason_display()}")
    said = f"{_named(now)} waived: {waiver.get_reason_display()}."
    _tell(CaseEvent.Kind.WAIVED, now, by, said, note)
    _record("obligation.waive", now, by, waiver, reason=reason)
    return waiver


@transaction.atomic
def withdraw(obligation, *, by, because):
    """Owe this due date again, as if it had never been waived; the waiver is kept with who withdrew it and
    why. Returns the waiver."""
    now = _held(obligation)
    check_can_withdraw(by, now)
    waiver = now.waiver
    waiver.withdrawn_by, waiver.withdrawn_at, waiver.withdrawn_because = by, timezone.now(), because
    waiver.save(update_fields=["withdrawn_by", "withdrawn_at", "withdrawn_because"])
    obligations.refresh(now.case, by=by, because="Waiver withdrawn")
    _tell(CaseEvent.Kind.UNWAIVED, now, by, f"{_named(now)} is owed again: its waiver is withdrawn.", because)
    _record("obligation.unwaive", now, by, waiver)
    return waiver


def _named(obligation):
    kind = obligation.get_kind_display().capitalize()
    return f"{kind} CANS of {obligation.child} due {written(obligation.due)}"


def _tell(kind, obligation, by, sentence, reason):
    story = {"kind": kind, "on": today(), "sentence": sentence, "reason": reason}
    CaseEvent.objects.create(case=obligation.case, by=by, **story)


def _record(action, obligation, by, waiver, **detail):
    record(
        action,
        by=by,
        case=obligation.case,
        subject=f"obligation {obligation.pk}",
        waiver=waiver.pk,
        source=obligation.source,
        due=obligation.due.isoformat(),
        **detail,
    )
