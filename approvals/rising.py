"""What waits too long for one supervisor rises to their named backup (docs/adr/0011). It is the standing
order of whoever named the backup, carried out by a command: a reroute like any other, with its step, its
grant and its record."""

from django.db.models import Exists, OuterRef, Subquery

from cans.models import Assessment
from staff.dates import in_force, today
from staff.models import Backup

from .actions import rise
from .models import Step
from .waiting import too_long


def raise_waiting(on=None):
    """Reroute every CANS that has been with its reviewer for more than `review_days`, where a backup is
    named who may decide it. Returns how many. Safe to run twice: what rose is with its new reviewer since
    today."""
    on = on or today()
    orders = Backup.objects.filter(in_force(on)).select_related("supervisor", "backup", "named_by")
    return sum(rise(one, order=order) for order in orders for one in _due_to_rise(order, on))


def _due_to_rise(order, on):
    """Not to somebody who had it before since it was submitted, or it would go in circles."""
    steps = Step.objects.filter(assessment=OuterRef("pk"), at__gte=OuterRef("submitted_at"))
    came = steps.filter(to_reviewer=order.supervisor).order_by("-pk")
    return (
        Assessment.objects.submitted()
        .filter(reviewer=order.supervisor)
        .filter(~Exists(steps.filter(to_reviewer=order.backup)))
        .annotate(came=Subquery(came.values("at")[:1]))
        .filter(came__lt=too_long(on))
        .select_related("case", "reviewer")
        .order_by("pk")
    )
