"""What was committed, said outside the database too: a cut-off tail or a restored old backup cannot
be seen from within. A line each: when, event or reading, which chain, its number, its mac.
"""

import datetime
import logging
import os
import re
from dataclasses import dataclass
from itertools import islice

from django.conf import settings
from django.db import transaction

LINE = re.compile(r"(\S+) (event|reading) (\d{1,18}) (\d{1,18}) ([0-9a-f]{64})\n")
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Anchor:
    at: str
    kind: str
    chain: int
    number: int
    mac: str


def after_commit(kind, chain, number, mac):
    """Append the line once the transaction is committed. It fails loudly, and undoes nothing."""
    transaction.on_commit(lambda: _append(kind, chain, number, mac), robust=True)


def _append(kind, chain, number, mac):
    at = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
    line = f"{at} {kind} {chain} {number} {mac}\n".encode()
    try:
        # Unbuffered and in append mode, so that the lines of two processes never mix.
        with open(settings.AUDIT_ANCHORS, "ab", buffering=0, opener=_private) as file:
            if file.write(line) != len(line):
                raise OSError("only a part of the line was written")
    except OSError:
        log.critical(
            "NOT ANCHORED: %s %s of chain %s. See AUDIT_ANCHORS.", kind, number, chain, exc_info=True
        )


def _private(path, flags):
    return os.open(path, flags, 0o600)


def batches(path, size=1000):
    """The anchors of a file, so many at a time, each with the numbers of the lines that are none."""
    with open(path, encoding="utf-8", errors="replace", newline="\n") as file:
        numbered = enumerate(file, start=1)
        while lines := list(islice(numbered, size)):
            found = [(number, LINE.fullmatch(line)) for number, line in lines]
            unreadable = [number for number, match in found if match is None]
            yield [_anchor(match) for _, match in found if match], unreadable


def _anchor(match):
    at, kind, chain, number, mac = match.groups()
    return Anchor(at, kind, int(chain), int(number), mac)
