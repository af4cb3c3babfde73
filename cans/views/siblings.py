"""The same adult in the CANS of siblings, side by side; and confirming one sheet as for another child."""

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from cans.confirming import confirm_sheet
from cans.history import last_changes
from cans.models import Sheet
from cans.permissions import check_can_score, refusal
from cans.siblings import fingerprint, plan, siblings_of, side_by_side
from staff.policy import policy
from staff.refusals import NotNow

from . import layout
from .reading import crumbs, find, note_reading


class ConfirmForm(forms.Form):
    """Which sibling's sheet, what the person saw, and the items in which this sheet gives way."""

    source = forms.ModelChoiceField(
        Sheet.objects.none(),
        error_messages={
            "required": "Press the button of the child to confirm as for.",
            "invalid_choice": "That sheet is not one of a sibling's on this page.",
        },
    )
    shown = forms.CharField(
        max_length=64, error_messages={"required": "The form did not say what you saw. Load the page again."}
    )
    replace = forms.MultipleChoiceField(
        required=False, error_messages={"invalid_choice": "Tick only items of this page."}
    )

    def __init__(self, *args, sheet, sources, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["source"].queryset = Sheet.objects.filter(pk__in=[source.pk for source in sources])
        self.fields["replace"].choices = [(item.code, item.label) for item in sheet.applicable_items]


@policy("assessment.view")
@require_safe
def siblings(request, pk, sheet_pk):
    assessment, sheet = _sheet(request, pk, sheet_pk)
    return _page(request, assessment, sheet, _sources(sheet))


@policy("assessment.score")
@require_POST
def confirm(request, pk, sheet_pk):
    """One button, one sheet; whatever changed meanwhile is shown first and asked about again."""
    assessment, sheet = _sheet(request, pk, sheet_pk)
    sources = _sources(sheet)
    if too_late := _wrong_moment(request.user, assessment):
        return _page(request, assessment, sheet, sources, refused=too_late, status=409)
    form = ConfirmForm(request.POST, sheet=sheet, sources=sources)
    if not form.is_valid():
        wrong = " ".join(dict.fromkeys(error for errors in form.errors.values() for error in errors))
        return _page(request, assessment, sheet, sources, refused=wrong, status=400)
    given = form.cleaned_data
    child = next(source for source in sources if source == given["source"]).assessment.child
    try:
        number = confirm_sheet(sheet, by=request.user, **given)
    except NotNow as why:
        assessment, sheet = _sheet(request, pk, sheet_pk)
        asked = {"ticked": given["replace"], "refused": str(why)}
        return _page(request, assessment, sheet, _sources(sheet), **asked, status=409)
    except ValidationError as wrong:
        return _page(request, assessment, sheet, sources, refused=" ".join(wrong.messages), status=400)
    if number:
        said = f"{number} rating{'s' * (number != 1)} of {sheet.adult.name} confirmed as for {child.name}."
    else:
        said = f"Nothing had to be set: {sheet.adult.name} is rated here already."
    messages.success(request, said)
    return redirect(f"{reverse('cans:continue', args=[pk])}#part-{layout.slug_of(sheet)}")


def _wrong_moment(user, assessment):
    """Why it is too late or too early to rate here; raises PermissionDenied where it is never theirs."""
    try:
        check_can_score(user, assessment)
    except NotNow as why:
        return str(why)
    return ""


def _sheet(request, pk, sheet_pk):
    assessment = find(request, pk)
    of_caregivers = Sheet.objects.select_related("adult").filter(adult__isnull=False)
    sheet = get_object_or_404(of_caregivers, pk=sheet_pk, assessment=assessment)
    sheet.assessment = assessment
    return assessment, sheet


def _sources(sheet):
    return [source for _, source, _ in siblings_of([sheet]).get(sheet.pk, ())]


def _page(request, assessment, sheet, sources, *, ticked=(), refused="", status=200):
    children = [assessment.child_id, *(source.assessment.child_id for source in sources)]
    note_reading(request, "assessment siblings", assessment, children)
    last = last_changes([sheet, *sources])
    rows = side_by_side(sheet, sources, last)
    context = {
        "assessment": assessment,
        "crumbs": crumbs(
            assessment,
            ("Caregivers", f"{assessment.get_absolute_url()}people/"),
            (sheet.adult.name, None),
        ),
        "sheet": sheet,
        "sources": [{"sheet": source, "plan": plan(sheet, source)} for source in sources],
        "rows": rows,
        "differing": sum(row.differs for row in rows),
        "ticked": ticked,
        "shown": fingerprint(sheet, *sources),
        "may_score": not refusal(check_can_score, request.user, assessment) and not sheet.not_scored_reason,
        "refused": refused,
    }
    return render(request, "cans/siblings.html", context, status=status)
