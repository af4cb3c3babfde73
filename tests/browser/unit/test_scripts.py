"""Runs the tests that stand in the scripts of this folder, each by its name."""

import os
import re
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent
NAMED = re.compile(r'^test\("([^"]+)"', re.MULTILINE)
TESTS = [
    pytest.param(script.name, name, id=f"{script.name}: {name}")
    for script in sorted(FOLDER.glob("*.test.js"))
    for name in NAMED.findall(script.read_text(encoding="utf-8"))
]
SEEDS = {"proof": 50_000, "short": 5_000}.get(os.environ.get("HYPOTHESIS_PROFILE"), 500)
HAPPENS = ["saved", "asked", "refused", "session", "another person", "side by side"]
HAPPENS += ["answer lost", "request lost", "came late"]
RUN = "async ([script, name]) => { await import(`/unit/${script}`);"
RUN += " return (await import('/unit/harness.js')).run(name); }"


@pytest.mark.parametrize(("script", "name"), TESTS)
def test_script(page, script, name):
    assert page.evaluate(RUN, [script, name]) == "passed"


@pytest.mark.proof
def test_whatever_happens_saved_means_stored(page):
    """Random evenings of two people, a bad line and a restless window, against a model of the server."""
    told = page.evaluate("async seeds => (await import('/unit/model.js')).evenings(1, seeds)", SEEDS)
    assert told["wrong"] == []
    # The evenings had in them what they are for.
    assert [what for what in HAPPENS if told["happened"].get(what, 0) < SEEDS / 5] == []
