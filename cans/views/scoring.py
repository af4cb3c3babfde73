"""Rating a part of a CANS: a plain form, checked as data and rendered from rows."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from approvals.models import ItemComment
from cans import actions
from cans.facts import sheets_of, values_by_adult
from cans.forms import read_scores
from cans.permissions import check_can_score
from staff.policy import policy
from staff.refusals import NotNow

from . import layout
from .reading import crumbs, find, note_reading, wrong_moment
from .returned import asked_about, open_return


@policy("assessment.score")
@require_safe
def go_on(request, pk):
    """To the first item without a rating, else to the first the reviewer asks about, else the summary."""
    assessment = find(request, pk)
    sheets = sheets_of(assessment)
    part = layout.next_missing(layout.parts_of(sheets))
    if part:
        return redirect(part.anchor)
    asked = asked_about(sheets, open_return(assessment))
    return redirect(asked[0]["url"]) if asked else redirect("cans:summary", pk=pk)


@policy("assessment.score")
@require_http_methods(["GET", "POST"])
def score(request, pk, section):
    assessment = find(request, pk)
    parts, part = _parts(assessment, section)
    if request.method == "POST":
        return _save(request, assessment, parts, part)
    try:
        check_can_score(request.user, assessment)
    except NotNow as why:
        return wrong_moment(request, assessment, why)
    return _page(request, assessment, parts, part)


def _save(request, assessment, parts, part):
    typed = read_scores(request.POST, part.items)
    try:
        if typed.problem:
            raise ValidationError(typed.problem)
        with transaction.atomic():
            conflicts = actions.rate(part.sheet, by=request.user, ratings=typed.ratings)
            notes_apart = actions.annotate(
                part.sheet, by=request.user, notes=typed.notes, seen=typed.notes_seen
            )
    except NotNow as why:
        return _page(request, assessment, parts, part, typed=typed, refused=str(why), status=409)
    except ValidationError as wrong:
        return _page(request, assessment, parts, part, typed=typed, wrong=wrong, status=400)
    if conflicts or notes_apart:
        return _ask(request, assessment, part, typed, conflicts, notes_apart)
    now = timezone.localtime()
    messages.success(request, f"{part.title}: saved at {now:%-I:%M %p %Z}.")
    return redirect(_where_next(request.POST.get("next"), assessment, part))


def _where_next(wish, assessment, part):
    """Where the button that was pressed leads: a section by its name, what is missing, the summary, or here.

    Every way on from a page of ratings saves it first; a link would leave them behind.
    """
    parts = layout.parts_of(sheets_of(assessment))
    summary = reverse("cans:summary", args=[assessment.pk])
    named = {one.slug: one.url for one in parts} | {"summary": summary}
    if wish in named:
        return named[wish]
    if wish not in {"missing", "section"}:
        return part.url
    following = layout.next_missing(parts) if wish == "missing" else layout.after(parts, part)
    return following.anchor if following else summary


def _ask(request, assessment, part, typed, conflicts, notes_apart):
    """Everything else is saved; of what two people changed, both are shown and the person chooses."""
    parts, part = _parts(assessment, part.slug)
    errors = {conflict.item.code: conflict.sentence for conflict in conflicts}
    by_code = {note.code: note.text for note in part.sheet.notes.all()}
    for code in notes_apart:
        there = by_code.get(code, "")
        sentence = (
            f"Somebody else changed this note to “{there}” since you opened the page. "
            if there
            else "Somebody else removed this note since you opened the page. "
        )
        errors[code] = (
            f"{errors.get(code, '')} {sentence}What you wrote is below: save again to keep it.".strip()
        )
    overrides = {
        code: {"error": sentence} | ({"note": typed.notes[code]} if code in notes_apart else {})
        for code, sentence in errors.items()
    }
    return _page(request, assessment, parts, part, overrides=overrides, asked=len(errors), status=409)


def _parts(assessment, slug):
    parts = layout.parts_of(sheets_of(assessment))
    part = next((part for part in parts if part.slug == slug), None)
    if part is None:
        raise Http404("No such section in this CANS.")
    return parts, part


def _page(
    request,
    assessment,
    parts,
    part,
    *,
    typed=None,
    wrong=None,
    overrides=None,
    refused="",
    asked=0,
    status=200,
):
    note_reading(request, "assessment score", assessment)
    if typed is not None:
        overrides = typed.overrides(_by_code(wrong))
    rows = _rows(assessment, part, overrides or {})
    context = {
        "assessment": assessment,
        "crumbs": crumbs(assessment, (part.title, None)),
        "part": part,
        "parts": parts,
        "sections": rows,
        "wrong": [row for section in rows for row in section["rows"] if row["error"]],
        "general": _general(wrong),
        "refused": refused,
        "asked": asked,
        "na_conditions": layout.na_conditions(part.items),
        "following": layout.after(parts, part),
        "progress": layout.progress(parts),
    }
    return render(request, "cans/score.html", context, status=status)


def _rows(assessment, part, overrides):
    previous = values_by_adult(assessment.based_on).get(part.sheet.adult_id)
    notes = {note.code: note.text for note in part.sheet.notes.all()}
    comments = comments_by_code(part.sheet)
    day = assessment.based_on.assessed_on if assessment.based_on else None
    return [
        {
            "title": section.title,
            "key": section.key,
            "rows": [
                layout.row(
                    item,
                    part.sheet,
                    previous=previous,
                    previous_day=day,
                    note=notes.get(item.code, ""),
                    comments=comments.get(item.code, ()),
                    typed=overrides.get(item.code),
                )
                for item in section.items
            ],
        }
        for section in part.sections
    ]


def comments_by_code(sheet):
    """What reviewers said of the items of a sheet, oldest first."""
    found = {}
    for comment in ItemComment.objects.filter(sheet=sheet).select_related("step__by"):
        found.setdefault(comment.code, []).append(comment)
    return found


def _by_code(wrong):
    """Sentences by item code, of a ValidationError that has them."""
    by_code = getattr(wrong, "error_dict", {})
    return {code: " ".join(errors[0].messages) for code, errors in by_code.items()}


def _general(wrong):
    """Sentences that are about no item of the page."""
    return wrong.messages if wrong is not None and not hasattr(wrong, "error_dict") else []
