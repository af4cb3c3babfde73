"""The author's answers to the comments of a return: one plain form, every comment with its item."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from approvals.actions import answer_comments
from approvals.history import last_return, steps_of
from cans.facts import sheets_of
from cans.instrument import words
from cans.permissions import check_can_score
from staff.policy import policy
from staff.refusals import NotNow

from .reading import crumbs, find, note_reading, wrong_moment
from .returned import asked_about, fix_by
from .written import SEEN, written

PREFIX = "comment_"


@policy("assessment.score")
@require_http_methods(["GET", "POST"])
def answers(request, pk):
    assessment = find(request, pk)
    returned = last_return(steps_of(assessment))
    if request.method == "POST" and returned:
        return _save(request, assessment, returned)
    try:
        check_can_score(request.user, assessment)
        if returned is None:
            raise NotNow("This CANS was never returned, so there is no comment to answer.")
    except NotNow as why:
        return wrong_moment(request, assessment, why)
    return _page(request, assessment, returned)


def _save(request, assessment, returned):
    typed, seen = (_by_comment(texts, returned) for texts in written(request.POST, PREFIX))
    try:
        answer_comments(assessment, by=request.user, answers=typed, seen=seen)
    except ValidationError as wrong:
        errors = {int(key): " ".join(found[0].messages) for key, found in wrong.error_dict.items()}
        return _page(request, assessment, returned, typed=typed, errors=errors, status=400)
    except NotNow as why:
        return _page(request, assessment, returned, typed=typed, refused=str(why), status=409)
    messages.success(request, "Your answers are saved.")
    return redirect("cans:summary", pk=assessment.pk)


def _by_comment(texts, returned):
    """comment → text, of the comments the form has a field for."""
    numbers = {str(comment.pk): comment.pk for comment in returned.comments.all()}
    return {numbers[key]: text for key, text in texts.items() if key in numbers}


def _page(request, assessment, returned, *, typed=None, errors=None, refused="", status=200):
    note_reading(request, "assessment answers", assessment)
    typed, errors = typed or {}, errors or {}
    asked = asked_about(sheets_of(assessment), returned)
    context = {
        "assessment": assessment,
        "crumbs": crumbs(assessment, ("Answers", None)),
        "returned": returned,
        "rows": [_row(one, typed, errors) for one in asked],
        "fix_by": fix_by(assessment),
        "refused": refused,
        "wrong": bool(errors),
    }
    return render(request, "cans/answers.html", context, status=status)


def _row(one, typed, errors):
    asked = one["asked"]
    pk, stored = asked.comment.pk, asked.answer.text if asked.answer else ""
    return one | {
        "name": f"{PREFIX}{pk}",
        "seen": f"{SEEN}{PREFIX}{pk}",
        "stored": stored,
        "then": words(asked.item, asked.then),
        "now": words(asked.item, asked.now),
        "answer": typed.get(pk, stored),
        "error": errors.get(pk, ""),
    }
