from collections import Counter
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cans.instrument import (
    COLUMNS,
    LEVELS,
    SHIPPED,
    VALUES,
    Applies,
    Certainty,
    Instrument,
    ItemKind,
    Subject,
    age_domains,
    applicable_caregiver_items,
    applicable_child_items,
    months_old,
    parse,
    words,
)

TEXT = SHIPPED.read_text(encoding="utf-8")
LINES = TEXT.splitlines()


@pytest.fixture(scope="module")
def shipped():
    items, problems = parse(TEXT)
    assert problems == []
    return Instrument("CANS 2.0", tuple(items))


def line_of(code):
    return next(number for number, line in enumerate(LINES, start=1) if f"\t{code}\t" in line)


def edited(item, /, **cells):
    """The shipped file with some cells of one item changed."""
    at = line_of(item) - 1
    row = dict(zip(COLUMNS, LINES[at].split("\t"), strict=True)) | cells
    return "\n".join([*LINES[:at], "\t".join(row.values()), *LINES[at + 1 :]])


def without(code):
    return "\n".join(line for line in LINES if f"\t{code}\t" not in line)


def moved(code, *, after):
    rest = [line for line in LINES if f"\t{code}\t" not in line]
    at = next(number for number, line in enumerate(rest) if f"\t{after}\t" in line)
    return "\n".join([*rest[: at + 1], LINES[line_of(code) - 1], *rest[at + 1 :]])


def sentences(text):
    items, problems = parse(text)
    assert items == []
    return [problem.sentence for problem in problems]


# The shipped file


def test_it_has_94_child_items_in_nine_domains_and_34_caregiver_items(shipped):
    sections = shipped.domains(Subject.CHILD)
    assert [(section.key, len(section.items)) for section in sections] == [
        ("trauma", 13),
        ("stress", 6),
        ("strengths", 11),
        ("life", 13),
        ("acculturation", 4),
        ("behavioral", 13),
        ("risk", 11),
        ("early", 15),
        ("transition", 8),
    ]
    assert len(shipped.child_items) == 94
    assert len(shipped.caregiver_items) == 34


def test_the_child_items_are_numbered_1_to_94_and_one_caregiver_number_is_confirmed(shipped):
    assert [item.number for item in shipped.child_items] == list(range(1, 95))
    assert [(item.name, item.number) for item in shipped.caregiver_items if item.number] == [("Safety", 95)]


def test_caregiver_sections_are_the_blocks(shipped):
    sections = shipped.domains(Subject.CAREGIVER)
    assert [(section.key, section.title, len(section.items)) for section in sections] == [
        ("safety", "Safety", 5),
        ("resources", "Resources", 8),
        ("well-being", "Well-being", 13),
        ("permanence", "Permanence", 5),
        ("commitment-to-permanence", "Commitment to permanence", 3),
    ]


def test_every_child_section_has_a_title_in_words(shipped):
    titles = [section.title for section in shipped.domains(Subject.CHILD)]
    assert len(set(titles)) == 9
    assert all(title[0].isupper() for title in titles)


def test_the_kinds(shipped):
    assert Counter(item.kind for item in shipped.child_items) == {
        ItemKind.NEED: 70,
        ItemKind.EXPOSURE: 13,
        ItemKind.STRENGTH: 11,
    }
    assert {item.kind for item in shipped.caregiver_items} == {ItemKind.NEED}


def test_positions_count_from_zero_on_each_sheet(shipped):
    assert [item.position for item in shipped.child_items] == list(range(94))
    assert [item.position for item in shipped.caregiver_items] == list(range(34))


def test_certainty_and_missing_numbers_ask_for_checking(shipped):
    needs_checking = {item.code: item.needs_checking for item in shipped.items}
    assert not needs_checking["trauma.sexual-abuse"]
    assert not needs_checking["caregiver.safety"]
    assert needs_checking["life.sleep"]
    assert needs_checking["trauma.war-affected"]
    assert needs_checking["caregiver.discipline"]
    assert Counter(item.certainty for item in shipped.items) == {
        Certainty.HIGH: 27,
        Certainty.MEDIUM: 73,
        Certainty.LOW: 28,
    }


def test_a_missing_number_alone_asks_for_checking():
    items, problems = parse(edited("caregiver.safety", number=""))
    assert problems == []
    item = next(item for item in items if item.code == "caregiver.safety")
    assert item.certainty is Certainty.HIGH
    assert item.needs_checking


def test_an_item_is_found_by_its_code(shipped):
    item = shipped.by_code["life.sleep"]
    assert (item.name, item.number, item.label, item.section) == ("Sleep", 39, "Sleep (39)", "life")
    assert shipped.by_code["caregiver.supervision"].label == "Supervision"
    assert len(shipped.by_code) == 128


# What applies to whom


@pytest.mark.parametrize(
    ("early", "transition", "number"),
    [(False, False, 71), (True, False, 86), (False, True, 79), (True, True, 94)],
)
def test_child_items_by_age_domain(shipped, early, transition, number):
    items = applicable_child_items(shipped, early=early, transition=transition)
    assert len(items) == number
    assert any(item.applies is Applies.EARLY for item in items) == early
    assert any(item.applies is Applies.TRANSITION for item in items) == transition
    assert [item.position for item in items] == sorted(item.position for item in items)


def test_caregiver_items_by_part(shipped):
    everyone = applicable_caregiver_items(shipped, substitute=False)
    substitute = applicable_caregiver_items(shipped, substitute=True)
    assert len(everyone) == 31
    assert {item.block for item in set(substitute) - set(everyone)} == {"Commitment to permanence"}
    assert len(substitute) == 34


@pytest.mark.parametrize(
    ("born", "assessed_on", "early"),
    [
        (date(2019, 5, 10), date(2025, 5, 9), True),
        (date(2019, 5, 10), date(2025, 5, 10), False),
        (date(2019, 5, 10), date(2025, 5, 11), False),
        (date(2019, 5, 10), date(2024, 5, 10), True),
        (date(2019, 5, 10), date(2019, 5, 10), True),
        (date(2020, 2, 29), date(2026, 2, 27), True),
        (date(2020, 2, 29), date(2026, 2, 28), False),
        (date(2020, 2, 29), date(2026, 3, 1), False),
        (date(2018, 2, 28), date(2024, 2, 28), False),
        (date(2018, 3, 1), date(2024, 2, 29), True),
        (date(2018, 12, 31), date(2024, 12, 30), True),
        (date(2018, 12, 31), date(2024, 12, 31), False),
        (date(2019, 1, 1), date(2024, 12, 31), True),
    ],
)
def test_early_until_the_sixth_birthday(born, assessed_on, early):
    found = age_domains(born=born, developmental_disability=False, assessed_on=assessed_on)
    assert found == (early, False)


@pytest.mark.parametrize("assessed_on", [date(2019, 5, 10), date(2025, 5, 10), date(2030, 1, 1)])
def test_early_at_any_age_with_a_developmental_disability(assessed_on):
    early, _ = age_domains(born=date(2019, 5, 10), developmental_disability=True, assessed_on=assessed_on)
    assert early


@pytest.mark.parametrize(
    ("born", "assessed_on", "transition"),
    [
        (date(2010, 9, 15), date(2025, 3, 14), False),
        (date(2010, 9, 15), date(2025, 3, 15), True),
        (date(2010, 9, 15), date(2025, 3, 16), True),
        (date(2010, 9, 15), date(2030, 3, 15), True),
        (date(2010, 8, 31), date(2025, 2, 27), False),
        (date(2010, 8, 31), date(2025, 2, 28), True),
        (date(2010, 8, 30), date(2025, 2, 28), True),
        (date(2010, 8, 28), date(2025, 2, 28), True),
        (date(2009, 8, 31), date(2024, 2, 28), False),
        (date(2009, 8, 31), date(2024, 2, 29), True),
        (date(2009, 8, 29), date(2024, 2, 28), False),
        (date(2012, 2, 29), date(2026, 8, 28), False),
        (date(2012, 2, 29), date(2026, 8, 29), True),
        (date(2010, 12, 31), date(2025, 6, 29), False),
        (date(2010, 12, 31), date(2025, 6, 30), True),
        (date(2010, 7, 31), date(2025, 1, 30), False),
        (date(2010, 7, 31), date(2025, 1, 31), True),
    ],
)
def test_transition_from_14_years_6_months(born, assessed_on, transition):
    found = age_domains(born=born, developmental_disability=False, assessed_on=assessed_on)
    assert found == (False, transition)


@given(st.dates(), st.dates())
def test_age_is_known_for_any_two_dates(born, on):
    assert abs(months_old(born=born, on=on) - (on - born).days / 30.436875) < 2


# Values and words


@pytest.mark.parametrize(
    ("code", "value", "said"),
    [
        ("life.sleep", "0", "0, no evidence"),
        ("life.sleep", "1", "1, watch, prevent"),
        ("life.sleep", "2", "2, act"),
        ("life.sleep", "3", "3, act now"),
        ("caregiver.supervision", "3", "3, act now"),
        ("strengths.family", "0", "0, centerpiece"),
        ("strengths.family", "1", "1, useful"),
        ("strengths.family", "2", "2, identified, to build"),
        ("strengths.family", "3", "3, none identified"),
        ("trauma.neglect", "0", "0, none"),
        ("trauma.neglect", "1", "1, one incident or suspicion"),
        ("trauma.neglect", "2", "2, several, moderate"),
        ("trauma.neglect", "3", "3, repeated or severe"),
        ("life.sleep", "n", "N/A"),
        ("life.sleep", "u", "unknown"),
        ("life.sleep", ".", "not yet rated"),
    ],
)
def test_a_rating_in_words(shipped, code, value, said):
    assert words(shipped.by_code[code], value) == said


def test_what_is_no_rating_has_no_words(shipped):
    with pytest.raises(KeyError):
        words(shipped.by_code["life.sleep"], "4")


COUNTS_AS = {
    ("life.sleep", "actionable"): "23",
    ("caregiver.supervision", "actionable"): "23",
    ("strengths.family", "usable"): "01",
    ("trauma.neglect", "present"): "123",
}


@pytest.mark.parametrize(
    "code", ["life.sleep", "caregiver.supervision", "strengths.family", "trauma.neglect"]
)
@pytest.mark.parametrize("meaning", ["actionable", "usable", "present"])
@pytest.mark.parametrize("value", list(VALUES))
def test_what_a_rating_counts_as(shipped, code, meaning, value):
    expected = value in tuple(COUNTS_AS.get((code, meaning), ""))
    assert getattr(shipped.by_code[code], meaning)(value) is expected


@pytest.mark.parametrize(
    ("code", "allowed"),
    [("life.sleep", "0123u"), ("life.school-behavior", "0123nu"), ("strengths.family", "0123nu")],
)
def test_what_may_be_chosen(shipped, code, allowed):
    item = shipped.by_code[code]
    assert {value for value in [*VALUES, "", "4", "01", "nu"] if item.allows(value)} == set(allowed)
    assert item.na_allowed is ("n" in allowed)


def test_every_kind_has_its_four_levels():
    assert set(LEVELS) == set(ItemKind)
    assert all(list(levels) == ["0", "1", "2", "3"] for levels in LEVELS.values())


# A file with something wrong in it


@pytest.mark.parametrize("text", ["", "\n\n", " \t \n", "\ufeff"])
def test_an_empty_file(text):
    assert sentences(text) == ["The file is empty."]


def test_column_names_alone():
    assert sentences(LINES[0]) == ["The file has a line of column names and no items."]


def test_text_that_is_not_separated_by_tabs():
    assert sentences(TEXT.replace("\t", ",")) == ["Line 1: the columns are not separated by tabs."]


def test_missing_columns():
    text = TEXT.replace("certainty", "sure", 1).replace("window", "time", 1)
    assert sentences(text) == ["Line 1: columns are missing: window, certainty."]


def test_columns_in_another_order():
    text = TEXT.replace("domain\tblock", "block\tdomain", 1)
    assert sentences(text) == [
        "Line 1: the columns should be domain, block, number, code, name, kind, subject, applies, window, "
        "na, certainty, in this order."
    ]


def test_one_column_too_many():
    assert len(sentences(TEXT.replace("certainty", "certainty\tremark", 1))) == 1


def test_a_line_with_too_few_columns():
    text = TEXT.replace("\tSleep\tneed\tchild\tall", "\tSleep\tneed", 1)
    assert sentences(text) == [f"Line {line_of('life.sleep')}: 11 columns are expected, this line has 9."]


WRONG_CELLS = [
    (
        "life.sleep",
        {"kind": "worry"},
        "kind is 'worry', and should be one of 'need'; 'exposure'; 'strength'.",
    ),
    ("life.sleep", {"certainty": ""}, "certainty is '', and should be one of 'high'; 'medium'; 'low'."),
    (
        "life.sleep",
        {"window": "60 days"},
        "window is '60 days', and should be one of 'lifetime'; '30 days'; 'own'; 'birth'.",
    ),
    ("life.sleep", {"subject": "dog"}, "subject is 'dog', and should be one of 'child'; 'caregiver'."),
    (
        "life.sleep",
        {"applies": "boys"},
        "applies is 'boys', and should be one of 'all'; "
        "'age five or younger, or developmental disability'; 'age 14 years 6 months or older'; "
        "'every caregiver'; 'substitute caregiver'.",
    ),
    ("life.sleep", {"number": "39a"}, "the number '39a' is not a whole number."),
    ("life.sleep", {"number": "-39"}, "the number '-39' is not a whole number."),
    ("life.sleep", {"number": "\u0663\u0669"}, "the number '\u0663\u0669' is not a whole number."),
    ("trauma.sexual-abuse", {"number": "0"}, "the number 0 is not between 1 and 139."),
    ("caregiver.relationship-with-abuser", {"number": "140"}, "the number 140 is not between 1 and 139."),
    (
        "life.sleep",
        {"code": "Sleep"},
        "the code 'Sleep' should be a domain, a dot and a name, like 'life.sleep'.",
    ),
    ("life.sleep", {"code": ""}, "the code '' should be a domain, a dot and a name, like 'life.sleep'."),
    ("life.sleep", {"code": "risk.sleep"}, "the code 'risk.sleep' does not begin with its domain 'life'."),
    ("life.sleep", {"name": ""}, "the item has no name."),
    ("life.sleep", {"na": ""}, "the column na is empty; it says 'never' or when N/A may be chosen."),
    ("life.sleep", {"name": "Sl\x00eep"}, "the column name holds a character that cannot be shown."),
    ("life.sleep", {"name": "S" * 81}, "the column name is longer than 80 characters."),
    ("life.sleep", {"block": "Night"}, "only caregiver items have a block, and this one has 'Night'."),
    ("caregiver.safety", {"kind": "strength"}, "every caregiver item is of the kind 'need'."),
    ("caregiver.safety", {"block": ""}, "a caregiver item needs a block."),
    ("caregiver.safety", {"applies": "all"}, "an item about a caregiver cannot apply to 'all'."),
    (
        "life.sleep",
        {"applies": "every caregiver"},
        "an item about a child cannot apply to 'every caregiver'.",
    ),
]


@pytest.mark.parametrize(("code", "cells", "sentence"), WRONG_CELLS)
def test_one_wrong_cell_gives_one_sentence_with_its_line(code, cells, sentence):
    items, problems = parse(edited(code, **cells))
    assert items == []
    assert [(problem.line, problem.sentence) for problem in problems] == [
        (line_of(code), f"Line {line_of(code)}: {sentence}")
    ]


def test_the_ends_of_the_range_of_numbers_are_inside_it():
    items, problems = parse(edited("caregiver.inclusion-of-the-youth-in-the-foster-family", number="139"))
    assert problems == []
    assert items[0].number == 1
    assert items[-1].number == 139


def test_a_domain_that_does_not_exist():
    line = line_of("life.sleep")
    assert sentences(edited("life.sleep", domain="home", code="home.sleep"))[0] == (
        f"Line {line}: domain is 'home', and should be one of 'trauma'; 'stress'; 'strengths'; 'life'; "
        "'acculturation'; 'behavioral'; 'risk'; 'early'; 'transition'; 'caregiver'."
    )


@pytest.mark.parametrize(
    ("code", "cells", "sentence"),
    [
        (
            "caregiver.safety",
            {"domain": "life", "code": "life.safety"},
            "an item about a caregiver cannot stand in the domain 'life'.",
        ),
        (
            "transition.job-functioning",
            {"domain": "caregiver", "code": "caregiver.job"},
            "an item about a child cannot stand in the domain 'caregiver'.",
        ),
    ],
)
def test_an_item_in_the_other_subjects_domain(code, cells, sentence):
    assert f"Line {line_of(code)}: {sentence}" in sentences(edited(code, **cells))


def test_a_code_used_twice():
    first, second = line_of("life.sleep"), line_of("life.sexual-development")
    assert sentences(edited("life.sexual-development", code="life.sleep")) == [
        f"Line {second}: the code 'life.sleep' is used twice (first on line {first})."
    ]


@pytest.mark.parametrize("number", ["39", "039"])
def test_a_number_used_twice(number):
    first, second = line_of("life.sleep"), line_of("life.sexual-development")
    assert sentences(edited("life.sexual-development", number=number)) == [
        f"Line {second}: the number '{number}' is used twice (first on line {first})."
    ]


def test_a_name_used_twice_in_one_section():
    first, second = line_of("life.sleep"), line_of("life.sexual-development")
    assert sentences(edited("life.sexual-development", name="sleep")) == [
        f"Line {second}: the name 'sleep' is used twice in one section (first on line {first})."
    ]


def test_one_name_in_two_sections_is_fine(shipped):
    assert [item.number for item in shipped.items if item.name == "Family"] == [20, 31]


def test_items_out_of_number_order():
    assert sentences(moved("life.sleep", after="life.school-behavior")) == [
        "Line 42: number 39 comes after number 41 (line 41); items stand in the order of their numbers."
    ]


def test_a_child_item_after_the_caregivers():
    text = moved("transition.job-functioning", after="caregiver.safety")
    assert "Line 96: a child item comes after the caregiver items, which begin on line 95." in sentences(text)


def test_a_domain_in_two_pieces():
    text = edited("behavioral.depression", domain="risk", code="risk.depression")
    assert "Line 52: 'behavioral' goes on here after it ended on line 50; keep it together." in sentences(
        text
    )


def test_a_block_in_two_pieces():
    text = moved("caregiver.discipline", after="caregiver.involvement")
    assert "Line 102: 'Safety' goes on here after it ended on line 99; keep it together." in sentences(text)


def test_no_caregiver_items():
    assert sentences("\n".join(LINES[:95])) == ["The file has no caregiver items."]


@pytest.mark.parametrize("code", ["risk.suicide-risk", "risk.self-mutilation", "stress.adjustment-to-trauma"])
def test_a_missing_item_that_has_a_rule(code):
    assert sentences(without(code)) == [
        f"The file has no item with the code '{code}', about which there is a rule."
    ]


@pytest.mark.parametrize(
    "text", ["", LINES[0], "\n".join(LINES[:95]), without("risk.suicide-risk")], ids=range(4)
)
def test_a_problem_of_the_whole_file_has_no_line(text):
    assert [problem.line for problem in parse(text)[1]] == [0]


def test_a_cell_of_80_characters_fits():
    items, problems = parse(edited("life.sleep", name="S" * 80))
    assert problems == []
    assert items[38].name == "S" * 80


def test_a_blocks_key_is_fit_for_an_address():
    text = TEXT.replace("\tWell-being\t", "\t(Well-being & Health)\t")
    items, problems = parse(text)
    assert problems == []
    sections = Instrument("CANS 2.0", tuple(items)).domains(Subject.CAREGIVER)
    assert sections[2][:2] == ("well-being-health", "(Well-being & Health)")


def test_several_problems_come_in_the_order_of_lines():
    text = edited("life.sleep", kind="worry").replace("\tNeglect\t", "\t\t", 1)
    _, problems = parse(text)
    assert [problem.line for problem in problems] == [line_of("trauma.neglect"), line_of("life.sleep")]


@pytest.mark.parametrize(
    "text",
    [
        TEXT.replace("\n", "\r\n"),
        TEXT.replace("\n", "\r"),
        "\ufeff" + TEXT,
        TEXT + "\n\n",
        TEXT.replace("\tSleep\t", "\t Sleep \t"),
        TEXT.replace("\tname\t", "\t name \t", 1),
    ],
    ids=["windows", "old mac", "byte order mark", "blank lines", "spaces", "spaces in a column name"],
)
def test_harmless_differences_are_read_alike(shipped, text):
    items, problems = parse(text)
    assert problems == []
    assert tuple(items) == shipped.items


def test_a_blank_line_does_not_shift_the_line_numbers():
    text = edited("life.sleep", kind="worry").replace("\nlife\t", "\n\nlife\t", 1)
    _, problems = parse(text)
    assert [problem.line for problem in problems] == [line_of("life.sleep") + 1]


@given(st.text())
def test_any_text_is_answered_with_a_sentence(text):
    items, problems = parse(text)
    assert items == []
    assert problems


@given(st.integers(0, len(LINES) - 1), st.integers(0, len(COLUMNS) - 1), st.text(max_size=120))
def test_any_cell_may_hold_anything(line, column, value):
    cells = LINES[line].split("\t")
    cells[column] = value
    items, problems = parse("\n".join([*LINES[:line], "\t".join(cells), *LINES[line + 1 :]]))
    assert bool(items) != bool(problems)
