"""What stood of a CANS when it was returned, besides its ratings, and in sentences what became of it.

It is kept with the return: of the day, the type, the sections and the sheets nothing else has a history
with dates, and a note that is removed leaves none.
"""

import datetime
from dataclasses import dataclass

from cans.days import written_with_weekday as _day
from cans.instrument import CHILD_DOMAINS, UNRATED, Applies, applying_to_child
from cans.models import Assessment, Note, Sheet
from cases.models import Adult

# The sections that are rated for some children only.
SECTIONS = {Applies.EARLY: "early", Applies.TRANSITION: "transition"}
NOT_KEPT = "What stood then of its day, its type, its sections and its sheets was not kept."


def what_stands(assessment):
    """To be kept with a return: numbers, dates and the reasons why somebody is not scored."""
    sheets = Sheet.objects.filter(assessment=assessment).order_by("pk")
    notes = Note.objects.filter(sheet__assessment=assessment).order_by("pk")
    return {
        "assessed_on": assessment.assessed_on.isoformat(),
        "type": assessment.type,
        "early": assessment.early,
        "transition": assessment.transition,
        "sheets": list(map(list, sheets.values_list("pk", "adult", "not_scored_reason"))),
        "notes": list(map(list, notes.values_list("sheet", "code"))),
    }


@dataclass(frozen=True)
class Stood:
    """The same, to be asked. `reasons` are those why a sheet was not scored, by the sheet's number."""

    assessed_on: datetime.date
    type: str
    applying: set
    adults: dict
    reasons: dict
    notes: set

    @classmethod
    def of(cls, kept):
        return cls(
            datetime.date.fromisoformat(kept["assessed_on"]),
            kept["type"],
            applying_to_child(early=kept["early"], transition=kept["transition"]),
            {sheet: adult for sheet, adult, _ in kept["sheets"]},
            {sheet: reason for sheet, _, reason in kept["sheets"]},
            {(sheet, code) for sheet, code in kept["notes"]},
        )

    @classmethod
    def as_now(cls, assessment, sheets, notes):
        """Where nothing was kept with the return: as if nothing of it had changed."""
        return cls(
            assessment.assessed_on,
            assessment.type,
            applying_to_child(early=assessment.early, transition=assessment.transition),
            {sheet.pk: sheet.adult_id for sheet in sheets},
            {sheet.pk: sheet.not_scored_reason for sheet in sheets},
            set(notes),
        )

    def counted(self, sheet, item):
        """Was the item to be rated on this sheet?"""
        if self.reasons.get(sheet.pk, "no sheet"):
            return False
        return bool(sheet.adult_id) or item.applies in self.applying


def sentences(stood, assessment, sheets):
    """What became of the day, the type, the sections and the sheets."""
    return [
        *_of_the_whole(stood, assessment),
        *_of_sections(stood, assessment, next(sheet for sheet in sheets if sheet.adult_id is None)),
        *(said for sheet in sheets if sheet.adult_id and (said := _of_sheet(stood, sheet))),
        *_of_dropped(stood, sheets),
    ]


def _of_the_whole(stood, assessment):
    if stood.assessed_on != assessment.assessed_on:
        yield f"It is about {_day(assessment.assessed_on)} now; it was about {_day(stood.assessed_on)}."
    if stood.type != assessment.type:
        before = Assessment.Type(stood.type).label.lower()
        yield f"Its type is {assessment.get_type_display().lower()} now; it was {before}."


def _of_sections(stood, assessment, sheet):
    now = applying_to_child(early=assessment.early, transition=assessment.transition)
    for applies, section in SECTIONS.items():
        items = [item for item in sheet.items if item.applies is applies]
        title, number = CHILD_DOMAINS[section], _items(len(items))
        if applies in now - stood.applying:
            yield f"{title} is rated now, and was not then: {number}."
        if applies in stood.applying - now:
            yield f"{title} is not rated any more: {number}, {_count(sheet, items)} rated, do not count."


def _of_sheet(stood, sheet):
    name, reason = sheet.subject_name, sheet.not_scored_reason
    number, why = _items(len(sheet.applicable_items)), f"“{reason}”."
    before = stood.reasons.get(sheet.pk)
    if before is None:
        return f"{name} was added, {f'and is not scored: {why}' if reason else f'with {number}.'}"
    if reason and not before:
        rated = _count(sheet, sheet.applicable_items)
        return f"{name} is not scored any more: {why} {number}, {rated} rated, do not count."
    if before and not reason:
        return f"{name} is scored now, and was not then: {number}."
    return f"Why {name} is not scored is put otherwise: {why} It was “{before}”." if before != reason else ""


def _of_dropped(stood, sheets):
    here = {sheet.pk for sheet in sheets}
    gone = {adult for sheet, adult in stood.adults.items() if sheet not in here}
    names = Adult.objects.filter(pk__in=gone).order_by("name", "pk").values_list("name", flat=True)
    return [f"{name} was removed; nothing was written on their sheet." for name in names] if gone else []


def _count(sheet, items):
    return sum(sheet.value(item) != UNRATED for item in items)


def _items(number):
    return f"{number} item{'' if number == 1 else 's'}"
