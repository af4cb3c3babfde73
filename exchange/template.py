"""The workbook to fill in: a sheet each with its columns and one invented line, and one that explains."""

import datetime
import io

import xlsxwriter
from django.http import HttpResponse

from cans.models import InstrumentVersion

from .sheets import SHEETS

EXPLAINED = "Read me"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
WIDTH = 18
MADE = datetime.datetime(
    2026, 1, 1, tzinfo=datetime.UTC
)  # so that it is the same file whenever it is asked for


def workbook(sheets=SHEETS):
    """The content of the .xlsx file, its items those of the active instrument. What explains it is opened
    first and stands last: of a list, the first sheet is read."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        book.set_properties({"created": MADE})
        bold = book.add_format({"bold": True})
        for sheet in sheets:
            names, examples = _lines(sheet)
            _fill(book, sheet.name, names, examples, bold)
        heading = ["Sheet", "Column", "Needed", "What it holds"]
        explained = _fill(book, EXPLAINED, heading, _explained(sheets), bold)
        explained.set_column("D:D", 100)
        explained.activate()
    return out.getvalue()


def as_file(content, name):
    response = HttpResponse(content, content_type=XLSX)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _fill(book, name, heading, lines, bold):
    page = book.add_worksheet(name)
    page.set_column(0, len(heading) - 1, WIDTH)
    page.freeze_panes(1, 0)
    page.write_row(0, 0, heading, bold)
    for place, line in enumerate(lines, 1):
        page.write_row(place, 0, line)
    return page


def _explained(sheets):
    for sheet in sheets:
        yield [sheet.name, "", "", f"{sheet.words} Write over what is there: it is invented."]
        for column in sheet.columns:
            yield [sheet.name, column.name, "yes" if column.required else "", column.told]
        if sheet.items:
            yield [
                sheet.name,
                "a number or code",
                "",
                "A column for each item, named by its number or its code: 0, 1, 2, 3, N/A or U. Empty is not "
                "rated.",
            ]


def _lines(sheet):
    """The names of the columns, and what the invented lines have in them."""
    names = [column.name for column in sheet.columns]
    example = [column.example for column in sheet.columns]
    version = InstrumentVersion.objects.filter(active=True).first()
    if sheet.items and version is not None:
        items = version.instrument.items
        names += [str(item.number or item.code) for item in items]
        example += ["" if item.domain == "caregiver" else "1" for item in items]
    first = dict(zip(names, example, strict=True))
    return names, [list((first | other).values()) for other in ({}, *sheet.more)]
