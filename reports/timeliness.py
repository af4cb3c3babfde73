"""Whether what fell due was submitted in time. Three figures, never mixed: submitted on time, approved,
days to approve."""

import datetime
from collections import Counter, defaultdict
from dataclasses import dataclass
from enum import StrEnum
from statistics import median_low

from django.db.models import Case, CharField, F, Q, Value, When
from django.utils import timezone

from cans import due
from cans.models import Obligation, Waiver
from staff.dates import today, written
from staff.models import User

from .counting import FACETS, NO, YES, Number, Scale, as_text, month_of, names
from .listing import Bar
from .overdue import KINDS, worker_on
from .rows import GROUPS, with_supervisors


class Outcome(StrEnum):
    """Of the first submission of the CANS that meets a due date."""

    ON_TIME = "on_time"
    LATE = "late"
    MISSING = "missing"
    TO_COME = "to_come"
    WAIVED = "waived"


OUTCOMES = {
    Outcome.ON_TIME: "In time",
    Outcome.LATE: "Late",
    Outcome.MISSING: "Not submitted",
    Outcome.TO_COME: "Still to come",
    Outcome.WAIVED: "Waived",
}


@dataclass(frozen=True)
class Column:
    """One outcome as a column of numbers."""

    key: str

    @property
    def label(self):
        return OUTCOMES[self.key]

    def condition(self, on):
        waived, submitted = Q(waiver__isnull=False), Q(submitted_on__isnull=False)
        return {
            Outcome.WAIVED: waived,
            Outcome.ON_TIME: ~waived & Q(submitted_on__lte=F("due")),
            Outcome.LATE: ~waived & Q(submitted_on__gt=F("due")),
            Outcome.MISSING: ~waived & ~submitted & Q(due__lt=on),
            Outcome.TO_COME: ~waived & ~submitted & Q(due__gte=on),
        }[self.key]


FACETS_OF_MONTHS = {
    "month": "month",
    **FACETS,
    "approved": "approved",
}
SUBMITTED = Scale(
    "outcome", tuple(Column(one) for one in Outcome), FACETS_OF_MONTHS, beside=("submitted_day", "met_day")
)


def months_until(on, number):
    """The first days of so many months, that of the day last."""
    return [due.add_months(on.replace(day=1), place - number) for place in range(1, number + 1)]


def fell_due(user, months, on=None):
    """What this person may see of what fell due in so many months, that of the day counted."""
    on = on or today()
    last = due.add_months(on.replace(day=1), 1) - datetime.timedelta(days=1)
    first = months_until(on, months)[0]
    return (
        Obligation.objects.visible_to(user)
        .known_on(on)
        .filter(cancelled=False, due__range=(first, last))
        .annotate(worker=worker_on(on), month=month_of("due"), approved=_approved())
        .annotate(submitted_day=as_text("submitted_on"), met_day=as_text("met_on"))
    )


def _approved():
    return Case(
        When(met_on__isnull=False, submitted_on__isnull=False, then=Value(YES)),
        default=Value(NO),
        output_field=CharField(),
    )


def days_to_approve(cells, by, **chosen):
    """value of that key → (how many were approved, the median of their days)."""
    found = defaultdict(Counter)
    counted = cells.by(by, *SUBMITTED.beside, **chosen | {"approved": YES})
    for (value, submitted, met), number in counted.items():
        took = datetime.date.fromisoformat(met) - datetime.date.fromisoformat(submitted)
        found[value][took.days] += number
    return {value: (days.total(), median_low(days.elements())) for value, days in found.items()}


@dataclass(frozen=True)
class Line:
    """The figures of one month, agency or person: how many by outcome, how many are approved, and the median
    of the days that took."""

    words: str
    numbers: list
    approved: Number
    days: int | None

    @property
    def bar(self):
        """In time, of all that was submitted or should have been."""
        counts = dict(zip(Outcome, (number.count for number in self.numbers), strict=False))
        whole = sum(counts[one] for one in (Outcome.ON_TIME, Outcome.LATE, Outcome.MISSING))
        if not whole:
            return Bar(self.words, 0, "none due")
        return Bar.of_whole(self.words, counts[Outcome.ON_TIME], whole, self.numbers[0].query)


def lines(listing, months):
    """A line for each of these months, whether anything fell due in it or not; or one for whatever else is
    counted by."""
    if listing.chosen is None:
        return []
    counted = (listing.scale.key, listing.by)  # every value of these has its own place in the table
    others = {key: value for key, value in listing.chosen.items() if key not in counted}
    took = days_to_approve(listing.cells, listing.by, **others)
    found = []
    for value, words, numbers in _crossing(listing, months):
        approved, days = took.get(value, (0, None))
        leads = listing.leads_to(value, approved=YES, outcome=None)
        found.append(Line(words, numbers, Number("approved", approved, leads), days))
    return found


def _crossing(listing, months):
    if listing.by != "month":
        return listing.crossing()
    there = {value: numbers for value, _, numbers in listing.crossing()}
    nothing = [Number(band.label, 0, "") for band in listing.bands] + [Number("in all", 0, "")]
    return [(f"{day:%Y-%m}", f"{day:%b %Y}", there.get(f"{day:%Y-%m}", nothing)) for day in months]


@dataclass(frozen=True, slots=True)
class Row:
    """One due date as the page and the export show it."""

    pk: int
    case: int
    case_label: str
    case_number: str
    child: int
    child_name: str
    child_number: str
    kind: str
    due: datetime.date
    rule: str
    submitted_on: datetime.date | None
    outcome: str
    met_on: datetime.date | None
    clinician: str
    supervisor: str
    agency: str
    region: str
    lan: int
    cans: int | None
    waived: str

    @property
    def in_time(self):
        return OUTCOMES[self.outcome]

    @property
    def days_to_approve(self):
        return (self.met_on - self.submitted_on).days if self.met_on and self.submitted_on else None


GROUPS_OF_MONTHS = (
    *GROUPS[:3],
    (("First submitted", "submitted_on", None), ("In time", "in_time", None), ("Waived", "waived", None)),
    (("Approved", "met_on", None), ("Days to approve", "days_to_approve", None)),
    *GROUPS[5:],
)
FIELDS = (
    "pk",
    "case_id",
    "case__name",
    "case__number",
    "child_id",
    "child__name",
    "child__person_number",
    "kind",
    "due",
    "why",
    "submitted_on",
    "outcome",
    "met_on",
    "worker",
    "agency__name",
    "region__name",
    "lan",
    "met_by_id",
    "waiver__reason",
    "waiver__note",
    "waiver__by__name",
    "waiver__at",
)


def shown(rows, on=None):
    """These rows as they are shown: one query, one for the lines of their workers and one for the names."""
    on = on or today()
    outcome = Case(
        *(When(column.condition(on), then=Value(column.key.value)) for column in SUBMITTED.bands),
        output_field=CharField(),
    )
    found = [
        dict(zip(FIELDS, row, strict=True)) for row in rows.annotate(outcome=outcome).values_list(*FIELDS)
    ]
    with_supervisors(found, on)
    people = names(User, {row[key] for row in found for key in ("worker", "supervisor")})
    return [_row(row, people) for row in found]


def _row(found, people):
    return Row(
        pk=found["pk"],
        case=found["case_id"],
        case_label=f"{found['case__name']} ({found['case__number']})",
        case_number=found["case__number"],
        child=found["child_id"],
        child_number=found["child__person_number"],
        child_name=found["child__name"],
        kind=KINDS[found["kind"]],
        due=found["due"],
        rule=due.explained(found["why"], due.Status.DUE),
        submitted_on=found["submitted_on"],
        outcome=found["outcome"],
        met_on=found["met_on"],
        clinician=people.get(found["worker"], "Nobody"),
        supervisor=people.get(found["supervisor"], "Nobody"),
        agency=found["agency__name"],
        region=found["region__name"],
        lan=found["lan"],
        cans=found["met_by_id"],
        waived=_waived(found),
    )


def _waived(found):
    """For what reason, with its note, by whom and when; nothing where it is not."""
    if found["outcome"] != Outcome.WAIVED:
        return ""
    because = f"{Waiver.Reason(found['waiver__reason']).label}. {found['waiver__note']}".strip()
    on = written(timezone.localdate(found["waiver__at"]))
    return f"{because} {found['waiver__by__name']}, {on}."
