"""Cells as what they mean: a day, a number, yes or no, one of the choices."""

import datetime

from cases.forms.fields import FIRST, LAST
from exchange.reading import unfit

DAYS = ("%Y-%m-%d", "%m/%d/%Y")
YES_NO = {"yes": True, "y": True, "true": True, "no": False, "n": False, "false": False, "": False}


class Wrong(ValueError):
    """With a sentence about one cell."""


def meaning(column, text):
    """What a cell of this column says; None for a day or a number that is not given. Raises Wrong."""
    if sentence := unfit(text):
        raise Wrong(sentence)
    if not text:
        if column.required:
            raise Wrong("Write this; it cannot be empty.")
        return EMPTY.get(column.reads, "")
    if column.choices:
        return _choice(column, text)
    return READS[column.reads](text)


def _choice(column, text):
    wanted = text.lower()
    for value, label in column.choices:
        if wanted in (value, label.lower()):
            return value
    raise Wrong(f"Write one of: {', '.join(value for value, _ in column.choices)}.")


def _day(text):
    for form in DAYS:
        try:
            day = datetime.datetime.strptime(text, form).date()
        except ValueError:
            continue
        if not FIRST <= day <= LAST:
            raise Wrong(f"Write a day from {FIRST.year} to {LAST.year}.")
        return day
    raise Wrong("Write a day as 2025-03-31 or 03/31/2025.")


def _number(text):
    if text.isascii() and text.isdigit() and len(text) < 10:
        return int(text)
    raise Wrong("Write a whole number.")


def _yes_no(text):
    if text.lower() in YES_NO:
        return YES_NO[text.lower()]
    raise Wrong("Write yes or no.")


READS = {"text": str, "day": _day, "number": _number, "yes_no": _yes_no}
EMPTY = {"day": None, "number": None, "yes_no": False}
