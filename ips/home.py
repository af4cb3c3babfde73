"""Today's work, by role: the questions behind the home page, each a few queries whatever the data."""

import datetime

from django.db.models import (
    Count,
    DateTimeField,
    Exists,
    Min,
    OuterRef,
    Prefetch,
    Q,
    prefetch_related_objects,
)

from approvals.waiting import stuck, too_long, unattended, unattended_rows_of
from audit.statements import Given, Kept, Rows
from cans.instrument import UNRATED
from cans.models import Assessment, Obligation, Sheet
from cans.states import State
from cases.models import Assignment, Case, EmergencyNotice, may_open, no_child_yet
from reports import counting, overdue, rows
from staff import gate
from staff.anybody import NOW, Anybody, asked_by
from staff.dates import in_force, today
from staff.models import AccountRequest, Cover, Region, Role, User
from staff.panel import panel
from staff.policy import may_enter

SPANS = (14, 30, 60)  # days
AHEAD = SPANS[-1]  # as far as the due-soon list looks
SHOWN = 10  # rows of a kind; the rest is behind the link with the number
COUNTED_BY = ("region", "kind", "age")
LONGEST = 50  # of the CANS that nobody who is here can decide, those that wait longest


def clinician(user):
    people = _people(Q(pk=user.pk))
    own = {"entry": panel(people[user.pk])} | _own_cans(user) | _dates(user)
    return own | _unattended(user) | _childless(user)


def supervisor(user):
    people = _people(Q(pk=user.pk) | Q(pk__in=User.objects.in_line_of(user).active().values("pk")))
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
        | _childless(user)
        | {
            "waiting": waiting,
            "covers": covers.select_related("supervisor", "cover").order_by("ends", "pk"),
            "lapsing": _lapsing(people.values()),
            "to_confirm": AccountRequest.objects.visible_to(user).waiting_for_confirmation(),
        }
    )


def coordinator(user):
    on = today()
    cells = counting.cells(_by_gate(_OVERDUE, user, on), on, counting.LATE, COUNTED_BY)
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
        "coming": _coming(user, on),
        "waiting": len(_by_gate(_STUCK, user, on, since=too_long(on))),
        "longest": LONGEST,
        **_unattended(user),
        **_childless(user),
    }


def _late(anybody, on, _enforced):
    return counting.counted(overdue.owed(anybody, on, NOW), on, counting.LATE, COUNTED_BY)


def _stuck(anybody, on, _enforced):
    return stuck(anybody, on, NOW, Given("since", DateTimeField())).order_by().values_list("pk")


_OVERDUE, _STUCK = Rows(_late), Rows(_stuck)


def administrator(user):
    workers = User.objects.workers().of_agency(user.agency_id)
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


def _by_gate(question, user, on, **given):
    """What this person is answered. Where the gate is not enforced it is another question: what says who may
    write or decide reads that when it is made, so that nothing else has to be done with `_enforced`."""
    return question.all(Anybody.like(user), on, gate.gate_enforced(on), **asked_by(user), **given)


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
    `carried` where they work the case, so that they may rate. What an author who left a case began there is
    in the hands of its primary worker, as `goes_on_with` has it."""
    found = _OWN_CANS.all(Anybody.like(user), today(), **asked_by(user))
    prefetch_related_objects(found, Prefetch("sheets", Sheet.objects.select_related("adult")))
    return {
        "may_create": may_enter(user, "case.create"),
        "returned": [cans for cans in found if cans.state == State.RETURNED],
        "drafts": [(cans, *_progress(cans)) for cans in found if cans.state == State.DRAFT],
    }


def _in_hand(anybody, on):
    carrying = Assignment.objects.current(on).carrying().filter(case=OuterRef("case"))
    carries = carrying.filter(person=anybody.pk)
    left_to_them = ~Exists(carrying.filter(person=OuterRef("author"))) & Exists(
        carries.filter(kind=Assignment.Kind.PRIMARY)
    )
    return (
        Assessment.objects.visible_to(anybody, on, NOW)
        .open()
        .filter(Q(author=anybody.pk) | left_to_them, state__in=[State.DRAFT, State.RETURNED])
        .select_related("child", "case", "author", "returned_by")
        .annotate(
            fix_by=Min("obligations_met__fix_by", filter=Q(obligations_met__superseded_at__isnull=True)),
            carried=Exists(carries),
        )
        .order_by("returned_at", "started_at")
    )


_OWN_CANS = Kept(_in_hand)


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
    on = today()
    found = rows.told(_by_gate(_OWED, user, on), on)
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


def _owed(anybody, on, _enforced):
    last = on + datetime.timedelta(days=AHEAD)
    owed = Obligation.objects.visible_to(anybody, on, NOW).unsettled(on).filter(due__lte=last)
    return overdue.explained(owed, on).order_by("due", "pk").values_list(*rows.FIELDS)


_OWED = Rows(_owed)


def _strictest(coming, late):
    """The next date of each child, the strictest only; not of those who are overdue already."""
    first = {}
    for row in coming:
        if row.child not in late:
            first.setdefault(row.child, row)
    return list(first.values())


def _coming(user, on):
    """How much falls due in the next 14, 30 and 60 days."""
    found = _COMING.all(Anybody.like(user), on, **asked_by(user))
    ends = {days: on + datetime.timedelta(days=days) for days in SPANS}
    return [(days, sum(number for day, number in found if day <= last)) for days, last in ends.items()]


def _by_day(anybody, on):
    last = on + datetime.timedelta(days=AHEAD)
    owed = Obligation.objects.visible_to(anybody, on, NOW).due_between(on, last)
    return owed.order_by().values("due").annotate(number=Count("pk")).values_list("due", "number")


_COMING = Rows(_by_day)


def _childless(user):
    """How many cases wait for their children, as the list of cases shows them by that filter."""
    return {"childless": len(_CHILDLESS.all(Anybody.like(user), today(), **asked_by(user)))}


def _without_child(anybody, on):
    seen = Case.objects.filter(may_open(anybody, on, now=NOW), no_child_yet())
    return seen.order_by().values_list("pk")


_CHILDLESS = Rows(_without_child)


def _unattended(user):
    """Submitted CANS that nobody who is here can decide today, for this person to reroute: of a clinician's
    those they wrote in."""
    on = today()
    return {"unattended": unattended_rows_of(_by_gate(_UNATTENDED, user, on), on)}


def _left_alone(anybody, on, _enforced):
    found = unattended(anybody, on, NOW)
    if anybody.role == Role.CLINICIAN:
        found = found.filter(contributions__person=anybody.pk)
    return found[:LONGEST]


_UNATTENDED = Kept(_left_alone)
