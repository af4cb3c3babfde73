"""Stores what a checked file would do, many rows at a time, inside the caller's transaction."""

import datetime
from collections import defaultdict

from django.db.models import F
from django.utils import timezone

from approvals.models import Step, as_decided
from approvals.workflow import Action
from cans import obligations
from cans.models import Assessment, Contribution, Note, Sheet, Waiver
from cans.states import State
from cases.actions.holding import written
from cases.models import (
    Adult,
    Assignment,
    Caregiving,
    Case,
    CaseEvent,
    Child,
    ChildStatus,
    Collateral,
    Episode,
    Extension,
    Membership,
    Service,
    ServiceFinding,
)
from staff.dates import today
from staff.models import User

from .checking.plan import KINDS
from .progress import Progress
from .waived import at, source_of

AT_ONCE = 500  # cases whose due dates are computed together
ROWS = 2_000
MODELS = {
    "people": User,
    "cases": Case,
    "episodes": Episode,
    "extensions": Extension,
    "assignments": Assignment,
    "children": Child,
    "stays": Membership,
    "statuses": ChildStatus,
    "adults": Adult,
    "collaterals": Collateral,
    "caregivings": Caregiving,
    "services": Service,
}


def write(plan, *, by):
    """Store everything that is new."""
    for kind, model in MODELS.items():
        rows = plan.new[kind]
        model.objects.bulk_create(rows, batch_size=ROWS)
        if rows:
            yield Progress(f"Storing {KINDS[kind]}", len(rows), len(rows))
    services = plan.new["services"]
    ServiceFinding.objects.bulk_create(
        (ServiceFinding(service=row, code=code) for row in services for code in row.codes), batch_size=ROWS
    )
    yield from _write_cans(plan.new["cans"])
    _write_waivers(plan.new["waivers"])
    _tell_story(plan, by)
    cases = [*plan.new["cases"], *plan.touched.values()]
    Case.objects.filter(pk__in=[row.pk for row in plan.touched.values()]).update(version=F("version") + 1)
    for start in range(0, len(cases), AT_ONCE):
        some = [row.pk for row in cases[start : start + AT_ONCE]]
        obligations.refresh_many(some, by=by, because="Imported from a file")
        yield Progress("Computing the due dates of cases", start + len(some), len(cases))


def _write_waivers(rows):
    """After all that their due dates come from."""
    for row in rows:
        row.source = source_of(row.cause, case=row.episode.case, child=row.child)
    Waiver.objects.bulk_create(rows, batch_size=ROWS)


def _tell_story(plan, by):
    """In each case's own story: how it came here, and when it was open."""
    events = [
        CaseEvent(case=case, kind="created", on=today(), by=by, sentence=f"Imported from a file by {by}.")
        for case in plan.new["cases"]
    ]
    events += [
        CaseEvent(case=case, kind="edited", on=today(), by=by, sentence=f"Added to from a file by {by}.")
        for case in plan.touched.values()
    ]
    for row in plan.new["episodes"]:
        sentence = f"IPS opened, authorised through {written(row.authorised_through)}."
        events.append(CaseEvent(case=row.case, kind="opened", on=row.opened, by=by, sentence=sentence))
        if row.closed:
            sentence = f"IPS closed: {row.get_closing_reason_display()}."
            events.append(CaseEvent(case=row.case, kind="closed", on=row.closed, by=by, sentence=sentence))
    CaseEvent.objects.bulk_create(events, batch_size=ROWS)


def _write_cans(all_cans):
    """Every child's first CANS, then every child's second: a child has one open at a time, and what is
    decided cannot be written, so each goes in as a draft and takes its state when it is whole."""
    by_child = defaultdict(list)
    for one in sorted(all_cans, key=lambda one: one.assessed_on):
        by_child[one.child.pk].append(one)
    before, here = _approved_before(by_child), _in_case_today(by_child)
    done = 0
    for turn in range(max(map(len, by_child.values()), default=0)):
        some = [(child, own[turn]) for child, own in by_child.items() if len(own) > turn]
        for start in range(0, len(some), ROWS):
            chunk = some[start : start + ROWS]
            for child, one in chunk:
                case = one.stay.case.pk
                told = [row for row in before[child] if row.case_id == case or (child, case) in here]
                one.row = _assessment(one, _latest(told, one.assessed_on))
                before[child].append(one.row)
            _write_round([one for _, one in chunk])
            done += len(chunk)
            yield Progress(f"Storing {KINDS['cans']}", done, len(all_cans))


def _approved_before(children):
    """child → their approved CANS on record."""
    found, wanted = defaultdict(list), list(children)
    for start in range(0, len(wanted), ROWS):
        rows = Assessment.objects.in_force().filter(child__in=wanted[start : start + ROWS])
        for row in rows.order_by("assessed_on", "pk"):
            found[row.child_id].append(row)
    return found


def _in_case_today(children):
    """(child, case) of today: only there one is compared with those of other cases, as `latest_approved_of`
    has it."""
    found, wanted = set(), list(children)
    for start in range(0, len(wanted), ROWS):
        stays = Membership.objects.in_case_on(today()).filter(child__in=wanted[start : start + ROWS])
        found |= set(stays.values_list("child", "case"))
    return found


def _latest(rows, day):
    return max((row for row in rows if row.assessed_on < day), key=lambda row: row.assessed_on, default=None)


def _assessment(one, based_on):
    """With the columns of the workflow as its steps leave them, but for the last."""
    decisions = _decisions(one)
    _, last, by, _ = [step for step in decisions if step[0] == Action.SUBMIT][-1]
    returned = [step for step in decisions if step[0] == Action.RETURN][-1:]
    return Assessment(
        child=one.child,
        case=one.stay.case,
        instrument_version=one.columns.version,
        type=one.type,
        assessed_on=one.assessed_on,
        early=one.early,
        transition=one.transition,
        based_on=based_on,
        author=one.author,
        started_at=at(one.assessed_on, hour=9),
        started_by=one.author,
        imported_at=timezone.now(),
        worked_at=at(last),
        worked_by=one.author,
        version=1 + len(decisions),
        first_submitted_on=one.submitted_on,
        first_approved_on=one.first_approved_on,
        submitted_at=at(last),
        submitted_by=by,
        returned_at=at(returned[0][1]) if returned else None,
        returned_by=returned[0][2] if returned else None,
        reviewer=one.approver,
    )


def _write_round(some):
    Assessment.objects.bulk_create([one.row for one in some], batch_size=ROWS)
    Contribution.objects.bulk_create(
        [Contribution(assessment=one.row, person=one.author, since=one.row.started_at) for one in some],
        batch_size=ROWS,
    )
    sheets = [(sheet, _sheet(one, sheet)) for one in some for sheet in one.sheets.values()]
    Sheet.objects.bulk_create([row for _, row in sheets], batch_size=ROWS)
    Note.objects.bulk_create(
        [
            Note(sheet=row, code=code, text=text, by=row.assessment.author)
            for sheet, row in sheets
            for code, text in sheet.notes.items()
        ],
        batch_size=ROWS,
    )
    Step.objects.bulk_create([step for one in some for step in _steps(one)], batch_size=ROWS)
    approved = as_decided(Action.APPROVE, State.APPROVED, "approved_at", "approved_by")
    Assessment.objects.filter(pk__in=[one.row.pk for one in some]).update(**approved)


def _sheet(one, sheet):
    return Sheet(
        assessment=one.row,
        adult=sheet.adult,
        substitute=sheet.substitute,
        ratings=sheet.ratings,
        size=len(sheet.ratings),
        not_scored_reason=sheet.not_scored_reason,
    )


AFTER = {Action.SUBMIT: State.SUBMITTED, Action.RETURN: State.RETURNED, Action.APPROVE: State.APPROVED}


def _steps(one):
    state, reviewer = State.DRAFT, None
    for place, (action, day, by, reason) in enumerate(_decisions(one)):
        yield Step(
            assessment=one.row,
            action=action,
            by=by,
            at=at(day) + datetime.timedelta(seconds=place),  # one after the other, however many there were
            from_state=state,
            to_state=AFTER[action],
            from_reviewer=reviewer,
            to_reviewer=one.approver if action == Action.SUBMIT else None,
            reason=reason,
        )
        state, reviewer = AFTER[action], one.approver


def _decisions(one):
    """Submitted and approved, where the file tells of no more."""
    return one.decisions or [
        (Action.SUBMIT, one.submitted_on, one.author, ""),
        (Action.APPROVE, one.approved_on, one.approver, ""),
    ]
