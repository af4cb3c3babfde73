"""What `make run` does before it serves: everything once, and nothing a second time."""

import os
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import override_settings
from django.test.utils import CaptureQueriesContext

from ips import settings as application_settings
from ips import static

pytestmark = pytest.mark.django_db


@pytest.fixture
def source(tmp_path):
    file = tmp_path / "static" / "css" / "invented.css"
    file.parent.mkdir(parents=True)
    file.write_text("p { color: navy }")
    return file


@pytest.fixture
def prepare(tmp_path, source, monkeypatch):
    """Prepares as in production, without the sample. Returns which commands the static files took."""
    taken = []

    def noted(name, **options):
        taken.append(name)
        call_command(name, **options)

    monkeypatch.setattr(static, "call_command", noted)
    root = tmp_path / "staticfiles"
    there = {"STATIC_ROOT": str(root), "STATICFILES_DIRS": [str(source.parents[1])]}
    with override_settings(PRODUCTION=True, STORAGES=application_settings.STORAGES, **there):

        def run():
            taken.clear()
            call_command("prepare")
            return [*taken]

        yield run


def written(queries):
    return [one["sql"] for one in queries if one["sql"].startswith(("INSERT", "UPDATE", "DELETE", "CREATE"))]


def test_a_second_time_there_is_nothing_to_do(prepare):
    assert prepare() == ["collectstatic"]
    with CaptureQueriesContext(connection) as queries:
        assert prepare() == []
    assert written(queries) == []


def test_what_changed_is_collected_again(prepare, source, tmp_path):
    prepare()
    [made] = Path(tmp_path, "staticfiles", "css").glob("invented.*.css")
    source.write_text("p { color: teal }")
    os.utime(source, (1, 1))  # a file put back from a backup is older than what was made of it
    assert prepare() == ["collectstatic"]
    assert prepare() == []
    made.unlink()
    assert prepare() == ["collectstatic"]
