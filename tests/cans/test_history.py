"""Where a rating comes from: its history in words, and how much of a CANS was carried."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from approvals import actions as approvals
from audit.models import Reading
from cans import actions
from cans.facts import sheets_of
from cans.history import Share, carried_share, history_of, last_changes
from tests import factories

SLEEP, NEGLECT = "life.sleep", "trauma.neglect"


def child_sheet(draft):
    sheet = draft.sheets.select_related("assessment__case").get(adult=None)
    sheet.assessment = draft
    return sheet


def item_of(sheet, code):
    return next(item for item in sheet.items if item.code == code)


def page_of(answer):
    return re.sub(r"\s+", " ", answer.content.decode())


@pytest.fixture
def rated(draft, clinician):
    """Sleep set, changed, taken back and carried; Neglect chosen once."""
    sheet = child_sheet(draft)
    for seen, value, carried in [(".", "2", False), ("2", "1", False), ("1", ".", False), (".", "1", True)]:
        actions.rate(sheet, by=clinician, ratings=[(SLEEP, seen, value, carried)])
    actions.rate(sheet, by=clinician, ratings=[(NEGLECT, ".", "3", False)])
    return sheet


def test_every_change_in_words(rated):
    told = history_of(rated, item_of(rated, SLEEP))
    assert [(one.sentence, one.how) for one in told] == [
        ("Rated 2, act", "Chosen by hand."),
        ("Changed from 2, act to 1, watch, prevent", "Chosen by hand."),
        ("Taken back; it was 1, watch, prevent", "Taken back by hand."),
        ("Rated 1, watch, prevent", "Repeated from the last approved CANS."),
    ]


def test_the_last_change_of_each(rated, clinician):
    last = last_changes([rated])
    assert len(last) == 2
    sleep = last[rated.pk, item_of(rated, SLEEP).position]
    assert (sleep.before, sleep.after, sleep.carried, sleep.by) == (".", "1", True, clinician)


class TestShare:
    def test_by_the_last_change_of_the_items_that_apply(self, draft, rated, clinician):
        assert carried_share(sheets_of(draft)) == Share(105, carried=1, chosen=1)
        actions.rate(rated, by=clinician, ratings=[(SLEEP, "1", "2", False)])
        assert carried_share(sheets_of(draft)) == Share(105, carried=0, chosen=2)
        actions.rate(rated, by=clinician, ratings=[(NEGLECT, "3", ".", False)])
        assert carried_share(sheets_of(draft)) == Share(105, chosen=1)

    def test_not_of_a_section_that_is_left_out_or_somebody_not_scored(self, draft, clinician):
        actions.set_domains(draft, by=clinician, early=True, transition=False)
        actions.rate(child_sheet(draft), by=clinician, ratings=[("early.motor", ".", "1", True)])
        assert carried_share(sheets_of(draft)) == Share(120, carried=1)
        actions.set_domains(draft, by=clinician, early=False, transition=False)
        caregiver = draft.sheets.exclude(adult=None).get()
        actions.rate(caregiver, by=clinician, ratings=[("caregiver.safety", ".", "1", True)])
        actions.explain_not_scored(caregiver, by=clinician, reason="Away.")
        assert carried_share(sheets_of(draft)) == Share(71)

    def test_an_amendment_begins_with_what_it_amends(self, approved, supervisor, clinician):
        amendment = approvals.amend(approved, by=supervisor, author=clinician, reason="A wrong item.")
        actions.rate(child_sheet(amendment), by=clinician, ratings=[(SLEEP, "1", "2", False)])
        assert carried_share(sheets_of(amendment)) == Share(105, chosen=1, copied=104)

    def test_one_query(self, draft, rated):
        sheets = sheets_of(draft)
        with CaptureQueriesContext(connection) as queries:
            assert carried_share(sheets).rated == 2
        assert len(queries) == 1

    def test_on_the_pages(self, client, draft, rated, clinician):
        client.force_login(clinician)
        for name in ("detail", "summary"):
            page = page_of(client.get(reverse(f"cans:{name}", args=[draft.pk])))
            assert "Carried over: 1 of 105." in page
            assert "Chosen by hand: 1." in page

    def test_on_the_review(self, client, submitted, supervisor):
        client.force_login(supervisor)
        page = page_of(client.get(reverse("approvals:review", args=[submitted.pk])))
        assert "Carried over" not in page  # there is no earlier CANS to carry from
        assert "105 stand without a change on record" in page


class TestPage:
    def address(self, sheet, code=SLEEP):
        return reverse("cans:history", args=[sheet.assessment_id, sheet.pk, code])

    def test_who_what_and_when(self, client, draft, rated, clinician):
        actions.annotate(rated, by=clinician, notes={SLEEP: "An invented note."})
        client.force_login(clinician)
        page = page_of(client.get(self.address(rated)))
        assert "History of Sleep (39)" in page
        assert page.count(", by Cleo Clinician") == 4
        assert re.search(r"\d+:\d\d [AP]M C[SD]T", page)
        assert "An invented note." in page
        assert f'href="{self.address(rated)}"' in page_of(client.get(draft.get_absolute_url()))

    def test_the_cans_before(self, client, approved, child, clinician):
        later = factories.make_draft(child, author=clinician, type="reassessment")
        client.force_login(clinician)
        page = page_of(client.get(self.address(child_sheet(later))))
        assert "In the last approved CANS, assessed on" in page
        assert "1, watch, prevent" in page

    def test_the_reviewers_words(self, client, submitted, supervisor):
        sheet = child_sheet(submitted)
        approvals.return_for_revision(
            submitted, by=supervisor, reason="Look again.", comments=[(sheet, SLEEP, "Say more.")]
        )
        client.force_login(supervisor)
        assert "Say more." in page_of(client.get(self.address(sheet)))

    def test_an_amendment_leads_to_the_one_it_amends(self, client, approved, supervisor, clinician):
        amendment = approvals.amend(approved, by=supervisor, author=clinician, reason="A wrong item.")
        client.force_login(clinician)
        page = page_of(client.get(self.address(child_sheet(amendment))))
        assert f'href="{self.address(child_sheet(approved))}"' in page

    def test_never_rated(self, client, draft, clinician):
        client.force_login(clinician)
        assert "Nobody has rated it" in page_of(client.get(self.address(child_sheet(draft))))

    def test_ladder_and_what_is_not_there(
        self, client, rated, stranger, colleague, administrator, coordinator, draft
    ):
        for person, status in [(stranger, 404), (colleague, 404), (administrator, 403), (coordinator, 200)]:
            client.force_login(person)
            assert client.get(self.address(rated)).status_code == status
        assert Reading.objects.get().page == "assessment history"
        caregiver = draft.sheets.exclude(adult=None).get()
        for sheet, code in [
            (rated, "caregiver.safety"),
            (caregiver, SLEEP),
            (rated, "no%00"),
            (rated, "x" * 99),
        ]:
            assert client.get(self.address(sheet, code)).status_code == 404
        other = factories.make_draft(factories.make_child(draft.case), author=draft.author).sheets.get()
        for pk in (10**9, other.pk):
            assert client.get(reverse("cans:history", args=[draft.pk, pk, SLEEP])).status_code == 404
        assert client.post(self.address(rated)).status_code == 405

    def test_queries_do_not_grow(self, client, rated, clinician):
        def counted():
            with CaptureQueriesContext(connection) as queries:
                assert client.get(self.address(rated)).status_code == 200
            return len(queries)

        client.force_login(clinician)
        counted()
        few = counted()
        for seen, value in [("1", "2"), ("2", "3"), ("3", "0")]:
            actions.rate(rated, by=clinician, ratings=[(SLEEP, seen, value, False)])
        assert counted() == few
