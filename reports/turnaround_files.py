"""The rows of the turnaround page as its export shows them."""

import datetime
from dataclasses import dataclass

from staff.dates import written

from .turnaround import RETURNED

SUPERVISORS = (
    ("Name", "name", None),
    ("Agency", "agency", None),
    ("Decisions", "decisions", None),
    ("Median days", "median", None),
    ("Slowest", "slowest", None),
    ("Return rate", "return_rate", None),
    ("Cover from today on", "covers", None),
)
DECISIONS = (
    ("Child", "child", None),
    ("Case", "case", None),
    ("Type", "type", None),
    ("Assessor", "author", None),
    ("Decision", "decision", None),
    ("Decided on", "decided_on", None),
    ("Days", "days", None),
    ("Items named", "items", None),
)
CAME_DUE = (
    ("Child", "child_name", None),
    ("Case", "case_label", None),
    ("CANS", "kind", None),
    ("Due", "due", None),
    ("Rule", "rule", None),
    ("First submitted", "submitted_on", None),
    ("In time", "in_time", None),
)


@dataclass(frozen=True)
class Supervisor:
    name: str
    agency: str
    decisions: int
    median: float | None
    slowest: int | None
    return_rate: int | None
    covers: str


def of_supervisors(found):
    return [
        Supervisor(
            person.name,
            person.agency.name,
            figures.decisions,
            figures.median,
            figures.slowest,
            figures.return_rate,
            "; ".join(f"{one.cover.name}, {written(one.starts)} to {written(one.ends)}" for one in covers),
        )
        for person, figures, covers in found
    ]


@dataclass(frozen=True)
class Decided:
    child: str
    case: str
    type: str
    author: str
    decision: str
    decided_on: datetime.date
    days: int | None
    items: int


def of_decisions(rows):
    return [
        Decided(
            step.assessment.child.name,
            str(step.assessment.case),
            step.assessment.get_type_display(),
            step.assessment.author.name,
            "Returned" if one.action == RETURNED else "Approved",
            one.decided_on,
            one.days,
            len(one.items),
        )
        for one, step in rows
    ]
