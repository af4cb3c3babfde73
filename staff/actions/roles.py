from django.db import transaction

from audit.actions import record
from staff.dates import today
from staff.left_open import what_holds
from staff.models import Line, Role, User
from staff.refusals import NotNow

from .accounts import KEPT_ROLES
from .keeping import hold_person
from .lines import end_lines


@transaction.atomic
def change_role(person, *, role, reason, by):
    """Give somebody another role, once what only the former role may hold is in other hands.

    Coordinators are made on the command line: they belong to no agency, so no administrator
    could answer for them.
    """
    held = hold_person(person, by=by)
    if held.role != person.role:
        raise NotNow(
            f"Somebody else made {held} a {held.get_role_display().lower()} a moment ago. Look again."
        )
    if role not in KEPT_ROLES or role == held.role:
        raise NotNow("Choose another role of the agency's people.")
    if holding := what_holds(held, role):
        raise NotNow(" ".join([*(left.sentence for left in holding), "Hand that over first."]))
    if role == Role.ADMINISTRATOR:
        end_lines(Line.objects.filter(person=held), today())
    User.objects.filter(pk=held.pk).update(role=role)
    record("person.role", by=by, subject=f"person {held.pk}", was=held.role, role=role, reason=reason)
