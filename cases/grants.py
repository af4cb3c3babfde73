"""Whether a case is open to somebody, and by which row: what every page of a record asks first, and
what the record of readings keeps.

The same dated grants as `CaseQuerySet.visible_to`, asked one after the other and not all at once: of
one case that is a fraction of the work. Tests hold the two together.
"""

from django.db.models import Q

from audit.statements import Given, Question
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


def grants_for(user, cases, on=None):
    """The same of many cases, in their order. A coordinator's is that of the region, asked once for each."""
    if user.role != Role.COORDINATOR:
        return [grant_for(user, case, on) for case in cases]
    of_region = {case.region_id: case for case in cases}
    found = {region: grant_for(user, case, on) for region, case in of_region.items()}
    return [found[case.region_id] for case in cases]


def _asked(model, *conditions, **whose):
    """The first of these grants that holds on a given day, by number."""
    held = model.objects.filter(in_force(Given("day")), *conditions, **whose)
    return Question(lambda: held.order_by("pk").values_list("pk")[:1])


def _of_case(path, *kinds):
    """That the people at this path are assigned to the case on the day, as one of these kinds."""
    return Q(**{f"{path}case": Given("case"), f"{path}kind__in": kinds}) & in_force(Given("day"), path)


OWN = Question(
    lambda: (
        Assignment.objects.current(Given("day"))
        .filter(case=Given("case"), person=Given("person"))
        .order_by()
        .values_list("kind", "pk")
    )
)
LINE = _asked(Line, _of_case("person__assignments__", *CARRYING), supervisor=Given("person"))
COVER = _asked(Cover, _of_case("supervisor__assignments__", REVIEW), cover=Given("person"))
REGION = _asked(RegionGrant, Q(region=Given("region")) | Q(region__isnull=True), coordinator=Given("person"))


def _assignment(user, case, on):
    """Their own: to work the case, or to review what was routed to them."""
    own = OWN.rows(case=case.pk, person=user.pk, day=on)
    held = sorted((kind == REVIEW, pk) for kind, pk in own)
    return f"{'routing' if held[0][0] else 'assignment'} {held[0][1]}" if held else ""


def _line(user, case, on):
    """Over somebody who carries it."""
    return _named("line", LINE.first(case=case.pk, person=user.pk, day=on))


def _cover(user, case, on):
    """For somebody it waits for."""
    return _named("cover", COVER.first(case=case.pk, person=user.pk, day=on))


def _region(user, case, on):
    return _named("region", REGION.first(region=case.region_id, person=user.pk, day=on))


def _emergency(user, case, on):
    """Asked where nothing else opens the case, so seldom: not kept."""
    held = EmergencyAccess.objects.opening_to(user).filter(case=case)
    return _named("emergency", held.order_by("pk").values_list("pk").first())


def _named(name, row):
    return f"{name} {row[0]}" if row else ""


# The emergency comes last: who has a lasting grant reads by that.
PATHS = {
    Role.CLINICIAN: (_assignment, _emergency),
    Role.SUPERVISOR: (_assignment, _line, _cover, _emergency),
    Role.COORDINATOR: (_region,),
}
