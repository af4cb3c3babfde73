"""The verbs on an open CANS: start it, rate, annotate, say who is scored, when and by whom.

Each is one transaction with its audit event. Each raises PermissionDenied (who), NotNow (when) or
ValidationError (what was given, in sentences). Whether it is submitted, returned or approved is
not decided here: see approvals.actions.
"""

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from audit.actions import record
from staff.refusals import NotNow

from . import due, instrument, obligations, saving
from .changes import DateChange, Saved
from .facts import caregivings_of, caregivings_on, date_refusals, meets, readiness_of
from .models import Assessment, Contribution, InstrumentVersion, Sheet, TakeOver, WarningAnswer
from .permissions import check_can_start, check_can_take_over
from .readiness import Severity
from .states import State

LONGEST_REASON = 400
LONGEST_ANSWER = 2000


class OpenAssessment(NotNow):
    """The child has an open CANS already: `existing`."""

    def __init__(self, existing):
        self.existing = existing
        super().__init__(
            f"{existing.child.name} has an open CANS, written by {existing.author} "
            f"({State(existing.state).label.lower()}). There can be only one at a time."
        )


@transaction.atomic
def start(child, case, *, by, assessed_on, type=None):
    """Begin a CANS with a sheet for the child and for each who cares for the child that day.

    Without a type it is the one its dates propose. Raises OpenAssessment where there is one.
    """
    check_can_start(by, case)
    if refused := date_refusals(child, case, assessed_on):
        raise ValidationError({"assessed_on": refused})
    existing = open_assessment_of(child)
    if existing:
        raise OpenAssessment(existing)
    assessment = _new(child, case, by, assessed_on, type)
    try:
        with transaction.atomic():
            assessment.save()
    except IntegrityError:
        faster = open_assessment_of(child)
        if faster is None:  # begun and voided again between our two looks
            raise NotNow("Somebody else has just changed this child's CANS. Try again.") from None
        raise OpenAssessment(faster) from None
    Contribution.objects.create(assessment=assessment, person=by)
    Sheet.objects.bulk_create(_all_sheets(assessment))
    record_act("start", assessment, by, type=assessment.type, assessed_on=assessed_on.isoformat())
    return assessment


def not_begun(child, case, *, by, assessed_on):
    """What `start` would begin that day, with its blank sheets, to be taken on a visit; nothing is stored.
    Who may begin it, and whether of that day, is for the caller to ask."""
    assessment = _new(child, case, by, assessed_on)
    return assessment, _all_sheets(assessment)


def _new(child, case, by, assessed_on, type=None):
    version = InstrumentVersion.objects.filter(active=True).first()
    if version is None:
        raise NotNow("No instrument is loaded; your agency's administrator loads it first.")
    early, transition = instrument.age_domains(
        born=child.born, developmental_disability=child.developmental_disability, assessed_on=assessed_on
    )
    proposed = due.propose_type(meets(child, case, assessed_on=assessed_on).obligations)
    return Assessment(
        child=child,
        case=case,
        instrument_version=version,
        type=_known_type(type or proposed),
        assessed_on=assessed_on,
        early=early,
        transition=transition,
        based_on=Assessment.objects.latest_approved_of(child, case),
        author=by,
        started_by=by,
    )


def open_assessment_of(child):
    return Assessment.objects.open().filter(child=child).select_related("child", "author").first()


@transaction.atomic
def save(assessment, *, by, ratings=(), notes=(), sending="", sent_before=False):
    """Store a batch of saving.Rating and saving.Written in the assessment with this number, each where
    what the person saw is still there. Returns what was Saved apart, as it stands.

    `sending` is the key of the batch: under the same key no rating is set twice, whatever somebody else
    did in between, and with `sent_before` no note. If anything is wrong nothing is stored: ValidationError
    by “sheet-code”.
    """
    held = saving.hold(assessment, by)
    sheets, problems = saving.checked(held, ratings, notes)
    _refuse(problems)
    changed, conflicts = saving.put_ratings(held, sheets, ratings, by=by, sending=sending)
    written, apart = saving.put_notes(notes, by=by, sent_before=sent_before)
    if changed:
        carried = sum(one.carried for one in changed)
        of = sorted({one.sheet for one in changed})
        record_act("rate", held, by, sheets=of, items=len(changed), carried=carried, notes=written)
    elif written:
        record_act("annotate", held, by, notes=written)
    return Saved(conflicts, apart)


@transaction.atomic
def rate(sheet, *, by, ratings):
    """Set ratings, each where the value the person saw is still there. Returns the Conflicts.

    `ratings` are (item code, seen, value, carried); the value "." takes a rating back. What is
    already as wanted writes nothing. A conflict stops only its own item.
    """
    assessment = work_on_sheet(sheet, by)
    if sheet.not_scored_reason:
        raise NotNow(saving.not_scored(sheet))
    wanted = [saving.Rating(sheet.pk, *one) for one in ratings]
    _refuse({one.code: saving.wrong_rating(assessment, sheet, one) for one in wanted})
    wanted = [one for one in wanted if one.seen != one.value]
    changed, conflicts = saving.put_ratings(assessment, {sheet.pk: sheet}, wanted, by=by)
    if changed:
        sheet.refresh_from_db(fields=["ratings"])
        carried = sum(one.carried for one in changed)
        record_act("rate", assessment, by, sheet=sheet.pk, items=len(changed), carried=carried)
    return [conflict for _, conflict in conflicts]


@transaction.atomic
def annotate(sheet, *, by, notes, seen=None):
    """Write notes beside items: item code → text, an empty text removes one.

    Where `seen` (item code → the text the person saw) no longer holds, that note is left alone
    and its code returned.
    """
    assessment = work_on_sheet(sheet, by)
    notes = [
        saving.Written(sheet.pk, code, None if seen is None else seen.get(code, ""), text)
        for code, text in notes.items()
    ]
    _refuse({one.code: saving.wrong_note(assessment, sheet, one) for one in notes})
    written, apart = saving.put_notes(notes, by=by)
    if written:
        record_act("annotate", assessment, by, sheet=sheet.pk, notes=written)
    return [code for _, code, _ in apart]


@transaction.atomic
def explain_not_scored(sheet, *, by, reason, seen=None):
    """Say why a caregiver is not rated. Ratings given before stay, and do not count. `seen` is the reason
    that a page had shown."""
    assessment = work_on_sheet(sheet, by)
    reason = " ".join(reason.split())
    if sheet.adult_id is None:
        raise ValidationError("The child is always scored.")
    _refuse({"reason": saving.unfit(reason, LONGEST_REASON) or ("" if reason else "Say why in a few words.")})
    stored = {"reason": sheet.not_scored_reason}
    _refuse(saving.overwritten({"reason": reason}, {"reason": seen}, stored))
    _set_reason(sheet, reason)
    record_act("explain_not_scored", assessment, by, sheet=sheet.pk)


@transaction.atomic
def score_after_all(sheet, *, by):
    """Take back the reason why a caregiver is not rated."""
    assessment = work_on_sheet(sheet, by)
    _set_reason(sheet, "")
    record_act("score_after_all", assessment, by, sheet=sheet.pk)


@transaction.atomic
def add_sheet(assessment, *, by, adult):
    """Add a sheet for somebody who cares for the child on the assessed-on date. Returns it."""
    assessment = _work_on(assessment, by)
    care = next((care for care in caregivings_of(assessment) if care.adult_id == adult.pk), None)
    if care is None:
        raise ValidationError(
            {"adult": f"{adult.name} does not care for the child on the day it is assessed on."}
        )
    if assessment.sheets.filter(adult=adult).exists():
        raise NotNow(f"{adult.name} has a sheet in this CANS already.")
    size = len(assessment.instrument.caregiver_items)
    (sheet,) = Sheet.objects.bulk_create(_new_sheets(assessment, [care], size))
    record_act("add_sheet", assessment, by, sheet=sheet.pk)
    return sheet


@transaction.atomic
def drop_sheet(sheet, *, by):
    """Remove the sheet of somebody who does not care for the child, if nothing was written on it.

    What was written is never erased: such a sheet gets a reason instead.
    """
    assessment = work_on_sheet(sheet, by)
    if sheet.adult_id is None:
        raise ValidationError("The child is always scored.")
    if any(care.adult_id == sheet.adult_id for care in caregivings_of(assessment)):
        raise NotNow(f"{sheet.adult.name} cares for the child: rate this sheet, or say why it is not scored.")
    if sheet.history.exists() or sheet.notes.exists() or sheet.ratings.strip(instrument.UNRATED):
        raise NotNow(f"{sheet.adult.name} was rated here. Say why this sheet does not count instead.")
    if sheet.not_scored_reason:
        raise NotNow(f"It is said here why {sheet.adult.name} is not scored; that is not erased.")
    number = sheet.pk
    sheet.delete()
    record_act("drop_sheet", assessment, by, sheet=number)


@transaction.atomic
def change_assessed_on(assessment, *, by, assessed_on):
    """Move the day it is about, and its type to what the dates then propose. Returns a DateChange.

    Sections and sheets stay as they are: what the new day asks for is said, not done.
    """
    assessment = _work_on(assessment, by)
    if assessment.amends_id:
        raise NotNow("An amendment keeps the day of the CANS it amends.")
    first = assessment.first_submitted_on
    if refused := date_refusals(assessment.child, assessment.case, assessed_on, first_submitted=first):
        raise ValidationError({"assessed_on": refused})
    before = assessment.assessed_on, assessment.type
    found = meets(assessment.child, assessment.case, assessed_on=assessed_on, without=assessment)
    assessment.assessed_on = assessed_on
    assessment.type = due.propose_type(found.obligations)
    assessment.save(update_fields=["assessed_on", "type"])
    if assessment.first_submitted_on:
        obligations.refresh(assessment.case, by=by, because=f"CANS {assessment.pk}: assessed on another day")
    dates = [before[0].isoformat(), assessed_on.isoformat()]
    record_act("change_assessed_on", assessment, by, dates=dates, types=[before[1], assessment.type])
    return _date_change(assessment, type_before=before[1])


@transaction.atomic
def set_domains(assessment, *, by, early, transition):
    """Choose which age sections are rated. Ratings of a section left out stay and do not count."""
    assessment = _work_on(assessment, by)
    assessment.early, assessment.transition = early, transition
    assessment.save(update_fields=["early", "transition"])
    record_act("set_domains", assessment, by, early=early, transition=transition)


@transaction.atomic
def set_type(assessment, *, by, type):
    assessment = _work_on(assessment, by)
    before, assessment.type = assessment.type, _known_type(type)
    assessment.save(update_fields=["type"])
    record_act("set_type", assessment, by, types=[before, type])


@transaction.atomic
def answer_warnings(assessment, *, by, answers, seen=None):
    """Keep the author's answers to readiness warnings: warning key → text, an empty text removes one. Nothing
    is kept where an answer is no longer the one `seen` (key → text)."""
    assessment = _work_on(assessment, by)
    found = readiness_of(assessment, by=by)
    known = {problem.key for problem in found if problem.severity is Severity.WARNING}
    _refuse({key: "This warning is not there any more." for key in answers if key not in known})
    _refuse({key: saving.unfit(text, LONGEST_ANSWER) for key, text in answers.items()})
    stored = dict(assessment.answers.values_list("key", "text"))
    _refuse(saving.overwritten(answers, seen or {}, stored))
    changed = {key: text.strip() for key, text in answers.items() if text.strip() != stored.get(key, "")}
    for key, text in changed.items():
        if text:
            assessment.answers.update_or_create(key=key, defaults={"text": text, "by": by})
        else:
            WarningAnswer.objects.filter(assessment=assessment, key=key).delete()
    if changed:
        record_act("answer_warnings", assessment, by, answers=len(changed))


@transaction.atomic
def take_over(assessment, *, by):
    """Become the author of a CANS somebody else began; it will go to one's own supervisor."""
    author = assessment.author
    assessment = _work_on(assessment, by)
    check_can_take_over(by, assessment)
    if assessment.author_id != author.pk:
        raise NotNow(f"{assessment.author} has just taken over this CANS.")
    reviewer = None if assessment.reviewer_id == by.pk else assessment.reviewer_id
    Assessment.objects.filter(pk=assessment.pk).update(author=by, reviewer=reviewer)
    TakeOver.objects.create(assessment=assessment, author_before=author, by=by)
    record_act("take_over", assessment, by, author_before=author.pk)


def _work_on(assessment, by):
    """The assessment as it is while its row is held, and its content may change."""
    saving.hold(assessment.pk, by)
    assessment.refresh_from_db()
    return assessment


def work_on_sheet(sheet, by):
    """As `_work_on`, with the sheet as it is now that nobody else can change it."""
    assessment = _work_on(sheet.assessment, by)
    now = Sheet.objects.filter(pk=sheet.pk).values("ratings", "not_scored_reason").first()
    if now is None:
        raise NotNow("Somebody has removed this sheet from the CANS.")
    sheet.ratings, sheet.not_scored_reason = now["ratings"], now["not_scored_reason"]
    return assessment


def record_act(verb, assessment, by, **detail):
    record(f"assessment.{verb}", by=by, case=assessment.case, subject=f"assessment {assessment.pk}", **detail)


def _all_sheets(assessment):
    whole, cares = assessment.instrument, caregivings_of(assessment)
    of_caregivers = _new_sheets(assessment, cares, len(whole.caregiver_items))
    return _new_sheets(assessment, [None], len(whole.child_items)) + of_caregivers


def _new_sheets(assessment, cares, size):
    """Blank sheets, one for each caregiving; None stands for the child."""
    return [
        Sheet(
            assessment=assessment,
            adult=care and care.adult,
            substitute=bool(care) and care.role == care.Role.SUBSTITUTE,
            size=size,
            ratings=instrument.UNRATED * size,
        )
        for care in cares
    ]


def _known_type(type):
    if type not in Assessment.Type.values:
        raise ValidationError({"type": "Choose one of the types."})
    return type


def _refuse(problems):
    """Raise what is wrong, by field, where something is."""
    found = {key: sentence for key, sentence in problems.items() if sentence}
    if found:
        raise ValidationError(found)


def _set_reason(sheet, reason):
    sheet.not_scored_reason = reason
    sheet.save(update_fields=["not_scored_reason"])


def _date_change(assessment, *, type_before):
    child = assessment.child
    early, transition = instrument.age_domains(
        born=child.born,
        developmental_disability=child.developmental_disability,
        assessed_on=assessment.assessed_on,
    )
    cares = caregivings_on(child.pk, assessment.case_id, assessment.assessed_on)
    on_sheet = {sheet.adult_id: sheet.adult for sheet in assessment.sheets.select_related("adult")}
    caring = {care.adult_id for care in cares}
    return DateChange(
        type_before=type_before,
        type=assessment.type,
        add_early=early and not assessment.early,
        add_transition=transition and not assessment.transition,
        without_sheet=tuple(care.adult.name for care in cares if care.adult_id not in on_sheet),
        no_longer_caring=tuple(
            adult.name for pk, adult in on_sheet.items() if pk is not None and pk not in caring
        ),
    )
