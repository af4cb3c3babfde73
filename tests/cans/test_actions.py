"""The verbs on an open CANS: what each writes, whom it refuses, and two people at once."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction

from approvals import actions as approvals
from audit.models import Event
from cans import actions
from cans.models import Assessment, InstrumentVersion, Obligation, RatingChange, Sheet
from cans.states import State
from staff.models import Credential
from staff.refusals import NotNow
from tests import factories
from tests.factories import days
from tests.racing import at_once

SLEEP, SCHOOL = "life.sleep", "life.school-behavior"


def child_sheet(draft):
    return draft.sheets.select_related("assessment__case").get(adult=None)


def caregiver_sheet(draft):
    return draft.sheets.select_related("assessment__case", "adult").exclude(adult=None).get()


def events(action):
    return Event.objects.filter(action=f"assessment.{action}")


@pytest.fixture
def instrument(db):
    return factories.make_instrument()


@pytest.fixture
def parallel(case, agency):
    """A second worker of the case."""
    person = factories.make_person("clinician", agency=agency, name="Pat Parallel", username="parallel")
    factories.assign(case, person, kind="parallel")
    return person


class TestStart:
    def test_a_sheet_for_the_child_and_for_each_who_cares_that_day(
        self, instrument, child, case, caregiver, clinician
    ):
        factories.make_caregiver(child, role="parent", name="Mo Mother-Example")
        later = factories.make_caregiver(child, name="Lee Later-Example", starts=days(-1))
        draft = actions.start(child, case, by=clinician, assessed_on=days(-3))
        assert (draft.state, draft.type, draft.author) == (State.DRAFT, "initial", clinician)
        assert (draft.early, draft.transition) == (False, False)
        sheets = {sheet.adult_id: sheet for sheet in draft.sheets.all()}
        assert len(sheets) == 3
        assert later.pk not in sheets
        assert (sheets[None].size, sheets[None].ratings) == (94, "." * 94)
        assert sheets[caregiver.pk].substitute
        assert events("start").get().actor_number == clinician.pk
        assert draft.contributions.get().person == clinician

    def test_the_age_sections_follow_the_day(self, instrument, case, clinician):
        young = factories.make_child(case, age=4)
        old = factories.make_child(case, age=15)
        assert actions.start(young, case, by=clinician, assessed_on=days(0)).early
        assert actions.start(old, case, by=clinician, assessed_on=days(0)).transition

    def test_it_is_based_on_the_latest_approved_one(self, approved, clinician):
        draft = actions.start(approved.child, approved.case, by=clinician, assessed_on=days(0))
        assert draft.based_on == approved
        assert draft.type == "reassessment"

    def test_a_chosen_type_holds_and_an_unknown_one_does_not(self, instrument, child, case, clinician):
        with pytest.raises(ValidationError, match="types"):
            actions.start(child, case, by=clinician, assessed_on=days(0), type="yearly")
        draft = actions.start(child, case, by=clinician, assessed_on=days(0), type="closing")
        assert draft.type == "closing"

    @pytest.mark.parametrize(
        ("day", "sentence"),
        [(1, "in the future"), (-21, "before IPS opened"), (-6000, "before .* was born")],
    )
    def test_a_day_on_which_it_cannot_be(self, instrument, child, case, clinician, day, sentence):
        with pytest.raises(ValidationError, match=sentence) as refused:
            actions.start(child, case, by=clinician, assessed_on=days(day))
        assert "assessed_on" in refused.value.error_dict
        assert not Assessment.objects.exists()

    def test_not_after_the_child_left_nor_long_after_closing(self, instrument, clinician):
        left = factories.make_case(primary=clinician, opened=days(-60))
        child = factories.make_child(left)
        child.memberships.update(left=days(-10))
        with pytest.raises(ValidationError, match=r"after .* left"):
            actions.start(child, left, by=clinician, assessed_on=days(-9))
        closed = factories.make_case(primary=clinician, opened=days(-90), closed=days(-40))
        child = factories.make_child(closed)
        with pytest.raises(ValidationError, match="more than 30 days after IPS closed"):
            actions.start(child, closed, by=clinician, assessed_on=days(-9))
        assert actions.start(child, closed, by=clinician, assessed_on=days(-10)).type == "initial"

    def test_only_a_worker_of_the_case_with_credentials(self, instrument, child, case, clinician, colleague):
        with pytest.raises(PermissionDenied):
            actions.start(child, case, by=colleague, assessed_on=days(0))
        Credential.objects.filter(person=clinician).delete()
        with pytest.raises(NotNow, match="certification"):
            actions.start(child, case, by=clinician, assessed_on=days(0))

    def test_a_second_one_names_the_first(self, draft, parallel):
        with pytest.raises(actions.OpenAssessment, match="Cleo Clinician") as refused:
            actions.start(draft.child, draft.case, by=parallel, assessed_on=days(0))
        assert refused.value.existing == draft

    def test_without_an_instrument_it_says_who_loads_one(self, no_instrument, child, case, clinician):
        with pytest.raises(NotNow, match="administrator"):
            actions.start(child, case, by=clinician, assessed_on=days(0))


class TestRate:
    def test_a_rating_its_history_and_who_worked(self, draft, clinician):
        sheet = child_sheet(draft)
        assert actions.rate(sheet, by=clinician, ratings=[(SLEEP, ".", "2", False)]) == []
        assert sheet.values[SLEEP] == "2"
        change = RatingChange.objects.get()
        assert (change.sheet, change.before, change.after, change.by) == (sheet, ".", "2", clinician)
        assert sheet.items[change.position].code == SLEEP
        draft.refresh_from_db()
        assert (draft.worked_by, draft.worked_at is not None) == (clinician, True)
        assert events("rate").get().detail["items"] == 1

    def test_history_rows_equal_changes(self, draft, clinician):
        sheet = child_sheet(draft)
        actions.rate(sheet, by=clinician, ratings=[(SLEEP, ".", "2", False), (SCHOOL, ".", "u", True)])
        actions.rate(sheet, by=clinician, ratings=[(SLEEP, "2", "2", False)])
        actions.rate(sheet, by=clinician, ratings=[(SLEEP, "2", ".", False)])
        assert [(c.before, c.after, c.carried) for c in RatingChange.objects.all()] == [
            (".", "2", False),
            (".", "u", True),
            ("2", ".", False),
        ]
        assert events("rate").count() == 2

    def test_the_first_and_the_last_item_of_a_sheet(self, draft, clinician, child):
        sheet = caregiver_sheet(draft)
        items = sheet.applicable_items
        ratings = [(item.code, ".", "1", False) for item in (items[0], items[-1])]
        assert actions.rate(sheet, by=clinician, ratings=ratings) == []
        assert (sheet.value(items[0]), sheet.value(items[-1])) == ("1", "1")
        assert sheet.ratings.count(".") == sheet.size - 2

    def test_what_somebody_else_set_is_not_overwritten_and_the_rest_is_kept(self, draft, clinician, parallel):
        mine, theirs = child_sheet(draft), child_sheet(draft)
        actions.rate(theirs, by=parallel, ratings=[(SLEEP, ".", "3", False)])
        found = actions.rate(
            mine, by=clinician, ratings=[(SLEEP, ".", "1", False), (SCHOOL, ".", "0", False)]
        )
        assert [(conflict.item.code, conflict.there, conflict.wanted) for conflict in found] == [
            (SLEEP, "3", "1")
        ]
        assert "3, act now" in found[0].sentence
        assert (mine.values[SLEEP], mine.values[SCHOOL]) == ("3", "0")
        assert RatingChange.objects.count() == 2
        assert set(draft.contributions.values_list("person__username", flat=True)) == {
            "clinician",
            "parallel",
        }

    def test_two_who_mean_the_same_do_not_conflict(self, draft, clinician, parallel):
        mine, theirs = child_sheet(draft), child_sheet(draft)
        actions.rate(theirs, by=parallel, ratings=[(SLEEP, ".", "3", False)])
        assert actions.rate(mine, by=clinician, ratings=[(SLEEP, ".", "3", False)]) == []
        assert RatingChange.objects.count() == 1

    @pytest.mark.parametrize(
        ("code", "seen", "value", "sentence"),
        [
            ("life.no-such-item", ".", "1", "no item"),
            ("caregiver.safety", ".", "1", "no item"),
            ("early.motor", ".", "1", "no item"),
            (SLEEP, ".", "4", "Choose a rating"),
            (SLEEP, ".", "", "Choose a rating"),
            (SLEEP, ".", "12", "Choose a rating"),
            (SLEEP, ".", "\x00", "Choose a rating"),
            (SLEEP, ".", "n", "cannot be N/A"),
            (SLEEP, "", "1", "which rating you saw"),
            (SLEEP, "..", "1", "which rating you saw"),
        ],
    )
    def test_what_cannot_be_is_refused_whole(self, draft, clinician, code, seen, value, sentence):
        sheet = child_sheet(draft)
        with pytest.raises(ValidationError, match=sentence):
            actions.rate(sheet, by=clinician, ratings=[(SCHOOL, ".", "1", False), (code, seen, value, False)])
        assert not RatingChange.objects.exists()
        assert not events("rate").exists()

    def test_na_where_the_item_allows_it(self, draft, clinician):
        sheet = child_sheet(draft)
        item = next(item for item in sheet.applicable_items if item.na_allowed)
        assert actions.rate(sheet, by=clinician, ratings=[(item.code, ".", "n", False)]) == []

    def test_not_a_colleague_nor_the_supervisor(self, draft, colleague, supervisor):
        for person in (colleague, supervisor):
            with pytest.raises(PermissionDenied):
                actions.rate(child_sheet(draft), by=person, ratings=[(SLEEP, ".", "1", False)])
        assert draft.contributions.count() == 1

    def test_not_without_credentials(self, draft, clinician):
        Credential.objects.filter(person=clinician, kind="training").delete()
        with pytest.raises(NotNow, match="training"):
            actions.rate(child_sheet(draft), by=clinician, ratings=[(SLEEP, ".", "1", False)])

    def test_not_once_submitted(self, submitted, clinician):
        with pytest.raises(NotNow, match="submitted"):
            actions.rate(child_sheet(submitted), by=clinician, ratings=[(SLEEP, "1", "2", False)])
        assert child_sheet(submitted).values[SLEEP] == "1"

    def test_not_on_a_sheet_that_is_gone_or_explained(self, draft, clinician):
        sheet = caregiver_sheet(draft)
        code = sheet.applicable_items[0].code
        actions.explain_not_scored(sheet, by=clinician, reason="Away for work.")
        with pytest.raises(NotNow, match="Away for work"):
            actions.rate(sheet, by=clinician, ratings=[(code, ".", "1", False)])
        Sheet.objects.filter(pk=sheet.pk).delete()
        with pytest.raises(NotNow, match="removed"):
            actions.rate(sheet, by=clinician, ratings=[(code, ".", "1", False)])

    def test_a_failed_audit_event_leaves_the_sheet_alone(self, draft, clinician, monkeypatch):
        monkeypatch.setattr(actions, "record", lambda *a, **k: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            actions.rate(child_sheet(draft), by=clinician, ratings=[(SLEEP, ".", "1", False)])
        assert child_sheet(draft).values[SLEEP] == "."
        assert not RatingChange.objects.exists()


class TestNotesAndAnswers:
    def test_write_change_and_remove(self, draft, clinician):
        sheet = child_sheet(draft)
        actions.annotate(sheet, by=clinician, notes={SLEEP: "  Wakes at night. "})
        assert sheet.notes.get().text == "Wakes at night."
        actions.annotate(sheet, by=clinician, notes={SLEEP: "Sleeps well."}, seen={SLEEP: "Wakes at night."})
        assert sheet.notes.get().text == "Sleeps well."
        actions.annotate(sheet, by=clinician, notes={SLEEP: ""})
        assert not sheet.notes.exists()
        assert events("annotate").count() == 3

    def test_somebody_elses_note_is_not_overwritten(self, draft, clinician, parallel):
        sheet = child_sheet(draft)
        actions.annotate(sheet, by=parallel, notes={SLEEP: "Theirs."})
        assert actions.annotate(sheet, by=clinician, notes={SLEEP: "Mine."}, seen={SLEEP: ""}) == [SLEEP]
        assert sheet.notes.get().text == "Theirs."

    @pytest.mark.parametrize(
        ("notes", "sentence"),
        [
            ({"no.such": "x"}, "no item"),
            ({SLEEP: "x" * 4001}, "4000 characters"),
            ({SLEEP: "a\x00b"}, "cannot be kept"),
        ],
    )
    def test_what_cannot_be_kept(self, draft, clinician, notes, sentence):
        with pytest.raises(ValidationError, match=sentence):
            actions.annotate(child_sheet(draft), by=clinician, notes=notes)

    def test_an_answer_belongs_to_a_warning_that_is_there(self, ready_draft, clinician):
        sheet = child_sheet(ready_draft)
        actions.rate(sheet, by=clinician, ratings=[("risk.suicide-risk", "1", "2", False)])
        key = "warning:safety-plan:risk.suicide-risk"
        actions.answer_warnings(ready_draft, by=clinician, answers={key: "It is in the file."})
        assert ready_draft.answers.get().text == "It is in the file."
        actions.answer_warnings(ready_draft, by=clinician, answers={key: ""})
        assert not ready_draft.answers.exists()
        for answers in ({"warning:invented": "x"}, {key: "\x00"}, {key: "x" * 2001}):
            with pytest.raises(ValidationError):
                actions.answer_warnings(ready_draft, by=clinician, answers=answers)

    def test_what_another_answered_meanwhile_is_not_overwritten(self, ready_draft, clinician, parallel):
        actions.rate(child_sheet(ready_draft), by=clinician, ratings=[("risk.suicide-risk", "1", "2", False)])
        key = "warning:safety-plan:risk.suicide-risk"
        actions.answer_warnings(ready_draft, by=clinician, answers={key: "In the file."}, seen={key: ""})
        with pytest.raises(ValidationError, match="wrote here: “In the file"):
            actions.answer_warnings(ready_draft, by=parallel, answers={key: "With us."}, seen={key: ""})
        assert ready_draft.answers.get().text == "In the file."
        seen = {key: "In the file."}
        actions.answer_warnings(ready_draft, by=parallel, answers={key: "In both."}, seen=seen)
        assert ready_draft.answers.get().text == "In both."


class TestPeople:
    def test_a_reason_given_meanwhile_is_not_overwritten(self, ready_draft, clinician, parallel):
        sheet = caregiver_sheet(ready_draft)
        actions.explain_not_scored(sheet, by=clinician, reason="In hospital.", seen="")
        with pytest.raises(ValidationError, match="In hospital"):
            actions.explain_not_scored(sheet, by=parallel, reason="Not met.", seen="")
        assert caregiver_sheet(ready_draft).not_scored_reason == "In hospital."

    def test_a_reason_and_its_taking_back_keep_the_ratings(self, ready_draft, clinician):
        sheet = caregiver_sheet(ready_draft)
        before = sheet.ratings
        actions.explain_not_scored(sheet, by=clinician, reason=" Not  met yet. ")
        sheet.refresh_from_db()
        assert (sheet.not_scored_reason, sheet.ratings) == ("Not met yet.", before)
        actions.score_after_all(sheet, by=clinician)
        sheet.refresh_from_db()
        assert sheet.not_scored_reason == ""

    @pytest.mark.parametrize("reason", ["", "   ", "x" * 401, "a\x00"])
    def test_a_reason_says_something(self, draft, clinician, reason):
        with pytest.raises(ValidationError):
            actions.explain_not_scored(caregiver_sheet(draft), by=clinician, reason=reason)

    def test_the_child_is_always_scored(self, draft, clinician):
        with pytest.raises(ValidationError, match="always"):
            actions.explain_not_scored(child_sheet(draft), by=clinician, reason="No.")
        with pytest.raises(ValidationError, match="always"):
            actions.drop_sheet(child_sheet(draft), by=clinician)

    def test_somebody_who_joined_since_gets_a_sheet_once(self, draft, clinician, child):
        aunt = factories.make_caregiver(child, role="parent", name="Ann Aunt-Example")
        sheet = actions.add_sheet(draft, by=clinician, adult=aunt)
        assert (sheet.adult, sheet.substitute, sheet.ratings) == (aunt, False, "." * 34)
        with pytest.raises(NotNow, match="already"):
            actions.add_sheet(draft, by=clinician, adult=aunt)

    def test_somebody_who_does_not_care_for_the_child_gets_none(self, draft, clinician, child):
        later = factories.make_caregiver(child, starts=days(1))
        with pytest.raises(ValidationError, match="does not care"):
            actions.add_sheet(draft, by=clinician, adult=later)

    def test_only_a_blank_sheet_of_somebody_who_does_not_care_is_dropped(self, draft, clinician, child):
        sheet = caregiver_sheet(draft)
        with pytest.raises(NotNow, match="cares for the child"):
            actions.drop_sheet(sheet, by=clinician)
        child.memberships.get().caregivings.update(ends=days(-1))
        code = sheet.applicable_items[0].code
        actions.rate(sheet, by=clinician, ratings=[(code, ".", "1", False)])
        with pytest.raises(NotNow, match="was rated here"):
            actions.drop_sheet(sheet, by=clinician)
        other = factories.make_caregiver(child)
        blank = actions.add_sheet(draft, by=clinician, adult=other)
        child.memberships.get().caregivings.update(ends=days(-1))
        actions.drop_sheet(blank, by=clinician)
        assert list(draft.sheets.exclude(adult=None)) == [sheet]


class TestDateTypeSections:
    def test_a_new_day_proposes_the_type_and_says_what_it_asks_for(self, instrument, clinician):
        case = factories.make_case(primary=clinician, opened=days(-60))
        child = factories.make_child(case, born=days(-2195 + 10))
        adult = factories.make_caregiver(child, starts=days(-5), name="Lou Lately-Example")
        draft = factories.make_draft(child, author=clinician, type="closing")
        draft.early = False
        draft.save(update_fields=["early"])
        change = actions.change_assessed_on(draft, by=clinician, assessed_on=days(-30))
        assert (change.type_before, change.type) == ("closing", "initial")
        assert change.add_early
        assert change.no_longer_caring == (adult.name,)
        assert any("Early childhood" in sentence for sentence in change.sentences)
        draft.refresh_from_db()
        assert (draft.assessed_on, draft.early) == (days(-30), False)

    def test_a_day_on_which_it_cannot_be(self, draft, clinician):
        with pytest.raises(ValidationError, match="future"):
            actions.change_assessed_on(draft, by=clinician, assessed_on=days(1))

    def test_a_returned_one_moves_its_due_dates(self, submitted, supervisor, clinician):
        approvals.return_for_revision(submitted, by=supervisor, reason="The day is wrong.")
        set_by = Obligation.objects.current().filter(source=f"six_month:{submitted.pk}")
        before = set_by.get().due
        actions.change_assessed_on(submitted, by=clinician, assessed_on=submitted.assessed_on - timedelta(10))
        assert set_by.get().due < before

    @pytest.mark.parametrize("recalled", [False, True])
    def test_a_returned_one_is_about_no_day_after_its_first_submission(
        self, child, caregiver, supervisor, clinician, recalled
    ):
        draft = factories.make_draft(child, author=clinician, rated="1", assessed_on=days(-9))
        approvals.submit(draft, by=clinician)
        Assessment.objects.filter(pk=draft.pk).update(first_submitted_on=days(-7))
        draft.refresh_from_db()
        approvals.return_for_revision(draft, by=supervisor, reason="The day is wrong.")
        if recalled:
            approvals.submit(draft, by=clinician)
            approvals.recall(draft, by=clinician)
        with pytest.raises(ValidationError, match="is after this CANS was first submitted"):
            actions.change_assessed_on(draft, by=clinician, assessed_on=days(-6))
        actions.change_assessed_on(draft, by=clinician, assessed_on=days(-7))
        with pytest.raises(IntegrityError, match="on or before its first submission"), transaction.atomic():
            Assessment.objects.filter(pk=draft.pk).update(assessed_on=days(-6))

    def test_an_amendment_keeps_its_day(self, approved, supervisor, clinician):
        draft = approvals.amend(approved, by=supervisor, author=clinician, reason="A wrong item.")
        with pytest.raises(NotNow, match="amendment keeps"):
            actions.change_assessed_on(draft, by=clinician, assessed_on=days(-1))

    def test_a_section_taken_out_and_put_back_keeps_its_ratings(self, draft, clinician):
        actions.set_domains(draft, by=clinician, early=True, transition=False)
        sheet = child_sheet(draft)
        actions.rate(sheet, by=clinician, ratings=[("early.motor", ".", "2", False)])
        actions.set_domains(draft, by=clinician, early=False, transition=True)
        assert "early.motor" not in {item.code for item in child_sheet(draft).applicable_items}
        actions.set_domains(draft, by=clinician, early=True, transition=True)
        assert child_sheet(draft).values["early.motor"] == "2"

    def test_the_type(self, draft, clinician):
        actions.set_type(draft, by=clinician, type="extension")
        draft.refresh_from_db()
        assert draft.type == "extension"
        with pytest.raises(ValidationError):
            actions.set_type(draft, by=clinician, type="")


class TestTakeOver:
    def test_another_worker_of_the_case_becomes_the_author(self, draft, clinician, parallel):
        actions.take_over(draft, by=parallel)
        draft.refresh_from_db()
        assert draft.author == parallel
        assert draft.contributions.count() == 2
        assert events("take_over").get().detail == {"author_before": clinician.pk}

    def test_neither_the_author_nor_somebody_without_an_assignment(self, draft, clinician, colleague):
        with pytest.raises(NotNow, match="already"):
            actions.take_over(draft, by=clinician)
        with pytest.raises(PermissionDenied):
            actions.take_over(draft, by=colleague)

    def test_a_supervisor_who_returned_it_and_carries_the_case(self, submitted, case, supervisor):
        approvals.return_for_revision(submitted, by=supervisor, reason="Look again.")
        factories.assign(case, supervisor, kind="parallel")
        actions.take_over(submitted, by=supervisor)
        submitted.refresh_from_db()
        assert (submitted.author, submitted.reviewer) == (supervisor, None)

    def test_somebody_was_faster(self, draft, parallel, case, agency):
        third = factories.make_person("clinician", agency=agency)
        factories.assign(case, third, kind="parallel")
        as_seen = Assessment.objects.select_related("author").get(pk=draft.pk)
        actions.take_over(draft, by=third)
        with pytest.raises(NotNow, match="just taken over"):
            actions.take_over(as_seen, by=parallel)


@pytest.mark.parametrize(
    ("verb", "given"),
    [
        ("set_domains", {"early": True, "transition": True}),
        ("set_type", {"type": "closing"}),
        ("change_assessed_on", {"assessed_on": days(-1)}),
        ("answer_warnings", {"answers": {}}),
        ("take_over", {}),
    ],
)
def test_nothing_moves_once_submitted(submitted, clinician, verb, given):
    before = Assessment.objects.filter(pk=submitted.pk).values().get()
    with pytest.raises(NotNow):
        getattr(actions, verb)(submitted, by=clinician, **given)
    assert Assessment.objects.filter(pk=submitted.pk).values().get() == before


@pytest.mark.django_db(transaction=True)
class TestAtOnce:
    def test_on_one_item_one_is_set_and_the_other_is_told(self, draft, clinician, parallel):
        def rating(person, value):
            return lambda: actions.rate(child_sheet(draft), by=person, ratings=[(SLEEP, ".", value, False)])

        outcomes = at_once(rating(clinician, "1"), rating(parallel, "3"))
        assert sorted(len(found) for found in outcomes) == [0, 1]
        change = RatingChange.objects.get()
        assert child_sheet(draft).values[SLEEP] == change.after

    def test_on_different_items_all_are_kept(self, draft, clinician, parallel):
        codes = [item.code for item in child_sheet(draft).applicable_items[:12]]

        def rating(person, code):
            return lambda: actions.rate(child_sheet(draft), by=person, ratings=[(code, ".", "2", False)])

        people = [clinician, parallel]
        outcomes = at_once(*(rating(people[n % 2], code) for n, code in enumerate(codes)))
        assert outcomes == [[]] * len(codes)
        values = child_sheet(draft).values
        assert [values[code] for code in codes] == ["2"] * len(codes)
        assert RatingChange.objects.count() == len(codes)

    def test_a_rating_is_before_the_submission_or_not_at_all(self, ready_draft, clinician, parallel):
        outcomes = at_once(
            lambda: approvals.submit(Assessment.objects.get(pk=ready_draft.pk), by=clinician),
            lambda: actions.rate(child_sheet(ready_draft), by=parallel, ratings=[(SLEEP, "1", "2", False)]),
        )
        ready_draft.refresh_from_db()
        assert ready_draft.state == State.SUBMITTED
        assert not isinstance(outcomes[0], Exception)
        kept = child_sheet(ready_draft).values[SLEEP]
        assert (kept == "2") == (outcomes[1] == [])
        assert kept == "2" or isinstance(outcomes[1], NotNow)

    def test_starting_twice_makes_one_and_names_it(self, child, case, caregiver, clinician, parallel):
        factories.make_instrument()
        outcomes = at_once(
            *(
                lambda person=person: actions.start(child, case, by=person, assessed_on=days(0))
                for person in (clinician, parallel)
            )
        )
        (draft,) = Assessment.objects.all()
        assert sorted(type(found).__name__ for found in outcomes) == ["Assessment", "OpenAssessment"]
        refused = next(found for found in outcomes if isinstance(found, actions.OpenAssessment))
        assert refused.existing == draft
        assert draft.sheets.count() == 2

    def test_one_of_two_takes_over(self, draft, case, parallel, agency):
        third = factories.make_person("clinician", agency=agency)
        factories.assign(case, third, kind="parallel")

        def taking(person):
            as_seen = Assessment.objects.select_related("author").get(pk=draft.pk)
            return lambda: actions.take_over(as_seen, by=person)

        outcomes = at_once(taking(parallel), taking(third))
        assert sum(isinstance(found, NotNow) for found in outcomes) == 1


def test_a_version_is_read_once_and_pinned(draft, db):
    other = factories.load_instrument(
        InstrumentVersion.objects.get().source, label="Another", by=None, activate=True
    )
    draft.refresh_from_db()
    assert draft.instrument_version != other
    assert InstrumentVersion.objects.active() == other
