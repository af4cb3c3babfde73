"""What a reviewer reads: per person, what changed since the last approved CANS, then the rest; and
on a resubmission first what changed since it was returned."""

from collections import Counter
from dataclasses import dataclass, field

from django.db.models import Exists, F, OuterRef, Q

from audit.statements import Given, Kept
from cans.comparison import carried_unchanged, compare
from cans.facts import Course, at_home, course_over, repeats_of
from cans.history import Share, carried_share, changes_of, words_of
from cans.instrument import sections
from cans.models import Assessment, Sheet
from cans.readiness import Facts, Severity, SheetFacts, problems
from cans.states import State
from cases.models import Caregiving, Collateral
from staff.dates import today

from .items import Row, row_of
from .since import SinceReturned, since

GROUPS = ("Newly actionable", "No longer actionable", "Strengths built", "Strengths lost", "Other changes")
FIRST_TIME = ("Actionable needs", "Trauma exposures", "Usable strengths")
EARLIER = 3  # CANS before this one, to draw the child's course from


@dataclass(frozen=True)
class Group:
    title: str
    rows: list[Row]

    @property
    def flagged(self):
        """How many stand out, in words: “2 actionable”."""
        number = Counter(row.flag for row in self.rows if row.flag)
        return ", ".join(f"{count} {flag.lower()}" for flag, count in number.items())


@dataclass
class Person:
    """One sheet: whose, the changes by kind, the rest by section."""

    sheet: Sheet
    compared: bool
    groups: list[Group] = field(default_factory=list)
    rest: list[Group] = field(default_factory=list)
    carried: int = 0
    total: int = 0

    @property
    def name(self):
        return self.sheet.subject_name

    @property
    def role(self):
        if not self.sheet.adult_id:
            return "the child"
        return "substitute caregiver" if self.sheet.substitute else "caregiver"

    @property
    def rows(self):
        return [row for group in (*self.groups, *self.rest) for row in group.rows]


@dataclass(frozen=True)
class Warned:
    sentence: str
    answer: str
    since: bool  # answered since it was returned


@dataclass(frozen=True)
class Review:
    people: list[Person]
    base: object
    warnings: list[Warned]
    since_returned: SinceReturned | None
    no_longer_rated: list[str]
    not_yet_rated: list
    share: Share
    course: Course | None

    @property
    def carried(self):
        return sum(person.carried for person in self.people)

    @property
    def total(self):
        return sum(person.total for person in self.people)

    @property
    def rows(self):
        return {row.code: row for person in self.people for row in person.rows}


def review_of(assessment, *, returned=None):
    """Everything the review shows. `returned` is the last return, with its comments, or None."""
    base = assessment.amends or assessment.based_on
    sheets, earlier, around = _sheets(assessment)
    here, before = sheets[assessment.pk], _values(sheets.get(base.pk) if base else {})
    at = returned.at if returned else None
    said, changes = words_of(assessment.pk, since=at), changes_of(assessment.pk, since=at)
    warnings = _warnings(assessment, here, _values(sheets.get(assessment.based_on_id, {})), said, around)
    return Review(
        people=[_person(sheet, before, said.notes) for sheet in here.values()],
        base=base,
        warnings=warnings,
        since_returned=returned
        and since(
            returned,
            assessment,
            [*here.values()],
            said=said,
            changes=changes,
            answered=sum(one.since for one in warnings),
        ),
        no_longer_rated=[sheet.subject_name for sheet in _only_in_base(sheets, base, here)],
        not_yet_rated=_not_yet_rated(assessment) if around.somebody_without else [],
        share=carried_share([*here.values()], changes),
        course=course_over([*reversed(earlier), here[None]]) if earlier else None,
    )


def _sheets(assessment):
    """assessment → adult (None for the child) → sheet: of this CANS and those it is compared with. Then the
    child's sheets of the CANS before it, the latest first; and a row that says of the adults around the child
    whether somebody cares today who has no sheet here, whether anybody cared on the assessed-on date, and
    whether somebody was in the home then who cared for no child."""
    known = {one.pk: one for one in (assessment, assessment.based_on, assessment.amends) if one}
    found, earlier = {pk: {} for pk in known}, []
    rows = _SHEETS.all(
        this=assessment.pk,
        based_on=assessment.based_on_id,
        amends=assessment.amends_id,
        amended=assessment.amends_id or assessment.pk,
        child=assessment.child_id,
        case=assessment.case_id,
        assessed_on=assessment.assessed_on,
        day=today(),
    )
    for sheet in rows:
        if sheet.assessment_id in known:
            sheet.assessment = known[sheet.assessment_id]
            found[sheet.assessment_id][sheet.adult_id] = sheet
        if sheet.adult_id is None and sheet.is_earlier and len(earlier) < EARLIER:
            earlier.append(sheet)
    return found, earlier, rows[0]


def _values(sheets):
    return {adult: sheet.values for adult, sheet in sheets.items() if not sheet.not_scored_reason}


def _only_in_base(sheets, base, here):
    return [sheet for adult, sheet in sheets[base.pk].items() if adult not in here] if base else []


def _person(sheet, before, notes):
    person = Person(sheet, compared=sheet.adult_id in before)
    if sheet.not_scored_reason:
        return person
    earlier, items = before.get(sheet.adult_id, {}), sheet.applicable_items
    changes = compare(items, earlier, sheet.values)
    person.total = len(items)
    if person.compared:
        person.carried = carried_unchanged(items, earlier, sheet.values)
    place, titles = (_place, GROUPS) if person.compared else (_place_first_time, FIRST_TIME)
    shown = {title: [] for title in titles}
    rest = []
    for one in changes:
        number = place(one)
        (rest if number is None else shown[titles[number]]).append(
            row_of(sheet, one, notes, compared=person.compared)
        )
    person.groups = [Group(title, rows) for title, rows in shown.items() if rows]
    person.rest = _by_section(rest)
    return person


def _place(one):
    """Which of GROUPS an item belongs to; None where its rating stands as it stood."""
    return one.rank if one.differs else None


def _place_first_time(one):
    if one.item.actionable(one.after):
        return 0
    if one.item.present(one.after):
        return 1
    return 2 if one.item.usable(one.after) else None


def _by_section(rows):
    rows = sorted(rows, key=lambda row: row.item.position)
    by_code = {row.item.code: row for row in rows}
    return [
        Group(section.title, [by_code[item.code] for item in section.items])
        for section in sections([row.item for row in rows])
    ]


def _warnings(assessment, here, previous, said, around):
    """Readiness warnings with the author's answers. Errors cannot be there: it was submitted."""
    facts = Facts(
        child=_sheet_facts(here[None], previous, said.notes),
        caregivers=[_sheet_facts(sheet, previous, said.notes) for adult, sheet in here.items() if adult],
        born=assessment.child.born,
        developmental_disability=assessment.child.developmental_disability,
        assessed_on=assessment.assessed_on,
        today=today(),
        early=assessment.early,
        transition=assessment.transition,
        opened=assessment.assessed_on,  # no warning asks for it
        joined=assessment.assessed_on,
        repeats=repeats_of(assessment, here.values()),
        somebody_cares=around.somebody_cares,
        at_home=at_home(assessment) if around.somebody_at_home else {},
    )
    found = [one for one in problems(facts, assessment.instrument) if one.severity is Severity.WARNING]
    return [
        Warned(one.sentence, said.answers.get(one.key, ""), one.key in said.answers_since) for one in found
    ]


def _sheet_facts(sheet, previous, notes):
    return SheetFacts(
        key=sheet.pk,
        name=sheet.subject_name,
        ratings=sheet.values,
        adult=sheet.adult_id,
        substitute=sheet.substitute if sheet.adult_id else None,
        not_scored_reason=sheet.not_scored_reason,
        previous=previous.get(sheet.adult_id),
        notes={code: text for (of, code), text in notes.items() if of == sheet.pk},
    )


def _not_yet_rated(assessment):
    """Who began to care for the child since, and so has no sheet here: the reviewer is told."""
    return _CARES.all(case=assessment.case_id, child=assessment.child_id, day=today(), this=assessment.pk)


def _cares_without_sheet():
    here = Sheet.objects.filter(assessment=Given("this"), adult=OuterRef("adult"))
    return _cares(Given("day")).filter(~Exists(here))


def _cares(day):
    return Caregiving.objects.on(day).filter(membership__case=Given("case"), membership__child=Given("child"))


def _sheets_to_read():
    """Earlier are those of CANS in force of the same case, which its reader may open, and of the one it is
    compared with."""
    this, compared = Q(assessment=Given("this")), Q(assessment=Given("based_on"))
    earlier = (
        Assessment.objects.in_force()
        .filter(Q(case=Given("case")) | Q(pk=Given("based_on")))
        .filter(~Q(pk=Given("this")), ~Q(pk=Given("amended")), assessed_on__lte=Given("assessed_on"))
    )
    of_the_child = Q(adult=None, assessment__state=State.APPROVED)
    return (
        Sheet.objects.filter(assessment__child=Given("child"))
        .filter(this | compared | Q(assessment=Given("amends")) | of_the_child)
        .annotate(
            is_earlier=Exists(earlier.filter(pk=OuterRef("assessment"))),
            somebody_without=Exists(_cares_without_sheet()),
            somebody_cares=Exists(_cares(Given("assessed_on"))),
            somebody_at_home=Exists(
                Collateral.objects.at_home_without_care(Given("assessed_on")).filter(case=Given("case"))
            ),
        )
        .select_related("adult", "assessment")
        .order_by("-assessment__assessed_on", "-assessment_id", F("adult").asc(nulls_first=True))
    )


_SHEETS = Kept(_sheets_to_read)
_CARES = Kept(lambda: _cares_without_sheet().select_related("adult").order_by("adult__name", "pk"))
