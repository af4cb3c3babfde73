"""What the verbs on an open CANS give back: conflicts, and what a new date asks for."""

from typing import NamedTuple

from .instrument import CHILD_DOMAINS, Item, words
from .models import Assessment


class Conflict(NamedTuple):
    """A rating that was not set, because another stands where the person saw something else."""

    item: Item
    there: str
    wanted: str

    @property
    def sentence(self):
        return (
            f"Somebody else set this to “{words(self.item, self.there)}” since you opened the page; "
            f"you chose “{words(self.item, self.wanted)}”. Choose the one that is right and save again."
        )


class Saved(NamedTuple):
    """What of a sending was not stored, because something else stands there: all the rest is."""

    conflicts: list  # of (number of the sheet, Conflict)
    notes_apart: list  # of (number of the sheet, item code, the text there)


class DateChange(NamedTuple):
    """What a new assessed-on date changed, and what it asks for."""

    type_before: str
    type: str
    add_early: bool
    add_transition: bool
    without_sheet: tuple
    no_longer_caring: tuple

    @property
    def sentences(self):
        found = []
        if self.type != self.type_before:
            names = dict(Assessment.Type.choices)
            found.append(
                f"The type is now {names[self.type].lower()}; it was {names[self.type_before].lower()}."
            )
        for needed, section in ((self.add_early, "early"), (self.add_transition, "transition")):
            if needed:
                found.append(f"On that day the section {CHILD_DOMAINS[section]} has to be rated: add it.")
        found += [f"{name} cares for the child that day and has no sheet." for name in self.without_sheet]
        found += [f"{name} does not care for the child that day." for name in self.no_longer_caring]
        return found
