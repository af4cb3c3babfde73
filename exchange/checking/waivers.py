"""Checks of waived due dates: each is of something that the file has, or the record."""

from cans.due import Kind
from cans.models import Waiver
from cases.actions.holding import before, future
from exchange.waived import BY_STAY, Cause, at, day_of

from .cans import person_of
from .cases import NOT_OPENED, known_case, touch
from .people import NOT_JOINED, stay_of

SAME = {"reason": "reason", "note": "note", "withdrawn_because": "withdrawn_because"}
WITHDRAWN = ("withdrawn_on", "withdrawn_by", "withdrawn_because")


def waivers(lines, record):
    in_force = {}
    for line in lines:
        yield
        case = known_case(line, record)
        stay = stay_of(line, record, case, line["opened"]) if case is not None else None
        if stay is not None:
            _waiver(line, record, case, stay.child, in_force)


def _waiver(line, record, case, child, in_force):
    episode = next((one for one in record.episodes[case.number] if one.opened == line["opened"]), None)
    line.say("opened", "" if episode else NOT_OPENED)
    by_cans, by_stay = line["kind"] == Kind.SIX_MONTH, line["kind"] in BY_STAY
    cause = Cause(line["kind"], None if by_cans else line["joined"], None if by_stay else line["counted"])
    line.say("counted" if cause.kind not in BY_STAY else "joined", _unknown(cause, record, episode, child))
    line.say("waived_on", future(line["waived_on"]))
    line.say("withdrawn_on", before(line["withdrawn_on"], line["waived_on"], "the waiver"))
    if len({bool(line[column]) for column in WITHDRAWN}) > 1:
        line.say("withdrawn_on", "A withdrawal has a day, a person and a reason: write all, or none.")
    if not line.fine:
        return
    made = Waiver(episode=episode, child=child, source=cause.kind, at=at(line["waived_on"]))
    made.reason, made.note = line["reason"], line["note"]
    made.by, made.cause = _by(line, record, case, "waived_by"), cause
    if line["withdrawn_on"]:
        made.withdrawn_at, made.withdrawn_because = at(line["withdrawn_on"]), line["withdrawn_because"]
        made.withdrawn_by = _by(line, record, case, "withdrawn_by")
    line.clean(made)
    known = (case.number, child.person_number, episode.opened, cause)
    if not line["withdrawn_on"] and in_force.setdefault(known, line) is not line:
        line.say("the line", "This due date is waived twice, and neither waiver is withdrawn.")
    kept = record.waivers.get((*known, line["waived_on"]))
    if kept is not None and day_of(kept.withdrawn_at) != line["withdrawn_on"]:
        line.say("withdrawn_on", "On record it is otherwise. An import never changes what is on record.")
    if line.meet("waivers", kept, made, SAME) is made:
        touch(line, case)


def _unknown(cause, record, episode, child):
    """What the due date is of has to be there: a stay, a request, a CANS."""
    if episode is None:
        return ""
    number = episode.case.number
    if cause.kind == Kind.SIX_MONTH:
        if cause.counted is None:
            return "Write the day of the CANS that this date is counted from."
        there = (number, child.person_number, cause.counted, 1) in record.past_cans
        return "" if there else "There is no CANS of this day in the file, or it is wrong."
    if not any(
        one.case is episode.case and one.joined == cause.joined for one in record.stays[child.person_number]
    ):
        return NOT_JOINED
    if cause.kind == Kind.EXTENSION and (number, episode.opened, cause.counted) not in record.extensions:
        return "No extension was requested on that day."
    return ""


def _by(line, record, case, column):
    """The coordinator who is so called; who has no account is kept by name, as whoever scored a CANS is."""
    found = record.coordinators.get(line[column], [])
    return found[0] if len(found) == 1 else person_of(line, record, case, column)
