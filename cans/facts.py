"""Gathers from the database what the pure rules take: readiness, due dates, comparison."""

from dataclasses import dataclass
from functools import cached_property

from django.db.models import Exists, Q

from audit.statements import Given, Kept, as_prefetched
from cases.models import Caregiving, Collateral, Membership
from staff import gate
from staff.dates import today

from . import course, due, instrument, obligations, readiness
from .days import written
from .models import Assessment, Note, Obligation, Sheet, ratings_by_adult
from .states import State


def readiness_of(assessment, *, by=None, on=None, sheets=None):
    """What this CANS still lacks; the credentials asked for are those of `by`, or of its author."""
    on = on or today()
    sheets = sheets if sheets is not None else sheets_of(assessment)
    before = values_by_adult(assessment.based_on)
    stay, episode = membership_of(assessment), episode_on(assessment.case, assessment.assessed_on)
    cares_now = caregivings_of(assessment)
    has_sheet = {sheet.adult_id for sheet in sheets}
    child = next(sheet for sheet in sheets if sheet.adult_id is None)
    facts = readiness.Facts(
        child=_sheet_facts(child, before),
        caregivers=[_sheet_facts(sheet, before) for sheet in sheets if sheet.adult_id],
        caregivers_without_sheet=[
            (care.adult_id, care.adult.name) for care in cares_now if care.adult_id not in has_sheet
        ],
        born=assessment.child.born,
        developmental_disability=assessment.child.developmental_disability,
        assessed_on=assessment.assessed_on,
        today=on,
        early=assessment.early,
        transition=assessment.transition,
        opened=episode.opened,
        joined=max(stay.joined, episode.opened) if stay else episode.opened,
        left=stay.left if stay else None,
        closed=episode.closed,
        keeps_its_day=assessment.amends_id is not None,
        repeats=repeats_of(assessment, sheets),
        somebody_cares=bool(cares_now),
        at_home=at_home(assessment),
        gate=gate.refusals(by or assessment.author, on),
        answers=dict(assessment.answers.values_list("key", "text")),
    )
    return readiness.problems(facts, assessment.instrument)


def repeats_of(assessment, sheets):
    """What an amendment amends, if it rates the same; the rules compare it with the CANS before that one."""
    if assessment.amends_id is None:
        return None
    rated = {sheet.adult_id: sheet.values for sheet in sheets if not sheet.not_scored_reason}
    return assessment.amends_id if rated == ratings_by_adult(assessment.amends_id) else None


def sheets_of(assessment):
    """The sheets with their adults and notes, the child's first: two queries, whatever their number."""
    return _with_notes(assessment, _SHEETS.all(assessment=assessment.pk, before=None))


def sheets_and_before(assessment):
    """`sheets_of`, and `values_by_adult` of the CANS it is compared with, in no more queries."""
    rows = _SHEETS.all(assessment=assessment.pk, before=assessment.based_on_id)
    sheets = [sheet for sheet in rows if sheet.assessment_id == assessment.pk]
    before = [sheet for sheet in rows if sheet.assessment_id == assessment.based_on_id]
    for sheet in before:
        sheet.assessment = assessment.based_on
    values = {sheet.adult_id: sheet.values for sheet in before if not sheet.not_scored_reason}
    return _with_notes(assessment, sheets), values


def _with_notes(assessment, sheets):
    notes = {sheet.pk: [] for sheet in sheets}
    for note in _NOTES.all(assessment=assessment.pk):
        notes[note.sheet_id].append(note)
    for sheet in sheets:
        sheet.assessment = assessment
        as_prefetched(sheet, "notes", notes[sheet.pk])
    return sheets


_SHEETS = Kept(
    lambda: Sheet.objects.filter(
        Q(assessment=Given("assessment")) | Q(assessment=Given("before"))
    ).select_related("adult")
)
_NOTES = Kept(lambda: Note.objects.filter(sheet__assessment=Given("assessment")))


def values_by_adult(assessment):
    """adult (None for the child) → item code → value, of an earlier CANS; empty without one."""
    return ratings_by_adult(assessment.pk) if assessment else {}


@dataclass(frozen=True)
class Course:
    """A child's last CANS, oldest first, and a line over them for each domain."""

    cans: tuple
    lines: tuple[course.Line, ...]

    @cached_property
    def days(self):
        return [written(one.assessed_on) for one in self.cans]

    @property
    def rows(self):
        """The lines as a table: each with its counts by day."""
        return [(line, list(zip(self.days, line.counts, strict=True))) for line in self.lines]


def sheets_in_force(child, case):
    """The child's sheet of each CANS in force in this case, the oldest first: one query."""
    rows = Sheet.objects.filter(
        adult=None, assessment__in=Assessment.objects.in_force().filter(child=child, case=case)
    )
    return list(rows.select_related("assessment__author").order_by("assessment__assessed_on", "assessment"))


def course_over(sheets):
    """These sheets of one child as lines, a line for each domain that the last of them rates."""
    rated = [course.Rated(one.applicable_items, one.values, one.assessment.assessed_on) for one in sheets]
    return Course(tuple(one.assessment for one in sheets), course.lines(rated))


def membership_of(assessment):
    """The child's stay in the case that the assessment belongs to: the latest joined by its date."""
    return stay_on(assessment.child_id, assessment.case_id, assessment.assessed_on)


def stay_on(child_id, case_id, day):
    """The child's latest stay in the case joined by that day, or else the first one; None without any."""
    stays = Membership.objects.filter(case=case_id, child=child_id)
    return (
        stays.filter(joined__lte=day).order_by("-joined", "-pk").first()
        or stays.order_by("joined", "pk").first()
    )


def episode_on(case, day):
    """The case's latest episode opened by that day, or else the first one."""
    return (
        case.episodes.filter(opened__lte=day).order_by("-opened", "-pk").first()
        or case.episodes.order_by("opened", "pk").first()
    )


def date_refusals(child, case, assessed_on, on=None, first_submitted=None):
    """Why a CANS of this child in this case cannot be of that day, in sentences; empty when it can.

    `first_submitted` is given of one that was returned: it was about a day on or before that.
    """
    stay, episode = stay_on(child.pk, case.pk, assessed_on), episode_on(case, assessed_on)
    if stay is None or episode is None:
        return [f"{child.name} was never in this case while IPS was open."]
    facts = readiness.Facts(
        child=readiness.SheetFacts(key="child", name=child.name, ratings={}),
        born=child.born,
        developmental_disability=child.developmental_disability,
        assessed_on=assessed_on,
        today=on or today(),
        early=False,
        transition=False,
        opened=episode.opened,
        joined=max(stay.joined, episode.opened),
        left=stay.left,
        closed=episode.closed,
        first_submitted=first_submitted,
    )
    found = [problem.sentence for problem in readiness.date_errors(facts)]
    episodes, _ = obligations.facts_of(child, case)
    if not found and due.episode_of(episodes, assessed_on) is None:
        found.append(f"{child.name} was not in an open episode of this case on that day.")
    return found


def caregivings_of(assessment):
    """Every caregiving of the child in this case that is open on the assessed-on date, an adult once."""
    return caregivings_on(assessment.child_id, assessment.case_id, assessment.assessed_on)


def caregivings_on(child_id, case_id, day):
    rows = (
        Caregiving.objects.on(day)
        .filter(membership__case=case_id, membership__child=child_id)
        .select_related("adult")
        .order_by("adult__name", "adult_id", "-starts")
    )
    return list({care.adult_id: care for care in reversed(rows)}.values())[::-1]


def at_home(assessment):
    """adult → name: who lived in the home on the assessed-on date and cared for no child of the case."""
    rows = _AT_HOME.all(case=assessment.case_id, day=assessment.assessed_on)
    return {row.adult_id: row.adult.name for row in rows}


_AT_HOME = Kept(
    lambda: (
        Collateral.objects.at_home_without_care(Given("day"))
        .filter(case=Given("case"))
        .select_related("adult")
    )
)


@dataclass(frozen=True)
class Dates:
    """What a CANS meets (computed or stored obligations) and the six-month date it sets, if any."""

    met: tuple
    next_six_month: object = None


def dates_of(assessment, on=None):
    """The dates this CANS meets and sets: as stored once it was submitted, until then as computed.

    An amendment has those of the CANS it amends; a voided one has none.
    """
    if assessment.state == State.VOIDED:
        return Dates(())
    if assessment.first_submitted_on is None:
        found = meets(
            assessment.child, assessment.case, assessed_on=assessment.assessed_on, on=on, without=assessment
        )
        return Dates(found.obligations, found.next_six_month)
    counted = _in_force_of(assessment)
    rows = _DATES.all(
        child=assessment.child_id,
        case=assessment.case_id,
        counted=counted,
        source=f"{due.Kind.SIX_MONTH}:{_amended_first(assessment).pk}",
    )
    owed = (row.due for row in rows if row.met_by_id is None and not row.cancelled)
    return Dates(tuple(row for row in rows if row.met_by_id == counted), next(owed, None))


def _dates():
    """What it meets, and what it sets unless an approved amendment stands for it."""
    amendment = Assessment.objects.filter(amends=Given("counted"), state=State.APPROVED)
    return (
        Obligation.objects.current()
        .filter(child=Given("child"), case=Given("case"))
        .filter(Q(met_by=Given("counted")) | Q(~Exists(amendment), source=Given("source")))
    )


_DATES = Kept(_dates)


def _in_force_of(assessment):
    """The number under which the obligations know this CANS: an unapproved amendment's is its original's."""
    if assessment.amends_id is None or assessment.state == State.APPROVED:
        return assessment.pk
    return _in_force_of(assessment.amends)


def _amended_first(assessment):
    """Where a chain of amendments began: it names the six-month date that each of them sets in turn."""
    return assessment if assessment.amends_id is None else _amended_first(assessment.amends)


def meets(child, case, *, assessed_on, on=None, without=None):
    """What a CANS of this child assessed that day would meet and set, if it were submitted today."""
    episodes, assessments = obligations.facts_of(child, case)
    others = [cans for cans in assessments if without is None or cans.key != without.pk]
    return due.cans_meets(episodes, others, assessed_on, on or today(), obligations.policies())


def _sheet_facts(sheet, before):
    return readiness.SheetFacts(
        key=sheet.pk,
        name=sheet.subject_name,
        ratings={code: value for code, value in sheet.values.items() if value != instrument.UNRATED},
        adult=sheet.adult_id,
        substitute=sheet.substitute if sheet.adult_id else None,
        not_scored_reason=sheet.not_scored_reason,
        previous=before.get(sheet.adult_id),
        notes={note.code: note.text for note in sheet.notes.all()},
    )
