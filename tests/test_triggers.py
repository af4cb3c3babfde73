"""The database's own refusals are all there: a migration that remakes a table on SQLite would drop them."""

import pytest
from django.db import connection

pytestmark = pytest.mark.django_db
LISTED = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger'",
    "postgresql": "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal",
}
APPEND_ONLY = ["audit_event", "audit_reading", "cases_caseevent", "approvals_step", "approvals_itemcomment"]
CONTENT = ["cans_sheet", "cans_note", "cans_warninganswer"]


def test_every_refusal_is_in_the_database():
    expected = {f"{table}_{event}_refused" for table in APPEND_ONLY for event in ("update", "delete")}
    expected |= {f"{table}_{event}_refused" for table in CONTENT for event in ("insert", "update", "delete")}
    expected |= {f"cans_ratingchange_{event}_refused" for event in ("insert", "update", "delete")}
    expected |= {f"cans_assessment_{event}_refused" for event in ("update", "delete")}
    expected |= {f"cans_instrumentversion_{event}_refused" for event in ("update", "delete")}
    with connection.cursor() as cursor:
        cursor.execute(LISTED[connection.vendor])
        there = {name for (name,) in cursor.fetchall()}
    assert expected <= there
