"""The arithmetic by itself: no database."""

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.chain import (
    OF_EVENT,
    START,
    Digest,
    Run,
    canonical,
    event_mac,
    keys_from,
    newest,
    reading_fault,
    reading_mac,
    stored_form,
)

KEYS = keys_from(f"one:{'0a' * 32}, two:{'0B' * 40}")
AT = datetime.datetime(2026, 3, 8, 8, 30, tzinfo=datetime.UTC)


def chain_of(*actions, key_id="one"):
    rows, mac = [], START
    for seq, action in enumerate(actions, start=1):
        row = dict.fromkeys(OF_EVENT, None) | {"seq": seq, "action": action, "key_id": key_id, "at": AT}
        row |= {"previous": mac, "mac": event_mac(KEYS[key_id], mac, row)}
        mac = row["mac"]
        rows.append(row)
    return rows


def first_fault(rows, keys=KEYS):
    run = Run(keys)
    return next(filter(None, map(run.follow, rows)), None)


def test_keys_are_read_in_their_order():
    assert list(KEYS) == ["one", "two"]
    assert newest(KEYS) == "one"
    assert KEYS["two"] == b"\x0b" * 40


@pytest.mark.parametrize(
    "text",
    [
        "",
        "one",
        "one:",
        f"one:{'0a' * 31}",
        f"one:{'0a' * 32}0",
        f":{'0a' * 32}",
        f"o ne:{'0a' * 32}",
        f"{'o' * 17}:{'0a' * 32}",
        f"one:{'0g' * 32}",
        f"one:{'0a' * 32},",
        f"one:{'0a' * 32},one:{'0b' * 32}",
    ],
)
def test_what_is_no_key(text):
    with pytest.raises(ValueError, match="64 hexadecimal digits"):
        keys_from(text)


def test_one_moment_in_any_zone_is_written_alike():
    chicago = AT.astimezone(datetime.timezone(-datetime.timedelta(hours=6)))
    assert canonical({"at": AT}, ["at"]) == canonical({"at": chicago}, ["at"])
    assert canonical({"at": AT}, ["at"]) == b'{"at":"2026-03-08T08:30:00.000000+00:00"}'


def test_what_is_not_named_is_not_signed_and_what_is_missing_is_noticed():
    assert canonical({"a": 1, "b": 2}, ["a"]) == b'{"a":1}'
    with pytest.raises(KeyError):
        canonical({"b": 2}, ["a"])


plain = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


def alike(one, other):
    """Equal, and a number is not taken for yes or no."""
    if type(one) is not type(other):
        return False
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(alike(one[name], other[name]) for name in one)
    if isinstance(one, list):
        return len(one) == len(other) and all(map(alike, one, other))
    return one == other


@given(plain, plain)
def test_two_things_are_written_alike_only_if_they_are_alike(one, other):
    assert (canonical({"a": one}, ["a"]) == canonical({"a": other}, ["a"])) == alike(one, other)
    assert alike(stored_form(one), one)


def test_a_whole_chain_and_one_in_which_the_keys_change():
    assert first_fault(chain_of("a", "b", "c")) is None
    run = Run(KEYS)
    for row in chain_of("a", "b"):
        assert run.follow(row) is None
    assert (run.seq, run.mac) == (2, chain_of("a", "b")[1]["mac"])


@pytest.mark.parametrize(
    ("breaks", "number", "says"),
    [
        (lambda rows: rows[1].update(action="other"), 2, "was changed"),
        (lambda rows: rows.pop(1), 2, "event 2 deleted, the next there is 3"),
        (lambda rows: (rows.pop(1), rows.pop(1)), 2, "events 2 to 3 deleted, the next there is 4"),
        (lambda rows: rows.insert(2, rows[1]), 3, "a second time, or numbered 2"),
        (lambda rows: rows[2].update(previous=rows[0]["mac"]), 3, "does not follow"),
        (lambda rows: rows[2].update(key_id="three"), 3, "key “three”, which is not among AUDIT_KEYS"),
        (lambda rows: rows[2].update(key_id="two"), 3, "was changed"),
        (lambda rows: rows[3].update(mac="0" * 64), 4, "was changed"),
        (lambda rows: rows[0].update(seq=0), 1, "numbered 0"),
    ],
)
def test_the_first_fault(breaks, number, says):
    rows = chain_of("a", "b", "c", "d")
    breaks(rows)
    fault = first_fault(rows)
    assert fault.number == number
    assert says in fault.what


def test_the_mac_rests_on_the_key_on_the_one_before_and_on_every_column():
    (row,) = chain_of("a")
    changed = [row | {name: "other"} for name in OF_EVENT if name != "at"] + [
        row | {"at": AT.replace(year=2027)}
    ]
    macs = [event_mac(KEYS["one"], START, one) for one in [row, *changed]]
    macs += [event_mac(KEYS["one"], "f" * 64, row), event_mac(KEYS["two"], START, row)]
    assert len(set(macs)) == len(macs) == len(OF_EVENT) + 3


def test_a_reading_signs_itself():
    names = ("at", "page", "reader_label", "grant", "chain", "reader_number", "agency_number", "case_number")
    row = dict.fromkeys(names, "x") | {"children": [1, 2], "key_id": "two"}
    row["mac"] = reading_mac(KEYS["two"], row)
    assert reading_fault(KEYS, row) == ""
    assert "was changed" in reading_fault(KEYS, row | {"children": [1]})
    assert "was changed" in reading_fault(KEYS, row | {"key_id": "one"})
    assert "“three”" in reading_fault(KEYS, row | {"key_id": "three"})


def test_a_digest_knows_how_many_and_in_which_order():
    def of(*macs):
        digest = Digest()
        for mac in macs:
            digest.add(mac)
        return digest.count, digest.text

    assert of("a", "b") == of("a", "b")
    assert len({of(), of("a"), of("a", "b"), of("b", "a"), of("a", "b", "a")}) == 5
