"""Keeps the stored due dates equal to due.py, in the transaction of whatever changed them."""

from collections import defaultdict

from django.db import transaction
from django.utils import timezone

from cases.models import Case, Episode, Extension, Membership
from staff.models import PolicySetting

from . import due
from .models import Assessment, Obligation, Waiver
from .states import State

# What makes a stored row the same obligation with the same facts; anything else supersedes it.
FACTS = (
    "agency_id",
    "region_id",
    "lan",
    "opened",
    "kind",
    "due",
    "work_by",
    "target",
    "met_by_id",
    "submitted_on",
    "met_on",
    "fix_by",
    "assessed_from",
    "assessed_through",
    "cancelled",
    "waiver_id",
    "why",
    "rules_version",
)


def refresh(case, *, by=None, because=""):
    """Bring one case's obligations up to date, inside the caller's transaction."""
    return refresh_many([case.pk], by=by, because=because)


@transaction.atomic
def refresh_many(case_ids, *, by=None, because=""):
    """Bring many cases up to date; returns how many rows were superseded or added.

    Locks the cases first: two acts on one case compute one after the other.
    """
    list(Case.objects.select_for_update(no_key=True).filter(pk__in=case_ids).order_by("pk").values("pk"))
    gone, new = differences(case_ids)
    now = timezone.now()
    _end_waivers(gone, new, by, now, because)
    if gone:
        Obligation.objects.filter(pk__in=[row.pk for row in gone]).update(superseded_at=now)
    for row in new:
        row.recorded_at, row.recorded_by, row.because = now, by, because[:400]
    Obligation.objects.bulk_create(new, batch_size=2000)
    return len(gone) + len(new)


def _end_waivers(gone, new, by, now, because):
    """The waiver of a closing CANS goes with its closing: when IPS closes again, that is another due date,
    which nobody has waived."""
    stays = {_key(row) for row in new}
    ended = [row.waiver_id for row in gone if row.kind == due.Kind.CLOSING and _key(row) not in stays]
    if by is not None and any(ended):
        given = {"withdrawn_by": by, "withdrawn_at": now, "withdrawn_because": because[:400]}
        Waiver.objects.filter(pk__in=ended).update(**given)


def differences(case_ids):
    """Stored rows that no longer hold, and the unsaved rows that should be there instead."""
    wanted = {_key(row): row for row in _wanted(case_ids)}
    gone = []
    for stored in Obligation.objects.current().filter(case__in=case_ids):
        same = wanted.get(_key(stored))
        if same is not None and _facts(same) == _facts(stored):
            del wanted[_key(stored)]
        else:
            gone.append(stored)
    return gone, list(wanted.values())


def policies():
    """The program's own decisions about due dates, as due.py takes them, oldest first."""
    names = PolicySetting.Name
    rows = PolicySetting.objects.filter(name__in=[names.FIX_BY_WORKING_DAYS, names.SIX_MONTH_ANCHOR])
    found = [due.Policy()]
    decided = dict(PolicySetting.DEFAULTS)
    for row in rows.order_by("since"):
        decided[row.name] = row.value
        found.append(
            due.Policy(
                since=row.since,
                fix_by_working_days=int(decided[names.FIX_BY_WORKING_DAYS]),
                six_month_anchor=decided[names.SIX_MONTH_ANCHOR],
            )
        )
    return found


def facts_of(child, case):
    """One child's episodes and CANS in one case, as due.py takes them."""
    return _episodes([case.pk])[case.pk].get(child.pk, []), _assessments([case.pk])[child.pk, case.pk]


def _key(row):
    return row.episode_id, row.child_id, row.source


def _facts(row):
    return tuple(getattr(row, name) for name in FACTS)


def _wanted(case_ids):
    """What should be stored, as unsaved rows: one query a table, whatever the number of cases."""
    homes = {case.pk: case for case in _homes(case_ids)}
    episodes, assessments, rules = _episodes(case_ids), _assessments(case_ids), policies()
    waivers = {
        (waiver.episode_id, waiver.child_id, waiver.source): waiver.pk
        for waiver in Waiver.objects.filter(episode__case__in=case_ids, withdrawn_at__isnull=True)
    }
    for case_id in homes:
        for child_id, of_child in episodes[case_id].items():
            opened = {one.key: one.opened for one in of_child}
            for owed in due.obligations(of_child, assessments[child_id, case_id], rules):
                row = row_of(owed, homes[case_id], child_id, opened[owed.episode])
                row.waiver_id = waivers.get((owed.episode, child_id, owed.source))
                yield row


def row_of(owed, case, child_id, opened):
    """One obligation of due.py's, of an episode opened that day, as the row that keeps it."""
    return Obligation(
        case_id=case.pk,
        episode_id=owed.episode,
        child_id=child_id,
        agency_id=case.agency_id,
        region_id=case.region_id,
        lan=case.lan,
        opened=opened,
        kind=owed.kind.value,
        source=owed.source,
        due=owed.due,
        work_by=owed.work_by,
        target=owed.target,
        met_by_id=owed.met_by,
        submitted_on=owed.submitted_on,
        met_on=owed.met_on,
        fix_by=owed.fix_by,
        assessed_from=owed.assessed_from,
        assessed_through=owed.assessed_through,
        cancelled=owed.cancelled,
        why=owed.why,
        rules_version=due.RULES_VERSION,
    )


def _homes(case_ids):
    return Case.objects.filter(pk__in=case_ids).values_list("pk", "agency_id", "region_id", "lan", named=True)


def _episodes(case_ids):
    """case → child → its episodes, with that child's stays and the extensions asked for."""
    extensions = defaultdict(list)
    requests = Extension.objects.standing().filter(episode__case__in=case_ids)
    for pk, episode, requested in requests.values_list("pk", "episode_id", "requested"):
        extensions[episode].append(due.Extension(key=pk, requested=requested))
    stays = defaultdict(lambda: defaultdict(list))
    for pk, case, child, joined, left in Membership.objects.filter(case__in=case_ids).values_list(
        "pk", "case_id", "child_id", "joined", "left"
    ):
        stays[case][child].append(due.Stay(key=pk, joined=joined, left=left))
    found = defaultdict(lambda: defaultdict(list))
    rows = Episode.objects.filter(case__in=case_ids).order_by("opened", "pk")
    for pk, case, opened, closed in rows.values_list("pk", "case_id", "opened", "closed"):
        for child, of_child in stays[case].items():
            found[case][child].append(
                due.Episode(
                    key=pk,
                    opened=opened,
                    closed=closed,
                    stays=tuple(of_child),
                    extensions=tuple(extensions[pk]),
                )
            )
    return found


def _assessments(case_ids):
    """(child, case) → the CANS that count: not voided, and of an amended one the one in force, with the
    day on which the first was approved."""
    counted = Assessment.objects.filter(case__in=case_ids).exclude(state=State.VOIDED).only(*COUNTED)
    rows = {row.pk: row for row in counted.order_by("pk")}
    amendments = [row for row in rows.values() if row.amends_id]
    replaced = {row.amends_id for row in amendments if row.state == State.APPROVED}
    waiting = {row.pk for row in amendments if row.state != State.APPROVED}
    found = defaultdict(list)
    for row in rows.values():
        if row.pk in replaced or row.pk in waiting:
            continue
        first = _amended_first(row, rows)
        found[row.child_id, row.case_id].append(
            due.Cans(
                key=row.pk,
                assessed=row.assessed_on,
                first_submitted=row.first_submitted_on,
                approved=first_approved(first) if row.state == State.APPROVED else None,
                returned=_returned(row),
                origin=first.pk,
            )
        )
    return found


COUNTED = (
    "child_id",
    "case_id",
    "amends_id",
    "assessed_on",
    "first_submitted_on",
    "first_approved_on",
    "approved_at",
    "returned_at",
    "state",
)


def _amended_first(row, rows):
    """Where a chain of amendments began: the CANS itself where it amends none."""
    while row.amends_id in rows:
        row = rows[row.amends_id]
    return row


def first_approved(first):
    """The day of the first approval, of the CANS with which a chain of amendments began here."""
    return first.first_approved_on or timezone.localdate(first.approved_at)


def _returned(row):
    """The day of a return that is still unanswered.

    A recalled resubmission counts as never made: the draft it falls back to is still returned.
    """
    if row.state in {State.RETURNED, State.DRAFT} and row.first_submitted_on and row.returned_at:
        return timezone.localdate(row.returned_at)
    return None
