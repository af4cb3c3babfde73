"""The rows of a report as tuples: a long list costs half as much as one of whole records."""

import datetime
from dataclasses import dataclass

from django.db.models import OuterRef, Subquery, Value
from django.db.models.functions import Coalesce

from cans import due
from staff import gate
from staff.dates import today
from staff.models import User

from .counting import names
from .overdue import DESKS, KINDS, Credentials, Reason, supervisors_on

# How a list may be sorted; each ends in the row's number, so that pages never overlap.
ORDERS = {
    "due": ["due", "pk"],
    "age": ["-due", "-pk"],
    "case": ["case__name", "case_id", "due", "pk"],
    "child": ["child__name", "child_id", "due", "pk"],
    "agency": ["agency__name", "due", "pk"],
    "clinician": ["worker_name", "worker", "due", "pk"],
    "desk": ["desk_name", "desk", "due", "pk"],
}
# What an order needs of names → the number of the person; no name comes first.
NAMES = {"worker_name": "worker", "desk_name": "desk"}


@dataclass(frozen=True, slots=True)
class Row:
    """One due date as the page and the export show it. `late` is in days; below 0 it is still to come."""

    pk: int
    case: int
    case_number: str
    case_name: str
    child: int
    child_name: str
    kind: str
    due: datetime.date
    work_by: datetime.date
    late: int
    reason: Reason
    desk: str
    clinician: str
    supervisor: str
    agency: str
    region: str
    lan: int
    child_number: str
    rule: str
    cans: int | None
    submitted_on: datetime.date | None
    credentials: Credentials | None = None
    lapses: str = ""

    @property
    def case_label(self):
        return f"{self.case_name} ({self.case_number})"

    @property
    def on_time(self):
        """Whether its first submission came by the due date; None without one."""
        return due.on_time(self)

    @property
    def left(self):
        return -self.late

    @property
    def reason_label(self):
        return self.reason.label

    @property
    def credentials_label(self):
        return self.credentials.label


# What page and export show of a row, in this order: heading, attribute, the key it sorts by. On the
# page a group is one column, its second value under the first; in the export each has its own.
GROUPS = (
    (("Child", "child_name", "child"), ("Case", "case_label", "case")),
    (("CANS", "kind", None),),
    (("Due", "due", "due"), ("Rule", "rule", None)),
    (("Days late", "late", "age"),),
    (("Why", "reason_label", None), ("On whose desk", "desk", "desk")),
    (("Clinician", "clinician", "clinician"), ("Supervisor", "supervisor", None)),
    (("Agency", "agency", "agency"), ("Region", "region", None)),
)
# What a file has besides, to be matched with one of the state's.
NUMBERS = (
    ("Case number", "case_number", None),
    ("Child's number", "child_number", None),
    ("LAN", "lan", None),
)
TO_COME = {
    "late": (("Days left", "left", "age"),),
    "clinician": (*GROUPS[5], ("Credentials", "credentials_label", None), ("What lapses", "lapses", None)),
}
GROUPS_TO_COME = tuple(TO_COME.get(group[0][1], group) for group in GROUPS)

FIELDS = (
    "pk",
    "case_id",
    "case__number",
    "case__name",
    "child_id",
    "child__name",
    "child__person_number",
    "kind",
    "due",
    "work_by",
    "why",
    "met_by_id",
    "submitted_on",
    "draft",
    "reason",
    "desk",
    "worker",
    "agency__name",
    "region__name",
    "lan",
)


def in_order(rows, sort, orders=ORDERS):
    """Sorted by a key of these orders, backwards with a minus before it."""
    order = orders[sort.removeprefix("-")]
    for name, person in NAMES.items():
        if name in order:
            found = User.objects.filter(pk=OuterRef(person)).values("name")[:1]
            rows = rows.annotate(**{name: Coalesce(Subquery(found), Value(""))})
    return rows.order_by(*(_turned(name) for name in order) if sort.startswith("-") else order)


def shown(rows, on=None):
    """These rows (a queryset, whole or sliced) as they are shown: one query, one for the lines of their
    workers and one for the names."""
    ahead = "credentials" in rows.query.annotations
    fields = (*FIELDS, "credentials", "writer") if ahead else FIELDS
    return told(rows.values_list(*fields), on or today(), fields)


def told(rows, on, fields=FIELDS):
    """The same of rows that hold these fields."""
    found = [dict(zip(fields, row, strict=True)) for row in rows]
    with_supervisors(found, on)
    people = names(User, {row[key] for row in found for key in ("desk", "worker", "supervisor")})
    lapses = _lapses(found, on) if "credentials" in fields else {}
    return [_row(row, people, on, lapses) for row in found]


def _lapses(found, on):
    """Of whoever may not enter the CANS when it is due: person → what they lack, or will, and since when."""
    writers = {row["writer"] for row in found if row["credentials"] != Credentials.VALID} - {None}
    people = User.objects.filter(pk__in=writers).prefetch_related("credentials") if writers else []
    return {person.pk: " ".join(gate.lacks(person, on)) for person in people}


def with_supervisors(found, on):
    """Adds to each of these mappings the supervisor of its worker."""
    supervisors = supervisors_on(on) if found else {}
    for row in found:
        row["supervisor"] = supervisors.get(row["worker"])


def _row(found, people, on, lapses):
    reason = Reason(found["reason"])
    return Row(
        pk=found["pk"],
        case=found["case_id"],
        case_number=found["case__number"],
        case_name=found["case__name"],
        child=found["child_id"],
        child_name=found["child__name"],
        kind=KINDS[found["kind"]],
        due=found["due"],
        work_by=found["work_by"],
        late=(on - found["due"]).days,
        reason=reason,
        desk=DESKS.get(found["desk"]) or people[found["desk"]],
        clinician=people.get(found["worker"], "Nobody"),
        supervisor=people.get(found["supervisor"], "Nobody"),
        agency=found["agency__name"],
        region=found["region__name"],
        lan=found["lan"],
        child_number=found["child__person_number"],
        rule=due.explained(found["why"], due.Status.MISSED if reason is Reason.MISSED else due.Status.DUE),
        cans=found["met_by_id"] or found["draft"],
        submitted_on=found["submitted_on"],
        credentials=found.get("credentials") and Credentials(found["credentials"]),
        lapses=lapses.get(found["writer"], "") if found.get("credentials", "valid") != "valid" else "",
    )


def _turned(name):
    return name.removeprefix("-") if name.startswith("-") else f"-{name}"
