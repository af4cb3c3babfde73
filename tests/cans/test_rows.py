"""The rows of the scoring form: nothing chosen beforehand, described, escaped, and each its own."""

import datetime
import re

import pytest

from cans import instrument
from cans.instrument import ItemKind
from cans.models import Assessment, Sheet
from cans.views import layout
from cans.views.rows import row_html

NUMBING = "stress.numbing"
DAY = datetime.date(2025, 2, 10)


@pytest.fixture(scope="module")
def items():
    rows, problems = instrument.parse(instrument.SHIPPED.read_text(encoding="utf-8"))
    assert not problems
    return instrument.Instrument("CANS 2.0", tuple(rows)).child_items


@pytest.fixture
def row(items):
    """A row of a sheet that is in no database, its one rating as given."""

    def made(value=".", code=NUMBING, sheet=7, **beside):
        item = next(item for item in items if item.code == code)
        text = "." * item.position + value + "." * (len(items) - item.position - 1)
        cans = Assessment(pk=3)
        return row_html(item, Sheet(pk=sheet, assessment=cans, ratings=text, size=len(items)), **beside)

    return made


def test_nothing_is_rated_until_a_person_rates_it(row):
    assert " checked" not in row()
    assert 'name="seen-7-stress.numbing" value="."' in row()


@pytest.mark.parametrize("value", ["0", "1", "2", "3", "u"])
def test_what_is_stored_is_chosen_and_nothing_else(row, value):
    html = row(value)
    assert re.findall(r'value="(.)" checked', html) == [value]
    assert f'name="seen-7-stress.numbing" value="{value}"' in html


def test_it_is_described_by_its_error_and_what_was_there_before(row):
    html = row(before="2", day=DAY, typed={"error": "Say more."})
    assert 'aria-describedby="error-7-stress.numbing was-7-stress.numbing"' in html
    assert "Was 2, act, on Mon 10 Feb 2025" in html
    assert "Say more." in html


def test_what_was_typed_stands_instead_of_what_is_stored(row):
    html = row("1", typed={"value": "3", "seen": "1", "note": "Mine.", "note_seen": ""})
    assert re.findall(r'value="(.)" checked', html) == ["3"]
    assert 'name="seen-7-stress.numbing" value="1"' in html
    assert ">Mine.</textarea>" in html


def test_what_people_wrote_is_escaped(row):
    evil = "<script>alert('x')</script>\"&"
    html = row(note=evil, typed={"error": evil, "note_seen": evil})
    assert "<script>" not in html
    assert html.count("&lt;script&gt;") == 3


def test_two_caregivers_have_rows_of_their_own(row):
    one, other = row(sheet=7), row(sheet=8)
    ids = [set(re.findall(r' (?:id|name)="([^"]+)"', html)) for html in (one, other)]
    assert not ids[0] & ids[1]


def test_no_mark_is_left_behind(row, items):
    for item in items:
        assert not re.search("[\ue000\ue001]", row(code=item.code, before="0", day=DAY, note="A note."))


def test_a_level_is_labelled_with_the_key_that_chooses_it():
    for kind in ItemKind:
        for value, label, _ in layout.levels(kind, na_allowed=True):
            assert label[0].lower() == value
