"""What can be done to an approved CANS, and what then counts."""

from io import StringIO

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command

from approvals import actions
from approvals.permissions import check_can, enders_of
from approvals.workflow import Action
from cans.actions import answer_warnings
from cans.facts import dates_of, readiness_of
from cans.models import Assessment, Note, Obligation, WarningAnswer
from cans.permissions import refusal
from cans.states import State
from cans.waivers import waive
from cases.actions import correct_opening
from staff.refusals import NotNow
from tests import factories
from tests.factories import days

from .conftest import rate, snapshot, submit, write_in


def initial(case):
    return Obligation.objects.current().get(case=case, kind="initial")


def six_month(case):
    return Obligation.objects.current().get(case=case, kind="six_month")


@pytest.fixture
def of_last_week(child, caregiver, clinician, supervisor):
    """Approved four days ago, and first submitted three days before."""
    one = factories.make_draft(child, author=clinician, rated="1", assessed_on=days(-8))
    actions.submit(one, by=clinician)
    actions.approve(one, by=supervisor)
    Assessment.objects.filter(pk=one.pk).update(approved_at=factories.noon(-4), first_submitted_on=days(-7))
    one.refresh_from_db()
    return one


def amend(approved, by, author, **given):
    return actions.amend(approved, by=by, author=author, **({"reason": "A wrong item."} | given))


class TestAmend:
    def test_it_begins_with_the_same_content(self, submitted, clinician, supervisor):
        actions.recall(submitted, by=clinician)
        sheet = submitted.sheets.get(adult=None)
        Note.objects.create(sheet=sheet, code="life.sleep", text="An invented note.", by=clinician)
        WarningAnswer.objects.create(assessment=submitted, key="warning:x", text="Checked.", by=clinician)
        actions.submit(submitted, by=clinician)
        actions.approve(submitted, by=supervisor)
        draft = amend(submitted, supervisor, clinician)
        assert (draft.amends, draft.state, draft.author) == (submitted, State.DRAFT, clinician)
        for field in ("child", "case", "type", "assessed_on", "early", "transition", "based_on"):
            assert getattr(draft, field) == getattr(submitted, field), field
        ratings = [(s.adult_id, s.ratings, s.substitute, s.size) for s in submitted.sheets.all()]
        assert [(s.adult_id, s.ratings, s.substitute, s.size) for s in draft.sheets.all()] == ratings
        assert draft.sheets.get(adult=None).notes.get().text == "An invented note."
        assert draft.answers.get().text == "Checked."

    def test_an_answer_about_a_whole_sheet_still_answers(
        self, approved, child, caregiver, clinician, supervisor
    ):
        same = factories.make_draft(child, author=clinician, rated="1", type="reassessment")
        keys = {problem.key for problem in readiness_of(same)}
        assert keys == {"warning:identical:child", f"warning:identical:adult-{caregiver.pk}"}
        answer_warnings(same, by=clinician, answers=dict.fromkeys(keys, "Seen with the family."))
        actions.submit(same, by=clinician)
        actions.approve(same, by=supervisor)
        draft = amend(same, supervisor, clinician)
        found = {problem.key: problem.answered for problem in readiness_of(draft)}
        assert found == dict.fromkeys(keys, True) | {f"warning:repeats:{same.pk}": False}

    def test_where_nothing_is_amended_its_author_says_why(self, approved, caregiver, clinician, supervisor):
        draft = amend(approved, supervisor, clinician)
        assert [problem.key for problem in readiness_of(draft)] == [f"warning:repeats:{approved.pk}"]
        rate(draft, "", "2")
        assert readiness_of(draft) == []
        rate(draft, "", "1")
        draft.sheets.exclude(adult=None).update(not_scored_reason="Moved away.")
        assert readiness_of(draft) == []

    def test_the_approved_one_stays_in_force_until_the_amendment_is_approved(
        self, approved, child, clinician, supervisor
    ):
        draft = amend(approved, supervisor, clinician)
        assert approved.state == State.APPROVED
        assert Assessment.objects.latest_approved_of(child, approved.case) == approved
        submit(draft)
        assert Assessment.objects.latest_approved_of(child, approved.case) == approved
        actions.approve(draft, by=supervisor)
        assert Assessment.objects.latest_approved_of(child, approved.case) == draft
        approved.refresh_from_db()
        assert approved.state == State.APPROVED

    def test_it_keeps_first_submission_and_obligations(self, of_last_week, case, clinician, supervisor):
        before = initial(case).due
        draft = amend(of_last_week, supervisor, clinician)
        assert initial(case).met_by == of_last_week
        submit(draft)
        actions.recall(draft, by=clinician)
        submit(draft)
        actions.approve(draft, by=supervisor)
        owed = initial(case)
        assert (owed.met_by, owed.submitted_on, owed.due) == (draft, days(-7), before)

    def test_the_date_it_sets_stays_waived_and_the_approval_is_the_first_ones(
        self, of_last_week, case, clinician, supervisor, coordinator
    ):
        waive(six_month(case), by=coordinator, reason="runaway")
        before = six_month(case)
        newest = of_last_week
        for _ in range(2):
            newest = amend(newest, supervisor, clinician)
            submit(newest)
            actions.approve(newest, by=supervisor)
            now = six_month(case)
            assert (now.waiver_id, now.source, now.due) == (before.waiver_id, before.source, before.due)
            assert now.status() == "waived"
            met = initial(case)
            assert (met.met_by, met.submitted_on, met.met_on) == (newest, days(-7), days(-4))
            assert dates_of(newest).next_six_month == before.due
        assert dates_of(of_last_week).next_six_month is None
        call_command("rebuild_obligations", check=True, stdout=StringIO())

    def test_whoever_wrote_the_original_may_not_approve_the_amendment(
        self, ready_draft, clinician, supervisor, other_supervisor, contributor
    ):
        write_in(ready_draft, other_supervisor)
        actions.submit(ready_draft, by=clinician)
        actions.approve(ready_draft, by=supervisor)
        draft = amend(ready_draft, supervisor, contributor)
        wrote = set(draft.contributions.values_list("person", flat=True))
        assert wrote == {clinician.pk, other_supervisor.pk, contributor.pk}

    @pytest.mark.parametrize("who", ["assigned, wrote nothing", "parallel contributor", "author"])
    def test_for_anybody_who_is_assigned(self, who, world, ready_draft):
        actions.submit(ready_draft, by=world["author"])
        actions.approve(ready_draft, by=world["supervisor"])
        assert amend(ready_draft, world["coordinator"], world[who]).author == world[who]

    @pytest.mark.parametrize(
        "who",
        [
            "wrote, assignment ended yesterday",
            "contributor whose account is closed",
            "stranger",
            "coordinator",
            "supervisor",
            "administrator",
        ],
    )
    def test_for_nobody_else(self, who, world, ready_draft):
        actions.submit(ready_draft, by=world["author"])
        actions.approve(ready_draft, by=world["supervisor"])
        before = snapshot()
        with pytest.raises(NotNow, match="is not assigned to this case"):
            amend(ready_draft, world["coordinator"], world[who])
        assert snapshot() == before

    def test_the_reviewer_of_a_routed_cans_is_not_an_assigned_worker(
        self, approved, case, supervisor, other_supervisor
    ):
        factories.assign(case, other_supervisor, kind="review")
        with pytest.raises(NotNow, match="is not assigned to this case"):
            amend(approved, supervisor, other_supervisor)

    def test_with_a_reason(self, approved, clinician, supervisor):
        before = snapshot()
        with pytest.raises(ValidationError, match="Give a reason"):
            amend(approved, supervisor, clinician, reason=" ")
        assert snapshot() == before

    def test_one_at_a_time(self, approved, clinician, supervisor):
        draft = amend(approved, supervisor, clinician)
        before = snapshot()
        with pytest.raises(NotNow, match=f"CANS {draft.pk} is open to amend this one"):
            amend(approved, supervisor, clinician)
        assert snapshot() == before

    def test_not_beside_another_open_cans_of_the_child(self, approved, child, clinician, supervisor):
        other = factories.make_draft(child, author=clinician)
        with pytest.raises(NotNow, match=rf"This child has an open CANS \({other.pk}, draft\)"):
            amend(approved, supervisor, clinician)

    def test_of_one_in_another_case_neither_number_nor_state_is_told(self, approved, child, case, supervisor):
        case.memberships.update(left=days(-5))
        elsewhere = factories.make_case(primary=factories.make_person("clinician"), opened=days(-4))
        elsewhere.memberships.create(child=child, joined=days(-4))
        factories.make_draft(child, author=elsewhere.assignments.get().person)
        with pytest.raises(NotNow, match=r"^This child has an open CANS in another case; it must be"):
            amend(approved, supervisor, approved.author)

    def test_of_several_the_one_in_force(self, approved, clinician, supervisor):
        draft = amend(approved, supervisor, clinician)
        submit(draft)
        actions.approve(draft, by=supervisor)
        with pytest.raises(NotNow, match=f"CANS {draft.pk} amended this one and is in force"):
            amend(approved, supervisor, clinician)
        assert amend(draft, supervisor, clinician).amends == draft

    def test_again_after_the_amendment_was_voided(self, approved, clinician, supervisor):
        draft = amend(approved, supervisor, clinician)
        actions.void(draft, by=clinician, reason="Not needed.")
        assert amend(approved, supervisor, clinician).amends == approved

    def test_not_of_what_was_voided(self, approved, clinician, supervisor, coordinator):
        actions.void(approved, by=coordinator, reason="The wrong child.")
        with pytest.raises(NotNow, match="voided now"):
            amend(approved, supervisor, clinician)

    def test_it_keeps_its_day_also_where_that_counts_for_nothing_any_more(
        self, of_last_week, child, clinician, supervisor, coordinator
    ):
        """What was approved of that day stays amendable."""
        episode = child.memberships.get().case.episodes.get()
        correct_opening(episode, by=coordinator, opened=days(-5), reason="A wrong key.")
        amendment = amend(of_last_week, supervisor, clinician)
        rate(amendment, by=clinician, code="life.sleep", value="2")
        actions.submit(amendment, by=clinician)
        assert (amendment.assessed_on, amendment.state) == (days(-8), State.SUBMITTED)


class TestVoid:
    def test_what_it_met_is_owed_again(self, approved, case, coordinator):
        assert initial(case).status() == "met"
        actions.void(approved, by=coordinator, reason="The wrong child.")
        assert approved.state == State.VOIDED
        owed = initial(case)
        assert (owed.status(), owed.met_by) == ("due", None)
        assert not Obligation.objects.current().filter(case=case, kind="six_month").exists()

    def test_a_returned_one_meets_nothing_either(self, submitted, case, clinician, supervisor):
        actions.return_for_revision(submitted, by=supervisor, reason="Look again.")
        actions.void(submitted, by=clinician, reason="A duplicate.")
        assert initial(case).met_by is None

    @pytest.mark.parametrize("reason", ["", "\n "])
    def test_with_a_reason(self, reason, draft, clinician):
        before = snapshot()
        with pytest.raises(ValidationError, match="Give a reason"):
            actions.void(draft, by=clinician, reason=reason)
        assert snapshot() == before

    def test_who_may_end_a_draft_is_known_in_one_question(self, world, ready_draft, clinician):
        leader = factories.make_person("supervisor", agency=clinician.agency)
        factories.assign(ready_draft.case, leader, kind="parallel")
        everybody = [*world.values(), leader]
        able = {who.pk for who in everybody if not refusal(check_can, who, Action.VOID, ready_draft)}
        assert able > {leader.pk, clinician.pk}
        found = enders_of([ready_draft.pk])[ready_draft.pk]
        assert sorted(found) == sorted(able)

    def test_a_voided_draft_makes_room_for_another(self, draft, child, clinician):
        actions.void(draft, by=clinician, reason="A duplicate.")
        assert factories.make_draft(child, author=clinician).state == State.DRAFT

    def test_an_open_cans_then_rests_on_the_one_before(
        self, approved, child, clinician, supervisor, coordinator
    ):
        second = factories.make_draft(child, author=clinician, rated="1", type="reassessment")
        rate(second, "life.sleep", "2")
        rate(second, "", "2")
        actions.submit(second, by=clinician)
        actions.approve(second, by=supervisor)
        third = factories.make_draft(child, author=clinician, type="reassessment")
        assert third.based_on == second
        actions.void(second, by=coordinator, reason="The wrong child.")
        third.refresh_from_db()
        assert third.based_on == approved

    def test_the_amendment_goes_first_and_the_amended_one_is_in_force_again(
        self, approved, child, clinician, supervisor, coordinator
    ):
        draft = amend(approved, supervisor, clinician)
        with pytest.raises(NotNow, match="is open to amend"):
            actions.void(approved, by=coordinator, reason="The wrong child.")
        submit(draft)
        actions.approve(draft, by=supervisor)
        with pytest.raises(NotNow, match=f"CANS {draft.pk} amended this one and is in force"):
            actions.void(approved, by=coordinator, reason="The wrong child.")
        actions.void(draft, by=coordinator, reason="The wrong child.")
        assert Assessment.objects.latest_approved_of(child, approved.case) == approved
        assert initial(approved.case).met_by == approved
        actions.void(approved, by=coordinator, reason="The wrong child.")
        assert initial(approved.case).met_by is None
