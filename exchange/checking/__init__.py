"""What a file would do, and what is wrong with it, by line and column. Nothing is written here."""

from exchange.progress import counted
from exchange.reading import Unreadable

from . import cans, cases, people, waivers
from .plan import HIDDEN, KINDS, Lines, Plan, Said
from .record import Record

# In the order in which one sheet builds on another. Each yields after a line, that it can be counted.
CHECKS = {
    "cases": cases.cases,
    "extensions": cases.extensions,
    "assignments": cases.assignments,
    "children": people.children,
    "statuses": people.statuses,
    "adults": people.adults,
    "caregivers": people.caregivers,
    "services": people.services,
    "cans": cans.cans,
    "notes": cans.notes,
    "decisions": cans.decisions,
    "waivers": waivers.waivers,
}

__all__ = ["HIDDEN", "KINDS", "Plan", "Said", "Unreadable", "check"]


def check(tables, *, by):
    """The Plan of these sheets for this coordinator, today."""
    plan = Plan(by)
    record = Record(by, _numbers(tables, "case_number"), _numbers(tables, "person_number", "adult_number"))
    for sheet, columns in (("cases", ["case_number"]), ("children", ["case_number", "person_number"])):
        if sheet in tables:
            record.told_of |= _together(tables[sheet], *columns)
    plan.hidden = len(record.hidden_cases) + len(record.hidden_people)
    for name, look in CHECKS.items():
        if name in tables:
            lines = Lines(plan, tables[name])
            yield from counted(f"Checking the sheet “{name}”", look(lines, record), len(lines.table.rows))
    past = len(record.past_cans)
    yield from counted("Comparing CANS with the record", cans.compare(plan, record), past)
    cases.primaries(record)
    return plan


def _together(table, *columns):
    """What each line says in these columns, whatever else is wrong with it."""
    places = [table.places[column] for column in columns if column in table.places]
    return {tuple(row.cells[place] for place in places) for row in table.rows}


def _numbers(tables, *columns):
    found = set()
    for table in tables.values():
        for column in columns:
            place = table.places.get(column)
            if place is not None:
                found |= {row.cells[place] for row in table.rows}
    return sorted(one for one in found if one and "\x00" not in one)
