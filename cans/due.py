"""When each CANS of one child is due, and which CANS meets which obligation.

Facts in, obligations out: no database, no clock. Every date is a calendar date of the agency
(America/Chicago). The day of the event is day 0 and the due day counts in full. A status is never
part of an obligation: it depends on the day that asks, and `status` answers it.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from itertools import pairwise
from typing import Literal, Protocol

from cans.days import add_months as add_months
from cans.days import add_working_days as add_working_days
from cans.days import work_by as work_by
from cans.days import written, written_with_weekday

RULES_VERSION = "2026-11"

INITIAL_DAYS = 30
SIX_MONTHS = 6
EXTENSION_DAYS = 30
CLOSING_DAYS = 30

ProposedType = Literal["initial", "reassessment", "extension", "closing"]
Key = int | str


class Kind(StrEnum):
    INITIAL = "initial"
    SIX_MONTH = "six_month"
    EXTENSION = "extension"
    CLOSING = "closing"


class Status(StrEnum):
    MET = "met"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    RETURNED_OVERDUE = "returned_overdue"
    DUE = "due"
    OVERDUE = "overdue"
    MISSED = "missed"
    CANCELLED = "cancelled"
    WAIVED = "waived"


@dataclass(frozen=True)
class Policy:
    """The program's own settings, in force from `since` until the next policy's `since`."""

    fix_by_working_days: int = 5
    six_month_anchor: Literal["assessed", "submitted"] = "assessed"
    since: date = date.min


@dataclass(frozen=True)
class Cans:
    """One CANS that is not voided. `first_submitted` is empty while it is a draft or was recalled,
    `returned` is empty once it was resubmitted. An amendment in force has the dates of the CANS it
    amends, and that one's key as its `origin`: the date it sets stays the same one."""

    key: Key
    assessed: date
    first_submitted: date | None = None
    approved: date | None = None
    returned: date | None = None
    origin: Key | None = None


@dataclass(frozen=True)
class Extension:
    key: Key
    requested: date


@dataclass(frozen=True)
class Stay:
    """One membership row of the child; without `joined` it runs from the episode's opening."""

    key: Key
    joined: date | None = None
    left: date | None = None


@dataclass(frozen=True)
class Episode:
    key: Key
    opened: date
    closed: date | None = None
    stays: tuple[Stay, ...] = ()
    extensions: tuple[Extension, ...] = ()


@dataclass(frozen=True)
class Obligation:
    """`source` names the fact that caused it and stays the same within child and episode, whatever
    happens to its dates. `fix_by` is set only while the CANS that meets it is returned. While none meets
    it, one assessed from `assessed_from` through `assessed_through` would, or any later one where that is
    None."""

    kind: Kind
    episode: Key
    source: str
    due: date
    work_by: date
    target: date | None
    met_by: Key | None
    submitted_on: date | None
    met_on: date | None
    fix_by: date | None
    assessed_from: date | None
    assessed_through: date | None
    cancelled: bool
    why: str

    @property
    def late_by(self) -> int:
        return late_by(self)


@dataclass(frozen=True)
class Meets:
    """What a CANS would do: the obligations it meets, and the six-month date it sets, if any."""

    obligations: tuple[Obligation, ...]
    next_six_month: date | None

    @property
    def strictest(self) -> date | None:
        return min((o.due for o in self.obligations), default=None)


class HasStatus(Protocol):
    """What `status` reads of an obligation, ours or a stored row: plain columns, no relation to load."""

    @property
    def kind(self) -> str: ...
    @property
    def due(self) -> date: ...
    @property
    def submitted_on(self) -> date | None: ...
    @property
    def met_on(self) -> date | None: ...
    @property
    def fix_by(self) -> date | None: ...
    @property
    def cancelled(self) -> bool: ...


class HasSubmission(Protocol):
    @property
    def due(self) -> date: ...
    @property
    def submitted_on(self) -> date | None: ...


# --- the questions ------------------------------------------------------------------------------


def obligations(
    episodes: Sequence[Episode],
    assessments: Sequence[Cans],
    policies: Sequence[Policy] = (Policy(),),
) -> list[Obligation]:
    """Everything one child owes and owed, in order of due date and kind."""
    spans = _spans(episodes)
    _share_out(assessments, spans)
    found = [o for span in spans for o in _owed_in(span, policies or (Policy(),))]
    found.sort(key=lambda o: (o.due, o.kind.value))
    return found


def status(o: HasStatus, today: date, *, waived: bool = False) -> Status:
    """A waiver stays a waiver, even when a CANS comes later: it is reported apart."""
    if waived:
        return Status.WAIVED
    if o.met_on is not None:
        return Status.MET
    if o.fix_by is not None:
        return Status.RETURNED if today <= o.fix_by else Status.RETURNED_OVERDUE
    if o.submitted_on is not None:
        return Status.SUBMITTED
    if o.cancelled:
        return Status.CANCELLED
    if today <= o.due:
        return Status.DUE
    return Status.MISSED if o.kind == Kind.EXTENSION else Status.OVERDUE


def on_time(o: HasSubmission) -> bool | None:
    """Whether the first submission came by the due date; None while nothing is submitted."""
    return None if o.submitted_on is None else o.submitted_on <= o.due


def late_by(o: HasSubmission) -> int:
    """Days from the due date to the first submission; 0 when it came by then, or nothing is submitted."""
    return 0 if o.submitted_on is None else max((o.submitted_on - o.due).days, 0)


def explained(why: str, now: Status) -> str:
    """The stored sentence, with what only the day of asking or a coordinator can add."""
    if now is Status.MISSED:
        return f"{why} Missed: no such CANS was submitted by then."
    if now is Status.WAIVED:
        return f"{why} Waived by a coordinator."
    return why


def episode_of(episodes: Sequence[Episode], assessed: date) -> Key | None:
    """The episode that a CANS of this child assessed that day belongs to. None when it belongs to
    none: before the child's start, after the child left, or too long after the closing."""
    span = _home(_spans(episodes), assessed)
    return None if span is None else span.episode.key


def cans_meets(
    episodes: Sequence[Episode],
    assessments: Sequence[Cans],
    assessed: date,
    today: date,
    policies: Sequence[Policy] = (Policy(),),
) -> Meets:
    """What a new CANS would do if it were assessed on `assessed` and submitted `today`. Leave the
    CANS out of `assessments` when asking about one that is already there."""
    new = Cans(_NEW, assessed, first_submitted=today)
    all_of_them = obligations(episodes, [*assessments, new], policies)
    started = (o for o in all_of_them if o.source == f"{Kind.SIX_MONTH}:{_NEW}")
    return Meets(
        obligations=tuple(o for o in all_of_them if o.met_by == _NEW),
        next_six_month=next((o.due for o in started if o.met_by is None and not o.cancelled), None),
    )


def propose_type(met: Iterable[Obligation]) -> ProposedType:
    """The type to offer for a CANS that would meet these.

    A child's first CANS of an episode is its initial one, whatever else it meets: it is the baseline
    and its date is the strictest. After that the event names it, closing before extension."""
    kinds = {o.kind for o in met}
    if Kind.INITIAL in kinds:
        return "initial"
    if Kind.CLOSING in kinds:
        return "closing"
    if Kind.EXTENSION in kinds:
        return "extension"
    return "reassessment"


_NEW = "new"


# --- which CANS belongs where -------------------------------------------------------------------


@dataclass
class _Span:
    """One unbroken time of the child in one episode, and the submitted CANS of that time in order."""

    episode: Episode
    stay: Stay
    start: date
    left: date | None
    opened_again: date | None = None
    cans: list[Cans] = field(default_factory=list)

    @property
    def last(self) -> date:
        """The last day on which a CANS counts here: after the closing it still does for 30 days, but it
        belongs to the latest episode opened by its day."""
        closed, again = self.episode.closed, self.opened_again
        late = closed and closed + timedelta(days=CLOSING_DAYS)
        before = again and again - timedelta(days=1)
        return min(self.left or date.max, late or date.max, before or date.max)

    def counts(self, day: date) -> bool:
        return self.start <= day <= self.last

    def in_case_on(self, day: date) -> bool:
        return self.start <= day <= min(self.left or date.max, self.episode.closed or date.max)


def _spans(episodes: Sequence[Episode]) -> list[_Span]:
    in_order = sorted(episodes, key=lambda e: (e.opened, e.closed or date.max))
    spans = [span for episode in in_order for span in _spans_of(episode)]
    for span, following in pairwise(spans):
        if following.episode is not span.episode:
            span.opened_again = following.episode.opened
    return spans


def _spans_of(episode: Episode) -> list[_Span]:
    """A child who leaves and rejoins on one day was in the case every day, so that is one span;
    rejoining on a later day begins another, with an initial of its own."""
    spans: list[_Span] = []
    for start, stay in sorted(
        ((max(episode.opened, stay.joined or episode.opened), stay) for stay in episode.stays),
        key=lambda pair: (pair[0], pair[1].left or date.max),
    ):
        if (stay.left and stay.left < episode.opened) or (episode.closed and start > episode.closed):
            continue
        last = spans[-1] if spans else None
        if last and (last.left is None or start <= last.left):
            last.left = last.left and stay.left and max(last.left, stay.left)
        else:
            spans.append(_Span(episode, stay, start, stay.left))
    return spans


def _share_out(assessments: Sequence[Cans], spans: list[_Span]) -> None:
    submitted = [(c.assessed, c.first_submitted, c) for c in assessments if c.first_submitted is not None]
    submitted.sort(key=lambda each: each[:2])
    for assessed, _, cans in submitted:
        span = _home(spans, assessed)
        if span is not None:
            span.cans.append(cans)


def _home(spans: list[_Span], assessed: date) -> _Span | None:
    return next((span for span in spans if span.counts(assessed)), None)


# --- the four kinds -----------------------------------------------------------------------------


def _owed_in(span: _Span, policies: Sequence[Policy]) -> Iterator[Obligation]:
    yield _initial(span, policies)
    yield from _six_months(span, policies)
    yield from _extensions(span, policies)
    if span.episode.closed is not None and span.in_case_on(span.episode.closed):
        yield _closing(span, span.episode.closed, policies)


def _initial(span: _Span, policies: Sequence[Policy]) -> Obligation:
    event = "IPS opened" if span.start == span.episode.opened else "the child joined the case"
    due = span.start + timedelta(days=INITIAL_DAYS)
    return _obligation(
        Kind.INITIAL,
        span,
        span.stay.key,
        due,
        why=f"{_due(due)}: {INITIAL_DAYS} days after {event} {written(span.start)}.",
        met=span.cans[0] if span.cans else None,
        policies=policies,
    )


def _six_months(span: _Span, policies: Sequence[Policy]) -> Iterator[Obligation]:
    following: Sequence[Cans | None] = [*span.cans[1:], None]
    for cans, met in zip(span.cans, following, strict=False):
        due, rule = _six_month_date(cans, _in_force(policies, cans.assessed))
        ended = _ended_before(span, due) if met is None else None
        yield _obligation(
            Kind.SIX_MONTH,
            span,
            cans.key if cans.origin is None else cans.origin,
            due,
            why=f"Was due {written_with_weekday(due)}: {rule} {ended}" if ended else f"{_due(due)}: {rule}",
            met=met,
            policies=policies,
            first_day=cans.assessed,
            cancelled=ended is not None,
        )


def _six_month_date(cans: Cans, policy: Policy) -> tuple[date, str]:
    anchor = cans.assessed
    rule = f"{SIX_MONTHS} months after the CANS assessed on {written(cans.assessed)}"
    if policy.six_month_anchor == "submitted" and cans.first_submitted is not None:
        anchor = cans.first_submitted
        rule += f" was submitted on {written(anchor)}"
    due = add_months(anchor, SIX_MONTHS)
    if due.day != anchor.day:
        rule += ", counted to the end of the shorter month"
    return due, rule + "."


def _ended_before(span: _Span, due: date) -> str | None:
    """Why a six-month date that nothing meets no longer counts; None while it does."""
    closed, left = span.episode.closed, span.left
    if closed is not None and closed < due and (left is None or closed <= left):
        return f"Cancelled: IPS closed {written(closed)}."
    if left is not None and left < due:
        return f"Cancelled: the child left the case {written(left)}."
    return None


def _extensions(span: _Span, policies: Sequence[Policy]) -> Iterator[Obligation]:
    for extension in span.episode.extensions:
        requested = extension.requested
        if not span.in_case_on(requested):
            continue
        from_day = requested - timedelta(days=EXTENSION_DAYS)
        in_time = (
            cans
            for cans in span.cans
            if from_day <= cans.assessed <= requested
            and cans.first_submitted is not None
            and cans.first_submitted <= requested
        )
        yield _obligation(
            Kind.EXTENSION,
            span,
            f"{extension.key}:{span.stay.key}",
            requested,
            why=f"{_due(requested)}: an extension was requested that day, and asks for a CANS assessed "
            f"from {written(from_day)} and submitted by the request.",
            met=next(in_time, None),
            policies=policies,
            first_day=from_day,
            last_day=requested,
        )


def _closing(span: _Span, closed: date, policies: Sequence[Policy]) -> Obligation:
    due = closed + timedelta(days=CLOSING_DAYS)
    from_day = closed - timedelta(days=CLOSING_DAYS)
    met = next((cans for cans in span.cans if from_day <= cans.assessed <= due), None)
    why = (
        f"{_due(due)}: {CLOSING_DAYS} days after IPS closed {written(closed)}, the target; "
        f"a CANS assessed from {written(from_day)} meets it."
    )
    if met is not None and met.assessed > closed:
        why += f" Rated after the closing date, on {written(met.assessed)}."
    return _obligation(
        Kind.CLOSING,
        span,
        span.stay.key,
        due,
        why=why,
        met=met,
        policies=policies,
        target=closed,
        first_day=from_day,
    )


def _obligation(
    kind: Kind,
    span: _Span,
    cause: Key,
    due: date,
    *,
    why: str,
    met: Cans | None,
    policies: Sequence[Policy],
    target: date | None = None,
    first_day: date = date.min,
    last_day: date = date.max,
    cancelled: bool = False,
) -> Obligation:
    last_day = min(last_day, span.last)
    return Obligation(
        kind=kind,
        episode=span.episode.key,
        source=f"{kind}:{cause}",
        due=due,
        work_by=work_by(due),
        target=target,
        met_by=met.key if met else None,
        submitted_on=met.first_submitted if met else None,
        met_on=met.approved if met else None,
        fix_by=_fix_by(met, due, policies) if met else None,
        assessed_from=None if met else max(first_day, span.start),
        assessed_through=None if met or last_day == date.max else last_day,
        cancelled=cancelled,
        why=why,
    )


def _fix_by(cans: Cans, due: date, policies: Sequence[Policy]) -> date | None:
    if cans.returned is None or cans.approved is not None:
        return None
    days = _in_force(policies, cans.returned).fix_by_working_days
    return max(due, add_working_days(cans.returned, days))


def _in_force(policies: Sequence[Policy], day: date) -> Policy:
    """The first policy also covers the days before it."""
    begun = [policy for policy in policies if policy.since <= day]
    if begun:
        return max(begun, key=lambda policy: policy.since)
    return min(policies, key=lambda policy: policy.since)


def _due(day: date) -> str:
    return f"Due {written_with_weekday(day)}"
