"""Who is scored in a CANS, and which day, type and age sections it has."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from cans import actions, due
from cans.caregivers import caregiver_changes
from cans.facts import caregivings_of, meets, sheets_of
from cans.forms import AddSheetForm, DateForm, ReasonForm, SectionsForm, TypeForm
from cans.models import Assessment, Sheet
from cans.permissions import check_can_score, refusal
from cans.siblings import siblings_of
from cases.models import Adult
from staff.policy import policy
from staff.refusals import NotNow

from . import layout
from .reading import crumbs, find, note_reading


@policy("assessment.view")
@require_safe
def people(request, pk):
    return _people(request, find(request, pk))


@policy("assessment.score")
@require_POST
def add_sheet(request, pk):
    assessment = find(request, pk)
    form = AddSheetForm(request.POST, adults=_without_sheet(assessment))
    if form.is_valid():
        return _do(
            request,
            assessment,
            lambda: actions.add_sheet(assessment, by=request.user, adult=form.cleaned_data["adult"]),
            f"{form.cleaned_data['adult'].name} has a sheet now.",
            add=form,
        )
    return _people(request, assessment, add=form)


@policy("assessment.score")
@require_POST
def explain_not_scored(request, pk, sheet_pk):
    assessment, sheet = _sheet(request, pk, sheet_pk)
    form = ReasonForm(request.POST, prefix=f"s{sheet.pk}")
    if form.is_valid():
        return _do(
            request,
            assessment,
            # The page offers it where none was given.
            lambda: actions.explain_not_scored(sheet, by=request.user, seen="", **form.cleaned_data),
            f"{sheet.adult.name} is not scored; the reason is kept.",
            reasons={sheet.pk: form},
        )
    return _people(request, assessment, reasons={sheet.pk: form})


@policy("assessment.score")
@require_POST
def score_after_all(request, pk, sheet_pk):
    assessment, sheet = _sheet(request, pk, sheet_pk)
    return _do(
        request,
        assessment,
        lambda: actions.score_after_all(sheet, by=request.user),
        f"{sheet.adult.name} is scored.",
    )


@policy("assessment.score")
@require_POST
def drop_sheet(request, pk, sheet_pk):
    assessment, sheet = _sheet(request, pk, sheet_pk)
    return _do(
        request,
        assessment,
        lambda: actions.drop_sheet(sheet, by=request.user),
        f"The blank sheet of {sheet.adult.name} is removed.",
    )


@policy("assessment.view")
@require_safe
def details(request, pk):
    assessment = find(request, pk)
    asked = DateForm(request.GET) if "assessed_on" in request.GET else None
    return _details(request, assessment, date=asked)


@policy("assessment.score")
@require_POST
def change_date(request, pk):
    assessment = find(request, pk)
    form = DateForm(request.POST)
    if form.is_valid():
        try:
            change = actions.change_assessed_on(assessment, by=request.user, **form.cleaned_data)
        except ValidationError as wrong:
            form.add_error(None, wrong)
        except NotNow as why:
            return _details(request, find(request, pk), date=form, refused=str(why), status=409)
        else:
            messages.success(request, "The assessed-on date is changed.")
            for sentence in change.sentences:
                messages.warning(request, sentence)
            return redirect("cans:people" if change.without_sheet else "cans:details", pk=pk)
    return _details(request, find(request, pk), date=form)


@policy("assessment.score")
@require_POST
def change_type(request, pk):
    assessment = find(request, pk)
    form = TypeForm(request.POST)
    if form.is_valid():
        try:
            actions.set_type(assessment, by=request.user, **form.cleaned_data)
        except NotNow as why:
            return _details(request, find(request, pk), type=form, refused=str(why), status=409)
        messages.success(request, "The type is changed.")
        return redirect("cans:details", pk=pk)
    return _details(request, assessment, type=form)


@policy("assessment.score")
@require_POST
def change_sections(request, pk):
    assessment = find(request, pk)
    form = SectionsForm(request.POST)
    if form.is_valid():
        try:
            actions.set_domains(assessment, by=request.user, **form.cleaned_data)
        except NotNow as why:
            return _details(request, find(request, pk), sections=form, refused=str(why), status=409)
        messages.success(request, "The sections are changed. Nothing that was rated is lost.")
        return redirect("cans:details", pk=pk)
    return _details(request, assessment, sections=form)


def _sheet(request, pk, sheet_pk):
    """A caregiver's sheet of an assessment the person may read; 404 otherwise."""
    assessment = find(request, pk)
    of_caregivers = Sheet.objects.select_related("adult").filter(adult__isnull=False)
    sheet = get_object_or_404(of_caregivers, pk=sheet_pk, assessment=assessment)
    sheet.assessment = assessment
    return assessment, sheet


def _do(request, assessment, verb, done, **typed):
    """Run one verb about a sheet; where it refuses, the page again with its sentence and what was typed."""
    try:
        verb()
    except NotNow as why:
        return _people(request, find(request, assessment.pk), refused=str(why), status=409, **typed)
    except ValidationError as wrong:
        refused = " ".join(wrong.messages)
        return _people(request, find(request, assessment.pk), refused=refused, status=400, **typed)
    messages.success(request, done)
    return redirect("cans:people", pk=assessment.pk)


def _without_sheet(assessment):
    cares = [care.adult_id for care in caregivings_of(assessment)]
    return Adult.objects.filter(pk__in=cares).exclude(
        pk__in=assessment.sheets.exclude(adult=None).values("adult")
    )


def _too_late(request, assessment, refused, status):
    """What was sent may be wrong as to its moment too: 409 and the sentence, whatever else is wrong."""
    if request.method == "POST" and not refused:
        try:
            check_can_score(request.user, assessment)
        except NotNow as why:
            return str(why), 409
    return refused, status


def _people(request, assessment, *, add=None, reasons=None, refused="", status=200):
    refused, status = _too_late(request, assessment, refused, status)
    note_reading(request, "assessment people", assessment)
    sheets = sheets_of(assessment)
    cares = {care.adult_id: care for care in caregivings_of(assessment)}
    parts = {part.sheet.pk: part for part in layout.parts_of(sheets) if part.sheet.adult_id}
    siblings = siblings_of(sheets)
    missing = [care for adult, care in cares.items() if adult not in {sheet.adult_id for sheet in sheets}]
    context = {
        "assessment": assessment,
        "crumbs": crumbs(assessment, ("People", None)),
        "caregivers": [
            {
                "sheet": sheet,
                "care": cares.get(sheet.adult_id),
                "part": parts.get(sheet.pk),
                "siblings": siblings.get(sheet.pk, ()),
                "form": (reasons or {}).get(sheet.pk) or ReasonForm(prefix=f"s{sheet.pk}"),
                "open": sheet.pk in (reasons or {}),
            }
            for sheet in sheets
            if sheet.adult_id
        ],
        "missing": missing,
        "changes": caregiver_changes(assessment, sheets),
        "add": add or AddSheetForm(adults=_without_sheet(assessment)),
        "may_score": not refusal(check_can_score, request.user, assessment),
        "refused": refused,
    }
    return render(request, "cans/people.html", context, status=status)


def _details(request, assessment, *, date=None, type=None, sections=None, refused="", status=200):
    refused, status = _too_late(request, assessment, refused, status)
    note_reading(request, "assessment details", assessment)
    would = meets(assessment.child, assessment.case, assessed_on=assessment.assessed_on, without=assessment)
    proposed = due.propose_type(would.obligations)
    context = {
        "assessment": assessment,
        "crumbs": crumbs(assessment, ("Date, type and sections", None)),
        "date_form": date or DateForm(initial={"assessed_on": assessment.assessed_on}),
        "type_form": type or TypeForm(initial={"type": assessment.type}),
        "sections_form": sections
        or SectionsForm(initial={"early": assessment.early, "transition": assessment.transition}),
        "proposed": dict(Assessment.Type.choices)[proposed],
        "would": would,
        "may_score": not refusal(check_can_score, request.user, assessment),
        "why_not": refusal(check_can_score, request.user, assessment),
        "refused": refused,
    }
    return render(request, "cans/details.html", context, status=status)
