from django.http import Http404
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from approvals.models import ItemComment
from audit.models import Event
from cans.facts import values_by_adult
from cans.history import history_of
from cans.instrument import UNRATED, words
from cans.models import Sheet
from staff.policy import policy

from .reading import crumbs, find, note_reading


@policy("assessment.view")
@require_safe
def history(request, pk, sheet_pk, code):
    """Where one rating comes from: every change of it, and what it was in the CANS before."""
    assessment = find(request, pk)
    sheet = get_object_or_404(Sheet.objects.select_related("adult"), pk=sheet_pk, assessment=assessment)
    sheet.assessment = assessment
    item = next((item for item in sheet.items if item.code == code), None)
    if item is None:
        raise Http404("No such item on this sheet.")
    changes = history_of(sheet, item)
    children = {
        told.change.confirmed_from.assessment.child_id for told in changes if told.change.confirmed_from
    }
    note_reading(request, "assessment history", assessment, sorted(children | {assessment.child_id}))
    rated = sheet.value(item) != UNRATED
    unchanged = rated and not changes
    before = values_by_adult(assessment.based_on).get(sheet.adult_id, {}).get(code, UNRATED)
    context = {
        "assessment": assessment,
        "crumbs": crumbs(assessment, (item.label, None)),
        "sheet": sheet,
        "item": item,
        "now": words(item, sheet.value(item)),
        "before": "" if before == UNRATED else words(item, before),
        "changes": changes,
        "note": sheet.notes.filter(code=code).select_related("by").first(),
        "comments": ItemComment.objects.filter(sheet=sheet, code=code).select_related("step__by"),
        "rated": rated,
        "copied_from": _copied_from(assessment, sheet) if unchanged else None,
        "imported": _imported(assessment) if unchanged else None,
    }
    return render(request, "cans/history.html", context)


def _copied_from(assessment, sheet):
    """The sheet of the CANS it amends, whose ratings an amendment begins with."""
    if assessment.amends_id is None:
        return None
    return Sheet.objects.filter(assessment=assessment.amends_id, adult=sheet.adult_id).first()


def _imported(assessment):
    """The event that tells of the file it came from."""
    of_case = Event.objects.filter(case_number=assessment.case_id, action="case.imported")
    return next((event for event in of_case if assessment.pk in event.detail["cans"]), None)
