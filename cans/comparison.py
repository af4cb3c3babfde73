"""Two assessments in, changes out. Counts of items only: ratings are never added up."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from .instrument import UNKNOWN, UNRATED, Item, ItemKind, sections


class Change(StrEnum):
    """NONE: comparable, and none of the others. IMPROVED and WORSENED tell an ONGOING need apart."""

    MET = "met"
    ONGOING = "ongoing"
    NEW = "new"
    IMPROVED = "improved"
    WORSENED = "worsened"
    BUILT = "built"
    KEPT = "kept"
    LOST = "lost"
    REVEALED = "revealed"
    LOWER = "lower"
    NONE = "none"


NEED_CHANGES = {
    (True, False): Change.MET,
    (True, True): Change.ONGOING,
    (False, True): Change.NEW,
    (False, False): Change.NONE,
}
STRENGTH_CHANGES = {
    (False, True): Change.BUILT,
    (True, True): Change.KEPT,
    (True, False): Change.LOST,
    (False, False): Change.NONE,
}
# Where a change stands in a review: 0 is what newly needs action, the rest come after these.
RANKS = {Change.MET: 1, Change.BUILT: 2, Change.LOST: 3}
OTHER_DIFFERENCE, SAME = 4, 5


def change(item: Item, before: str, after: str) -> Change | None:
    """None where either rating is N/A, unknown or missing: the two cannot be compared."""
    if before not in item.levels or after not in item.levels:
        return None
    if item.kind is ItemKind.EXPOSURE:
        return _exposure_change(before, after)
    if item.kind is ItemKind.STRENGTH:
        return STRENGTH_CHANGES[item.usable(before), item.usable(after)]
    return NEED_CHANGES[item.actionable(before), item.actionable(after)]


def _exposure_change(before: str, after: str) -> Change:
    if after == before:
        return Change.NONE
    return Change.REVEALED if after > before else Change.LOWER


@dataclass(frozen=True)
class ItemChange:
    item: Item
    before: str
    after: str

    @cached_property
    def change(self) -> Change | None:
        return change(self.item, self.before, self.after)

    @property
    def trend(self) -> Change | None:
        """IMPROVED or WORSENED, of an ongoing need whose level moved."""
        if self.change is not Change.ONGOING or self.before == self.after:
            return None
        return Change.IMPROVED if self.after < self.before else Change.WORSENED

    @property
    def differs(self) -> bool:
        return self.before != self.after

    @cached_property
    def rank(self) -> int:
        """Its place in a review: what now needs action first, what is the same last."""
        if self.item.actionable(self.after) and not self.item.actionable(self.before):
            return 0  # also where there was nothing to compare with
        if self.change in RANKS:
            return RANKS[self.change]
        return OTHER_DIFFERENCE if self.differs else SAME


def compare(items: Iterable[Item], before: Mapping[str, str], after: Mapping[str, str]) -> list[ItemChange]:
    """One sheet's items, unchanged ones included, by rank and then in the form's order."""
    changes = [
        ItemChange(item, before.get(item.code, UNRATED), after.get(item.code, UNRATED)) for item in items
    ]
    return sorted(changes, key=lambda one: (one.rank, one.item.position))


def counts(changes: Iterable[ItemChange]) -> Counter[Change]:
    """How many items of each change; IMPROVED and WORSENED are counted again within ONGOING."""
    return Counter(kind for one in changes for kind in (one.change, one.trend) if kind is not None)


def carried_unchanged(items: Iterable[Item], before: Mapping[str, str], after: Mapping[str, str]) -> int:
    """How many items are rated now as they were then, whoever typed them; N/A and unknown count too."""
    return sum(before.get(item.code, UNRATED) == after.get(item.code, UNRATED) != UNRATED for item in items)


@dataclass(frozen=True)
class Profile:
    """The items that say something about what to do, in the form's order; their number is their len."""

    act_now: tuple[Item, ...]
    act: tuple[Item, ...]
    watch: tuple[Item, ...]
    usable: tuple[Item, ...]
    to_build: tuple[Item, ...]
    present: tuple[Item, ...]
    unknown: tuple[Item, ...]

    @property
    def actionable(self) -> tuple[Item, ...]:
        return self.act_now + self.act


def profile(items: Sequence[Item], ratings: Mapping[str, str]) -> Profile:
    def rated(kind: ItemKind, *values: str) -> tuple[Item, ...]:
        return tuple(
            item for item in items if item.kind is kind and ratings.get(item.code, UNRATED) in values
        )

    return Profile(
        act_now=rated(ItemKind.NEED, "3"),
        act=rated(ItemKind.NEED, "2"),
        watch=rated(ItemKind.NEED, "1"),
        usable=rated(ItemKind.STRENGTH, "0", "1"),
        to_build=rated(ItemKind.STRENGTH, "2", "3"),
        present=rated(ItemKind.EXPOSURE, "1", "2", "3"),
        unknown=tuple(item for item in items if ratings.get(item.code) == UNKNOWN),
    )


def profile_by_section(items: Sequence[Item], ratings: Mapping[str, str]) -> dict[str, Profile]:
    """A profile for each section's key, in the form's order."""
    return {section.key: profile(section.items, ratings) for section in sections(items)}
