"""The items of one version of the CANS, as data: what each is and whom it applies to."""

import re
from calendar import monthrange
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

SHIPPED = Path(__file__).parent.parent / "data" / "cans-2.0-illinois.tsv"


class Subject(StrEnum):
    CHILD = "child"
    CAREGIVER = "caregiver"


class ItemKind(StrEnum):
    NEED = "need"
    EXPOSURE = "exposure"
    STRENGTH = "strength"


class Applies(StrEnum):
    ALL = "all"
    EARLY = "age five or younger, or developmental disability"
    TRANSITION = "age 14 years 6 months or older"
    EVERY_CAREGIVER = "every caregiver"
    SUBSTITUTE = "substitute caregiver"


class Window(StrEnum):
    LIFETIME = "lifetime"
    THIRTY_DAYS = "30 days"
    OWN = "own"
    BIRTH = "birth"


class Certainty(StrEnum):
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


LEVEL_VALUES = "0123"
NOT_APPLICABLE = "n"
UNKNOWN = "u"
UNRATED = "."
VALUES = LEVEL_VALUES + NOT_APPLICABLE + UNKNOWN + UNRATED

LEVELS: Mapping[ItemKind, Mapping[str, str]] = {
    ItemKind.NEED: {"0": "no evidence", "1": "watch, prevent", "2": "act", "3": "act now"},
    ItemKind.STRENGTH: {
        "0": "centerpiece",
        "1": "useful",
        "2": "identified, to build",
        "3": "none identified",
    },
    ItemKind.EXPOSURE: {
        "0": "none",
        "1": "one incident or suspicion",
        "2": "several, moderate",
        "3": "repeated or severe",
    },
}
OTHER_WORDS: Mapping[str, str] = {NOT_APPLICABLE: "N/A", UNKNOWN: "unknown", UNRATED: "not yet rated"}

CHILD_DOMAINS: Mapping[str, str] = {
    "trauma": "Trauma exposure",
    "stress": "Traumatic stress symptoms",
    "strengths": "Child strengths",
    "life": "Life domain functioning",
    "acculturation": "Acculturation",
    "behavioral": "Behavioral and emotional needs",
    "risk": "Risk behaviors",
    "early": "Early childhood",
    "transition": "Transition to adulthood",
}
CAREGIVER_DOMAIN = "caregiver"
LAST_NUMBER = 139  # the state's form: child items 1 to 94, caregiver items 95 to 139
NEVER = "never"
OVER_FIVE = "over five"

# Readiness has rules about these; a version without them would lose the rules in silence.
SUICIDE_RISK = "risk.suicide-risk"
SELF_MUTILATION = "risk.self-mutilation"
ADJUSTMENT_TO_TRAUMA = "stress.adjustment-to-trauma"
ITEMS_WITH_RULES = (SUICIDE_RISK, SELF_MUTILATION, ADJUSTMENT_TO_TRAUMA)


@dataclass(frozen=True)
class Item:
    position: int  # within its subject's sheet, from 0, in the order of the file
    domain: str
    block: str
    number: int | None
    code: str
    name: str
    kind: ItemKind
    subject: Subject
    applies: Applies
    window: Window
    na: str  # "never", or when N/A may be chosen
    certainty: Certainty

    def __hash__(self) -> int:
        return hash(self.code)  # pages look things up by the item for every row

    @property
    def label(self) -> str:
        return self.name if self.number is None else f"{self.name} ({self.number})"

    @property
    def section(self) -> str:
        return self.domain if self.subject is Subject.CHILD else slug(self.block)

    @property
    def levels(self) -> Mapping[str, str]:
        return LEVELS[self.kind]

    @property
    def na_allowed(self) -> bool:
        return self.na != NEVER

    @property
    def needs_checking(self) -> bool:
        return self.certainty is not Certainty.HIGH or self.number is None

    def allows(self, value: str) -> bool:
        """Whether a person may give this rating; whether N/A fits this child is for readiness to say."""
        return value in self.levels or value == UNKNOWN or (value == NOT_APPLICABLE and self.na_allowed)

    def actionable(self, value: str) -> bool:
        return self.kind is ItemKind.NEED and value in ("2", "3")

    def usable(self, value: str) -> bool:
        return self.kind is ItemKind.STRENGTH and value in ("0", "1")

    def present(self, value: str) -> bool:
        return self.kind is ItemKind.EXPOSURE and value in ("1", "2", "3")


class Section(NamedTuple):
    key: str
    title: str
    items: tuple[Item, ...]


@dataclass(frozen=True)
class Instrument:
    version: str
    items: tuple[Item, ...]

    @cached_property
    def child_items(self) -> tuple[Item, ...]:
        return self._items_of(Subject.CHILD)

    @cached_property
    def caregiver_items(self) -> tuple[Item, ...]:
        return self._items_of(Subject.CAREGIVER)

    @cached_property
    def by_code(self) -> Mapping[str, Item]:
        return {item.code: item for item in self.items}

    def domains(self, subject: Subject) -> tuple[Section, ...]:
        """The sheet's sections in order: domains for a child, blocks for a caregiver."""
        return sections(self._items_of(subject))

    def _items_of(self, subject: Subject) -> tuple[Item, ...]:
        return tuple(item for item in self.items if item.subject is subject)


def sections(items: Sequence[Item]) -> tuple[Section, ...]:
    grouped: dict[str, list[Item]] = {}
    for item in items:
        grouped.setdefault(item.section, []).append(item)
    return tuple(Section(key, _title(held[0]), tuple(held)) for key, held in grouped.items())


def applicable_child_items(instrument: Instrument, *, early: bool, transition: bool) -> tuple[Item, ...]:
    applying = applying_to_child(early=early, transition=transition)
    return tuple(item for item in instrument.child_items if item.applies in applying)


def applicable_caregiver_items(instrument: Instrument, *, substitute: bool) -> tuple[Item, ...]:
    applying = applying_to_caregiver(substitute=substitute)
    return tuple(item for item in instrument.caregiver_items if item.applies in applying)


def applying_to_child(*, early: bool, transition: bool) -> set[Applies]:
    applying = {Applies.ALL}
    if early:
        applying.add(Applies.EARLY)
    if transition:
        applying.add(Applies.TRANSITION)
    return applying


def applying_to_caregiver(*, substitute: bool) -> set[Applies]:
    return {Applies.EVERY_CAREGIVER, Applies.SUBSTITUTE} if substitute else {Applies.EVERY_CAREGIVER}


def five_or_younger(*, born: date, on: date) -> bool:
    return months_old(born=born, on=on) < 6 * 12


def age_domains(*, born: date, developmental_disability: bool, assessed_on: date) -> tuple[bool, bool]:
    """Whether the (early, transition) items must be rated; either may be added for any child."""
    early = developmental_disability or five_or_younger(born=born, on=assessed_on)
    transition = months_old(born=born, on=assessed_on) >= 14 * 12 + 6
    return early, transition


def months_old(*, born: date, on: date) -> int:
    """Completed calendar months; a month too short for the birth day completes on its last day."""
    months = (on.year - born.year) * 12 + on.month - born.month
    last_day = monthrange(on.year, on.month)[1]
    return months if on.day >= min(born.day, last_day) else months - 1


def words(item: Item, value: str) -> str:
    """The rating as people read it: "2, act", "unknown". Raises KeyError for what is not a rating."""
    if value in OTHER_WORDS:
        return OTHER_WORDS[value]
    return f"{value}, {item.levels[value]}"


def slug(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")


def _title(item: Item) -> str:
    return CHILD_DOMAINS[item.domain] if item.subject is Subject.CHILD else item.block
