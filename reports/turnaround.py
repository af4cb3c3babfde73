"""A supervisor's decisions in numbers: how soon, how many returned, what the comments named."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import median

DAYS = 90
TOP = 10
APPROVED, RETURNED = "approve", "return"


@dataclass(frozen=True, slots=True)
class Decision:
    """One approval or return. `routed_on` is the day of the submission or reroute that brought it to
    where it was decided; None where none is on record. `items` and `domains` are what its comments name."""

    pk: int
    action: str
    routed_on: date | None
    decided_on: date
    items: frozenset[str] = frozenset()
    domains: frozenset[str] = frozenset()

    @property
    def days(self) -> int | None:
        return None if self.routed_on is None else (self.decided_on - self.routed_on).days

    @property
    def month(self) -> str:
        return f"{self.decided_on:%Y-%m}"


@dataclass(frozen=True, slots=True)
class Figures:
    decisions: int
    returns: int
    median: float | None
    slowest: int | None
    to_approve: float | None = None  # the median of the approvals alone

    @property
    def return_rate(self) -> int | None:
        """In percent."""
        return percent(self.returns, self.decisions)


@dataclass(frozen=True, slots=True)
class Timeliness:
    on_time: int = 0
    late: int = 0
    open: int = 0

    @property
    def due(self) -> int:
        return self.on_time + self.late + self.open

    @property
    def rate(self) -> int | None:
        """In percent of all that came due: what nobody submitted is not on time."""
        return percent(self.on_time, self.due)


def first_day(last: date) -> date:
    return last - timedelta(days=DAYS - 1)


def percent(part: int, whole: int) -> int | None:
    """Half a percent goes up."""
    return (200 * part + whole) // (2 * whole) if whole else None


def figures(decisions: Sequence[Decision]) -> Figures:
    days = [one.days for one in decisions if one.days is not None]
    approved = [one.days for one in decisions if one.action == APPROVED and one.days is not None]
    return Figures(
        decisions=len(decisions),
        returns=sum(one.action == RETURNED for one in decisions),
        median=median(days) if days else None,
        slowest=max(days, default=None),
        to_approve=median(approved) if approved else None,
    )


def by_month(decisions: Sequence[Decision], last: date) -> list[tuple[date, Figures]]:
    """Every month the ninety days touch, the latest first, by the first day of each."""
    months = []
    month, first = last.replace(day=1), first_day(last)
    while month >= first.replace(day=1):
        months.append(month)
        month = (month - timedelta(days=1)).replace(day=1)
    return [(month, figures([one for one in decisions if one.month == f"{month:%Y-%m}"])) for month in months]


def themes(named: Iterable[frozenset[str]]) -> list[tuple[str, int]]:
    """What most returns named, the most frequent first. A return counts once for each, however many
    comments of it name the same: so the number is that of the rows behind it."""
    counts = Counter(one for names in named for one in names)
    return sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))[:TOP]


def narrowed(decisions: Iterable[Decision], wanted: Mapping[str, str]) -> list[Decision]:
    """Those that were asked for, the slowest first."""
    found = [one for one in decisions if _fits(one, wanted)]
    return sorted(found, key=lambda one: (-1 if one.days is None else one.days, one.pk), reverse=True)


def _fits(one: Decision, wanted: Mapping[str, str]) -> bool:
    return (
        wanted.get("decision", one.action) == one.action
        and wanted.get("month", one.month) == one.month
        and ("item" not in wanted or wanted["item"] in one.items)
        and ("domain" not in wanted or wanted["domain"] in one.domains)
    )


# How a due date was kept, by whether its first submission was on time.
KEPT = {True: "on_time", False: "late", None: "open"}


def timeliness(rows: Iterable[tuple[int, bool | None]]) -> dict[int, Timeliness]:
    """By person, from (person, on time or not, None while nothing is submitted)."""
    counts = Counter(rows)
    return {
        person: Timeliness(counts[person, True], counts[person, False], counts[person, None])
        for person in {person for person, _ in counts}
    }
