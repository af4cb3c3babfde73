"""What every save of ratings and notes is made of: the verbs are `rate`, `annotate` and `save`.

The scoring page sends a batch at every other key that somebody presses, and the person waits for the
answer. So what every save needs is asked in narrow statements, compiled or written out once; what is
refused, or stands otherwise than the person saw, may take its time.
"""

from collections import Counter
from typing import NamedTuple

from django.db import connection
from django.utils import timezone

from audit.statements import Given, Insert, Question
from staff.refusals import NotNow

from . import instrument
from .changes import Conflict
from .models import Assessment, Contribution, Note, RatingChange, Sheet, instrument_of, ratings_by_adult
from .permissions import check_can_score
from .states import WORKABLE

LONGEST_NOTE = 4000


class Rating(NamedTuple):
    """One item of a sheet, by their numbers, set to a value where the person saw another."""

    sheet: int
    code: str
    seen: str
    value: str
    carried: bool = False


class Written(NamedTuple):
    """The text of a note where the person saw another; without `seen` whatever stands there."""

    sheet: int
    code: str
    seen: str | None
    text: str


class _Case(NamedTuple):
    pk: int
    agency_id: int


class Held(NamedTuple):
    """What a save needs of the assessment whose row the transaction holds, by the model's own names."""

    pk: int
    case: _Case
    instrument_version_id: int
    early: bool
    transition: bool
    based_on_id: int | None

    @property
    def instrument(self):
        return instrument_of(self.instrument_version_id)

    @property
    def is_workable(self):
        return True  # the UPDATE that took it takes no other


class _Sheet(NamedTuple):
    pk: int
    adult_id: int | None
    substitute: bool
    not_scored_reason: str


_STATES = ", ".join(f"'{state}'" for state in sorted(WORKABLE))
_HOLD = f"""
UPDATE "cans_assessment" SET worked_at = %s, worked_by_id = %s WHERE id = %s AND state IN ({_STATES})
RETURNING case_id, (SELECT agency_id FROM cases_case WHERE cases_case.id = case_id),
    instrument_version_id, early, transition, based_on_id,
    EXISTS (SELECT 1 FROM cans_contribution WHERE assessment_id = cans_assessment.id AND person_id = %s)
"""  # noqa: S608  (the names of our own states)
_SHEETS = Question(
    lambda: (
        Sheet.objects.filter(assessment=Given("assessment"))
        .order_by()
        .values_list("pk", "adult", "substitute", "not_scored_reason")
    )
)
# With its moment: what changed since a return is told by the clock that the return was written down by,
# and the database may be another computer with another one.
_INSERT_CHANGES = Insert(
    RatingChange, "sheet", "position", "before", "after", "carried", "confirmed_from", "sending", "by", "at"
)


def hold(number, by):
    """Take the assessment's row while its content may change, and count the person among those who
    wrote in it. Raises PermissionDenied or NotNow.

    The UPDATE comes first: it holds the row against a submission until the transaction ends.
    """
    now = connection.ops.adapt_datetimefield_value(timezone.now())
    with connection.cursor() as cursor:
        cursor.execute(_HOLD, [now, by.pk, number, by.pk])
        row = cursor.fetchone()
    if row is None:
        check_can_score(by, Assessment.objects.select_related("case").get(pk=number))
        raise NotNow("This CANS changed a moment ago; look at it as it is now.")
    case, agency, version, early, transition, based_on, wrote_before = row
    held = Held(number, _Case(case, agency), version, early, transition, based_on)
    check_can_score(by, held)
    if not wrote_before:
        new = Contribution(assessment_id=number, person=by)
        Contribution.objects.bulk_create([new], ignore_conflicts=True)
    return held


def checked(held, ratings, notes):
    """The sheets of a batch by their numbers, and what is wrong with it: “sheet-code” → a sentence."""
    sheets = {row[0]: _Sheet(*row) for row in _SHEETS.rows(assessment=held.pk)}
    carried = any(one.carried for one in ratings) and held.based_on_id
    before = ratings_by_adult(held.based_on_id) if carried else {}
    twice = _twice(ratings) | _twice(notes)
    problems = {}
    for one in (*ratings, *notes):
        sentence = _wrong(held, sheets.get(one.sheet), one, before)
        if (one.sheet, one.code) in twice:
            sentence = "This was sent twice at once. Load the page again."
        if sentence:
            problems[f"{one.sheet}-{one.code}"] = sentence
    return sheets, problems


def _twice(entries):
    counted = Counter((one.sheet, one.code) for one in entries)
    return {key for key, number in counted.items() if number > 1}


def _wrong(held, sheet, one, before):
    if sheet is None:
        return "This sheet is not part of this CANS any more. Load the page again."
    if isinstance(one, Written):
        return wrong_note(held, sheet, one)
    if sheet.not_scored_reason:
        return not_scored(Sheet.objects.select_related("adult").get(pk=sheet.pk))
    return wrong_rating(held, sheet, one) or _wrongly_carried(held, sheet, one, before)


def wrong_rating(assessment, sheet, one):
    """Why this rating cannot be given on this sheet, in a sentence; "" when it can."""
    item = item_to_rate(assessment, sheet, one.code)
    if item is None:
        return f"There is no item {one.code} to rate on this sheet."
    if one.seen not in tuple(instrument.VALUES):
        return "The form did not say which rating you saw here. Load the page again."
    if one.value == instrument.UNRATED or item.allows(one.value):
        return ""
    if one.value == instrument.NOT_APPLICABLE:
        return f"{item.label} cannot be N/A."
    return f"Choose a rating for {item.label}."


def not_scored(sheet):
    return f"{sheet.subject_name} is not scored in this CANS: {sheet.not_scored_reason}"


def _wrongly_carried(held, sheet, one, before):
    """Whether a rating was repeated or chosen is a matter of record, not of what a page says."""
    was = before.get(sheet.adult_id, {}).get(one.code, instrument.UNRATED)
    if not one.carried or (one.value == was and was != instrument.UNRATED):
        return ""
    return f"{held.instrument.by_code[one.code].label} was not rated so in the last approved CANS."


def wrong_note(assessment, sheet, one):
    """Why this note cannot be kept on this sheet, in a sentence; "" when it can."""
    if _item(assessment, sheet, one.code) is None:
        return f"There is no item {one.code} on this sheet."
    return unfit(one.text, LONGEST_NOTE)


def unfit(text, longest):
    if "\x00" in text or any("\ud800" <= character <= "\udfff" for character in text):
        return "This text holds a character that cannot be kept."
    if len(text.strip()) > longest:
        return f"Keep it to {longest} characters; this has {len(text.strip())}."
    return ""


def item_to_rate(assessment, sheet, code):
    """The item with this code, if it applies on this sheet; None otherwise."""
    item = _item(assessment, sheet, code)
    if sheet.adult_id:
        applying = instrument.applying_to_caregiver(substitute=sheet.substitute)
    else:
        applying = instrument.applying_to_child(early=assessment.early, transition=assessment.transition)
    return item if item and item.applies in applying else None


def _item(assessment, sheet, code):
    item = assessment.instrument.by_code.get(code)
    subject = instrument.Subject.CAREGIVER if sheet.adult_id else instrument.Subject.CHILD
    return item if item and item.subject is subject else None


def put_ratings(assessment, sheets, ratings, *, by, sending="", confirmed_from=None):
    """Set each where the value the person saw is still there, with its history.

    Returns those that were set, and a (sheet, Conflict) for each where something else stands.
    """
    done, left = [], []
    for one in ratings:
        sheet, item = sheets[one.sheet], assessment.instrument.by_code[one.code]
        wanted = one.seen != one.value
        if wanted and Sheet.objects.put(sheet, item, seen=one.seen, value=one.value, sending=sending):
            done.append((one, item))
        else:
            left.append((one, item))
    if done:
        at = timezone.now()
        _INSERT_CHANGES.rows(
            *(
                {
                    "sheet": one.sheet,
                    "position": item.position,
                    "before": one.seen,
                    "after": one.value,
                    "carried": one.carried,
                    "confirmed_from": confirmed_from,
                    "sending": sending,
                    "by": by.pk,
                    "at": at,
                }
                for one, item in done
            )
        )
    return [one for one, _ in done], _conflicts(left)


def _conflicts(left):
    """Of what was not set, that which does not stand there anyway."""
    if not left:
        return []
    now = Sheet.objects.select_related("assessment").in_bulk({one.sheet for one, _ in left})
    found = [(one, item, now[one.sheet].value(item)) for one, item in left]
    return [(one.sheet, Conflict(item, there, one.value)) for one, item, there in found if there != one.value]


def put_notes(notes, *, by, sent_before=False):
    """Write each note where the text the person saw is still there, and none of a batch that was sent
    before. Returns how many were written, and (sheet, code, the text there) of the others."""
    if not notes:
        return 0, []
    rows = Note.objects.filter(sheet__in={one.sheet for one in notes})
    stored = {(note.sheet_id, note.code): note for note in rows}
    written, apart = 0, []
    for one in notes:
        note, text = stored.get((one.sheet, one.code)), plain(one.text)
        there = note.text if note else ""
        if text == there:
            continue
        if sent_before or is_unseen(there, one.seen):
            apart.append((one.sheet, one.code, there))
            continue
        written += 1
        _keep_note(note, one, text, by)
    return written, apart


def overwritten(texts, seen, stored):
    """Of these texts (key → text), those that would take the place of one the person has not seen: key → what
    to say. `seen` holds what a page had shown, `stored` what stands there."""
    found = {}
    for key, text in texts.items():
        there = plain(stored.get(key, ""))
        if plain(text) != there and is_unseen(there, seen.get(key)):
            now = f"Meanwhile somebody wrote here: “{there}”" if there else "Meanwhile somebody emptied this."
            found[key] = f"{now} Yours is below: put right what should stand, and save again."
    return found


def is_unseen(there, seen):
    """Whether another text stands there than a page had shown; None where no page says what it showed."""
    return seen is not None and plain(seen) != there


def plain(text):
    """Browsers send line ends as CR LF; what is kept and compared has plain ones."""
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()


def _keep_note(note, one, text, by):
    if not text:
        note.delete()
    elif note:
        note.text, note.by = text, by
        note.save(update_fields=["text", "by", "at"])
    else:
        Note.objects.create(sheet_id=one.sheet, code=one.code, text=text, by=by)
