"""What a file would do, and what is wrong with it, by line and column. Nothing is written here."""

from exchange.reading import Unreadable

from . import cans, cases, people
from .plan import HIDDEN, KINDS, Lines, Plan, Said
from .record import Record

# In the order in which one sheet builds on another.
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
}

__all__ = ["HIDDEN", "KINDS", "Plan", "Said", "Unreadable", "check"]


def check(tables, *, by):
    """The Plan of these sheets for this coordinator, today."""
    plan = Plan(by)
    record = Record(by, _numbers(tables, "case_number"), _numbers(tables, "person_number", "adult_number"))
    for name, look in CHECKS.items():
        if name in tables:
            look(Lines(plan, tables[name]), record)
    cans.compare(plan, record)
    cases.primaries(record)
    return plan


def _numbers(tables, *columns):
    found = set()
    for table in tables.values():
        for column in columns:
            place = table.places.get(column)
            if place is not None:
                found |= {row.cells[place] for row in table.rows}
    return sorted(one for one in found if one and "\x00" not in one)
