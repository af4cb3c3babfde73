"""Which CANS were submitted in a time: of which child, of which type, by whom."""

import datetime
from dataclasses import dataclass

from django.db.models import F, Q

from cans.models import Assessment
from cans.states import CHOICES, State
from staff.dates import today
from staff.models import User

from .counting import Number, Scale, month_of, names
from .rows import with_supervisors

STATES = dict(CHOICES)


@dataclass(frozen=True)
class OfType:
    """One type of CANS as a column of numbers."""

    key: str

    @property
    def label(self):
        return Assessment.Type(self.key).label

    def condition(self, on):
        return Q(type=self.key)


FACETS = {
    "month": "month",
    "region": "case__region_id",
    "lan": "case__lan",
    "agency": "case__agency_id",
    "supervisor": "worker",
    "clinician": "worker",
}
BY_TYPE = Scale(
    "type", tuple(OfType(one) for one in Assessment.Type.values), FACETS, beside=("child_id", "case_id")
)

# What page and export show of a row, and how a list may be sorted, as in rows.GROUPS and rows.ORDERS.
GROUPS = (
    (("Child", "child_name", "child"), ("Case", "case_label", "case")),
    (("Type", "type", None),),
    (("Assessed on", "assessed_on", "assessed"),),
    (("Submitted", "submitted_on", "submitted"),),
    (("Now", "state", None),),
    (("Assessor", "assessor", "clinician"), ("Supervisor", "supervisor", None)),
    (("Agency", "agency", "agency"), ("Region", "region", None)),
)
ORDERS = {
    "submitted": ["first_submitted_on", "pk"],
    "assessed": ["assessed_on", "pk"],
    "case": ["case__name", "case_id", "first_submitted_on", "pk"],
    "child": ["child__name", "child_id", "first_submitted_on", "pk"],
    "agency": ["case__agency__name", "first_submitted_on", "pk"],
    "clinician": ["author__name", "author", "first_submitted_on", "pk"],
}


def submitted(user, first, last):
    """What this person may see of it, both days counted. What was taken back or voided was not made, and
    an amendment keeps the day of what it amends: of the two the one in force is counted."""
    return (
        Assessment.objects.visible_to(user)
        .filter(first_submitted_on__range=(first, last))
        .exclude(state=State.VOIDED)
        .exclude(Q(amends__isnull=False) & ~Q(state=State.APPROVED))
        .exclude(pk__in=Assessment.objects.replaced())
        .annotate(worker=F("author"), month=month_of("first_submitted_on"))
    )


def how_many(listing):
    """Of how many children and cases its rows are; each leads to the rows in that order."""
    if listing.chosen is None:
        return {}
    return {
        words: Number(words, len(listing.cells.by(column, **listing.chosen)), listing.leads(sort=key))
        for words, column, key in zip(("children", "cases"), BY_TYPE.beside, ("child", "case"), strict=True)
    }


@dataclass(frozen=True, slots=True)
class Row:
    """One CANS as the page and the export show it."""

    cans: int
    case: int
    case_label: str
    child: int
    child_name: str
    type: str
    assessed_on: datetime.date
    submitted_on: datetime.date
    state: str
    assessor: str
    supervisor: str
    agency: str
    region: str


FIELDS = (
    "pk",
    "case_id",
    "case__name",
    "case__number",
    "child_id",
    "child__name",
    "type",
    "assessed_on",
    "first_submitted_on",
    "state",
    "author__name",
    "worker",
    "case__agency__name",
    "case__region__name",
)


def shown(rows, on=None):
    """These rows as they are shown: one query, and two for the supervisors and their names."""
    found = [dict(zip(FIELDS, row, strict=True)) for row in rows.values_list(*FIELDS)]
    with_supervisors(found, on or today())
    supervisors = names(User, {row["supervisor"] for row in found})
    return [_row(row, supervisors) for row in found]


def _row(found, supervisors):
    return Row(
        cans=found["pk"],
        case=found["case_id"],
        case_label=f"{found['case__name']} ({found['case__number']})",
        child=found["child_id"],
        child_name=found["child__name"],
        type=Assessment.Type(found["type"]).label,
        assessed_on=found["assessed_on"],
        submitted_on=found["first_submitted_on"],
        state=STATES[found["state"]],
        assessor=found["author__name"],
        supervisor=supervisors.get(found["supervisor"], "Nobody"),
        agency=found["case__agency__name"],
        region=found["case__region__name"],
    )
