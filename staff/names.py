"""Searching by name."""

from django.db.models import Q


def named(text):
    """The rows in whose `name` this occurs, in capitals or not.

    SQLite, and PostgreSQL without a locale, mind the case of accented letters: those are asked for in each of
    the ways that a name is written.
    """
    ways = {text} if text.isascii() else {text, text.lower(), text.upper(), text.title()}
    found = Q()
    for way in sorted(ways):
        found |= Q(name__icontains=way)
    return found
