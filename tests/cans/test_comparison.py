from collections import Counter

import pytest

from cans.comparison import (
    Change,
    ItemChange,
    carried_unchanged,
    change,
    compare,
    counts,
    profile,
    profile_by_section,
)
from cans.instrument import SHIPPED, Instrument, parse

INSTRUMENT = Instrument("CANS 2.0", tuple(parse(SHIPPED.read_text(encoding="utf-8"))[0]))
SLEEP = INSTRUMENT.by_code["life.sleep"]
SUPERVISION = INSTRUMENT.by_code["caregiver.supervision"]
FAMILY = INSTRUMENT.by_code["strengths.family"]
NEGLECT = INSTRUMENT.by_code["trauma.neglect"]

# Rows: before 0 to 3; columns: after 0 to 3. "-" is comparable and none of the named changes.
NEEDS = """
    -       -       new      new
    -       -       new      new
    met     met     ongoing  ongoing
    met     met     ongoing  ongoing
"""
STRENGTHS = """
    kept    kept    lost     lost
    kept    kept    lost     lost
    built   built   -        -
    built   built   -        -
"""
EXPOSURES = """
    -       revealed revealed revealed
    lower   -        revealed revealed
    lower   lower    -        revealed
    lower   lower    lower    -
"""


def cells(table):
    for before, row in zip("0123", table.split("\n")[1:-1], strict=True):
        for after, word in zip("0123", row.split(), strict=True):
            yield before, after, Change.NONE if word == "-" else Change(word)


@pytest.mark.parametrize("item", [SLEEP, SUPERVISION], ids=["child", "caregiver"])
@pytest.mark.parametrize(("before", "after", "expected"), list(cells(NEEDS)))
def test_every_change_of_a_need(item, before, after, expected):
    assert change(item, before, after) is expected


@pytest.mark.parametrize(("before", "after", "expected"), list(cells(STRENGTHS)))
def test_every_change_of_a_strength(before, after, expected):
    assert change(FAMILY, before, after) is expected


@pytest.mark.parametrize(("before", "after", "expected"), list(cells(EXPOSURES)))
def test_every_change_of_an_exposure(before, after, expected):
    assert change(NEGLECT, before, after) is expected


@pytest.mark.parametrize("item", [SLEEP, FAMILY, NEGLECT], ids=["need", "strength", "exposure"])
@pytest.mark.parametrize("level", list("0123nu."))
@pytest.mark.parametrize("other", ["n", "u", ".", ""])
def test_na_unknown_and_unrated_cannot_be_compared(item, level, other):
    for before, after in ((level, other), (other, level)):
        one = ItemChange(item, before, after)
        assert one.change is None
        assert one.trend is None
        assert one.differs is (before != after)


@pytest.mark.parametrize("before", list("0123"))
@pytest.mark.parametrize("after", list("0123"))
def test_only_an_ongoing_need_improves_or_worsens(before, after):
    expected = {("3", "2"): Change.IMPROVED, ("2", "3"): Change.WORSENED}.get((before, after))
    assert ItemChange(SLEEP, before, after).trend is expected
    assert ItemChange(FAMILY, before, after).trend is None
    assert ItemChange(NEGLECT, before, after).trend is None


CHANGES = {
    # code: (before, after), in the order of the form
    "trauma.neglect": ("1", "2"),  # revealed
    "trauma.medical-trauma": ("0", "0"),
    "strengths.family": ("1", "3"),  # lost
    "strengths.interpersonal": ("3", "1"),  # built
    "strengths.optimism": ("1", "1"),  # kept
    "life.living-situation": ("3", "0"),  # met
    "life.social-functioning": ("0", "1"),  # neither, and different
    "life.medical": ("3", "2"),  # ongoing, improved
    "life.physical": ("2", "2"),  # ongoing
    "life.sleep": ("1", "3"),  # new
    "life.legal": ("u", "2"),  # nothing to compare with, and now needs action
    "life.recreational": ("2", "u"),
    "risk.runaway": ("2", "3"),  # ongoing, worsened
}
ITEMS = [item for item in INSTRUMENT.child_items if item.code in CHANGES]
BEFORE = {code: before for code, (before, _) in CHANGES.items()}
AFTER = {code: after for code, (_, after) in CHANGES.items()}


def test_what_needs_action_comes_first_and_what_is_the_same_last():
    assert [one.item.code for one in compare(ITEMS, BEFORE, AFTER)] == [
        "life.legal",
        "life.sleep",
        "life.living-situation",
        "strengths.interpersonal",
        "strengths.family",
        "trauma.neglect",
        "life.social-functioning",
        "life.recreational",
        "life.medical",
        "risk.runaway",
        "trauma.medical-trauma",
        "strengths.optimism",
        "life.physical",
    ]


def test_the_order_does_not_depend_on_the_order_given():
    assert compare(reversed(ITEMS), BEFORE, AFTER) == compare(ITEMS, BEFORE, AFTER)


def test_an_item_that_is_absent_is_unrated():
    [one] = compare([SLEEP], {}, {"life.sleep": "2"})
    assert (one.before, one.after, one.change, one.differs) == (".", "2", None, True)
    [one] = compare([SLEEP], {"life.sleep": "2"}, {})
    assert (one.before, one.after, one.change, one.differs) == ("2", ".", None, True)


def test_counts_are_of_items_and_ongoing_ones_are_told_apart():
    assert counts(compare(ITEMS, BEFORE, AFTER)) == Counter(
        {
            Change.NEW: 1,
            Change.MET: 1,
            Change.ONGOING: 3,
            Change.IMPROVED: 1,
            Change.WORSENED: 1,
            Change.BUILT: 1,
            Change.KEPT: 1,
            Change.LOST: 1,
            Change.REVEALED: 1,
            Change.NONE: 2,
        }
    )


def test_counts_of_nothing():
    assert counts([]) == Counter()
    assert counts(compare([SLEEP], {}, {}))[Change.NONE] == 0


def test_carried_unchanged_counts_what_is_rated_alike():
    assert carried_unchanged(ITEMS, BEFORE, AFTER) == 3
    assert carried_unchanged(ITEMS, AFTER, AFTER) == len(ITEMS)
    assert carried_unchanged([SLEEP], {"life.sleep": "."}, {"life.sleep": "."}) == 0
    assert carried_unchanged([SLEEP], {"life.sleep": "u"}, {"life.sleep": "u"}) == 1
    assert carried_unchanged([SLEEP], {}, {}) == 0


def names(items):
    return [item.name for item in items]


def test_a_profile_lists_items_by_what_to_do():
    found = profile(ITEMS, AFTER)
    assert names(found.act_now) == ["Sleep", "Runaway"]
    assert names(found.act) == ["Legal", "Medical", "Physical"]
    assert found.actionable == found.act_now + found.act
    assert names(found.watch) == ["Social Functioning"]
    assert names(found.usable) == ["Interpersonal", "Optimism"]
    assert names(found.to_build) == ["Family"]
    assert names(found.present) == ["Neglect"]
    assert names(found.unknown) == ["Recreational"]


@pytest.mark.parametrize(
    ("item", "places"),
    [
        (SLEEP, {"1": "watch", "2": "act", "3": "act_now", "u": "unknown"}),
        (SUPERVISION, {"1": "watch", "2": "act", "3": "act_now", "u": "unknown"}),
        (FAMILY, {"0": "usable", "1": "usable", "2": "to_build", "3": "to_build", "u": "unknown"}),
        (NEGLECT, {"1": "present", "2": "present", "3": "present", "u": "unknown"}),
    ],
    ids=["need", "caregiver", "strength", "exposure"],
)
@pytest.mark.parametrize("value", ["0", "1", "2", "3", "n", "u", ".", "", "12"])
def test_where_a_rating_stands_in_a_profile(item, places, value):
    filled = {field for field, items in vars(profile([item], {item.code: value})).items() if items}
    assert filled == ({places[value]} if value in places else set())


def test_an_empty_profile():
    assert not any(vars(profile(ITEMS, {})).values())


def test_a_profile_for_each_section_in_the_order_of_the_form():
    found = profile_by_section(ITEMS, AFTER)
    assert list(found) == ["trauma", "strengths", "life", "risk"]
    assert names(found["life"].act_now) == ["Sleep"]
    assert names(found["risk"].act_now) == ["Runaway"]
    assert found["trauma"].actionable == ()
    blocks = profile_by_section(INSTRUMENT.caregiver_items, {"caregiver.supervision": "2"})
    assert names(blocks["resources"].act) == ["Supervision"]
