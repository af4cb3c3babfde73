"""Who began or ceased to care for the child since a draft began, and what there is to do about it."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from django.urls import reverse

from audit.statements import Given, Kept
from cases.models import Caregiving
from staff.dates import today

from .days import written_with_weekday


class Moved(StrEnum):
    MISSING = "missing"  # cares on the assessed-on date, has no sheet
    JOINED_LATER = "joined_later"  # began after that date, has no sheet
    NOT_CARING = "not_caring"  # has a sheet, does not care on that date
    LEFT_LATER = "left_later"  # cared on that date, and has left since


@dataclass(frozen=True)
class CaregiverChange:
    kind: Moved
    adult: object
    sheet: object
    sentence: str
    to_do: str
    url: str


_CARES = Kept(
    lambda: Caregiving.objects.filter(
        membership__case=Given("case"), membership__child=Given("child")
    ).select_related("adult")
)


def caregiver_changes(assessment, sheets, on=None):
    """What changed about the caregivers, the ones to add first; empty unless it may be worked on. One query.

    Whoever is not scored for a written reason has been seen to.
    """
    if not assessment.is_workable:
        return []
    on = on or today()
    cares = _CARES.all(case=assessment.case_id, child=assessment.child_id)
    of_adult = {}
    for care in sorted(cares, key=lambda care: (care.starts, care.pk)):
        of_adult.setdefault(care.adult_id, []).append(care)
    by_adult = {sheet.adult_id: sheet for sheet in sheets if sheet.adult_id}
    found = [
        _without_sheet(assessment, rows, on) for adult, rows in of_adult.items() if adult not in by_adult
    ]
    found += [
        _with_sheet(assessment, sheet, of_adult.get(adult, []), on)
        for adult, sheet in by_adult.items()
        if not sheet.not_scored_reason
    ]
    order = list(Moved)
    told = [change for change in found if change]
    return sorted(told, key=lambda change: (order.index(change.kind), change.adult.name, change.adult.pk))


def _holds(care, day: date):
    return care.starts <= day and (care.ends is None or care.ends >= day)


def _without_sheet(assessment, cares, on):
    child, day, care = assessment.child.name, assessment.assessed_on, cares[-1]
    now = next((one for one in cares if _holds(one, day)), None)
    if now:
        return _change(
            assessment,
            Moved.MISSING,
            now.adult,
            None,
            f"{now.adult.name} cares for {child} since {written_with_weekday(now.starts)}, "
            "and has no sheet in this CANS.",
            "Add a sheet, then rate it or say why not.",
        )
    if care.starts > day and _holds(care, on):
        movable = _may_be_about(assessment, care.starts)
        return _change(
            assessment,
            Moved.JOINED_LATER,
            care.adult,
            None,
            f"{care.adult.name} cares for {child} since {written_with_weekday(care.starts)}, "
            "after the day this CANS is about.",
            "To rate them here, move its day and add a sheet; else they are rated in the next CANS."
            if movable
            else "They are rated in the next CANS.",
            url=_move_to(assessment, care.starts) if movable else None,
        )
    return None


def _may_be_about(assessment, day):
    """An amendment keeps its day, and one that was submitted is about no day after that."""
    submitted = assessment.first_submitted_on
    return assessment.amends_id is None and (submitted is None or day <= submitted)


def _move_to(assessment, day):
    return f"{reverse('cans:details', args=[assessment.pk])}?assessed_on={day.isoformat()}#date"


def _with_sheet(assessment, sheet, cares, on):
    child, day = assessment.child.name, assessment.assessed_on
    if not any(_holds(care, day) for care in cares):
        ended = max((care.ends for care in cares if care.ends and care.ends < day), default=None)
        until = f" (until {written_with_weekday(ended)})" if ended else ""
        return _change(
            assessment,
            Moved.NOT_CARING,
            sheet.adult,
            sheet,
            f"{sheet.adult.name} does not care for {child} on the day this CANS is about{until}.",
            "Remove the sheet while nothing is on it, or say why they are not scored.",
        )
    if not any(_holds(care, on) for care in cares) and on > day:
        ended = max(care.ends for care in cares if care.ends)
        return _change(
            assessment,
            Moved.LEFT_LATER,
            sheet.adult,
            sheet,
            f"{sheet.adult.name} ceased to care for {child} on {written_with_weekday(ended)}, "
            "after the day this CANS is about.",
            "Rate them as of that day, or say why they are not scored.",
        )
    return None


def _change(assessment, kind, adult, sheet, sentence, to_do, *, url=None):
    people = reverse("cans:people", args=[assessment.pk]) + (f"#sheet-{sheet.pk}" if sheet else "#missing")
    return CaregiverChange(kind, adult, sheet, sentence, to_do, url or people)
