"""What a reviewer reads: per person, what changed since the last approved CANS, then the rest; and
on a resubmission first what changed since it was returned."""

from collections import Counter
from dataclasses import dataclass, field

from django.db.models import F, Q

from audit.statements import Given, Kept, Question
from cans.comparison import Change, ItemChange, carried_unchanged, compare
from cans.instrument import UNRATED, Item, ItemKind, sections, words
from cans.models import Note, Sheet, WarningAnswer
from cans.readiness import Facts, Severity, SheetFacts, problems
from cases.models import Caregiving
from staff.dates import today

from .answers import Asked, asked_in, noted_since, ratings_then

NOT_BEFORE = "not rated before"

GROUPS = ("Newly actionable", "No longer actionable", "Strengths built", "Strengths lost", "Other changes")
FIRST_TIME = ("Actionable needs", "Trauma exposures", "Usable strengths")
# The style and the words of one change; a need is told apart by the order of its group.
WORDS = {
    Change.MET: ("dropped", "No longer actionable"),
    Change.BUILT: ("built", "Strength built"),
    Change.LOST: ("lost", "Strength lost"),
    Change.REVEALED: ("exposure", "Exposure higher"),
    Change.LOWER: ("exposure", "Exposure lower"),
}
TRENDS = {Change.IMPROVED: "Still actionable, lower", Change.WORSENED: "Still actionable, higher"}


@dataclass(frozen=True)
class Row:
    """One item of one sheet, as components/change_row.html reads it."""

    sheet: Sheet
    item: Item
    before: str
    after: str
    change: str
    change_words: str
    note: str = ""
    compared: bool = True
    asked: Asked | None = None  # the reviewer's comment on it, where it was returned with one

    @property
    def code(self):
        return f"{self.sheet.pk}-{self.item.code}"

    @property
    def number(self):
        return self.item.number or ""

    @property
    def name(self):
        return self.item.name

    @property
    def from_words(self):
        """Empty where the person was never rated: there is no “before” to speak of."""
        if not self.compared:
            return ""
        return words(self.item, self.before) if self.before != UNRATED else NOT_BEFORE

    @property
    def to_words(self):
        return words(self.item, self.after)

    @property
    def flag(self):
        """What to say beside an item whose rating stands where it stood."""
        if self.item.actionable(self.after):
            return "Actionable"
        return "Present" if self.item.present(self.after) else ""


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


@dataclass(frozen=True)
class SinceReturned:
    """What the author did with a return: each comment with its answer, before and after; of the items
    nobody named those that changed, those set and set back, and how many have no history since."""

    step: object
    commented: list[Row]
    others: list[Row]
    back: list[Row]
    untouched: int


@dataclass(frozen=True)
class Review:
    people: list[Person]
    base: object
    warnings: list[Warned]
    since_returned: SinceReturned | None
    no_longer_rated: list[str]
    not_yet_rated: list

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
    sheets = _sheets(assessment)
    here, before = sheets[assessment.pk], _values(sheets.get(base.pk) if base else {})
    notes = _notes(assessment)
    people = [_person(sheet, before, notes) for sheet in here.values()]
    return Review(
        people=people,
        base=base,
        warnings=_warnings(assessment, here, _values(sheets.get(assessment.based_on_id, {})), notes),
        since_returned=_since(returned, here, notes) if returned else None,
        no_longer_rated=[sheet.subject_name for sheet in _only_in_base(sheets, base, here)],
        not_yet_rated=_not_yet_rated(assessment, here),
    )


def _sheets(assessment):
    """assessment → adult (None for the child) → sheet: of this CANS and those it is compared with."""
    known = {one.pk: one for one in (assessment, assessment.based_on, assessment.amends) if one}
    found = {pk: {} for pk in known}
    numbers = {"this": assessment.pk, "based_on": assessment.based_on_id, "amends": assessment.amends_id}
    for sheet in _SHEETS.all(**numbers):
        sheet.assessment = known[sheet.assessment_id]
        found[sheet.assessment_id][sheet.adult_id] = sheet
    return found


def _values(sheets):
    return {adult: sheet.values for adult, sheet in sheets.items() if not sheet.not_scored_reason}


def _notes(assessment):
    return {(sheet, code): text for sheet, code, text in _NOTES.rows(assessment=assessment.pk)}


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
            _row(sheet, one, notes, compared=person.compared)
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


def _row(sheet, one, notes, **more):
    style, said = _said(one)
    note = notes.get((sheet.pk, one.item.code), "")
    return Row(sheet, one.item, one.before, one.after, style, said, note, **more)


def _said(one):
    if one.change in WORDS:
        return WORDS[one.change]
    if one.rank == 0:
        return "actionable", "Newly actionable" if one.change else "Actionable"
    if one.trend:
        return "other", TRENDS[one.trend]
    if one.item.kind is ItemKind.EXPOSURE and one.item.present(one.after):
        return "exposure", "Present"
    if one.item.usable(one.after):
        return "built" if one.change is None else "other", "Usable"
    return "other", "Changed"


def _by_section(rows):
    rows = sorted(rows, key=lambda row: row.item.position)
    by_code = {row.item.code: row for row in rows}
    return [
        Group(section.title, [by_code[item.code] for item in section.items])
        for section in sections([row.item for row in rows])
    ]


def _since(returned, here, notes):
    sheets = list(here.values())
    then = ratings_then(returned)
    asked = asked_in(sheets, returned, then, noted_since(returned))
    named = {(one.sheet.pk, one.item.position) for one in asked}
    others, back, untouched = [], [], 0
    for sheet in sheets:
        for item in () if sheet.not_scored_reason else sheet.applicable_items:
            key = (sheet.pk, item.position)
            if key in named:
                continue
            if key not in then:
                untouched += 1
                continue
            one = ItemChange(item, then[key], sheet.value(item))
            (others if one.differs else back).append(_row(sheet, one, notes))
    commented = [_row(one.sheet, ItemChange(one.item, one.then, one.now), notes, asked=one) for one in asked]
    return SinceReturned(returned, commented, others, back, untouched)


def _warnings(assessment, here, previous, notes):
    """Readiness warnings with the author's answers. Errors cannot be there: it was submitted."""
    facts = Facts(
        child=_sheet_facts(here[None], previous, notes),
        caregivers=[_sheet_facts(sheet, previous, notes) for adult, sheet in here.items() if adult],
        born=assessment.child.born,
        developmental_disability=assessment.child.developmental_disability,
        assessed_on=assessment.assessed_on,
        today=today(),
        early=assessment.early,
        transition=assessment.transition,
        opened=assessment.episode.opened,
        joined=assessment.episode.opened,
    )
    found = [one for one in problems(facts, assessment.instrument) if one.severity is Severity.WARNING]
    answers = dict(_ANSWERS.rows(assessment=assessment.pk))
    return [Warned(one.sentence, answers.get(one.key, "")) for one in found]


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


def _not_yet_rated(assessment, here):
    """Who began to care for the child since, and so has no sheet here: the reviewer is told."""
    cares = _CARES.all(case=assessment.case_id, child=assessment.child_id, day=today())
    return [care for care in cares if care.adult_id not in here]


_SHEETS = Kept(
    lambda: (
        Sheet.objects.filter(
            Q(assessment=Given("this")) | Q(assessment=Given("based_on")) | Q(assessment=Given("amends"))
        )
        .select_related("adult")
        .order_by(F("adult").asc(nulls_first=True))
    )
)
_NOTES = Question(
    lambda: (
        Note.objects.filter(sheet__assessment=Given("assessment"))
        .order_by()
        .values_list("sheet", "code", "text")
    )
)
_ANSWERS = Question(
    lambda: WarningAnswer.objects.filter(assessment=Given("assessment")).order_by().values_list("key", "text")
)
_CARES = Kept(
    lambda: (
        Caregiving.objects.on(Given("day"))
        .filter(membership__case=Given("case"), membership__child=Given("child"))
        .select_related("adult")
        .order_by("adult__name", "pk")
    )
)
