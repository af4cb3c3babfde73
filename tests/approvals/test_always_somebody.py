"""Nobody's CANS is forgotten: over random people, covers, departures, credentials and steps, every submitted
one has somebody who is here, may decide it today and wrote none of it; or whoever may reroute it is shown
it, and there is one while the case is anybody's (docs/adr/0011)."""

from collections import Counter

import pytest
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from approvals import actions
from approvals.permissions import check_can, deciders_of, enders_of, possible_reviewers, wrote_in
from approvals.queue import waiting_for
from approvals.rising import raise_waiting
from approvals.waiting import rows_of, stuck
from approvals.workflow import Action
from cans.models import Assessment, Contribution
from cans.states import WORKABLE, State
from cases.models import Assignment
from staff.actions import name_backup, possible_covers
from staff.dates import in_force, today
from staff.gate import cleared
from staff.models import Cover, Line, RegionGrant, Role, User
from staff.refusals import NotNow
from tests import factories
from tests.factories import days

WORKERS, SUPERVISORS, CANS = st.integers(0, 1), st.integers(0, 3), st.integers(0, 1)


class Built:
    """One agency of four supervisors and two clinicians, each with a ready draft; a fifth elsewhere."""

    def __init__(self):
        agency = factories.make_agency()
        self.supervisors = [factories.make_person("supervisor", agency=agency) for _ in range(4)]
        self.foreign = factories.make_person("supervisor")
        self.workers = [
            factories.make_person("clinician", agency=agency, supervisor=self.supervisors[n])
            for n in range(2)
        ]
        self.coordinator = factories.make_coordinator()
        self.cans = [
            factories.make_draft(
                factories.make_child(factories.make_case(primary=worker)), author=worker, rated="1"
            ).pk
            for worker in self.workers
        ]


def may(user, action, assessment):
    try:
        check_can(user, action, assessment)
    except (PermissionDenied, NotNow):
        return False
    return True


class Routing(RuleBasedStateMachine):
    built = seen = None

    def __init__(self):
        super().__init__()
        self.before = transaction.savepoint()

    def teardown(self):
        transaction.savepoint_rollback(self.before)

    def person(self, row):
        return User.objects.get(pk=row.pk)

    def supervisor(self, number):
        return self.person(self.built.supervisors[number])

    def one(self, number):
        return Assessment.objects.get(pk=self.built.cans[number])

    @initialize()
    def both_are_submitted(self):
        for number in range(2):
            self.submit(number)

    @rule(number=CANS)
    def submit(self, number):
        """Refused only where nobody of the agency may review it."""
        cans = self.one(number)
        if not may(cans.author, Action.SUBMIT, cans):
            return
        if possible_reviewers(cans).exists():
            reviewer = actions.submit(cans, by=cans.author)
            assert reviewer.is_active
            assert not wrote_in(reviewer, cans)
            # Lapsed credentials hold nothing up that day while anybody of the agency could decide it.
            if possible_reviewers(cans).filter(pk__in=cleared().values("pk")).exists():
                assert deciders_of([cans.pk])[cans.pk]
            return
        with pytest.raises(NotNow, match="Ask your coordinator"), transaction.atomic():
            actions.submit(cans, by=cans.author)
        assert self.one(number).state != State.SUBMITTED

    @rule(number=CANS, returned=st.booleans())
    def decide(self, number, returned):
        """By the first who may; returned, so that it comes again, or taken back."""
        cans = self.one(number)
        decider = next(iter(deciders_of([cans.pk])[cans.pk]), None)
        if returned and decider:
            actions.return_for_revision(cans, by=User.objects.get(pk=decider), reason="Invented.")
        elif may(cans.author, Action.RECALL, cans):
            actions.recall(cans, by=cans.author)

    @rule(number=CANS, to=SUPERVISORS)
    def reroute(self, number, to):
        cans, to = self.one(number), self.supervisor(to)
        possible = possible_reviewers(cans).exclude(pk=cans.reviewer_id)
        if cans.state == State.SUBMITTED and possible.filter(pk=to.pk).exists():
            by = next((user for user in User.objects.all() if may(user, Action.REROUTE, cans)), None)
            if by:
                actions.reroute(cans, by=by, to=to, reason="Invented.")

    @rule(of=SUPERVISORS, to=SUPERVISORS)
    def rise(self, of, to):
        """To a backup who is named, as if it had waited long: only where that one may decide it."""
        of, to = self.supervisor(of), self.supervisor(to)
        if possible_covers(of).filter(pk=to.pk).exists():
            name_backup(of, backup=to, by=of)
        before = dict(Assessment.objects.values_list("pk", "reviewer"))
        raise_waiting(days(40))
        for cans in Assessment.objects.exclude(reviewer=None):
            if cans.reviewer_id != before[cans.pk]:
                assert cans.reviewer_id in deciders_of([cans.pk])[cans.pk]

    @rule(away=SUPERVISORS, stands_in=SUPERVISORS, first=st.integers(-2, 1), last=st.integers(-1, 2))
    def cover(self, away, stands_in, first, last):
        if away != stands_in and first <= last:
            self._cover(self.supervisor(away), self.supervisor(stands_in), first, last)

    @rule(number=CANS)
    def cover_by_a_foreigner(self, number):
        """Whoever it waits for is away, and their cover may not decide it."""
        cans = self.one(number)
        if cans.reviewer:
            self._cover(cans.reviewer, self.built.foreign, 0, 0)

    def _cover(self, away, stands_in, first, last):
        Cover.objects.create(
            supervisor=away, cover=stands_in, starts=days(first), ends=days(last), named_by=away
        )

    @rule()
    def covers_end(self):
        Cover.objects.all().delete()

    @rule(who=SUPERVISORS, active=st.booleans())
    def account(self, who, active):
        User.objects.filter(pk=self.supervisor(who).pk).update(is_active=active)

    @rule(who=SUPERVISORS, role=st.sampled_from([Role.SUPERVISOR, Role.CLINICIAN]))
    def role(self, who, role):
        User.objects.filter(pk=self.supervisor(who).pk).update(role=role)

    @rule(who=SUPERVISORS, valid=st.booleans())
    def credentials(self, who, valid):
        who = self.supervisor(who)
        who.credentials.all().delete()
        if valid:
            factories.certify(who)

    @rule(worker=WORKERS, to=st.none() | SUPERVISORS)
    def line(self, worker, to):
        worker = self.person(self.built.workers[worker])
        worker.lines.all().delete()
        if to is not None:
            Line.objects.create(person=worker, supervisor=self.supervisor(to), starts=days(-1))

    @rule(there=st.booleans())
    def coordinator(self, there):
        """Is there one for the region?"""
        self.built.coordinator.region_grants.all().delete()
        if there:
            RegionGrant.objects.create(coordinator=self.built.coordinator, starts=days(-1))

    @rule(number=CANS, goes_on=st.booleans())
    def assignment(self, number, goes_on):
        """Does its author still work in the case?"""
        cans = self.one(number)
        mine = Assignment.objects.filter(case=cans.case, person=cans.author, kind="primary")
        mine.update(ends=None if goes_on else days(-1))

    @rule(number=CANS, worker=WORKERS)
    def helper(self, number, worker):
        """Somebody works beside the author, or instead of them."""
        cans, worker = self.one(number), self.person(self.built.workers[worker])
        if worker.pk != cans.author_id:
            Assignment.objects.get_or_create(
                case=cans.case, person=worker, kind="parallel", defaults={"starts": days(-1)}
            )

    @rule(number=CANS, who=SUPERVISORS)
    def writes(self, number, who):
        """Only while it is open to writing; afterwards nothing of it changes."""
        cans, who = self.one(number), self.supervisor(who)
        if cans.state in {State.DRAFT, State.RETURNED}:
            Contribution.objects.get_or_create(assessment=cans, person=who)

    @invariant()
    def who_may_end_a_draft_is_known(self):
        for cans in Assessment.objects.filter(state__in=WORKABLE):
            able = {user.pk for user in User.objects.all() if may(user, Action.VOID, cans)}
            assert able == set(enders_of([cans.pk])[cans.pk])

    @invariant()
    def somebody_decides_or_whoever_can_reroute_it_is_shown(self):
        everybody = [*User.objects.all()]
        for cans in Assessment.objects.filter(state=State.SUBMITTED):
            able = {user.pk for user in everybody if may(user, Action.APPROVE, cans)}
            assert able == set(deciders_of([cans.pk])[cans.pk])
            assert able == {user.pk for user in everybody if may(user, Action.RETURN, cans)}
            assert not any(wrote_in(user, cans) for user in everybody if user.pk in able)
            # It waits for nobody who wrote in it, and whoever it waits for has a way to the case.
            assert not wrote_in(cans.reviewer, cans)
            assert Assignment.objects.current(today()).filter(case=cans.case, person=cans.reviewer).exists()
            away = set(Cover.objects.filter(in_force(today())).values_list("supervisor", flat=True))
            here = able - away
            self.seen["decided" if here else "away" if able else "nobody"] += 1
            self.check_shown(cans, everybody, here)

    def check_shown(self, cans, everybody, here):
        can = [user for user in everybody if may(user, Action.REROUTE, cans)]
        for user in can:
            if user.role == Role.SUPERVISOR and cans.pk in {row.pk for row in waiting_for(user)}:
                continue  # it stands in their queue
            told = {row.assessment.pk: row for row in rows_of(stuck(user))}
            # None of these is older than today: so exactly what nobody here may decide is shown.
            assert (cans.pk in told) is (not here)
            if not here:
                assert told[cans.pk].may_decide == []
                assert told[cans.pk].why_nobody
        if not here:
            self.seen["somebody reroutes" if can else "nobody at all"] += 1
            assert bool(can) is self.is_anybodys(cans, everybody)

    def is_anybodys(self, cans, everybody):
        """Has the region a coordinator, works its author in the case, leads anybody one who does, or is its
        reviewer or a cover of theirs still a supervisor of the agency?"""
        at_work = Assignment.objects.current(today()).carrying().filter(case=cans.case).values("person")
        leading = Line.objects.filter(in_force(today()), person__in=at_work).values("supervisor")
        wrote = cans.contributions.filter(person__in=at_work).values("person")
        covers = Cover.objects.filter(in_force(today()), supervisor=cans.reviewer).values("cover")
        supervisors = User.objects.supervisors().of_agency(cans.case.agency_id)
        return (
            self.built.coordinator.region_grants.exists()
            or User.objects.workers().filter(pk__in=wrote).exists()
            or supervisors.filter(Q(pk__in=leading) | Q(pk__in=covers) | Q(pk=cans.reviewer_id)).exists()
        )


def test_there_is_always_somebody(db):
    machine = type("RoutingHere", (Routing,), {"built": Built(), "seen": Counter()})
    steps = settings(max_examples=settings().max_examples // 10 + 5, stateful_step_count=20)
    run_state_machine_as_test(machine, settings=steps)
    # The machine came where it matters: with somebody to decide, with somebody away, and with nobody.
    assert min(machine.seen[world] for world in ("decided", "away", "nobody", "somebody reroutes")) > 5
