"""Templates that are rendered once and then only filled: cut at each place that differs from page to page.

For what stands on a page many times, or costs more to make than all the rest: Django's template language
would take twenty times what joining the pieces takes.
"""

import re

from django.template.loader import render_to_string
from django.utils.safestring import mark_safe

# Characters that Unicode leaves to programs: no word of an instrument may hold what cannot be shown.
OPENS, CLOSES = "\ue000", "\ue001"


class Marks:
    """Stands for what a template is filled with: each name gives the mark that is later replaced."""

    def __getitem__(self, name):
        return mark_safe(f"{OPENS}{name}{CLOSES}")  # noqa: S308 -- a name out of our own template


def pieces_of(template, context):
    """Markup and, at every second place, the name of what goes in between."""
    pieces = re.split(f"{OPENS}(.*?){CLOSES}", render_to_string(template, context))
    pieces[::2] = [in_ascii(markup) for markup in pieces[::2]]
    return pieces


def in_ascii(markup):
    """The same with every other character by its number: a page of plain ASCII takes half the memory,
    and is encoded a hundred times as fast."""
    return markup.encode("ascii", "xmlcharrefreplace").decode()


def filled(pieces, put):
    """The pieces with these put in, which must be safe as they are; nothing where a name is missing."""
    found = list(pieces)
    found[1::2] = [put.get(name, "") for name in pieces[1::2]]
    return "".join(found)
