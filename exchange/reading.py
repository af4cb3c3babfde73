"""What was sent, as rows: a workbook, a CSV file of one sheet, or a case as JSON all give the same."""

import csv
import datetime
import io
import re
import zipfile
from dataclasses import dataclass

from .progress import EVERY, Progress, finished
from .sheets import BY_NAME, SHEETS

MAX_COLUMNS = 400
MAX_PARTS = 200  # files inside a workbook
LAST_ROW = 1_048_576  # of a sheet, as Excel has it
MAX_EMPTY = 10_000  # lines one after the other; a cell in the last row of a sheet is a slip of the hand
LONGEST_CELL = 4_000
# What may be sent: through the browser, and to the command, which no proxy stands before.
IN_BROWSER = {"rows": 200_000, "size": 20_000_000, "unpacked": 500_000_000}
ACCOUNTS = {"rows": 2_000, "size": 1_000_000, "unpacked": 20_000_000}
A_LIST = {"rows": 50_000, "size": 5_000_000, "unpacked": 60_000_000}  # of dates alone
BY_COMMAND = {"rows": 2_000_000, "size": 500_000_000, "unpacked": 4_000_000_000}


class Unreadable(Exception):
    """The file as a whole cannot be read. Its text is a sentence fit to show."""


@dataclass(frozen=True)
class Row:
    """Its cells as text, in the order of the table's heading."""

    line: int
    cells: tuple


@dataclass(frozen=True)
class Table:
    """One sheet's rows. `places` says where each named column is, and `items` each column of an item."""

    sheet: object
    places: dict
    items: dict
    rows: list


def reading(name, content, limits):
    """The sheets of a file by name, each a Table. Raises Unreadable."""
    tables, left = {}, limits["rows"]
    for title, lines in _sheets_in(name, content, limits, BY_NAME):
        table = yield from _table(lines, BY_NAME.get(title), left, limits)
        if table is not None:
            if table.sheet.name in tables:
                raise Unreadable(f"There are two sheets of {table.sheet.name}.")
            tables[table.sheet.name] = table
            left -= len(table.rows)
    if not any(table.rows for table in tables.values()):
        raise Unreadable("There is no line below the names of the columns.")
    return tables


def read_list(name, content, limits, sheet):
    """The one Table of a file that is a list of this sheet: of a workbook the first page."""
    _, lines = next(iter(_sheets_in(name, content, limits, None)))
    table = finished(_table(lines, sheet, limits["rows"], limits))
    if table is None or not table.rows:
        raise Unreadable("There is no line below the names of the columns.")
    return table


def _sheets_in(name, content, limits, known):
    """(title, lines) of what is in the file; of a workbook the sheets that are `known`, or all."""
    if len(content) > limits["size"]:
        raise Unreadable(too_large(limits))
    if content.startswith(b"PK\x03\x04"):
        return _workbook(content, limits, known)
    if name.lower().endswith((".xlsx", ".xlsm", ".xls")):
        raise Unreadable("This is not an Excel workbook. Save it as “Excel Workbook (.xlsx)”.")
    return [("", _csv(content))]


def table_of(sheet, rows):
    """Rows that nobody wrote by hand, as dictionaries, in the same form; what is no column is left out,
    and of a sheet of items it is an item."""
    places = {column.name: at for at, column in enumerate(sheet.columns)}
    others = dict.fromkeys(name for cells in rows for name in cells if name not in places)
    items = {name: len(places) + at for at, name in enumerate(others)} if sheet.items else {}
    names = [*places, *items]
    found = [
        Row(line, tuple(cells.get(name, "") for name in names)) for line, cells in enumerate(rows, start=1)
    ]
    return Table(sheet, places, items, found)


def too_large(limits):
    return f"The file is larger than {limits['size'] // 1000:,} KB. {_too_much(limits)}"


def _too_much(limits):
    if limits is IN_BROWSER:
        return "Split it, or have it imported by the command import_cases where the program runs."
    return "Split it."


# --- from a file to lines of cells ----------------------------------------------------------------


def _csv(content):
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Unreadable("The file is not text in UTF-8. Save it as “CSV UTF-8”, or as .xlsx.") from None
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if not text.strip():
        raise Unreadable("There is nothing in it.")
    heading = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=heading.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    first = 1
    try:
        for cells in reader:
            yield first, [cell.strip() for cell in cells]
            first = reader.line_num + 1
    except csv.Error:
        raise Unreadable(
            f"Line {reader.line_num}: the quotation marks do not match, or a cell is too long."
        ) from None


def _workbook(content, limits, wanted):
    """(title, lines) of each sheet that is wanted. Nothing in it is computed."""
    from openpyxl import load_workbook  # takes half a second, which nobody else need wait for

    _check_parts(content, limits)
    try:
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=False, keep_links=False)
        known = [
            sheet for sheet in book.worksheets if wanted is None or sheet.title.strip().lower() in wanted
        ]
        if not known:
            names = ", ".join(sheet.name for sheet in SHEETS)
            raise Unreadable(f"It has none of the sheets that can be imported: {names}.")
        for sheet in known:
            yield sheet.title.strip().lower(), _lines_of(sheet)
    except Unreadable:
        raise
    except Exception as why:  # a damaged workbook breaks anywhere, with anything
        raise Unreadable("The workbook is damaged and cannot be read. Save it again.") from why


def _check_parts(content, limits):
    """A small file may unpack to a huge one: what it says of itself is what zipfile reads at most."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            parts = packed.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError):
        raise Unreadable("This is not an Excel workbook. Save it as “Excel Workbook (.xlsx)”.") from None
    if len(parts) > MAX_PARTS or sum(part.file_size for part in parts) > limits["unpacked"]:
        raise Unreadable(f"There is more in this workbook than can be read. {_too_much(limits)}")


def _lines_of(sheet):
    empty = 0
    for line, cells in enumerate(sheet.iter_rows(max_col=MAX_COLUMNS, max_row=LAST_ROW), start=1):
        found = [_text(cell) for cell in cells]
        empty = 0 if any(found) else empty + 1
        if empty > MAX_EMPTY:
            raise Unreadable(
                f"After line {line - empty} of “{sheet.title}” more than {MAX_EMPTY:,} lines are empty. "
                "Delete them, and whatever stands below them."
            )
        yield line, found


def _text(cell):
    """As it would stand in a CSV file. A formula stays its own text, which is then refused."""
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime.datetime):
        return value.date().isoformat() if value.time() == datetime.time.min else value.isoformat(" ")
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return f"{value:.0f}"
    if getattr(cell, "data_type", "") == "f":
        return FORMULA
    return str(value).strip()


FORMULA = "\ufdd0"  # no character: nobody can have typed it
# No database takes these, not even to look for. What else is odd the forms take too, and a whole case has it.
HALF_A_CHARACTER = re.compile("[\x00\ud800-\udfff]")


# --- from lines to a table ------------------------------------------------------------------------


def _table(lines, sheet, most, limits):
    """None for a sheet with nothing in it. Which `sheet` a CSV file is, its heading says."""
    lines = iter(lines)
    line, heading = next(((line, cells) for line, cells in lines if any(cells)), (0, []))
    if not heading:
        return None
    names = [_name(cell) for cell in heading]
    while names and not names[-1]:
        names.pop()
    sheet = sheet or _sheet_of(names)
    places, items = _places(sheet, names)
    rows = []
    for line, cells in lines:
        if any(cells):
            if len(rows) == most:
                raise Unreadable(f"There are more than {limits['rows']:,} lines. {_too_much(limits)}")
            rows.append(Row(line, _fitted(sheet, line, cells, len(names))))
            if len(rows) % EVERY == 0:
                yield Progress(f"Reading the sheet “{sheet.name}”", len(rows))
    if rows:
        yield Progress(f"Reading the sheet “{sheet.name}”", len(rows), len(rows))
    return Table(sheet, places, items, rows)


def _name(cell):
    return cell.strip().lower().replace(" ", "_")


def _sheet_of(names):
    """Which sheet a CSV file is: the first whose required columns it has, and no other column."""
    for sheet in SHEETS:
        others = {name for name in names if name and name not in sheet.by_name}
        if sheet.required <= set(names) and (not others or (sheet.items and all(map(_is_item, others)))):
            return sheet
    close = max(SHEETS, key=lambda sheet: len(set(names) & set(sheet.by_name)))
    if not set(names) & set(close.by_name):
        raise Unreadable("The first line must name the columns, as in the template.")
    return close


def _is_item(name):
    """As an item's number or code looks."""
    return name.isdigit() or "." in name


def _places(sheet, names):
    where = f"The sheet of {sheet.name}"
    if len(names) > MAX_COLUMNS:
        raise Unreadable(f"{where} has more than {MAX_COLUMNS} columns.")
    doubled = sorted({name for name in names if name and names.count(name) > 1})
    if doubled:
        raise Unreadable(f"{where} has the column {_shown(doubled[0])} twice.")
    missing = [column.name for column in sheet.columns if column.required and column.name not in names]
    if missing:
        columns = "columns" if len(missing) > 1 else "column"
        raise Unreadable(f"{where} lacks the {columns} {', '.join(missing)} in its first line.")
    others = {name: at for at, name in enumerate(names) if name and name not in sheet.by_name}
    if others and not sheet.items:
        known = ", ".join(sheet.by_name)
        raise Unreadable(f"{where} has no column {_shown(next(iter(others)))}. Its columns are: {known}.")
    return {name: at for at, name in enumerate(names) if name in sheet.by_name}, others


def _shown(name):
    return f"“{''.join(one for one in name[:40] if one.isprintable())}”"


def _fitted(sheet, line, cells, width):
    if any(cells[width:]):
        raise Unreadable(
            f"{sheet.name.capitalize()}, line {line}: there are more cells than names of columns."
        )
    return tuple(cells[:width] + [""] * (width - len(cells)))


def unfit(text):
    """A sentence where a cell holds what no column takes."""
    if text == FORMULA:
        return "It holds a formula. Put its value in its place."
    if len(text) > LONGEST_CELL:
        return f"It is longer than {LONGEST_CELL} characters."
    return "It holds a character that cannot be shown." if HALF_A_CHARACTER.search(text) else ""
