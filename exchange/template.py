"""The workbook to fill in: a sheet each with its columns and one invented line, and one that explains."""

import io

from cans.models import InstrumentVersion

from .sheets import SHEETS

EXPLAINED = "Read me"
WIDTH = 18


def workbook():
    """The content of the .xlsx file, its items those of the active instrument."""
    from openpyxl import Workbook  # as in reading.py: nobody else need wait for it
    from openpyxl.styles import Font

    book = Workbook()
    explained = book.active
    explained.title = EXPLAINED
    _fill(explained, ["Sheet", "Column", "Needed", "What it holds"], _explained(), Font(bold=True))
    explained.column_dimensions["D"].width = 100
    for sheet in SHEETS:
        names, example = _lines(sheet)
        page = book.create_sheet(sheet.name)
        _fill(page, names, [example], Font(bold=True))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _fill(page, heading, lines, bold):
    page.append(heading)
    for line in lines:
        page.append(line)
    page.freeze_panes = "A2"
    for cell in page[1]:
        cell.font = bold
        page.column_dimensions[cell.column_letter].width = WIDTH


def _explained():
    for sheet in SHEETS:
        yield [sheet.name, "", "", f"{sheet.words} Write over the line that is there: it is invented."]
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
    """The names of the columns, and what the invented line has in them."""
    names = [column.name for column in sheet.columns]
    example = [column.example for column in sheet.columns]
    version = InstrumentVersion.objects.filter(active=True).first()
    if sheet.items and version is not None:
        items = version.instrument.items
        names += [str(item.number or item.code) for item in items]
        example += ["" if item.domain == "caregiver" else "1" for item in items]
    return names, example
