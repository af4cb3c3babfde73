from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cans.instrument import (
    SHIPPED,
    VALUES,
    Instrument,
    ItemKind,
    applicable_caregiver_items,
    applicable_child_items,
    parse,
)
from cans.readiness import Facts, Problem, Severity, SheetFacts, problems, ready

INSTRUMENT = Instrument("CANS 2.0", tuple(parse(SHIPPED.read_text(encoding="utf-8"))[0]))
CHILD_ITEMS = applicable_child_items(INSTRUMENT, early=True, transition=True)
EVERY_CAREGIVER = applicable_caregiver_items(INSTRUMENT, substitute=False)
SUBSTITUTE = applicable_caregiver_items(INSTRUMENT, substitute=True)
ASSESSED = date(2025, 3, 3)


def ratings_of(items, **by_name):
    """Every item at 1; `life_sleep="2"` sets "life.sleep"."""
    return {item.code: "1" for item in items} | codes(by_name)


def codes(by_name):
    return {name.replace("_", ".", 1).replace("_", "-"): value for name, value in by_name.items()}


def child(previous=None, notes=None, **ratings):
    return SheetFacts(
        key="child",
        name="Ben Sample",
        ratings=ratings_of(CHILD_ITEMS, **ratings),
        previous=previous,
        notes=notes or {},
    )


def caregiver(key=7, name="Anna Sample", *, substitute=False, **others):
    ratings = others.pop("ratings", ratings_of(SUBSTITUTE if substitute else EVERY_CAREGIVER))
    return SheetFacts(key=key, name=name, adult=70 + key, substitute=substitute, ratings=ratings, **others)


def facts(**changes):
    """A ten-year-old, all rated, about whom no rule has anything to say."""
    quiet = Facts(
        child=child(),
        born=date(2014, 6, 1),
        developmental_disability=False,
        assessed_on=ASSESSED,
        today=date(2025, 3, 10),
        early=False,
        transition=False,
        opened=date(2025, 2, 1),
        joined=date(2025, 2, 1),
        caregivers=[caregiver()],
    )
    return replace(quiet, **changes)


def found(**changes):
    return problems(facts(**changes), INSTRUMENT)


def the_only(**changes):
    [problem] = found(**changes)
    return problem


def sentences(**changes):
    return [problem.sentence for problem in found(**changes)]


def only_error(**changes):
    problem = the_only(**changes)
    assert problem.severity is Severity.ERROR
    assert not problem.answered
    assert not ready([problem])
    return problem.sentence


def only_warning(**changes):
    """The sentence of the one warning, which an answer under its key settles."""
    problem = the_only(**changes)
    assert problem.severity is Severity.WARNING
    assert not problem.answered
    assert not ready([problem])
    answered = the_only(**changes, answers={problem.key: "Seen with the family."})
    assert answered == replace(problem, answered=True)
    assert ready([answered])
    return problem.sentence


def test_nothing_missing():
    assert found() == []
    assert ready([])


# Items


def test_an_unrated_item_of_the_child():
    problem = the_only(child=child(life_sleep="."))
    assert problem == Problem(
        key="error:unrated:child:life.sleep",
        sentence="Sleep (39) has no rating yet.",
        severity=Severity.ERROR,
        sheet="child",
        code="life.sleep",
        section="life",
    )


def test_an_unrated_item_of_a_caregiver():
    ratings = ratings_of(EVERY_CAREGIVER, caregiver_supervision=".")
    problem = the_only(caregivers=[caregiver(ratings=ratings)])
    assert problem == Problem(
        key="error:unrated:7:caregiver.supervision",
        sentence="Anna Sample's Supervision has no rating yet.",
        severity=Severity.ERROR,
        sheet=7,
        code="caregiver.supervision",
        section="resources",
    )


@pytest.mark.parametrize("value", [".", "", "4", "12", "x"])
def test_what_is_no_rating_is_missing(value):
    assert only_error(child=child(life_sleep=value)) == "Sleep (39) has no rating yet."


def test_an_item_that_is_absent_is_unrated():
    ratings = ratings_of(CHILD_ITEMS)
    del ratings["life.sleep"]
    assert only_error(child=replace(child(), ratings=ratings)) == "Sleep (39) has no rating yet."


@pytest.mark.parametrize("value", list("0123u"))
def test_any_level_and_unknown_are_ratings(value):
    assert found(child=child(life_sleep=value)) == []


def test_each_unrated_item_has_its_own_sentence_in_the_order_of_the_form():
    nothing = replace(child(), ratings={})
    missing = found(child=nothing, caregivers=[caregiver(ratings={})])
    assert [problem.code for problem in missing] == [
        item.code
        for item in (
            *applicable_child_items(INSTRUMENT, early=False, transition=False),
            *EVERY_CAREGIVER,
        )
    ]
    assert len({problem.key for problem in missing}) == 71 + 31


def test_two_caregivers_are_told_apart():
    ratings = ratings_of(EVERY_CAREGIVER, caregiver_safety=".")
    both = found(caregivers=[caregiver(7, ratings=ratings), caregiver(8, "Otto Sample", ratings=ratings)])
    assert [(problem.sheet, problem.sentence) for problem in both] == [
        (7, "Anna Sample's Safety (95) has no rating yet."),
        (8, "Otto Sample's Safety (95) has no rating yet."),
    ]
    assert len({problem.key for problem in both}) == 2


def test_only_substitutes_owe_the_substitute_items():
    ratings = ratings_of(EVERY_CAREGIVER)
    assert found(caregivers=[caregiver(ratings=ratings)]) == []
    assert sentences(caregivers=[caregiver(substitute=True, ratings=ratings)]) == [
        "Anna Sample's Collaboration with Other Caregivers has no rating yet.",
        "Anna Sample's Support for the Permanency Plan has no rating yet.",
        "Anna Sample's Inclusion of the Youth in the Foster Family has no rating yet.",
    ]
    assert found(caregivers=[caregiver(substitute=True)]) == []


def test_a_domain_that_was_added_is_owed_whole():
    ratings = ratings_of(CHILD_ITEMS, early_motor=".", transition_victimization=".")
    sheet = replace(child(), ratings=ratings)
    assert found(child=sheet) == []
    assert sentences(child=sheet, early=True) == ["Motor (72) has no rating yet."]
    assert sentences(child=sheet, transition=True) == ["Victimization (93) has no rating yet."]


@pytest.mark.parametrize(
    ("rating", "sentence"),
    [
        ({"life_sleep": "n"}, "Sleep (39) cannot be N/A."),
        ({"trauma_neglect": "n"}, "Neglect (4) cannot be N/A."),
        ({"risk_suicide_risk": "n"}, "Suicide Risk (61) cannot be N/A."),
    ],
)
def test_na_where_it_is_not_allowed(rating, sentence):
    assert only_error(child=child(**rating)) == sentence


def test_na_points_at_its_item():
    problem = the_only(child=child(life_sleep="n"))
    assert (problem.key, problem.sheet, problem.code, problem.section) == (
        "error:na:child:life.sleep",
        "child",
        "life.sleep",
        "life",
    )


def test_na_for_a_caregiver():
    ratings = ratings_of(EVERY_CAREGIVER, caregiver_supervision="n")
    sentence = only_error(caregivers=[caregiver(ratings=ratings)])
    assert sentence == "Anna Sample's Supervision cannot be N/A."


@pytest.mark.parametrize("rating", [{"life_school_behavior": "n"}, {"strengths_family": "n"}])
def test_na_where_it_is_allowed(rating):
    assert found(child=child(**rating)) == []


def test_na_for_over_five_is_refused_the_day_before_the_sixth_birthday():
    five = {"born": ASSESSED.replace(year=2019) + timedelta(days=1), "early": True}
    assert only_error(child=child(early_motor="n"), **five) == (
        "Motor (72) is N/A only for a child over five, and Ben Sample was five or younger on 3 Mar 2025."
    )


def test_na_for_over_five_is_allowed_from_the_sixth_birthday():
    six = {"born": ASSESSED.replace(year=2019), "early": True}
    assert found(child=child(early_motor="n"), **six) == []


def test_na_for_no_day_care_is_allowed_at_any_age():
    assert found(child=child(early_day_care_preschool="n"), born=date(2022, 1, 1), early=True) == []


# Caregivers


def test_a_caregiver_without_a_sheet_or_a_reason():
    problem = the_only(caregivers_without_sheet=[(31, "Otto Sample")])
    assert problem.key == "error:caregiver-missing:31"
    assert problem.sentence == (
        "Otto Sample cares for Ben Sample, and has neither ratings here nor a reason why not."
    )
    assert only_error(caregivers_without_sheet=[(31, "Otto Sample")]) == problem.sentence


def test_a_reason_stands_for_the_ratings():
    assert found(caregivers=[caregiver(ratings={}, not_scored_reason="In hospital all month.")]) == []


def test_a_blank_reason_does_not():
    assert len(found(caregivers=[caregiver(ratings={}, not_scored_reason="  \n")])) == 31


def test_no_caregivers_at_all():
    assert found(caregivers=[]) == []


# Dates


def test_assessed_before_birth():
    sentence = only_error(born=ASSESSED + timedelta(days=1), early=True)
    assert sentence == "Assessed on 3 Mar 2025 is before Ben Sample was born, 4 Mar 2025."


def test_assessed_on_the_day_of_birth():
    assert found(born=ASSESSED, early=True) == []


def test_assessed_in_the_future():
    assert only_error(today=ASSESSED - timedelta(days=1)) == "Assessed on 3 Mar 2025 is in the future."


def test_assessed_today():
    assert found(today=ASSESSED) == []


def test_assessed_before_joining():
    sentence = only_error(joined=ASSESSED + timedelta(days=1))
    assert sentence == "Assessed on 3 Mar 2025 is before Ben Sample joined the case, 4 Mar 2025."


def test_assessed_before_opening():
    sentence = only_error(opened=ASSESSED + timedelta(days=1))
    assert sentence == "Assessed on 3 Mar 2025 is before IPS opened, 4 Mar 2025."


def test_before_opening_and_joining_the_later_date_is_named():
    assert only_error(opened=date(2025, 3, 5), joined=date(2025, 3, 6)).endswith(
        "joined the case, 6 Mar 2025."
    )
    assert only_error(opened=date(2025, 3, 6), joined=date(2025, 3, 5)).endswith("IPS opened, 6 Mar 2025.")
    assert only_error(opened=date(2025, 3, 6), joined=date(2025, 3, 6)).endswith("IPS opened, 6 Mar 2025.")


def test_assessed_on_the_first_day():
    assert found(opened=ASSESSED, joined=ASSESSED) == []


def test_assessed_after_the_child_left():
    sentence = only_error(left=ASSESSED - timedelta(days=1))
    assert sentence == "Assessed on 3 Mar 2025 is after Ben Sample left the case, 2 Mar 2025."


def test_assessed_on_the_last_day():
    assert found(left=ASSESSED) == []


def test_assessed_31_days_after_closing():
    sentence = only_error(closed=date(2025, 1, 31), opened=date(2025, 1, 1), joined=date(2025, 1, 1))
    assert sentence == "Assessed on 3 Mar 2025 is more than 30 days after IPS closed, 31 Jan 2025."


@pytest.mark.parametrize("closed", [date(2025, 2, 1), ASSESSED, date(2025, 6, 1)])
def test_assessed_up_to_30_days_after_closing(closed):
    assert found(closed=closed) == []


@pytest.mark.parametrize(
    ("dates", "key"),
    [
        ({"born": date(2025, 3, 4), "early": True}, "error:assessed-before-birth"),
        ({"today": date(2025, 3, 2)}, "error:assessed-in-the-future"),
        ({"joined": date(2025, 3, 4)}, "error:assessed-before-joining"),
        ({"opened": date(2025, 3, 4)}, "error:assessed-before-opening"),
        ({"left": date(2025, 3, 2)}, "error:assessed-after-leaving"),
        ({"closed": date(2025, 1, 31)}, "error:assessed-after-closing"),
    ],
)
def test_a_date_is_about_no_sheet(dates, key):
    problem = the_only(**dates)
    assert (problem.key, problem.sheet, problem.code, problem.section) == (key, None, None, None)


# The author's credentials


def test_the_gate_speaks_in_its_own_words():
    gate = ["Your CANS 2.0 certification ran out on 1 Mar 2025.", "Your account is not active."]
    assert [problem.key for problem in found(gate=gate)] == ["error:gate:1", "error:gate:2"]
    assert sentences(gate=gate) == gate
    assert only_error(gate=gate[:1]) == gate[0]


# Age domains


def test_a_child_of_five_owes_the_early_items():
    problem = the_only(born=date(2020, 1, 1))
    assert problem == Problem(
        key="error:age-domain:early",
        sentence="Ben Sample was five or younger on 3 Mar 2025: add the section Early childhood.",
        severity=Severity.ERROR,
        sheet="child",
        section="early",
    )
    assert found(born=date(2020, 1, 1), early=True) == []


def test_a_developmental_disability_owes_the_early_items():
    sentence = only_error(developmental_disability=True)
    assert sentence == "Ben Sample has a developmental disability: add the section Early childhood."
    assert found(developmental_disability=True, early=True) == []


def test_a_youth_owes_the_transition_items():
    youth = {"born": date(2010, 9, 3)}
    problem = the_only(**youth)
    assert problem == Problem(
        key="error:age-domain:transition",
        sentence="Ben Sample was 14 years 6 months or older on 3 Mar 2025: "
        "add the section Transition to adulthood.",
        severity=Severity.ERROR,
        sheet="child",
        section="transition",
    )
    assert found(**youth, transition=True) == []
    assert found(born=date(2010, 9, 4)) == []


def test_a_draft_that_crosses_a_birthday_asks():
    crossing = {"born": date(2010, 9, 3), "transition": False}
    assert found(**crossing, assessed_on=date(2025, 3, 2)) == []
    assert len(found(**crossing, assessed_on=date(2025, 3, 3))) == 1


def test_either_domain_may_be_added_for_any_child():
    assert found(early=True, transition=True) == []


# Warnings


def test_an_exposure_lower_than_last_time():
    sheet = child(previous={"trauma.neglect": "2"}, trauma_neglect="1")
    problem = the_only(child=sheet)
    assert problem == Problem(
        key="warning:exposure-lower:trauma.neglect",
        sentence="Neglect (4) was 2 (several, moderate) in the last approved CANS and is "
        "1 (one incident or suspicion) here, although exposures count over a lifetime.",
        severity=Severity.WARNING,
        sheet="child",
        code="trauma.neglect",
        section="trauma",
    )
    assert only_warning(child=sheet) == problem.sentence


@pytest.mark.parametrize("before", list("0123nu."))
@pytest.mark.parametrize("after", list("0123u"))
def test_lower_is_a_level_below_a_level_or_no_longer_known(before, after):
    sheet = child(previous={"trauma.neglect": before}, trauma_neglect=after)
    lower = before in "123" and after in "012" and after < before
    gone = before in "123" and after == "u"
    expected = ["exposure-lower"] * lower + ["exposure-no-longer-known"] * gone
    assert [problem.key.split(":")[1] for problem in found(child=sheet)] == expected


def test_an_exposure_that_is_no_longer_known():
    sheet = child(previous={"trauma.neglect": "3"}, trauma_neglect="u")
    assert only_warning(child=sheet) == (
        "Neglect (4) was 3 (repeated or severe) in the last approved CANS and is unknown here. "
        "What was known counts over a lifetime: say why it is no longer known."
    )


def test_an_exposure_that_cannot_be_na_is_an_error_and_no_warning():
    sheet = child(previous={"trauma.neglect": "3"}, trauma_neglect="n")
    assert "cannot be N/A" in only_error(child=sheet)


def test_a_need_or_strength_may_be_lower():
    previous = {"life.sleep": "3", "strengths.family": "3"}
    assert found(child=child(previous=previous, life_sleep="1", strengths_family="1")) == []


@pytest.mark.parametrize(("value", "said"), [("2", "2 (act)"), ("3", "3 (act now)")])
def test_suicide_risk_without_a_safety_plan(value, said):
    sentence = only_warning(child=child(risk_suicide_risk=value))
    assert sentence == f"Suicide Risk (61) is {said}, and no note says what the safety plan is."


def test_suicide_risk_points_at_its_item():
    problem = the_only(child=child(risk_suicide_risk="2"))
    assert (problem.key, problem.sheet, problem.code, problem.section) == (
        "warning:safety-plan:risk.suicide-risk",
        "child",
        "risk.suicide-risk",
        "risk",
    )


@pytest.mark.parametrize("value", list("01u"))
def test_suicide_risk_below_2_needs_no_plan(value):
    assert found(child=child(risk_suicide_risk=value, risk_self_mutilation="0")) == []


def test_a_note_on_the_item_is_the_safety_plan():
    notes = {"risk.suicide-risk": "Plan of 1 Mar: medicines locked, line to call on the fridge."}
    assert found(child=child(risk_suicide_risk="3", notes=notes)) == []


@pytest.mark.parametrize("notes", [{"risk.suicide-risk": " "}, {"risk.runaway": "Left twice."}])
def test_a_blank_note_or_one_on_another_item_is_not(notes):
    assert "safety plan" in only_warning(child=child(risk_suicide_risk="3", notes=notes))


def test_self_mutilation_while_suicide_risk_is_0():
    sheet = child(risk_self_mutilation="1", risk_suicide_risk="0")
    assert only_warning(child=sheet) == (
        "Self-Mutilation (62) is 1 (watch, prevent) while Suicide Risk (61) is 0."
    )
    problem = the_only(child=sheet)
    assert problem.key == "warning:self-harm-without-suicide-risk:risk.self-mutilation"
    assert (problem.code, problem.section) == ("risk.self-mutilation", "risk")


@pytest.mark.parametrize("harm", list("0123u"))
@pytest.mark.parametrize("suicide", list("01u"))
def test_which_self_mutilation_is_odd(harm, suicide):
    sheet = child(risk_self_mutilation=harm, risk_suicide_risk=suicide)
    assert len(found(child=sheet)) == (1 if harm in "123" and suicide == "0" else 0)


def no_exposures(**others):
    return {
        item.code.replace(".", "_").replace("-", "_"): "0"
        for item in CHILD_ITEMS
        if item.kind is ItemKind.EXPOSURE
    } | others


@pytest.mark.parametrize(
    ("value", "said"), [("1", "1 (watch, prevent)"), ("2", "2 (act)"), ("3", "3 (act now)")]
)
def test_adjustment_to_trauma_without_any_exposure(value, said):
    sheet = child(**no_exposures(stress_adjustment_to_trauma=value))
    sentence = f"Adjustment to Trauma (14) is {said} while every trauma exposure is 0."
    assert only_warning(child=sheet) == sentence
    problem = the_only(child=sheet)
    assert problem.key == "warning:adjustment-without-exposure:stress.adjustment-to-trauma"
    assert (problem.code, problem.section) == ("stress.adjustment-to-trauma", "stress")


@pytest.mark.parametrize("value", list("0u"))
def test_no_adjustment_to_trauma_without_exposure(value):
    assert found(child=child(**no_exposures(stress_adjustment_to_trauma=value))) == []


@pytest.mark.parametrize("exposure", list("123u"))
def test_adjustment_to_trauma_with_one_exposure_that_is_not_0(exposure):
    ratings = no_exposures(stress_adjustment_to_trauma="3", trauma_parental_criminal_behavior=exposure)
    assert found(child=child(**ratings)) == []


def test_a_birth_item_changed():
    sheet = child(previous={"early.birth-weight": "2"}, early_birth_weight="1")
    assert only_warning(child=sheet, early=True) == (
        "Birth Weight (77) is about the child's birth; it was 2 (act) in the last approved CANS and is "
        "1 (watch, prevent) here."
    )
    problem = the_only(child=sheet, early=True)
    assert problem.key == "warning:birth-changed:early.birth-weight"
    assert (problem.code, problem.section) == ("early.birth-weight", "early")


@pytest.mark.parametrize("before", list("0123nu."))
@pytest.mark.parametrize("after", list("0123nu"))
def test_a_birth_item_changes_from_a_level(before, after):
    sheet = child(previous={"early.birth-weight": before}, early_birth_weight=after)
    changed = before in "0123" and before != after
    assert len(found(child=sheet, early=True)) == (1 if changed else 0)


def test_a_birth_item_that_is_no_longer_known():
    sheet = child(previous={"early.birth-weight": "2"}, early_birth_weight="u")
    assert only_warning(child=sheet, early=True).endswith("in the last approved CANS and is unknown here.")


def test_a_birth_item_that_no_longer_applies_is_left_alone():
    assert found(child=child(previous={"early.birth-weight": "2"}, early_birth_weight="1")) == []


def all_of(kind, value):
    return {
        item.code: value
        for item in applicable_child_items(INSTRUMENT, early=False, transition=False)
        if item.kind is kind
    }


def with_ratings(changes):
    sheet = child()
    return replace(sheet, ratings={**sheet.ratings, **changes})


@pytest.mark.parametrize(
    ("kind", "sentence"),
    [
        (ItemKind.STRENGTH, "Every strength of Ben Sample is rated 0."),
        (ItemKind.NEED, "Every need of Ben Sample is rated 0."),
    ],
)
def test_every_strength_or_every_need_0(kind, sentence):
    sheet = with_ratings(all_of(kind, "0"))
    assert only_warning(child=sheet) == sentence
    problem = the_only(child=sheet)
    assert (problem.key, problem.sheet, problem.code) == (f"warning:every-{kind}-0", "child", None)


@pytest.mark.parametrize(
    ("kind", "code"), [(ItemKind.STRENGTH, "strengths.vocational"), (ItemKind.NEED, "life.school-behavior")]
)
@pytest.mark.parametrize(("value", "number"), [("n", 1), ("u", 0), ("1", 0)])
def test_na_does_not_hide_that_every_other_is_0(kind, code, value, number):
    assert len(found(child=with_ratings(all_of(kind, "0") | {code: value}))) == number


def test_strengths_that_are_all_na_are_not_all_0():
    assert found(child=with_ratings(all_of(ItemKind.STRENGTH, "n"))) == []


def test_an_unfinished_sheet_is_not_all_0():
    sheet = with_ratings(all_of(ItemKind.STRENGTH, "0") | {"strengths.family": "."})
    assert sentences(child=sheet) == ["Family (20) has no rating yet."]


def test_every_exposure_0_is_good_news():
    sheet = with_ratings(all_of(ItemKind.EXPOSURE, "0") | {"stress.adjustment-to-trauma": "0"})
    assert found(child=sheet) == []


def test_a_caregiver_without_any_need_is_nothing_odd():
    ratings = dict.fromkeys(ratings_of(EVERY_CAREGIVER), "0")
    assert found(caregivers=[caregiver(ratings=ratings)]) == []


def test_ratings_identical_to_last_time():
    sheet = child(previous=ratings_of(CHILD_ITEMS))
    sentence = "Every rating of Ben Sample is the same as in the last approved CANS."
    assert only_warning(child=sheet) == sentence
    problem = the_only(child=sheet)
    assert (problem.key, problem.sheet, problem.code) == ("warning:identical:child", "child", None)


def test_a_caregivers_ratings_identical_to_last_time():
    sheet = caregiver(previous=ratings_of(EVERY_CAREGIVER))
    sentence = "Every rating of Anna Sample is the same as in the last approved CANS."
    assert only_warning(caregivers=[sheet]) == sentence
    assert the_only(caregivers=[sheet]).key == "warning:identical:adult-77"
    assert the_only(caregivers=[sheet]).sheet == 7


def test_an_amendment_that_amends_no_rating():
    assert only_warning(repeats=12) == "Every rating is the same as in CANS 12, which this one amends."
    problem = the_only(repeats=12)
    assert (problem.key, problem.sheet, problem.code) == ("warning:repeats:12", "child", None)


def test_nobody_is_recorded_as_caring():
    assert only_warning(caregivers=[], somebody_cares=False) == (
        "Nobody is recorded as caring for Ben Sample on 3 Mar 2025. Every adult who gives care is scored: "
        "record who does in the case, or say why there is nobody."
    )
    problem = the_only(caregivers=[], somebody_cares=False)
    assert (problem.key, problem.sheet, problem.code) == ("warning:nobody-cares", "child", None)


def test_who_cared_before_that_day_and_is_explained_is_nobody_who_cares():
    moved = caregiver(not_scored_reason="Moved out on 1 Feb.")
    assert the_only(caregivers=[moved], somebody_cares=False).key == "warning:nobody-cares"


def test_an_adult_at_home_who_cares_for_no_child():
    assert only_warning(at_home={71: "Fran Foster"}) == (
        "Fran Foster lives in the home, and is recorded as caring for no child of the case on 3 Mar 2025. "
        "Every adult who gives care is scored: record the care in the case, or say why there is none."
    )
    assert the_only(at_home={71: "Fran Foster"}).key == "warning:at-home:adult-71"


def test_an_adult_at_home_who_is_scored_or_explained_is_seen_to():
    assert found(at_home={77: "Anna Sample"}) == []


def test_each_adult_at_home_is_answered_by_name():
    both = found(
        at_home={71: "Fran Foster", 72: "Abe Lodger"}, answers={"warning:at-home:adult-72": "Rents."}
    )
    assert [problem.answered for problem in both] == [False, True]


def test_one_different_rating_is_not_identical():
    assert found(child=child(previous=ratings_of(CHILD_ITEMS), life_sleep="2")) == []


def test_identical_in_what_applies_now():
    previous = ratings_of(CHILD_ITEMS, early_motor="3")
    assert len(found(child=child(previous=previous))) == 1
    assert found(child=child(previous=previous), early=True) == []


def test_what_was_not_rated_last_time_is_not_identical():
    previous = ratings_of(CHILD_ITEMS)
    del previous["life.sleep"]
    assert found(child=child(previous=previous)) == []


def test_two_unrated_sheets_are_not_identical():
    nothing = dict.fromkeys(ratings_of(EVERY_CAREGIVER), ".")
    sheet = caregiver(ratings=nothing, previous=nothing)
    assert {problem.severity for problem in found(caregivers=[sheet])} == {Severity.ERROR}


def test_a_caregiver_with_a_reason_is_not_compared():
    sheet = caregiver(
        ratings=ratings_of(EVERY_CAREGIVER),
        previous=ratings_of(EVERY_CAREGIVER),
        not_scored_reason="Moved out on 1 Feb.",
    )
    assert found(caregivers=[sheet]) == []


# Answers


def test_a_blank_answer_is_none():
    sheet = child(risk_suicide_risk="2")
    [problem] = found(child=sheet, answers={"warning:safety-plan:risk.suicide-risk": " \n"})
    assert not problem.answered
    assert not ready([problem])


def test_an_answer_to_another_warning_does_not_count():
    assert not the_only(child=child(risk_suicide_risk="2"), answers={"warning:every-need-0": "Yes."}).answered


def test_an_error_cannot_be_answered():
    [problem] = found(child=child(life_sleep="."), answers={"error:unrated:child:life.sleep": "Asleep."})
    assert not problem.answered
    assert not ready([problem])


def test_nothing_makes_an_error_ready():
    error = replace(the_only(child=child(life_sleep=".")), answered=True)
    assert not ready([error])


def test_one_open_warning_among_answered_ones_is_not_ready():
    sheet = child(previous={"trauma.neglect": "2"}, trauma_neglect="1", risk_suicide_risk="2")
    answers = {"warning:exposure-lower:trauma.neglect": "Rated too high last time, see the file."}
    both = found(child=sheet, answers=answers)
    assert [problem.answered for problem in both] == [True, False]
    assert not ready(both)


def test_errors_come_before_warnings():
    sheet = child(risk_suicide_risk="2", transition_victimization=".")
    found_here = found(
        child=sheet, gate=["Your account is not active."], transition=True, today=date(2025, 3, 1)
    )
    assert [problem.key for problem in found_here] == [
        "error:gate:1",
        "error:assessed-in-the-future",
        "error:unrated:child:transition.victimization",
        "warning:safety-plan:risk.suicide-risk",
    ]


@pytest.mark.parametrize(
    ("gone", "silent"),
    [
        ("risk.suicide-risk", "self-harm-without-suicide-risk"),
        ("risk.self-mutilation", "self-harm-without-suicide-risk"),
        ("stress.adjustment-to-trauma", "adjustment-without-exposure"),
        ("trauma.", "adjustment-without-exposure"),
    ],
)
def test_a_rule_is_silent_where_the_instrument_lacks_its_item(gone, silent):
    sheet = child(**no_exposures(risk_suicide_risk="0"))
    bare = Instrument("bare", tuple(item for item in INSTRUMENT.items if not item.code.startswith(gone)))

    def rules(instrument):
        return {problem.key.split(":")[1] for problem in problems(facts(child=sheet), instrument)}

    assert rules(INSTRUMENT) - rules(bare) == {silent}


def test_no_safety_plan_is_asked_about_an_item_the_instrument_lacks():
    bare = Instrument("bare", tuple(item for item in INSTRUMENT.items if item.code != "risk.suicide-risk"))
    assert problems(facts(child=child(risk_suicide_risk="3")), bare) == []


def test_the_severities_have_stable_names():
    assert [str(severity) for severity in Severity] == ["error", "warning"]


@given(
    st.dictionaries(st.sampled_from(CHILD_ITEMS).map(lambda item: item.code), st.sampled_from(VALUES)),
    st.dictionaries(st.sampled_from(CHILD_ITEMS).map(lambda item: item.code), st.sampled_from(VALUES)),
    st.dates(),
    st.dates(),
    st.dates(),
)
def test_whatever_the_facts_each_problem_is_one_sentence_under_its_own_key(
    ratings, previous, born, on, closed
):
    sheet = SheetFacts(key="child", name="Ben Sample", ratings=ratings, previous=previous)
    answer = found(child=sheet, born=born, assessed_on=on, closed=closed, left=closed)
    assert len({problem.key for problem in answer}) == len(answer)
    assert all(problem.sentence.endswith(".") for problem in answer)
    assert all(problem.key.startswith(f"{problem.severity}:") for problem in answer)
