import datetime

from django.db import transaction
from django.db.models import Q

from audit.actions import record
from staff.dates import today, written
from staff.models import Region, RegionGrant, Role, User
from staff.refusals import NotNow

EVERYWHERE = "all regions"


@transaction.atomic
def grant_region(person, region, *, ends=None):
    """Give a coordinator a region from today, or all of them where `region` is None. Returns the grant.

    Coordinators belong to no agency, so whoever runs the installation says it: there is no `by`.
    """
    held = _hold_coordinator(person)
    if ends and ends < today():
        raise NotNow("The last day cannot be before today.")
    if had := _not_over(held, region).first():
        through = f" through {written(had.ends)}" if had.ends else ""
        raise NotNow(f"{held} has {region or EVERYWHERE} already{through}. End that first.")
    grant = RegionGrant.objects.create(coordinator=held, region=region, starts=today(), ends=ends)
    _record("region.grant", grant)
    return grant


@transaction.atomic
def end_region(person, region):
    """End it now. The last day of a grant counts in full, so it is dated to yesterday; one that began
    today is taken away, and the record keeps it."""
    held = _hold_coordinator(person)
    grants = list(_not_over(held, region))
    if not grants:
        raise NotNow(f"{held} does not have {region or EVERYWHERE}.")
    for grant in grants:
        _record("region.end", grant)
    _not_over(held, region).filter(starts__gte=today()).delete()
    _not_over(held, region).update(ends=today() - datetime.timedelta(days=1))


def region_called(name):
    known = {region.name: region for region in Region.objects.all()}
    if name not in known:
        raise NotNow(f"No region is called {name}; there are {', '.join(sorted(known))}.")
    return known[name]


def _hold_coordinator(person):
    held = User.objects.select_for_update(no_key=True).get(pk=person.pk)
    if held.role != Role.COORDINATOR:
        raise NotNow(f"Only a coordinator has regions, and {held} is none.")
    return held


def _not_over(person, region):
    return RegionGrant.objects.filter(
        Q(ends__isnull=True) | Q(ends__gte=today()), coordinator=person, region=region
    )


def _record(action, grant):
    record(
        action,
        by=None,
        subject=f"person {grant.coordinator_id}",
        region=grant.region_id,
        starts=grant.starts.isoformat(),
        ends=grant.ends and grant.ends.isoformat(),
    )
