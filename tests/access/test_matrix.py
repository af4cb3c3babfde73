"""Every address, method, actor and state, from the resolver, against the answers in access_matrix.csv."""

import logging
import os
from collections import Counter
from dataclasses import dataclass
from io import BytesIO
from zipfile import ZipFile

import pytest
import time_machine
from django.utils import timezone

from tests import forms_world
from tests.html_forms import whole

from . import actors
from .table import METHODS, RELATIONS, Table
from .world import NO_STATE, OF_CANS, OF_CASE, Forms, build, states_of, watched

pytestmark = [pytest.mark.django_db, pytest.mark.once]
ROUTES = {route.pattern: route for route in forms_world.routes()}
STATES = sorted({*OF_CASE, *OF_CANS, *NO_STATE})
# What only a script sends, in JSON; at every other address it is one more wrong method.
BY_SCRIPT = {"cans/<int:pk>/ratings/"}
# A wrong method is refused before anything is looked up: once an address and actor is enough.
READS_NOTHING = {"PUT", "DELETE"}
# Nothing of our families is theirs: not on a list, in a file, or at home. They typed nothing that comes back.
OUTSIDE = set(RELATIONS["outside"])
LONG = os.environ.get("HYPOTHESIS_PROFILE") in {"short", "proof"}
# Two processes build the world in the proofs, one in an ordinary run.
BY_GROUP = [
    pytest.param(name, marks=pytest.mark.xdist_group(f"matrix {place % 2 * LONG}"))
    for place, name in enumerate(actors.ACTORS)
]


@dataclass(frozen=True)
class Cell:
    pattern: str
    method: str
    actor: str
    state: str

    def __str__(self):
        return f"{self.method} /{self.pattern} by {self.actor}, {self.state}"


class Matrix:
    def __init__(self):
        self.world = build()
        self.browsers = actors.browsers(self.world.people)
        self.forms = Forms(self.world, self.browsers, ROUTES.values())
        self.table = Table(STATES)
        self.places = {
            (route.pattern, state): place
            for route in ROUTES.values()
            for state in states_of(route)
            if (place := self.world.place(route, state)) is not None
        }
        self.secrets, self.of_children = self.world.secrets, self.world.children
        self.bodies = {}

    def cells(self):
        for pattern, state in self.places:
            for method in methods_of(pattern):
                if method not in READS_NOTHING or state == states_of(ROUTES[pattern])[0]:
                    for actor in actors.ACTORS:
                        yield Cell(pattern, method, actor, state)

    def sent(self, cell, status):
        if cell.method == "PATCH":
            return self.world.batch(cell.state, by=self.world.people.get(cell.actor))
        return self.body(cell, status) if cell.method == "POST" else {}

    def body(self, cell, status):
        key = cell.pattern, cell.state, status in {200, 302, 303, 409}
        if key not in self.bodies:
            self.bodies[key] = self.forms.body(ROUTES[cell.pattern], cell.state, exact=key[-1])
        return self.bodies[key]

    def wrong(self, cell):
        """What is wrong with the answer to this cell, in sentences."""
        row = self.table.row_for(cell.pattern, cell.method, cell.actor, cell.state)
        if row is None:
            return [f"{cell}: no row of the table says what to expect"]
        path = ROUTES[cell.pattern].path(**self.places[cell.pattern, cell.state])
        sent = self.sent(cell, row.status)
        with forms_world.undone(), watched() as seen:
            answer = self.ask(cell, path, sent)
        if answer.status_code != row.status:
            return [f"{cell}: {answer.status_code}, not {row.status} (line {row.line})"]
        said = list(self._unsound(cell, answer, seen))
        if seen.tables and is_refusal(answer):
            said += self._moved(cell, path, sent, seen.tables)
        return [f"{cell}: {what}" for what in said]

    def ask(self, cell, path, sent):
        if cell.method == "PATCH":
            key = {"Idempotency-Key": "6f1c1c52-3f0c-4d0e-9d3c-6d1d4b1a7e10"}
            json = "application/json"
            return self.browsers[cell.actor].patch(path, sent, content_type=json, headers=key)
        for file in sent.get("file", ()):
            file.seek(0)
        return whole(getattr(self.browsers[cell.actor], cell.method.lower())(path, sent))

    def _moved(self, cell, path, sent, tables):
        """An act may begin to write before it is refused; here is looked whether anything stayed."""
        before = forms_world.stored(tables)
        with forms_world.undone():
            self.ask(cell, path, sent)
            return forms_world.differences(before, forms_world.stored(tables))

    def _unsound(self, cell, answer, seen):
        to_sign_in = leads_to_sign_in(answer)
        if answer.status_code in {401, 403, 404} or to_sign_in:
            if seen.denials != 1:
                yield f"{seen.denials} denials on record, not one"
            told = answer.content.decode() + str(answer.headers)
            yield from (f"tells {secret}" for secret in self.secrets if secret in told)
        elif seen.denials:
            yield f"{seen.denials} denials on record"
        elif cell.actor in {"administrator", "superuser"}:
            told = answer.content.decode(errors="replace")
            yield from (f"tells {one}" for one in self.of_children if one in told)
        elif cell.method == "GET" and answer.status_code == 200 and cell.actor in OUTSIDE:
            yield from (f"tells {secret}" for secret in self.secrets if secret in whole_text(answer))


def whole_text(answer):
    """Also of a workbook, which is packed."""
    if not answer.content.startswith(b"PK"):
        return answer.content.decode(errors="replace")
    with ZipFile(BytesIO(answer.content)) as packed:
        return "".join(packed.read(name).decode(errors="replace") for name in packed.namelist())


def methods_of(pattern):
    return [method for method in METHODS if method != "PATCH" or pattern in BY_SCRIPT]


def is_refusal(answer):
    return answer.status_code in {400, 401, 403, 404, 405, 409} or leads_to_sign_in(answer)


def leads_to_sign_in(answer):
    return answer.headers.get("Location", "").startswith("/accounts/login/")


@pytest.fixture(scope="module")
def matrix(django_db_setup, django_db_blocker):
    logging.disable(logging.CRITICAL)
    # The clock stands still: what a request does is undone, and so nobody would be seen to be active.
    with django_db_blocker.unblock(), forms_world.undone(), time_machine.travel(timezone.now(), tick=False):
        yield Matrix()
    logging.disable(logging.NOTSET)


def failures(matrix, cells):
    wrong = [sentence for cell in cells for sentence in matrix.wrong(cell)]
    return "\n".join([f"{len(wrong)} wrong", *wrong[:60]]) if wrong else ""


@pytest.mark.xdist_group("matrix 0")
def test_every_cell_has_a_row_and_every_row_decides_one(matrix):
    cells = list(matrix.cells())
    assert len(cells) >= 20_000
    assert {cell.pattern for cell in cells} == ROUTES.keys()
    assert {cell.state for cell in cells} == set(STATES)
    without = [str(cell) for cell in cells if matrix.table.row_for(*_key(cell)) is None]
    assert without == []
    assert [row.line for row in matrix.table.rows if row.line not in matrix.table.used] == []


def _key(cell):
    return cell.pattern, cell.method, cell.actor, cell.state


def sample(cells):
    """For every address and method one actor of each role, in turn, and with them the states in turn."""
    turns, taken = Counter(), {}
    by_door = {}
    for cell in cells:
        by_door.setdefault((cell.pattern, cell.method, actors.role_of(cell.actor)), []).append(cell)
    for (_, method, role), choices in by_door.items():
        chosen = choices[turns[method, role] % len(choices)]
        taken[chosen] = None
        turns[method, role] += 7
    return list(taken)


@pytest.mark.xdist_group("matrix 0")
def test_the_sample_is_of_every_address_method_and_role(matrix):
    cells = sample(matrix.cells())
    assert {cell.actor for cell in cells} == set(actors.ACTORS)
    assert {cell.state for cell in cells} == set(STATES)
    doors = {(cell.pattern, cell.method, actors.role_of(cell.actor)) for cell in cells}
    assert doors == {(p, m, role) for p in ROUTES for m in methods_of(p) for role in actors.GROUPS}


@pytest.mark.proof
@pytest.mark.parametrize("actor", BY_GROUP)
def test_every_cell(matrix, actor):
    """In the proofs; an ordinary run takes the sample."""
    chosen = matrix.cells() if LONG else sample(matrix.cells())
    assert failures(matrix, [cell for cell in chosen if cell.actor == actor]) == ""
