"""Dates in doubt: what the state's list says otherwise than the record, and which of them to fix."""

import csv
import io

import openpyxl
import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction

from audit.models import Event, Reading
from cans.models import Obligation
from cases.models import CaseEvent
from exchange.doubt import WrongLines, absent, in_doubt, keep_list, rows_of, rows_of_absent, unknown
from exchange.models import StateLine, StateList
from exchange.reading import Unreadable
from staff.dates import written
from tests import factories, forms_world
from tests.factories import days

from .conftest import as_csv
from .test_reading import as_workbook


@pytest.fixture
def kept_case(house):
    return factories.make_case(primary=house.worker, region=house.region, opened=days(-100))


def line(case, **cells):
    """As it is on record."""
    episode = case.episodes.first()
    closed = episode.closed or ""
    return {"case_number": case.number, "opened": episode.opened, "closed": closed} | cells


@pytest.fixture
def doubts(house):
    def doubts(*lines, as_of=None):
        given = {"as_of": as_of or days(-1), "sha256": "0" * 64, "by": house.coordinator}
        kept = keep_list("list.csv", as_csv(lines), **given)
        return rows_of(in_doubt(kept, house.coordinator), kept)

    return doubts


def test_what_agrees_is_not_in_doubt(doubts, house, kept_case):
    closed = factories.make_case(
        primary=house.worker, region=house.region, opened=days(-100), closed=days(-40)
    )
    assert doubts(line(kept_case), line(closed)) == []


def test_each_date_that_differs(doubts, house, kept_case):
    child = factories.make_child(kept_case)
    wrong = line(kept_case, opened=days(-90), closed=days(-5), person_number=child.person_number)
    (row,) = doubts(wrong | {"due": days(3)})
    assert row.case == kept_case
    assert row.differences == (
        ("Opened", written(days(-100)), written(days(-90))),
        ("Closed", "open", written(days(-5))),
        (f"Due, child {child.person_number}", written(days(-70)), written(days(3))),
    )


def test_open_there_and_closed_here(doubts, house):
    closed = factories.make_case(
        primary=house.worker, region=house.region, opened=days(-100), closed=days(-40)
    )
    (row,) = doubts(line(closed, closed=""))
    assert row.differences == (("Closed", written(days(-40)), "open"),)


def test_a_due_date_alone_follows_from_the_dates(doubts, kept_case):
    child = factories.make_child(kept_case)
    agrees = line(kept_case, person_number=child.person_number, due=days(-70))
    (row,) = doubts(agrees, agrees | {"due": days(-71)})
    assert (row.line.line, row.fix) == (3, "in the state's system")
    assert "agree" in row.why


def test_a_later_due_date_there_may_be_a_cans_that_is_missing_here(doubts, kept_case):
    child = factories.make_child(kept_case)
    (row,) = doubts(line(kept_case, person_number=child.person_number, due=days(-69)))
    assert row.fix == "look in both"
    assert "a CANS that is there may be missing here" in row.why


@pytest.mark.parametrize(("approved", "differs"), [(-3, True), (-2, True), (-1, False)])
def test_what_was_approved_here_by_the_day_of_the_list_may_not_be_entered_there(
    doubts, kept_case, approved, differs
):
    """The commonest difference: what is approved here has still to be keyed in the state's system."""
    child = factories.make_child(kept_case)
    met = days(approved)
    Obligation.objects.filter(child=child, kind="initial").update(met_on=met, submitted_on=met)
    rows = doubts(line(kept_case, person_number=child.person_number, due=days(-70)), as_of=days(-2))
    assert len(rows) == differs
    for row in rows:
        assert row.differences[0][1].startswith(f"approved {written(met)}")
        assert row.fix == "in the state's system"
        assert "may not have been entered there" in row.why


def test_a_child_that_is_not_in_the_case(doubts, kept_case):
    factories.make_child(kept_case)
    (row,) = doubts(line(kept_case, person_number="777", due=days(-70)))
    assert row.differences == (("Due, child 777", "no such child in the case", written(days(-70))),)
    assert row.fix == "look in both"


def test_an_opening_of_a_case_of_which_only_an_earlier_one_is_in_the_list(doubts, house):
    again = factories.make_case(
        primary=house.worker, region=house.region, opened=days(-300), closed=days(-200)
    )
    first = line(again)
    again.episodes.create(opened=days(-100), authorised_through=days(80))
    assert doubts(first) == []
    kept = StateList.objects.get()
    (row,) = rows_of_absent(absent(kept, house.coordinator), kept)
    assert row.differences == (("Opened", written(days(-100)), "not in the list"),)
    # One that is open there on another day is told of where the days differ, and only there.
    assert len(doubts(first, first | {"opened": days(-99), "closed": ""})) == 1
    assert not absent(StateList.objects.latest("pk"), house.coordinator).exists()


def test_what_the_coordinator_puts_right_themselves(doubts, house, kept_case, client):
    """The way leads to a form that is theirs; nothing where the state's system is fixed."""
    closed = factories.make_case(
        primary=house.worker, region=house.region, opened=days(-100), closed=days(-40)
    )
    earlier = factories.make_case(
        primary=house.worker, region=house.region, opened=days(-100), closed=days(-40)
    )
    rows = doubts(
        line(kept_case, opened=days(-99)),
        line(closed, opened=days(-99), closed=""),
        line(earlier, opened=days(-100), closed=days(-41)),
    )
    assert [[words for words, _ in row.ways] for row in rows] == [
        ["Correct the opening"],
        ["Correct the opening", "Undo the closing"],
        ["Correct the closing date"],
    ]
    client.force_login(house.coordinator)
    assert {client.get(address).status_code for row in rows for _, address in row.ways} == {200}
    CaseEvent.objects.create(
        case=kept_case, kind="opened", on=days(-100), by=house.worker, sentence="IPS opened."
    )
    assert doubts(line(kept_case, opened=days(-99)))[0].ways == ()


def test_an_open_case_that_the_list_does_not_name(house, kept_case):
    """Of one's own regions, open then and now; what was recorded since the list is newer than it."""
    region = {"primary": house.worker, "region": house.region}
    named = factories.make_case(**region, opened=days(-100))
    since = factories.make_case(**region, opened=days(-100))
    CaseEvent.objects.create(
        case=since, kind="opened", on=days(-100), by=house.worker, sentence="IPS opened."
    )
    factories.make_case(**region, opened=days(0))
    factories.make_case(**region, opened=days(-100), closed=days(-40))
    factories.make_case(primary=house.worker, region=house.elsewhere, opened=days(-100))
    given = {"as_of": days(-1), "sha256": "0" * 64, "by": house.coordinator}
    kept = keep_list("list.csv", as_csv([line(named)]), **given)
    rows = rows_of_absent(absent(kept, house.coordinator), kept)
    assert [(row.case, row.fix) for row in rows] == [
        (kept_case, "look in both"),
        (since, "in the state's system"),
    ]
    assert rows[0].differences == (("Opened", written(days(-100)), "not in the list"),)
    assert list(absent(kept, house.coordinator, factories.make_agency())) == []
    assert absent(kept, house.coordinator, kept_case.agency).count() == 2


@pytest.mark.parametrize(("recorded", "fix"), [(-3, "here"), (-2, "here"), (-1, "in the state's system")])
def test_the_later_word_counts(doubts, house, kept_case, recorded, fix):
    CaseEvent.objects.create(
        case=kept_case,
        kind="opened",
        on=days(-100),
        at=factories.noon(recorded),
        by=house.worker,
        sentence="IPS opened.",
    )
    (row,) = doubts(line(kept_case, opened=days(-99)), as_of=days(-2))
    assert row.fix == fix


def test_cases_of_others_are_counted_and_not_told(house, kept_case):
    other = factories.make_case(primary=house.worker, region=house.elsewhere)
    lines = [line(other, opened=days(-1)), line(kept_case, case_number="NOBODYS"), line(kept_case)]
    given = {"as_of": days(0), "sha256": "0" * 64, "by": house.coordinator}
    kept = keep_list("list.csv", as_csv(lines), **given)
    assert list(in_doubt(kept, house.coordinator)) == []
    assert [row.line for row in unknown(kept, house.coordinator)] == [2, 3]


def test_a_list_changes_no_case_and_is_never_changed(doubts, kept_case):
    before = forms_world.stored()
    doubts(line(kept_case, opened=days(-1)))
    after = forms_world.stored()
    assert {told.split()[0] for told in forms_world.differences(before, after)} == {
        "exchange.statelist",
        "exchange.stateline",
    }
    for rows, change in [(StateLine.objects, {"closed": days(0)}), (StateList.objects, {"as_of": days(0)})]:
        with pytest.raises(IntegrityError, match="only added"), transaction.atomic():
            rows.update(**change)


def test_lines_that_are_wrong(doubts, kept_case):
    with pytest.raises(WrongLines, match="2 lines to put right") as told:
        doubts(line(kept_case, opened="soon"), line(kept_case, due=days(1)))
    assert [(one.line, one.column) for one in told.value.wrong] == [(2, "opened"), (3, "due")]
    assert not StateList.objects.exists()


@pytest.mark.parametrize("content", [b"", b"\xff", b"a,b\n1,2\n", b"PK\x03\x04 nonsense"])
def test_no_list(house, content):
    with pytest.raises(Unreadable):
        keep_list("list.csv", content, as_of=days(0), sha256="", by=house.coordinator)


def test_only_a_coordinator_keeps_one(house):
    with pytest.raises(PermissionDenied):
        keep_list("list.csv", b"", as_of=days(0), sha256="", by=house.supervisor)


class TestPage:
    @pytest.fixture
    def signed_in(self, client, house):
        client.force_login(house.coordinator)
        return client

    def test_from_nothing_to_a_workbook_to_the_rows_and_their_export(self, signed_in, kept_case):
        assert "Nothing to compare with yet" in signed_in.get("/reports/doubt/").content.decode()
        book = as_workbook({"whatever": [line(kept_case, opened=days(-99))]})
        given = {"file": SimpleUploadedFile("list.xlsx", book), "as_of": days(-1)}
        page = signed_in.post("/reports/doubt/upload/", given, follow=True).content.decode()
        assert "1 of 1 line differs" in page
        assert written(days(-99)) in page
        answer = signed_in.get("/reports/doubt/csv/").content.decode("utf-8-sig")
        _, row = csv.reader(io.StringIO(answer))
        assert row[:3] == [kept_case.number, kept_case.name, str(kept_case.agency)]
        assert row[4:8] == ["Opened", written(days(-100)), written(days(-99)), "here"]
        book = openpyxl.load_workbook(io.BytesIO(signed_in.get("/reports/doubt/xlsx/").content))
        assert list(book["Rows"].values)[1] == (*row[:3], int(row[3]), *row[4:])
        about = dict(book["About"].values)
        assert about["Filters"] == f"List: list.xlsx, as of {written(days(-1))}"
        assert Event.objects.filter(action="report.export", subject="dates-in-doubt").count() == 2
        left = Reading.objects.filter(page="export dates-in-doubt", case_number=kept_case.pk)
        assert left.count() == 2

    def test_a_line_with_two_dates_is_one_row_of_the_file(self, signed_in, doubts, kept_case):
        doubts(line(kept_case, opened=days(-99), closed=days(-9)))
        answer = signed_in.get("/reports/doubt/csv/").content.decode("utf-8-sig")
        _, row = csv.reader(io.StringIO(answer))
        assert row[4:7] == [
            "Opened; Closed",
            f"{written(days(-100))}; open",
            f"{written(days(-99))}; {written(days(-9))}",
        ]

    def test_every_number_opens_its_rows_and_the_file_has_them(self, signed_in, house, doubts, kept_case):
        other = factories.make_case(region=house.region, opened=days(-100))
        doubts(line(other, opened=days(-99)), line(kept_case, case_number="NOBODYS"))
        for words, query, rows in [
            ("1 of 2 lines differs", "show=differ", other.number),
            ("1 open case here is not in the list", "show=absent", kept_case.number),
            ("1 line names no case of yours, and is left out", "show=left-out", "NOBODYS"),
        ]:
            page = signed_in.get(f"/reports/doubt/?{query}").content.decode()
            assert words in page
            assert rows in page
            assert page.count('aria-current="true"') == 1
            file = signed_in.get(f"/reports/doubt/csv/?{query}")
            if query == "show=left-out":
                assert (file.status_code, file["Location"]) == (302, f"/reports/doubt/?{query}")
            else:
                (_, row) = csv.reader(io.StringIO(file.content.decode("utf-8-sig")))
                assert row[0] == rows

    def test_of_one_agency(self, signed_in, house, doubts, kept_case):
        other = factories.make_case(region=house.region, opened=days(-100))
        doubts(line(kept_case, opened=days(-99)), line(other, opened=days(-99)))
        page = signed_in.get(f"/reports/doubt/?agency={other.agency_id}").content.decode()
        assert "1 of 2 lines differs" in page
        assert other.name in page
        assert kept_case.name not in page
        file = signed_in.get(f"/reports/doubt/csv/?agency={other.agency_id}").content.decode("utf-8-sig")
        assert [row[0] for row in csv.reader(io.StringIO(file))][1:] == [other.number]
        assert "0 of 2 lines differ" in signed_in.get("/reports/doubt/?agency=999999").content.decode()

    def test_what_was_pasted_stays_beside_its_sentence(self, signed_in):
        given = {"text": "case_number,opened\nA-1,soon", "as_of": days(0)}
        page = signed_in.post("/reports/doubt/upload/", given).content.decode()
        assert "Line 2, opened: Write a day as 2025-03-31 or 03/31/2025." in page
        assert "A-1,soon" in page

    def test_a_day_to_come_and_nothing_chosen(self, signed_in):
        page = signed_in.post("/reports/doubt/upload/", {"as_of": days(1)}).content.decode()
        assert "This day has not come yet." in page
        assert "Choose a file, or paste the lines below." in page

    def test_each_coordinator_sees_their_own(self, client, house, doubts, kept_case):
        doubts(line(kept_case, opened=days(-99)))
        client.force_login(factories.make_coordinator(house.region))
        assert "Nothing to compare with yet" in client.get("/reports/doubt/").content.decode()

    def test_fifty_rows_a_page_and_always_as_many_questions(
        self, signed_in, house, doubts, django_assert_num_queries
    ):
        cases = [factories.make_case(primary=house.worker, region=house.region) for _ in range(51)]
        doubts(*[line(case, opened=days(-99)) for case in cases])
        signed_in.get("/reports/doubt/")
        with django_assert_num_queries(QUESTIONS):
            assert signed_in.get("/reports/doubt/").content.decode().count('<th scope="row"') == 50
        with django_assert_num_queries(QUESTIONS):
            assert signed_in.get("/reports/doubt/?page=2").content.decode().count('<th scope="row"') == 1


QUESTIONS = 15
