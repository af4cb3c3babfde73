"""The lines of a child's domains over their CANS: what is counted, and what is drawn of it."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from cans.course import Rated, lines
from cans.instrument import SHIPPED, Instrument, applicable_child_items, parse

INSTRUMENT = Instrument("CANS 2.0", tuple(parse(SHIPPED.read_text(encoding="utf-8"))[0]))
ITEMS = applicable_child_items(INSTRUMENT, early=False, transition=False)
WITH_EARLY = applicable_child_items(INSTRUMENT, early=True, transition=False)


DAY = date(2026, 1, 5)


def rated(items=ITEMS, **ratings):
    """Everything 0 but strengths, which are 3: nothing to act on, to use, or that happened."""
    plain = {item.code: "3" if item.domain == "strengths" else "0" for item in items}
    return Rated(
        items, plain | {code.replace("_", ".", 1).replace("_", "-"): v for code, v in ratings.items()}, DAY
    )


def by_title(course, after=None):
    """So many days after the first; without them, each ten days after the one before."""
    after = after or [10 * place for place in range(len(course))]
    dated = [replace(one, on=DAY + timedelta(days=days)) for one, days in zip(course, after, strict=True)]
    return {line.title: line for line in lines(dated)}


def test_nothing_without_a_cans():
    assert lines([]) == ()


def test_every_domain_of_the_last_cans_in_the_form_s_order():
    found = [(line.title, line.counted) for line in lines([rated(WITH_EARLY), rated()])]
    assert found == [
        ("Trauma exposure", "exposures"),
        ("Traumatic stress symptoms", "actionable needs"),
        ("Child strengths", "usable strengths"),
        ("Life domain functioning", "actionable needs"),
        ("Acculturation", "actionable needs"),
        ("Behavioral and emotional needs", "actionable needs"),
        ("Risk behaviors", "actionable needs"),
    ]


@pytest.mark.parametrize(
    ("code", "title", "counts"),
    [
        ("life_sleep", "Life domain functioning", {"0": 0, "1": 0, "2": 1, "3": 1, "u": 0}),
        ("strengths_family", "Child strengths", {"0": 1, "1": 1, "2": 0, "3": 0, "u": 0}),
        ("trauma_neglect", "Trauma exposure", {"0": 0, "1": 1, "2": 1, "3": 1, "u": 0}),
    ],
)
def test_what_counts(code, title, counts):
    found = by_title([rated(**{code: rating}) for rating in counts])[title]
    assert found.counts == tuple(counts.values())


def test_oldest_first():
    worse = rated(life_sleep="2", life_living_situation="3")
    line = by_title([worse, rated(life_sleep="2"), rated()])["Life domain functioning"]
    assert line.counts == (2, 1, 0)
    assert line.words == "2, 1, 0"


def test_a_domain_that_was_not_rated_is_no_zero():
    line = by_title([rated(WITH_EARLY), rated(), rated(WITH_EARLY)])["Early childhood"]
    assert line.counts == (0, None, 0)
    assert line.words == "0, not rated, 0"
    assert line.path == "M4 28M52 28"  # nothing is drawn across what is not known
    assert line.dots == "M4 28h0M52 28h0"


def test_all_are_drawn_on_one_scale():
    most = rated(life_sleep="3", life_living_situation="2", risk_suicide_risk="3")
    found = by_title([rated(), most])
    assert found["Life domain functioning"].path == "M4 28L28 4"
    assert found["Risk behaviors"].path == "M4 28L28 16"
    assert {line.width for line in found.values()} == {32}
    assert {line.height for line in found.values()} == {32}


@pytest.mark.parametrize(
    ("after", "path"), [([0, 10, 40], "M4 28L16 28L52 4"), ([0, 0, 0], "M4 28L4 28L4 4")]
)
def test_what_lies_far_apart_stands_far_apart(after, path):
    found = by_title([rated(), rated(), rated(life_sleep="3")], after)
    assert found["Life domain functioning"].path == path
