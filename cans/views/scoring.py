"""Rating a CANS, the whole on one page or a part at a time: a plain form, checked as data and
rendered from rows. Where scripts run, the whole page saves each answer as it is given: see ratings.py."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from cans import actions
from cans.caregivers import caregiver_changes
from cans.facts import sheets_and_before, sheets_of
from cans.forms import check_rows, read_scores
from cans.permissions import check_can_score
from cans.siblings import siblings_of
from staff.policy import policy
from staff.refusals import NotNow

from . import layout
from .parts import keys_html, list_html, part_html
from .reading import ASSESSMENT_TO_SCORE, crumbs, find, note_reading, wrong_moment
from .returned import asked_about, asked_of, by_item
from .rows import rows_html


@policy("assessment.score")
@require_http_methods(["GET", "POST"])
def score(request, pk, section=None):
    """The whole CANS, or one part of it by its slug."""
    assessment = find(request, pk, ASSESSMENT_TO_SCORE)
    page = _form(assessment, section)
    if request.method == "POST":
        return _save(request, assessment, page)
    try:
        check_can_score(request.user, assessment)
    except NotNow as why:
        return wrong_moment(request, assessment, why)
    return _page(request, assessment, page)


def _form(assessment, section):
    page = layout.Page(assessment.pk, *sheets_and_before(assessment), section)
    if not page.shown:
        raise Http404("No such section in this CANS.")
    return page


def _save(request, assessment, page):
    typed = read_scores(request.POST, page.items_by_sheet)
    try:
        check_can_score(request.user, assessment)
        check_rows(request.POST, page.items_by_sheet)
        conflicts, notes_apart = _store(typed, by=request.user)
    except NotNow as why:
        return _page(request, assessment, page, overrides=_as_typed(typed), refused=str(why), status=409)
    except ValidationError as wrong:
        sentences = _by_row(wrong)
        overrides = _as_typed(typed, sentences)
        general = [] if sentences else wrong.messages
        return _page(request, assessment, page, overrides=overrides, general=general, status=400)
    if conflicts or notes_apart:
        return _ask(request, assessment, page, typed, conflicts, notes_apart)
    now = timezone.localtime()
    messages.success(request, f"{page.title}: saved at {now:%-I:%M %p %Z}.")
    return redirect(_where_next(request.POST.get("next"), assessment, page))


@transaction.atomic
def _store(typed, *, by):
    """Save what was typed on every sheet, or nothing.

    Returns what two people changed: sentences of ratings by row, and the rows of notes. Raises
    ValidationError, by row where it is about items.
    """
    conflicts, notes_apart, wrong = {}, [], {}
    for sheet, scores in typed:
        try:
            found = actions.rate(sheet, by=by, ratings=scores.ratings)
            apart = actions.annotate(sheet, by=by, notes=scores.notes, seen=scores.notes_seen)
        except ValidationError as refused:
            if not _by_row(refused):
                raise
            wrong |= {layout.row_key(sheet, code): text for code, text in _by_row(refused).items()}
            continue
        conflicts |= {layout.row_key(sheet, one.item.code): one.sentence for one in found}
        notes_apart += [layout.row_key(sheet, code) for code in apart]
    if wrong:
        raise ValidationError(wrong)
    return conflicts, notes_apart


def _where_next(wish, assessment, page):
    """Where the button that was pressed leads: a section by its name, what is missing, the summary, or here.

    Every way on from a page of ratings saves it first; a link would leave them behind.
    """
    parts = layout.parts_of(sheets_of(assessment))
    summary = reverse("cans:summary", args=[assessment.pk])
    named = {one.slug: one.url for one in parts} | {
        "summary": summary,
        "whole": reverse("cans:continue", args=[assessment.pk]),
    }
    if wish in named:
        return named[wish]
    if wish not in {"missing", "section"}:
        return page.url
    following = layout.next_missing(parts) if wish == "missing" else layout.after(parts, page.shown[-1])
    return following.anchor if following else summary


def _ask(request, assessment, page, typed, conflicts, notes_apart):
    """Everything else is saved; of what two people changed, both are shown and the person chooses."""
    page = _form(assessment, page.slug)
    written = {
        layout.row_key(part.sheet, note.code): note.text
        for part in page.shown
        for note in part.sheet.notes.all()
    }
    errors = dict(conflicts)
    for key in notes_apart:
        there = written.get(key, "")
        sentence = (
            f"Somebody else changed this note to “{there}” since you opened the page. "
            if there
            else "Somebody else removed this note since you opened the page. "
        )
        errors[key] = (
            f"{errors.get(key, '')} {sentence}What you wrote is below: save again to keep it.".strip()
        )
    entered = _as_typed(typed)
    overrides = {
        key: {"error": sentence} | ({"note": entered[key]["note"]} if key in notes_apart else {})
        for key, sentence in errors.items()
    }
    return _page(request, assessment, page, overrides=overrides, asked=len(errors), status=409)


def _page(request, assessment, page, *, overrides=None, general=(), refused="", asked=0, status=200):
    note_reading(request, "assessment score", assessment)
    overrides = overrides or {}
    returned, comments = asked_of(assessment)
    shown = [sheet for sheet, _ in page.items_by_sheet]
    blind = not request.user.last_ratings
    rows = _Rows(assessment, page.before, blind, by_item(assessment, comments, returned), overrides)
    siblings, whole = siblings_of(shown), page.slug is None
    context = {
        "assessment": assessment,
        "crumbs": crumbs(assessment, (page.title, None)),
        "page": page,
        "parts": [
            part_html(part, rows.of(part), siblings.get(part.sheet.pk), whole=whole) for part in page.shown
        ],
        "lines": list_html(page),
        "keys": keys_html() if whole else "",
        "wrong": _wrong(page, overrides),
        "general": general,
        "refused": refused,
        "asked": asked,
        "following": page.slug and layout.after(page.parts, page.shown[-1]),
        "progress": layout.progress(page.parts),
        "changes": caregiver_changes(assessment, page.sheets),
        "land": _landing(page, asked_about(shown, returned)),
    }
    return render(request, "cans/score.html", context, status=status)


def _landing(page, asked):
    """Where a person who comes to go on should land: the first item without a rating, else the first
    the reviewer asks about that is not seen to. "" when nothing is left to do."""
    missing = layout.next_missing(page.shown)
    if missing:
        return layout.anchor(missing.sheet, missing.unrated[0].code)
    waiting = next((one for one in asked if not one["asked"].seen_to), None)
    return waiting["url"].partition("#")[2] if waiting else ""


class _Rows:
    """The rows of a page, with what belongs beside them."""

    def __init__(self, assessment, before, blind, comments, overrides):
        self.before, self.blind = before, blind
        self.day = assessment.based_on.assessed_on if assessment.based_on else None
        self.comments = comments
        self.overrides = overrides

    def of(self, part):
        """The rows of each block of a part, as HTML."""
        before = self.before.get(part.sheet.adult_id, {})
        notes = {note.code: note.text for note in part.sheet.notes.all()}
        beside = {"before": before, "day": self.day, "blind": self.blind, "notes": notes}
        beside |= {"comments": self.comments, "typed": self.overrides}
        return [rows_html(section.items, part.sheet, **beside) for section in part.sections]


def _as_typed(typed, errors=None):
    """What was entered, row by row, as the rows take it, with the errors beside it."""
    found = {}
    for sheet, scores in typed:
        for code, entered in scores.overrides().items():
            found[layout.row_key(sheet, code)] = entered
    for key, sentence in (errors or {}).items():
        found.setdefault(key, {})["error"] = sentence
    return found


def _wrong(page, overrides):
    """The rows with an error, in the page's order: (name, sentence, anchor)."""
    if not overrides:
        return []
    return [
        (item.name, overrides[key]["error"], f"item-{key}")
        for sheet, items in page.items_by_sheet
        for item in items
        if (key := layout.row_key(sheet, item.code)) in overrides and overrides[key].get("error")
    ]


def _by_row(wrong):
    """The first sentence of each, by what it is about, of a ValidationError that is about items."""
    return {name: " ".join(errors[0].messages) for name, errors in getattr(wrong, "error_dict", {}).items()}
