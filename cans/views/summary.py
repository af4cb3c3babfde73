"""Before submitting: what was found, what changed, what is missing, and the dates it meets."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from approvals.permissions import check_can
from approvals.workflow import Action
from cans import actions, comparison
from cans.caregivers import caregiver_changes
from cans.facts import dates_of, readiness_of, sheets_of, values_by_adult
from cans.history import carried_share
from cans.instrument import UNRATED, words
from cans.permissions import check_can_score, refusal
from staff.policy import policy
from staff.refusals import NotNow

from . import layout
from .problems import sorted_out
from .reading import crumbs, find, note_reading
from .returned import asked_about, fix_by, open_return, unseen_in
from .written import SEEN, written

PREFIX = "answer-"


@policy("assessment.view")
@require_safe
def summary(request, pk):
    return page(request, find(request, pk))


@policy("assessment.score")
@require_POST
def answer(request, pk):
    """Keep the answers to the warnings; one that cannot be kept is shown again with why."""
    assessment = find(request, pk)
    if refused := keep_answers(request, assessment, *answers_in(request.POST)):
        return refused
    messages.success(request, "Your answers are saved.")
    return redirect("cans:summary", pk=pk)


def answers_in(post):
    """The answers to warnings that a form brings along, by the key of the warning; see `written`."""
    return written(post, PREFIX)


def keep_answers(request, assessment, typed, seen):
    """Save the answers, and return None; or the page to show instead where that cannot be done."""
    try:
        actions.answer_warnings(assessment, by=request.user, answers=typed, seen=seen)
    except ValidationError as wrong:
        errors = {key: " ".join(found[0].messages) for key, found in wrong.error_dict.items()}
        return page(request, assessment, typed=typed, errors=errors, status=400)
    except NotNow as why:
        return page(request, assessment, typed=typed, refused=str(why), status=409)
    return None


def page(request, assessment, *, typed=None, errors=None, refused="", status=200):
    note_reading(request, "assessment summary", assessment)
    sheets = sheets_of(assessment)
    parts = layout.parts_of(sheets)
    before = values_by_adult(assessment.based_on)
    scored = [sheet for sheet in sheets if not sheet.not_scored_reason]
    context = {
        "assessment": assessment,
        "crumbs": crumbs(assessment, ("Summary", None)),
        "parts": parts,
        "progress": layout.progress(parts),
        "found": _found(scored),
        "changed": [_changed(sheet, before) for sheet in scored],
        "share": carried_share(sheets),
        "caregiver_changes": caregiver_changes(assessment, sheets),
        "not_scored": [sheet for sheet in sheets if sheet.not_scored_reason],
        "dates": dates_of(assessment),
        "refused": refused,
        "may_score": not refusal(check_can_score, request.user, assessment),
    }
    context["why_not_submit"] = refusal(check_can, request.user, Action.SUBMIT, assessment)
    context["may_submit"] = not context["why_not_submit"]
    context["returned"] = open_return(assessment)
    context["commented"] = asked_about(sheets, context["returned"])
    context["unseen"] = unseen_in(context["commented"])
    context["fix_by"] = fix_by(assessment)
    if assessment.is_workable:
        found = readiness_of(assessment, by=request.user if context["may_score"] else None, sheets=sheets)
        context["readiness"] = sorted_out(assessment, sheets, parts, found)
        _add_answers(assessment, context["readiness"], typed or {}, errors or {})
    return render(request, "cans/summary.html", context, status=status)


def _add_answers(assessment, readiness, typed, errors):
    stored = dict(assessment.answers.values_list("key", "text"))
    for warning in readiness["warnings"]:
        key = warning["key"]
        warning["name"], warning["seen"] = f"{PREFIX}{key}", f"{SEEN}{PREFIX}{key}"
        warning["stored"] = stored.get(key, "")
        warning["text"] = typed.get(key, warning["stored"])
        warning["error"] = errors.pop(key, "")
    readiness["answer_errors"] = [f"{why} You had typed: “{typed[key]}”" for key, why in errors.items()]


# What was found, in the order in which it matters: title, tone, the items, whether the level is said.
FOUND = (
    ("Act now", "tone-bad", "act_now", False),
    ("Act", "tone-warn", "act", False),
    ("Watch, prevent", "tone-info", "watch", False),
    ("Strengths to use", "tone-ok", "usable", True),
    ("Strengths to build", "", "to_build", True),
    ("Exposures", "tone-plum", "present", True),
    ("Unknown", "", "unknown", False),
)


def _found(sheets):
    """Each list with the people in it, those without an item left out; never a total of ratings."""
    profiles = [
        (sheet, sheet.values, comparison.profile(sheet.applicable_items, sheet.values)) for sheet in sheets
    ]
    lists = []
    for title, tone, kind, says_level in FOUND:
        people = [
            {
                "name": sheet.subject_name,
                "items": [{"item": item, "value": values[item.code]} for item in getattr(profile, kind)],
            }
            for sheet, values, profile in profiles
            if getattr(profile, kind)
        ]
        number = sum(len(person["items"]) for person in people)
        lists.append(
            {"title": title, "tone": tone, "says_level": says_level, "people": people, "number": number}
        )
    # That there is nothing to act on is worth saying; an empty list of the unknown is not.
    return [one for one in lists if one["number"] or one["title"] in {"Act now", "Act", "Watch, prevent"}]


def _changed(sheet, before):
    """What differs from the last approved CANS for one person; `compared` where they were rated then. What
    is not rated yet is missing, and no change."""
    items, values = sheet.applicable_items, sheet.values
    previous = before.get(sheet.adult_id)
    changes = comparison.compare(items, previous, values) if previous else []
    return {
        "name": sheet.subject_name,
        "compared": previous is not None,
        "changes": [
            {
                "item": change.item,
                "before": words(change.item, change.before),
                "after": words(change.item, change.after),
                "kind": CHANGE_WORDS.get(change.trend or change.change, ""),
            }
            for change in changes
            if change.differs and change.after != UNRATED
        ],
        "same": comparison.carried_unchanged(items, previous or {}, values),
        "total": len(items),
    }


CHANGE_WORDS = {
    comparison.Change.MET: "need met",
    comparison.Change.NEW: "new need",
    comparison.Change.IMPROVED: "still a need, less than before",
    comparison.Change.WORSENED: "still a need, more than before",
    comparison.Change.BUILT: "strength built",
    comparison.Change.LOST: "strength lost",
    comparison.Change.REVEALED: "exposure found or more severe",
    comparison.Change.LOWER: "exposure lower than before",
}
