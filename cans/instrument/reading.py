"""Reading an instrument's file: its items, or what is wrong with it, line by line."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from .items import (
    CAREGIVER_DOMAIN,
    CHILD_DOMAINS,
    ITEMS_WITH_RULES,
    LAST_NUMBER,
    Applies,
    Certainty,
    Item,
    ItemKind,
    Subject,
    Window,
    slug,
)

COLUMNS = (
    "domain",
    "block",
    "number",
    "code",
    "name",
    "kind",
    "subject",
    "applies",
    "window",
    "na",
    "certainty",
)
CHOICES: Mapping[str, tuple[str, ...]] = {
    "domain": (*CHILD_DOMAINS, CAREGIVER_DOMAIN),
    "kind": tuple(ItemKind),
    "subject": tuple(Subject),
    "applies": tuple(Applies),
    "window": tuple(Window),
    "certainty": tuple(Certainty),
}
APPLIES_TO: Mapping[str, tuple[str, ...]] = {
    Subject.CHILD: (Applies.ALL, Applies.EARLY, Applies.TRANSITION),
    Subject.CAREGIVER: (Applies.EVERY_CAREGIVER, Applies.SUBSTITUTE),
}
LONGEST = 80  # no cell outgrows its column in the database


@dataclass(frozen=True)
class Problem:
    line: int  # 0 when it is about the file as a whole
    sentence: str


@dataclass(frozen=True)
class Row:
    line: int
    cells: Mapping[str, str]

    def __getitem__(self, column: str) -> str:
        return self.cells[column]


def parse(text: str) -> tuple[list[Item], list[Problem]]:
    """The items of a tab-separated file, or what is wrong with it: never both."""
    lines = [
        (number, line)
        for number, line in enumerate(re.split(r"\r\n|\r|\n", text.removeprefix("\ufeff")), start=1)
        if line.strip()
    ]
    if not lines:
        return [], [Problem(0, "The file is empty.")]
    heading, *body = lines
    if unreadable := _heading_problem(*heading):
        return [], [unreadable]
    if not body:
        return [], [Problem(0, "The file has a line of column names and no items.")]
    rows, problems = _rows(body)
    problems += [_problem(row, sentence) for row in rows for sentence in _row_problems(row)]
    problems += _file_problems(rows)
    if problems:
        return [], sorted(problems, key=lambda problem: problem.line)
    return list(_items(rows)), []


def _problem(row: Row, sentence: str) -> Problem:
    return Problem(row.line, f"Line {row.line}: {sentence}")


def _heading_problem(line: int, text: str) -> Problem | None:
    if "\t" not in text:
        return Problem(line, f"Line {line}: the columns are not separated by tabs.")
    found = [cell.strip() for cell in text.split("\t")]
    missing = [column for column in COLUMNS if column not in found]
    if missing:
        return Problem(line, f"Line {line}: columns are missing: {', '.join(missing)}.")
    if found != list(COLUMNS):
        return Problem(line, f"Line {line}: the columns should be {', '.join(COLUMNS)}, in this order.")
    return None


def _rows(body: Sequence[tuple[int, str]]) -> tuple[list[Row], list[Problem]]:
    rows, problems = [], []
    for line, text in body:
        cells = [cell.strip() for cell in text.split("\t")]
        if len(cells) == len(COLUMNS):
            rows.append(Row(line, dict(zip(COLUMNS, cells, strict=True))))
        else:
            sentence = f"Line {line}: {len(COLUMNS)} columns are expected, this line has {len(cells)}."
            problems.append(Problem(line, sentence))
    return rows, problems


def _row_problems(row: Row) -> Iterator[str]:
    yield from _unreadable_cells(row)
    yield from _unknown_values(row)
    yield from _number_problems(row["number"])
    yield from _code_problems(row)
    yield from _subject_problems(row)
    if not row["name"]:
        yield "the item has no name."
    if not row["na"]:
        yield "the column na is empty; it says 'never' or when N/A may be chosen."


def _unreadable_cells(row: Row) -> Iterator[str]:
    for column in COLUMNS:
        if not row[column].isprintable():
            yield f"the column {column} holds a character that cannot be shown."
        if len(row[column]) > LONGEST:
            yield f"the column {column} is longer than {LONGEST} characters."


def _unknown_values(row: Row) -> Iterator[str]:
    for column, choices in CHOICES.items():
        if row[column] not in choices:
            listed = "; ".join(f"'{choice}'" for choice in choices)
            yield f"{column} is '{row[column]}', and should be one of {listed}."


def _number_problems(number: str) -> Iterator[str]:
    if not number:
        return
    if not re.fullmatch(r"[0-9]{1,9}", number):
        yield f"the number '{number}' is not a whole number."
    elif not 1 <= int(number) <= LAST_NUMBER:
        yield f"the number {number} is not between 1 and {LAST_NUMBER}."


def _code_problems(row: Row) -> Iterator[str]:
    if not re.fullmatch(r"[a-z]+\.[a-z0-9]+(-[a-z0-9]+)*", row["code"]):
        yield f"the code '{row['code']}' should be a domain, a dot and a name, like 'life.sleep'."
    elif row["code"].split(".")[0] != row["domain"]:
        yield f"the code '{row['code']}' does not begin with its domain '{row['domain']}'."


def _subject_problems(row: Row) -> Iterator[str]:
    about_caregiver = row["subject"] == Subject.CAREGIVER
    if row["subject"] not in APPLIES_TO:
        return
    if about_caregiver != (row["domain"] == CAREGIVER_DOMAIN):
        yield f"an item about a {row['subject']} cannot stand in the domain '{row['domain']}'."
    if row["applies"] in CHOICES["applies"] and row["applies"] not in APPLIES_TO[row["subject"]]:
        yield f"an item about a {row['subject']} cannot apply to '{row['applies']}'."
    if about_caregiver and row["kind"] != ItemKind.NEED:
        yield "every caregiver item is of the kind 'need'."
    if about_caregiver and not slug(row["block"]):
        yield "a caregiver item needs a block."
    if not about_caregiver and row["block"]:
        yield f"only caregiver items have a block, and this one has '{row['block']}'."


def _file_problems(rows: Sequence[Row]) -> Iterator[Problem]:
    yield from _used_twice(rows, "code", lambda row: row["code"])
    yield from _used_twice(rows, "number", lambda row: row["number"].lstrip("0"))
    yield from _names_used_twice(rows)
    yield from _out_of_number_order(rows)
    yield from _child_after_caregiver(rows)
    yield from _scattered_sections(rows)
    if not any(row["subject"] == Subject.CAREGIVER for row in rows):
        yield Problem(0, "The file has no caregiver items.")
    codes = {row["code"] for row in rows}
    for code in ITEMS_WITH_RULES:
        if code not in codes:
            yield Problem(0, f"The file has no item with the code '{code}', about which there is a rule.")


def _used_twice(rows: Sequence[Row], column: str, key: Callable[[Row], str]) -> Iterator[Problem]:
    for row, first in _repeats([row for row in rows if key(row)], key):
        yield _problem(row, f"the {column} '{row[column]}' is used twice (first on line {first}).")


def _names_used_twice(rows: Sequence[Row]) -> Iterator[Problem]:
    named = [row for row in rows if row["name"]]
    for row, first in _repeats(named, lambda row: (_section_of(row), row["name"].casefold())):
        yield _problem(row, f"the name '{row['name']}' is used twice in one section (first on line {first}).")


def _repeats(rows: Sequence[Row], key: Callable[[Row], object]) -> Iterator[tuple[Row, int]]:
    first: dict[object, int] = {}
    for row in rows:
        if (value := key(row)) in first:
            yield row, first[value]
        else:
            first[value] = row.line


def _out_of_number_order(rows: Sequence[Row]) -> Iterator[Problem]:
    numbered = [row for row in rows if row["number"] and not any(_number_problems(row["number"]))]
    for before, row in pairwise(numbered):
        if int(row["number"]) < int(before["number"]):
            yield _problem(
                row,
                f"number {row['number']} comes after number {before['number']} (line {before.line}); "
                "items stand in the order of their numbers.",
            )


def _child_after_caregiver(rows: Sequence[Row]) -> Iterator[Problem]:
    first = next((row.line for row in rows if row["subject"] == Subject.CAREGIVER), None)
    for row in rows:
        if first is not None and row["subject"] == Subject.CHILD and row.line > first:
            yield _problem(row, f"a child item comes after the caregiver items, which begin on line {first}.")


def _scattered_sections(rows: Sequence[Row]) -> Iterator[Problem]:
    last_line: dict[tuple[str, str], int] = {}
    previous = None
    for row in rows:
        section = _section_of(row)
        if section != previous and section in last_line:
            title = row["block"] or row["domain"]
            yield _problem(
                row, f"'{title}' goes on here after it ended on line {last_line[section]}; keep it together."
            )
        last_line[section] = row.line
        previous = section


def _section_of(row: Row) -> tuple[str, str]:
    return row["domain"], slug(row["block"]) if row["domain"] == CAREGIVER_DOMAIN else ""


def _items(rows: Sequence[Row]) -> Iterator[Item]:
    positions = dict.fromkeys(Subject, 0)
    for row in rows:
        subject = Subject(row["subject"])
        yield Item(
            position=positions[subject],
            domain=row["domain"],
            block=row["block"],
            number=int(row["number"]) if row["number"] else None,
            code=row["code"],
            name=row["name"],
            kind=ItemKind(row["kind"]),
            subject=subject,
            applies=Applies(row["applies"]),
            window=Window(row["window"]),
            na=row["na"],
            certainty=Certainty(row["certainty"]),
        )
        positions[subject] += 1
