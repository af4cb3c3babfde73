"""What changed between the two latest CANS of each child: needs met, ongoing and new; strengths built, kept
and lost. Read as texts, one character an item, and counted in columns: a state's children in a moment."""

import datetime
from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import NamedTuple

from django.db.models import Exists, F, OuterRef, Window
from django.db.models.functions import RowNumber

from cans.comparison import Change, ItemChange
from cans.due import Kind
from cans.instrument import ItemKind, Subject, months_old, words
from cans.models import Assessment, Obligation, instrument_of
from cases.models import Case, Child
from staff.models import Agency, Region

from .counting import names
from .definitions import CHANGES

# What is counted of each kind of item. IMPROVED and WORSENED are among the ongoing.
NEEDS = (Change.MET, Change.ONGOING, Change.IMPROVED, Change.WORSENED, Change.NEW)
STRENGTHS = (Change.BUILT, Change.KEPT, Change.LOST)
COUNTED = {ItemKind.NEED: NEEDS, ItemKind.STRENGTH: STRENGTHS}
WORDS = {
    Change.MET: "Met",
    Change.ONGOING: "Ongoing",
    Change.IMPROVED: "Ongoing, improved",
    Change.WORSENED: "Ongoing, worsened",
    Change.NEW: "New",
    Change.BUILT: "Built",
    Change.KEPT: "Kept",
    Change.LOST: "Lost",
}
# In years, both ends counted, on the day of the later CANS.
AGES = {"0-5": (0, 5), "6-13": (6, 13), "14-17": (14, 17), "18": (18, 99)}
AGE_WORDS = {"0-5": "5 or younger", "6-13": "6 to 13", "14-17": "14 to 17", "18": "18 or older"}
STATUS_WORDS = {"open": "Case open", "closed": "Case closed"}


class Pair(NamedTuple):
    """The two latest CANS of a child in a case, the child's ratings as their sheets keep them."""

    case: int
    child: int
    agency: int
    region: int
    born: datetime.date
    closed: datetime.date | None
    cans: int
    on: datetime.date
    version: int
    ratings: str
    cans_before: int
    on_before: datetime.date
    version_before: int
    ratings_before: str

    @property
    def years(self):
        years = months_old(born=self.born, on=self.on) // 12
        return next(key for key, (first, last) in AGES.items() if first <= years <= last)

    @property
    def status(self):
        return "closed" if self.closed else "open"


OF_BOTH = ("pk", "assessed_on", "instrument_version", "sheets__ratings")
OF_CHILD = ("case", "child", "case__agency", "case__region", "child__born", "episode__closed")


def pairs(user):
    """The pairs of what this person may see: one query. Of a child with a single CANS there is none."""
    rows = (
        Assessment.objects.visible_to(user)
        .in_force()
        .filter(sheets__adult__isnull=True)
        .exclude(pk__in=first_and_last())
        .annotate(
            place=Window(
                RowNumber(),
                partition_by=[F("case"), F("child")],
                order_by=[F("assessed_on").desc(), F("pk").desc()],
            )
        )
        .filter(place__lte=2)
        .order_by("case", "child", "place")
    )
    latest = None
    for place, *row in rows.values_list("place", *OF_CHILD, *OF_BOTH).iterator(chunk_size=2000):
        if place == 1:
            latest = row
        else:
            yield Pair(*latest, *row[len(OF_CHILD) :])


def first_and_last():
    """The numbers of those that meet the initial and the closing date of an episode both: nothing in it
    comes before or after them."""
    initial = Obligation.objects.current().filter(kind=Kind.INITIAL, met_by=OuterRef("met_by"))
    closing = Obligation.objects.current().filter(kind=Kind.CLOSING, met_by__isnull=False)
    return closing.filter(Exists(initial)).values("met_by")


def columns(found):
    """(pairs, item, ratings before, ratings after) of each item that counts: texts, one character a pair.

    CANS of two versions of the instrument are compared by the items that both have.
    """
    by_version = defaultdict(list)
    for pair in found:
        by_version[pair.version_before, pair.version].append(pair)
    for (version_before, version), group in by_version.items():
        earlier, later = instrument_of(version_before), instrument_of(version)
        before = "".join(pair.ratings_before for pair in group)
        after = "".join(pair.ratings for pair in group)
        for item in later.child_items:
            was = earlier.by_code.get(item.code)
            if item.kind in COUNTED and was is not None and was.subject is Subject.CHILD:
                old = before[was.position :: len(earlier.child_items)]
                yield group, item, old, after[item.position :: len(later.child_items)]


def changes_of(item, before, after):
    """What a pair of ratings counts as, by the one rule there is for it."""
    one = ItemChange(item, before, after)
    return {one.change, one.trend} - {None}


def tally(found):
    """Item code → how many children by change; NONE are those that count as nothing else."""
    counted = defaultdict(Counter)
    for _, item, before, after in columns(found):
        for (old, new), number in Counter(zip(before, after, strict=True)).items():
            for change in changes_of(item, old, new):
                counted[item.code][change] += number
    return counted


def rows(found, codes, change=None):
    """(pair, item, before, after) where an item of these codes changed so, or in any way that is counted."""
    for group, item, before, after in columns(found):
        if item.code in codes:
            wanted = {change} if change else set(COUNTED[item.kind])
            fits = {both for both in set(zip(before, after, strict=True)) if changes_of(item, *both) & wanted}
            for pair, both in zip(group, zip(before, after, strict=True), strict=True):
                if both in fits:
                    yield pair, item, *both


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
    ("Before", "before", None),
    ("Before, assessed on", "before_on", None),
    ("Latest", "after", None),
    ("Latest, assessed on", "after_on", None),
    ("Agency", "agency", None),
    ("Region", "region", None),
)


def shown(found):
    """These rows with their names: four questions, whatever their number."""
    found = list(found)
    children = names(Child, {pair.child for pair, *_ in found})
    agencies = names(Agency, {pair.agency for pair, *_ in found})
    regions = names(Region, {pair.region for pair, *_ in found})
    labels = Case.objects.in_bulk({pair.case for pair, *_ in found})
    return [
        Row(
            cans=pair.cans,
            child=pair.child,
            child_name=children[pair.child],
            case_label=f"{labels[pair.case].name} ({labels[pair.case].number})",
            item=item.label,
            change=_most_exact(item, before, after),
            rule=CHANGES[WORDS[ItemChange(item, before, after).change]],
            before=words(item, before),
            before_on=pair.on_before,
            after=words(item, after),
            after_on=pair.on,
            agency=agencies[pair.agency],
            region=regions[pair.region],
        )
        for pair, item, before, after in found
    ]


def _most_exact(item, before, after):
    one = ItemChange(item, before, after)
    return WORDS[one.trend or one.change]
