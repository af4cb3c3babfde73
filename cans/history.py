"""Where each rating comes from: its history in words, and how much of a CANS was carried."""

from dataclasses import dataclass

from django.db.models import Max

from .instrument import UNRATED, words
from .models import RatingChange


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


def carried_share(sheets):
    """The Share of the items that apply on these sheets, but for those that are not scored: one query."""
    scored = [sheet for sheet in sheets if not sheet.not_scored_reason]
    last = {
        (sheet, position): "carried" if carried else "confirmed" if confirmed_from else "chosen"
        for sheet, position, carried, confirmed_from in RatingChange.objects.filter(sheet__in=scored)
        .order_by("pk")
        .values_list("sheet", "position", "carried", "confirmed_from")
    }
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
