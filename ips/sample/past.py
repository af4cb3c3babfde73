"""The due dates of the small sample as they would have been put on record day by day: so that any past
day can be asked about from the first hour on."""

from collections import defaultdict
from dataclasses import replace

from django.utils import timezone

from approvals.models import Step
from approvals.workflow import Action
from cans import due, obligations
from cans.models import Obligation
from cases.models import Child

from .writing import at


def write_past(cases):
    """Each row that holds now gets the moment from which it did; what held before it is added."""
    steps = _steps_of(cases)
    rules, missing, dated = obligations.policies(), [], []
    for case in cases:
        rows = Obligation.objects.current().filter(case=case)
        opened = dict(case.episodes.values_list("pk", "opened"))
        current = {(row.child_id, row.episode_id, row.source): row for row in rows}
        for child in Child.objects.filter(memberships__case=case).distinct():
            for key, versions in _versions(child, case, steps, rules).items():
                row = current.get((child.pk, *key))
                ends = [day for day, _ in versions[1:]]
                for (day, owed), end in zip(versions, ends, strict=False):
                    if owed:
                        before = obligations.row_of(owed, case, child.pk, opened[owed.episode])
                        before.recorded_at, before.superseded_at = _moment(day), _moment(end)
                        missing.append(before)
                if row:
                    row.recorded_at = _moment(versions[-1][0])
                    dated.append(row)
    Obligation.objects.bulk_create(missing)
    Obligation.objects.bulk_update(dated, ["recorded_at"])


def _versions(child, case, steps, rules):
    """(episode, source) → [(day, what was owed from then on, or None)]."""
    episodes, cans = obligations.facts_of(child, case)
    found = defaultdict(list)
    for day in sorted(_days(episodes, cans, steps)):
        then = due.obligations(
            [_episode(one, day) for one in episodes if one.opened <= day],
            [_cans(one, steps[one.key], day) for one in cans if one.assessed <= day],
            rules,
        )
        owed = {(one.episode, one.source): one for one in then}
        for key in owed.keys() | found.keys():
            if not found[key] or found[key][-1][1] != owed.get(key):
                found[key].append((day, owed.get(key)))
    return found


def _days(episodes, cans, steps):
    """Those on which something became so."""
    days = {day for one in episodes for day in (one.opened, one.closed)}
    days |= {day for one in episodes for stay in one.stays for day in (stay.joined, stay.left)}
    days |= {extension.requested for one in episodes for extension in one.extensions}
    days |= {day for one in cans for day in (one.first_submitted, one.approved)}
    days |= {day for one in cans for day, _ in steps[one.key]}
    return days - {None}


def _episode(one, day):
    return replace(
        one,
        closed=_by(one.closed, day),
        stays=tuple(replace(stay, left=_by(stay.left, day)) for stay in one.stays if stay.joined <= day),
        extensions=tuple(extension for extension in one.extensions if extension.requested <= day),
    )


def _cans(one, steps, day):
    last = next((step for step in reversed(steps) if step[0] <= day), None)
    return replace(
        one,
        first_submitted=_by(one.first_submitted, day),
        approved=_by(one.approved, day),
        returned=last[0] if last and last[1] == Action.RETURN else None,
    )


def _by(happened, day):
    return happened if happened and happened <= day else None


def _steps_of(cases):
    """CANS → its steps as (day, action), in order: a return is open until the next of them."""
    found = defaultdict(list)
    steps = Step.objects.filter(assessment__case__in=cases).order_by("pk")
    for cans, moment, action in steps.values_list("assessment", "at", "action"):
        found[cans].append((timezone.localdate(moment), action))
    return found


def _moment(day):
    return min(at(day), timezone.now())
