"""Which row opens a case to somebody: what the record of readings keeps.

The same grants as `CaseQuerySet.visible_to`, by name. A test holds the two together.
"""

from django.db.models import CharField, F, OuterRef, Q, Subquery, Value
from django.db.models.functions import Cast, Coalesce, Concat

from staff.dates import in_force, today
from staff.models import Cover, Line, RegionGrant, Role

from .models import Assignment, Case, EmergencyAccess

CARRYING = [Assignment.Kind.PRIMARY, Assignment.Kind.PARALLEL]


def grant_for(user, case, on=None):
    """The grant that opens this case to this person that day, as “line 3”; "" where there is none."""
    named = Case.objects.filter(pk=case.pk).annotate(grant=grant_of(user, on))
    return named.values_list("grant", flat=True).first() or ""


def grant_of(user, on=None):
    """For querysets of cases: the grant that opens each to this person, in no query of its own."""
    on = on or today()
    paths = PATHS.get(user.role, ()) if user.is_active else ()
    return Coalesce(*(path(user, on) for path in paths), Value(""), Value(""), output_field=CharField())


def _first(name, rows):
    rows = rows.order_by("pk").annotate(grant=Concat(Value(f"{name} "), Cast(F("pk"), CharField())))
    return Subquery(rows.values("grant")[:1], output_field=CharField())


def _assignment(user, on):
    own = Assignment.objects.current(on).carrying()
    return _first("assignment", own.filter(case=OuterRef("pk"), person=user))


def _routing(user, on):
    own = Assignment.objects.current(on).filter(kind=Assignment.Kind.REVIEW)
    return _first("routing", own.filter(case=OuterRef("pk"), person=user))


def _line(user, on):
    lines = Line.objects.filter(in_force(on), supervisor=user)
    carried = Q(person__assignments__case=OuterRef("pk"), person__assignments__kind__in=CARRYING)
    return _first("line", lines.filter(carried & in_force(on, "person__assignments__")))


def _cover(user, on):
    covers = Cover.objects.filter(in_force(on), cover=user)
    waiting = Q(
        supervisor__assignments__case=OuterRef("pk"),
        supervisor__assignments__kind=Assignment.Kind.REVIEW,
    )
    return _first("cover", covers.filter(waiting & in_force(on, "supervisor__assignments__")))


def _region(user, on):
    granted = RegionGrant.objects.filter(in_force(on), coordinator=user)
    return _first("region", granted.filter(Q(region=OuterRef("region")) | Q(region__isnull=True)))


def _emergency(user, on):
    opened = EmergencyAccess.objects.opening_to(user)
    return _first("emergency", opened.filter(case=OuterRef("pk")))


# The emergency comes last: who has a lasting grant reads by that.
PATHS = {
    Role.CLINICIAN: (_assignment, _routing, _emergency),
    Role.SUPERVISOR: (_assignment, _routing, _line, _cover, _emergency),
    Role.COORDINATOR: (_region,),
}
