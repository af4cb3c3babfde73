"""What is corrected in the case, and the CANS that is being rated follows."""

from django.db import transaction

from cases import actions

from .actions import record_act
from .facts import caregivings_of
from .models import Assessment


@transaction.atomic
def correct_caregiving(care, *, by, **given):
    """See `cases.actions`. The sheets of an open CANS have the role on record again: of a substitute
    caregiver it asks more than of a parent. What is rated on them stays."""
    child, case = care.membership.child_id, care.membership.case_id
    open_here = Assessment.objects.open().filter(child=child, case=case).select_related("child")
    # Before the case, as every verb on a CANS: nobody submits it meanwhile.
    assessment = open_here.select_for_update(of=("self",), no_key=True).first()
    care = actions.correct_caregiving(care, by=by, **given)
    if assessment is not None and assessment.is_workable:
        _follow(assessment, by)
    return care


def _follow(assessment, by):
    for care in caregivings_of(assessment):
        substitute = care.role == care.Role.SUBSTITUTE
        for sheet in assessment.sheets.filter(adult=care.adult_id).exclude(substitute=substitute):
            sheet.substitute = substitute
            sheet.save(update_fields=["substitute"])
            record_act("follow_role", assessment, by, sheet=sheet.pk, role=care.role)
