"""How the database goes about each list: EXPLAIN of every query of every page, as the views ask it.

BENCH_PLANS=overdue make bench          of the pages whose name has "overdue" in it; "all" for all
"""

from django.db import connection

from . import pages

EXPLAIN = {"postgresql": "EXPLAIN (ANALYZE, BUFFERS) ", "sqlite": "EXPLAIN QUERY PLAN "}


def main(wanted):
    for page in pages.pages():
        if wanted in page.name or wanted == "all":
            page.check(page.ask())
            print(f"\n=== {page.name}")
            for sql, params in _asked(page):
                print(f"\n{' '.join(sql.split())[:300]}\n{_plan(sql, params)}")


def _asked(page):
    """The reading queries of one opening of the page, each with its parameters."""
    asked = []

    def note(execute, sql, params, many, context):
        if sql.lstrip("(").startswith("SELECT"):
            asked.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        page.ask()
    return asked


def _plan(sql, params):
    with connection.cursor() as cursor:
        cursor.execute(EXPLAIN[connection.vendor] + sql, params)
        rows = cursor.fetchall()
    if connection.vendor == "postgresql":
        return "\n".join(f"    {line}" for (line,) in rows)
    depth, lines = {0: 0}, []
    for number, parent, _, words in rows:
        depth[number] = depth.get(parent, 0) + 1
        lines.append(f"{'    ' * depth[number]}{words}")
    return "\n".join(lines)
