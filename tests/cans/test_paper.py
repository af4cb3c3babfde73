"""A CANS on paper: to key in, blank for a visit. That pages break well: tests/browser."""

import csv
import io
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from approvals import actions as approvals
from audit.models import Event, Reading
from cans import actions
from tests import factories

PAPERS = ["print", "blank", "family"]


def page_of(answer):
    return re.sub(r"\s+", " ", answer.content.decode())


def keyed(page):
    """(number, item, rating) of every line, as they are read from top to bottom."""
    line = (
        r'<tr class="paper-item"><td class="number">([^<]*)</td><th scope="row">(.*?)</th><td><b>([^<]*)</b>'
    )
    return re.findall(line, page)


@pytest.fixture
def get(client, clinician):
    client.force_login(clinician)

    def get(cans, name, query=""):
        answer = client.get(reverse(f"cans:{name}", args=[cans.pk]) + query)
        assert answer.status_code == 200
        return page_of(answer)

    return get


class TestPrint:
    def test_number_item_and_rating_in_the_order_of_the_form(self, get, approved):
        lines = keyed(get(approved, "print"))
        numbers = [int(number) for number, _, _ in lines if number.isdigit()]
        assert numbers == [*range(1, 72), 95]
        assert lines[0] == ("1", "Sexual Abuse", "1")
        assert len(lines) == 71 + 34

    def test_each_kind_of_rating(self, get, draft, clinician):
        sheet = draft.sheets.get(adult=None)
        ratings = [("life.sleep", ".", "3", False), ("strengths.vocational", ".", "n", False)]
        actions.rate(sheet, by=clinician, ratings=[*ratings, ("life.legal", ".", "u", False)])
        lines = {name: rating for _, name, rating in keyed(get(draft, "print"))}
        told = [lines[name] for name in ("Sleep", "Vocational", "Legal", "Medical")]
        assert told == ["3", "N/A", "U", "-"]

    def test_notes_come_after(self, get, draft, clinician):
        sheet = draft.sheets.get(adult=None)
        actions.annotate(sheet, by=clinician, notes={"life.sleep": "Wakes at <three>."})
        page = get(draft, "print")
        assert 'Sleep <span class="soft">(note)</span>' in page
        assert page.index("Wakes at &lt;three&gt;.") > page.index("Sexually Reactive Behavior")

    def test_only_an_approved_one_passes_for_one(self, get, draft, clinician, supervisor):
        assert "<strong>DRAFT</strong>" in get(draft, "print")
        factories.fill(draft)
        approvals.submit(draft, by=clinician)
        assert "<strong>DRAFT, SUBMITTED</strong>" in get(draft, "print")
        approvals.approve(draft, by=supervisor)
        page = get(draft, "print")
        assert "DRAFT" not in page
        assert "by Sana Supervisor" in page
        amendment = approvals.amend(draft, by=supervisor, author=clinician, reason="A wrong item.")
        approvals.void(amendment, by=clinician, reason="Not needed.")
        assert "<strong>VOIDED</strong>" in get(amendment, "print")

    def test_what_is_not_rated_is_said(self, get, draft, clinician):
        actions.explain_not_scored(
            draft.sheets.exclude(adult=None).get(), by=clinician, reason="Could not be reached."
        )
        page = get(draft, "print")
        assert "Early childhood, items 72 to 86: not rated for this child." in page
        assert "Fay Foster-Example is not scored: Could not be reached." in page
        assert len(keyed(page)) == 71


class TestBlank:
    def test_boxes_for_the_items_that_apply(self, get, draft):
        page = get(draft, "blank")
        assert page.count('class="paper-item"') == 71 + 34
        sleep = page[page.index("Sleep</th>") :].split("</tr>")[0]
        assert re.findall(r'<span class="box">(.*?)</span>', sleep) == ["0", "1", "2", "3", "U"]
        vocational = page[page.index("Vocational</th>") :].split("</tr>")[0]
        assert "N/A" in vocational

    def test_with_the_previous_ratings_or_without(self, get, approved, child, clinician):
        later = factories.make_draft(child, author=clinician, type="reassessment")
        assert get(later, "blank").count("was 1, watch, prevent") == 71 + 34 - 13 - 11
        page = get(later, "blank", "?previous=no")
        assert "was 1" not in page
        assert "With the previous ratings" in page

    def test_a_first_one_has_nothing_to_choose(self, get, draft):
        page = get(draft, "blank")
        assert "previous ratings" not in page
        assert get(draft, "blank", "?previous=%00").count("paper-item") == page.count("paper-item")


@pytest.mark.parametrize("name", PAPERS)
def test_ladder_and_reading(client, submitted, name, stranger, colleague, administrator, supervisor):
    address = reverse(f"cans:{name}", args=[submitted.pk])
    for person, status in [(stranger, 404), (colleague, 404), (administrator, 403)]:
        client.force_login(person)
        assert client.get(address).status_code == status
    assert not Reading.objects.exists()
    client.force_login(supervisor)
    assert client.get(address).status_code == 200
    assert Reading.objects.get().page == f"assessment {name}"


@pytest.mark.parametrize("name", PAPERS)
def test_queries_do_not_grow(client, draft, child, clinician, name):
    def counted():
        with CaptureQueriesContext(connection) as queries:
            assert client.get(reverse(f"cans:{name}", args=[draft.pk])).status_code == 200
        return len(queries)

    client.force_login(clinician)
    counted()
    few = counted()
    for _ in range(3):
        actions.add_sheet(draft, by=clinician, adult=factories.make_caregiver(child, role="parent"))
    factories.fill(draft)
    sheet = draft.sheets.get(adult=None)
    actions.annotate(sheet, by=clinician, notes={item.code: "A note." for item in sheet.items})
    assert counted() == few


class TestKeying:
    """The same as a table, to be keyed in elsewhere."""

    def rows(self, client, cans):
        answer = client.get(reverse("cans:keying", args=[cans.pk]))
        return list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))

    def test_the_child_by_number_then_each_caregiver(self, client, clinician, get, approved):
        heading, *rows = self.rows(client, approved)
        assert heading == ["Person", "Item number", "Item", "Rating", "Note"]
        assert [tuple(row[1:4]) for row in rows if row[1]] == [
            line for line in keyed(get(approved, "print")) if line[0].isdigit()
        ]
        assert len(rows) == 71 + 34
        names = list(dict.fromkeys(row[0] for row in rows))
        assert names == [approved.child.name, approved.sheets.get(adult__isnull=False).adult.name]

    def test_ratings_notes_and_what_is_not_rated(self, client, clinician, get, draft):
        sheet = draft.sheets.get(adult=None)
        actions.rate(sheet, by=clinician, ratings=[("strengths.vocational", ".", "n", False)])
        actions.annotate(sheet, by=clinician, notes={"life.sleep": "=1+1"})
        told = {row[2]: row[3:] for row in self.rows(client, draft)[1:]}
        assert told["Vocational"] == ["N/A", ""]
        assert told["Sleep"] == ["", "'=1+1"]

    def test_who_took_it_is_on_record(self, client, clinician, get, approved):
        self.rows(client, approved)
        event = Event.objects.get(action="assessment.export")
        assert (event.actor_number, event.case_number) == (clinician.pk, approved.case_id)
        assert event.detail == {"rows": 71 + 34}
        assert Reading.objects.get(page="assessment keying").children == [approved.child_id]
