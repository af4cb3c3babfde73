"""What became of a return: each comment with the rating then and now, and what the author says to it."""

from dataclasses import dataclass

from cans.history import changes_of, words_of
from cans.instrument import Item
from cans.models import Sheet

from .models import ItemComment


@dataclass(frozen=True)
class Asked:
    """One comment of a return. It is seen to when its item changed, or when it is answered in words."""

    comment: ItemComment
    item: Item
    sheet: Sheet
    then: str
    now: str
    note_written: bool  # or written otherwise, since it was returned
    rated: bool  # False where the person or the item is no longer rated in this CANS

    @property
    def changed(self):
        return self.then != self.now

    @property
    def answer(self):
        return self.comment.answered

    @property
    def seen_to(self):
        return bool(self.answer or self.changed or self.note_written or not self.rated)

    @property
    def label(self):
        return f"{self.sheet.adult.name}: {self.item.label}" if self.sheet.adult_id else self.item.label


def ratings_then(changes):
    """(sheet, position) → the value when it was returned, of the items that were set since: the history
    after the return, played back."""
    then = {}
    for one in changes:
        if one.since:
            then.setdefault((one.sheet, one.position), one.before)
    return then


def asked_in(sheets, returned, then=None, noted=None):
    """The comments of a return in the form's order; `then` is `ratings_then`, and `noted` the (sheet, code)
    of what was noted since, where they are known."""
    comments = {(comment.sheet_id, comment.code): comment for comment in returned.comments.all()}
    if not comments:
        return []
    if then is None:
        then = ratings_then(changes_of(returned.assessment_id, since=returned.at))
    if noted is None:
        noted = words_of(returned.assessment_id, since=returned.at).notes_since
    return [
        _asked(comments[sheet.pk, item.code], item, sheet, then, noted)
        for sheet in sheets
        for item in sheet.items
        if (sheet.pk, item.code) in comments
    ]


def _asked(comment, item, sheet, then, noted):
    now = sheet.value(item)
    return Asked(
        comment,
        item,
        sheet,
        then=then.get((sheet.pk, item.position), now),
        now=now,
        note_written=(sheet.pk, item.code) in noted,
        rated=not sheet.not_scored_reason and item in sheet.applicable_items,
    )
