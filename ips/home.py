"""Today's work, by role: the questions behind the home page, each a few queries whatever the data."""

import datetime

from django.db.models import Count, Exists, Min, OuterRef, Prefetch, Q

from approvals.waiting import stuck, unattended, unattended_rows_of
from cans.instrument import UNRATED
from cans.models import Assessment, Obligation, Sheet
from cans.states import State
from cases.models import Assignment, EmergencyNotice
from reports import counting, overdue, rows
from staff import gate
from staff.dates import in_force, today
from staff.models import AccountRequest, Cover, Region, Role, User
from staff.panel import panel
from staff.policy import WORKERS

AHEAD = 60  # days; as far as the due-soon list looks
SHOWN = 10  # rows of a kind; the rest is behind the link with the number
LONGEST = 50  # of the CANS that nobody who is here can decide, those that wait longest


def clinician(user):
    people = _people(Q(pk=user.pk))
    own = {"entry": panel(people[user.pk])} | _own_cans(user) | _dates(user)
    return own | _unattended(user, contributions__person=user)


def supervisor(user):
    people = _people(Q(pk=user.pk) | Q(pk__in=User.objects.in_line_of(user).values("pk")))
    own = {"entry": panel(people.pop(user.pk))}
    waiting = Assessment.objects.awaiting_review_by(user).aggregate(
        number=Count("pk"), oldest=Min("submitted_at")
    )
    covers = Cover.objects.filter(Q(supervisor=user) | Q(cover=user), in_force(today()))
    return (
        own
        | _own_cans(user)
        | _dates(user)
        | _emergencies(user)
        | _unattended(user)
        | {
            "waiting": waiting,
            "covers": covers.select_related("supervisor", "cover").order_by("ends", "pk"),
            "lapsing": _lapsing(people.values()),
            "to_confirm": AccountRequest.objects.visible_to(user).waiting_for_confirmation(),
        }
    )


def coordinator(user):
    cells = counting.count(overdue.owed(user), keys=("region", "kind", "age"))
    ages = cells.by("age")
    by_region = cells.by("region", "age")
    regions = counting.names(Region, cells.values("region"))
    return {
        "overdue": cells.total(),
        "ages": [(band, ages[(band.key,)]) for band in counting.BANDS],
        "regions": [
            (pk, name, [(band, by_region[pk, band.key]) for band in counting.BANDS], cells.total(region=pk))
            for pk, name in sorted(regions.items(), key=lambda pair: pair[1])
        ],
        "opening": cells.total(kind="initial"),
        "coming": _coming(user),
        "waiting": stuck(user).count(),
        "longest": LONGEST,
    } | _unattended(user)


def administrator(user):
    workers = User.objects.of_agency(user.agency_id).filter(role__in=WORKERS)
    may = Q(pk__in=gate.cleared().values("pk"))
    asked = AccountRequest.objects.visible_to(user).waiting_for_account().select_related("requested_by")
    lapsing = gate.lapsing().filter(pk__in=workers.values("pk"))
    return _emergencies(user) | {
        "asked": asked.order_by("requested_at", "pk")[:SHOWN],
        "asked_number": asked.count(),
        "lapsing": _lapsing(_people(Q(pk__in=lapsing.values("pk"))).values())[:SHOWN],
        "agency": user.agency,
        "counts": workers.aggregate(
            may=Count("pk", filter=may),
            lapsing=Count("pk", filter=Q(pk__in=gate.lapsing().values("pk"))),
            may_not=Count("pk", filter=~may),
        ),
    }


def nobody(user):
    return {}


BY_ROLE = {
    Role.CLINICIAN: clinician,
    Role.SUPERVISOR: supervisor,
    Role.COORDINATOR: coordinator,
    Role.ADMINISTRATOR: administrator,
}


def _people(which):
    return {person.pk: person for person in User.objects.filter(which).prefetch_related("credentials")}


def _lapsing(people):
    """Those of the line whose credentials lack something, or lapse within 60 days; the soonest first."""
    found = []
    for person in people:
        for condition in gate.pressing(person):
            left = condition.days_left(today())
            found.append((-1 if left is None else left, person.name, person, condition))
    return [(person, condition) for *_, person, condition in sorted(found, key=lambda row: row[:2])]


def _emergencies(user):
    """Cases that somebody opened in an emergency, for this person to read of and acknowledge."""
    unread = EmergencyNotice.objects.unread_by(user).select_related("access__person", "access__case")
    found = list(unread[: SHOWN + 1])
    return {"emergencies": found[:SHOWN], "more_emergencies": len(found) > SHOWN}


def _own_cans(user):
    """The CANS in this person's hands: returned to them, and their drafts with what is not yet rated;
    `carried` where they work the case, so that they may rate."""
    carries = Assignment.objects.current().carrying().filter(person=user, case=OuterRef("case"))
    mine = (
        Assessment.objects.visible_to(user)
        .open()
        .filter(author=user, state__in=[State.DRAFT, State.RETURNED])
        .select_related("child", "case", "returned_by")
        .annotate(
            fix_by=Min("obligations_met__fix_by", filter=Q(obligations_met__superseded_at__isnull=True)),
            carried=Exists(carries),
        )
        .prefetch_related(Prefetch("sheets", Sheet.objects.select_related("adult")))
        .order_by("returned_at", "started_at")
    )
    found = list(mine)
    return {
        "returned": [cans for cans in found if cans.state == State.RETURNED],
        "drafts": [(cans, *_progress(cans)) for cans in found if cans.state == State.DRAFT],
    }


def _progress(cans):
    """How many applicable items are rated, of how many; a caregiver who is not scored has none."""
    rated = total = 0
    for sheet in cans.sheets.all():
        if not sheet.not_scored_reason:
            sheet.assessment = cans
            values = [sheet.value(item) for item in sheet.applicable_items]
            total += len(values)
            rated += sum(value != UNRATED for value in values)
    return rated, total


def _dates(user):
    """Overdue and coming due dates in the cases this person sees: one query, and one for the names."""
    last = today() + datetime.timedelta(days=AHEAD)
    owed = Obligation.objects.visible_to(user).unsettled().filter(due__lte=last)
    found = rows.shown(overdue.explained(owed).order_by("due", "pk"))
    late = [row for row in found if row.late > 0 and row.reason is not overdue.Reason.MISSED]
    coming = [row for row in found if row.late <= 0]
    return {
        "overdue": late,
        "missed": sum(row.reason is overdue.Reason.MISSED for row in found),
        "coming": coming,
        "strictest": _strictest(coming, {row.child for row in late}),
        "shown_slice": f":{SHOWN}",
        "ahead": AHEAD,
    }


def _strictest(coming, late):
    """The next date of each child, the strictest only; not of those who are overdue already."""
    first = {}
    for row in coming:
        if row.child not in late:
            first.setdefault(row.child, row)
    return list(first.values())


def _coming(user):
    """How much falls due in the next 14, 30 and 60 days."""
    spans = {days: today() + datetime.timedelta(days=days) for days in (14, 30, AHEAD)}
    owed = Obligation.objects.visible_to(user).due_between(today(), spans[AHEAD])
    counted = owed.aggregate(
        **{f"in_{days}": Count("pk", filter=Q(due__lte=last)) for days, last in spans.items()}
    )
    return [(days, counted[f"in_{days}"]) for days in spans]


def _unattended(user, **which):
    """Submitted CANS that nobody who is here can decide today, for this person to reroute."""
    return {"unattended": unattended_rows_of(unattended(user).filter(**which)[:LONGEST])}
