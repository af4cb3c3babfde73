"""IPS opened, extended, closed, undone, opened again, and corrected opening and closing dates."""

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from approvals.actions import submit
from audit.models import Event
from cans.models import Obligation
from cans.waivers import waive
from cases import actions
from cases.actions import holding
from cases.actions.holding import written
from cases.models import Case, CaseEvent, Episode
from staff.refusals import NotNow
from tests import factories
from tests.factories import days


def close(episode, by, on=-1, **more):
    return actions.close_episode(
        episode, by=by, closed=days(on), closing_reason=more.pop("closing_reason", "stable"), **more
    )


def owed(case):
    return {row.kind: row for row in Obligation.objects.current().filter(case=case)}


class TestClose:
    def test_it_is_told_and_each_child_owes_a_closing_cans(self, case, child, episode, clinician):
        close(episode, clinician)
        episode.refresh_from_db()
        assert (episode.closed, episode.closing_reason) == (days(-1), "stable")
        assert owed(case)["closing"].due == days(29)
        event = CaseEvent.objects.get()
        assert (event.kind, event.on, event.by) == ("closed", days(-1), clinician)
        assert event.sentence == "IPS closed: placement stable, goals met."
        assert Event.objects.get(action="case.closed").subject == f"episode {episode.pk}"
        assert Case.objects.get().version == case.version + 1

    def test_a_draft_and_an_unmet_due_date_do_not_hold_it_up(self, draft, episode, clinician):
        assert close(episode, clinician).closed

    def test_children_and_workers_stay(self, case, stay, episode, clinician):
        close(episode, clinician)
        stay.refresh_from_db()
        assert stay.left is None
        assert case.assignments.get().ends is None

    @pytest.mark.parametrize(
        ("on", "sentence"),
        [(1, "has not come yet"), (-21, "before the opening")],
    )
    def test_wrong_days(self, episode, clinician, wrong, on, sentence):
        assert sentence in wrong(close, episode, clinician, on)["closed"]
        assert not CaseEvent.objects.exists()

    def test_not_before_an_extension_was_requested(self, episode, clinician, wrong):
        actions.request_extension(episode, by=clinician, requested=days(-3))
        assert "extension request" in wrong(close, episode, clinician, -4)["closed"]

    def test_another_reason_is_named(self, episode, clinician, wrong):
        assert "note" in wrong(close, episode, clinician, closing_reason="other")
        assert close(episode, clinician, closing_reason="other", note="The family moved to another state.")

    def test_the_reason_is_one_of_the_list(self, episode, clinician, wrong):
        assert "closing_reason" in wrong(close, episode, clinician, closing_reason="whim")

    def test_not_twice(self, episode, clinician):
        close(episode, clinician)
        with pytest.raises(NotNow, match="was closed on"):
            close(episode, clinician)

    def test_a_page_out_of_date_is_refused(self, case, episode, clinician):
        actions.request_extension(episode, by=clinician, requested=days(-3), version=case.version)
        with pytest.raises(NotNow, match="Somebody else changed this"):
            close(episode, clinician, version=case.version)

    def test_only_who_works_the_case(self, episode, clinician, supervisor, coordinator, stranger, colleague):
        for person in (coordinator, stranger, colleague):
            with pytest.raises(PermissionDenied):
                close(episode, person)
        assert close(episode, supervisor)

    def test_not_who_only_reviews_by_routing(self, case, episode, other_supervisor):
        factories.assign(case, other_supervisor, kind="review", starts=days(-1))
        with pytest.raises(PermissionDenied):
            close(episode, other_supervisor)

    def test_a_failed_event_leaves_the_episode_alone(self, episode, clinician, monkeypatch):
        def broken(*args, **kwargs):
            raise IntegrityError

        monkeypatch.setattr(holding, "record", broken)
        with pytest.raises(NotNow):
            close(episode, clinician)
        episode.refresh_from_db()
        assert episode.closed is None
        assert not CaseEvent.objects.exists()


class TestUndo:
    def test_the_episode_goes_on_and_owes_no_closing_cans(self, case, approved, episode, clinician):
        close(episode, clinician)
        assert owed(case)["six_month"].cancelled
        actions.undo_closing(episode, by=clinician, reason="Wrong family.")
        episode.refresh_from_db()
        assert (episode.closed, episode.closing_reason) == (None, "")
        assert "closing" not in owed(case)
        assert not owed(case)["six_month"].cancelled
        event = CaseEvent.objects.get(kind="close_undone")
        assert event.reason == "Wrong family."

    def test_by_the_coordinator_too_who_closes_nothing(self, client, case, episode, clinician, coordinator):
        close(episode, clinician)
        client.force_login(coordinator)
        page = client.get(case.get_absolute_url()).content.decode()
        assert "Undo the closing" in page
        assert "Open IPS again" not in page
        actions.undo_closing(episode, by=coordinator, reason="Open in SACWIS.")
        episode.refresh_from_db()
        assert episode.closed is None
        with pytest.raises(PermissionDenied):
            close(episode, coordinator)

    def test_only_with_a_reason(self, episode, clinician, wrong):
        close(episode, clinician)
        assert "reason" in wrong(actions.undo_closing, episode, by=clinician, reason=" ")

    def test_not_of_an_open_episode(self, episode, clinician):
        with pytest.raises(NotNow, match="no closing to undo"):
            actions.undo_closing(episode, by=clinician, reason="Wrong.")

    def test_not_when_a_later_episode_exists(self, case, episode, clinician):
        close(episode, clinician, -3)
        actions.open_episode(case, by=clinician, opened=days(-1), authorised_through=days(90))
        with pytest.raises(NotNow, match="opened again"):
            actions.undo_closing(episode, by=clinician, reason="Wrong.")


class TestReopen:
    def test_a_new_episode_with_a_new_initial(self, case, child, episode, clinician):
        close(episode, clinician, -3)
        again = actions.open_episode(case, by=clinician, opened=days(-1), authorised_through=days(90))
        assert case.episodes.count() == 2
        assert Obligation.objects.current().get(episode=again).due == days(29)
        assert CaseEvent.objects.filter(kind="opened").get().sentence.startswith("IPS opened again")

    def test_not_while_open(self, case, clinician):
        with pytest.raises(NotNow, match="is open in this case already"):
            actions.open_episode(case, by=clinician, opened=days(0), authorised_through=days(90))

    def test_on_the_day_of_the_last_closing(self, case, child, episode, clinician):
        close(episode, clinician, -3)
        again = actions.open_episode(case, by=clinician, opened=days(-3), authorised_through=days(90))
        assert Obligation.objects.current().get(episode=again).due == days(27)
        assert Obligation.objects.current().get(episode=episode, kind="closing").due == days(27)

    def test_no_two_on_one_day(self, case, episode, clinician, wrong):
        close(episode, clinician, -20)
        found = wrong(actions.open_episode, case, by=clinician, opened=days(-20), authorised_through=days(90))
        assert "opened that day already" in found["opened"]

    @pytest.mark.parametrize("on", [-4, 1])
    def test_only_after_the_last_closing_and_not_in_the_future(self, case, episode, clinician, wrong, on):
        close(episode, clinician, -3)
        found = wrong(actions.open_episode, case, by=clinician, opened=days(on), authorised_through=days(90))
        assert set(found) == {"opened"}

    def test_the_authorisation_does_not_end_before(self, case, episode, clinician, wrong):
        close(episode, clinician, -3)
        found = wrong(actions.open_episode, case, by=clinician, opened=days(0), authorised_through=days(-1))
        assert set(found) == {"authorised_through"}


class TestExtension:
    def test_the_cans_is_owed_by_the_request(self, case, child, episode, clinician):
        actions.request_extension(episode, by=clinician, requested=days(-3), reason="No time.")
        row = owed(case)["extension"]
        assert (row.due, row.status()) == (days(-3), "missed")

    def test_granted_moves_the_authorisation_and_no_due_date(self, case, child, episode, clinician):
        extension = actions.request_extension(episode, by=clinician, requested=days(-3))
        before = Obligation.objects.count()
        actions.decide_extension(
            extension, by=clinician, decided=days(-1), granted=True, authorised_through=days(300)
        )
        episode.refresh_from_db()
        assert episode.authorised_through == days(300)
        assert Obligation.objects.count() == before
        assert "granted" in CaseEvent.objects.get(kind="decided").sentence

    def test_denied_changes_nothing_but_the_request(self, episode, clinician):
        extension = actions.request_extension(episode, by=clinician, requested=days(-3))
        through = episode.authorised_through
        decided = actions.decide_extension(extension, by=clinician, decided=days(-1), granted=False)
        episode.refresh_from_db()
        assert (decided.granted, decided.authorised_through) == (False, None)
        assert episode.authorised_through == through

    def test_decided_once(self, episode, clinician):
        extension = actions.request_extension(episode, by=clinician, requested=days(-3))
        actions.decide_extension(extension, by=clinician, decided=days(-1), granted=False)
        with pytest.raises(NotNow, match="already"):
            actions.decide_extension(extension, by=clinician, decided=days(-1), granted=False)

    def test_wrong_days(self, case, episode, clinician, wrong):
        for on in (1, -21):
            assert "requested" in wrong(actions.request_extension, episode, by=clinician, requested=days(on))
        extension = actions.request_extension(episode, by=clinician, requested=days(-3))
        decide = {"by": clinician, "granted": True}
        for given, field in [
            ({"decided": days(-4), "authorised_through": days(300)}, "decided"),
            ({"decided": days(1), "authorised_through": days(300)}, "decided"),
            ({"decided": days(0)}, "authorised_through"),
            ({"decided": days(0), "authorised_through": episode.authorised_through}, "authorised_through"),
        ]:
            assert set(wrong(actions.decide_extension, extension, **decide, **given)) == {field}

    def test_one_request_a_day(self, episode, clinician, wrong):
        actions.request_extension(episode, by=clinician, requested=days(-3))
        found = wrong(actions.request_extension, episode, by=clinician, requested=days(-3))
        assert "already requested on that day" in " ".join(found.values())

    def test_not_when_closed(self, episode, clinician):
        close(episode, clinician)
        with pytest.raises(NotNow, match="open it again first"):
            actions.request_extension(episode, by=clinician, requested=days(-3))


class TestCorrectExtension:
    @pytest.fixture
    def extension(self, case, child, episode, clinician):
        return actions.request_extension(episode, by=clinician, requested=days(-3), reason="No time.")

    @pytest.fixture
    def correct(self, extension, coordinator):
        """Everything as it is on record, but for what is given."""

        def go(row=extension, *, by=coordinator, because="Typed wrongly.", **changed):
            row.refresh_from_db()
            names = ("requested", "reason", "decided", "granted", "authorised_through")
            said = {name: getattr(row, name) for name in names}
            return actions.correct_extension(row, by=by, because=because, **(said | changed))

        return go

    @pytest.fixture
    def grant(self, episode, clinician):
        def go(row, through):
            actions.decide_extension(
                row, by=clinician, decided=days(-1), granted=True, authorised_through=days(through)
            )
            return row

        return go

    def through(self, episode):
        episode.refresh_from_db()
        return episode.authorised_through

    def test_the_due_date_follows_and_the_old_one_stays_with_who_and_why(
        self, case, extension, correct, coordinator
    ):
        correct(requested=days(-9), reason="The family was away.")
        now = owed(case)["extension"]
        assert (now.due, now.recorded_by) == (days(-9), coordinator)
        assert now.because.endswith("Typed wrongly.")
        assert Obligation.objects.filter(superseded_at__isnull=False, due=days(-3)).exists()
        event = CaseEvent.objects.get(kind="extension_corrected")
        assert (event.on, event.by, event.reason) == (days(-9), coordinator, "Typed wrongly.")
        old, new = written(days(-3)), written(days(-9))
        assert event.sentence == (
            f"The extension requested on {old}: requested on was {old}, corrected to {new}; "
            "reason was “No time.”, corrected to “The family was away.”."
        )
        detail = Event.objects.get(action="case.extension_corrected").detail
        assert detail["corrected"][0] == f"requested on was {old}, corrected to {new}"
        assert Case.objects.get().version == case.version + 2

    def test_a_waiver_stays_with_the_request(self, case, child, extension, correct, coordinator):
        waive(owed(case)["extension"], by=coordinator, reason="system")
        correct(requested=days(-9))
        assert owed(case)["extension"].status() == "waived"

    def test_a_wrong_day_in_a_decision(self, episode, extension, correct, grant):
        grant(extension, 300)
        assert correct(decided=days(-2), authorised_through=days(250)).decided == days(-2)
        assert self.through(episode) == days(250)
        assert f"authorised through was {written(days(300))}" in CaseEvent.objects.latest("pk").sentence

    def test_a_denial_that_was_a_grant_and_back(self, episode, extension, correct, grant, wrong):
        at_opening = episode.authorised_through
        grant(extension, 300)
        found = wrong(correct, granted=False)
        assert "authorised at the opening" in found["otherwise_through"]
        assert (
            "before the opening"
            in wrong(correct, granted=False, otherwise_through=days(-21))["otherwise_through"]
        )
        denied = correct(granted=False, otherwise_through=at_opening)
        assert (denied.granted, denied.authorised_through) == (False, None)
        assert self.through(episode) == at_opening
        assert (
            "later than the end now"
            in wrong(correct, granted=True, authorised_through=at_opening)["authorised_through"]
        )
        correct(granted=True, authorised_through=days(310))
        assert self.through(episode) == days(310)

    def test_not_decided_after_all(self, episode, extension, correct, grant):
        at_opening = episode.authorised_through
        grant(extension, 300)
        undecided = correct(granted=None, otherwise_through=at_opening)
        assert (undecided.granted, undecided.decided, undecided.authorised_through) == (None, None, None)
        assert self.through(episode) == at_opening

    def test_the_last_grant_holds(self, episode, extension, correct, grant, clinician, wrong):
        grant(extension, 300)
        later = actions.request_extension(episode, by=clinician, requested=days(-1))
        grant(later, 400)
        assert (
            "earlier than the grant after"
            in wrong(correct, authorised_through=days(400))["authorised_through"]
        )
        assert (
            "later than the grant before"
            in wrong(correct, later, authorised_through=days(300))["authorised_through"]
        )
        correct(authorised_through=days(310))
        assert self.through(episode) == days(400)
        correct(later, granted=False)
        assert self.through(episode) == days(310)

    @pytest.mark.parametrize(
        ("changed", "field", "why"),
        [
            ({"requested": days(1)}, "requested", "has not come yet"),
            ({"requested": days(-21)}, "requested", "the opening"),
            ({"granted": False}, "decided", "on which day"),
            ({"granted": False, "decided": days(1)}, "decided", "has not come yet"),
            ({"granted": False, "decided": days(-4)}, "decided", "before the request"),
            ({"granted": True, "decided": days(-1)}, "authorised_through", "Say through which day"),
            ({"requested": days(-4), "because": " "}, "because", "Say why"),
            ({}, "because", "how it stands already"),
        ],
    )
    def test_what_is_wrong(self, correct, wrong, changed, field, why):
        found = wrong(correct, **changed)
        assert set(found) == {field}
        assert why in found[field]

    def test_not_onto_the_day_of_another_nor_after_the_closing(self, episode, correct, clinician, wrong):
        actions.request_extension(episode, by=clinician, requested=days(-5))
        assert "already requested on that day" in " ".join(wrong(correct, requested=days(-5)).values())
        close(episode, clinician, -2)
        assert "after the closing" in wrong(correct, requested=days(-1))["requested"]
        assert correct(requested=days(-2)).requested == days(-2)

    def test_only_the_coordinator_of_the_case(self, extension, correct, clinician, supervisor):
        elsewhere = factories.make_coordinator(factories.make_region())
        for person in (clinician, supervisor, elsewhere):
            with pytest.raises(PermissionDenied):
                correct(by=person, requested=days(-9))
            with pytest.raises(PermissionDenied):
                actions.withdraw_extension(extension, by=person, because="Another family.")

    def test_a_page_out_of_date_is_refused(self, case, extension, correct, coordinator):
        for verb in (correct, lambda **given: actions.withdraw_extension(extension, by=coordinator, **given)):
            with pytest.raises(NotNow, match="Somebody else changed this"):
                verb(because="Typed wrongly.", version=case.version)


class TestWithdrawExtension:
    @pytest.fixture
    def extension(self, case, child, episode, clinician):
        return actions.request_extension(episode, by=clinician, requested=days(-3), reason="No time.")

    def withdraw(self, extension, by, **more):
        return actions.withdraw_extension(extension, by=by, **({"because": "Another family."} | more))

    def test_it_is_kept_and_nothing_is_owed_for_it(self, client, case, episode, extension, coordinator):
        assert owed(case)["extension"].status() == "missed"
        self.withdraw(extension, coordinator)
        extension.refresh_from_db()
        assert extension.withdrawn == days(0)
        assert "extension" not in owed(case)
        assert Obligation.objects.filter(kind="extension", superseded_at__isnull=False).exists()
        event = CaseEvent.objects.get(kind="extension_withdrawn")
        assert (event.reason, event.by) == ("Another family.", coordinator)
        client.force_login(coordinator)
        page = client.get(case.get_absolute_url()).content.decode()
        assert f"withdrawn {written(days(0))}" in page
        assert f"/extensions/{extension.pk}/" not in page

    def test_also_where_a_cans_met_it(self, case, ready_draft, episode, clinician, coordinator):
        submit(ready_draft, by=clinician)
        extension = actions.request_extension(episode, by=clinician, requested=days(0))
        assert owed(case)["extension"].met_by == ready_draft
        self.withdraw(extension, coordinator)
        assert "extension" not in owed(case)
        assert owed(case)["initial"].met_by == ready_draft

    def test_it_holds_nothing_up(self, case, episode, extension, clinician, coordinator):
        self.withdraw(extension, coordinator)
        again = actions.request_extension(episode, by=clinician, requested=days(-3))
        self.withdraw(again, coordinator)
        actions.correct_opening(episode, by=coordinator, opened=days(-2), reason="Misread.")
        actions.correct_opening(episode, by=coordinator, opened=days(-20), reason="Misread.")
        assert close(episode, clinician, -4).closed == days(-4)

    def test_not_when_it_was_decided(self, extension, clinician, coordinator):
        actions.decide_extension(extension, by=clinician, decided=days(-1), granted=False)
        with pytest.raises(NotNow, match="correct it to not decided first"):
            self.withdraw(extension, coordinator)

    def test_only_with_a_reason(self, extension, coordinator, wrong):
        assert set(wrong(self.withdraw, extension, coordinator, because=" ")) == {"because"}

    def test_once_and_nothing_after_it(self, extension, clinician, coordinator):
        self.withdraw(extension, coordinator)
        again = {"requested": days(-4), "granted": None, "because": "Typed wrongly."}
        for verb, given in [
            (actions.withdraw_extension, {"by": coordinator, "because": "Again."}),
            (actions.correct_extension, {"by": coordinator, **again}),
            (actions.decide_extension, {"by": clinician, "decided": days(-1), "granted": False}),
        ]:
            with pytest.raises(NotNow, match="was withdrawn on"):
                verb(extension, **given)

    @pytest.mark.parametrize("kind", ["extension_corrected", "extension_withdrawn"])
    def test_the_database_keeps_none_without_a_reason(self, case, clinician, kind):
        with pytest.raises(IntegrityError, match="has a reason"), transaction.atomic():
            CaseEvent.objects.create(case=case, kind=kind, on=days(-1), sentence="Invented.", by=clinician)


class TestCorrectClosing:
    @pytest.fixture
    def closed(self, case, child, episode, clinician):
        close(episode, clinician, -8)
        return case.episodes.get()

    def test_the_old_date_stays_in_the_history_with_who_and_why(self, case, child, closed, coordinator):
        assert owed(case)["closing"].due == days(22)
        actions.correct_closing(closed, by=coordinator, closed=days(-5), reason="Misread.")
        now = owed(case)["closing"]
        assert (now.due, now.recorded_by) == (days(25), coordinator)
        assert now.because.endswith("Misread.")
        assert days(22) in Obligation.objects.filter(superseded_at__isnull=False).values_list(
            "due", flat=True
        )
        event = CaseEvent.objects.get(kind="closing_corrected")
        assert (event.reason, event.on) == ("Misread.", days(-5))

    def test_only_the_coordinator_of_the_case(self, closed, clinician, supervisor):
        elsewhere = factories.make_coordinator(factories.make_region())
        for person in (clinician, supervisor, elsewhere):
            with pytest.raises(PermissionDenied):
                actions.correct_closing(closed, by=person, closed=days(-5), reason="Misread.")

    def test_not_while_it_is_open(self, episode, coordinator):
        with pytest.raises(NotNow, match="no closing date to correct"):
            actions.correct_closing(episode, by=coordinator, closed=days(-5), reason="Misread.")

    def test_wrong_days(self, case, episode, clinician, coordinator, wrong):
        actions.request_extension(episode, by=clinician, requested=days(-10))
        close(episode, clinician, -8)
        Episode.objects.create(case=case, opened=days(-2), authorised_through=days(50))
        for on, why in [
            (1, "has not come yet"),
            (-8, "already"),
            (-21, "the opening"),
            (-11, "an extension request"),
            (-1, "after the next opening"),
        ]:
            found = wrong(
                actions.correct_closing, episode, by=coordinator, closed=days(on), reason="Misread."
            )
            assert why in found["closed"]
        actions.correct_closing(episode, by=coordinator, closed=days(-2), reason="Misread.")
        found = wrong(actions.correct_closing, episode, by=coordinator, closed=days(-3), reason="")
        assert set(found) == {"reason"}

    def test_the_database_keeps_none_without_a_reason(self, case, clinician):
        with pytest.raises(IntegrityError, match="has a reason"), transaction.atomic():
            CaseEvent.objects.create(
                case=case, kind="closing_corrected", on=days(-1), sentence="Invented.", by=clinician
            )


class TestCorrectOpening:
    def test_the_old_date_stays_in_the_history_with_who_and_why(self, case, child, episode, coordinator):
        actions.correct_opening(episode, by=coordinator, opened=days(-15), reason="Misread.")
        assert owed(case)["initial"].due == days(15)
        old = Obligation.objects.get(case=case, superseded_at__isnull=False)
        assert old.due == days(10)
        now = owed(case)["initial"]
        assert now.recorded_by == coordinator
        assert now.because.endswith("Misread.")
        event = CaseEvent.objects.get()
        assert (event.kind, event.reason) == ("opening_corrected", "Misread.")

    def test_children_who_joined_with_the_opening_move_back_with_it(
        self, case, child, stay, episode, coordinator
    ):
        later = factories.make_child(case, joined=days(-10)).memberships.get()
        actions.correct_opening(episode, by=coordinator, opened=days(-25), reason="Misread.")
        stay.refresh_from_db()
        later.refresh_from_db()
        assert (stay.joined, later.joined) == (days(-25), days(-10))
        assert Obligation.objects.current().get(child=child).due == days(5)

    def test_what_moved_is_told_and_a_second_correction_takes_them_along(
        self, child, stay, episode, coordinator
    ):
        """Corrected too far and put back: who was there from the opening still is, at the next correction."""
        for day, joined in [(-24, -24), (-20, -24), (-26, -26)]:
            actions.correct_opening(episode, by=coordinator, opened=days(day), reason="Misread.")
            stay.refresh_from_db()
            assert stay.joined == days(joined)
        assert Obligation.objects.current().get(child=child).due == days(4)
        told = CaseEvent.objects.filter(kind="child").order_by("pk").values_list("sentence", flat=True)
        moves = [(-20, -24), (-24, -26)]
        assert list(told) == [
            f"{child}: joined {written(days(old))}, moved back to {written(days(new))} with the opening."
            for old, new in moves
        ]

    def test_who_had_left_before_it_stays(self, case, child, stay, episode, coordinator):
        stay.joined, stay.left = days(-22), days(-21)
        stay.save()
        actions.correct_opening(episode, by=coordinator, opened=days(-25), reason="Misread.")
        stay.refresh_from_db()
        assert stay.joined == days(-22)

    def test_not_before_the_referral(self, case, episode, coordinator, wrong):
        case.referred_on = days(-22)
        case.save()
        correct = {"by": coordinator, "reason": "Misread."}
        found = wrong(actions.correct_opening, episode, **correct, opened=days(-23))
        assert found == {"opened": f"This is before the referral, {written(days(-22))}."}
        actions.correct_opening(episode, **correct, opened=days(-22))

    def test_a_child_of_another_case_at_that_time_stays(self, case, child, stay, episode, coordinator):
        from cases.models import Membership

        Membership.objects.create(case=factories.make_case(), child=child, joined=days(-60), left=days(-22))
        actions.correct_opening(episode, by=coordinator, opened=days(-25), reason="Misread.")
        stay.refresh_from_db()
        assert stay.joined == days(-20)

    def test_only_the_coordinator_of_the_case(self, episode, clinician, supervisor, wrong):
        elsewhere = factories.make_coordinator(factories.make_region())
        for person in (clinician, supervisor, elsewhere):
            with pytest.raises(PermissionDenied):
                actions.correct_opening(episode, by=person, opened=days(-15), reason="Misread.")

    def test_wrong_days(self, case, episode, clinician, coordinator, wrong):
        actions.request_extension(episode, by=clinician, requested=days(-10))
        for on in (1, -20, -9):
            found = wrong(
                actions.correct_opening, episode, by=coordinator, opened=days(on), reason="Misread."
            )
            assert set(found) == {"opened"}
        found = wrong(actions.correct_opening, episode, by=coordinator, opened=days(-15), reason="")
        assert set(found) == {"reason"}

    def test_not_before_the_episode_before(self, case, episode, clinician, coordinator, wrong):
        close(episode, clinician, -5)
        again = Episode.objects.create(case=case, opened=days(-2), authorised_through=days(50))
        found = wrong(actions.correct_opening, again, by=coordinator, opened=days(-6), reason="Misread.")
        assert "before the last closing" in found["opened"]
        found = wrong(actions.correct_opening, episode, by=coordinator, opened=days(-4), reason="Misread.")
        assert "after the closing" in found["opened"]

    def test_not_onto_the_day_another_opened(self, case, episode, clinician, coordinator, wrong):
        close(episode, clinician, -5)
        again = Episode.objects.create(case=case, opened=days(-2), authorised_through=days(50))
        actions.correct_opening(again, by=coordinator, opened=days(-5), reason="Misread.")
        found = wrong(actions.correct_opening, episode, by=coordinator, opened=days(-5), reason="Misread.")
        assert found["opened"] == "IPS opened again that day."
        again.delete()
        again = Episode.objects.create(case=case, opened=days(-2), authorised_through=days(50))
        actions.correct_opening(episode, by=coordinator, opened=days(-5), reason="Misread.")
        found = wrong(actions.correct_opening, again, by=coordinator, opened=days(-5), reason="Misread.")
        assert "opened that day already" in found["opened"]

    def test_the_end_of_the_authorisation(self, case, child, episode, coordinator):
        old, due = episode.authorised_through, Obligation.objects.count()
        correct = {"by": coordinator, "reason": "Misread."}
        actions.correct_opening(episode, **correct, opened=episode.opened, authorised_through=days(90))
        episode.refresh_from_db()
        assert episode.authorised_through == days(90)
        event = CaseEvent.objects.get()
        assert event.sentence == f"Authorised through {written(old)}, corrected to {written(days(90))}."
        assert (event.kind, event.on, event.reason) == ("opening_corrected", days(-20), "Misread.")
        assert Obligation.objects.count() == due
        actions.correct_opening(episode, **correct, opened=days(-15), authorised_through=days(91))
        assert CaseEvent.objects.count() == 3

    def test_the_authorisation_does_not_end_before_the_opening(self, episode, coordinator, wrong):
        correct = {"by": coordinator, "reason": "Misread."}
        for opened, through in [(-20, -21), (-9, -10)]:
            given = {"opened": days(opened), "authorised_through": days(through)}
            assert (
                "before the opening"
                in wrong(actions.correct_opening, episode, **correct, **given)["authorised_through"]
            )
        same = {"opened": episode.opened, "authorised_through": episode.authorised_through}
        assert set(wrong(actions.correct_opening, episode, **correct, **same)) == {"opened"}

    def test_what_was_granted_since_holds(self, episode, clinician, coordinator, wrong):
        extension = actions.request_extension(episode, by=clinician, requested=days(-3))
        actions.decide_extension(
            extension, by=clinician, decided=days(-1), granted=True, authorised_through=days(300)
        )
        correct = {"by": coordinator, "opened": days(-21), "reason": "Misread."}
        found = wrong(actions.correct_opening, episode, **correct, authorised_through=days(90))
        assert "correct that one instead" in found["authorised_through"]
        actions.correct_opening(episode, **correct, authorised_through=days(300))
        episode.refresh_from_db()
        assert (episode.opened, episode.authorised_through) == (days(-21), days(300))
