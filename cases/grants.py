"""Whether a case is open to somebody, and by which row: what every page of a record asks first, and
what the record of readings keeps.

The same dated grants as `CaseQuerySet.visible_to`, asked one after the other and not all at once: of
one case that is a fraction of the work. Tests hold the two together.
"""

from django.db.models import Q

from staff.dates import in_force, today
from staff.models import Cover, Line, RegionGrant, Role

from .models import Assignment, EmergencyAccess

CARRYING = [Assignment.Kind.PRIMARY, Assignment.Kind.PARALLEL]
REVIEW = Assignment.Kind.REVIEW


def grant_for(user, case, on=None):
    """The grant that opens this case to this person that day, as “line 3”; "" where there is none."""
    on = on or today()
    for path in PATHS.get(user.role, ()) if user.is_active else ():
        if grant := path(user, case, on):
            return grant
    return ""


def _assignment(user, case, on):
    """Their own: to work the case, or to review what was routed to them."""
    own = Assignment.objects.current(on).filter(case=case, person=user)
    held = sorted((kind == REVIEW, pk) for kind, pk in own.values_list("kind", "pk"))
    return f"{'routing' if held[0][0] else 'assignment'} {held[0][1]}" if held else ""


def _line(user, case, on):
    """Over somebody who carries it."""
    carried = Q(person__assignments__case=case, person__assignments__kind__in=CARRYING)
    lines = Line.objects.filter(
        in_force(on), carried & in_force(on, "person__assignments__"), supervisor=user
    )
    return _first("line", lines)


def _cover(user, case, on):
    """For somebody it waits for."""
    waiting = Q(supervisor__assignments__case=case, supervisor__assignments__kind=REVIEW)
    covers = Cover.objects.filter(
        in_force(on), waiting & in_force(on, "supervisor__assignments__"), cover=user
    )
    return _first("cover", covers)


def _region(user, case, on):
    granted = RegionGrant.objects.filter(in_force(on), coordinator=user)
    return _first("region", granted.filter(Q(region=case.region_id) | Q(region__isnull=True)))


def _emergency(user, case, on):
    return _first("emergency", EmergencyAccess.objects.opening_to(user).filter(case=case))


def _first(name, rows):
    number = rows.order_by("pk").values_list("pk", flat=True).first()
    return f"{name} {number}" if number else ""


# The emergency comes last: who has a lasting grant reads by that.
PATHS = {
    Role.CLINICIAN: (_assignment, _emergency),
    Role.SUPERVISOR: (_assignment, _line, _cover, _emergency),
    Role.COORDINATOR: (_region,),
}
