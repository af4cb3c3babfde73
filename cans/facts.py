"""Gathers from the database what the pure rules take: readiness, due dates, comparison."""

from django.db.models import Q

from cases.models import Caregiving, Membership
from staff import gate
from staff.dates import today

from . import due, instrument, obligations, readiness


def readiness_of(assessment, *, by=None, on=None):
    """What this CANS still lacks; the credentials asked for are those of `by`, or of its author."""
    on = on or today()
    sheets = list(assessment.sheets.select_related("adult").prefetch_related("notes"))
    for sheet in sheets:
        sheet.assessment = assessment
    before = values_by_adult(assessment.based_on)
    stay = membership_of(assessment)
    cares_now = caregivings_of(assessment)
    has_sheet = {sheet.adult_id for sheet in sheets}
    child = next(sheet for sheet in sheets if sheet.adult_id is None)
    facts = readiness.Facts(
        child=_sheet_facts(child, before),
        caregivers=[_sheet_facts(sheet, before) for sheet in sheets if sheet.adult_id],
        caregivers_without_sheet=[
            (care.adult_id, care.adult.name) for care in cares_now if care.adult_id not in has_sheet
        ],
        born=assessment.child.born,
        developmental_disability=assessment.child.developmental_disability,
        assessed_on=assessment.assessed_on,
        today=on,
        early=assessment.early,
        transition=assessment.transition,
        opened=assessment.episode.opened,
        joined=max(stay.joined, assessment.episode.opened) if stay else assessment.episode.opened,
        left=stay.left if stay else None,
        closed=assessment.episode.closed,
        gate=gate.refusals(by or assessment.author, on),
        answers=dict(assessment.answers.values_list("key", "text")),
    )
    return readiness.problems(facts, assessment.instrument)


def values_by_adult(assessment):
    """adult (None for the child) → item code → value, of an earlier CANS; empty without one."""
    if assessment is None:
        return {}
    found = {}
    for sheet in assessment.sheets.all():
        sheet.assessment = assessment
        if not sheet.not_scored_reason:
            found[sheet.adult_id] = sheet.values
    return found


def membership_of(assessment):
    """The child's stay in the case that the assessment belongs to: the latest joined by its date."""
    stays = Membership.objects.filter(case=assessment.case_id, child=assessment.child_id)
    return (
        stays.filter(joined__lte=assessment.assessed_on).order_by("-joined", "-pk").first()
        or stays.order_by("joined", "pk").first()
    )


def caregivings_of(assessment):
    """Every caregiving of the child in this case that is open on the assessed-on date, an adult once."""
    rows = (
        Caregiving.objects.on(assessment.assessed_on)
        .filter(membership__case=assessment.case_id, membership__child=assessment.child_id)
        .select_related("adult")
        .order_by("adult__name", "adult_id", "-starts")
    )
    return list({care.adult_id: care for care in reversed(rows)}.values())[::-1]


def meets(child, case, *, assessed_on, on=None, without=None):
    """What a CANS of this child assessed that day would meet and set, if it were submitted today."""
    episodes, assessments = obligations.facts_of(child, case)
    others = [cans for cans in assessments if without is None or cans.key != without.pk]
    return due.cans_meets(episodes, others, assessed_on, on or today(), obligations.policies())


def open_stays(case, on=None):
    """Memberships of children who may be assessed in this case that day or lately: joined, not left."""
    on = on or today()
    return Membership.objects.filter(Q(left__isnull=True) | Q(left__gte=on), case=case, joined__lte=on)


def _sheet_facts(sheet, before):
    return readiness.SheetFacts(
        key=sheet.pk,
        name=sheet.subject_name,
        ratings={code: value for code, value in sheet.values.items() if value != instrument.UNRATED},
        substitute=sheet.substitute if sheet.adult_id else None,
        not_scored_reason=sheet.not_scored_reason,
        previous=before.get(sheet.adult_id),
        notes={note.code: note.text for note in sheet.notes.all()},
    )
