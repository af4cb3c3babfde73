"""The rows of the scoring form as HTML: what never changes is made once an item, the rest is put in.

A page holds 162 of them. So `components/rating_row.html` is rendered once for each item with a mark at
each place that differs from CANS to CANS, and a row is its pieces joined (see pieces.py). Most rows hold
nothing of their own but a rating: those are kept, one for each rating of an item, and the numbers put
into all of them at once.
"""

from functools import cache, lru_cache

from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import escape, format_html

from cans.days import written_with_weekday
from cans.instrument import UNRATED, words

from .layout import levels, row_key
from .pieces import Marks, filled, pieces_of

# Control characters, which no word of an instrument may hold; in ASCII, for what in_ascii says.
CUT, CANS, SHEET = "\x01", "\x02", "\x03"


@cache
def _pieces(item):
    marks = Marks()
    levels_of_item = [(*level, marks[f"checked {level[0]}"]) for level in levels(item.kind, item.na_allowed)]
    address = reverse("cans:history", args=[0, 0, item.code])
    history = address.replace("/0/", f"/{marks['cans']}/", 1).replace("/0/", f"/{marks['sheet']}/", 1)
    context = {"item": item, "levels": levels_of_item, "at": marks, "history": history}
    return pieces_of("components/rating_row.html", context)


def rows_html(items, sheet, *, before, day, blind, notes, comments, typed):
    """The rows of these items of one sheet. By item code: `before`, the ratings in the last approved CANS,
    of `day`, and `notes`; by sheet and code `comments`, and by row `typed`. `blind`: see row_html."""
    of_their_own = notes.keys() | {code for number, code in comments if number == sheet.pk}
    rows, plain = [], []
    for item in items:
        code = item.code
        entered = typed.get(row_key(sheet, code)) if typed else None
        if not entered and code not in of_their_own:
            plain.append(_plain(item, sheet.value(item), before.get(code), day, blind))
            continue
        own = {"note": notes.get(code, ""), "comments": comments.get((sheet.pk, code), ()), "typed": entered}
        own |= {"before": before.get(code), "day": day, "blind": blind}
        rows += [_numbered(plain, sheet), row_html(item, sheet, **own)]
        plain.clear()
    return "".join([*rows, _numbered(plain, sheet)])


def _plain(item, stored, before, day, blind):
    """A row that holds a rating, the last one, and nothing else; marks stand for the numbers."""
    head, between, rest = _plain_pieces(item, stored)
    if not before or before == UNRATED:
        return f"{head}{between}{rest}"
    above, described = _plain_above(item, before, day, blind)
    return f"{head}{described}{between}{above}{rest}"


@lru_cache(maxsize=10_000)
def _plain_above(item, before, day, blind):
    return _above(item, f"{SHEET}-{item.code}", before, day, blind)


@cache
def _plain_pieces(item, stored):
    """Cut at the two places where the last rating is told of."""
    value = "" if stored == UNRATED else stored
    shown = {"value": value, "seen": stored, "note": "", "note_seen": ""}
    row = _filled(item, shown, f"{SHEET}-{item.code}", cans=CANS, sheet=SHEET, described=CUT, above=CUT)
    return row.split(CUT)


def _numbered(plain, sheet):
    return "".join(plain).replace(CANS, str(sheet.assessment_id)).replace(SHEET, str(sheet.pk))


def row_html(item, sheet, *, before="", day=None, blind=False, note="", comments=(), typed=None):
    """One row. `before` is the rating in the last approved CANS, of `day`; who rates `blind` does not read
    it. `typed` is what the person entered and could not be saved: any of value, seen, note, note_seen,
    error."""
    stored = sheet.value(item)
    shown = {"value": "" if stored == UNRATED else stored, "seen": stored, "note": note, "note_seen": note}
    shown |= typed or {}
    key = row_key(sheet, item.code)
    above, described = _above(item, key, before, day, blind, comments, shown.get("error", ""))
    numbers = {"cans": str(sheet.assessment_id), "sheet": str(sheet.pk)}
    return _filled(item, shown, key, described=described, above=above, **numbers)


def _filled(item, shown, key, **put):
    put |= {
        "key": key,
        "wrong": " item-wrong" if shown.get("error") else "",
        f"checked {shown['value']}": " checked",
        "seen": escape(shown["seen"]),
        "unrated": "" if shown["value"] else " hidden",
        "open": " open" if shown["note"] else "",
        "note_label": "Note" if shown["note"] else "Add a note",
        "note": escape(shown["note"]),
        "note_seen": _note_seen(key, shown["note_seen"]),
    }
    return filled(_pieces(item), put)


def _above(item, key, before, day, blind, comments=(), error=""):
    """What stands between an item's name and its levels, and the attribute that says it belongs there."""
    parts, names = [], []
    if error:
        names.append(f"error-{key}")
        parts.append(format_html('<p class="errorlist" id="error-{}">{}</p>', key, error))
    if comments:
        names.append(f"comments-{key}")
        parts.append(render_to_string("cans/_item_comments.html", {"key": key, "comments": comments}))
    if before and before != UNRATED:
        names.append(f"was-{key}")
        parts.append(_told_before(key, before, _was(item, before, day), blind))
    return "".join(parts), f' aria-describedby="{" ".join(names)}"' if names else ""


def _note_seen(key, text):
    return format_html('<input type="hidden" name="noteseen-{}" value="{}">', key, text) if text else ""


def _told_before(key, before, words, blind):
    """Hidden, its words are where the script finds them that shows them again."""
    there, text = (f' data-words="{words}"', "") if blind else ("", words)
    return f'<p class="item-was" id="was-{key}" data-was="{before}"{there}>{text}</p>'


def _was(item, before, day):
    return escape(f"Was {words(item, before)}, on {written_with_weekday(day)}")
