"""The scoring form in parts, as the pages show it: what is rated where, and how far it has come.

A part is a section of the child's sheet, or the whole sheet of one caregiver with its blocks.
"""

from dataclasses import dataclass
from functools import cache, cached_property, lru_cache

from django.urls import reverse

from cans import instrument
from cans.instrument import NOT_APPLICABLE, UNKNOWN, UNRATED
from cans.models import Sheet


@dataclass(frozen=True)
class Part:
    slug: str
    title: str
    sheet: Sheet
    sections: tuple[instrument.Section, ...]

    @cached_property
    def items(self):
        return [item for section in self.sections for item in section.items]

    @cached_property
    def unrated(self):
        return [item for item in self.items if self.sheet.value(item) == UNRATED]

    @property
    def missing(self):
        """What is not rated yet: (the item's name, the address of its control)."""
        return [(item.label, control_url(self.sheet, item.code)) for item in self.unrated]

    @cached_property
    def total(self):
        return len(self.items)

    @cached_property
    def done(self):
        return self.total - len(self.unrated)

    @property
    def is_done(self):
        return not self.unrated

    @cached_property
    def url(self):
        return reverse("cans:score", args=[self.sheet.assessment_id, self.slug])

    @property
    def anchor(self):
        """Where somebody who comes to rate should land: the first item without a rating."""
        return f"{self.url}#{anchor(self.sheet, self.unrated[0].code)}" if self.unrated else self.url


@dataclass(frozen=True)
class Page:
    """What one page shows of the form: the whole, or a part of it by its slug."""

    assessment_id: int
    sheets: list[Sheet]  # all of the CANS, also those that are not scored
    before: dict  # the ratings of the CANS it is compared with, see `values_by_adult`
    slug: str | None = None

    @cached_property
    def parts(self):
        return parts_of(self.sheets)

    @cached_property
    def shown(self):
        return self.parts if self.slug is None else [part for part in self.parts if part.slug == self.slug]

    @property
    def url(self):
        return reverse("cans:continue", args=[self.assessment_id]) if self.slug is None else self.shown[0].url

    @property
    def title(self):
        return "Ratings" if self.slug is None else self.shown[0].title

    @cached_property
    def items_by_sheet(self):
        """sheet → the items of it that this page shows, the sheets in the form's order."""
        found = {}
        for part in self.shown:
            found.setdefault(part.sheet.pk, (part.sheet, []))[1].extend(part.items)
        return list(found.values())


def row_key(sheet, code):
    """What names one item of one sheet in a page: a caregiver's items are there once for each caregiver."""
    return f"{sheet.pk}-{code}"


def anchor(sheet, code):
    return f"item-{row_key(sheet, code)}"


def control_url(sheet, code):
    """The address of the control of one item, on the page that shows them all."""
    return f"{reverse('cans:continue', args=[sheet.assessment_id])}#{anchor(sheet, code)}"


def parts_of(sheets):
    """All parts in the order they are rated: the child's sections, then the caregivers."""
    found = []
    for sheet in sheets:
        if sheet.not_scored_reason:
            continue
        sections = _sections(sheet.applicable_items)
        if sheet.adult_id is None:
            found += [Part(section.key, section.title, sheet, (section,)) for section in sections]
        else:
            found.append(Part(slug_of(sheet), sheet.adult.name, sheet, sections))
    return found


_sections = lru_cache(maxsize=64)(instrument.sections)  # a version's items come in a few combinations


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
    return (*found, (UNKNOWN, "U", "unknown"))
