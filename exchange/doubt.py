"""Dates in doubt: cases whose dates here and in the state's list differ, and which record to fix."""

import datetime
from dataclasses import dataclass

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, Value
from django.db.models.functions import Coalesce
from django.urls import reverse

from audit.actions import record
from cans.models import Obligation
from cases.actions.holding import before
from cases.models import Case, CaseEvent, Episode, Membership
from staff.dates import end_of, written
from staff.models import Role

from .checking.plan import Lines, Plan
from .models import StateLine, StateList
from .reading import A_LIST, Unreadable, read_list
from .sheets import STATES_LIST

OPEN = Value(datetime.date.max)  # in place of no closing, so that none equals none
OF_DATES = ("opened", "opening_corrected", "closed", "closing_corrected", "close_undone", "created")
HERE, THERE, BOTH = "here", "in the state's system", "look in both"


class WrongLines(Unreadable):
    """Nothing of the list was kept; `wrong` says what is wrong with its lines."""

    def __init__(self, wrong):
        self.wrong = wrong
        super().__init__(f"{len(wrong)} line{'s' * (len(wrong) != 1)} to put right; nothing was kept.")


@transaction.atomic
def keep_list(name, content, *, as_of, sha256, by):
    """Keep a list of the state's, to compare with. Raises Unreadable, or WrongLines."""
    if not by.is_active or by.role != Role.COORDINATOR:
        raise PermissionDenied("Only coordinators compare with the state's list.")
    lines = _lines(name, content, by)
    kept = StateList.objects.create(file_name=name[:200], sha256=sha256, as_of=as_of, by=by)
    for line in lines:
        line.list = kept
    StateLine.objects.bulk_create(lines, batch_size=2_000)
    record("state_list.keep", by=by, subject=f"state list {kept.pk}", sha256=sha256, lines=len(lines))
    return kept


def _lines(name, content, by):
    plan = Plan(by)
    found = []
    for line in Lines(plan, read_list(name, content, A_LIST, STATES_LIST)):
        made = StateLine(line=line.row.line, **line.values("opened", "closed", "person_number", "due"))
        made.case_number = line["case_number"]
        line.clean(made)
        line.say("closed", before(made.closed, made.opened, "the opening"))
        if bool(made.due) != bool(made.person_number):
            line.say("due", "A due date is of a child: write both the person number and the day.")
        found.append(made)
    if plan.wrong:
        raise WrongLines(plan.wrong)
    return found


def in_doubt(kept, user, agency=None):
    """The lines about this coordinator's cases, or an agency's of them, that say otherwise here. What was met
    here when the list was taken is owed there no more."""
    same = Episode.objects.annotate(until=Coalesce("closed", OPEN)).filter(
        case__number=OuterRef("case_number"), opened=OuterRef("opened"), until=OuterRef("until")
    )
    owed = Obligation.objects.current().filter(
        Q(met_on__isnull=True) | Q(met_on__gt=kept.as_of),
        case__number=OuterRef("case_number"),
        child__person_number=OuterRef("person_number"),
        due=OuterRef("due"),
    )
    return (
        kept.lines.filter(_of_cases(user, agency))
        .annotate(until=Coalesce("closed", OPEN))
        .annotate(same_dates=Exists(same), same_due=Exists(owed))
        .filter(Q(same_dates=False) | Q(due__isnull=False, same_due=False))
        .order_by("case_number", "line")
    )


def absent(kept, user, agency=None):
    """Cases that were open here on the day of the list, and still are, and of which it has no line: none that
    is open there, nor one of the same opening."""
    told = kept.lines.filter(
        Q(closed__isnull=True) | Q(opened=OuterRef("opened")), case_number=OuterRef("case__number")
    )
    open_then = Episode.objects.filter(
        ~Exists(told), case=OuterRef("pk"), closed__isnull=True, opened__lte=kept.as_of
    )
    return _cases(user, agency).filter(Exists(open_then)).order_by("number")


def unknown(kept, user):
    """The lines that name no case of this coordinator: whether it is another's is not told."""
    return kept.lines.exclude(_of_cases(user)).order_by("line")


def _of_cases(user, agency=None):
    return Exists(_cases(user, agency).filter(number=OuterRef("case_number")))


def _cases(user, agency):
    cases = Case.objects.visible_to(user)
    return cases.filter(agency=agency) if agency else cases


@dataclass(frozen=True)
class Doubt:
    """A line, or None where the list has none; what differs as (what, here, there), and which record to fix
    and why. `ways` lead to the forms that put it right here, as (words, address)."""

    case: object
    line: StateLine | None
    differences: tuple
    fix: str
    why: str
    ways: tuple = ()


def rows_of(lines, kept):
    """The lines as they are shown: six questions, whatever their number."""
    lines = list(lines)
    numbers = {line.case_number for line in lines}
    cases = {row.number: row for row in Case.objects.filter(number__in=numbers).select_related("agency")}
    episodes, latest, due = _episodes(numbers), _latest_changes(numbers), _due(numbers)
    return [
        _doubt(
            cases[line.case_number],
            line,
            _nearest(episodes.get(line.case_number, []), line),
            due(line),
            latest.get(line.case_number),
            kept,
        )
        for line in lines
    ]


@dataclass(frozen=True)
class Due:
    """What is here of the child that a line names: whether it is in the case, the next day owed, and when the
    CANS that was due on the line's own day was approved."""

    is_here: bool
    owed: datetime.date | None
    met_on: datetime.date | None

    @property
    def words(self):
        if not self.is_here:
            return "no such child in the case"
        met = f"approved {written(self.met_on)}" if self.met_on else ""
        return "; ".join(filter(None, [met, _words(self.owed, "" if met else "nothing due")]))


def _due(numbers):
    """A function that tells what is Due of a line about one of these cases."""
    stays = Membership.objects.filter(case__number__in=numbers)
    here = set(stays.values_list("case__number", "child__person_number"))
    owed, met = {}, {}
    rows = Obligation.objects.current().filter(case__number__in=numbers)
    of_child = ("case__number", "child__person_number", "due")
    for number, child, day in rows.unsettled().order_by("-due").values_list(*of_child):
        owed[number, child] = day
    for *key, met_on in rows.filter(met_on__isnull=False).values_list(*of_child, "met_on"):
        met[tuple(key)] = met_on

    def of(line):
        child = line.case_number, line.person_number
        return Due(child in here, owed.get(child), met.get((*child, line.due)))

    return of


def rows_of_absent(cases, kept):
    """The cases that the list does not name, as they are shown: three questions, whatever their number."""
    cases = list(cases.select_related("agency"))
    numbers = {case.number for case in cases}
    episodes, latest = _episodes(numbers), _latest_changes(numbers)
    return [_absent(case, episodes[case.number], latest.get(case.number), kept) for case in cases]


def _episodes(numbers):
    found = {}
    rows = Episode.objects.filter(case__number__in=numbers).annotate(number=F("case__number"))
    for row in rows.order_by("-opened", "-pk"):
        found.setdefault(row.number, []).append(row)
    return found


def _latest_changes(numbers):
    changes = CaseEvent.objects.filter(case__number__in=numbers, kind__in=OF_DATES)
    return dict(changes.order_by("at").values_list("case__number", "at"))


def _absent(case, episodes, changed, kept):
    opened = next(row.opened for row in episodes if row.closed is None)
    fix, why = _newer(changed, kept) or (
        BOTH,
        "It may never have been opened there, have been closed there, or stand there under another number.",
    )
    return Doubt(case, None, (("Opened", written(opened), "not in the list"),), fix, why)


def _nearest(episodes, line):
    """The opening that the line is about: that of the same day, or the nearest one."""
    return min(episodes, key=lambda row: abs(row.opened - line.opened), default=None)


def _doubt(case, line, episode, due, changed, kept):
    found = []
    if not line.same_dates:
        if episode is None or episode.opened != line.opened:
            found.append(("Opened", _words(episode and episode.opened, "never"), _words(line.opened)))
        if episode is None or episode.closed != line.closed:
            found.append(("Closed", _words(episode and episode.closed), _words(line.closed)))
    if line.due and not line.same_due:
        found.append((f"Due, child {line.person_number}", due.words, _words(line.due)))
    fix, why = _which(line, due, changed, kept)
    ways = _ways(case, episode, line) if fix == HERE else ()
    return Doubt(case, line, tuple(found), fix, why, ways)


def _which(line, due, changed, kept):
    """The later word counts: what was recorded here after the list was taken is not in the list yet."""
    if line.same_dates:
        return _which_due(line, due)
    return _newer(changed, kept) or (
        HERE,
        f"Nothing was recorded here since {written(kept.as_of)}, when the list was taken.",
    )


def _which_due(line, due):
    """A later date there tells of a CANS that is there: perhaps it is missing here."""
    if not due.is_here:
        return BOTH, "The number may be mistyped there, or the child be missing here."
    if due.met_on:
        return THERE, "The CANS that met this date is approved here: it may not have been entered there."
    if due.owed is not None and line.due > due.owed:
        return BOTH, "The list's date is the later one, so a CANS that is there may be missing here."
    return THERE, "The dates of the case agree, and the due date follows from them."


def _newer(changed, kept):
    if changed is None or changed < end_of(kept.as_of):
        return None
    return THERE, f"It was recorded here after {written(kept.as_of)}, when the list was taken."


def _ways(case, episode, line):
    """What a coordinator puts right themselves; to close IPS is for the workers, whom the case names."""
    if episode is None:
        return ()
    found = []
    if episode.opened != line.opened:
        found.append(("Correct the opening", "cases:correct_opening"))
    if episode.closed and line.closed and episode.closed != line.closed:
        found.append(("Correct the closing date", "cases:correct_closing"))
    elif episode.closed and not line.closed:
        found.append(("Undo the closing", "cases:undo_closing"))
    ways = [(words, reverse(name, args=[case.pk, episode.pk])) for words, name in found]
    if line.closed and not episode.closed:
        ways.append(("Ask its workers to close IPS", case.get_absolute_url()))
    return tuple(ways)


def _words(day, nothing="open"):
    return written(day) if day else nothing
