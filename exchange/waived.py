"""Waived due dates by what people know them by. Here a source names rows of this database; a file names the
day of joining, of the request or of the CANS instead, and the next database has other rows for them."""

import datetime
from typing import NamedTuple

from django.utils import timezone

from cans.due import Kind
from cans.models import Assessment, Waiver
from cans.states import State
from cases.models import Extension, Membership

BY_STAY = (Kind.INITIAL, Kind.CLOSING)


class Cause(NamedTuple):
    """Of an initial and a closing date the stay alone; `counted` is the day of the CANS that a six-month date
    follows, which names no stay, or of the request for an extension."""

    kind: str
    joined: object = None
    counted: object = None


def waivers_of(cases):
    """(waiver, its cause) of these cases, by their numbers, also of those withdrawn. Of a source whose row is
    not there any more nothing is owed, and so nothing is told."""
    rows = Waiver.objects.filter(episode__case__in=cases)
    rows = list(rows.select_related("episode__case", "child", "by", "withdrawn_by").order_by("at", "pk"))
    causes = _causes({row.episode.case_id for row in rows}) if rows else {}
    return [(row, causes[row.source]) for row in rows if row.source in causes]


def _causes(cases):
    stays = dict(Membership.objects.filter(case__in=cases).values_list("pk", "joined"))
    requests = Extension.objects.standing().filter(episode__case__in=cases).values_list("pk", "requested")
    found = {f"{kind}:{pk}": Cause(kind, joined) for pk, joined in stays.items() for kind in BY_STAY}
    found |= {
        f"{Kind.EXTENSION}:{pk}:{stay}": Cause(Kind.EXTENSION, joined, requested)
        for pk, requested in requests
        for stay, joined in stays.items()
    }
    decided = Assessment.objects.filter(case__in=cases, first_submitted_on__isnull=False)
    return found | {
        f"{Kind.SIX_MONTH}:{pk}": Cause(Kind.SIX_MONTH, None, day)
        for pk, day in decided.values_list("pk", "assessed_on")
    }


def source_of(cause, *, case, child):
    """As this database has it, once the rows that it names are stored."""
    if cause.kind == Kind.SIX_MONTH:
        cans = Assessment.objects.filter(case=case, child=child, assessed_on=cause.counted)
        # Of two of one day the date of the last is owed: that of the first is met by it.
        first = cans.filter(first_submitted_on__isnull=False, amends=None).exclude(state=State.VOIDED)
        return f"{cause.kind}:{first.latest('pk').pk}"
    stay = Membership.objects.get(case=case, child=child, joined=cause.joined).pk
    if cause.kind == Kind.EXTENSION:
        request = Extension.objects.standing().get(episode__case=case, requested=cause.counted)
        return f"{cause.kind}:{request.pk}:{stay}"
    return f"{cause.kind}:{stay}"


def day_of(moment):
    return moment and timezone.localdate(moment)


def at(day, hour=12):
    """That day in Chicago; of the hour nothing is known."""
    return timezone.make_aware(datetime.datetime.combine(day, datetime.time(hour)))
