"""One act of a person for one caregiver's sheet: to confirm what a sibling's CANS says of the same adult."""

from django.core.exceptions import ValidationError
from django.db import transaction

from staff.refusals import NotNow

from . import saving
from .actions import record_act, work_on_sheet
from .models import Contribution
from .siblings import fingerprint, plan, siblings_of


@transaction.atomic
def confirm_sheet(sheet, *, by, source, shown, replace=()):
    """Rate as on `source`, the same adult's sheet in a sibling's CANS. Returns how many ratings were set.

    Set is what is not rated here yet, and what is rated otherwise only where `replace` names it.
    `shown` is the fingerprint of what the person saw; where anything of it changed, nothing is set.
    """
    assessment = work_on_sheet(sheet, by)
    if sheet.not_scored_reason:
        raise NotNow(saving.not_scored(sheet))
    there = [one for _, one, _ in siblings_of([sheet]).get(sheet.pk, ())]
    source = next((one for one in there if one.pk == source.pk), None)
    if source is None or shown != fingerprint(sheet, *there):
        raise NotNow("A rating on this page changed since you opened it. Look again, then confirm.")
    if set(replace) - {item.code for item in sheet.applicable_items}:
        raise ValidationError({"replace": "Tick only items of this page."})
    changes = plan(sheet, source).changes(replace)
    wanted = [saving.Rating(sheet.pk, item.code, seen, value) for item, seen, value in changes]
    done, _ = saving.put_ratings(assessment, {sheet.pk: sheet}, wanted, by=by, confirmed_from=source.pk)
    if len(done) < len(wanted):
        raise NotNow("A rating of this sheet changed just now. Look again, then confirm.")
    sheet.refresh_from_db(fields=["ratings"])
    if changes:
        _carry_over_who_wrote(source, assessment)
        replaced = sum(item.code in replace for item, _, _ in changes)
        record_act(
            "confirm_sheet",
            assessment,
            by,
            sheet=sheet.pk,
            source=source.pk,
            items=len(changes),
            replaced=replaced,
        )
    return len(changes)


def _carry_over_who_wrote(source, assessment):
    """Whoever wrote in the CANS these ratings are from wrote some of this one, and may not approve it."""
    wrote = Contribution.objects.filter(assessment=source.assessment_id).values_list("person", flat=True)
    rows = [Contribution(assessment=assessment, person_id=person) for person in wrote]
    Contribution.objects.bulk_create(rows, ignore_conflicts=True)
