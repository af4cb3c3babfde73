"""The workbook of a list, read back and compared with the page it was exported from."""

import datetime
import hashlib
import io
import re

import openpyxl
import pytest
from django.urls import reverse

from audit.models import Event, Reading
from cases.models import Case, Child
from exchange import doubt_views
from reports import change, downloads, opening, submission, turnaround_files, waiting_views
from reports.definitions import COLUMNS
from reports.export import FORMATS, neutral
from reports.readings import note_shown
from reports.rows import GROUPS, GROUPS_TO_COME, NUMBERS
from reports.timeliness import GROUPS_OF_MONTHS
from staff.dates import today
from tests import factories

from .conftest import owing
from .test_overdue_page import file_of, rows_on

pytestmark = pytest.mark.django_db
PAGE, EXCEL = "/reports/overdue/", "/reports/overdue/xlsx/"
KIND = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def book_of(client, address=EXCEL, query=""):
    response = client.get(f"{address}?{query}")
    assert response["Content-Type"] == KIND
    return openpyxl.load_workbook(io.BytesIO(response.content))


def about(book):
    return dict(book["About"].iter_rows(values_only=True))


@pytest.fixture
def here(client, everything, coordinator):
    client.force_login(coordinator)
    return client


@pytest.mark.parametrize("query", ["", "reason=draft", "sort=-age", "age=8-30&sort=child"])
def test_page_csv_and_workbook_have_the_same_rows_in_the_same_order(here, query):
    head, *lines = book_of(here, query=query)["Rows"].iter_rows(values_only=True)
    assert list(head) == file_of(here, query)[0]
    as_text = [
        [neutral(cell.date() if isinstance(cell, datetime.datetime) else cell) for cell in line]
        for line in lines
    ]
    assert [[str(cell) for cell in line] for line in as_text] == file_of(here, query)[1:]
    on_page = rows_on(here.get(f"{PAGE}?{query}").content.decode())
    assert [line[0] for line in lines] == [row[0] for row in on_page]
    assert lines


def test_dates_are_dates_and_days_are_numbers(here):
    sheet = book_of(here)["Rows"]
    columns = {cell.value: cell.column for cell in sheet[1]}
    due, late = (sheet.cell(2, columns[heading]) for heading in ("Due", "Days late"))
    assert (due.is_date, late.data_type) == (True, "n")
    assert (today() - due.value.date()).days == late.value


def test_the_sheet_is_ready_to_be_worked_with(here):
    sheet = book_of(here)["Rows"]
    assert sheet.freeze_panes == "A2"
    assert sheet.auto_filter.ref == sheet.dimensions
    widths = [sheet.column_dimensions[cell.column_letter].width for cell in sheet[1]]
    assert all(len(cell.value) < width for cell, width in zip(sheet[1], widths, strict=True))


@pytest.mark.parametrize("start", ["=1+1", "+1", "-1", "@a", "http://example.invalid/"])
def test_a_name_is_never_a_formula_nor_a_link(client, clinician, coordinator, start):
    child = owing(clinician, late=4)
    child.name = start
    child.save()
    client.force_login(coordinator)
    cell = book_of(client)["Rows"]["A2"]
    assert (cell.value, cell.data_type, cell.number_format, cell.hyperlink) == (start, "s", "@", None)


def test_the_second_sheet_says_what_the_rows_are(here, coordinator):
    book = book_of(here, query="reason=draft&sort=-child")
    said = about(book)
    assert said["As of"].date() == today()
    assert said["Rows"] == book["Rows"].max_row - 1 == 1
    assert said["Filters"] == "Why: In draft; Sorted by: Child, from last to first"
    assert said["Exported by"] == coordinator.name
    assert said["Exported on"].endswith("(America/Chicago)")
    assert said["What is in it"] in here.get(PAGE).content.decode()
    assert [cell.value for cell in book["Rows"][1]] == list(said)[-book["Rows"].max_column :]


def test_every_column_of_a_list_is_defined():
    grouped = (GROUPS, GROUPS_TO_COME, GROUPS_OF_MONTHS, submission.GROUPS, opening.CHILDLESS_GROUPS)
    lists = [group for groups in grouped for group in groups]
    lists += [NUMBERS, change.COLUMNS, change.CHILDREN, doubt_views.COLUMNS, waiting_views.COLUMNS]
    lists += [turnaround_files.SUPERVISORS, turnaround_files.DECISIONS, turnaround_files.CAME_DUE]
    assert {heading for columns in lists for heading, *_ in columns} == set(COLUMNS)


def test_the_record_says_the_format_and_the_number_of_rows(here):
    book_of(here, query="reason=draft")
    detail = Event.objects.get(action="report.export").detail
    assert (detail["format"], detail["rows"], detail["filters"]) == ("xlsx", 1, "reason=draft")


def test_a_day_that_is_past_and_what_is_to_come(here):
    day = today() - datetime.timedelta(days=10)
    assert about(book_of(here, query=f"on={day}"))["As of"].date() == day
    assert about(book_of(here, "/reports/due/xlsx/", "within=60"))["Report"] == "Due in 60 days"


def test_nothing_is_exported_for_a_filter_that_is_not_there(here):
    book = book_of(here, query="reason=laziness")
    assert book["Rows"].max_row == 1
    assert "no row" in about(book)["Filters"]


def test_who_has_no_row_today_is_named_so_in_the_file(here):
    book = book_of(here, query="agency=999999")
    assert book["Rows"].max_row == 1
    assert "Agency: Not in this list today" in about(book)["Filters"]


def test_others_rows_are_not_in_it(client, everything):
    client.force_login(factories.make_coordinator(factories.make_region("Elsewhere")))
    assert book_of(client)["Rows"].max_row == 1


def test_without_the_record_there_is_no_workbook(here, monkeypatch):
    def refuse(*args, **kwargs):
        raise RuntimeError("the record cannot be written")

    monkeypatch.setattr(downloads, "record", refuse)
    with pytest.raises(RuntimeError):
        here.get(EXCEL)


# --- whose record a file takes along -----------------------------------------------------------------


def taken_along(client, case):
    """What the page that says who opened the record says of files."""
    text = client.get(reverse("audit:case", args=[case.pk])).content.decode()
    return re.findall(r"in a file of the list “([^”]*)”(?:: ([^<]*))?<", text)


LISTS = {
    "overdue": ("/reports/overdue/", "age=31-60"),
    "due in 60 days": ("/reports/due/", "within=60"),
    "timeliness 12 months": ("/reports/timeliness/", "months=12"),
    "opening status": ("/reports/opening/", ""),
    "submission": ("/reports/submission/", f"first={factories.days(-1)}"),
}


@pytest.mark.parametrize("file_format", FORMATS)
@pytest.mark.parametrize("name", LISTS)
def test_who_opened_a_record_names_the_file_it_left_in(
    here, with_supervisor, not_started, clinician, name, file_format
):
    """With its child; and nothing of it with a case that was not in the file."""
    owing(clinician, late=-3, name="Soon Invented")
    page, query = LISTS[name]
    of = {row.case: row.child for row in here.get(f"{page}?{query}").context["page"].object_list}
    assert of
    here.get(f"{page}{file_format}/?{query}")
    for case in Case.objects.all():
        names = [(name, Child.objects.get(pk=of[case.pk]).name)] if case.pk in of else []
        assert taken_along(here, case) == names


def test_a_reading_a_case_by_the_grant_that_opened_it(here, everything, coordinator):
    here.get("/reports/overdue/csv/")
    readings = Reading.objects.filter(page="export overdue")
    shown = {row.case: [row.child] for row in here.get(PAGE).context["page"].object_list}
    assert {one.case_number: one.children for one in readings} == shown
    assert {one.grant for one in readings} == {f"region {coordinator.region_grants.get().pk}"}
    assert {one.chain for one in readings} == set(
        Case.objects.filter(pk__in=shown).values_list("agency", flat=True)
    )


def test_the_record_says_which_file_of_which_day_by_which_filters(here):
    filters = "&".join(["reason=draft", *(f"of=a-long-address-{number}" for number in range(40))])
    answer = here.get(f"{EXCEL}?{filters}")
    detail = Event.objects.get(action="report.export").detail
    assert detail["filters"] == filters
    assert detail["as_of"] == today().isoformat()
    assert detail["sha256"] == hashlib.sha256(answer.content).hexdigest()


def test_twenty_thousand_rows_are_on_record_in_a_moment(
    coordinator, clinician, django_assert_max_num_queries
):
    """A statement for a hundred cases or so, and none for each."""
    cases = [factories.make_case(primary=clinician) for _ in range(220)]
    shown = [(case.pk, child) for case in cases for child in range(1, 4)]
    note_shown("export overdue", by=coordinator, shown=shown)
    with django_assert_max_num_queries(6):
        note_shown("export overdue", by=coordinator, shown=shown)
    assert Reading.objects.filter(page="export overdue", children=[1, 2, 3]).count() == 440
