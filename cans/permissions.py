"""Who may work on a CANS: one check each, which raises a sentence; buttons and acts read the same."""

from django.core.exceptions import PermissionDenied
from django.db.models import Exists

from audit.statements import Given, Question
from cases.models import Assignment
from staff import gate
from staff.dates import today
from staff.models import Role
from staff.refusals import NotNow

from .states import State

ONLY_ASSIGNED = "Only a worker assigned to this case rates in this CANS."


def _carrying():
    """For questions: the assignments to work the case that the person has that day."""
    held = Assignment.objects.current(Given("day")).carrying()
    return held.filter(case=Given("case"), person=Given("person")).order_by()


CARRIES = Question(lambda: _carrying().values_list("pk")[:1])
# Both that a save waits for, in one.
_MAY_RATE = Question(
    lambda: gate.standing().annotate(carries=Exists(_carrying())).values_list("carries", *gate.STANDING)
)


def carries(user, case, on=None):
    """Is this person assigned to work the case that day, as primary or parallel?"""
    return CARRIES.first(case=case.pk, person=user.pk, day=on or today()) is not None


def check_can_start(user, case, on=None):
    """Raise PermissionDenied (who) or NotNow (when) unless this person may start a CANS in this case."""
    on = on or today()
    if user.role not in {Role.CLINICIAN, Role.SUPERVISOR} or not carries(user, case, on):
        raise PermissionDenied("Only a worker assigned to this case starts a CANS in it.")
    check_gate(user, on)


def check_can_score(user, assessment, on=None):
    """Raise PermissionDenied or NotNow unless this person may rate in this assessment now."""
    on = on or today()
    if user.role not in {Role.CLINICIAN, Role.SUPERVISOR}:
        raise PermissionDenied(ONLY_ASSIGNED)
    carried, *standing = _MAY_RATE.first(
        case=assessment.case.pk, person=user.pk, day=on, earliest=gate.earliest_valid(on)
    )
    if not carried:
        raise PermissionDenied(ONLY_ASSIGNED)
    if not assessment.is_workable:
        raise NotNow(f"This CANS is {State(assessment.state).label.lower()}; its ratings cannot change now.")
    if not gate.is_let_in(*standing):
        _refuse(user, on)


def check_can_take_over(user, assessment, on=None):
    """Raise PermissionDenied or NotNow unless this person may become its author now."""
    check_can_score(user, assessment, on)
    if assessment.author_id == user.pk:
        raise NotNow("You are the author of this CANS already.")


def check_gate(user, on=None):
    """Raise NotNow with all that is missing before this person may enter a CANS."""
    if not gate.lets_in(user, on):
        _refuse(user, on)


def _refuse(user, on):
    raise NotNow(" ".join(gate.refusals(user, on)))


def refusal(check, *args):
    """The sentence with which a check refuses, or "" when it lets through: for buttons."""
    try:
        check(*args)
    except (PermissionDenied, NotNow) as why:
        return str(why)
    return ""
