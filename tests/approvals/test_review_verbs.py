"""Approve, return, reroute: on whose behalf, with what comments, to whom."""

import datetime

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from approvals import actions
from cans.days import add_working_days
from cans.models import Obligation
from cases.models import Assignment, Case
from staff.dates import today
from staff.models import Credential, User
from staff.refusals import NotNow
from tests import factories
from tests.factories import days

from .conftest import name_cover, snapshot, write_in


def initial(case):
    return Obligation.objects.current().get(case=case, kind="initial")


class TestApprove:
    def test_it_meets_what_it_was_submitted_for(self, submitted, case, supervisor):
        actions.approve(submitted, by=supervisor)
        owed = initial(case)
        assert (owed.status(), owed.met_on, owed.on_time) == ("met", today(), True)
        assert Obligation.objects.current().filter(case=case, kind="six_month").count() == 1

    def test_a_cover_approves_on_behalf_of_the_absent_one(self, submitted, supervisor, cover):
        actions.approve(submitted, by=cover)
        step = submitted.steps.get(action="approve")
        assert (step.by, step.on_behalf_of) == (cover, supervisor)
        assert submitted.approved_by == cover

    def test_the_reviewer_approves_for_themselves_also_when_they_named_a_cover(
        self, submitted, supervisor, cover
    ):
        actions.approve(submitted, by=supervisor)
        assert submitted.steps.get(action="approve").on_behalf_of is None

    @pytest.mark.parametrize(("first", "last", "may"), [(0, 0, True), (-5, -1, False), (1, 5, False)])
    def test_the_last_day_of_cover_counts_and_no_other(
        self, first, last, may, submitted, supervisor, other_supervisor
    ):
        name_cover(supervisor, other_supervisor, first, last)
        if may:
            actions.approve(submitted, by=other_supervisor)
        else:
            with pytest.raises(PermissionDenied):
                actions.approve(submitted, by=other_supervisor)

    @pytest.mark.parametrize("kind", ["certification", "training"])
    def test_the_reviewer_needs_both_credentials(self, kind, submitted, supervisor):
        Credential.objects.filter(person=supervisor, kind=kind).delete()
        before = snapshot()
        with pytest.raises(NotNow, match=r"No .* is on record"):
            actions.approve(submitted, by=supervisor)
        assert snapshot() == before

    def test_a_certification_counts_through_its_anniversary(self, submitted, supervisor):
        """Certified a year ago today it holds its last day; a day earlier it has lapsed."""
        is_leap_day = (today().month, today().day) == (2, 29)
        last_day = days(-365) if is_leap_day else today().replace(year=today().year - 1)
        Credential.objects.filter(person=supervisor, kind="certification").update(
            on=last_day - datetime.timedelta(days=1)
        )
        with pytest.raises(NotNow, match="lapsed"):
            actions.approve(submitted, by=supervisor)
        Credential.objects.filter(person=supervisor, kind="certification").update(on=last_day)
        actions.approve(submitted, by=supervisor)

    def test_a_closed_account_approves_nothing(self, submitted, supervisor):
        supervisor.is_active = False
        supervisor.save()
        with pytest.raises(PermissionDenied, match="not active"):
            actions.approve(submitted, by=supervisor)

    def test_a_reviewer_who_changed_role_approves_nothing(self, submitted, supervisor):
        User.objects.filter(pk=supervisor.pk).update(role="clinician")
        supervisor.refresh_from_db()
        with pytest.raises(PermissionDenied):
            actions.approve(submitted, by=supervisor)

    def test_a_case_moved_to_another_agency_is_no_longer_theirs(self, submitted, case, supervisor):
        Case.objects.filter(pk=case.pk).update(agency=factories.make_agency())
        submitted.refresh_from_db()
        with pytest.raises(PermissionDenied):
            actions.approve(submitted, by=supervisor)


class TestReturn:
    def comments(self, submitted, *texts, code="life.sleep"):
        sheet = submitted.sheets.get(adult=None)
        return [(sheet, code, text) for text in texts]

    def test_a_return_opens_a_fix_by_date_and_keeps_the_submission_on_time(self, submitted, case, supervisor):
        actions.return_for_revision(submitted, by=supervisor, reason="Look again.")
        owed = initial(case)
        assert owed.status() == "returned"
        assert owed.on_time is True
        assert owed.fix_by == max(owed.due, add_working_days(today(), 5))

    @pytest.mark.parametrize("reason", ["", "   ", "\n\t"])
    def test_a_reason_is_compulsory(self, reason, submitted, supervisor):
        before = snapshot()
        with pytest.raises(ValidationError, match="Give a reason"):
            actions.return_for_revision(submitted, by=supervisor, reason=reason)
        assert snapshot() == before

    def test_comments_are_kept_and_stay_after_approval(self, submitted, clinician, supervisor):
        step = actions.return_for_revision(
            submitted, by=supervisor, reason="Look again.", comments=self.comments(submitted, " Why? ")
        )
        actions.submit(submitted, by=clinician)
        actions.approve(submitted, by=supervisor)
        assert [(c.code, c.text) for c in step.comments.all()] == [("life.sleep", "Why?")]

    @pytest.mark.parametrize(
        ("text", "code"), [("", "life.sleep"), ("  ", "life.sleep"), ("Why?", "life.nothing")]
    )
    def test_a_comment_says_something_about_an_item(self, text, code, submitted, supervisor):
        before = snapshot()
        with pytest.raises(ValidationError, match="A comment says something"):
            actions.return_for_revision(
                submitted, by=supervisor, reason="Why?", comments=self.comments(submitted, text, code=code)
            )
        assert snapshot() == before

    def test_a_comment_on_an_item_that_does_not_apply_is_refused(self, submitted, supervisor):
        item = next(i for i in submitted.instrument.child_items if i.domain == "transition")
        with pytest.raises(ValidationError):
            actions.return_for_revision(
                submitted,
                by=supervisor,
                reason="Why?",
                comments=self.comments(submitted, "?", code=item.code),
            )

    def test_a_comment_on_another_cans_is_refused(self, submitted, clinician, supervisor):
        other = factories.make_draft(factories.make_child(submitted.case), author=clinician, rated="1")
        with pytest.raises(ValidationError):
            actions.return_for_revision(
                submitted, by=supervisor, reason="Why?", comments=self.comments(other, "Why?")
            )

    def test_a_comment_on_a_caregiver(self, submitted, supervisor):
        sheet = submitted.sheets.exclude(adult=None).get()
        code = sheet.applicable_items[0].code
        step = actions.return_for_revision(
            submitted, by=supervisor, reason="Why?", comments=[(sheet, code, "Say more.")]
        )
        assert step.comments.get().sheet == sheet


class TestReroute:
    def refused(self, submitted, by, to):
        before = snapshot()
        with pytest.raises(NotNow) as why:
            actions.reroute(submitted, by=by, to=to, reason="Away.")
        assert snapshot() == before
        return str(why.value)

    def test_no_due_date_moves(self, submitted, case, supervisor, other_supervisor):
        before = list(Obligation.objects.order_by("pk").values())
        actions.reroute(submitted, by=supervisor, to=other_supervisor, reason="Away.")
        assert list(Obligation.objects.order_by("pk").values()) == before
        step = submitted.steps.get(action="reroute")
        assert (step.from_reviewer, step.to_reviewer, step.reason) == (supervisor, other_supervisor, "Away.")

    def test_the_grant_goes_with_it(self, submitted, supervisor, other_supervisor):
        actions.reroute(submitted, by=supervisor, to=other_supervisor, reason="Away.")
        assert Assignment.objects.get(kind="review").person == other_supervisor
        assert Case.objects.visible_to(other_supervisor).exists()

    def test_a_cover_reroutes_on_behalf_of_the_absent_one(
        self, submitted, supervisor, cover, other_supervisor
    ):
        actions.reroute(submitted, by=cover, to=other_supervisor, reason="I know the family.")
        assert submitted.steps.get(action="reroute").on_behalf_of == supervisor

    def test_the_coordinator_does_it_for_nobody_else(self, submitted, coordinator, other_supervisor):
        actions.reroute(submitted, by=coordinator, to=other_supervisor, reason="She left.")
        assert submitted.steps.get(action="reroute").on_behalf_of is None

    @pytest.mark.parametrize("reason", ["", "  "])
    def test_with_a_reason(self, reason, submitted, supervisor, other_supervisor):
        with pytest.raises(ValidationError, match="Give a reason"):
            actions.reroute(submitted, by=supervisor, to=other_supervisor, reason=reason)

    def test_not_to_the_same(self, submitted, supervisor):
        assert "already waits for Sana Supervisor" in self.refused(submitted, supervisor, supervisor)

    def test_not_to_an_inactive_supervisor(self, submitted, supervisor, other_supervisor):
        other_supervisor.is_active = False
        other_supervisor.save()
        assert "cannot review" in self.refused(submitted, supervisor, other_supervisor)

    def test_not_to_who_wrote_in_it(self, ready_draft, clinician, supervisor, other_supervisor):
        write_in(ready_draft, other_supervisor)
        actions.submit(ready_draft, by=clinician)
        assert "cannot review" in self.refused(ready_draft, supervisor, other_supervisor)

    @pytest.mark.parametrize("role", ["clinician", "administrator"])
    def test_not_to_another_role(self, role, submitted, agency, supervisor):
        person = factories.make_person(role, agency=agency)
        assert "cannot review" in self.refused(submitted, supervisor, person)

    def test_not_to_another_agency(self, submitted, supervisor, foreign_supervisor):
        assert "cannot review" in self.refused(submitted, supervisor, foreign_supervisor)

    def test_not_to_the_coordinator(self, submitted, supervisor, coordinator):
        assert "cannot review" in self.refused(submitted, supervisor, coordinator)

    def test_out_of_the_hands_of_one_who_left(self, submitted, clinician, supervisor, other_supervisor):
        supervisor.is_active = False
        supervisor.save()
        actions.reroute(submitted, by=clinician, to=other_supervisor, reason="Sana has left.")
        actions.approve(submitted, by=other_supervisor)
        assert submitted.approved_by == other_supervisor


def test_who_could_never_do_it_is_told_so_before_the_page_is_out_of_date(submitted, clinician):
    with pytest.raises(PermissionDenied):
        actions.approve(submitted, by=clinician, version=submitted.version - 1)
