"""The shape of the house: which room may import which, and habits that every model and view keeps."""

import ast
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.db import models
from django.urls import URLPattern, get_resolver

from staff.policy import POLICIES, declared_policy

ROOT = Path(settings.BASE_DIR)
STREET = ["audit", "staff", "cases", "cans", "approvals", "reports", "exchange", "guidance", "ips"]
# Pages and commands are where the rooms meet: they may look into any room.
PAGES = {"views", "views.py", "forms", "forms.py", "urls.py", "apps.py", "templatetags", "management"}
# No ORM, no HTTP: what is true in these is true without a database.
PURE = [
    "audit/chain.py",
    "cans/days.py",
    "cans/due.py",
    "cans/readiness.py",
    "cans/comparison.py",
    "cans/states.py",
    "cans/instrument",
    "approvals/workflow.py",
]


def modules(*places):
    for place in places:
        path = ROOT / place
        found = [path] if path.is_file() else path.rglob("*.py")
        yield from (p for p in found if "migrations" not in p.parts)


def imports(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            yield node.module


@pytest.mark.parametrize("room", STREET)
def test_rules_and_verbs_import_one_way(room):
    later = set(STREET[STREET.index(room) + 1 :])
    found = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in modules(room)
        if not PAGES & set(path.relative_to(ROOT / room).parts)
        for name in imports(path)
        if name.split(".")[0] in later
    ]
    assert found == []


@pytest.mark.parametrize("place", PURE)
def test_pure_modules_know_no_database_and_no_request(place):
    found = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in modules(place)
        for name in imports(path)
        if name.split(".")[0] == "django" or name.endswith("models")
    ]
    assert found == []


@pytest.mark.parametrize("name", ["utils.py", "helpers.py", "services", "managers.py", "signals.py"])
def test_no_room_has_a_drawer_for_everything(name):
    found = [str(p.relative_to(ROOT)) for room in STREET for p in (ROOT / room).rglob(name)]
    assert found in ([], ["cases/signals.py"])


def test_what_happened_and_who_did_it_are_one_fact():
    """`x_at` and `x_by` come together: both compulsory, or both empty by constraint."""
    lonely = []
    for model in apps.get_models():
        if model._meta.app_label not in STREET:
            continue
        fields = {field.name: field for field in model._meta.fields}
        for name, at in fields.items():
            by = fields.get(f"{name.removesuffix('_at')}_by")
            if not name.endswith("_at") or by is None or at.null == by.null is False:
                continue
            if at.null and by.null and _tied(model, name, by.name):
                continue
            lonely.append(f"{model._meta.label}.{name}")
    # A command may compute due dates and load the instrument by itself: the time is then alone.
    assert lonely == ["cans.InstrumentVersion.loaded_at", "cans.Obligation.recorded_at"]


def _tied(model, at, by):
    return any(
        isinstance(constraint, models.CheckConstraint)
        and {f"{at}__isnull", f"{by}__isnull"} <= {leaf[0] for leaf in _leaves(constraint.condition)}
        for constraint in model._meta.constraints
    )


def _leaves(condition):
    for child in condition.children:
        if isinstance(child, tuple):
            yield child
        elif isinstance(child, models.Q):
            yield from _leaves(child)


def views(patterns=None, prefix=""):
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        if isinstance(pattern, URLPattern):
            yield prefix + str(pattern.pattern), pattern.callback
        else:
            yield from views(pattern.url_patterns, prefix + str(pattern.pattern))


def test_every_view_declares_a_policy():
    undeclared = [url for url, view in views() if declared_policy(view) is None]
    assert undeclared == []


def test_every_policy_is_used():
    used = {declared_policy(view) for _, view in views()}
    assert set(POLICIES) - used == set()


def test_only_these_pages_are_public():
    public = {url for url, view in views() if not getattr(view, "login_required", True)}
    ours = {url for url in public if not url.startswith("accounts/")}
    assert ours == {"healthz", "calendar/<str:secret>.ics"}


def test_a_view_that_forgot_its_policy_fails_closed(client, clinician, monkeypatch):
    client.force_login(clinician)
    view = next(view for url, view in views() if url == "")
    monkeypatch.delattr(view, "policy")
    client.raise_request_exception = False
    assert client.get("/").status_code == 500
