"""The page, its numbers and its file: the ladder of access, then totals = rows = export."""

import csv
import html
import io
import re

import pytest

from audit.models import Event
from cases.models import Case, Child
from reports.export import neutral
from reports.rows import GROUPS, NUMBERS
from staff.dates import written
from staff.gate import earliest_valid
from tests import factories
from tests.factories import days

from .conftest import missed_extension, owing

URL, CSV = "/reports/overdue/", "/reports/overdue/csv/"


def rows_on(page):
    """The rows of the table, each a tuple of the cells' text."""
    body = re.search(
        r'<caption class="visually-hidden">(?:Overdue CANS|Missed extensions|Due soon).*', page, re.S
    )
    if body is None:
        return []
    table = re.search(r"<tbody>(.*?)</tbody>", body[0], re.S)[1]
    return [
        tuple(_text(value) for value in re.findall(r"<p\b[^>]*>(.*?)</p>", row, re.S))
        for row in re.findall(r"<tr>(.*?)</tr>", table, re.S)
    ]


def _text(markup):
    without_act = re.sub(r'<a class="no-print".*?</a>', "", markup, flags=re.S)
    return html.unescape(re.sub(r"<[^>]+>", "", without_act)).strip()


def file_of(client, query=""):
    response = client.get(f"{CSV}?{query}")
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    return list(csv.reader(io.StringIO(response.content.decode("utf-8-sig"))))


def count_on(page):
    found = re.search(r'aria-label="Pages">\s*<p>(?:[\d,]+\D[\d,]+ of )?([\d,]+|None)</p>', page)
    return int(found[1]) if found else 0


@pytest.fixture
def here(client, everything, coordinator):
    client.force_login(coordinator)

    def get(query=""):
        response = client.get(f"{URL}?{query}")
        assert response.status_code == 200
        return response.content.decode()

    return get


# --- who -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("url", [URL, CSV, "/reports/due/", "/reports/due/csv/"])
class TestWho:
    def test_anonymous_signs_in(self, client, everything, url):
        assert client.get(url).status_code == 302

    def test_an_administrator_has_no_door(self, client, everything, administrator, url):
        client.force_login(administrator)
        assert client.get(url).status_code == 403

    def test_a_stranger_sees_nothing_of_it(self, client, everything, stranger, url):
        client.force_login(stranger)
        page = client.get(url).content.decode()
        assert not any(child.name in page for child in everything)
        assert "Cleo Clinician" not in page
        assert "Northfield" not in page

    def test_a_post_is_refused(self, client, everything, coordinator, url):
        client.force_login(coordinator)
        assert client.post(url).status_code == 405


def test_a_coordinator_of_another_region_sees_nothing(client, everything):
    client.force_login(factories.make_coordinator(factories.make_region("Elsewhere")))
    page = client.get(URL).content.decode()
    assert "Nothing is overdue" in page
    assert not any(child.name in page for child in everything)


def test_a_supervisor_sees_their_own_line_only(client, everything, supervisor, other_supervisor):
    theirs = factories.make_person("clinician", agency=supervisor.agency, supervisor=other_supervisor)
    elsewhere = owing(theirs, late=9)
    client.force_login(supervisor)
    page = client.get(URL).content.decode()
    assert len(rows_on(page)) == len(everything)
    assert elsewhere.name not in page
    assert theirs.name not in page
    client.force_login(other_supervisor)
    assert [row[0] for row in rows_on(client.get(URL).content.decode())] == [elsewhere.name]


def test_a_clinician_sees_the_rows_of_their_own_cases(client, everything, lapsed, clinician, lapsed_worker):
    client.force_login(lapsed_worker)
    assert [row[0] for row in rows_on(client.get(URL).content.decode())] == [lapsed.name]


def test_somebody_elses_number_in_a_filter_is_answered_as_a_free_one(client, everything, stranger, clinician):
    client.force_login(stranger)
    pages = [client.get(f"{URL}?clinician={pk}").content.decode() for pk in (clinician.pk, 999_999)]
    assert _text(pages[0].split("<main")[1]) == _text(pages[1].split("<main")[1])
    assert "No row fits these filters" in pages[0]


# --- numbers -------------------------------------------------------------------------------------


def test_each_row_says_everything(here, not_started, agency):
    [row] = [row for row in rows_on(here()) if row[0] == not_started.name]
    assert row[2] == "Initial"
    assert row[5:12] == (
        "3",
        "Not started",
        "Cleo Clinician",
        "Cleo Clinician",
        "Sana Supervisor",
        agency.name,
        not_started.memberships.get().case.region.name,
    )
    assert row[4].startswith("Due ")
    assert "30 days after IPS opened" in row[4]


FILTERS = [
    "",
    "age=8-30",
    "age=61",
    "reason=lapsed",
    "reason=not_started",
    "kind=initial",
    "kind=closing",
    "agency={agency}",
    "region={region}",
    "clinician={clinician}",
    "supervisor={supervisor}",
    "clinician={clinician}&age=31-60&reason=supervisor",
    "clinician={clinician}&age=31-60&reason=draft",
    "show=missed",
    "sort=-due",
    "sort=clinician&by=region",
]


@pytest.mark.parametrize("query", FILTERS)
def test_totals_rows_and_file_are_the_same(here, client, clinician, supervisor, agency, not_started, query):
    case = Case.objects.get(memberships__child=not_started)
    query = query.format(
        agency=agency.pk, region=case.region_id, clinician=clinician.pk, supervisor=supervisor.pk
    )
    page = here(query)
    rows, file = rows_on(page), file_of(client, query)
    assert count_on(page) == len(rows) == len(file) - 1
    more = len(NUMBERS)
    assert file[0] == [heading for group in (*GROUPS, NUMBERS) for heading, _, _ in group]
    for shown, line in zip(rows, file[1:], strict=True):
        assert list(shown[:3] + shown[4:]) == line[:3] + line[4:-more]  # the date is written out on the page
        child = Child.objects.get(name=line[0])
        assert line[-more:] == [case_of(child).number, child.person_number, str(case_of(child).lan)]


def case_of(child):
    return child.memberships.get().case


def test_the_headings_of_the_file_are_those_of_the_page(here, client):
    table = here().split("Overdue CANS</caption>")[1]
    columns = [_text(cell) for cell in re.findall(r"<th scope=\"col\".*?</th>", table, re.S)]
    headings = [heading.strip() for column in columns for heading in column.split(",")]
    assert headings == file_of(client)[0][: -len(NUMBERS)]


def test_the_bands_cover_every_row_once(client, clinician, coordinator):
    for late in (1, 7, 8, 30, 31, 60, 61, 400):
        owing(clinician, late=late)
    owing(clinician, late=0)
    client.force_login(coordinator)
    found = {
        band: sorted(int(row[5]) for row in rows_on(client.get(f"{URL}?age={band}").content.decode()))
        for band in ("1-7", "8-30", "31-60", "61")
    }
    assert found == {"1-7": [1, 7], "8-30": [8, 30], "31-60": [31, 60], "61": [61, 400]}


def test_sorted(here):
    ages = [int(row[5]) for row in rows_on(here())]
    assert ages == sorted(ages, reverse=True)
    assert [int(row[5]) for row in rows_on(here("sort=age"))] == sorted(ages)
    assert [int(row[5]) for row in rows_on(here("sort=-due"))] == sorted(ages)
    cases = [row[1] for row in rows_on(here("sort=case"))]
    assert cases == sorted(cases)
    people = [row[8] for row in rows_on(here("sort=-clinician"))]
    assert people == sorted(people, reverse=True)
    assert rows_on(here("sort=nonsense")) == rows_on(here())


def test_pages_hold_each_row_once(client, clinician, coordinator):
    for late in range(1, 121):
        owing(clinician, late=late % 7 + 1)
    client.force_login(coordinator)
    pages = [rows_on(client.get(f"{URL}?page={number}").content.decode()) for number in (1, 2, 3)]
    assert [len(page) for page in pages] == [50, 50, 20]
    assert len({row[1] for page in pages for row in page}) == 120
    assert len(file_of(client)) == 121
    assert len(rows_on(client.get(f"{URL}?page=nonsense").content.decode())) == 50


@pytest.mark.parametrize("query", ["agency=99999999", "clinician=99999999", "lan=99", "supervisor=none"])
def test_whoever_has_no_row_today_is_a_filter_with_none(here, client, query):
    """A view that was saved goes on answering when all of it is done."""
    page = here(query)
    assert "Choose again" not in page
    assert "No row fits these filters" in page
    assert '<option value="' in page
    assert "Not in this list today</option>" in page
    assert len(file_of(client, query)) == 1


@pytest.mark.parametrize(
    "query",
    [
        "age=5-6",
        "reason=laziness",
        "region=x",
        "clinician=%00",
        "supervisor=-1",
        "kind=&region=1e9",
        "clinician=9223372036854775808",
    ],
)
def test_a_filter_that_is_not_there_gets_a_sentence_and_no_rows(here, client, query):
    page = here(query)
    assert "Not in this list today. Choose again." in page
    assert rows_on(page) == []
    assert len(file_of(client, query)) == 1


def test_unknown_words_elsewhere_in_the_address_do_no_harm(here):
    whole = rows_on(here())
    assert rows_on(here("by=moon&sort=%00&page=-4&show=nothing&colour=red")) == whole


# --- missed and due soon -------------------------------------------------------------------------


def test_missed_extensions_have_a_list_of_their_own(here, client, not_started, clinician):
    overdue_before = rows_on(here())
    missed_extension(not_started, clinician)
    assert rows_on(here()) == overdue_before
    [row] = rows_on(here("show=missed"))
    assert (row[0], row[2], row[6]) == (not_started.name, "Extension", "Missed: no CANS can meet it any more")
    assert len(file_of(client, "show=missed")) == 2


def test_due_soon(client, clinician, coordinator, everything):
    due = [owing(clinician, late=-days) for days in (0, 14, 20, 45, 61)]
    client.force_login(coordinator)
    for within, names in [(14, due[:2]), (30, due[:3]), (60, due[:4])]:
        page = client.get(f"/reports/due/?within={within}").content.decode()
        assert [row[0] for row in rows_on(page)] == [child.name for child in names]
        file = client.get(f"/reports/due/csv/?within={within}").content.decode("utf-8-sig")
        assert [row[0] for row in csv.reader(io.StringIO(file))][1:] == [child.name for child in names]
    assert client.get("/reports/due/?within=nonsense").status_code == 200


@pytest.mark.parametrize(("within", "spans"), [(14, 1), (30, 2), (60, 3)])
def test_nothing_is_said_of_days_further_ahead_than_was_asked(client, clinician, coordinator, within, spans):
    owing(clinician, late=-3)
    client.force_login(coordinator)
    listing = client.get(f"/reports/due/?within={within}").context["listing"]
    said = [number.words for number in listing.in_bands()]
    assert said == [*["0 to 14 days", "15 to 30 days", "31 to 60 days"][:spans], "in all"]
    assert len(listing.bars()) == spans


def test_the_forecast_says_whose_credentials_lapse_before(client, clinician, coordinator, lapsed_worker):
    """Valid through the 20th day from today: what is due that day can still be entered, a day later not."""
    clinician.credentials.filter(kind="certification").update(on=earliest_valid(days(20)))
    expected = {
        owing(clinician, late=-20).name: "Valid on the due date",
        owing(clinician, late=-21).name: "Lapse before the due date",
        owing(lapsed_worker, late=-5).name: "Lapsed already, or nobody to write it",
    }
    client.force_login(coordinator)
    answer = client.get("/reports/due/?within=60&by=agency")
    assert {row.child_name: row.credentials_label for row in answer.context["page"]} == expected
    told = {row.child_name: row.lapses for row in answer.context["page"]}
    assert list(told.values())[1:] == ["", f"CANS 2.0 certification lapses after {written(days(20))}."]
    assert "CANS 2.0 certification lapsed after " in next(iter(told.values()))
    page = answer.content.decode()
    assert f"lapses after {written(days(20))}" in page
    links = re.findall(r'<a href="\?([^"#]*)"[^>]*>\s*(?:<strong>)?(\d+)(?:</strong>|<span)', page)
    assert len(links) > 8
    for href, number in links:
        assert count_on(client.get(f"/reports/due/?{html.unescape(href)}").content.decode()) == int(number), (
            href
        )
    file = client.get("/reports/due/csv/?within=60&credentials=lapsing").content.decode("utf-8-sig")
    (line,) = csv.DictReader(io.StringIO(file))
    assert line["Child"] == list(expected)[1]
    assert line["What lapses"] == f"CANS 2.0 certification lapses after {written(days(20))}."


# --- file ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n"])
def test_formulas_are_neutralised(start):
    assert neutral(f"{start}1+1") == f"'{start}1+1"


def test_a_formula_in_a_name_is_text_in_the_file(client, clinician, coordinator):
    child = owing(clinician, late=4)
    child.name = '=HYPERLINK("http://example.invalid","x")'
    child.save()
    client.force_login(coordinator)
    assert file_of(client)[1][0] == f"'{child.name}"
    assert file_of(client)[1][5] == "4"


def test_an_export_is_written_down(here, client, coordinator):
    response = client.get(f"{CSV}?reason=draft")
    assert response.content.startswith(b"\xef\xbb\xbf")
    assert re.fullmatch(
        r'attachment; filename="overdue-\d{4}-\d\d-\d\d\.csv"', response["Content-Disposition"]
    )
    event = Event.objects.get(action="report.export")
    assert (event.actor_number, event.detail["rows"]) == (coordinator.pk, 1)


def test_without_the_record_there_is_no_file(here, client, monkeypatch):
    def refuse(*args, **kwargs):
        raise RuntimeError("the record cannot be written")

    monkeypatch.setattr("reports.downloads.record", refuse)
    with pytest.raises(RuntimeError):
        client.get(CSV)


# --- cost ----------------------------------------------------------------------------------------


def test_the_number_of_queries_does_not_grow(
    client, clinician, supervisor, coordinator, django_assert_max_num_queries, everything
):
    def queries(url):
        with django_assert_max_num_queries(12) as captured:
            assert client.get(url).status_code == 200
        return len(captured)

    client.force_login(coordinator)
    urls = [URL, f"{URL}?sort=clinician&by=clinician", f"{URL}?clinician={clinician.pk}"]
    few = [queries(url) for url in urls]
    for number in range(60):
        person = clinician
        if number % 6 == 0:
            person = factories.make_person("clinician", agency=clinician.agency, supervisor=supervisor)
        owing(person, late=number + 1)
    assert [queries(url) for url in urls] == few
