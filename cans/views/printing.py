"""A CANS on paper: as it is keyed into another system, and blank to take on a visit."""

from itertools import groupby
from typing import NamedTuple

from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from audit.actions import record
from cans.actions import not_begun
from cans.facts import date_refusals, sheets_of, values_by_adult
from cans.forms import DateForm
from cans.instrument import (
    CHILD_DOMAINS,
    LEVEL_VALUES,
    LEVELS,
    NOT_APPLICABLE,
    UNKNOWN,
    UNRATED,
    Subject,
    sections,
    words,
)
from cans.states import State
from cases.views import pages as cases
from reports.export import as_csv
from staff.dates import today
from staff.policy import policy
from staff.step_up import step_up

from .reading import crumbs, find, note_reading
from .starting import found_or_404

KEYED = {NOT_APPLICABLE: "N/A", UNKNOWN: "U", UNRATED: "-"}
LAST = 10_000  # after every number of the form


class Keyed(NamedTuple):
    person: str
    number: int | str
    item: str
    rating: str
    note: str


# Heading, name, and whether it is a number: as every list that is exported.
KEYING = [
    ("Person", "person", False),
    ("Item number", "number", True),
    ("Item", "item", False),
    ("Rating", "rating", False),
    ("Note", "note", False),
]


@policy("assessment.view")
@require_safe
def paper(request, pk):
    """Number, item, rating: in the order of the form, for whoever keys it in elsewhere."""
    assessment = find(request, pk)
    note_reading(request, "assessment print", assessment)
    sheets = sheets_of(assessment)
    context = {
        **_head(assessment, sheets),
        "people": [_person(sheet, _keyed(sheet)) for sheet in sheets if not sheet.not_scored_reason],
        "wrote": [one.person for one in assessment.contributions.select_related("person")],
        "crumbs": crumbs(assessment, ("Print", None)),
    }
    return render(request, "cans/print.html", context)


@policy("assessment.view")
@require_safe
@step_up
@transaction.atomic
def keying(request, pk):
    """The same as a table for whoever keys it in: it leaves the house, and that is written down."""
    assessment = find(request, pk)
    note_reading(request, "assessment keying", assessment)
    rows = list(_keying_rows(sheets_of(assessment)))
    record(
        "assessment.export",
        by=request.user,
        case=assessment.case,
        subject=f"assessment {assessment.pk}",
        rows=len(rows),
    )
    response = HttpResponse(as_csv(rows, KEYING), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="cans-{assessment.pk}.csv"'
    return response


def _keying_rows(sheets):
    """The child's items by number, then each caregiver's. What is not rated has no rating."""
    for sheet in sheets:
        if not sheet.not_scored_reason:
            for row in _keyed(sheet):
                item, rated = row["item"], sheet.value(row["item"]) != UNRATED
                yield Keyed(
                    sheet.subject_name,
                    item.number or "",
                    item.name,
                    row["key"] if rated else "",
                    row["note"],
                )


@policy("assessment.view")
@require_safe
def blank(request, pk):
    """The items that apply to this child and these caregivers, with boxes to tick."""
    assessment = find(request, pk)
    note_reading(request, "assessment blank", assessment)
    return _blank(request, assessment, sheets_of(assessment), crumbs(assessment, ("Blank sheet", None)))


@policy("assessment.score")
@require_safe
def blank_before(request, case_pk, child_pk):
    """The same before there is a CANS: of the day the address names where it may be of that, or today."""
    case, child = found_or_404(request, case_pk, child_pk)
    cases.note_reading(request, "assessment blank", case, [child.pk])
    asked = DateForm(request.GET)
    day = asked.cleaned_data["assessed_on"] if asked.is_valid() else today()
    day = today() if date_refusals(child, case, day) else day
    assessment, sheets = not_begun(child, case, by=request.user, assessed_on=day)
    way = [("Cases", "/cases/"), (case.name, case.get_absolute_url()), ("Blank sheet", None)]
    return _blank(request, assessment, sheets, way)


def _blank(request, assessment, sheets, way):
    based_on = assessment.based_on
    with_previous = based_on is not None and request.GET.get("previous") != "no"
    before = values_by_adult(based_on) if with_previous else {}
    context = {
        **_head(assessment, sheets),
        "people": [
            _person(sheet, _boxes(sheet, before.get(sheet.adult_id, {})))
            for sheet in sheets
            if not sheet.not_scored_reason
        ],
        "with_previous": with_previous,
        "scales": [(kind.value, list(levels.items())) for kind, levels in LEVELS.items()],
        "crumbs": way,
    }
    return render(request, "cans/blank.html", context)


def _head(assessment, sheets):
    whole = assessment.instrument
    left_out = [
        (CHILD_DOMAINS[key], _numbers([item for item in whole.child_items if item.domain == key]))
        for key, is_rated in (("early", assessment.early), ("transition", assessment.transition))
        if not is_rated
    ]
    return {
        "assessment": assessment,
        "is_final": assessment.state == State.APPROVED,
        "state_words": _state(assessment),
        "not_scored": [sheet for sheet in sheets if sheet.not_scored_reason],
        "left_out": left_out,
    }


def _state(assessment):
    """Said on every sheet of paper: only an approved CANS may pass for one."""
    if assessment.state == State.APPROVED:
        return "Approved"
    label = State(assessment.state).label
    return label if assessment.state in {State.DRAFT, State.VOIDED} else f"Draft, {label.lower()}"


def _person(sheet, rows):
    """One subject's rows by section, the sections as they follow each other in the order of numbers."""
    titles = {item.code: section.title for section in sections(sheet.items) for item in section.items}
    grouped = groupby(rows, key=lambda row: titles[row["item"].code])
    return {
        "sheet": sheet,
        "name": sheet.subject_name,
        "role": _role(sheet),
        "numbers": _numbers([row["item"] for row in rows]),
        "sections": [{"title": title, "rows": list(held)} for title, held in grouped],
        "notes": [row for row in rows if row.get("note")],
    }


def _role(sheet):
    if sheet.adult_id is None:
        return "the child"
    return "substitute caregiver" if sheet.substitute else "caregiver"


def _in_order(sheet):
    return sorted(sheet.applicable_items, key=lambda item: (item.number or LAST, item.position))


def _keyed(sheet):
    notes = {note.code: note.text for note in sheet.notes.all()}
    return [
        {
            "item": item,
            "key": KEYED.get(sheet.value(item), sheet.value(item)),
            "words": words(item, sheet.value(item)).removeprefix(f"{sheet.value(item)}, "),
            "note": notes.get(item.code, ""),
        }
        for item in _in_order(sheet)
    ]


def _boxes(sheet, before):
    return [
        {
            "item": item,
            "boxes": [*LEVEL_VALUES, "N/A" if item.na_allowed else "", "U"],
            "was": "" if (was := before.get(item.code, UNRATED)) == UNRATED else words(item, was),
        }
        for item in _in_order(sheet)
    ]


def _numbers(items):
    """From the first number to the last, where the form gives them."""
    known = sorted(item.number for item in items if item.number)
    if not known:
        return ""
    if items[0].subject is Subject.CAREGIVER:
        return f"from item {known[0]} on"
    return f"item {known[0]}" if len(known) == 1 else f"items {known[0]} to {known[-1]}"
