"""The arithmetic of the record: what is signed, with which key, and whether a run of events is whole.

No database: events and readings come as plain mappings, as they are stored.
"""

import datetime
import hashlib
import hmac
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import NoneType

START = "0" * 64  # what the first event of a chain follows
KEY = re.compile(r"([A-Za-z0-9_-]{1,16}):((?:[0-9A-Fa-f]{2}){32,})")

# What is signed. A row's own number is not: it is not known before the row is stored.
OF_EVENT = (
    "chain",
    "seq",
    "at",
    "kind",
    "action",
    "actor_number",
    "actor_label",
    "agency_number",
    "case_number",
    "subject",
    "detail",
    "key_id",
)
OF_READING = (
    "chain",
    "at",
    "page",
    "reader_number",
    "reader_label",
    "agency_number",
    "case_number",
    "children",
    "grant",
    "key_id",
)

Keys = Mapping[str, bytes]
Row = Mapping[str, object]


def keys_from(text: str) -> dict[str, bytes]:
    """The keys in “id:hex,id:hex”, the one for new rows first. Raises ValueError."""
    keys: dict[str, bytes] = {}
    for part in text.split(","):
        found = KEY.fullmatch(part.strip())
        if found is None or found[1] in keys:
            raise ValueError("A key is an id of its own, a colon, and 64 hexadecimal digits or more.")
        keys[found[1]] = bytes.fromhex(found[2])
    return keys


def newest(keys: Keys) -> str:
    """The id of the key that new rows are signed with."""
    return next(iter(keys))


def canonical(row: Row, names: Iterable[str]) -> bytes:
    """The one way to write these columns down, whatever the database made of them."""
    plain = {name: _plain(row[name]) for name in names}
    return json.dumps(plain, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode()


def event_mac(key: bytes, previous: str, row: Row) -> str:
    return _mac(key, previous.encode() + b"|" + canonical(row, OF_EVENT))


def reading_mac(key: bytes, row: Row) -> str:
    return _mac(key, canonical(row, OF_READING))


def stored_form(value: object) -> object:
    """What a JSON column gives back for this: lists for tuples, text for the keys of a mapping."""
    return json.loads(json.dumps(_plain(value)))


@dataclass(frozen=True)
class Fault:
    """The first thing wrong, by the number of the event, or of the reading, it is about."""

    number: int
    what: str


@dataclass
class Run:
    """Follows one chain from its beginning, an event at a time, in the order of their numbers."""

    keys: Keys
    seq: int = 0
    mac: str = START

    def follow(self, row: Row) -> Fault | None:
        expected = self.seq + 1
        number, mac = row["seq"], row["mac"]
        if not isinstance(number, int) or number < expected:
            return Fault(expected, f"is there a second time, or numbered {number}")
        if number > expected:
            gone = f"event {expected}" if number == expected + 1 else f"events {expected} to {number - 1}"
            return Fault(expected, f"is missing: {gone} deleted, the next there is {number}")
        if row["previous"] != self.mac:
            return Fault(expected, "does not follow the one before it")
        key = self.keys.get(str(row["key_id"]))
        if key is None:
            return Fault(expected, f"is signed with key “{row['key_id']}”, which is not among AUDIT_KEYS")
        if not hmac.compare_digest(event_mac(key, self.mac, row), str(mac)):
            return Fault(expected, "was changed, or was not written by the application")
        self.seq, self.mac = expected, str(mac)
        return None


def reading_fault(keys: Keys, row: Row) -> str:
    """What is wrong with one reading, or nothing."""
    key = keys.get(str(row["key_id"]))
    if key is None:
        return f"is signed with key “{row['key_id']}”, which is not among AUDIT_KEYS"
    if not hmac.compare_digest(reading_mac(key, row), str(row["mac"])):
        return "was changed, or was not written by the application"
    return ""


class Digest:
    """Of the macs of a range of readings, in the order of their numbers: what a seal keeps."""

    def __init__(self) -> None:
        self.count = 0
        self._hash = hashlib.sha256()

    def add(self, mac: str) -> None:
        self.count += 1
        self._hash.update(mac.encode())

    @property
    def text(self) -> str:
        return self._hash.hexdigest()


def _mac(key: bytes, content: bytes) -> str:
    return hmac.new(key, content, hashlib.sha256).hexdigest()


def _plain(value: object) -> object:
    if type(value) in {str, int, bool, NoneType}:
        return value  # nearly all of them, and asked for each column of each row
    if isinstance(value, datetime.datetime):
        return value.astimezone(datetime.UTC).isoformat(timespec="microseconds")
    if isinstance(value, Mapping):
        return {str(name): _plain(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    if isinstance(value, str):
        return str(value)  # one of Django's choices is a text with a label
    if isinstance(value, int):
        return int(value)
    # A fraction comes back from the databases in other figures, and would look changed.
    raise TypeError(f"The record keeps text, whole numbers, yes and no, not {value!r}.")
