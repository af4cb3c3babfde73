"""What an assessment still lacks before it can be submitted, as sentences.

The rules are those of "Readiness" in the domain: errors are put right, warnings are answered with a note.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum

from .due import CLOSING_DAYS
from .instrument import (
    ADJUSTMENT_TO_TRAUMA,
    CHILD_DOMAINS,
    NOT_APPLICABLE,
    OVER_FIVE,
    SELF_MUTILATION,
    SUICIDE_RISK,
    UNRATED,
    Instrument,
    Item,
    ItemKind,
    Window,
    age_domains,
    applicable_caregiver_items,
    applicable_child_items,
    five_or_younger,
    words,
)

SheetKey = int | str

# What these warnings are about is put right in the case, not in the CANS.
NOBODY_CARES, AT_HOME = "nobody-cares", "at-home"


class Severity(StrEnum):
    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True)
class SheetFacts:
    key: SheetKey
    name: str  # of the child or the adult whom the sheet is about
    ratings: Mapping[str, str]  # by item code; a code that is absent is not yet rated
    substitute: bool | None = None  # None on the child's sheet
    not_scored_reason: str = ""
    previous: Mapping[str, str] | None = None  # this person's ratings in the last approved CANS
    notes: Mapping[str, str] = field(default_factory=dict)  # by item code
    adult: int | None = None  # None on the child's sheet

    @property
    def subject(self) -> str:
        """Whom it is about, the same in an amendment, whose sheets are others."""
        return "child" if self.adult is None else f"adult-{self.adult}"


@dataclass(frozen=True)
class Facts:
    """`joined` is when the child joined the case, `left` and `closed` None while it goes on, and
    `first_submitted` None before the first submission.

    `somebody_cares` and `at_home` are of the assessed-on date: whether anybody is recorded as caring for the
    child, and the collaterals who live in the home and care for no child of the case. Both are about what
    may not have been recorded, so that they warn and forbid nothing. `repeats` is of an amendment that
    rates every item as what it amends does: the number of that CANS. An amendment `keeps_its_day`: it was
    approved of that day, whatever was corrected in the case since.

    `early` and `transition` are the age domains the assessment has; `gate` what keeps its author from
    entering a CANS; `answers` the author's notes by the key of the warning they answer.
    """

    child: SheetFacts
    born: date
    developmental_disability: bool
    assessed_on: date
    today: date
    early: bool
    transition: bool
    opened: date
    joined: date
    left: date | None = None
    closed: date | None = None
    first_submitted: date | None = None
    keeps_its_day: bool = False
    caregivers: Sequence[SheetFacts] = ()
    caregivers_without_sheet: Sequence[tuple[SheetKey, str]] = ()  # (any key, name)
    somebody_cares: bool = True
    at_home: Mapping[int, str] = field(default_factory=dict)  # adult → name
    repeats: int | None = None
    gate: Sequence[str] = ()
    answers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Problem:
    key: str  # the same for the same problem on every call: a warning's answer is kept under it
    sentence: str
    severity: Severity
    sheet: SheetKey | None = None
    code: str | None = None
    section: str | None = None
    answered: bool = False


def problems(facts: Facts, instrument: Instrument) -> list[Problem]:
    """Errors first; within each, the child before the caregivers and items in the form's order."""
    return [*_errors(facts, instrument), *_warnings(facts, instrument)]


def ready(found: Sequence[Problem]) -> bool:
    return all(problem.severity is Severity.WARNING and problem.answered for problem in found)


def _errors(facts: Facts, instrument: Instrument) -> Iterator[Problem]:
    for number, sentence in enumerate(facts.gate, start=1):
        yield _error(f"gate:{number}", sentence)
    if not facts.keeps_its_day:
        yield from date_errors(facts)
    yield from _age_errors(facts)
    for key, name in facts.caregivers_without_sheet:
        yield _error(
            f"caregiver-missing:{key}",
            f"{name} cares for {facts.child.name}, and has neither ratings here nor a reason why not.",
        )
    yield from _item_errors(facts, facts.child, child_items(facts, instrument))
    for sheet in facts.caregivers:
        yield from _item_errors(facts, sheet, caregiver_items(sheet, instrument))


def child_items(facts: Facts, instrument: Instrument) -> tuple[Item, ...]:
    return applicable_child_items(instrument, early=facts.early, transition=facts.transition)


def caregiver_items(sheet: SheetFacts, instrument: Instrument) -> tuple[Item, ...]:
    """The items to rate for this adult: none where a reason says why not."""
    if sheet.not_scored_reason.strip():
        return ()
    return applicable_caregiver_items(instrument, substitute=bool(sheet.substitute))


def date_errors(facts: Facts) -> Iterator[Problem]:
    """What is wrong with the assessed-on date alone: also asked before a CANS is started."""
    name, assessed = facts.child.name, facts.assessed_on
    if assessed < facts.born:
        yield _error(
            "assessed-before-birth",
            f"Assessed on {_day(assessed)} is before {name} was born, {_day(facts.born)}.",
        )
    if assessed > facts.today:
        yield _error("assessed-in-the-future", f"Assessed on {_day(assessed)} is in the future.")
    if facts.first_submitted and assessed > facts.first_submitted:
        yield _error(
            "assessed-after-submission",
            f"Assessed on {_day(assessed)} is after this CANS was first submitted, "
            f"{_day(facts.first_submitted)}. For a later day, start another CANS.",
        )
    yield from _before_the_start(facts)
    if facts.left and assessed > facts.left:
        yield _error(
            "assessed-after-leaving",
            f"Assessed on {_day(assessed)} is after {name} left the case, {_day(facts.left)}.",
        )
    if facts.closed and assessed - facts.closed > timedelta(days=CLOSING_DAYS):
        yield _error(
            "assessed-after-closing",
            f"Assessed on {_day(assessed)} is more than {CLOSING_DAYS} days after IPS closed, "
            f"{_day(facts.closed)}.",
        )


def _before_the_start(facts: Facts) -> Iterator[Problem]:
    """One sentence, about the later of the two dates: the one that says what is possible."""
    assessed, name = facts.assessed_on, facts.child.name
    if assessed >= max(facts.opened, facts.joined):
        return
    if facts.joined > facts.opened:
        yield _error(
            "assessed-before-joining",
            f"Assessed on {_day(assessed)} is before {name} joined the case, {_day(facts.joined)}.",
        )
    else:
        yield _error(
            "assessed-before-opening",
            f"Assessed on {_day(assessed)} is before IPS opened, {_day(facts.opened)}.",
        )


def _age_errors(facts: Facts) -> Iterator[Problem]:
    early, transition = age_domains(
        born=facts.born,
        developmental_disability=facts.developmental_disability,
        assessed_on=facts.assessed_on,
    )
    if early and not facts.early:
        yield _missing_domain(facts, "early", _why_early(facts))
    if transition and not facts.transition:
        yield _missing_domain(
            facts, "transition", f"was 14 years 6 months or older on {_day(facts.assessed_on)}"
        )


def _why_early(facts: Facts) -> str:
    if five_or_younger(born=facts.born, on=facts.assessed_on):
        return f"was five or younger on {_day(facts.assessed_on)}"
    return "has a developmental disability"


def _missing_domain(facts: Facts, section: str, why: str) -> Problem:
    return _error(
        f"age-domain:{section}",
        f"{facts.child.name} {why}: add the section {CHILD_DOMAINS[section]}.",
        sheet=facts.child.key,
        section=section,
    )


def _item_errors(facts: Facts, sheet: SheetFacts, items: Sequence[Item]) -> Iterator[Problem]:
    for item in items:
        value = sheet.ratings.get(item.code, UNRATED)
        if value == NOT_APPLICABLE:
            if refusal := _na_refusal(facts, sheet, item):
                yield _item_error("na", sheet, item, refusal)
        elif not item.allows(value):
            yield _item_error("unrated", sheet, item, f"{_named(sheet, item)} has no rating yet.")


def _na_refusal(facts: Facts, sheet: SheetFacts, item: Item) -> str:
    if not item.na_allowed:
        return f"{_named(sheet, item)} cannot be N/A."
    if item.na == OVER_FIVE and five_or_younger(born=facts.born, on=facts.assessed_on):
        return (
            f"{_named(sheet, item)} is N/A only for a child over five, and {sheet.name} was five or younger "
            f"on {_day(facts.assessed_on)}."
        )
    return ""


def _warnings(facts: Facts, instrument: Instrument) -> Iterator[Problem]:
    items = child_items(facts, instrument)
    yield from _care_not_recorded(facts)
    yield from _exposures_lower(facts, items)
    yield from _suicide_risk_without_a_plan(facts, instrument)
    yield from _odd_pairs(facts, instrument, items)
    yield from _birth_items_changed(facts, items)
    yield from _all_zero(facts, items)
    yield from _amends_nothing(facts)
    yield from _identical(facts, facts.child, items)
    for sheet in facts.caregivers:
        yield from _identical(facts, sheet, caregiver_items(sheet, instrument))


def _care_not_recorded(facts: Facts) -> Iterator[Problem]:
    name, day = facts.child.name, _day(facts.assessed_on)
    if not facts.somebody_cares:
        yield _warning(
            facts,
            NOBODY_CARES,
            f"Nobody is recorded as caring for {name} on {day}. Every adult who gives care is scored: record "
            "who does in the case, or say why there is nobody.",
            sheet=facts.child.key,
        )
    scored = {sheet.adult for sheet in facts.caregivers}
    for adult, who in facts.at_home.items():
        if adult not in scored:
            yield _warning(
                facts,
                f"{AT_HOME}:adult-{adult}",
                f"{who} lives in the home, and is recorded as caring for no child of the case on {day}. "
                "Every adult who gives care is scored: record the care in the case, or say why there is "
                "none.",
                sheet=facts.child.key,
            )


def _exposures_lower(facts: Facts, items: Sequence[Item]) -> Iterator[Problem]:
    """An exposure is for life: it neither lessens, nor is it no longer known once it was present."""
    for item, before, after in _rated_before(facts.child, items):
        if item.kind is not ItemKind.EXPOSURE:
            continue
        was = f"{item.label} was {_level(item, before)} in the last approved CANS and is"
        if after in item.levels and after < before:
            yield _item_warning(
                facts,
                "exposure-lower",
                item,
                f"{was} {_level(item, after)} here, although exposures count over a lifetime.",
            )
        elif after not in item.levels and before != "0":
            yield _item_warning(
                facts,
                "exposure-no-longer-known",
                item,
                f"{was} {_level(item, after)} here. What was known counts over a lifetime: say why it is "
                "no longer known.",
            )


def _suicide_risk_without_a_plan(facts: Facts, instrument: Instrument) -> Iterator[Problem]:
    item = instrument.by_code.get(SUICIDE_RISK)
    value = facts.child.ratings.get(SUICIDE_RISK, UNRATED)
    note = facts.child.notes.get(SUICIDE_RISK, "")
    if item and item.actionable(value) and not note.strip():
        yield _item_warning(
            facts,
            "safety-plan",
            item,
            f"{item.label} is {_level(item, value)}, and no note says what the safety plan is.",
        )


def _odd_pairs(facts: Facts, instrument: Instrument, items: Sequence[Item]) -> Iterator[Problem]:
    ratings = facts.child.ratings
    suicide, harm = instrument.by_code.get(SUICIDE_RISK), instrument.by_code.get(SELF_MUTILATION)
    if suicide and harm and ratings.get(harm.code) in ("1", "2", "3") and ratings.get(suicide.code) == "0":
        yield _item_warning(
            facts,
            "self-harm-without-suicide-risk",
            harm,
            f"{harm.label} is {_level(harm, ratings[harm.code])} while {suicide.label} is 0.",
        )
    adjustment = instrument.by_code.get(ADJUSTMENT_TO_TRAUMA)
    exposures = [item for item in items if item.kind is ItemKind.EXPOSURE]
    if (
        adjustment
        and exposures
        and ratings.get(adjustment.code) in ("1", "2", "3")
        and all(ratings.get(item.code) == "0" for item in exposures)
    ):
        yield _item_warning(
            facts,
            "adjustment-without-exposure",
            adjustment,
            f"{adjustment.label} is {_level(adjustment, ratings[adjustment.code])} "
            "while every trauma exposure is 0.",
        )


def _birth_items_changed(facts: Facts, items: Sequence[Item]) -> Iterator[Problem]:
    for item, before, after in _rated_before(facts.child, items):
        if item.window is Window.BIRTH and before != after:
            yield _item_warning(
                facts,
                "birth-changed",
                item,
                f"{item.label} is about the child's birth; it was {_level(item, before)} in the last "
                f"approved CANS and is {_level(item, after)} here.",
            )


def _all_zero(facts: Facts, items: Sequence[Item]) -> Iterator[Problem]:
    for kind, plural in ((ItemKind.STRENGTH, "strength"), (ItemKind.NEED, "need")):
        ratings = [facts.child.ratings.get(item.code, UNRATED) for item in items if item.kind is kind]
        rated = [rating for rating in ratings if rating != NOT_APPLICABLE]
        if rated and all(rating == "0" for rating in rated):
            yield _warning(
                facts,
                f"every-{kind}-0",
                f"Every {plural} of {facts.child.name} is rated 0.",
                sheet=facts.child.key,
            )


def _identical(facts: Facts, sheet: SheetFacts, items: Sequence[Item]) -> Iterator[Problem]:
    if sheet.previous is None or not items:
        return
    ratings = [(sheet.previous.get(item.code), sheet.ratings.get(item.code, UNRATED)) for item in items]
    if all(before == after != UNRATED for before, after in ratings):
        yield _warning(
            facts,
            f"identical:{sheet.subject}",
            f"Every rating of {sheet.name} is the same as in the last approved CANS.",
            sheet=sheet.key,
        )


def _amends_nothing(facts: Facts) -> Iterator[Problem]:
    if facts.repeats is not None:
        sentence = f"Every rating is the same as in CANS {facts.repeats}, which this one amends."
        yield _warning(facts, f"repeats:{facts.repeats}", sentence, sheet=facts.child.key)


def _rated_before(sheet: SheetFacts, items: Sequence[Item]) -> Iterator[tuple[Item, str, str]]:
    """Items with a level then, and an allowed answer now: what was unknown or N/A then may well be known."""
    for item in items:
        before = (sheet.previous or {}).get(item.code, UNRATED)
        after = sheet.ratings.get(item.code, UNRATED)
        if before in item.levels and item.allows(after):
            yield item, before, after


def _error(
    key: str,
    sentence: str,
    *,
    sheet: SheetKey | None = None,
    code: str | None = None,
    section: str | None = None,
) -> Problem:
    return Problem(f"error:{key}", sentence, Severity.ERROR, sheet, code, section)


def _item_error(rule: str, sheet: SheetFacts, item: Item, sentence: str) -> Problem:
    return _error(
        f"{rule}:{sheet.key}:{item.code}", sentence, sheet=sheet.key, code=item.code, section=item.section
    )


def _warning(
    facts: Facts,
    key: str,
    sentence: str,
    *,
    sheet: SheetKey,
    code: str | None = None,
    section: str | None = None,
) -> Problem:
    key = f"warning:{key}"
    answered = bool(facts.answers.get(key, "").strip())
    return Problem(key, sentence, Severity.WARNING, sheet, code, section, answered)


def _item_warning(facts: Facts, rule: str, item: Item, sentence: str) -> Problem:
    """About an item of the child: no rule about a single caregiver item warns."""
    return _warning(
        facts,
        f"{rule}:{item.code}",
        sentence,
        sheet=facts.child.key,
        code=item.code,
        section=item.section,
    )


def _named(sheet: SheetFacts, item: Item) -> str:
    return item.label if sheet.substitute is None else f"{sheet.name}'s {item.label}"


def _level(item: Item, value: str) -> str:
    return f"{value} ({item.levels[value]})" if value in item.levels else words(item, value)


def _day(day: date) -> str:
    return f"{day.day} {day:%b %Y}"
