"""Submitting: to whom it goes, what it meets, and what taking it back undoes."""

import datetime

import pytest
from django.core.exceptions import PermissionDenied

from approvals import actions
from cans.models import Assessment, Obligation
from cans.states import State
from cases.actions import correct_opening, open_episode
from cases.models import Assignment
from staff.models import Line
from staff.refusals import NotNow
from tests import factories
from tests.factories import days

from .conftest import name_cover, snapshot, write_in


def submit(draft, by):
    return actions.submit(draft, by=by)


def initial(case):
    return Obligation.objects.current().get(case=case, kind="initial")


def test_it_goes_to_the_authors_supervisor_also_while_that_one_is_away(
    ready_draft, clinician, supervisor, cover, other_supervisor
):
    assert submit(ready_draft, clinician) == supervisor


def test_a_parallel_worker_submits_to_the_authors_supervisor(ready_draft, contributor, supervisor):
    write_in(ready_draft, contributor)
    assert submit(ready_draft, contributor) == supervisor
    assert ready_draft.submitted_by == contributor


def test_it_goes_to_the_supervisor_of_today(ready_draft, clinician, supervisor, other_supervisor):
    Line.objects.filter(person=clinician).update(ends=days(-1))
    Line.objects.create(person=clinician, supervisor=other_supervisor, starts=days(0))
    assert submit(ready_draft, clinician) == other_supervisor


def test_nobody_else_in_the_agency(ready_draft, clinician, supervisor):
    supervisor.is_active = False
    supervisor.save()
    before = snapshot()
    with pytest.raises(NotNow, match="Nobody in your agency may review this CANS"):
        submit(ready_draft, clinician)
    assert snapshot() == before


@pytest.mark.parametrize("role", ["administrator", "coordinator"])
def test_an_author_of_another_role_by_now_does_not(role, ready_draft, clinician, supervisor):
    clinician.role = role
    clinician.agency = None if role == "coordinator" else clinician.agency
    clinician.save()
    with pytest.raises(PermissionDenied):
        submit(ready_draft, clinician)


class TestTheSupervisorMayNotReview:
    """Then it goes to who stands in for them, or else to another supervisor with credentials."""

    def inactive(self, draft, supervisor):
        supervisor.is_active = False
        supervisor.save()

    def no_line(self, draft, supervisor):
        Line.objects.all().delete()

    def line_ended(self, draft, supervisor):
        Line.objects.update(ends=days(-1))

    def wrote_in_it(self, draft, supervisor):
        write_in(draft, supervisor)

    def moved(self, draft, supervisor):
        supervisor.agency = factories.make_agency()
        supervisor.save()

    def no_longer_a_supervisor(self, draft, supervisor):
        supervisor.role = "clinician"
        supervisor.save()

    REASONS = ("inactive", "no_line", "line_ended", "wrote_in_it", "moved", "no_longer_a_supervisor")

    @pytest.mark.parametrize("reason", REASONS)
    def test_another_supervisor(self, reason, ready_draft, clinician, supervisor, other_supervisor):
        getattr(self, reason)(ready_draft, supervisor)
        if reason in {"no_line", "line_ended"}:
            write_in(ready_draft, supervisor)  # otherwise the first of the agency might be the same one
        assert submit(ready_draft, clinician) == other_supervisor

    def test_the_one_who_covers_comes_first(self, ready_draft, clinician, supervisor, make_supervisor):
        make_supervisor(name="Aaron Alphabetical")
        covering = make_supervisor(name="Zoe Zuletzt")
        name_cover(supervisor, covering, 0, 0)
        write_in(ready_draft, supervisor)
        assert submit(ready_draft, clinician) == covering

    def test_a_cover_who_wrote_in_it_does_not_stand_in(
        self, ready_draft, clinician, supervisor, make_supervisor, other_supervisor
    ):
        covering = make_supervisor(name="Aaron Alphabetical")
        name_cover(supervisor, covering, 0, 0)
        write_in(ready_draft, supervisor)
        write_in(ready_draft, covering)
        assert submit(ready_draft, clinician) == other_supervisor

    def test_one_with_credentials_comes_before_one_without(
        self, ready_draft, clinician, supervisor, make_supervisor, other_supervisor
    ):
        make_supervisor(name="Aaron Alphabetical", credentials=False)
        write_in(ready_draft, supervisor)
        assert submit(ready_draft, clinician) == other_supervisor


class TestTheSupervisorsCredentialsLapsed:
    @pytest.fixture(autouse=True)
    def lapsed(self, supervisor):
        supervisor.credentials.all().delete()

    def test_it_goes_to_another_who_may_decide(self, ready_draft, clinician, other_supervisor):
        assert submit(ready_draft, clinician) == other_supervisor

    def test_it_stays_with_them_while_a_cover_may(
        self, ready_draft, clinician, supervisor, cover, other_supervisor
    ):
        assert submit(ready_draft, clinician) == supervisor

    def test_a_cover_whose_credentials_lapsed_too_holds_nothing(
        self, ready_draft, clinician, cover, other_supervisor
    ):
        cover.credentials.all().delete()
        assert submit(ready_draft, clinician) == other_supervisor

    def test_a_cover_without_credentials_comes_after_another_with(
        self, ready_draft, clinician, supervisor, cover, other_supervisor
    ):
        cover.credentials.all().delete()
        write_in(ready_draft, supervisor)
        assert submit(ready_draft, clinician) == other_supervisor

    def test_with_nobody_who_may_it_waits_for_them(self, ready_draft, clinician, supervisor, make_supervisor):
        make_supervisor(name="Aaron Alphabetical", credentials=False)
        assert submit(ready_draft, clinician) == supervisor


def test_a_case_whose_author_is_a_supervisor_goes_to_another(agency, supervisor, other_supervisor):
    case = factories.make_case(primary=supervisor)
    draft = factories.make_draft(factories.make_child(case), author=supervisor, rated="1")
    assert submit(draft, supervisor) == other_supervisor


def test_it_opens_the_case_to_the_reviewer_from_routing_to_decision(submitted, supervisor):
    grant = Assignment.objects.get(kind="review")
    assert (grant.person, grant.case, grant.starts, grant.ends) == (supervisor, submitted.case, days(0), None)
    actions.approve(submitted, by=supervisor)
    assert not Assignment.objects.filter(kind="review").exists()


def test_a_grant_of_earlier_days_is_kept_and_ends_yesterday(submitted, supervisor):
    Assignment.objects.filter(kind="review").update(starts=days(-3))
    actions.approve(submitted, by=supervisor)
    grant = Assignment.objects.get(kind="review")
    assert (grant.starts, grant.ends) == (days(-3), days(-1))


def test_two_siblings_share_a_grant_until_the_second_is_decided(submitted, case, clinician, supervisor):
    sibling = factories.make_child(case)
    second = factories.make_draft(sibling, author=clinician, rated="1")
    submit(second, clinician)
    assert Assignment.objects.filter(kind="review", ends=None).count() == 1
    actions.approve(submitted, by=supervisor)
    assert Assignment.objects.filter(kind="review", ends=None).count() == 1
    actions.approve(second, by=supervisor)
    assert not Assignment.objects.filter(kind="review").exists()


def test_a_stale_page_is_refused_before_anything_else(ready_draft, clinician):
    before = snapshot()
    with pytest.raises(NotNow, match="Somebody else changed this CANS"):
        actions.submit(ready_draft, by=clinician, version=ready_draft.version + 1)
    assert snapshot() == before


class TestRecall:
    def test_a_recalled_submission_counts_as_never_made(self, submitted, case, clinician):
        assert initial(case).status() == "submitted"
        actions.recall(submitted, by=clinician)
        assert submitted.state == State.DRAFT
        for field in ("first_submitted_on", "submitted_at", "submitted_by", "reviewer"):
            assert getattr(submitted, field) is None, field
        assert initial(case).status() == "due"
        assert initial(case).on_time is None
        assert not Assignment.objects.filter(kind="review").exists()

    def test_the_next_submission_is_then_the_first(self, child, caregiver, clinician):
        submitted = factories.make_draft(child, author=clinician, rated="1", assessed_on=days(-6))
        submit(submitted, clinician)
        type(submitted).objects.filter(pk=submitted.pk).update(first_submitted_on=days(-5))
        actions.recall(submitted, by=clinician)
        submit(submitted, clinician)
        assert submitted.first_submitted_on == days(0)

    def test_recalling_an_answer_to_a_return_leaves_the_first_submission(
        self, submitted, case, clinician, supervisor
    ):
        actions.return_for_revision(submitted, by=supervisor, reason="Look again.")
        submit(submitted, clinician)
        actions.recall(submitted, by=clinician)
        assert submitted.state == State.DRAFT
        assert submitted.first_submitted_on == days(0)
        assert initial(case).status() == "returned"

    def test_not_once_a_reviewer_has_opened_it(self, submitted, clinician, supervisor):
        actions.mark_opened(submitted, by=supervisor)
        before = snapshot()
        with pytest.raises(NotNow, match="already opened"):
            actions.recall(submitted, by=clinician)
        assert snapshot() == before

    def test_rerouting_does_not_close_it_again(self, submitted, clinician, supervisor, other_supervisor):
        actions.mark_opened(submitted, by=supervisor)
        actions.reroute(submitted, by=clinician, to=other_supervisor, reason="To take it back.")
        with pytest.raises(NotNow, match="already opened"):
            actions.recall(submitted, by=clinician)

    def test_a_new_submission_is_unopened(self, submitted, clinician, supervisor):
        actions.mark_opened(submitted, by=supervisor)
        actions.return_for_revision(submitted, by=supervisor, reason="Look again.")
        submit(submitted, clinician)
        actions.recall(submitted, by=clinician)
        assert submitted.state == State.DRAFT


class TestOpened:
    @pytest.mark.parametrize("who", ["supervisor", "cover today"])
    def test_the_reviewer_or_their_cover_opens_it(self, who, world, ready_draft):
        submit(ready_draft, world["author"])
        actions.mark_opened(ready_draft, by=world[who])
        ready_draft.refresh_from_db()
        assert ready_draft.opened_by == world[who]

    @pytest.mark.parametrize(
        "who",
        [
            "author",
            "coordinator",
            "supervisor of another team, who covers the cover",
            "cover until yesterday",
            "cover from tomorrow",
            "cover today who wrote in it",
            "cover today of another agency",
        ],
    )
    def test_nobody_else_does(self, who, world, ready_draft):
        submit(ready_draft, world["author"])
        actions.mark_opened(ready_draft, by=world[who])
        ready_draft.refresh_from_db()
        assert ready_draft.opened_at is None

    def test_the_first_opening_stays(self, submitted, supervisor, cover):
        loaded_before = Assessment.objects.get(pk=submitted.pk)
        actions.mark_opened(submitted, by=supervisor)
        actions.mark_opened(loaded_before, by=cover)
        submitted.refresh_from_db()
        assert submitted.opened_by == supervisor

    def test_nothing_to_open_in_a_decided_one(self, approved, supervisor):
        actions.mark_opened(approved, by=supervisor)
        approved.refresh_from_db()
        assert approved.opened_at is None


def test_the_first_submission_is_a_date_in_chicago(ready_draft, clinician, monkeypatch):
    """Half past ten in the evening there is the next day by the world's clock."""
    from django.utils import timezone

    local = datetime.datetime.combine(days(0), datetime.time(22, 30), timezone.get_default_timezone())
    monkeypatch.setattr(timezone, "now", lambda: local.astimezone(datetime.UTC))
    submit(ready_draft, clinician)
    assert ready_draft.first_submitted_on == local.date()


def test_where_the_opening_was_corrected_past_its_day_it_counts_for_the_episode_before(
    clinician, coordinator
):
    case = factories.make_case(primary=clinician, opened=days(-200), closed=days(-60))
    child = factories.make_child(case)
    again = open_episode(case, by=clinician, opened=days(-38), authorised_through=days(90))
    draft = factories.make_draft(child, author=clinician, assessed_on=days(-37), rated="1")
    correct_opening(again, by=coordinator, opened=days(-36), reason="A wrong key.")
    submit(draft, clinician)
    assert Obligation.objects.current().get(case=case, kind="closing").met_by == draft
