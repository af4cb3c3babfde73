import gc
import ipaddress
import math
import os
import socket
from pathlib import Path

import pytest
from django.core.management.color import no_style
from django.db import connection
from django.db.backends.postgresql.operations import DatabaseOperations as OnPostgreSQL
from django.db.backends.sqlite3.base import DatabaseOperations as OnSQLite
from hypothesis import HealthCheck, settings

from approvals import actions
from cans import loading
from guidance import beside

from . import factories

# An ordinary run and `make proof-short` are the same each time, so that no push fails by luck;
# `make proof` looks further, at random.
ORDINARY = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow], "print_blob": True}
settings.register_profile("ordinary", max_examples=25, derandomize=True, **ORDINARY)
settings.register_profile("short", max_examples=300, derandomize=True, **ORDINARY)
settings.register_profile("proof", max_examples=20_000, **ORDINARY)
HERE = Path(__file__).parent
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE") or "ordinary")


# Pure rules, pages that only show, sign-in and the harness: hardly the database's doing, so these are marked
# `once` by their place. Whatever reads or writes in a way of its own is left to both.
HARDLY_THE_DATABASE = (
    "sign_in/",
    "guidance/",
    "mail/",
    "staff/test_account",
    "staff/test_people",
    "staff/test_credentials",
    "staff/test_long_select",
    "cans/test_comparison",
    "cans/test_due.py",
    "cans/test_due_",
    "cans/test_instrument",
    "cans/test_paper",
    "cans/test_readiness",
    "cans/test_views_pages",
    "cases/test_forms",
    "exchange/test_page",
    "exchange/test_reading",
    "approvals/test_views",
    "reports/test_export",
    "reports/test_overdue_page",
    "test_components",
    "test_harness",
    "test_settings",
)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    for item in items:
        if str(item.path.relative_to(HERE)).startswith(HARDLY_THE_DATABASE):
            item.add_marker(pytest.mark.once)


def pytest_collection_finish():
    """What was collected stays to the end: to look through it again and again for what may be thrown away
    would be a twelfth of the time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)


def _is_here(address):
    if not isinstance(address, tuple):
        return True  # a socket in the file system
    host = address[0]
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


@pytest.fixture(scope="session", autouse=True)
def _no_network():
    """A test that reaches beyond this machine fails, here and not only where there is no network."""
    connect = socket.socket.connect

    def connect_here(self, address):
        if not _is_here(address):
            raise AssertionError(f"a test tried to reach {address!r}")
        return connect(self, address)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", connect_here)
        yield


def pytest_sessionfinish(session):
    """Where everything is required, a test that was skipped has not passed."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if os.environ.get("REQUIRE_ALL") == "1" and reporter and reporter.stats.get("skipped"):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.fixture(scope="session", autouse=True)
def _rows_can_be_cleared_between_tests():
    """Between tests that commit, Django empties every table, which our triggers refuse. So for that
    moment they are not there; and on PostgreSQL rows are deleted, for to truncate makes every table
    and index a new file, a hundred times as dear as the few rows of a test."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(OnSQLite, "sql_flush", _without_triggers(OnSQLite.sql_flush))
        patch.setattr(OnPostgreSQL, "sql_flush", _delete_all)
        yield


def _without_triggers(flush):
    def sql_flush(self, style, tables, **kwargs):
        with self.connection.cursor() as cursor:
            cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
            triggers = cursor.fetchall()
        off, on = [f"DROP TRIGGER {name}" for name, _ in triggers], [sql for _, sql in triggers]
        return [*off, *flush(self, style, tables, **kwargs), *on]

    return sql_flush


def _delete_all(self, style, tables, **kwargs):
    """As a replica does: it asks neither triggers nor foreign keys. To the end of the transaction."""
    deleted = [f"DELETE FROM {self.quote_name(table)}" for table in tables]  # noqa: S608  (our own tables)
    return ["SET LOCAL session_replication_role = replica", *deleted]


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """With the instrument, which nearly every test needs: loaded in each, it would be a fifth of the time.
    Where the tables were emptied, `factories.make_instrument` loads it again. The record is left as empty
    as an installation begins with it."""
    with django_db_blocker.unblock(), pytest.MonkeyPatch.context() as patch:
        patch.setattr(loading, "record", lambda *args, **kwargs: None)
        factories.make_instrument()
    yield
    if connection.vendor == "postgresql":
        # A thread of the browsers' server may hold a connection still, and no database with one is dropped.
        with django_db_blocker.unblock(), connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )


@pytest.fixture
def no_instrument(db):
    """As before one is loaded; afterwards it is there again, with all else that the test undoes."""
    tables = ["cans_item", "cans_instrumentversion"]
    connection.ops.execute_sql_flush(connection.ops.sql_flush(no_style(), tables))


@pytest.fixture(autouse=True)
def _help_of_no_other_test(monkeypatch):
    """What stands beside pages is kept for a minute, here of an empty table; the tests of it read
    it anew."""
    monkeypatch.setattr(beside, "_kept", beside.Kept(until=math.inf))


@pytest.fixture
def agency(db):
    return factories.make_agency("Northfield Invented Services")


@pytest.fixture
def supervisor(agency):
    return factories.make_person("supervisor", agency=agency, name="Sana Supervisor", username="supervisor")


@pytest.fixture
def clinician(agency, supervisor):
    """Carries the case, has credentials, and the supervisor above."""
    return factories.make_person(
        "clinician", agency=agency, name="Cleo Clinician", username="clinician", supervisor=supervisor
    )


@pytest.fixture
def other_supervisor(agency):
    """Same agency, another team."""
    return factories.make_person("supervisor", agency=agency, name="Otto Other", username="supervisor2")


@pytest.fixture
def colleague(agency, supervisor):
    """A clinician of the same team who has nothing to do with the case."""
    return factories.make_person(
        "clinician", agency=agency, name="Coll Colleague", username="colleague", supervisor=supervisor
    )


@pytest.fixture
def stranger(db):
    """A clinician of another agency: everything here must look to them as if it were not there."""
    return factories.make_person("clinician", name="Stran Stranger", username="stranger")


@pytest.fixture
def coordinator(db):
    """A coordinator of all regions."""
    return factories.make_coordinator(name="Cora Coordinator", username="coordinator")


@pytest.fixture
def administrator(agency):
    return factories.make_person("administrator", agency=agency, name="Ada Admin", username="admin")


@pytest.fixture
def case(clinician):
    return factories.make_case(primary=clinician, name="Plainly-Invented")


@pytest.fixture
def child(case):
    return factories.make_child(case, name="Robin Plainly-Invented")


@pytest.fixture
def caregiver(child):
    return factories.make_caregiver(child, name="Fay Foster-Example")


@pytest.fixture
def draft(child, caregiver, clinician):
    """A blank draft with the child's sheet and one substitute caregiver's."""
    return factories.make_draft(child, author=clinician)


@pytest.fixture
def ready_draft(child, caregiver, clinician):
    """A draft in which every applicable item is rated 1."""
    return factories.make_draft(child, author=clinician, rated="1")


@pytest.fixture
def submitted(ready_draft, clinician):
    actions.submit(ready_draft, by=clinician)
    return ready_draft


@pytest.fixture
def approved(submitted, supervisor):
    actions.approve(submitted, by=supervisor)
    return submitted
