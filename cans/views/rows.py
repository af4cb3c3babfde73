"""The rows of the scoring form as HTML: what never changes is made once an item, the rest is put in.

A page holds 162 of them, and Django's template language would take six times what the rest of the
page takes. So `components/rating_row.html` is rendered once for each item with a mark at each place
that differs from CANS to CANS, and a row is its pieces joined.
"""

import re
from functools import cache, lru_cache

from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import escape, format_html, format_html_join
from django.utils.safestring import mark_safe

from cans.days import written_with_weekday
from cans.instrument import UNRATED, words

from .layout import levels, row_key

# Two characters that Unicode leaves to programs; the instrument's own words hold neither.
OPENS, CLOSES = "\ue000", "\ue001"


class _Marks:
    """Stands for what a row is filled with: each name gives the mark that is later replaced."""

    def __getitem__(self, name):
        return mark_safe(f"{OPENS}{name}{CLOSES}")  # noqa: S308 -- a name out of our own template


@cache
def _pieces(item):
    """Markup and, at every second place, the name of what goes in between."""
    marks = _Marks()
    levels_of_item = [(*level, marks[f"checked {level[0]}"]) for level in levels(item.kind, item.na_allowed)]
    address = reverse("cans:history", args=[0, 0, item.code])
    history = address.replace("/0/", f"/{marks['cans']}/", 1).replace("/0/", f"/{marks['sheet']}/", 1)
    context = {"item": item, "levels": levels_of_item, "at": marks, "history": history}
    return re.split(f"{OPENS}(.*?){CLOSES}", render_to_string("components/rating_row.html", context))


def row_html(item, sheet, *, before="", day=None, note="", comments=(), typed=None):
    """One row. `before` is the rating in the last approved CANS, of `day`; `typed` what the person
    entered and could not be saved: any of value, seen, note, note_seen, error."""
    stored = sheet.value(item)
    shown = {"value": "" if stored == UNRATED else stored, "seen": stored, "note": note, "note_seen": note}
    shown |= typed or {}
    key = row_key(sheet, item.code)
    above, described = _above(item, key, before, day, comments, shown.get("error", ""))
    put = {
        "key": key,
        "cans": str(sheet.assessment_id),
        "sheet": str(sheet.pk),
        "wrong": " item-wrong" if shown.get("error") else "",
        "described": described,
        "above": above,
        f"checked {shown['value']}": " checked",
        "seen": escape(shown["seen"]),
        "unrated": "" if shown["value"] else " hidden",
        "open": " open" if shown["note"] else "",
        "note_label": "Note" if shown["note"] else "Add a note",
        "note": escape(shown["note"]),
        "note_seen": _note_seen(key, shown["note_seen"]),
    }
    pieces = _pieces(item)
    filled = list(pieces)
    filled[1::2] = [put.get(name, "") for name in pieces[1::2]]
    return "".join(filled)


def _above(item, key, before, day, comments, error):
    """What stands between an item's name and its levels, and the attribute that says it belongs there."""
    parts, names = [], []
    if error:
        names.append(f"error-{key}")
        parts.append(format_html('<p class="errorlist" id="error-{}">{}</p>', key, error))
    if comments:
        names.append(f"comments-{key}")
        said = format_html_join(
            "",
            '<p class="pre"><strong>{}:</strong> {}</p>',
            ((comment.step.by, comment.text) for comment in comments),
        )
        parts.append(format_html('<div class="item-was" id="comments-{}">{}</div>', key, said))
    if before and before != UNRATED:
        names.append(f"was-{key}")
        parts.append(f'<p class="item-was" id="was-{key}" data-was="{before}">{_was(item, before, day)}</p>')
    return "".join(parts), f' aria-describedby="{" ".join(names)}"' if names else ""


def _note_seen(key, text):
    return format_html('<input type="hidden" name="noteseen-{}" value="{}">', key, text) if text else ""


@lru_cache(maxsize=10_000)
def _was(item, before, day):
    return escape(f"Was {words(item, before)}, on {written_with_weekday(day)}")
