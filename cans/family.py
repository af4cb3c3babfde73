"""What a CANS says, for the family: in plain words, without ratings, and only what somebody chose."""

from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path

from .instrument import UNRATED, Item, ItemKind, Subject

WORDS = Path(__file__).parent / "data" / "plain-words.tsv"


class Part(StrEnum):
    WELL = "well"
    WORK = "work"
    BUILD = "build"
    WATCH = "watch"
    PAST = "past"

    @property
    def title(self):
        return TITLES[self]


TITLES = {
    Part.WELL: "What is going well",
    Part.WORK: "What we work on together",
    Part.BUILD: "What we want to build up",
    Part.WATCH: "What we keep an eye on",
    Part.PAST: "What has happened, and still counts",
}
# What may hurt in the wrong hands is put in by a tick of its own, never by itself.
SENSITIVE_DOMAINS = {"trauma": "trauma", "stress": "trauma", "risk": "risk"}
SENSITIVE_CODES = {
    "behavioral.substance-use": "alcohol or drugs",
    "early.substance-exposure": "alcohol or drugs",
}


@dataclass(frozen=True)
class Line:
    """One item of one person; `sensitive` says why it is not ticked to begin with, or is empty."""

    key: str
    person: str
    words: str
    sensitive: str

    @property
    def label(self):
        return f"{self.words} ({self.sensitive})" if self.sensitive else self.words


@cache
def plain_words():
    """Item code → our own words for it."""
    lines = WORDS.read_text(encoding="utf-8").splitlines()[1:]
    return dict(line.split("\t") for line in lines)


def part_of(item: Item, value: str):
    """Where a rating belongs; None where there is nothing to say."""
    if item.kind is ItemKind.STRENGTH:
        return Part.WELL if item.usable(value) else Part.BUILD if value in item.levels else None
    if item.kind is ItemKind.EXPOSURE:
        return Part.PAST if item.present(value) else None
    if item.actionable(value):
        return Part.WORK
    return Part.WATCH if value == "1" else None


def sensitive(item: Item):
    if item.subject is Subject.CAREGIVER:
        return "about an adult"
    return SENSITIVE_CODES.get(item.code) or SENSITIVE_DOMAINS.get(item.domain, "")


def lines_of(sheets):
    """Part → its Lines, the child's first; parts without a line are left out."""
    found = {part: [] for part in Part}
    for sheet in sheets:
        if sheet.not_scored_reason:
            continue
        for item in sheet.applicable_items:
            value = sheet.value(item)
            part = None if value == UNRATED else part_of(item, value)
            if part:
                words = plain_words().get(item.code, item.name)
                key = f"{sheet.pk}-{item.code}"
                found[part].append(Line(key, sheet.subject_name, words, sensitive(item)))
    return {part: lines for part, lines in found.items() if lines}
