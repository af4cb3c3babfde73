"""What the reviewer of a resubmission reads first: whatever any verb did since it was returned, and that the
rest was not touched."""

import pytest
from django.utils.html import strip_tags

from approvals import actions
from approvals.history import last_return, steps_of
from approvals.models import Step
from approvals.review import review_of
from approvals.stood import NOT_KEPT
from cans import actions as cans
from cans.days import written_with_weekday
from cans.facts import readiness_of
from cans.models import Sheet
from cases.models import Caregiving
from staff.refusals import NotNow
from tests import factories
from tests.factories import days

from .conftest import rate, submit


@pytest.fixture
def returned(submitted, supervisor):
    sheet = submitted.sheets.get(adult=None)
    actions.return_for_revision(
        submitted,
        by=supervisor,
        reason="Please look again.",
        comments=[(sheet, "life.sleep", "Why 1?"), (sheet, "life.living-situation", "Sure?")],
    )
    return submitted


def since_of(assessment):
    return review_of(assessment, returned=last_return(steps_of(assessment))).since_returned


def test_comments_with_before_and_after_and_the_other_changes(returned):
    rate(returned, "life.sleep", "2")
    rate(returned, "life.sleep", "3")
    rate(returned, "trauma.neglect", "2")
    rate(returned, "", "2")
    since = since_of(submit(returned))
    assert [
        (row.item.code, row.from_words, row.to_words, row.asked.comment.text) for row in since.commented
    ] == [
        ("life.living-situation", "1, watch, prevent", "1, watch, prevent", "Sure?"),
        ("life.sleep", "1, watch, prevent", "3, act now", "Why 1?"),
    ]
    newly, higher = since.others  # what needs action first, before the order of the form
    assert (newly.change_words, newly.sheet.adult_id is None) == ("Newly actionable", False)
    assert (higher.item.code, higher.change_words) == ("trauma.neglect", "Exposure higher")
    total = sum(len(sheet.applicable_items) for sheet in returned.sheets.all())
    assert since.untouched == total - 4  # two named, two changed besides


def test_there_and_back_is_untouched(returned):
    rate(returned, "trauma.neglect", "2")
    rate(returned, "trauma.neglect", "1")
    since = since_of(submit(returned))
    assert since.others == []
    assert [row.item.code for row in since.back] == ["trauma.neglect"]


def test_what_changed_before_the_return_is_not_shown(ready_draft, supervisor):
    rate(ready_draft, "life.sleep", "0")
    submit(ready_draft)
    actions.return_for_revision(ready_draft, by=supervisor, reason="Look again.")
    assert since_of(submit(ready_draft)).others == []


def test_of_two_returns_the_last(returned, supervisor):
    rate(returned, "life.sleep", "2")
    submit(returned)
    actions.return_for_revision(returned, by=supervisor, reason="And again.")
    since = since_of(submit(returned))
    assert since.step.reason == "And again."
    assert (since.commented, since.others) == ([], [])


def test_it_comes_first_on_the_page(client, returned, supervisor):
    rate(returned, "life.sleep", "2")
    submit(returned)
    client.force_login(supervisor)
    page = client.get(f"/approvals/{returned.pk}/").content.decode()
    assert page.index("What changed since it was returned") < page.index("A first CANS")
    assert "“Why 1?”" in page
    assert "Neither changed nor answered" in page


def test_not_on_a_first_submission(client, submitted, supervisor):
    client.force_login(supervisor)
    assert b"since it was returned" not in client.get(f"/approvals/{submitted.pk}/").content


class TestByVerb:
    """Each verb that an open CANS takes, and what the reviewer is told of it."""

    @pytest.fixture
    def plain(self, submitted, supervisor):
        """Returned with no comment: everything in it is an item nobody named."""
        actions.return_for_revision(submitted, by=supervisor, reason="Please look again.")
        return submitted

    def child_sheet(self, assessment):
        return assessment.sheets.select_related("assessment").get(adult=None)

    def caregiver_sheet(self, assessment):
        return assessment.sheets.select_related("assessment", "adult").exclude(adult=None).get()

    def total(self, assessment):
        return sum(len(sheet.applicable_items) for sheet in assessment.sheets.select_related("assessment"))

    def read(self, client, assessment, supervisor):
        """The section of the page, as words on one line."""
        client.force_login(supervisor)
        page = client.get(f"/approvals/{assessment.pk}/").content.decode()
        section = page[page.index('id="since-returned"') : page.index("</section>")]
        return " ".join(strip_tags(section).split())

    def test_nothing(self, client, plain, supervisor):
        found = since_of(submit(plain))
        assert (found.sentences, found.others, found.untouched) == ([], [], self.total(plain))
        said = self.read(client, plain, supervisor)
        assert f"{found.untouched} are untouched: neither rating nor note was touched since." in said
        assert said.endswith("No rating and no note changed.")

    def test_annotate(self, client, plain, clinician, supervisor):
        cans.annotate(self.child_sheet(plain), by=clinician, notes={"life.sleep": "A wholly new story."})
        found = since_of(submit(plain))
        assert [(row.item.code, row.noted, row.note) for row in found.others] == [
            ("life.sleep", "Note written since", "A wholly new story.")
        ]
        assert found.untouched == self.total(plain) - 1
        said = self.read(client, plain, supervisor)
        assert "Sleep Note written since 1, watch, prevent Note: A wholly new story." in said
        assert "No rating" not in said

    def test_a_note_of_before_is_none_of_it(self, submitted, ready_draft, clinician, supervisor):
        actions.return_for_revision(submitted, by=supervisor, reason="Please say more.")
        sheet = self.child_sheet(submitted)
        cans.annotate(sheet, by=clinician, notes={"life.sleep": "Old.", "life.living-situation": "Gone."})
        actions.return_for_revision(submit(submitted), by=supervisor, reason="And again.")
        cans.annotate(sheet, by=clinician, notes={"life.sleep": "Old.", "life.living-situation": ""})
        found = since_of(submit(submitted))
        assert [(row.item.code, row.noted) for row in found.others] == [
            ("life.living-situation", "Note removed since")
        ]
        assert found.untouched == self.total(submitted) - 1

    def test_explain_not_scored(self, client, plain, clinician, supervisor):
        sheet = self.caregiver_sheet(plain)
        cans.explain_not_scored(sheet, by=clinician, reason="Did not answer the door")
        found = since_of(submit(plain))
        assert found.sentences == [
            "Fay Foster-Example is not scored any more: “Did not answer the door”. "
            "34 items, 34 rated, do not count."
        ]
        assert found.untouched == self.total(plain) - 34
        said = self.read(client, plain, supervisor)
        assert found.sentences[0] in said
        assert said.endswith("No other rating and no note changed.")

    def test_score_after_all(self, plain, clinician, supervisor):
        sheet = self.caregiver_sheet(plain)
        cans.explain_not_scored(sheet, by=clinician, reason="Away")
        actions.return_for_revision(submit(plain), by=supervisor, reason="They are back.")
        cans.score_after_all(sheet, by=clinician)
        found = since_of(submit(plain))
        assert found.sentences == ["Fay Foster-Example is scored now, and was not then: 34 items."]
        assert found.untouched == self.total(plain) - 34  # of theirs none counted, so none is as it was

    def test_another_reason(self, plain, clinician, supervisor):
        sheet = self.caregiver_sheet(plain)
        cans.explain_not_scored(sheet, by=clinician, reason="Away")
        actions.return_for_revision(submit(plain), by=supervisor, reason="Say more.")
        cans.explain_not_scored(sheet, by=clinician, reason="In hospital")
        assert since_of(submit(plain)).sentences == [
            "Why Fay Foster-Example is not scored is put otherwise: “In hospital”. It was “Away”."
        ]

    def test_add_sheet(self, plain, child, clinician):
        mother = factories.make_caregiver(child, name="Mona Invented", role="parent")
        sheet = cans.add_sheet(plain, by=clinician, adult=mother)
        cans.explain_not_scored(sheet, by=clinician, reason="Met once")
        found = since_of(submit(plain))
        assert found.sentences == ["Mona Invented was added, and is not scored: “Met once”."]
        cans_again = found.untouched
        assert cans_again == self.total(plain) - len(sheet.applicable_items)

    def test_add_sheet_and_rate(self, plain, child, clinician):
        mother = factories.make_caregiver(child, name="Mona Invented", role="parent")
        sheet = cans.add_sheet(plain, by=clinician, adult=mother)
        before = since_of(plain).untouched
        items = sheet.applicable_items
        cans.rate(sheet, by=clinician, ratings=[(item.code, ".", "1", False) for item in items])
        found = since_of(submit(plain))
        assert found.sentences == [f"Mona Invented was added, with {len(items)} items."]
        assert len(found.others) == len(items)
        assert found.untouched == before == self.total(plain) - len(items)

    def test_drop_sheet(self, plain, child, clinician, supervisor):
        mother = factories.make_caregiver(child, name="Mona Invented", role="parent")
        sheet = cans.add_sheet(plain, by=clinician, adult=mother)
        cans.explain_not_scored(sheet, by=clinician, reason="Met once")
        actions.return_for_revision(submit(plain), by=supervisor, reason="She left before.")
        Caregiving.objects.filter(adult=mother).delete()
        now = Sheet.objects.select_related("assessment", "adult").get(pk=sheet.pk)
        with pytest.raises(NotNow, match="that is not erased"):
            cans.drop_sheet(now, by=clinician)
        cans.score_after_all(now, by=clinician)
        cans.drop_sheet(now, by=clinician)
        assert since_of(submit(plain)).sentences == [
            "Mona Invented was removed; nothing was written on their sheet."
        ]

    def test_change_assessed_on(self, plain, clinician):
        before, day = plain.assessed_on, days(-1)
        cans.change_assessed_on(plain, by=clinician, assessed_on=day)
        plain.refresh_from_db()
        found = since_of(submit(plain))
        assert found.sentences == [
            f"It is about {written_with_weekday(day)} now; it was about {written_with_weekday(before)}."
        ]
        assert found.untouched == self.total(plain)

    def test_set_type(self, plain, clinician):
        cans.set_type(plain, by=clinician, type="extension")
        plain.refresh_from_db()
        assert since_of(submit(plain)).sentences == ["Its type is extension now; it was initial."]

    def test_set_domains(self, plain, clinician, supervisor):
        whole = self.total(plain)
        cans.set_domains(plain, by=clinician, early=False, transition=True)
        plain.refresh_from_db()
        sheet = self.child_sheet(plain)
        added = [item for item in sheet.applicable_items if item.domain == "transition"]
        title, number = "Transition to adulthood", f"{len(added)} items"
        cans.rate(sheet, by=clinician, ratings=[(item.code, ".", "1", False) for item in added])
        found = since_of(submit(plain))
        assert found.sentences == [
            f"Transition to adulthood is rated now, and was not then: {len(added)} items."
        ]
        assert found.untouched == whole
        actions.return_for_revision(plain, by=supervisor, reason="Not for this child.")
        cans.set_domains(plain, by=clinician, early=False, transition=False)
        plain.refresh_from_db()
        found = since_of(submit(plain))
        assert found.sentences == [
            f"{title} is not rated any more: {number}, {len(added)} rated, do not count."
        ]
        assert found.untouched == whole

    def test_answer_warnings(self, client, approved, child, clinician, supervisor):
        again = submit(factories.make_draft(child, author=clinician, rated="1", type="reassessment"))
        actions.return_for_revision(again, by=supervisor, reason="Please look again.")
        warned = next(one for one in readiness_of(again) if one.severity == "warning")
        cans.answer_warnings(again, by=clinician, answers={warned.key: "Put otherwise, and invented."})
        assert since_of(submit(again)).sentences == ["1 warning was answered since; it is marked below."]
        client.force_login(supervisor)
        page = client.get(f"/approvals/{again.pk}/").content.decode()
        assert page.count("Answered since") == 1

    def test_of_a_return_that_kept_nothing_it_says_so(self, plain):
        """Of before this was kept: the database changes no step, so this is another one."""
        fields = Step.objects.filter(action="return").values("assessment_id", "action", "by_id").get()
        Step.objects.create(from_state="submitted", to_state="returned", reason="Older.", **fields)
        found = since_of(submit(plain))
        assert found.sentences == [NOT_KEPT]
        assert found.untouched == self.total(plain)
