"""A coordinator's dispensation from one due date; kept, and reported apart."""

from django.core.exceptions import PermissionDenied
from django.db import transaction

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
    if (
        user.role != Role.COORDINATOR
        or not Case.objects.visible_to(user).filter(pk=obligation.case_id).exists()
    ):
        raise PermissionDenied("Only a coordinator of the case's region waives a due date.")
    if obligation.superseded_at is not None:
        raise NotNow("This due date has changed since you opened it. Look at it as it is now.")
    if why := SETTLED.get(obligation.status()):
        raise NotNow(why)


@transaction.atomic
def waive(obligation, *, by, reason, note=""):
    """Release the child's workers from this due date, for a reason that is kept. Returns the waiver."""
    # The case is the lock that obligations.refresh takes too: no other act moves this row meanwhile.
    Case.objects.select_for_update(no_key=True).get(pk=obligation.case_id)
    now = Obligation.objects.get(pk=obligation.pk)
    check_can_waive(by, now)
    waiver = Waiver.objects.create(
        episode_id=now.episode_id, child_id=now.child_id, source=now.source, reason=reason, note=note, by=by
    )
    obligations.refresh(now.case, by=by, because=f"Waived: {waiver.get_reason_display()}")
    CaseEvent.objects.create(
        case=now.case,
        kind=CaseEvent.Kind.WAIVED,
        on=today(),
        sentence=f"{now.get_kind_display().capitalize()} CANS of {now.child} due {written(now.due)} waived: "
        f"{waiver.get_reason_display()}.",
        reason=note,
        by=by,
    )
    record(
        "obligation.waive",
        by=by,
        case=now.case,
        subject=f"obligation {now.pk}",
        waiver=waiver.pk,
        source=now.source,
        due=now.due.isoformat(),
        reason=reason,
    )
    return waiver
