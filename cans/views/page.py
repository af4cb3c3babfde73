"""The page of one assessment: how it stands, what happened, and every rating in words."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from approvals import permissions as approvals_permissions
from approvals.history import steps_of, told
from approvals.workflow import Action, transition
from cans import actions
from cans.facts import dates_of, readiness_of, sheets_of, values_by_adult
from cans.history import carried_share
from cans.instrument import sections, words
from cans.permissions import check_can_score, check_can_take_over, refusal
from staff.policy import policy

from . import layout
from .amended import amendments_about
from .problems import sorted_out
from .reading import crumbs, find, note_reading
from .returned import asked_about, by_item, fix_by, open_return, unseen_in

# The steps that have a page of their own, in the order their buttons stand.
STEPS = (
    (Action.SUBMIT, "Summary and submit", "cans:summary"),
    (Action.APPROVE, "Review", "approvals:review"),
    (Action.RECALL, "Recall", "approvals:recall"),
    (Action.REROUTE, "Reroute", "approvals:reroute"),
    (Action.AMEND, "Amend", "approvals:amend"),
    (Action.VOID, "Void", "approvals:void"),
)


@policy("assessment.view")
@require_safe
def detail(request, pk):
    assessment = find(request, pk)
    note_reading(request, "assessment", assessment)
    sheets = sheets_of(assessment)
    parts = layout.parts_of(sheets)
    steps = steps_of(assessment)
    returned = open_return(assessment, steps)
    said = [comment for step in steps if step.action == Action.RETURN for comment in step.comments.all()]
    comments = by_item(assessment, said, returned)
    commented = asked_about(sheets, returned)
    context = {
        "assessment": assessment,
        "crumbs": crumbs(assessment),
        "parts": parts,
        "progress": layout.progress(parts),
        "people": [person.person for person in assessment.contributions.select_related("person")],
        "history": told(assessment, steps),
        "returned": returned,
        "commented": commented,
        "amendments": amendments_about(assessment, sheets),
        "unseen": unseen_in(commented),
        "fix_by": fix_by(assessment),
        "dates": dates_of(assessment),
        "sheets": _in_words(assessment, sheets, comments),
        "share": carried_share(sheets),
        **buttons(request.user, assessment),
    }
    if assessment.is_workable:
        found = readiness_of(assessment, sheets=sheets)
        context["readiness"] = sorted_out(assessment, sheets, parts, found)
    return render(request, "cans/detail.html", context)


@policy("assessment.score")
@require_POST
def take_over(request, pk):
    assessment = find(request, pk)
    actions.take_over(assessment, by=request.user)
    messages.success(request, "You are its author now; it will go to your own supervisor.")
    return redirect(assessment)


def buttons(user, assessment):
    """What this person may do now, and in a sentence each why not the rest."""
    may, why_not = [], []
    for action, label, url_name in STEPS:
        if transition(action, assessment.state) is None:
            continue
        refused = refusal(approvals_permissions.check_can, user, action, assessment)
        if refused:
            why_not.append((label, refused))
        else:
            may.append((label, url_name, action.value))
    refused = refusal(check_can_score, user, assessment)
    if assessment.is_workable and refused:
        why_not.insert(0, ("Rate", refused))
    return {
        "may_score": not refused,
        "may_take_over": not refusal(check_can_take_over, user, assessment),
        "may": may,
        "why_not": why_not,
    }


def _in_words(assessment, sheets, comments):
    """Every sheet with its ratings, the previous ones, notes and comments, section by section."""
    before = values_by_adult(assessment.based_on)
    return [_sheet_in_words(sheet, before.get(sheet.adult_id, {}), comments) for sheet in sheets]


def _sheet_in_words(sheet, before, comments):
    notes = {note.code: note.text for note in sheet.notes.all()}
    slug = None if sheet.adult_id is None else layout.slug_of(sheet)
    return {
        "sheet": sheet,
        "name": sheet.subject_name,
        "sections": [
            {
                "title": section.title,
                "slug": slug or section.key,
                "rows": [_item_in_words(item, sheet, before, notes, comments) for item in section.items],
            }
            for section in sections(sheet.applicable_items)
            if not sheet.not_scored_reason
        ],
    }


def _item_in_words(item, sheet, before, notes, comments):
    value, previous = sheet.value(item), before.get(item.code, ".")
    return {
        "item": item,
        "code": item.code,
        "words": words(item, value),
        "value": value,
        "previous": "" if previous == "." else words(item, previous),
        "note": notes.get(item.code, ""),
        "comments": comments.get((sheet.pk, item.code), ()),
    }
