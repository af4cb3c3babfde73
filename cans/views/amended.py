"""An amended CANS and its amendment side by side: what the second changes of the first, item by item."""

from dataclasses import dataclass

from approvals.history import amendment_of
from approvals.models import Step
from cans.facts import sheets_of
from cans.instrument import words
from cans.models import Assessment
from cans.states import State


@dataclass(frozen=True)
class Difference:
    name: str
    before: str
    after: str
    notes: tuple[str, str] | None = None  # where they differ: before and after, either may be ""


@dataclass(frozen=True)
class Amendment:
    """`amended` stays as it was approved; it is in force until `by` is approved, which `asked` opened."""

    amended: Assessment
    by: Assessment
    differences: list[Difference]
    asked: Step | None

    @property
    def in_force(self):
        return self.by if self.by.state == State.APPROVED else self.amended


def amendments_about(assessment, sheets):
    """How this CANS amends another, and how another amends this one: none, either or both."""
    found = []
    if assessment.amends:
        found.append(_between(assessment.amends, sheets_of(assessment.amends), assessment, sheets))
    if assessment.state == State.APPROVED:
        later = assessment.amendments.exclude(state=State.VOIDED).select_related(
            "child", "instrument_version"
        )
        found += [_between(assessment, sheets, one, sheets_of(one)) for one in later]
    return found


def _between(amended, sheets, by, sheets_by):
    before, after = ({sheet.adult_id: sheet for sheet in of} for of in (sheets, sheets_by))
    differences = [
        one
        for adult in dict.fromkeys([*before, *after])
        for one in _of_person(before.get(adult), after.get(adult))
    ]
    return Amendment(amended, by, differences, amendment_of(by))


def _of_person(before, after):
    """What differs for one person; either sheet may be missing, and one without a score has no ratings."""
    some = before or after
    if _state(before) != _state(after):
        yield Difference(some.subject_name, _state(before), _state(after))
    if before is None or after is None:
        return
    notes, notes_after = _notes(before), _notes(after)
    for item in _items(before, after):
        values = before.value(item), after.value(item)
        noted = notes.get(item.code, ""), notes_after.get(item.code, "")
        if values[0] != values[1] or noted[0] != noted[1]:
            name = f"{some.subject_name}: {item.label}" if some.adult_id else item.label
            said = (words(item, value) for value in values)
            yield Difference(name, *said, notes=noted if noted[0] != noted[1] else None)


def _items(before, after):
    """Those rated in both or in one of them, in the form's order; the version is the same."""
    either = {
        item.position
        for sheet in (before, after)
        if not sheet.not_scored_reason
        for item in sheet.applicable_items
    }
    return [item for item in before.items if item.position in either]


def _notes(sheet):
    return {note.code: note.text for note in sheet.notes.all()}


def _state(sheet):
    if sheet is None:
        return "no sheet"
    return f"not scored: {sheet.not_scored_reason}" if sheet.not_scored_reason else "scored"
