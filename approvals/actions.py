"""The verbs of the workflow: the only writer of an assessment's state.

Each is one transaction: the change by condition, the step, the routing grant, the due dates and
the audit event. Each raises PermissionDenied (who), NotNow (when, or somebody was faster), and
ValidationError where a reason is missing or a comment is about no item of this CANS.
"""

import datetime

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import F, Q
from django.utils import timezone

from audit.actions import record
from cans import obligations
from cans.actions import LONGEST_ANSWER
from cans.facts import readiness_of
from cans.models import Assessment, Contribution, Note, Sheet, WarningAnswer
from cans.readiness import ready
from cans.saving import hold, overwritten, plain, unfit
from cans.states import OPEN, State
from cases.models import Assignment, Case
from staff.dates import today, written
from staff.gate import cleared
from staff.refusals import NotNow

from .mail import tell_author
from .models import CommentAnswer, ItemComment, Step
from .permissions import (
    check_can,
    check_ever,
    covered_reviewer,
    is_reviewer,
    possible_authors,
    possible_reviewers,
    wrote_in,
)
from .routing import reviewer_for
from .stood import what_stands
from .workflow import Action, transition


class NotReady(NotNow):
    """Something is missing in what is to be submitted; `cans.facts.readiness_of` says what."""


FASTER = "Somebody else changed this CANS a moment ago. Look at it as it is now; nothing of yours was done."


@transaction.atomic
def submit(assessment, *, by, version=None):
    """Hand a ready CANS to the author's supervisor, or whoever stands in. Returns the reviewer."""
    _hold(Action.SUBMIT, assessment, by, version)
    if not ready(readiness_of(assessment, by=by)):
        raise NotReady("This CANS is not ready to submit: see below what is missing.")
    reviewer = reviewer_for(assessment)
    now = timezone.now()
    _apply(
        Action.SUBMIT,
        assessment,
        by=by,
        to_reviewer=reviewer,
        reviewer=reviewer,
        submitted_at=now,
        submitted_by=by,
        opened_at=None,
        opened_by=None,
        first_submitted_on=assessment.first_submitted_on or timezone.localdate(now),
    )
    return reviewer


@transaction.atomic
def approve(assessment, *, by, version=None):
    """Accept a submitted CANS: the obligations it meets are met today."""
    _hold(Action.APPROVE, assessment, by, version)
    _apply(Action.APPROVE, assessment, by=by, approved_at=timezone.now(), approved_by=by)


@transaction.atomic
def return_for_revision(assessment, *, by, reason, comments=(), version=None):
    """Send a submitted CANS back to its author, saying what to change.

    `comments` are (sheet, item code, text); they stay with the CANS after approval.
    """
    _hold(Action.RETURN, assessment, by, version)
    comments = _checked(comments, assessment)
    step = _apply(
        Action.RETURN,
        assessment,
        by=by,
        reason=reason,
        stood=what_stands(assessment),
        returned_at=timezone.now(),
        returned_by=by,
    )
    ItemComment.objects.bulk_create(
        ItemComment(step=step, sheet_id=sheet, code=code, text=text) for sheet, code, text in comments
    )
    tell_author(step)
    return step


@transaction.atomic
def answer_comments(assessment, *, by, answers, seen=None):
    """Keep what the author says to the comments of the last return: comment's number → text, an empty
    text removes one. Guarded as rating is; nothing is kept where an answer is no longer the one `seen`."""
    hold(assessment.pk, by)
    last = Step.objects.filter(assessment=assessment, action=Action.RETURN).order_by("-pk")[:1]
    comments = ItemComment.objects.filter(step__in=last.values("pk")).select_related("answer").in_bulk()
    wrong = {key: "This comment is not one of the last return." for key in answers if key not in comments}
    wrong |= {key: why for key, text in answers.items() if (why := unfit(text, LONGEST_ANSWER))}
    stored = {pk: one.answer.text for pk, one in comments.items() if hasattr(one, "answer")}
    wrong |= overwritten(answers, seen or {}, stored)
    if wrong:
        raise ValidationError({str(key): why for key, why in wrong.items()})
    changed = [key for key, text in answers.items() if _answered(comments[key], plain(text), by)]
    if changed:
        record(
            "assessment.answer_comments",
            by=by,
            case=assessment.case,
            subject=f"assessment {assessment.pk}",
            comments=changed,
        )


@transaction.atomic
def reroute(assessment, *, by, to, reason, version=None):
    """Hand the review to another supervisor of the agency. No due date moves.

    The opened mark stays: what one reviewer has opened, the author does not take back by rerouting.
    """
    _hold(Action.REROUTE, assessment, by, version)
    if to.pk == assessment.reviewer_id:
        raise NotNow(f"This CANS already waits for {to}.")
    if not possible_reviewers(assessment).filter(pk=to.pk).exists():
        raise NotNow(f"{to} cannot review this CANS: choose an active supervisor who did not write in it.")
    _apply(Action.REROUTE, assessment, by=by, reason=reason, to_reviewer=to, reviewer=to)


@transaction.atomic
def rise(assessment, *, order):
    """Reroute what has waited too long for a supervisor to their backup, as whoever named the backup ordered.

    `order` is the Backup. Returns False where it has moved on meanwhile, or the backup may not decide it.
    """
    _lock(assessment)
    able = possible_reviewers(assessment).filter(pk=order.backup_id, pk__in=cleared().values("pk"))
    if (assessment.state, assessment.reviewer_id) != (State.SUBMITTED, order.supervisor_id) or not able:
        return False
    reason = (
        f"It waited too long for {order.supervisor}, so it rises to {order.backup}, the backup that "
        f"{order.named_by} named on {written(timezone.localdate(order.named_at))}."
    )
    _apply(
        Action.REROUTE,
        assessment,
        by=order.named_by,
        reason=reason,
        to_reviewer=order.backup,
        reviewer=order.backup,
    )
    return True


@transaction.atomic
def recall(assessment, *, by, version=None):
    """Take back a submission that the reviewer has not opened; it counts as never made."""
    _hold(Action.RECALL, assessment, by, version)
    kept = assessment.first_submitted_on if _submitted_before(assessment) else None
    _apply(
        Action.RECALL,
        assessment,
        by=by,
        reviewer=None,
        submitted_at=None,
        submitted_by=None,
        first_submitted_on=kept,
    )


@transaction.atomic
def amend(assessment, *, by, author, reason, version=None):
    """Open a new draft that amends an approved CANS, for a named assigned clinician. Returns it.

    The approved one stays in force until the amendment is approved, and readable after.
    """
    _hold(Action.AMEND, assessment, by, version)
    if not possible_authors(assessment.case).filter(pk=author.pk).exists():
        raise NotNow(f"{author} is not assigned to this case; name an assigned clinician.")
    try:
        with transaction.atomic():
            draft = Assessment.objects.create(
                child_id=assessment.child_id,
                case_id=assessment.case_id,
                instrument_version_id=assessment.instrument_version_id,
                type=assessment.type,
                assessed_on=assessment.assessed_on,
                early=assessment.early,
                transition=assessment.transition,
                based_on_id=assessment.based_on_id,
                amends=assessment,
                author=author,
                started_by=by,
                first_submitted_on=assessment.first_submitted_on,
            )
    except IntegrityError:
        raise NotNow("This child has an open CANS; it must be approved or voided first.") from None
    _copy_content(assessment, draft)
    Contribution.objects.bulk_create(
        Contribution(assessment=draft, person_id=person)
        for person in {author.pk, *assessment.contributions.values_list("person", flat=True)}
    )
    _apply(Action.AMEND, assessment, by=by, reason=reason)
    return draft


@transaction.atomic
def void(assessment, *, by, reason, version=None):
    """Set aside a CANS that should not count. An approved one stops meeting its obligations."""
    _hold(Action.VOID, assessment, by, version)
    _apply(Action.VOID, assessment, by=by, reason=reason, voided_at=timezone.now(), voided_by=by)
    _rest_on_what_is_in_force(assessment)


def mark_opened(assessment, *, by):
    """Note that the reviewer has opened a submission: from now on it cannot be recalled."""
    if assessment.opened_at or not is_reviewer(by, assessment) or wrote_in(by, assessment):
        return
    unopened = Assessment.objects.filter(pk=assessment.pk, state=State.SUBMITTED, opened_at__isnull=True)
    now = timezone.now()
    if unopened.update(opened_at=now, opened_by=by):
        assessment.opened_at, assessment.opened_by = now, by


def _answered(comment, text, by):
    """Keep one answer; False where it says what it said."""
    if text == (comment.answered.text if comment.answered else ""):
        return False
    if text:
        CommentAnswer.objects.update_or_create(comment=comment, defaults={"text": text, "by": by})
    else:
        comment.answered.delete()
    return True


def _checked(comments, assessment):
    """(sheet, code, text) of each comment, which must be about an item of this assessment."""
    scored = assessment.sheets.filter(not_scored_reason="").select_related("assessment")
    items = {(sheet.pk, item.code) for sheet in scored for item in sheet.applicable_items}
    checked = [(sheet.pk, code, text.strip()) for sheet, code, text in comments]
    if any((sheet, code) not in items or not text for sheet, code, text in checked):
        raise ValidationError("A comment says something about an item of this CANS.")
    return checked


def _hold(action, assessment, by, version):
    """Lock, and refuse: who could never do this, then a page that is out of date, then the wrong person or
    moment of now."""
    _lock(assessment)
    if version is not None and version != assessment.version:
        check_ever(by, action, assessment)
        raise NotNow(FASTER)
    check_can(by, action, assessment)


def _lock(assessment):
    """Take the row for this transaction, and read it afresh.

    With it goes an open CANS that is compared with it, and then the case, for two CANS of a case
    may share a reviewer's grant. Always in this order: assessments, then the case. SQLite has no
    row lock, but there the transaction already holds the only write lock.
    """
    mine = Q(pk=assessment.pk) | Q(based_on=assessment.pk, state__in=OPEN)
    list(Assessment.objects.select_for_update(no_key=True).filter(mine).order_by("pk").values("pk"))
    Case.objects.select_for_update(no_key=True).get(pk=assessment.case_id)
    assessment.refresh_from_db()


def _apply(action, assessment, *, by, reason="", to_reviewer=None, stood=None, **changes):
    """The change by condition, and everything that belongs to it."""
    row = transition(action, assessment.state)
    reason = reason.strip()
    if row.needs_reason and not reason:
        raise ValidationError("Give a reason.")
    before, waited_for = assessment.state, assessment.reviewer
    on_behalf_of = _on_behalf_of(action, by, assessment)
    to = row.to.value if row.to else before
    changed = Assessment.objects.filter(pk=assessment.pk, state=before, version=assessment.version).update(
        state=to, version=F("version") + 1, **changes
    )
    if not changed:
        raise NotNow(FASTER)
    assessment.refresh_from_db()
    step = Step.objects.create(
        assessment=assessment,
        action=action.value,
        by=by,
        on_behalf_of=on_behalf_of,
        from_state=before,
        to_state=to,
        from_reviewer=waited_for,
        to_reviewer=to_reviewer,
        reason=reason,
        stood=stood,
    )
    _keep_review_grant(assessment, waited_for)
    obligations.refresh(assessment.case, by=by, because=f"{action.label}: CANS {assessment.pk}")
    record(
        f"assessment.{action.value}",
        by=by,
        case=assessment.case,
        subject=f"assessment {assessment.pk}",
        step=step.pk,
        **{"from": before, "to": to},
    )
    return step


def _on_behalf_of(action, by, assessment):
    if action in {Action.APPROVE, Action.RETURN, Action.REROUTE} and assessment.reviewer_id != by.pk:
        return covered_reviewer(by, assessment, today())
    return None


def _keep_review_grant(assessment, waited_for):
    """A reviewer's way to the case is a dated review assignment, from routing to decision."""
    waits_for = assessment.reviewer if assessment.state == State.SUBMITTED else None
    if waited_for and waited_for != waits_for:
        _end_review_grant(assessment.case, waited_for)
    if waits_for:
        Assignment.objects.get_or_create(
            case=assessment.case,
            person=waits_for,
            kind=Assignment.Kind.REVIEW,
            ends=None,
            defaults={"starts": today()},
        )


def _end_review_grant(case, reviewer):
    """End it unless another CANS of the case still waits for the same reviewer.

    The last day of a grant counts in full, so one that ends today is dated to yesterday; one that
    began today never was in force for a whole day and is taken away. The steps keep the history.
    """
    if Assessment.objects.filter(case=case, reviewer=reviewer, state=State.SUBMITTED).exists():
        return
    open_grants = Assignment.objects.filter(
        case=case, person=reviewer, kind=Assignment.Kind.REVIEW, ends__isnull=True
    )
    open_grants.filter(starts=today()).delete()
    open_grants.update(ends=today() - datetime.timedelta(days=1))


def _submitted_before(assessment):
    """Had it been submitted before the submission that is being taken back?"""
    return assessment.returned_at is not None or assessment.amends_id is not None


def _rest_on_what_is_in_force(voided):
    """An open CANS of the child is compared with the latest approved one, no longer with this."""
    for cans in Assessment.objects.open().filter(based_on=voided).select_related("child", "case"):
        latest = Assessment.objects.latest_approved_of(cans.child, cans.case)
        Assessment.objects.filter(pk=cans.pk).update(based_on=latest)


def _copy_content(source, draft):
    """Sheets, notes and answers of an approved CANS as the start of its amendment."""
    for sheet in source.sheets.all():
        copy = Sheet.objects.create(
            assessment=draft,
            adult_id=sheet.adult_id,
            substitute=sheet.substitute,
            ratings=sheet.ratings,
            size=sheet.size,
            not_scored_reason=sheet.not_scored_reason,
        )
        Note.objects.bulk_create(
            Note(sheet=copy, code=note.code, text=note.text, by_id=note.by_id) for note in sheet.notes.all()
        )
    WarningAnswer.objects.bulk_create(
        WarningAnswer(assessment=draft, key=answer.key, text=answer.text, by_id=answer.by_id)
        for answer in source.answers.all()
    )
