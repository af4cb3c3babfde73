"""Checks of cases, extensions and assignments: the same that the verbs of `cases` make, for many at once."""

import datetime

from cans.due import CLOSING_DAYS
from cases.actions.holding import before, future, missing
from cases.geography import COUNTIES
from cases.models import Assignment, Case, Episode, Extension
from staff.dates import today
from staff.policy import WORKERS

from .plan import HIDDEN

OF_CASE = {
    "name": "case_name",
    "county": "county",
    "lan": "lan",
    "referred_on": "referred_on",
    "referral_source": "referral_source",
    "department_worker": "department_worker",
}
SEVERAL = "Several people of the agency are so called: write the user name."
NOT_OPENED = "IPS was not opened in this case on that day."
SHORTER = "The case is authorised through {} only: write there the last day with every extension."
OF_EPISODE = ("authorised_through", "closed", "closing_reason")


def cases(lines, record):
    for line in lines:
        yield
        case = _case(line, record)
        if case is not None:
            _episode(line, record, case)


def known_case(line, record):
    """The case of a line of another sheet, here or on record. Where the case's own line is wrong, that is
    said there, and nothing here."""
    number = line["case_number"]
    case = record.cases.get(number)
    if case is None and (number,) not in record.told_of:
        hidden = number in record.hidden_cases
        line.say("case_number", HIDDEN if hidden else "There is no such case, on record or in this file.")
    return case


def _case(line, record):
    number, there = line["case_number"], record.cases.get(line["case_number"])
    if number in record.hidden_cases:
        line.say("case_number", HIDDEN)
        return None
    agency, region = record.agencies.get(line["agency"]), record.regions.get(line["region"])
    line.say("agency", "" if agency else "No agency has this name.")
    line.say("region", "" if region else "No region of yours has this name.")
    line.say("county", "" if line["county"] in COUNTIES else "Illinois has no county of this name.")
    if not line.fine:
        return None
    made = Case(
        number=number,
        agency=agency,
        region=region,
        **{name: line[column] for name, column in OF_CASE.items()},
    )
    line.clean(made, OF_CASE | {"number": "case_number"})
    line.say("referred_on", future(made.referred_on))
    case = line.meet("cases", there, made, OF_CASE | {"agency": "agency", "region": "region"})
    if case is not None:
        record.cases.setdefault(number, case)
    return case


def _episode(line, record, case):
    made = Episode(case=case, **line.values("opened", *OF_EPISODE))
    line.clean(made)
    line.say("opened", future(made.opened))
    line.say("authorised_through", before(made.authorised_through, made.opened, "the opening"))
    line.say("closed", future(made.closed) or before(made.closed, made.opened, "the opening"))
    if bool(made.closed) != bool(made.closing_reason):
        line.say("closing_reason", "A closing has a day and a reason: write both, or neither.")
    line.say("referred_on", _referred_late(record, case, made))
    others = record.episodes[case.number]
    there = next((one for one in others if one.opened == made.opened), None)
    if there is None and (other := next((one for one in others if _overlap(one, made)), None)):
        line.say("opened", f"IPS was open in this case then, since {other.opened}.")
    episode = line.meet("episodes", there, made, dict(zip(OF_EPISODE, OF_EPISODE, strict=True)))
    if episode is None:
        return
    if there is None:
        others.append(made)
        others.sort(key=lambda one: one.opened)
        touch(line, case)
    _primary(line, record, case, episode)


def _referred_late(record, case, made):
    """A case is referred before its first opening; later openings may come from another referral."""
    first = min([one.opened for one in record.episodes[case.number]] + [made.opened])
    return "The referral cannot be later than the opening." if case.referred_on > first else ""


def _overlap(one, other):
    """Opened on different days; IPS may open again on the day it closed."""
    first, second = sorted([one, other], key=lambda row: row.opened)
    return first.closed is None or second.opened < first.closed


def _primary(line, record, case, episode):
    if line["primary_worker"]:
        person = worker(
            line, "primary_worker", record, case.agency, line["primary_worker"], active=not episode.closed
        )
        if person is not None:
            primary = Assignment(
                case=case,
                person=person,
                kind=Assignment.Kind.PRIMARY,
                starts=episode.opened,
                ends=_last_day(episode),
            )
            _assign(line, record, primary, column="primary_worker")
    if episode.pk is None and episode.closed is None:
        record.newly_open.append((line, case))


def _last_day(episode):
    """Whoever had a case that closed lately may have its closing CANS to do yet."""
    if episode.closed and episode.closed + datetime.timedelta(days=CLOSING_DAYS) < today():
        return episode.closed
    return None


def primaries(record):
    """An open case has a primary worker: asked when all the sheets are read."""
    for line, case in record.newly_open:
        rows = record.assignments[case.number]
        if not any(row.kind == Assignment.Kind.PRIMARY and row.ends is None for row in rows):
            line.say("primary_worker", "An open case needs a primary worker: write a user name.")


def worker(line, column, record, agency, name, *, active):
    """Somebody of the agency who has an account and carries cases."""
    found = [one for one in record.workers.called(agency, name) if one.role in WORKERS]
    if active:
        found = [one for one in found if one.is_active]
    if len(found) == 1:
        return found[0]
    line.say(column, SEVERAL if found else "No clinician or supervisor of the case's agency is so called.")
    return None


def extensions(lines, record):
    for line in lines:
        yield
        case = known_case(line, record)
        if case is None:
            continue
        made = Extension(
            requested_by=line.lines.plan.by,
            **line.values("requested", "reason", "decided", "authorised_through"),
        )
        made.granted = line["granted"] if made.decided else None
        episode = next(
            (one for one in record.episodes[case.number] if _held(one, made.requested)),
            None,
        )
        line.say("requested", "" if episode else "IPS was not open in this case on this day.")
        line.clean(made)
        line.say("requested", future(made.requested))
        line.say("decided", future(made.decided) or before(made.decided, made.requested, "the request"))
        if bool(made.granted) != bool(made.authorised_through):
            line.say("authorised_through", "A granted request has a last day, and no other has one.")
        if episode is None:
            continue
        made.episode = episode
        line.say("authorised_through", before(made.authorised_through, episode.opened, "the opening"))
        if made.granted and made.authorised_through and episode.authorised_through < made.authorised_through:
            line.say("authorised_through", SHORTER.format(episode.authorised_through))
        key = case.number, episode.opened, made.requested
        columns = ("reason", "decided", "granted", "authorised_through")
        kept = line.meet("extensions", record.extensions.get(key), made, {name: name for name in columns})
        if kept is not None and record.extensions.setdefault(key, kept) is made:
            touch(line, case)


def _held(episode, day):
    return episode.opened <= day and (episode.closed is None or day <= episode.closed)


def assignments(lines, record):
    for line in lines:
        yield
        case = known_case(line, record)
        if case is None:
            continue
        person = worker(line, "worker", record, case.agency, line["worker"], active=line["ends"] is None)
        if person is None:
            continue
        made = Assignment(case=case, person=person, **line.values("kind", "role", "starts", "ends"))
        line.say("ends", before(made.ends, made.starts, "the first day"))
        if made.kind == Assignment.Kind.PARALLEL:
            line.say("role", missing(made.role, "Say what this worker does on the case."))
        _assign(line, record, made)


def _assign(line, record, made, column="starts"):
    others = record.assignments[made.case.number]
    same = (made.person.pk, made.kind, made.starts)
    there = next((one for one in others if (one.person.pk, one.kind, one.starts) == same), None)
    line.clean(made)
    columns = {"ends": "ends", "role": "role"} if column == "starts" else {}  # it says neither of them
    if there is None and (clash := next((one for one in others if _clash(one, made)), None)):
        line.say(column, _taken(clash, made))
    kept = line.meet("assignments", there, made, columns)
    if kept is made:
        others.append(made)
        touch(line, made.case)


def _clash(one, made):
    together = (made.ends is None or one.starts <= made.ends) and (
        one.ends is None or made.starts <= one.ends
    )
    primary = Assignment.Kind.PRIMARY
    return together and (one.person.pk == made.person.pk or one.kind == made.kind == primary)


def _taken(clash, made):
    if clash.person.pk == made.person.pk:
        return f"{made.person} works on this case at that time already."
    return f"{clash.person} is the primary worker then, and there is one at a time."


def touch(line, case):
    if case.pk is not None:
        line.lines.plan.touched[case.number] = case
