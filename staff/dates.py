"""Every grant has a first and a last day; the last day counts (see the domain's people)."""

import datetime

from django.db.models import Q
from django.utils import timezone


def today():
    """The calendar date in the agencies' time zone, America/Chicago."""
    return timezone.localdate()


def end_of(day):
    """The first moment, in Chicago, that is no longer this day."""
    return timezone.make_aware(datetime.datetime.combine(day + datetime.timedelta(days=1), datetime.time.min))


def in_force(on, prefix=""):
    """Rows whose `starts`…`ends` hold the day `on`; `prefix` names a path to them ("lines__")."""
    return Q(**{f"{prefix}starts__lte": on}) & (
        Q(**{f"{prefix}ends__isnull": True}) | Q(**{f"{prefix}ends__gte": on})
    )


def written(day):
    """Mon 3 Mar 2025, for a sentence."""
    return f"{day:%a} {day.day} {day:%b %Y}"


def written_at(moment):
    """Mon 3 Mar 2025, 4:05 PM CST: as templates write it, at a tenth of the cost where there are many."""
    local = timezone.localtime(moment)
    return f"{written(local)}, {local:%-I:%M %p %Z}"
