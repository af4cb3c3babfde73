"""Where each rating comes from: its history in words, and how much of a CANS was carried."""

from dataclasses import dataclass
from typing import NamedTuple

from django.db import connection
from django.db.models import BooleanField, ExpressionWrapper, Max, Q, Value

from audit.statements import Given, Question

from .instrument import UNRATED, words
from .models import Note, RatingChange, WarningAnswer


def last_changes(sheets):
    """(sheet pk, position) → the last change of that rating, with its person: one query."""
    newest = (
        RatingChange.objects.filter(sheet__in=[sheet.pk for sheet in sheets])
        .order_by()
        .values("sheet", "position")
        .annotate(newest=Max("pk"))
    )
    rows = RatingChange.objects.filter(pk__in=newest.values("newest")).select_related("by").order_by()
    return {(row.sheet_id, row.position): row for row in rows}


@dataclass(frozen=True)
class Share:
    """Of the ratings that stand, how many came how: by the last change of each.

    `copied` have no change of their own: an amendment begins with those of the CANS it amends.
    """

    total: int
    carried: int = 0
    confirmed: int = 0
    chosen: int = 0
    copied: int = 0

    @property
    def rated(self):
        return self.carried + self.confirmed + self.chosen + self.copied


class Changed(NamedTuple):
    """One change of a rating; `since` says whether it was made after the moment asked about."""

    sheet: int
    position: int
    before: str
    carried: bool
    confirmed_from: int | None
    since: bool

    @property
    def how(self):
        return "carried" if self.carried else "confirmed" if self.confirmed_from else "chosen"


def changes_of(assessment, since=None):
    """Every change of a rating in the CANS with this number, oldest first: one query."""
    return [Changed(*row) for row in _CHANGES.rows(assessment=assessment, since=_moment(since))]


@dataclass(frozen=True)
class Words:
    """The notes, (sheet, item code) → text, and the answers to warnings, key → text, of one CANS; and of
    which the text was written after the moment asked about."""

    notes: dict
    answers: dict
    notes_since: set
    answers_since: set


def words_of(assessment, since=None):
    """The Words of the CANS with this number: one query."""
    notes, answers, notes_since, answers_since = {}, {}, set(), set()
    for sheet, key, text, later in _WORDS.rows(assessment=assessment, since=_moment(since)):
        kept, late, key = (notes, notes_since, (sheet, key)) if sheet else (answers, answers_since, key)
        kept[key] = text
        if later:
            late.add(key)
    return Words(notes, answers, notes_since, answers_since)


def _moment(at):
    return at and connection.ops.adapt_datetimefield_value(at)


_SINCE = ExpressionWrapper(Q(at__gt=Given("since")), output_field=BooleanField())
_CHANGES = Question(
    lambda: (
        RatingChange.objects.filter(sheet__assessment=Given("assessment"))
        .order_by("pk")
        .values_list("sheet", "position", "before", "carried", "confirmed_from", _SINCE)
    )
)


def _words():
    """Both in one question; 0 where there is no sheet."""
    this = Given("assessment")
    notes = Note.objects.filter(sheet__assessment=this).order_by()
    answers = WarningAnswer.objects.filter(assessment=this).order_by()
    return notes.values_list("sheet", "code", "text", _SINCE).union(
        answers.values_list(Value(0), "key", "text", _SINCE), all=True
    )


_WORDS = Question(_words)


def carried_share(sheets, changes=None):
    """The Share of the items that apply on these sheets of one CANS, but for those that are not scored;
    `changes` are `changes_of` it where they are known."""
    scored = [sheet for sheet in sheets if not sheet.not_scored_reason]
    if changes is None:
        changes = changes_of(sheets[0].assessment_id)
    last = {(one.sheet, one.position): one.how for one in changes}
    counts = {"carried": 0, "confirmed": 0, "chosen": 0, "copied": 0}
    total = 0
    for sheet in scored:
        for item in sheet.applicable_items:
            total += 1
            if sheet.value(item) != UNRATED:
                counts[last.get((sheet.pk, item.position), "copied")] += 1
    return Share(total, **counts)


@dataclass(frozen=True)
class Told:
    """One change of a rating, as people read it."""

    change: RatingChange
    sentence: str
    how: str


def history_of(sheet, item):
    """Every change of one rating of this sheet, oldest first: one query."""
    rows = RatingChange.objects.filter(sheet=sheet, position=item.position).select_related(
        "by", "confirmed_from__assessment__child"
    )
    return [Told(row, _sentence(item, row), _how(row)) for row in rows.order_by("pk")]


def _sentence(item, change):
    before, after = words(item, change.before), words(item, change.after)
    if change.after == UNRATED:
        return f"Taken back; it was {before}"
    return f"Rated {after}" if change.before == UNRATED else f"Changed from {before} to {after}"


def _how(change):
    if change.carried:
        return "Repeated from the last approved CANS."
    if change.confirmed_from_id:
        return f"Confirmed as for {change.confirmed_from.assessment.child.name}."
    return "Taken back by hand." if change.after == UNRATED else "Chosen by hand."
