"""The parts of the scoring form as HTML: each section's frame and its line in the list of sections.

What the instrument says does not change from CANS to CANS: it is rendered once, and the rest put in
(see pieces.py).
"""

from functools import cache

from django.template.loader import render_to_string
from django.utils.html import conditional_escape
from django.utils.safestring import mark_safe

from .pieces import Marks, filled, in_ascii, pieces_of


def part_html(part, rows, siblings, *, whole):
    """A part with these rows, the HTML of each of its blocks; `whole` where the page shows all parts."""
    caregiver = part.sheet.adult_id is not None
    put = {
        "slug": part.slug,
        "title": conditional_escape(part.title),
        "done": str(part.done),
        "siblings": _siblings(part, siblings) if siblings else "",
        **{f"rows {number}": html for number, html in enumerate(rows)},
    }
    pieces = _part(part.sections, caregiver=caregiver, substitute=part.sheet.substitute, whole=whole)
    return mark_safe(filled(pieces, put))  # noqa: S308 -- escaped above


@cache
def _part(sections, *, caregiver, substitute, whole):
    marks = Marks()
    context = {
        "at": marks,
        "blocks": [(section.title, marks[f"rows {number}"]) for number, section in enumerate(sections)],
        "na_conditions": _na_conditions(sections),
        "total": sum(len(section.items) for section in sections),
        "caregiver": caregiver,
        "substitute": substitute,
        "whole": whole,
    }
    return pieces_of("cans/_part.html", context)


def _na_conditions(sections):
    """When N/A may be chosen here: (the condition, the items), each condition once."""
    found = {}
    for section in sections:
        for item in section.items:
            if item.na_allowed:
                found.setdefault(item.na, []).append(item)
    return list(found.items())


def _siblings(part, siblings):
    return render_to_string("cans/_part_siblings.html", {"part": part, "siblings": siblings})


def list_html(page):
    """The list of sections: links down a page that shows them all, else buttons that save and go there."""
    return mark_safe("".join(_line_html(part, page.slug) for part in page.parts))  # noqa: S308 -- see below


def _line_html(part, slug):
    put = {
        "slug": part.slug,
        "title": conditional_escape(part.title),
        "done": str(part.done),
        "total": str(part.total),
        "url": part.url if part.slug == slug else "",
    }
    return filled(_line(whole=slug is None, here=part.slug == slug, is_done=part.is_done), put)


@cache
def _line(**which):
    return pieces_of("cans/_part_line.html", {"at": Marks(), **which})


@cache
def keys_html():
    """The sheet of keys, which is the same for everybody."""
    return mark_safe(in_ascii(render_to_string("cans/_keys.html")))  # noqa: S308 -- our own template
