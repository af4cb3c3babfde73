"""What a supervisor decided lately, and how their line stands: a few queries whatever the data.

The numbers are the same for whoever may open the page: all of that supervisor's decisions. Which of
the rows behind them a reader is shown is decided by the cases they may open today.
"""

import datetime
from collections import defaultdict
from dataclasses import dataclass

from django.db.models import BigIntegerField, OuterRef, Q, Subquery
from django.utils import timezone

from approvals.models import ItemComment, Step
from approvals.queue import ROUTING
from cans import due
from cans.models import Obligation, instrument_of
from cases.models import Assignment, Case, may_open
from staff import gate
from staff.dates import end_of, in_force
from staff.models import Cover, Role, User

from . import turnaround
from .turnaround import APPROVED, RETURNED, Decision, Timeliness


@dataclass(frozen=True)
class Member:
    """One person of a line. `covers` is None for whom none can be named: who is no supervisor."""

    person: User
    timeliness: Timeliness
    pressing: list
    covers: list | None


def supervisors_for(user):
    """Whose turnaround this person may read: their own; a coordinator that of every supervisor of an
    agency with cases in their regions."""
    supervisors = User.objects.supervisors().select_related("agency")
    if user.role == Role.COORDINATOR:
        return supervisors.filter(agency__in=Case.objects.visible_to(user).values("agency"))
    return supervisors.filter(pk=user.pk)


def decided(people, on):
    """Approvals and returns of the ninety days: person → decisions, in one query."""
    routings = Step.objects.filter(
        assessment=OuterRef("assessment"), action__in=ROUTING, pk__lt=OuterRef("pk")
    )
    steps = _decisions(people, on).annotate(routed_at=Subquery(routings.order_by("-pk").values("at")[:1]))
    found = defaultdict(list)
    for person, pk, action, routed, at in steps.values_list("by", "pk", "action", "routed_at", "at"):
        routed_on = timezone.localdate(routed) if routed else None
        found[person].append(Decision(pk, action, routed_on, timezone.localdate(at)))
    return found


def decided_by(supervisor, on):
    """The same of one, with what the comments named, and the words for it: codes and sections → names."""
    named, words = _named(supervisor, on)
    decisions = [
        Decision(one.pk, one.action, one.routed_on, one.decided_on, *map(frozenset, named[one.pk]))
        for one in decided([supervisor], on)[supervisor.pk]
    ]
    return decisions, words


def readable(supervisor, user, on):
    """The numbers of those decisions whose case this reader may open today."""
    mine = _decisions([supervisor], on).filter(may_open(user, on, case="assessment__case"))
    return set(mine.values_list("pk", flat=True))


def line_of(supervisor, on):
    """Everybody of the line that day, and the covers of its supervisor."""
    people = list(User.objects.in_line_of(supervisor, on).prefetch_related("credentials"))
    kept = turnaround.timeliness((row.worker, due.on_time(row)) for row in _dates(came_due(people, on)))
    covers = covers_named([supervisor, *people], on)
    members = [
        Member(
            person,
            kept.get(person.pk, Timeliness()),
            gate.pressing(person, on),
            covers[person.pk] if person.role == Role.SUPERVISOR else None,
        )
        for person in people
    ]
    return members, covers[supervisor.pk]


def covers_named(supervisors, on):
    """Who stands in from that day on, or will: supervisor → covers, the first to begin first."""
    found = defaultdict(list)
    covers = Cover.objects.filter(supervisor__in=supervisors, ends__gte=on).select_related("cover")
    for cover in covers.order_by("starts", "pk"):
        found[cover.supervisor_id].append(cover)
    return found


def _decisions(people, on):
    since = end_of(turnaround.first_day(on) - datetime.timedelta(days=1))
    return Step.objects.filter(
        by__in=people, action__in=[APPROVED, RETURNED], at__gte=since, at__lt=end_of(on)
    ).order_by("pk")


def _named(supervisor, on):
    named, words = defaultdict(lambda: (set(), set())), {}
    comments = ItemComment.objects.filter(step__in=_decisions([supervisor], on).order_by().values("pk"))
    version = "sheet__assessment__instrument_version"
    for step, code, instrument in comments.order_by("pk").values_list("step", "code", version):
        item = instrument_of(instrument).by_code[code]
        words[code] = item.label
        if item.section not in words:
            words |= {one.key: one.title for one in instrument_of(instrument).domains(item.subject)}
        items_named, domains = named[step]
        items_named.add(code)
        domains.add(item.section)
    return named, words


def came_due(people, on):
    """The due dates of the ninety days that still stand; what may still be submitted today is to come.
    Each is theirs who was the `worker`, the primary one, on the due date; on the day of a change, the
    later one."""
    workers = (
        Assignment.objects.filter(
            in_force(OuterRef("due")), case=OuterRef("case"), kind=Assignment.Kind.PRIMARY
        )
        .order_by("-starts", "-pk")
        .values("person")[:1]
    )
    ever_theirs = Assignment.objects.filter(person__in=people, kind=Assignment.Kind.PRIMARY).order_by()
    return (
        Obligation.objects.current()
        .filter(case__in=ever_theirs.values("case"), due__range=(turnaround.first_day(on), on))
        .filter(cancelled=False, waiver__isnull=True)
        .annotate(worker=Subquery(workers, output_field=BigIntegerField()))
        .filter(worker__in=[person.pk for person in people])
        .filter(Q(submitted_on__isnull=False) | Q(due__lt=on))
    )


def kept_so(person, on, how=""):
    """The numbers of the due dates of one person that were kept so, a value of KEPT; of all of them
    where none is named."""
    rows = _dates(came_due([person], on))
    return [row.pk for row in rows if how in ("", turnaround.KEPT[due.on_time(row)])]


def _dates(rows):
    return rows.order_by().values_list("pk", "worker", "submitted_on", "due", named=True)
