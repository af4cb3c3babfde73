"""What the author did with a return: what a reviewer reads first of a CANS that came back."""

from dataclasses import dataclass, replace

from cans.comparison import ItemChange

from .answers import asked_in, ratings_then
from .items import Row, row_of
from .stood import NOT_KEPT, Stood, sentences

WRITTEN, REMOVED = "Note written since", "Note removed since"


@dataclass(frozen=True)
class SinceReturned:
    """What changed of the whole, in `sentences`; each comment with its answer, before and after; of the
    items nobody named those whose rating or note changed, those set and set back, and how many have no
    history since."""

    step: object
    sentences: list[str]
    commented: list[Row]
    others: list[Row]
    back: list[Row]
    untouched: int


def since(returned, assessment, sheets, *, said, changes, answered):
    """`said` are the words of the CANS, and `changes` its rating history, both asked with the return;
    `answered` is how many of its warnings were answered since."""
    stood = Stood.of(returned.stood) if returned.stood else Stood.as_now(assessment, sheets, said.notes)
    then = ratings_then(changes)
    asked = asked_in(sheets, returned, then, said.notes_since)
    named = {(one.sheet.pk, one.item.code) for one in asked}
    others, back, untouched = [], [], 0
    for sheet in sheets:
        for item in () if sheet.not_scored_reason else sheet.applicable_items:
            if (sheet.pk, item.code) in named:
                continue
            noted = _noted(stood, said, (sheet.pk, item.code))
            if (sheet.pk, item.position) not in then and not noted:
                untouched += stood.counted(sheet, item)
                continue
            one = ItemChange(item, then.get((sheet.pk, item.position), sheet.value(item)), sheet.value(item))
            row = replace(row_of(sheet, one, said.notes), noted=noted)
            (others if one.differs or noted else back).append(row)
    return SinceReturned(
        returned,
        _sentences(returned, stood, assessment, sheets, answered),
        [_commented(one, said.notes) for one in asked],
        sorted(others, key=lambda row: ItemChange(row.item, row.before, row.after).rank),
        back,
        untouched,
    )


def _commented(one, notes):
    return row_of(one.sheet, ItemChange(one.item, one.then, one.now), notes, asked=one)


def _noted(stood, said, key):
    if key in said.notes_since:
        return WRITTEN
    return REMOVED if key in stood.notes and key not in said.notes else ""


def _sentences(returned, stood, assessment, sheets, answered):
    found = sentences(stood, assessment, sheets) if returned.stood else [NOT_KEPT]
    if answered:
        were, they = ("warning was", "it is") if answered == 1 else ("warnings were", "they are")
        found.append(f"{answered} {were} answered since; {they} marked below.")
    return found
