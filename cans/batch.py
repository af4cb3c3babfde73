"""Reading what the scoring page's script sends: JSON that may hold anything at all."""

import json
import re
from dataclasses import dataclass

from .saving import Rating, Written

MOST_ENTRIES = 50
LARGEST = 1024 * 1024  # bytes: as many notes of the greatest length, and room to spare
KEY = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
RATING = {"sheet": int, "code": str, "seen": str, "value": str, "carried": bool}
NOTE = {"sheet": int, "code": str, "seen": str, "text": str}


class Unreadable(ValueError):
    """With a sentence that says why nothing of it could be read."""


@dataclass(frozen=True)
class Batch:
    key: str
    by: int
    ratings: list
    notes: list


def read(body, key):
    """The Batch in the body of a request that came with this `Idempotency-Key`. Raises Unreadable."""
    key = key.lower()
    if not KEY.fullmatch(key):
        raise Unreadable("The header Idempotency-Key must be a UUID, a new one for each batch.")
    if len(body) > LARGEST:
        raise Unreadable("This is too much to save at once.")
    try:
        sent = json.loads(body)
    except (ValueError, RecursionError):
        raise Unreadable("This is not JSON.") from None
    if not isinstance(sent, dict) or type(sent.get("by")) is not int:
        raise Unreadable("The page did not say who is saving. Load it again.")
    ratings = [Rating(**one) for one in _entries(sent, "ratings", RATING)]
    notes = [Written(**one) for one in _entries(sent, "notes", NOTE)]
    if not ratings and not notes:
        raise Unreadable("There is nothing to save in this.")
    return Batch(key, sent["by"], ratings, notes)


def _entries(sent, name, fields):
    """The entries under this name, each with exactly these fields, of exactly these types."""
    entries = sent.get(name, [])
    if not isinstance(entries, list):
        raise Unreadable(f"The {name} must be a list.")
    if len(entries) > MOST_ENTRIES:
        raise Unreadable(f"There are more than {MOST_ENTRIES} {name}. Send them in several batches.")
    for number, one in enumerate(entries, start=1):
        if not isinstance(one, dict) or {field: type(value) for field, value in one.items()} != fields:
            raise Unreadable(f"Number {number} of the {name} is not as it should be. Load the page again.")
    return entries
