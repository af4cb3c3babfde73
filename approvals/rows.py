"""The rows of the review as HTML. A CANS has 162 items: each template is rendered once for each shape that
a row may have, and a row is its pieces joined (see cans/views/pieces.py)."""

from functools import cache, lru_cache
from html import escape

from django.urls import reverse
from django.utils.safestring import mark_safe

from cans.instrument import words
from cans.views.pieces import Marks, filled, pieces_of

from .items import flag_of

CODE = "item"  # stands for an item's code in an address, until it is put in
MARKS = Marks()
NOTE, HISTORY, COMMENT = (str(MARKS[name]) for name in ("note", "history", "comment"))


def changes_html(rows, *, assessment, returning=""):
    """Items with the rating before and after. `returning` is the address of the page to return it with
    comments; empty for who may not."""
    links = _Links(assessment, returning)
    return mark_safe(  # noqa: S308 -- escaped in _words
        "".join(
            filled(
                _change(bool(row.from_words), bool(row.note), bool(returning)), _words(row) | links.of(row)
            )
            for row in rows
        )
    )


def rest_html(rows, *, assessment, returning=""):
    """Items whose rating stands where it stood, one a table row."""
    links = _Links(assessment, returning)
    return mark_safe("".join(_rest_html(row, links) for row in rows))  # noqa: S308 -- escaped in _rest_html


class _Links:
    """The ways on from a row: to the item's history, and to its comment where the reader may return it."""

    def __init__(self, assessment, returning):
        self.assessment, self.returning, self.histories = assessment.pk, escape(returning), {}

    def of(self, row):
        sheet, code = row.sheet.pk, row.item.code
        if sheet not in self.histories:
            self.histories[sheet] = reverse("cans:history", args=[self.assessment, sheet, CODE])
        return {
            "history": self.histories[sheet].replace(f"/{CODE}/", f"/{code}/"),
            "comment": f"{self.returning}#comment-{sheet}-{code}",
        }


def _words(row):
    return {
        "code": row.code,
        "change": row.change,
        "change_words": row.change_words,
        "number": str(row.number),
        "name": escape(row.name),
        "subject": escape(row.sheet.subject_name),
        "from_words": row.from_words,
        "to_words": row.to_words,
        "note": escape(row.note),
    }


@cache
def _change(compared, noted, returns):
    shape = {"from_words": compared and MARKS["from_words"], "note": noted and MARKS["note"]}
    shape["comment"] = returns and MARKS["comment"]
    return pieces_of("components/change_row.html", {"row": MARKS, **shape})


def _rest_html(row, links):
    found, link = _unnoted(row.item, row.after, bool(links.returning)), links.of(row)
    found = found.replace(HISTORY, link["history"]).replace(COMMENT, link["comment"])
    return found.replace(NOTE, escape(row.note) or "&ndash;")


@lru_cache(maxsize=4096)
def _unnoted(item, value, returns):
    """A row but for its links and its note: the same for every child whose item is rated so."""
    put = {"number": str(item.number or ""), "name": escape(item.name), "to_words": words(item, value)}
    kept = {"note": NOTE, "history": HISTORY, "comment": COMMENT}
    return filled(_rest(flag_of(item, value), returns), put | kept)


@cache
def _rest(flag, returns):
    shape = {"flag": flag, "comment": returns and MARKS["comment"]}
    return pieces_of("approvals/_rest_row.html", {"row": MARKS, **shape})
