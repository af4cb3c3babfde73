"""What became of a return: each comment with the rating then and now, and what the author says to it."""

from dataclasses import dataclass

from audit.statements import Given, Question
from cans.instrument import Item
from cans.models import Note, RatingChange, Sheet

from .models import ItemComment, Step


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


def _since(rows):
    """For questions: those of a CANS that are younger than one of its steps."""
    moment = Step.objects.filter(pk=Given("step")).order_by().values("at")
    return rows.filter(sheet__assessment=Given("assessment"), at__gt=moment)


_RATED = Question(
    lambda: _since(RatingChange.objects).order_by("pk").values_list("sheet", "position", "before")
)
_NOTED = Question(lambda: _since(Note.objects).order_by().values_list("sheet", "code"))


def ratings_then(returned):
    """(sheet, position) → the value when it was returned, of the items that were set since: the history
    after the return, played back."""
    then = {}
    for sheet, position, before in _RATED.rows(assessment=returned.assessment_id, step=returned.pk):
        then.setdefault((sheet, position), before)
    return then


def noted_since(returned):
    """(sheet, item code) of the notes that were written since it was returned."""
    return set(_NOTED.rows(assessment=returned.assessment_id, step=returned.pk))


def asked_in(sheets, returned, then, noted):
    """The comments of a return in the form's order; `then` is what `ratings_then` gives, `noted` what
    `noted_since` does."""
    comments = {(comment.sheet_id, comment.code): comment for comment in returned.comments.all()}
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
