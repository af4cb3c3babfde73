"""What changed between the two latest CANS of each child: needs met, ongoing and new; strengths built, kept
and lost. Read as texts, one character an item, and counted in columns: a state's children in a moment."""

import datetime
import itertools
from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import NamedTuple

from django.db import models
from django.db.models import Exists, F, OuterRef, Subquery, Window
from django.db.models.functions import RowNumber

from cans.comparison import Change, ItemChange
from cans.due import Kind
from cans.instrument import VALUES, ItemKind, Subject, months_old, words
from cans.models import Assessment, Obligation, instrument_of
from cases.models import Case, Child, Episode
from staff.models import Agency, Region

from .counting import as_text, names
from .definitions import CHANGES

# What is counted of each kind of item. IMPROVED and WORSENED are among the ongoing.
NEEDS = (Change.MET, Change.ONGOING, Change.IMPROVED, Change.WORSENED, Change.NEW)
STRENGTHS = (Change.BUILT, Change.NONE, Change.KEPT, Change.LOST)
COUNTED = {ItemKind.NEED: NEEDS, ItemKind.STRENGTH: STRENGTHS}
WORDS = {
    Change.MET: "Met",
    Change.ONGOING: "Ongoing",
    Change.IMPROVED: "Ongoing, improved",
    Change.WORSENED: "Ongoing, worsened",
    Change.NEW: "New",
    Change.BUILT: "Built",
    Change.NONE: "Still to build",
    Change.KEPT: "Kept",
    Change.LOST: "Lost",
}
# In years, both ends counted, on the day of the later CANS.
AGES = {"0-5": (0, 5), "6-13": (6, 13), "14-17": (14, 17), "18": (18, 99)}
AGE_WORDS = {"0-5": "5 or younger", "6-13": "6 to 13", "14-17": "14 to 17", "18": "18 or older"}
STATUS_WORDS = {"open": "Case open", "closed": "Case closed"}


class Pair(NamedTuple):
    """The two latest CANS of a child, its ratings as the sheets keep them; the case, the agency and the
    region are those of the latest. Days are text."""

    case: int
    child: int
    agency: int
    region: int
    born: str
    closed: str | None
    cans: int
    on: str
    version: int
    ratings: str
    cans_before: int
    on_before: str
    version_before: int
    ratings_before: str

    @property
    def years(self):
        years = months_old(born=_day(self.born), on=_day(self.on)) // 12
        return next(key for key, (first, last) in AGES.items() if first <= years <= last)

    @property
    def status(self):
        return "closed" if self.closed else "open"


_day = datetime.date.fromisoformat

OF_BOTH = ("pk", "day", "instrument_version", "sheets__ratings")
OF_CHILD = ("case", "child", "case__agency", "case__region", "birthday", "closing")


def pairs(user, on):
    """The pairs of what this person may see, by case and child, as they were when that day ended: one query.
    A child who was in two cases is one child. Of a child with a single CANS there is none."""
    seen = Assessment.objects.visible_to(user).in_force(on).exclude(pk__in=first_and_last(on))
    place = Window(
        RowNumber(),
        partition_by=[F("child")],
        order_by=[F("assessed_on").desc(), F("pk").desc()],
    )
    rows = (
        Assessment.objects.filter(pk__in=seen.annotate(place=place).filter(place__lte=2).values("pk"))
        .filter(sheets__adult__isnull=True)
        .annotate(
            day=as_text("assessed_on"),
            birthday=as_text("child__born"),
            closing=_closing(on),
        )
        .order_by()
    )
    latest, found = {}, []
    for row in rows.values_list(*OF_CHILD, *OF_BOTH).iterator(chunk_size=2000):
        of_child, this = row[: len(OF_CHILD)], row[len(OF_CHILD) :]
        other = latest.setdefault(of_child[1], row)
        if other is not row:
            former = other[len(OF_CHILD) :]
            pair = (*other, *this) if _later(former, this) else (*row, *former)
            found.append(Pair(*pair))
    return sorted(found)


def _closing(on):
    """When the episode was closed that the CANS belongs to, the latest opened by its day; None if later."""
    begun = Episode.objects.filter(case=OuterRef("case"), opened__lte=OuterRef("assessed_on"))
    closed = models.Case(models.When(closed__lte=on, then=as_text("closed")))
    return Subquery(begun.order_by("-opened").annotate(day=closed).values("day")[:1])


def _later(one, other):
    """Is the one of these two CANS later?"""
    return (one[1], one[0]) > (other[1], other[0])


def first_and_last(on):
    """The numbers of those that met the initial and the closing date of an episode both, as of that day:
    nothing in it comes before or after them."""
    initial = Obligation.objects.known_on(on).filter(kind=Kind.INITIAL, met_by=OuterRef("met_by"))
    closing = Obligation.objects.known_on(on).filter(kind=Kind.CLOSING, met_by__isnull=False)
    return closing.filter(Exists(initial)).values("met_by")


# Each rating before with each after is one of these, and a column of them one byte a child.
RATINGS = tuple(itertools.product(VALUES, repeat=2))
BEFORE = bytes.maketrans(VALUES.encode(), bytes(range(0, len(RATINGS), len(VALUES))))
AFTER = bytes.maketrans(VALUES.encode(), bytes(range(len(VALUES))))


def columns(found):
    """(pairs, item, a byte for each pair: where in RATINGS it is) of each item that counts.

    CANS of two versions of the instrument are compared by the items that both have.
    """
    by_version = defaultdict(list)
    for pair in found:
        by_version[pair.version_before, pair.version].append(pair)
    for (version_before, version), group in by_version.items():
        earlier, later = instrument_of(version_before), instrument_of(version)
        before = "".join(pair.ratings_before for pair in group).encode().translate(BEFORE)
        after = "".join(pair.ratings for pair in group).encode().translate(AFTER)
        for item in later.child_items:
            was = earlier.by_code.get(item.code)
            if item.kind in COUNTED and was is not None and was.subject is Subject.CHILD:
                old = before[was.position :: len(earlier.child_items)]
                yield group, item, _added(old, after[item.position :: len(later.child_items)])


def _added(some, others):
    """The sums of these bytes, place by place; none is above 255. As two long numbers: all at once."""
    return (int.from_bytes(some) + int.from_bytes(others)).to_bytes(len(some))


def changes_of(item, before, after):
    """What a pair of ratings counts as, by the one rule there is for it."""
    one = ItemChange(item, before, after)
    return {one.change, one.trend} - {None}


def tally(found):
    """Item code → how many children by change; NONE are those that count as nothing else."""
    counted = defaultdict(Counter)
    for _, item, both in columns(found):
        for place, ratings in enumerate(RATINGS):
            if number := both.count(place):
                for change in changes_of(item, *ratings):
                    counted[item.code][change] += number
    return counted


def rows(found, codes, change=None):
    """(pair, item, before, after) where an item of these codes changed so, or in any way that is counted."""
    for group, item, both in columns(found):
        if item.code in codes:
            counted = set(COUNTED[item.kind])
            wanted = counted & {change} if change else counted
            fits = {place for place, ratings in enumerate(RATINGS) if changes_of(item, *ratings) & wanted}
            for pair, place in zip(group, both, strict=True):
                if place in fits:
                    yield pair, item, *RATINGS[place]


@dataclass(frozen=True, slots=True)
class Row:
    """One item of one child as the page and the export show it."""

    cans: int
    child: int
    child_name: str
    case_label: str
    item: str
    change: str
    rule: str
    before: str
    before_on: datetime.date
    after: str
    after_on: datetime.date
    agency: str
    region: str


COLUMNS = (
    ("Child", "child_name", None),
    ("Case", "case_label", None),
    ("Item", "item", None),
    ("Change", "change", None),
    ("What makes it one", "rule", None),
    ("Before", "before", None),
    ("Before, assessed on", "before_on", None),
    ("Latest", "after", None),
    ("Latest, assessed on", "after_on", None),
    ("Agency", "agency", None),
    ("Region", "region", None),
)


CHILDREN = (
    ("Child", "child_name", None),
    ("Case", "case_label", None),
    ("Before, assessed on", "before_on", None),
    ("Latest, assessed on", "after_on", None),
    ("Age", "age", None),
    ("Status", "status", None),
    ("Agency", "agency", None),
    ("Region", "region", None),
)


@dataclass(frozen=True, slots=True)
class Compared:
    """One child with two CANS to compare, as the page and the export show it."""

    cans: int
    cans_before: int
    child: int
    child_name: str
    case_label: str
    before_on: datetime.date
    after_on: datetime.date
    age: str
    status: str
    agency: str
    region: str


def children(found):
    """These pairs with their names: four questions, whatever their number."""
    named = _Names(found)
    return [
        Compared(
            cans=pair.cans,
            cans_before=pair.cans_before,
            before_on=_day(pair.on_before),
            after_on=_day(pair.on),
            age=AGE_WORDS[pair.years],
            status=STATUS_WORDS[pair.status],
            **named.of(pair),
        )
        for pair in found
    ]


class _Names:
    """What is said of a child in the rows."""

    def __init__(self, pairs):
        self.children = names(Child, {pair.child for pair in pairs})
        self.agencies = names(Agency, {pair.agency for pair in pairs})
        self.regions = names(Region, {pair.region for pair in pairs})
        self.cases = Case.objects.in_bulk({pair.case for pair in pairs})

    def of(self, pair):
        return {
            "child": pair.child,
            "child_name": self.children[pair.child],
            "case_label": str(self.cases[pair.case]),
            "agency": self.agencies[pair.agency],
            "region": self.regions[pair.region],
        }


def shown(found):
    """These rows with their names: four questions, whatever their number."""
    found = list(found)
    named = _Names([pair for pair, *_ in found])
    return [
        Row(
            cans=pair.cans,
            item=item.label,
            change=_most_exact(item, before, after),
            rule=CHANGES[WORDS[ItemChange(item, before, after).change]],
            before=words(item, before),
            before_on=_day(pair.on_before),
            after=words(item, after),
            after_on=_day(pair.on),
            **named.of(pair),
        )
        for pair, item, before, after in found
    ]


def _most_exact(item, before, after):
    one = ItemChange(item, before, after)
    return WORDS[one.trend or one.change]
