"""A list as a file: the same rows, columns and order as on the page, as CSV or for Excel."""

import csv
import datetime
import io
from dataclasses import dataclass

import xlsxwriter

from .definitions import COLUMNS

# A cell that begins so is taken for a formula by a spreadsheet; an apostrophe before it makes it text.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")
WIDEST = 60  # characters; what is longer wraps within its cell
BOOK = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}


@dataclass(frozen=True)
class About:
    """What somebody who opens the file next year needs to know of it, said on its second sheet."""

    title: str
    definition: str
    as_of: datetime.date
    filters: list
    by: str
    at: datetime.datetime

    def lines(self, rows, columns):
        filters = self.filters or [("All rows", "no filter")]
        yield "Report", self.title
        yield "What is in it", self.definition
        yield "As of", self.as_of
        yield "Rows", len(rows)
        yield "Filters", "; ".join(f"{what}: {chosen}" for what, chosen in filters)
        yield "Exported by", self.by
        yield "Exported on", f"{self.at:%Y-%m-%d at %H:%M} (America/Chicago)"
        for heading, *_ in columns:
            yield heading, COLUMNS[heading]


def as_csv(rows, columns, about=None):
    """The bytes of the file; they begin with a byte order mark, without which Excel garbles names."""
    out = io.StringIO()
    out.write("\ufeff")
    writer = csv.writer(out)
    writer.writerow(heading for heading, _, _ in columns)
    for row in rows:
        writer.writerow(neutral(getattr(row, name)) for _, name, _ in columns)
    return out.getvalue().encode()


def neutral(value):
    """What a spreadsheet will not run. Numbers stay numbers, dates are written 2025-04-02."""
    if isinstance(value, int):
        return value
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def as_xlsx(rows, columns, about):
    """The bytes of a workbook: the rows, and a sheet that says what they are."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, BOOK) as book:
        styles = _Styles(book)
        _write_rows(book.add_worksheet("Rows"), rows, columns, styles)
        _write_about(book.add_worksheet("About"), about.lines(rows, columns), styles)
    return out.getvalue()


class _Styles:
    """Text has the format of text: edited in place, a name that looks like a formula stays a name."""

    def __init__(self, book):
        self.head = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
        self.text = book.add_format({"num_format": "@", "text_wrap": True, "valign": "top"})
        self.day = book.add_format({"num_format": "yyyy-mm-dd", "align": "left", "valign": "top"})
        self.number = book.add_format({"num_format": "#,##0.##", "valign": "top"})
        self.whole = book.add_format({"num_format": "#,##0", "valign": "top"})


def _write_rows(sheet, rows, columns, styles):
    for at, (heading, name, _) in enumerate(columns):
        sheet.set_column(at, at, _width(heading, (getattr(row, name) for row in rows)))
    for at, (heading, _, _) in enumerate(columns):
        sheet.write_string(0, at, heading, styles.head)
    for line, row in enumerate(rows, 1):
        for at, (_, name, _) in enumerate(columns):
            _write(sheet, line, at, getattr(row, name), styles)
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, max(len(rows), 1), len(columns) - 1)
    sheet.repeat_rows(0)


def _write_about(sheet, lines, styles):
    sheet.set_column(0, 0, 24)
    sheet.set_column(1, 1, 100)
    for line, (what, value) in enumerate(lines):
        sheet.write_string(line, 0, what, styles.head)
        _write(sheet, line, 1, value, styles)


def _write(sheet, line, at, value, styles):
    if isinstance(value, datetime.date):
        sheet.write_datetime(line, at, value, styles.day)
    elif isinstance(value, int):
        sheet.write_number(line, at, value, styles.whole)
    elif isinstance(value, float):
        sheet.write_number(line, at, value, styles.number)
    else:
        sheet.write_string(line, at, "" if value is None else str(value), styles.text)


def _width(heading, values):
    longest = max((len(str(value)) for value in values), default=0)
    return min(max(longest, len(heading) + 3) + 2, WIDEST)  # 3 for the filter's arrow


# The format in the address → its content type and what writes it.
FORMATS = {
    "csv": ("text/csv; charset=utf-8", as_csv),
    "xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", as_xlsx),
}
