"""What a returned CANS asks of its author: the items the reviewer named, and the day to answer by."""

from dataclasses import dataclass

from django.db.models import Min
from django.urls import reverse

from approvals.answers import asked_in
from approvals.history import comments_on, last_return, steps_of
from audit.statements import as_prefetched

from . import layout


def open_return(assessment, steps=None):
    """The return that still waits for an answer, or None."""
    if not _waits(assessment):
        return None
    return last_return(steps_of(assessment) if steps is None else steps)


def asked_of(assessment):
    """For the page that is opened all day, in one query: the return that waits for an answer, where it
    names items, or None; and all that reviewers ever said of items."""
    if assessment.first_submitted_on is None:
        return None, []  # no reviewer has had it
    comments = comments_on(assessment)
    asks = [one for one in comments if one.step_id == one.last_return] if _waits(assessment) else []
    if not asks:
        return None, comments
    as_prefetched(asks[0].step, "comments", asks)
    return asks[0].step, comments


def _waits(assessment):
    return assessment.returned_at is not None and assessment.is_workable


def asked_about(sheets, returned):
    """What the reviewer asks about, in the form's order, each with the way to its control. `sheets` are
    as `sheets_of` gives them, with their notes."""
    if returned is None or not returned.comments.all():
        return []
    notes = [note for sheet in sheets for note in sheet.notes.all()]
    noted = {(note.sheet_id, note.code) for note in notes if note.at > returned.at}
    return [
        {
            "asked": one,
            "url": layout.control_url(one.sheet, one.item.code),
            "label": one.label,
            "text": one.comment.text,
            "became": _became(one),
        }
        for one in asked_in(sheets, returned, noted=noted)
    ]


def unseen_in(commented):
    """How many comments are neither answered nor followed by a change."""
    return sum(not one["asked"].seen_to for one in commented)


def _became(one):
    """What the author has done about a comment so far, in a word or two; "" for nothing."""
    done = [
        said
        for said, holds in (
            ("no longer rated", not one.rated),
            ("rating changed", one.changed),
            ("note written", one.note_written),
            ("answered", one.answer),
        )
        if holds
    ]
    return ", ".join(done).capitalize()


def fix_by(assessment):
    """The day by which a returned CANS must be back to stay in time; None where nothing waits."""
    return assessment.obligations_met.current().aggregate(day=Min("fix_by"))["day"]


def by_item(assessment, comments, returned):
    """(sheet, item code) → what reviewers ever said of it, oldest first. Those of the return that waits
    for its answer know their `place` among them, see `_places`."""
    places, found = _places(assessment, returned), {}
    for comment in comments:
        comment.place = places.get(comment.pk)
        found.setdefault((comment.sheet_id, comment.code), []).append(comment)
    return found


@dataclass(frozen=True)
class Place:
    """Where a comment stands in the walk through those of one return: “1 of 3”, and the ways on."""

    number: int
    of: int
    previous: str
    following: str
    answers: str


def _places(assessment, returned):
    """comment → its place, of the comments of the open return in the form's order."""
    if returned is None:
        return {}
    walk = sorted(
        returned.comments.all(),
        key=lambda one: (one.sheet.adult_id or 0, _position(assessment, one)),
    )
    for comment in walk:
        comment.sheet.assessment = assessment
    urls = ["", *(layout.control_url(one.sheet, one.code) for one in walk), ""]
    answers = reverse("cans:answers", args=[assessment.pk])
    return {
        one.pk: Place(number, len(walk), urls[number - 1], urls[number + 1], f"{answers}#comment_{one.pk}")
        for number, one in enumerate(walk, 1)
    }


def _position(assessment, comment):
    return assessment.instrument.by_code[comment.code].position
