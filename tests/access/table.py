"""Reads tests/access_matrix.csv: the expected answers, written by people.

A row is a pattern of an address, methods, actors, states and the status they get; several are set apart
by spaces. `*` stands for anything, within a pattern too; an actor may be one name or a group. Of all the
rows that match a cell the FIRST ONE COUNTS, so the refusals stand above what is allowed: sign-in, the
wrong door, the wrong method, not yours, then page by page. A line that begins with # is a remark.

A cell without a row fails the test, and so does a row that decides no cell.
"""

import csv
import re
from dataclasses import dataclass
from pathlib import Path

from .actors import ACTORS, GROUPS

FILE = Path(__file__).parent.parent / "access_matrix.csv"
# By what they are to the case; the actors who are in none of these have no path to it.
RELATIONS = {
    "workers": ["assigned", "parallel", "lapsed", "untrained", "wrote_in_it"],
    "readers": ["rerouted_to", "covers_today", "in_emergency"],
    "outside": [
        "ended_yesterday",
        "starts_tomorrow",
        "unassigned",
        "elsewhere",
        "after_emergency",
        "other_team",
        "former",
        "line_tomorrow",
        "covered_yesterday",
        "covers_tomorrow",
        "covers_for_nothing",
        "decided_yesterday",
        "other_region",
        "region_ended",
    ],
}
METHODS = ["GET", "POST", "PUT", "DELETE", "PATCH"]


@dataclass(frozen=True)
class Row:
    line: int
    pattern: re.Pattern
    methods: frozenset
    actors: frozenset
    states: frozenset
    status: int

    def fits(self, method, actor, state):
        return (
            method in self.methods and actor in self.actors and (state in self.states or "*" in self.states)
        )


def read(states):
    """The rows, each name in them checked against what there is."""
    with FILE.open(encoding="utf-8", newline="") as file:
        _, *rows = _numbered(file)
    return [_row(number, line, states) for number, line in rows]


def _numbered(file):
    for number, text in enumerate(file, start=1):
        if not text.startswith("#") and text.strip():
            yield number, next(csv.reader([text]))


def _row(number, line, states):
    pattern, methods, actors, of_states, status = line
    return Row(
        line=number,
        pattern=re.compile(".*".join(map(re.escape, pattern.split("*")))),
        methods=_names(number, methods, METHODS),
        actors=_names(number, actors, ACTORS, GROUPS | RELATIONS),
        states=frozenset("*") if of_states == "*" else _names(number, of_states, states),
        status=int(status),
    )


def _names(number, text, known, groups=None):
    if text == "*":
        return frozenset(known)
    found = set()
    for name in text.split():
        assert name in known or name in (groups or {}), f"line {number}: who or what is “{name}”?"
        found |= set((groups or {}).get(name, [name]))
    return frozenset(found)


class Table:
    """`row_for` a cell; `used` are the lines that decided one."""

    def __init__(self, states):
        self.rows, self.used, self.by_pattern = read(states), set(), {}

    def row_for(self, pattern, method, actor, state):
        if pattern not in self.by_pattern:
            self.by_pattern[pattern] = [row for row in self.rows if row.pattern.fullmatch(pattern)]
        for row in self.by_pattern[pattern]:
            if row.fits(method, actor, state):
                self.used.add(row.line)
                return row
        return None
