"""What collectstatic writes, and how it is served."""

import json
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from django.http import HttpResponse
from django.test import RequestFactory, override_settings
from whitenoise.middleware import WhiteNoiseMiddleware

from ips import settings as application_settings

HASHED = re.compile(r"\.[0-9a-f]{12}\.js$")
IMPORT = re.compile(r"""^(?![ ]?[*/]).*(?:\bfrom|^import|\bimport\()\s*["'](\.[^"']+)["']""", re.MULTILINE)


@pytest.fixture(scope="module")
def collected(tmp_path_factory):
    root = tmp_path_factory.mktemp("static")
    with override_settings(STATIC_ROOT=str(root), STORAGES=application_settings.STORAGES):
        call_command("collectstatic", verbosity=0, interactive=False)
        yield root


def hashed_path(root, name):
    manifest = json.loads((root / "staticfiles.json").read_text(encoding="utf-8"))
    return root / manifest["paths"][name]


def test_a_script_imports_the_hashed_names_of_others(collected):
    imports = []
    for source in Path(settings.BASE_DIR, "static/js").rglob("*.js"):
        name = source.relative_to(settings.BASE_DIR / "static").as_posix()
        script = hashed_path(collected, name)
        assert HASHED.search(script.name)
        found = IMPORT.findall(script.read_text(encoding="utf-8"))
        assert len(found) == len(IMPORT.findall(source.read_text(encoding="utf-8")))
        imports += [(script, target) for target in found]
    assert ("queue", "entries") in {(a.name.split(".")[0], Path(b).name.split(".")[0]) for a, b in imports}
    assert [target for _, target in imports if not HASHED.search(target)] == []
    assert [target for script, target in imports if not (script.parent / target).exists()] == []


def test_a_script_is_served_as_one_compressed_and_for_good(collected):
    url = f"/static/{hashed_path(collected, 'js/scoring/queue.js').relative_to(collected)}"
    serve = WhiteNoiseMiddleware(lambda request: HttpResponse(status=404))
    response = serve(RequestFactory().get(url, HTTP_ACCEPT_ENCODING="gzip"))
    assert response.status_code == 200
    assert response["Content-Type"] == 'text/javascript; charset="utf-8"'
    assert response["Content-Encoding"] == "gzip"
    assert response["Cache-Control"] == "max-age=315360000, public, immutable"
    response.file_to_stream.close()  # not the answer: that would look at the database's connection
