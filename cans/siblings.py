"""The same adult's sheets in the CANS of siblings: found, set side by side, and what one could confirm."""

import hashlib
from dataclasses import dataclass
from datetime import timedelta

from django.urls import reverse

from audit.statements import Given, Kept

from .instrument import UNRATED, Item, words
from .models import Assessment, Sheet

# A caregiver's items are about the last 30 days: sheets further apart are about other times.
NEAR = timedelta(days=30)


def siblings_of(sheets):
    """sheet pk → [(child, sheet, address of the page that shows them side by side)], one query.

    `sheets` are of one CANS. Of each sibling of the case it is the latest CANS, open or in force, in
    which the same adult is rated. Whoever may see this CANS may see these: they are of the same case.
    """
    by_adult = {sheet.adult_id: sheet for sheet in sheets if sheet.adult_id}
    if not by_adult:
        return {}
    assessment = next(iter(by_adult.values())).assessment
    found = {}
    for source in _rated_sheets(assessment, by_adult):
        here = by_adult[source.adult_id]
        children = found.setdefault(here.pk, {})
        children.setdefault(source.assessment.child_id, source)
    return {
        pk: [
            (source.assessment.child, source, reverse("cans:siblings", args=[assessment.pk, pk]))
            for source in children.values()
        ]
        for pk, children in found.items()
    }


_SHEETS = Kept(
    lambda: (
        Sheet.objects.filter(
            assessment__in=Assessment.objects.open_or_in_force(),
            adult__isnull=False,
            not_scored_reason="",
            assessment__case=Given("case"),
            assessment__assessed_on__range=(Given("first"), Given("last")),
        )
        .exclude(assessment__child=Given("child"))
        .select_related("assessment__child")
        .order_by("-assessment__assessed_on", "-assessment_id")
    )
)


def _rated_sheets(assessment, adults):
    """Of siblings, the newest first."""
    rows = _SHEETS.all(
        case=assessment.case_id,
        child=assessment.child_id,
        first=assessment.assessed_on - NEAR,
        last=assessment.assessed_on + NEAR,
    )
    return [one for one in rows if one.adult_id in adults and set(one.values.values()) != {UNRATED}]


@dataclass(frozen=True)
class Plan:
    """What confirming as for a sibling would do, as (item, the rating here, the rating there)."""

    blank: tuple
    different: tuple
    same: tuple

    def changes(self, replace):
        """What is set: all that is not rated yet, and of the rest what the person says to replace."""
        return [*self.blank, *(one for one in self.different if one[0].code in replace)]


def plan(sheet, source):
    blank, different, same = [], [], []
    there = source.values
    both = {item.code for item in source.applicable_items}
    for item in sheet.applicable_items:
        here, other = sheet.value(item), there.get(item.code, UNRATED)
        if item.code not in both or not item.allows(other):
            continue
        kept = blank if here == UNRATED else same if here == other else different
        kept.append((item, here, other))
    return Plan(tuple(blank), tuple(different), tuple(same))


def fingerprint(*sheets):
    """Of the ratings that a page showed: another one means that something changed since."""
    told = [
        f"{sheet.pk} {sheet.not_scored_reason} {sorted(sheet.values.items())}"
        for sheet in sorted(sheets, key=lambda sheet: sheet.pk)
    ]
    return hashlib.sha256("\n".join(told).encode()).hexdigest()[:32]


@dataclass(frozen=True)
class Cell:
    """One rating in a column: in words, and the last change of it, where one is on record."""

    sheet: Sheet
    words: str
    value: str
    last: object


@dataclass(frozen=True)
class Row:
    item: Item
    here: Cell
    there: tuple

    @property
    def differs(self):
        """Two of the ratings that were given are not the same."""
        given = {cell.value for cell in (self.here, *self.there) if cell.value != UNRATED}
        return len(given) > 1

    @property
    def replaceable(self):
        """It is rated here, and a sibling's rating that could be confirmed is another."""
        other = {cell.value for cell in self.there} - {UNRATED, self.here.value}
        return self.here.value != UNRATED and any(self.item.allows(value) for value in other)


def side_by_side(sheet, sources, last):
    """The items that apply here, in order; `last` is what history.last_changes gives for all of them."""
    return [
        Row(item, _cell(item, sheet, last), tuple(_cell(item, source, last) for source in sources))
        for item in sheet.applicable_items
    ]


def _cell(item, sheet, last):
    """Sheets may be of two versions of the instrument: they are matched by the item's code."""
    own = next((one for one in sheet.applicable_items if one.code == item.code), None)
    value = sheet.value(own) if own else UNRATED
    said = words(item, value) if own else "not asked"
    return Cell(sheet, said, value, last.get((sheet.pk, own.position)) if own else None)
