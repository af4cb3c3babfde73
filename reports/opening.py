"""Whose opening is not on record in time: each child of an episode without an initial CANS that was first
submitted by its due date; and the episodes that have no child on record to be assessed."""

import datetime
from dataclasses import dataclass

from django.db.models import DateField, Exists, F, OuterRef, Q
from django.db.models.functions import Cast

from cans import due
from cans.models import Obligation
from cases.models import CaseEvent, Episode, may_open
from staff.dates import end_of, today, written
from staff.models import User

from .counting import BANDS, OF_CASE, Scale, names
from .overdue import worker_on
from .rows import NUMBERS, with_supervisors
from .timeliness import FACETS_OF_MONTHS, GROUPS_OF_MONTHS, Column, Outcome

NOT_BY_MONTH = {
    key: column for key, column in FACETS_OF_MONTHS.items() if key not in ("month", "kind", "approved")
}
WITHOUT = Scale(
    "outcome",
    (Column(Outcome.LATE), Column(Outcome.MISSING)),
    NOT_BY_MONTH,
    beside=("child_id", "episode_id"),
)
# Nothing that is approved, and nothing that is waived.
GROUPS = tuple(
    tuple(column for column in group if column[0] != "Waived")
    for group in GROUPS_OF_MONTHS
    if group[0][0] != "Approved"
)
THIRTY_DAYS = datetime.timedelta(days=due.INITIAL_DAYS)


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


CHILDLESS = Scale("age", BANDS, OF_CASE)
CHILDLESS_GROUPS = (
    (("Case", "case_label", "case"),),
    (("Opened", "opened", "opened"),),
    (("Due", "due", None), ("Rule", "rule", None)),
    (("Days late", "late", None),),
    (("Clinician", "clinician", None), ("Supervisor", "supervisor", None)),
    (("Agency", "agency", "agency"), ("Region", "region", None)),
)
CHILDLESS_NUMBERS = tuple(column for column in NUMBERS if column[1] != "child_number")
CHILDLESS_ORDERS = {
    "opened": ["opened", "pk"],
    "case": ["case__name", "case_id", "opened", "pk"],
    "agency": ["case__agency__name", "opened", "pk"],
}


def without_child(user, first, last, on=None):
    """The episodes opened from `first` through `last` whose 30 days are past with no child on record: none
    of its dates is known, for there is nobody they would be of."""
    on = on or today()
    found = Episode.objects.filter(
        may_open(user, case="case"),
        ~Exists(Obligation.objects.known_on(on).filter(episode=OuterRef("pk"))),
        opened__range=(first, min(last, on - THIRTY_DAYS - datetime.timedelta(days=1))),
    )
    if on < today():
        over, events = end_of(on), CaseEvent.objects.filter(case=OuterRef("case"))
        told_later = events.filter(kind=CaseEvent.Kind.OPENED, on=OuterRef("opened"), at__gte=over)
        found = found.filter(Exists(events.filter(at__lt=over)), ~Exists(told_later))
    return found.annotate(worker=worker_on(on), due=Cast(F("opened") + THIRTY_DAYS, DateField()))


@dataclass(frozen=True, slots=True)
class Childless:
    """One episode without a child as the page and the export show it."""

    pk: int
    case: int
    case_label: str
    case_number: str
    opened: datetime.date
    due: datetime.date
    late: int
    clinician: str
    supervisor: str
    agency: str
    region: str
    lan: int
    child: None = None

    @property
    def rule(self):
        return (
            f"Due {written(self.due)}: {due.INITIAL_DAYS} days after IPS opened {written(self.opened)}. "
            "No child is on record to be assessed."
        )


FIELDS = (
    "pk",
    "case_id",
    "case__name",
    "case__number",
    "opened",
    "due",
    "worker",
    "case__agency__name",
    "case__region__name",
    "case__lan",
)


def shown(rows, on=None):
    """These rows as they are shown: one query, one for the lines of their workers and one for the names."""
    on = on or today()
    found = [dict(zip(FIELDS, row, strict=True)) for row in rows.values_list(*FIELDS)]
    with_supervisors(found, on)
    people = names(User, {row[key] for row in found for key in ("worker", "supervisor")})
    return [_row(row, people, on) for row in found]


def _row(found, people, on):
    return Childless(
        pk=found["pk"],
        case=found["case_id"],
        case_label=f"{found['case__name']} ({found['case__number']})",
        case_number=found["case__number"],
        opened=found["opened"],
        due=found["due"],
        late=(on - found["due"]).days,
        clinician=people.get(found["worker"], "Nobody"),
        supervisor=people.get(found["supervisor"], "Nobody"),
        agency=found["case__agency__name"],
        region=found["case__region__name"],
        lan=found["case__lan"],
    )
