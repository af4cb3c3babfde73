"""The amended CANS and its amendment beside each other, and that one of the two counts everywhere."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from approvals import actions
from cans import actions as cans_actions
from cans.facts import dates_of, sheets_of
from cans.models import Assessment, Obligation
from cans.views.amended import amendments_about
from reports import overdue
from staff.dates import today
from tests import factories
from tests.factories import days

from .conftest import rate
from .test_review_page import submit

SLEEP, NEGLECT = "life.sleep", "trauma.neglect"


@pytest.fixture
def amendment(approved, supervisor, clinician):
    draft = actions.amend(approved, by=supervisor, author=clinician, reason="A wrong item.")
    rate(draft, SLEEP, "3")
    child = draft.sheets.get(adult=None)
    cans_actions.annotate(child, by=clinician, notes={NEGLECT: "By the school's letter."})
    return draft


def approve(amendment, supervisor):
    submit(amendment)
    actions.approve(amendment, by=supervisor)


def told(assessment):
    (one,) = amendments_about(assessment, sheets_of(assessment))
    rows = [(row.name.split(" (")[0], row.before[0], row.after[0], row.notes) for row in one.differences]
    return one.in_force, sorted(rows)


class TestSideBySide:
    CHANGES = [
        ("Neglect", "1", "1", ("", "By the school's letter.")),
        ("Sleep", "1", "3", None),
    ]

    def test_on_both_pages_and_which_is_in_force(self, approved, amendment, supervisor):
        assert told(approved) == told(amendment) == (approved, self.CHANGES)
        approve(amendment, supervisor)
        assert told(approved) == told(amendment) == (amendment, self.CHANGES)

    def test_somebody_who_is_not_scored_in_the_amendment(self, approved, amendment, clinician):
        sheet = amendment.sheets.exclude(adult=None).get()
        cans_actions.explain_not_scored(sheet, by=clinician, reason="Moved away.")
        (one,) = amendments_about(approved, sheets_of(approved))
        of_adult = [row for row in one.differences if row.name == sheet.adult.name]
        assert [(row.before, row.after) for row in of_adult] == [("scored", "not scored: Moved away.")]

    def test_a_voided_amendment_is_none(self, approved, amendment, clinician):
        actions.void(amendment, by=clinician, reason="Not needed.")
        assert amendments_about(approved, sheets_of(approved)) == []

    def test_of_a_chain_the_middle_one_tells_both(self, approved, amendment, supervisor, clinician):
        approve(amendment, supervisor)
        third = actions.amend(amendment, by=supervisor, author=clinician, reason="Another wrong item.")
        found = amendments_about(amendment, sheets_of(amendment))
        assert [(one.amended, one.by) for one in found] == [(approved, amendment), (amendment, third)]
        assert found[1].differences == []

    def test_the_pages(self, client, approved, amendment, supervisor, clinician):
        client.force_login(clinician)
        original = client.get(f"/cans/{approved.pk}/").content.decode()
        assert f"Amended by CANS {amendment.pk}" in original
        assert "This one is in force</strong> until the amendment is approved" in " ".join(original.split())
        approve(amendment, supervisor)
        original = client.get(f"/cans/{approved.pk}/").content.decode()
        assert f"CANS {amendment.pk} is in force" in " ".join(original.split())
        assert f'href="/cans/{amendment.pk}/"' in original
        new = client.get(f"/cans/{amendment.pk}/").content.decode()
        assert "What this amends" in new
        assert f'href="/cans/{approved.pk}/"' in new
        assert "Note: By the school&#x27;s letter." in new

    def test_the_amended_one_reads_as_it_was_approved(self, approved, amendment, supervisor):
        before = [(sheet.adult_id, sheet.ratings) for sheet in approved.sheets.all()]
        approve(amendment, supervisor)
        assert [(sheet.adult_id, sheet.ratings) for sheet in approved.sheets.all()] == before

    def test_queries_do_not_grow_with_what_differs(self, client, approved, amendment, supervisor, clinician):
        client.force_login(clinician)
        counts = []
        for _ in range(2):
            client.get(f"/cans/{approved.pk}/")
            with CaptureQueriesContext(
                connection,
            ) as queries:
                client.get(f"/cans/{approved.pk}/")
            counts.append(len(queries))
            for item in amendment.sheets.get(adult=None).applicable_items[40:70]:
                rate(amendment, item.code, "2")
        assert counts[0] == counts[1]


class TestOneInForce:
    """The original, whose first six-month date is past, and an amendment of it that is approved."""

    @pytest.fixture
    def long_ago(self, clinician, supervisor):
        case = factories.make_case(primary=clinician, opened=days(-250))
        draft = factories.make_draft(
            factories.make_child(case), author=clinician, rated="1", assessed_on=days(-230)
        )
        submit(draft)
        actions.approve(draft, by=supervisor)
        return draft

    @pytest.fixture
    def amended(self, long_ago, clinician, supervisor):
        draft = actions.amend(long_ago, by=supervisor, author=clinician, reason="A wrong item.")
        approve(draft, supervisor)
        return draft

    def test_obligations_name_it_once_and_timeliness_is_the_originals(self, long_ago, amended):
        rows = Obligation.objects.current().filter(child=long_ago.child_id)
        initial = rows.get(kind="initial")
        assert (initial.met_by, initial.submitted_on) == (amended, long_ago.first_submitted_on)
        assert rows.get(kind="six_month").source == f"six_month:{long_ago.pk}"
        assert not rows.filter(met_by=long_ago).exists()

    def test_overdue_and_due_soon_ask_for_the_same_dates_as_before(
        self, long_ago, clinician, supervisor, coordinator
    ):
        def asked():
            questions = overdue.owed(coordinator), overdue.due_soon(coordinator, 60)
            return [list(rows.values_list("kind", "due", "child")) for rows in questions]

        before = asked()
        assert [kind for kind, _, _ in before[0]] == ["six_month"]
        draft = actions.amend(long_ago, by=supervisor, author=clinician, reason="A wrong item.")
        assert asked() == before
        submit(draft)
        assert asked() == before
        actions.approve(draft, by=supervisor)
        assert asked() == before

    def test_the_next_one_is_compared_with_it(self, long_ago, amended, clinician):
        case = amended.case
        following = cans_actions.start(amended.child, case, by=clinician, assessed_on=today())
        assert following.based_on == amended
        assert Assessment.objects.latest_approved_of(amended.child, amended.case) == amended

    def test_the_page_of_the_amended_one_owes_and_meets_nothing(self, long_ago, amended):
        assert dates_of(long_ago).met == ()
        assert [row.met_by for row in dates_of(amended).met] == [amended]
