"""Turns descriptions of families into rows, in bulk: the same way for ten and for 20,000.

It writes the rows that the verbs would have left, with the days they would have borne; due dates
come from cans.obligations like everywhere else.
"""

import datetime
from dataclasses import dataclass, field
from functools import cache, lru_cache, partial

from django.db import transaction
from django.utils import timezone

from approvals.models import ItemComment, Step, as_decided
from approvals.stood import what_stands
from approvals.workflow import Action
from cans import obligations
from cans.facts import readiness_of
from cans.instrument import UNRATED, age_domains
from cans.models import Assessment, Contribution, Note, RatingChange, Sheet, WarningAnswer
from cans.states import State
from cases.models import (
    Adult,
    Assignment,
    Caregiving,
    Case,
    CaseEvent,
    Child,
    ChildStatus,
    Collateral,
    Episode,
    Extension,
    Membership,
    Service,
    ServiceFinding,
)

from .ratings import half_of, places, ratings


@dataclass
class CansStory:
    """`steps` are (action, day, by, reason, reviewer from then on); the last decides the state."""

    assessed: datetime.date
    author: object
    steps: list = field(default_factory=list)
    type: str = "reassessment"
    half: bool = False
    comments: dict = field(default_factory=dict)
    early: bool = False
    transition: bool = False
    row: Assessment | None = None


@dataclass
class ChildStory:
    name: str
    born: datetime.date
    joined: datetime.date
    left: datetime.date | None = None
    developmental_disability: bool = False
    statuses: list = field(default_factory=list)  # (kind, value, since)
    services: list = field(default_factory=list)  # (kind, provider, since, codes)
    cans: list = field(default_factory=list)


@dataclass
class AdultStory:
    """`cares_for` are positions in the family's children; every adult cares from the beginning."""

    name: str
    role: str
    relationship: str
    cares_for: list
    in_home: bool = True


@dataclass
class FamilyStory:
    number: str
    name: str
    agency: object
    region: object
    county: str
    lan: int
    episodes: list  # (opened, authorised through, closed or None, reason)
    assignments: list  # (person, kind, starts, ends, role)
    children: list
    adults: list
    extensions: list = field(default_factory=list)  # (episode position, requested, decided, granted, through)


STATE_AFTER = {
    "submit": State.SUBMITTED,
    "return": State.RETURNED,
    "reroute": State.SUBMITTED,
    "approve": State.APPROVED,
    "void": State.VOIDED,
}


@lru_cache(maxsize=8192)
def at(day, hour=15):
    """That day in the afternoon, Chicago time."""
    return timezone.make_aware(datetime.datetime.combine(day, datetime.time(hour, 12)))


@transaction.atomic
def write(families, *, version, by, rng, rating_history=True):
    """Store the families and bring their due dates up to date. Returns the cases."""
    cases = Case.objects.bulk_create(
        Case(
            number=family.number,
            name=family.name,
            agency=family.agency,
            region=family.region,
            county=family.county,
            lan=family.lan,
            referred_on=family.episodes[0][0] - datetime.timedelta(days=6),
            referral_source="Department caseworker",
            department_worker="Invented Department Worker",
        )
        for family in families
    )
    of_case = list(zip(families, cases, strict=True))
    _write_episodes(of_case, by)
    memberships = _write_children(of_case, by)
    adults = _write_adults(of_case, memberships)
    Assignment.objects.bulk_create(
        Assignment(case=case, person=person, kind=kind, starts=starts, ends=ends, role=role)
        for family, case in of_case
        for person, kind, starts, ends, role in family.assignments
    )
    _Cans(version, rng, rating_history, memberships, adults).write(of_case)
    obligations.refresh_many([case.pk for case in cases])
    return cases


def _write_episodes(of_case, by):
    rows = [
        (
            family.number,
            Episode(
                case=case,
                opened=opened,
                authorised_through=_last_granted(family, position) or through,
                closed=closed,
                closing_reason=reason if closed else "",
            ),
        )
        for family, case in of_case
        for position, (opened, through, closed, reason) in enumerate(family.episodes)
    ]
    Episode.objects.bulk_create(row for _, row in rows)
    found = {}
    for number, row in rows:
        found.setdefault(number, []).append(row)
    Extension.objects.bulk_create(
        Extension(
            episode=found[family.number][position],
            requested=requested,
            reason="The placement needs more time.",
            requested_by=by,
            decided=decided,
            granted=granted,
            authorised_through=through,
        )
        for family, _ in of_case
        for position, requested, decided, granted, through in family.extensions
    )
    CaseEvent.objects.bulk_create(_case_events(of_case, found, by))


def _last_granted(family, episode):
    """Through which day IPS is authorised by the extensions of this episode, where one is granted."""
    granted = [through for of, _, _, granted, through in family.extensions if of == episode and granted]
    return max(granted, default=None)


def _case_events(of_case, episodes, by):
    for family, case in of_case:
        worker = family.assignments[0][0] if family.assignments else by
        for row in episodes[family.number]:
            yield CaseEvent(
                case=case, kind="opened", on=row.opened, by=worker, at=at(row.opened), sentence="IPS opened."
            )
            if row.closed:
                yield CaseEvent(
                    case=case,
                    kind="closed",
                    on=row.closed,
                    by=worker,
                    at=at(row.closed),
                    sentence=f"IPS closed: {row.get_closing_reason_display()}.",
                )
        for _, requested, *_ in family.extensions:
            yield CaseEvent(
                case=case,
                kind="extension",
                on=requested,
                by=worker,
                at=at(requested),
                sentence="Extension requested.",
            )


def _write_children(of_case, by):
    """id of a child's story → its Membership row."""
    rows = [
        (
            story,
            case,
            Child(
                person_number=f"{case.number}{place}",
                name=story.name,
                born=story.born,
                developmental_disability=story.developmental_disability,
            ),
        )
        for family, case in of_case
        for place, story in enumerate(family.children, start=1)
    ]
    Child.objects.bulk_create(child for _, _, child in rows)
    memberships = [
        Membership(case=case, child=child, joined=story.joined, left=story.left)
        for story, case, child in rows
    ]
    Membership.objects.bulk_create(memberships)
    found = {id(story): row for (story, _, _), row in zip(rows, memberships, strict=True)}
    ChildStatus.objects.bulk_create(
        ChildStatus(
            membership=found[id(story)],
            kind=kind,
            value=value,
            since=since,
            recorded_by=by,
            recorded_at=at(since),
        )
        for story, _, _ in rows
        for kind, value, since in story.statuses
    )
    services = [
        (Service(membership=found[id(story)], kind=kind, provider=provider, starts=since), codes)
        for story, _, _ in rows
        for kind, provider, since, codes in story.services
    ]
    Service.objects.bulk_create(service for service, _ in services)
    ServiceFinding.objects.bulk_create(
        ServiceFinding(service=service, code=code) for service, codes in services for code in codes
    )
    return found


def _write_adults(of_case, memberships):
    """id of a child's story → [(adult, story of the adult)], by name."""
    rows = [
        (family, case, story, Adult(name=story.name, person_number=f"{case.number}9{place}"))
        for family, case in of_case
        for place, story in enumerate(family.adults)
    ]
    Adult.objects.bulk_create(adult for *_, adult in rows)
    Collateral.objects.bulk_create(
        Collateral(
            case=case,
            adult=adult,
            relationship=story.relationship,
            in_home=story.in_home,
            starts=family.children[story.cares_for[0]].joined,
        )
        for family, case, story, adult in rows
        if story.role == Caregiving.Role.SUBSTITUTE
    )
    caregivings, found = [], {}
    for family, _, story, adult in rows:
        for position in story.cares_for:
            child = family.children[position]
            found.setdefault(id(child), []).append((adult, story))
            caregivings.append(
                Caregiving(
                    membership=memberships[id(child)],
                    adult=adult,
                    role=story.role,
                    relationship=story.relationship,
                    in_home=story.in_home,
                    starts=child.joined,
                )
            )
    Caregiving.objects.bulk_create(caregivings)
    return found


class _Cans:
    """Writes every child's first CANS, then every child's second, and so on.

    A child has at most one open CANS and decided content cannot be written, so each round goes in
    as drafts, gets its content, and takes its final state.
    """

    def __init__(self, version, rng, rating_history, memberships, adults):
        self.version = version
        self.places = cache(partial(places, version.instrument))
        self.rng = rng
        self.rating_history = rating_history
        self.memberships = memberships
        self.adults = adults
        self.last_text = {}  # (child's story, adult or None) → the sheet's text last time

    def write(self, of_case):
        stories = [(case, child) for family, case in of_case for child in family.children]
        for number in range(max((len(child.cans) for _, child in stories), default=0)):
            self._write_round([entry for entry in stories if len(entry[1].cans) > number], number)
        self._write_review_grants([cans for _, child in stories for cans in child.cans])

    def _write_round(self, stories, number):
        rows = [(child, child.cans[number]) for _, child in stories]
        for case, child in stories:
            child.cans[number].row = self._assessment(case, child, number)
        Assessment.objects.bulk_create(cans.row for _, cans in rows)
        Contribution.objects.bulk_create(
            Contribution(assessment=cans.row, person=cans.author, since=at(cans.assessed)) for _, cans in rows
        )
        sheets = [sheet for child, cans in rows for sheet in self._sheets(child, cans)]
        Sheet.objects.bulk_create(sheets)
        if self.rating_history:
            RatingChange.objects.bulk_create(self._history(sheets))
            for _, cans in rows:
                self._notes_and_answers(cans)
        self._write_steps([cans for _, cans in rows])
        for state in State:
            final = [cans.row.pk for _, cans in rows if _final_state(cans) == state]
            if state != State.DRAFT and final:
                Assessment.objects.filter(pk__in=final).update(**DECIDED.get(state, {"state": state}))

    def _assessment(self, case, child, number):
        cans = child.cans[number]
        cans.early, cans.transition = age_domains(
            born=child.born,
            developmental_disability=child.developmental_disability,
            assessed_on=cans.assessed,
        )
        earlier = [c.row for c in child.cans[:number] if _final_state(c) == State.APPROVED]
        return Assessment(
            child=self.memberships[id(child)].child,
            case=case,
            instrument_version=self.version,
            type=cans.type,
            assessed_on=cans.assessed,
            early=cans.early,
            transition=cans.transition,
            based_on=earlier[-1] if earlier else None,
            author=cans.author,
            started_at=at(cans.assessed, 9),
            started_by=cans.author,
            worked_at=at(cans.assessed),
            worked_by=cans.author,
            version=1 + len(cans.steps),
            **_columns(cans),
        )

    def _sheets(self, child, cans):
        for adult, story in [(None, None), *self.adults.get(id(child), [])]:
            key = (id(child), adult and adult.pk)
            substitute = story is not None and story.role == Caregiving.Role.SUBSTITUTE
            there = self.places(
                adult=adult is not None,
                substitute=substitute,
                early=cans.early,
                transition=cans.transition,
            )
            text = ratings(self.rng, there, before=self.last_text.get(key))
            self.last_text[key] = text
            yield Sheet(
                assessment=cans.row,
                adult=adult,
                substitute=substitute,
                ratings=half_of(text) if cans.half else text,
                size=len(text),
            )

    def _write_review_grants(self, all_cans):
        """A reviewer's way to the case; siblings who wait for the same one share the grant."""
        grants = {
            (cans.row.case_id, cans.row.reviewer_id): cans.row.submitted_at
            for cans in all_cans
            if _final_state(cans) == State.SUBMITTED
        }
        Assignment.objects.bulk_create(
            Assignment(case_id=case, person_id=person, kind="review", starts=timezone.localdate(since))
            for (case, person), since in grants.items()
        )

    def _history(self, sheets):
        for sheet in sheets:
            row = sheet.assessment
            for position, value in enumerate(sheet.ratings):
                if value != UNRATED:
                    yield RatingChange(
                        sheet=sheet,
                        position=position,
                        before=UNRATED,
                        after=value,
                        by_id=row.author_id,
                        at=row.worked_at,
                    )

    def _notes_and_answers(self, cans):
        row, child_sheet = cans.row, cans.row.sheets.get(adult=None)
        Note.objects.create(
            sheet=child_sheet,
            code="life.living-situation",
            text="An invented note: settling in, two calm weeks in a row.",
            by=cans.author,
        )
        Note.objects.filter(sheet=child_sheet).update(at=row.worked_at)
        if cans.half:
            return
        WarningAnswer.objects.bulk_create(
            WarningAnswer(assessment=row, key=problem.key, text="Checked with the family.", by=cans.author)
            for problem in readiness_of(row)
            if problem.severity == "warning" and not problem.answered
        )
        row.answers.update(at=row.worked_at)

    def _write_steps(self, all_cans):
        steps, comments = [], []
        for cans in all_cans:
            state, reviewer = State.DRAFT, None
            for action, day, by, reason, to in cans.steps:
                step = Step(
                    assessment=cans.row,
                    action=action,
                    by=by,
                    at=at(day),
                    from_state=state,
                    to_state=STATE_AFTER[action],
                    from_reviewer=reviewer,
                    to_reviewer=to,
                    reason=reason,
                    stood=what_stands(cans.row) if action == "return" else None,
                )
                state, reviewer = STATE_AFTER[action], to or reviewer
                steps.append(step)
                if action == "return" and cans.comments:
                    comments.append((step, cans))
        Step.objects.bulk_create(steps)
        ItemComment.objects.bulk_create(
            ItemComment(step=step, sheet=cans.row.sheets.get(adult=None), code=code, text=text)
            for step, cans in comments
            for code, text in cans.comments.items()
        )


DECIDED = {
    State.APPROVED: as_decided(Action.APPROVE, State.APPROVED, "approved_at", "approved_by"),
    State.VOIDED: as_decided(Action.VOID, State.VOIDED, "voided_at", "voided_by"),
}


def _final_state(cans):
    return STATE_AFTER[cans.steps[-1][0]] if cans.steps else State.DRAFT


def _columns(cans):
    """The assessment's workflow columns, as its steps would have left them, but for those of a decision."""
    columns = {}
    for action, day, by, _, to in cans.steps:
        if action == "submit":
            columns |= {"submitted_at": at(day), "submitted_by": by}
            columns.setdefault("first_submitted_on", day)
        elif action == "return":
            columns |= {"returned_at": at(day), "returned_by": by}
        if to is not None:
            columns["reviewer"] = to
    return columns
