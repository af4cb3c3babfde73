"""A caregiver whom siblings share: found, set side by side, and confirmed sheet by sheet."""

import re

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from approvals import actions as approvals
from audit.models import Event, Reading
from cans import actions
from cans.confirming import confirm_sheet
from cans.facts import sheets_of
from cans.models import Contribution, RatingChange, Sheet
from cans.siblings import fingerprint, plan, siblings_of
from cases.models import Adult
from staff.models import Credential
from staff.refusals import NotNow
from tests import factories
from tests.factories import days
from tests.racing import at_once, one_winner

SAFETY, DISCIPLINE, SUPERVISION = "caregiver.safety", "caregiver.discipline", "caregiver.supervision"


def of_caregiver(draft, adult):
    sheet = draft.sheets.select_related("assessment__case", "adult").get(adult=adult)
    sheet.assessment = draft
    return sheet


def page_of(answer):
    return re.sub(r"\s+", " ", answer.content.decode())


@pytest.fixture
def sibling(case, caregiver):
    child = factories.make_child(case, name="Sib Plainly-Invented")
    factories.make_caregiver(child, adult=caregiver)
    return child


@pytest.fixture
def theirs(sibling, clinician):
    """The sibling's draft, in which everything is rated 1."""
    return factories.make_draft(sibling, author=clinician, rated="1")


@pytest.fixture
def source(theirs, caregiver):
    return of_caregiver(theirs, caregiver)


@pytest.fixture
def sheet(draft, caregiver):
    return of_caregiver(draft, caregiver)


def found(draft):
    """What there is to compare with, by the name of the child."""
    sheets = sheets_of(draft)
    return {child.name: source.pk for held in siblings_of(sheets).values() for child, source, _ in held}


class TestFinding:
    def test_the_same_adult_in_a_siblings_cans(self, draft, sheet, source, child):
        (pk, [(whose, there, url)]) = next(iter(siblings_of(sheets_of(draft)).items()))
        assert (pk, whose.name, there.pk) == (sheet.pk, "Sib Plainly-Invented", source.pk)
        assert url == f"/cans/{draft.pk}/people/{sheet.pk}/siblings/"

    def test_another_adult_is_not_the_same(self, draft, source, caregiver):
        other = Adult.objects.create(name=caregiver.name)
        Sheet.objects.filter(pk=source.pk).update(adult=other)
        assert found(draft) == {}

    def test_blank_not_scored_and_voided_sheets_say_nothing(self, draft, theirs, source, clinician):
        Sheet.objects.filter(pk=source.pk).update(not_scored_reason="Away.")
        assert found(draft) == {}
        Sheet.objects.filter(pk=source.pk).update(not_scored_reason="", ratings="." * 34)
        assert found(draft) == {}
        Sheet.objects.filter(pk=source.pk).update(ratings="1" + "." * 33)
        assert found(draft)
        approvals.void(theirs, by=clinician, reason="A duplicate.")
        assert found(draft) == {}

    @pytest.mark.parametrize(("away", "near"), [(-31, False), (-30, True), (0, True)])
    def test_within_thirty_days(self, draft, sibling, caregiver, clinician, away, near):
        sibling.memberships.update(joined=days(-60))
        sibling.memberships.get().caregivings.update(starts=days(-60))
        factories.make_draft(sibling, author=clinician, rated="1", assessed_on=days(away))
        assert bool(found(draft)) == near

    def test_the_latest_of_a_sibling_and_never_what_was_amended(
        self, draft, theirs, sibling, clinician, supervisor
    ):
        approvals.submit(theirs, by=clinician)
        approvals.approve(theirs, by=supervisor)
        amendment = approvals.amend(theirs, by=supervisor, author=clinician, reason="A wrong item.")
        of_amendment = amendment.sheets.exclude(adult=None).get()
        assert found(draft) == {sibling.name: of_amendment.pk}
        actions.explain_not_scored(of_amendment, by=clinician, reason="Away.")
        assert found(draft) == {sibling.name: theirs.sheets.exclude(adult=None).get().pk}
        approvals.submit(amendment, by=clinician)
        approvals.approve(amendment, by=supervisor)
        assert found(draft) == {}

    def test_a_cans_of_another_case_is_not_there(self, draft, theirs):
        other = factories.make_case()
        type(theirs).objects.filter(pk=theirs.pk).update(case=other)
        assert found(draft) == {}

    def test_one_query_whatever_their_number(self, draft, case, caregiver, child, clinician):
        def counted():
            sheets = sheets_of(draft)
            with CaptureQueriesContext(connection) as queries:
                number = sum(len(held) for held in siblings_of(sheets).values())
            return number, len(queries)

        assert counted() == (0, 1)
        for _ in range(4):
            other = factories.make_child(case)
            factories.make_caregiver(other, adult=caregiver)
            factories.make_draft(other, author=clinician, rated="1")
        assert counted() == (4, 1)


class TestPlan:
    def test_blank_different_and_same(self, sheet, source, clinician):
        actions.rate(sheet, by=clinician, ratings=[(SAFETY, ".", "1", False), (DISCIPLINE, ".", "3", False)])
        made = plan(sheet, source)
        assert [item.code for item, _, _ in made.same] == [SAFETY]
        assert [(item.code, here, there) for item, here, there in made.different] == [(DISCIPLINE, "3", "1")]
        assert len(made.blank) == 32

    def test_only_what_both_are_asked(self, sheet, source):
        Sheet.objects.filter(pk=source.pk).update(substitute=False)
        source.refresh_from_db(fields=["substitute"])
        codes = {item.code for item, _, _ in plan(sheet, source).blank}
        assert len(codes) == 31
        assert "caregiver.support-for-the-permanency-plan" not in codes


class TestConfirming:
    def confirm(self, sheet, source, by, **more):
        return confirm_sheet(sheet, by=by, source=source, shown=fingerprint(sheet, source), **more)

    def test_every_blank_rating_with_a_change_that_says_from_where(self, sheet, source, clinician):
        assert self.confirm(sheet, source, clinician) == 34
        sheet.refresh_from_db()
        assert set(sheet.values.values()) == {"1"}
        changes = RatingChange.objects.filter(sheet=sheet)
        assert {(one.before, one.after, one.carried, one.confirmed_from_id, one.by) for one in changes} == {
            (".", "1", False, source.pk, clinician)
        }
        event = Event.objects.get(action="assessment.confirm_sheet")
        assert (event.detail["items"], event.detail["source"]) == (34, source.pk)

    def test_what_is_rated_otherwise_stays_unless_it_is_ticked(self, sheet, source, clinician):
        rated = [(SAFETY, ".", "0", False), (DISCIPLINE, ".", "3", False)]
        actions.rate(sheet, by=clinician, ratings=rated)
        assert self.confirm(sheet, source, clinician, replace=[DISCIPLINE]) == 33
        sheet.refresh_from_db()
        assert (sheet.values[SAFETY], sheet.values[DISCIPLINE]) == ("0", "1")
        assert self.confirm(sheet, source, clinician) == 0
        assert Event.objects.filter(action="assessment.confirm_sheet").count() == 1

    def test_who_wrote_there_wrote_here_and_does_not_approve(
        self, case, sheet, source, draft, clinician, supervisor, other_supervisor
    ):
        factories.assign(case, supervisor, kind="parallel")
        actions.rate(source, by=supervisor, ratings=[(SAFETY, "1", "2", False)])
        source.refresh_from_db()
        self.confirm(sheet, source, clinician)
        assert set(draft.contributions.values_list("person", flat=True)) == {clinician.pk, supervisor.pk}
        factories.fill(draft)
        assert approvals.submit(draft, by=clinician) == other_supervisor
        with pytest.raises(PermissionDenied):
            approvals.approve(draft, by=supervisor)

    @pytest.mark.parametrize("whose", ["here", "there"])
    def test_a_rating_that_changed_since_stops_all_of_it(self, sheet, source, clinician, whose):
        shown = fingerprint(sheet, source)
        moved, seen = (sheet, ".") if whose == "here" else (source, "1")
        actions.rate(moved, by=clinician, ratings=[(SUPERVISION, seen, "2", False)])
        before = Sheet.objects.get(pk=sheet.pk).ratings
        with pytest.raises(NotNow, match="changed since you opened it"):
            confirm_sheet(sheet, by=clinician, source=source, shown=shown)
        assert Sheet.objects.get(pk=sheet.pk).ratings == before
        assert not RatingChange.objects.filter(confirmed_from__isnull=False).exists()

    def test_a_lost_race_for_one_rating_undoes_the_rest(self, sheet, source, clinician, monkeypatch):
        put = Sheet.objects.put

        def all_but_one(one, item, **values):
            return item.code != SUPERVISION and put(one, item, **values)

        monkeypatch.setattr(Sheet.objects, "put", all_but_one)
        with pytest.raises(NotNow):
            self.confirm(sheet, source, clinician)
        assert Sheet.objects.get(pk=sheet.pk).ratings == "." * 34

    def test_only_a_siblings_sheet_of_the_same_adult(self, sheet, source, draft, clinician, sibling):
        childs = draft.sheets.get(adult=None)
        other = factories.make_child(factories.make_case(), name="Else Where")
        factories.make_caregiver(other, adult=sheet.adult)
        elsewhere = factories.make_draft(other, author=clinician, rated="1").sheets.exclude(adult=None).get()
        for wrong in (sheet, childs, elsewhere):
            with pytest.raises(NotNow):
                self.confirm(sheet, wrong, clinician)

    def test_an_item_of_no_sheet(self, sheet, source, clinician):
        with pytest.raises(ValidationError):
            self.confirm(sheet, source, clinician, replace=["trauma.neglect"])
        assert Sheet.objects.get(pk=sheet.pk).ratings == "." * 34

    def test_not_where_a_reason_says_it_is_not_scored(self, sheet, source, clinician):
        actions.explain_not_scored(sheet, by=clinician, reason="Away.")
        with pytest.raises(NotNow, match="is not scored"):
            self.confirm(sheet, source, clinician)

    def test_who_may_and_who_is_counted_among_the_writers(self, sheet, source, supervisor, case, agency):
        with pytest.raises(PermissionDenied):
            self.confirm(sheet, source, supervisor)
        second = factories.make_person("clinician", agency=agency)
        factories.assign(case, second, kind="parallel")
        self.confirm(sheet, source, second)
        assert Contribution.objects.filter(assessment=sheet.assessment, person=second).exists()

    def test_not_after_credentials_lapsed(self, sheet, source, clinician):
        Credential.objects.filter(person=clinician).delete()
        with pytest.raises(NotNow, match="certification"):
            self.confirm(sheet, source, clinician)

    def test_not_in_a_submitted_one(self, submitted, caregiver, source, clinician):
        with pytest.raises(NotNow, match="submitted"):
            self.confirm(of_caregiver(submitted, caregiver), source, clinician)


class TestPages:
    def address(self, sheet, name="siblings"):
        return reverse(f"cans:{name}", args=[sheet.assessment_id, sheet.pk])

    def shown(self, page):
        return re.search(r'name="shown" value="(\w+)"', page).group(1)

    def test_side_by_side_and_confirmed(self, client, sheet, source, clinician):
        actions.rate(sheet, by=clinician, ratings=[(DISCIPLINE, ".", "3", False)])
        client.force_login(clinician)
        people = page_of(client.get(reverse("cans:people", args=[sheet.assessment_id])))
        assert "Rated for Sib Plainly-Invented too" in people
        page = page_of(client.get(self.address(sheet)))
        assert page.count(">differs</span>") == 1
        assert "Sets 33 not rated yet. 0 the same already, 1 rated differently here." in page
        assert re.search(r"Cleo Clinician, \d+ \w+ \d{4}", page)
        sent = {"source": source.pk, "shown": self.shown(page)}
        answer = client.post(self.address(sheet, "confirm"), sent, follow=True)
        part = f"part-caregiver-{sheet.pk}"  # where the rest of it is rated
        assert answer.redirect_chain[-1][0].endswith(f"/score/#{part}")
        assert f'id="{part}"' in page_of(answer)
        assert "33 ratings of Fay Foster-Example confirmed as for Sib Plainly-Invented." in page_of(answer)
        history = reverse("cans:history", args=[sheet.assessment_id, sheet.pk, SAFETY])
        assert "Confirmed as for Sib Plainly-Invented." in page_of(client.get(history))

    def test_what_changed_since_is_asked_about_with_the_ticks_kept(self, client, sheet, source, clinician):
        actions.rate(sheet, by=clinician, ratings=[(DISCIPLINE, ".", "3", False)])
        client.force_login(clinician)
        old = self.shown(page_of(client.get(self.address(sheet))))
        actions.rate(source, by=clinician, ratings=[(SUPERVISION, "1", "2", False)])
        sent = {"source": source.pk, "shown": old, "replace": [DISCIPLINE]}
        answer = client.post(self.address(sheet, "confirm"), sent)
        page = page_of(answer)
        assert answer.status_code == 409
        assert "changed since you opened it" in page
        assert f'value="{DISCIPLINE}" checked' in page
        assert (
            client.post(self.address(sheet, "confirm"), sent | {"shown": self.shown(page)}).status_code == 302
        )

    @pytest.mark.parametrize(
        "wrong",
        [
            {},
            {"source": "x"},
            {"source": 10**30},
            {"shown": ""},
            {"shown": "a\x00"},
            {"replace": ["nothing"]},
        ],
    )
    def test_bad_input_is_told_and_sets_nothing(self, client, sheet, source, clinician, wrong):
        client.force_login(clinician)
        good = {"source": source.pk, "shown": fingerprint(sheet, source)}
        answer = client.post(self.address(sheet, "confirm"), good | wrong if wrong else {})
        assert answer.status_code == 400
        assert "Nothing was set" in page_of(answer)
        assert Sheet.objects.get(pk=sheet.pk).ratings == "." * 34

    def test_without_a_sibling_the_page_says_so(self, client, sheet, clinician):
        client.force_login(clinician)
        page = page_of(client.get(self.address(sheet)))
        assert "No sibling has a CANS within 30 days" in page
        assert "Confirm as for" not in page

    def test_those_who_only_read_have_no_button(self, client, sheet, source, supervisor, coordinator):
        for person in (supervisor, coordinator):
            client.force_login(person)
            answer = client.get(self.address(sheet))
            assert answer.status_code == 200
            assert "Confirm" not in page_of(answer)
            assert client.post(self.address(sheet, "confirm")).status_code == 403

    def test_the_reading_names_every_child(self, client, sheet, source, clinician, child, sibling):
        client.force_login(clinician)
        client.get(self.address(sheet))
        assert Reading.objects.get().children == [child.pk, sibling.pk]

    def test_ladder(self, client, sheet, source, stranger, colleague, administrator, clinician):
        for name, method in (("siblings", client.get), ("confirm", client.post)):
            for person, status in [(stranger, 404), (colleague, 404), (administrator, 403)]:
                client.force_login(person)
                assert method(self.address(sheet, name)).status_code == status
        client.force_login(clinician)
        foreign = [source.pk, sheet.assessment.sheets.get(adult=None).pk, 10**9]
        for pk in foreign:
            assert client.get(reverse("cans:siblings", args=[sheet.assessment_id, pk])).status_code == 404

    def test_queries_do_not_grow_with_ratings_or_siblings(
        self, client, sheet, source, clinician, case, draft
    ):
        def counted():
            with CaptureQueriesContext(connection) as queries:
                assert client.get(self.address(sheet)).status_code == 200
            return len(queries)

        client.force_login(clinician)
        counted()
        few = counted()
        for _ in range(3):
            other = factories.make_child(case)
            factories.make_caregiver(other, adult=sheet.adult)
            factories.make_draft(other, author=clinician, rated="1")
        confirm_sheet(
            sheet,
            by=clinician,
            source=source,
            shown=fingerprint(sheet, *(there for _, there, _ in siblings_of([sheet])[sheet.pk])),
        )
        assert counted() == few


@pytest.mark.django_db(transaction=True)
def test_of_several_who_confirm_at_once_one_sets_all_and_the_others_are_told(
    draft, theirs, caregiver, clinician
):
    def act():
        sheet, source = of_caregiver(draft, caregiver), of_caregiver(theirs, caregiver)
        return confirm_sheet(sheet, by=clinician, source=source, shown=shown)

    shown = fingerprint(of_caregiver(draft, caregiver), of_caregiver(theirs, caregiver))
    one_winner(at_once(*[act] * 4))
    assert RatingChange.objects.count() == 34
    assert Event.objects.filter(action="assessment.confirm_sheet").count() == 1
