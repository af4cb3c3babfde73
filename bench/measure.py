"""Interleaved rounds, medians, and one table of ratios."""

import gzip
import platform
import re
import statistics
import time
from contextlib import ExitStack
from pathlib import Path

from django.conf import settings
from django.db import connection

from cans.models import Assessment
from cases.models import Case

from . import pages

WARM_UP = 3
# What a transaction is made of is no question to the database.
NO_QUERY = ("BEGIN", "SAVEPOINT", "RELEASE", "ROLLBACK")
LINE = "{:46} {:>8} {:>12} {:>8} {:>8} {:>9} {:>8} {:>8}"


def main(rounds, smaller):
    """Measure and print; `smaller` is what `medians` gave in a database with fewer cases."""
    measured, cpu, costs = _measured(rounds)
    _print(measured, cpu, costs, smaller)
    print(f"Medians of {rounds} interleaved rounds. CPU is this process's, with the database in it on SQLite")
    print("and without it on PostgreSQL. The machine is shared: read the ratios.")


def medians(rounds):
    """Page → milliseconds, those in the database with them."""
    measured, cpu, costs = _measured(rounds)
    return {_kind(page): _whole(page, cpu, costs) for page in measured}


def _measured(rounds):
    floor = pages.signed_in_view()
    measured = [floor, *pages.pages()]
    for page in measured:
        for _ in range(WARM_UP):
            page.check(page.ask())
    costs = {page.name: _cost(page) for page in measured}
    taken = {page.name: [] for page in measured}
    for _ in range(rounds):
        for page in measured:
            taken[page.name].append(page.ask().cpu)
    for page in measured:
        page.check(page.ask())
    return measured, {name: statistics.median(all_of) for name, all_of in taken.items()}, costs


def _whole(page, cpu, costs):
    _, in_database, _ = costs[page.name]
    return cpu[page.name] + (in_database if connection.vendor == "postgresql" else 0)


def _kind(page):
    """Its name without the number of rows, which grows with the cases."""
    return page.name.split(":")[0]


def _print(measured, cpu, costs, smaller):
    floor = measured[0]
    print(
        f"{connection.display_name} {'.'.join(map(str, connection.get_database_version()))}, "
        f"{Case.objects.count()} cases, {Assessment.objects.count()} CANS, "
        f"Python {platform.python_version()}\n"
    )
    print(LINE.format("", "CPU ms", "x signed-in", "at most", "queries", "in db ms", "kB gzip", "growth"))
    for page in measured:
        ratio = cpu[page.name] / cpu[floor.name]
        at_most = f"{page.at_most:.1f}" if page.at_most else ""
        mark = " !" if page.at_most and ratio > page.at_most else "  "
        queries, in_database, weight = costs[page.name]
        print(
            LINE.format(
                page.name,
                f"{cpu[page.name]:.1f}",
                f"{ratio:.2f}{mark}",
                at_most,
                queries,
                f"{in_database:.1f}",
                f"{weight / 1000:.1f}",
                _growth(page, cpu, costs, smaller),
            )
        )
    print(f"\nA first visit loads {_static_weight(floor) / 1000:.1f} kB more, compressed: style sheet, icon")


def _growth(page, cpu, costs, smaller):
    """How many times dearer than in the smaller database."""
    if _kind(page) not in smaller:
        return ""
    return f"{_whole(page, cpu, costs) / smaller[_kind(page)]:.1f}"


def _cost(page):
    """Queries, milliseconds in them (the middle of three), and the weight of the answer, compressed."""
    runs = []
    for _ in range(3):
        asked = []

        def note(execute, sql, params, many, context, asked=asked):
            began = time.perf_counter()
            try:
                return execute(sql, params, many, context)
            finally:
                if not sql.startswith(NO_QUERY):
                    asked.append((time.perf_counter() - began) * 1000)

        with ExitStack() as stack:
            stack.enter_context(connection.execute_wrapper(note))
            answer = page.ask()
        runs.append((len(asked), sum(asked), len(gzip.compress(answer.body, 6))))
    return sorted(runs, key=lambda run: run[1])[1]


def _static_weight(page):
    """What the pages' heads ask for, with what the style sheets ask for in turn."""
    whole = page.visitor.ask("/").text
    wanted = set(re.findall(rf'(?:href|src)="{settings.STATIC_URL}([^"]+)"', whole))
    files = {Path(settings.STATIC_ROOT) / name for name in wanted}
    for sheet in [file for file in files if file.suffix == ".css"]:
        for name in re.findall(r"url\([\"']?([^\"')#:]+)[\"')]", sheet.read_text(encoding="utf-8")):
            files.add((sheet.parent / name).resolve())
    return sum(len(gzip.compress(file.read_bytes(), 6)) for file in files)
