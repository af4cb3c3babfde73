"""Whose opening is not on record in time: each child of an episode without an initial CANS that was first
submitted by its due date."""

from django.db.models import F, Q

from cans import due
from cans.models import Obligation
from staff.dates import today

from .counting import Scale
from .overdue import worker_on
from .timeliness import FACETS_OF_MONTHS, GROUPS_OF_MONTHS, Column, Outcome

NOT_BY_MONTH = {
    key: column for key, column in FACETS_OF_MONTHS.items() if key not in ("month", "kind", "approved")
}
WITHOUT = Scale("outcome", (Column(Outcome.LATE), Column(Outcome.MISSING)), NOT_BY_MONTH)
GROUPS = tuple(group for group in GROUPS_OF_MONTHS if group[0][0] != "Approved")


def without_opening(user, first, last, on=None):
    """What this person may see of it, of the episodes opened from `first` through `last`. What is waived,
    cancelled or still to come is not among it."""
    on = on or today()
    late = Q(submitted_on__gt=F("due")) | Q(submitted_on__isnull=True, due__lt=on)
    return (
        Obligation.objects.visible_to(user)
        .known_on(on)
        .filter(late, kind=due.Kind.INITIAL, cancelled=False, waiver__isnull=True)
        .filter(opened__range=(first, last))
        .annotate(worker=worker_on(on))
    )
