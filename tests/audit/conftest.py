import pytest
from django.core.management import call_command
from django.db import connection

from audit.actions import record, record_reading
from audit.models import Chain, Event, Reading


@pytest.fixture(autouse=True)
def anchors(settings, tmp_path):
    """A file of this test's own, outside the database."""
    path = tmp_path / "anchors"
    path.touch()
    settings.AUDIT_ANCHORS = str(path)
    return path


@pytest.fixture
def write(django_capture_on_commit_callbacks):
    """Acts as the verbs write them, committed: with their anchors."""

    def write(*actions, by, **given):
        with django_capture_on_commit_callbacks(execute=True):
            return [record(action, by=by, subject="invented 1", **given) for action in actions]

    return write


@pytest.fixture
def read(django_capture_on_commit_callbacks):
    def read(case, *, by, page="case", times=1):
        with django_capture_on_commit_callbacks(execute=True):
            return [
                record_reading(page, by=by, case=case, grant="assignment 1", children=[7])
                for _ in range(times)
            ]

    return read


@pytest.fixture
def verify(capsys):
    """What audit_verify says, and whether it found the record whole."""

    def verify(**options):
        capsys.readouterr()
        try:
            call_command("audit_verify", **options)
        except SystemExit as stopped:
            return stopped.code == 0, capsys.readouterr().out
        return True, capsys.readouterr().out

    return verify


class Intruder:
    """Somebody with the database in their hands, who takes the triggers away and puts them back."""

    def __init__(self, sql):
        self.sql = sql

    def __enter__(self):
        self.found = self._triggers()
        for off, _ in self.found:
            self.sql(off)
        return self

    def __exit__(self, *why):
        for _, on in self.found:
            self.sql(on)

    def _triggers(self):
        if connection.vendor == "sqlite":
            rows = self.sql(
                "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'audit%'"
            )
            return [(f"DROP TRIGGER {name}", sql) for name, sql in rows]
        tables = [model._meta.db_table for model in (Event, Reading, Chain)]
        return [
            (f"ALTER TABLE {one} DISABLE TRIGGER USER", f"ALTER TABLE {one} ENABLE TRIGGER USER")
            for one in tables
        ]


@pytest.fixture
def intruder(db):
    def sql(statement, params=None):
        with connection.cursor() as cursor:
            cursor.execute(statement, params)
            return cursor.fetchall() if cursor.description else None

    return Intruder(sql)
