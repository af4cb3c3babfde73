"""The scoring form in parts, as the pages show it: what is rated where, and how far it has come.

A part is one page of the form: a section of the child's sheet, or the whole sheet of one
caregiver with its blocks. Rows are plain dictionaries: form objects cost ten times as much.
"""

from dataclasses import dataclass
from functools import cache

from django.urls import reverse

from cans import instrument
from cans.days import written_with_weekday
from cans.instrument import NOT_APPLICABLE, UNKNOWN, UNRATED, words
from cans.models import Sheet


@dataclass(frozen=True)
class Part:
    slug: str
    title: str
    sheet: Sheet
    sections: tuple[instrument.Section, ...]

    @property
    def items(self):
        return [item for section in self.sections for item in section.items]

    @property
    def unrated(self):
        return [item for item in self.items if self.sheet.value(item) == UNRATED]

    @property
    def total(self):
        return len(self.items)

    @property
    def done(self):
        return self.total - len(self.unrated)

    @property
    def is_done(self):
        return not self.unrated

    @property
    def url(self):
        return reverse("cans:score", args=[self.sheet.assessment_id, self.slug])

    @property
    def anchor(self):
        """Where somebody who comes to rate should land: the first item without a rating."""
        return f"{self.url}#item-{self.unrated[0].code}" if self.unrated else self.url


def parts_of(sheets):
    """All parts in the order they are rated: the child's sections, then the caregivers."""
    found = []
    for sheet in sheets:
        if sheet.not_scored_reason:
            continue
        sections = instrument.sections(sheet.applicable_items)
        if sheet.adult_id is None:
            found += [Part(section.key, section.title, sheet, (section,)) for section in sections]
        else:
            found.append(Part(slug_of(sheet), sheet.adult.name, sheet, sections))
    return found


def slug_of(sheet):
    return f"caregiver-{sheet.pk}"


def progress(parts):
    return {"done": sum(part.done for part in parts), "total": sum(part.total for part in parts)}


def next_missing(parts):
    """The first part with an item to rate, or None when everything is rated."""
    return next((part for part in parts if not part.is_done), None)


def after(parts, part):
    """The part that follows, or None after the last."""
    following = [one.slug for one in parts].index(part.slug) + 1
    return parts[following] if following < len(parts) else None


@cache
def levels(kind, na_allowed):
    """(value, what the key shows, its meaning), as the rating row takes them."""
    found = [(value, value, meaning) for value, meaning in instrument.LEVELS[kind].items()]
    if na_allowed:
        found.append((NOT_APPLICABLE, "N/A", "not applicable"))
    return (*found, (UNKNOWN, "?", "unknown"))


def na_conditions(items):
    """When N/A may be chosen on this page: (the condition, the items), each condition once."""
    found = {}
    for item in items:
        if item.na_allowed:
            found.setdefault(item.na, []).append(item)
    return list(found.items())


def row(item, sheet, *, previous, previous_day, note="", comments=(), typed=None):
    """One item of the form; `typed` replaces what is stored by what the person entered."""
    value = sheet.value(item)
    stored = "" if value == UNRATED else value
    return {
        "code": item.code,
        "number": item.number or "",
        "name": item.name,
        "kind": item.kind.value,
        "levels": levels(item.kind, item.na_allowed),
        "value": stored,
        "seen": value,
        "was": was(item, previous, previous_day),
        "note": note,
        "note_seen": note,
        "comments": comments,
        "error": "",
    } | (typed or {})


def was(item, previous, day):
    """The rating in the last approved CANS in words, or "" where there was none."""
    before = (previous or {}).get(item.code, UNRATED)
    return "" if before == UNRATED else f"Was {words(item, before)}, on {written_with_weekday(day)}"
