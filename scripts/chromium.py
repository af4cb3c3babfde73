"""Debian's Chromium, as the tests use it."""

import shutil


def find_chromium():
    """The headless shell, which is the same engine without what a window needs and half the work, or else the
    browser; None without either."""
    return shutil.which("chromium-headless-shell") or shutil.which("chromium")
