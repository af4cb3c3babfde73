"""One item of one sheet as its reviewer reads it: the rating before and after, and what that means."""

from dataclasses import dataclass

from cans.comparison import Change
from cans.instrument import UNRATED, Item, ItemKind, words
from cans.models import Sheet

from .answers import Asked

NOT_BEFORE = "not rated before"

# The style and the words of one change; a need is told apart by the order of its group.
WORDS = {
    Change.MET: ("dropped", "No longer actionable"),
    Change.BUILT: ("built", "Strength built"),
    Change.LOST: ("lost", "Strength lost"),
    Change.REVEALED: ("exposure", "Exposure higher"),
    Change.LOWER: ("exposure", "Exposure lower"),
}
TRENDS = {Change.IMPROVED: "Still actionable, lower", Change.WORSENED: "Still actionable, higher"}


@dataclass(frozen=True)
class Row:
    """One item of one sheet, as components/change_row.html reads it."""

    sheet: Sheet
    item: Item
    before: str
    after: str
    change: str
    change_words: str
    note: str = ""
    compared: bool = True
    noted: str = ""  # what became of its note since it was returned
    asked: Asked | None = None  # the reviewer's comment on it, where it was returned with one

    @property
    def code(self):
        return f"{self.sheet.pk}-{self.item.code}"

    @property
    def number(self):
        return self.item.number or ""

    @property
    def name(self):
        return self.item.name

    @property
    def from_words(self):
        """Empty where the person was never rated: there is no “before” to speak of."""
        if not self.compared:
            return ""
        return words(self.item, self.before) if self.before != UNRATED else NOT_BEFORE

    @property
    def to_words(self):
        return words(self.item, self.after)

    @property
    def flag(self):
        return flag_of(self.item, self.after)


def flag_of(item, value):
    """What to say beside an item whose rating stands where it stood."""
    if item.actionable(value):
        return "Actionable"
    return "Present" if item.present(value) else ""


def row_of(sheet, one, notes, **more):
    style, said = _said(one)
    note = notes.get((sheet.pk, one.item.code), "")
    return Row(sheet, one.item, one.before, one.after, style, said, note, **more)


def _said(one):
    if one.change in WORDS:
        return WORDS[one.change]
    if one.rank == 0:
        return "actionable", "Newly actionable" if one.change else "Actionable"
    if one.trend:
        return "other", TRENDS[one.trend]
    if one.item.kind is ItemKind.EXPOSURE and one.item.present(one.after):
        return "exposure", "Present"
    if one.item.usable(one.after):
        return "built" if one.change is None else "other", "Usable"
    return "other", "Changed"
