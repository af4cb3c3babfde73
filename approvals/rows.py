"""The rows of the review as HTML. A CANS has 162 items: each template is rendered once for each shape that
a row may have, and a row is its pieces joined (see cans/views/pieces.py)."""

from functools import cache

from django.urls import reverse
from django.utils.html import escape
from django.utils.safestring import mark_safe

from cans.views.pieces import Marks, filled, pieces_of

CODE = "item"  # stands for an item's code in an address, until it is put in


def changes_html(rows, *, assessment, returning=""):
    """Items with the rating before and after. `returning` is the address of the page to return it with
    comments; empty for who may not."""
    histories = {
        row.sheet.pk: reverse("cans:history", args=[assessment.pk, row.sheet.pk, CODE]) for row in rows
    }
    return mark_safe(  # noqa: S308 -- escaped in _words
        "".join(
            filled(
                _change(bool(row.from_words), bool(row.note), bool(returning)),
                _words(row)
                | {
                    "history": histories[row.sheet.pk].replace(f"/{CODE}/", f"/{row.item.code}/"),
                    "comment": escape(f"{returning}#comment-{row.code}"),
                },
            )
            for row in rows
        )
    )


def rest_html(rows):
    """Items whose rating stands where it stood, one a table row."""
    return mark_safe("".join(filled(_rest(bool(row.flag), bool(row.note)), _words(row)) for row in rows))  # noqa: S308


def _words(row):
    return {
        "code": escape(row.code),
        "change": row.change,
        "change_words": escape(row.change_words),
        "number": str(row.number),
        "name": escape(row.name),
        "subject": escape(row.sheet.subject_name),
        "from_words": escape(row.from_words),
        "to_words": escape(row.to_words),
        "flag": row.flag,
        "note": escape(row.note),
    }


@cache
def _change(compared, noted, returns):
    marks = Marks()
    shape = {"from_words": compared and marks["from_words"], "note": noted and marks["note"]}
    shape["comment"] = returns and marks["comment"]
    return pieces_of("components/change_row.html", {"row": marks, **shape})


@cache
def _rest(flagged, noted):
    marks = Marks()
    shape = {"flag": flagged and marks["flag"], "note": noted and marks["note"]}
    return pieces_of("approvals/_rest_row.html", {"row": marks, **shape})
