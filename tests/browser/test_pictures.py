"""The README's pictures are of the page as it is: whoever changes what they are made from hears of it."""

import subprocess
import sys

import pytest
from django.conf import settings

pytestmark = pytest.mark.closely


def test_the_pictures_can_be_made_anew(tmp_path):
    make = [sys.executable, "scripts/pictures.py", str(tmp_path)]
    made = subprocess.run(make, cwd=settings.BASE_DIR, capture_output=True, text=True, timeout=300)
    assert made.returncode == 0, made.stderr
    kept = {one.name for one in (settings.BASE_DIR / "docs/pictures").iterdir()}
    assert {one.name for one in tmp_path.iterdir()} == kept
