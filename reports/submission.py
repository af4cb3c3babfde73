"""Which CANS were submitted in a time: of which child, of which type, by whom."""

import datetime
from dataclasses import dataclass

from django.db.models import F, Q

from cans.models import Assessment
from cans.states import CHOICES, State
from staff.dates import today
from staff.models import User

from . import past
from .counting import OF_CASE, Scale, month_of, names
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


BY_TYPE = Scale(
    "type",
    tuple(OfType(one) for one in Assessment.Type.values),
    {"month": "month", **OF_CASE},
    beside=("child_id", "case_id"),
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
    "submitted": ["first_on", "pk"],
    "assessed": ["assessed_on", "pk"],
    "case": ["case__name", "case_id", "first_on", "pk"],
    "child": ["child__name", "child_id", "first_on", "pk"],
    "agency": ["case__agency__name", "first_on", "pk"],
    "clinician": ["worker_name", "worker", "first_on", "pk"],
}


def submitted(user, first, last, on=None):
    """What this person may see of it, both days counted. What was taken back or voided was not made, and
    an amendment keeps the day of what it amends: of the two the one in force is counted. With each row:
    `first_on`, the day of its first submission, `stood`, how it stood, and `worker`, whose it was."""
    seen = Assessment.objects.visible_to(user)
    if on is None or on >= today():
        found = seen.filter(first_submitted_on__range=(first, last))
        as_it_stood = {"first_on": F("first_submitted_on"), "stood": F("state"), "worker": F("author")}
    else:
        found = past.submitted_between(seen, first, last, on)
        as_it_stood = {"first_on": past.first_submitted(on), "stood": past.state("pk", on)}
        as_it_stood["worker"] = past.author("", on)
    return (
        found.annotate(**as_it_stood)
        .filter(first_on__range=(first, last))
        .exclude(stood=State.VOIDED)
        .exclude(Q(amends__isnull=False) & ~Q(stood=State.APPROVED))
        .exclude(pk__in=Assessment.objects.replaced(on))
        .annotate(month=month_of("first_on"))
    )


@dataclass(frozen=True, slots=True)
class Row:
    """One CANS as the page and the export show it."""

    cans: int
    case: int
    case_label: str
    case_number: str
    child: int
    child_name: str
    child_number: str
    type: str
    assessed_on: datetime.date
    submitted_on: datetime.date
    state: str
    assessor: str
    supervisor: str
    agency: str
    region: str
    lan: int


FIELDS = (
    "pk",
    "case_id",
    "case__name",
    "case__number",
    "child_id",
    "child__name",
    "child__person_number",
    "type",
    "assessed_on",
    "first_on",
    "stood",
    "worker",
    "case__agency__name",
    "case__region__name",
    "case__lan",
)


def shown(rows, on=None):
    """These rows as they are shown: one query, and two for the supervisors and their names."""
    found = [dict(zip(FIELDS, row, strict=True)) for row in rows.values_list(*FIELDS)]
    with_supervisors(found, on or today())
    people = names(User, {row[key] for row in found for key in ("worker", "supervisor")})
    return [_row(row, people) for row in found]


def _row(found, people):
    return Row(
        cans=found["pk"],
        case=found["case_id"],
        case_label=f"{found['case__name']} ({found['case__number']})",
        case_number=found["case__number"],
        child=found["child_id"],
        child_number=found["child__person_number"],
        child_name=found["child__name"],
        type=Assessment.Type(found["type"]).label,
        assessed_on=found["assessed_on"],
        submitted_on=found["first_on"],
        state=STATES[found["stood"]],
        assessor=people[found["worker"]],
        supervisor=people.get(found["supervisor"], "Nobody"),
        agency=found["case__agency__name"],
        region=found["case__region__name"],
        lan=found["case__lan"],
    )
