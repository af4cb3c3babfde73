"""A workbook and CSV files give the same rows; what is damaged, huge or computed gets a sentence."""

import csv
import datetime
import io
import zipfile

import pytest
from openpyxl import Workbook, load_workbook

from exchange.reading import ACCOUNTS, BY_COMMAND, IN_BROWSER, Unreadable
from exchange.sheets import BY_NAME
from exchange.template import workbook
from staff.models import Region
from tests import factories
from tests.factories import days
from tests.importing import checked, read

from .conftest import WHOLE, as_csv, case, files


def as_workbook(sheets):
    """With days and numbers as a spreadsheet holds them."""
    book = Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        page = book.create_sheet(name.removesuffix(".csv").title())
        for cells in csv.reader(io.StringIO(as_csv(rows).decode(), newline="")):
            page.append([_native(cell) for cell in cells])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _native(text):
    if text.isdigit():
        return int(text)
    try:
        return datetime.datetime.fromisoformat(text)
    except ValueError:
        return text or None


def rows_of(tables):
    return {
        name: [
            {column: row.cells[place] for column, place in (table.places | table.items).items()}
            for row in table.rows
        ]
        for name, table in tables.items()
    }


def test_a_workbook_and_csv_files_give_the_same(house):
    from_csv = {}
    for name, content in files(WHOLE):
        from_csv |= read(name, content, IN_BROWSER)
    from_book = read("cases.xlsx", as_workbook(WHOLE), IN_BROWSER)
    assert rows_of(from_book) == rows_of(from_csv)
    assert checked([("cases.xlsx", as_workbook(WHOLE))], by=house.coordinator).wrong == []


def test_the_template_is_read_again_and_only_its_invented_names_are_unknown(house):
    plan = checked([("cases.xlsx", workbook())], by=house.coordinator)
    assert {one.column for one in plan.wrong if one.sheet == "cases"} == {"region"}
    there = Region.objects.get(name=BY_NAME["cases"].by_name["region"].example)
    house.coordinator.region_grants.create(region=there, starts=days(0))
    for role, name in (("clinician", "worker"), ("clinician", "parallel")):
        factories.make_person(role, agency=house.agency, username=f"invented.{name}", name=f"Their {name}")
    assert checked([("cases.xlsx", workbook())], by=house.coordinator).wrong == []
    book = load_workbook(io.BytesIO(workbook()))
    assert book.sheetnames == [*(name.removesuffix(".csv") for name in IN_ORDER), "Read me"]
    assert book.active.title == "Read me"


IN_ORDER = [
    "cases.csv",
    "extensions.csv",
    "assignments.csv",
    *[name for name in WHOLE if name not in {"cases.csv", "extensions.csv"}],
    "decisions.csv",
    "waivers.csv",
]


def test_a_formula_is_named_and_not_computed(house):
    sheets = {"cases.csv": [case(case_name="=1+1")]}
    book = as_workbook(sheets)
    (one,) = checked([("cases.xlsx", book)], by=house.coordinator).wrong
    assert (one.column, one.sentence) == ("case_name", "It holds a formula. Put its value in its place.")


def packed(parts):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts:
            archive.writestr(name, content)
    return out.getvalue()


BOOK = as_workbook({"cases.csv": [case()]})


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("x.csv", b"", "nothing in it"),
        ("x.csv", b"\xff\xfe\x00", "not text in UTF-8"),
        ("x.csv", b"a,b\n1,2\n", "must name the columns"),
        ("x.csv", b"case_number,opened\n1,2\n", "lacks the columns case_name, agency, county,"),
        ("x.csv", b"case_number,requested,case_number\n1,2,3\n", "twice"),
        ("x.csv", b"case_number,requested,colour\n1,2,3\n", "has no column"),
        ("x.csv", b"case_number,requested\n", "no line below"),
        ("x.csv", b"case_number,requested\n1,2,3\n", "line 2: there are more cells"),
        ("x.csv", b'case_number,requested\n"1,2\n', "quotation marks"),
        ("x.csv", b"case_number,requested\n" + b"1,2\n" * 2_001, "more than 2,000 lines"),
        ("x.csv", b"x" * 1_000_001, "larger than 1,000 KB"),
        ("x.xlsx", b"not a workbook", "not an Excel workbook"),
        ("x.xlsx", BOOK[: len(BOOK) // 2], "not an Excel workbook"),
        ("x.xlsx", packed([("a.xml", "<a/>")]), "damaged"),
        ("x.xlsx", packed([(f"{n}.xml", "") for n in range(201)]), "more in this workbook"),
        ("x.xlsx", packed([("a.xml", b"0" * 20_000_001)]), "more in this workbook"),
        ("x.xlsx", as_workbook({"Other": [{"a": 1}]}), "none of the sheets"),
    ],
    # A workbook holds the second in which it was made, and the processes must name a test alike.
    ids=lambda value: "content" if isinstance(value, bytes) else value,
)
def test_a_file_that_cannot_be_read(name, content, sentence):
    with pytest.raises(Unreadable, match=sentence):
        read(name, content, ACCOUNTS)


def test_the_command_takes_more_than_the_browser():
    many = b"case_number,requested\n" + b"1,2\n" * 200_001
    assert len(read("x.csv", many, BY_COMMAND)["extensions"].rows) == 200_001
    with pytest.raises(Unreadable, match=r"200,000 lines.*by the command import_cases"):
        read("x.csv", many, IN_BROWSER)


def test_a_cell_in_the_last_row_of_a_sheet_is_told_and_not_read_up_to():
    book = Workbook()
    book.active.title = "cases"
    book.active.append(list(case()))
    book.active.append(list(map(str, case().values())))
    book.active.cell(row=1_048_576, column=1, value="x")
    out = io.BytesIO()
    book.save(out)
    with pytest.raises(Unreadable, match="After line 2 of “cases” more than 10,000 lines are empty"):
        read("cases.xlsx", out.getvalue(), IN_BROWSER)


def test_a_day_may_be_written_in_either_way(house):
    plan = checked(files({"cases.csv": [case(opened=f"{case()['opened']:%m/%d/%Y}")]}), by=house.coordinator)
    assert plan.wrong == []
