"""The database's own refusals are all there: a migration that remakes a table on SQLite would drop them."""

import pytest
from django.db import IntegrityError, connection, transaction

pytestmark = pytest.mark.django_db
LISTED = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger'",
    "postgresql": "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal",
}
APPEND_ONLY = ["audit_event", "audit_reading", "cases_caseevent", "approvals_step", "approvals_itemcomment"]
APPEND_ONLY += ["guidance_earlier", "cans_takeover"]
CONTENT = ["cans_sheet", "cans_note", "cans_warninganswer"]


def triggers_there():
    with connection.cursor() as cursor:
        cursor.execute(LISTED[connection.vendor])
        return {name for (name,) in cursor.fetchall()}


def test_every_refusal_is_in_the_database():
    expected = {f"{table}_{event}_refused" for table in APPEND_ONLY for event in ("update", "delete")}
    expected |= {f"{table}_{event}_refused" for table in CONTENT for event in ("insert", "update", "delete")}
    expected |= {f"cans_ratingchange_{event}_refused" for event in ("insert", "update", "delete")}
    expected |= {f"cans_assessment_{event}_refused" for event in ("update", "delete")}
    expected |= {f"cans_assessment_{event}_dated_too_late_refused" for event in ("insert", "update")}
    expected |= {f"{table}_update_moved_refused" for table in CONTENT} | {
        "cans_assessment_update_undone_refused"
    }
    expected |= {f"cans_instrumentversion_{event}_refused" for event in ("update", "delete")}
    expected |= {f"audit_chain_{event}_refused" for event in ("update", "delete")}
    emergencies = ("cases_emergencyaccess", "cases_emergencynotice")
    expected |= {f"{table}_{event}_refused" for table in emergencies for event in ("update", "delete")}
    assert expected <= triggers_there()


@pytest.mark.parametrize(
    "table", [*APPEND_ONLY, *CONTENT, "audit_chain", "cans_ratingchange", "cans_assessment"]
)
def test_no_table_of_these_is_emptied_at_a_stroke(table):
    if connection.vendor == "sqlite":  # has no TRUNCATE, and a DELETE without a condition asks each row
        assert f"{table}_delete_refused" in triggers_there()
        return
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {table} CASCADE")
