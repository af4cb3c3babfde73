"""Whose records a list shows: on record of each of their cases, before the page or the file goes out."""

from collections import defaultdict

from audit.actions import record_readings
from cases.grants import grants_for
from cases.models import Case


def note_shown(page, *, by, shown):
    """`shown` are the numbers (case, child) of each row; without a child the row is of the case alone."""
    children = defaultdict(set)
    for case, child in shown:
        children[case].update([child] if child else [])
    found = Case.objects.only("agency_id", "region_id").in_bulk(children)
    cases = [found[number] for number in sorted(found)]
    opened = zip(cases, grants_for(by, cases), (sorted(children[case.pk]) for case in cases), strict=True)
    record_readings(page, by=by, opened=opened)
