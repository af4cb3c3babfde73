"""Who may take a step, and when: the one check that buttons, pages and acts read."""

from django.core.exceptions import PermissionDenied
from django.db.models import Exists, F, OuterRef, Q

from cans.models import Assessment, Contribution
from cans.permissions import carries, check_gate
from cans.states import WORKABLE, State
from cases.models import Assignment, Case
from staff.dates import in_force, today
from staff.gate import cleared
from staff.models import Cover, Line, Role, User
from staff.policy import WORKERS
from staff.refusals import NotNow

from .workflow import Action, Turn, transition

# Why a step is not this person's, by the step.
WHO = {
    Action.SUBMIT: "Only a worker who is assigned to this case and wrote in this CANS submits it.",
    Action.APPROVE: "Only the supervisor it is routed to, or their cover today, approves this CANS.",
    Action.RETURN: "Only the supervisor it is routed to, or their cover today, returns this CANS.",
    Action.REROUTE: "Only its author, the supervisor it waits for, or the coordinator reroutes this CANS; "
    "while nobody may decide it, a supervisor of the case as well.",
    Action.RECALL: "Only its author takes back a submitted CANS.",
    Action.AMEND: "Only a supervisor of the case or the coordinator opens an amendment.",
    Action.VOID: "Only its author or their supervisor voids an open CANS; an approved one, the coordinator.",
}

PAST = {
    Action.SUBMIT: "submitted",
    Action.APPROVE: "approved",
    Action.RETURN: "returned",
    Action.REROUTE: "rerouted",
    Action.RECALL: "taken back",
    Action.AMEND: "amended",
    Action.VOID: "voided",
}


def check_can(user, action, assessment, on=None):
    """Raise PermissionDenied (who) or NotNow (when), with a sentence fit to show."""
    on = on or today()
    if not user.is_active:
        raise PermissionDenied("This account is not active.")
    row = transition(action, assessment.state)
    if row is None:
        check_ever(user, action, assessment, on)
        raise NotNow(_wrong_moment(action, assessment))
    if not _has_turn(row.turns, user, assessment, on):
        raise PermissionDenied(WHO[action])
    if action in {Action.APPROVE, Action.RETURN} and wrote_in(user, assessment):
        raise PermissionDenied("You wrote in this CANS, so somebody else must review it. Reroute it.")
    if action is Action.RECALL and assessment.opened_at is not None:
        raise NotNow("The supervisor has already opened this CANS; ask them to return it.")
    if assessment.state == State.APPROVED:
        _check_in_force(action, assessment)
    if row.needs_credentials:
        check_gate(user, on)


def wrote_in(user, assessment):
    return assessment.author_id == user.pk or assessment.contributions.filter(person=user).exists()


def possible_reviewers(assessment):
    """Active supervisors of the case's agency who did not write any of it."""
    return (
        User.objects.supervisors()
        .of_agency(assessment.case.agency_id)
        .exclude(pk=assessment.author_id)
        .exclude(pk__in=assessment.contributions.values("person"))
    )


def attended(on=None):
    """For querysets: that somebody who is here may approve or return this submitted CANS that day. Asked of
    each row that is looked at: those of one person's cases are few."""
    own, covered = (rows.filter(pk=OuterRef("pk")) for rows in _present_deciders(on or today()))
    return Q(Exists(own)) | Q(Exists(covered))


def deciders_of(assessments, on=None):
    """Number of a CANS → the numbers of those who may approve or return it that day, as `check_can` has it
    one by one; none for what nobody may."""
    return _by_cans(assessments, "decider", *_deciders(on or today()))


def present_deciders_of(assessments, on=None):
    """Those of them who are here: somebody with a cover in force is away, whatever they might do."""
    return _by_cans(assessments, "decider", *_present_deciders(on or today()))


def enders_of(assessments, on=None):
    """Number of a draft or returned CANS → the numbers of those who may void it that day, as `check_can` has
    it one by one."""
    return _by_cans(assessments, "ender", _enders(on or today()))


def _by_cans(assessments, who, *questions):
    found = {pk: [] for pk in assessments}
    for rows in questions:
        for pk, person in rows.filter(pk__in=found).values_list("pk", who).distinct():
            found[pk].append(person)
    return found


def _deciders(on):
    """Submitted CANS by the reviewer who may decide each, and by who covers for them: a row for each such
    `decider`. From the few whom it waits for, and not from everybody of an agency."""
    covers = in_force(on, "reviewer__covers__")
    waiting = Assessment.objects.submitted()
    found = (
        waiting.annotate(decider=F("reviewer")),
        waiting.filter(covers).annotate(decider=F("reviewer__covers__cover")),
    )
    wrote = Contribution.objects.filter(assessment=OuterRef("pk"), person=OuterRef("decider"))
    able = cleared(on).filter(role=Role.SUPERVISOR, agency=OuterRef("case__agency"), pk=OuterRef("decider"))
    return [rows.filter(~Exists(wrote), Exists(able)).exclude(decider=F("author")) for rows in found]


def _present_deciders(on):
    away = Cover.objects.filter(in_force(on), supervisor=OuterRef("decider"))
    return [rows.exclude(Exists(away)) for rows in _deciders(on)]


def _enders(on):
    who = OuterRef("ender")
    carried = Assignment.objects.current(on).carrying().filter(case=OuterRef("case"))
    line = Line.objects.filter(in_force(on), supervisor=OuterRef(OuterRef("ender"))).values("person")
    wrote = Q(author=F("ender")) | Exists(Contribution.objects.filter(assessment=OuterRef("pk"), person=who))
    carries = Exists(carried.filter(person=who))
    supervises = Exists(User.objects.supervisors().filter(pk=who))
    return (
        Assessment.objects.open()
        .filter(state__in=WORKABLE)
        .annotate(ender=F("case__agency__people"))
        .filter(Exists(User.objects.workers().filter(pk=who)))
        .filter(carries & (wrote | supervises) | supervises & Exists(carried.filter(person__in=line)))
    )


def possible_authors(case, on=None):
    """Who may be named to write an amendment: active workers assigned to the case that day."""
    assigned = case.assignments.current(on).carrying().values("person")
    return User.objects.workers().filter(pk__in=assigned)


def covered_reviewer(user, assessment, on):
    """The reviewer this person acts for: themselves, or the one they cover today; None otherwise."""
    if assessment.reviewer_id is None:
        return None
    if assessment.reviewer_id == user.pk:
        return user
    covers = Cover.objects.filter(in_force(on), supervisor=assessment.reviewer_id, cover=user)
    return assessment.reviewer if covers.exists() else None


def is_reviewer(user, assessment, on=None):
    """Does it wait for this person: routed to them, or to somebody they cover that day?

    A case that moved to another agency waits for the coordinator to reroute it there.
    """
    return (
        user.role == Role.SUPERVISOR
        and user.agency_id == assessment.case.agency_id
        and covered_reviewer(user, assessment, on or today()) is not None
    )


def _is_author(user, assessment, on):
    return user.role in WORKERS and wrote_in(user, assessment) and carries(user, assessment.case, on)


def _is_supervisor(user, assessment, on):
    """Keeps the case as a supervisor: through their line, or because they carry it themselves."""
    return (
        user.role == Role.SUPERVISOR
        and Case.objects.workable_by(user, on).filter(pk=assessment.case_id).exists()
    )


def _is_coordinator(user, assessment, on):
    return (
        user.role == Role.COORDINATOR
        and Case.objects.visible_to(user, on).filter(pk=assessment.case_id).exists()
    )


def _is_last_resort(user, assessment, on):
    return (
        _is_supervisor(user, assessment, on) and not present_deciders_of([assessment.pk], on)[assessment.pk]
    )


# The cheapest question first: the reviewer's page asks it most.
TURNS = {
    Turn.REVIEWER: is_reviewer,
    Turn.AUTHOR: _is_author,
    Turn.SUPERVISOR: _is_supervisor,
    Turn.COORDINATOR: _is_coordinator,
    Turn.LAST_RESORT: _is_last_resort,
}


def _has_turn(turns, user, assessment, on):
    return any(turn in turns and holds(user, assessment, on) for turn, holds in TURNS.items())


def check_ever(user, action, assessment, on=None):
    """Wrong person before wrong moment: refuse those whose step it would not be in any state."""
    on = on or today()
    turns = {turn for state in State if (row := transition(action, state)) for turn in row.turns}
    past_reviewer = user.role == Role.SUPERVISOR and Turn.REVIEWER in turns
    if not past_reviewer and not _has_turn(turns, user, assessment, on):
        raise PermissionDenied(WHO[action])


def _wrong_moment(action, assessment):
    return (
        f"This CANS is {State(assessment.state).label.lower()} now, "
        f"so it cannot be {PAST[action]}. Nothing was changed."
    )


def _check_in_force(action, assessment):
    """Of an approved CANS and its amendments, the newest is the one that can be acted on."""
    amendment = Assessment.objects.filter(amends=assessment).exclude(state=State.VOIDED).first()
    if amendment is None:
        _check_nothing_open(action, assessment)
    elif amendment.state == State.APPROVED:
        raise NotNow(
            f"CANS {amendment.pk} amended this one and is in force; it is that one to be {PAST[action]}."
        )
    else:
        raise NotNow(f"CANS {amendment.pk} is open to amend this one; it must be approved or voided first.")


def _check_nothing_open(action, assessment):
    if action is not Action.AMEND:
        return
    other = Assessment.objects.open().filter(child=assessment.child_id).first()
    if other is not None and other.case_id != assessment.case_id:
        raise NotNow("This child has an open CANS in another case; it must be approved or voided first.")
    if other is not None:
        raise NotNow(
            f"This child has an open CANS ({other.pk}, {State(other.state).label.lower()}); "
            "it must be approved or voided first."
        )
