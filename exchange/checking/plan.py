"""What a file would do: all that is wrong with it by line and column, and all that would be new."""

import hashlib
import hmac
from collections import Counter, defaultdict
from dataclasses import dataclass, field

from django.core.exceptions import ValidationError
from django.core.signing import BadSignature, Signer

from .cells import Wrong, meaning

# In the order in which they are stored.
KINDS = {
    "accounts": "accounts",
    "lines": "supervisory lines",
    "people": "people without an account here",
    "cases": "cases",
    "episodes": "openings of a case",
    "extensions": "extensions",
    "assignments": "assignments",
    "children": "children",
    "stays": "stays of a child in a case",
    "statuses": "placements, goals and legal statuses",
    "adults": "adults",
    "collaterals": "collaterals",
    "caregivings": "caregivers of a child",
    "services": "services",
    "cans": "approved CANS",
    "waivers": "waived due dates",
}
MOST_SAID = 200
OTHERWISE = "On record it is {}. An import never changes what is on record: correct the file, or the record."
ELSEWHERE = "On record it is otherwise, in a case that you do not see. Ask the coordinator it belongs to."
HIDDEN = "This number exists already, where you cannot see it. Ask the coordinator it belongs to."


@dataclass(frozen=True)
class Said:
    """What is wrong with one cell."""

    sheet: str
    line: int
    column: str
    sentence: str


@dataclass
class Plan:
    by: object
    new: dict = field(default_factory=lambda: {kind: [] for kind in KINDS})
    same: Counter = field(default_factory=Counter)
    wrong: list = field(default_factory=list)
    touched: dict = field(default_factory=dict)  # number → a case on record that gets something new
    receiver: object = None  # of a case that came as a document
    left_out: list = field(default_factory=list)  # sentences about what is not taken over
    sha256: str = ""
    hidden: int = 0  # how many of its numbers are of cases and people whom its sender may not see

    @property
    def counts(self):
        return {kind: len(rows) for kind, rows in self.new.items() if rows}

    @property
    def counted_as(self):
        """What a line is called: a document has no lines, but entries of a list."""
        return "entry" if self.receiver else "line"

    @property
    def said(self):
        """The first of what is wrong, as many as anybody reads."""
        return self.wrong[:MOST_SAID]

    @property
    def unsaid(self):
        return len(self.wrong) - len(self.said)

    @property
    def told(self):
        """(words, how many would be new, how many are on record) of each kind there is any of."""
        return [
            (words, len(self.new[kind]), self.same[kind])
            for kind, words in KINDS.items()
            if self.new[kind] or self.same[kind]
        ]

    def seal(self):
        """Signed, so that what is confirmed is what was shown, to this person, and nothing else."""
        return _signer(self.by).sign(self._digest())

    def is_sealed_by(self, seal):
        try:
            return hmac.compare_digest(_signer(self.by).unsign(seal), self._digest())
        except BadSignature:
            return False

    def _digest(self):
        to = self.receiver.pk if self.receiver else ""
        shown = (
            f"{self.sha256} {to} {sorted(self.counts.items())} {sorted(self.same.items())} {len(self.wrong)}"
        )
        return hashlib.sha256(shown.encode()).hexdigest()


def was_shown_to(person, seal):
    """Whether it is a seal of what was shown to this person, whatever that was."""
    try:
        return bool(_signer(person).unsign(seal))
    except BadSignature:
        return False


def _signer(person):
    return Signer(salt=f"case import by {person.pk}")


class Lines:
    """One sheet's lines, each told of by column."""

    def __init__(self, plan, table):
        self.plan, self.table, self.name = plan, table, table.sheet.name
        self.columns = [(column, table.places.get(column.name)) for column in table.sheet.columns]

    def __iter__(self):
        """Those whose cells can be read, one by one."""
        for row in self.table.rows:
            given, fine = {}, True
            for column, place in self.columns:
                try:
                    given[column.name] = meaning(column, "" if place is None else row.cells[place])
                except Wrong as why:
                    self.say(row.line, column.name, str(why))
                    fine = False
            if fine:
                yield Line(self, row, given)

    def say(self, line, column, sentence):
        self.plan.wrong.append(Said(self.name, line, column, sentence))


class Line:
    """A line's cells by column, as `line["opened"]`; `fine` until something was said about it."""

    def __init__(self, lines, row, given):
        self.lines, self.row, self.given, self.fine = lines, row, given, True

    def __getitem__(self, column):
        return self.given[column]

    def say(self, column, sentence):
        """Nothing where there is no sentence."""
        if sentence:
            self.fine = False
            self.lines.say(self.row.line, column, sentence)

    def values(self, *columns):
        return {column: self.given[column] for column in columns}

    def clean(self, made, columns=None):
        """The checks of the row's own fields; `columns` says which column a field is in, if another."""
        foreign = [one.name for one in made._meta.fields if one.is_relation or one.primary_key]
        try:
            made.clean_fields(exclude=foreign)
        except ValidationError as wrong:
            for name, sentences in wrong.message_dict.items():
                for sentence in sentences:
                    self.say((columns or {}).get(name, name), sentence)
        return made

    def is_as_on_record(self, kept, made, columns, *, told=True):
        """Whether they say the same in these columns; a sentence for each where not. `told`: with what is
        on record, which not everybody who may name the row may read."""
        for name, column in columns.items():
            there, here = getattr(kept, name), getattr(made, name)
            if there != here:
                self.say(column, OTHERWISE.format(_shown(there)) if told else ELSEWHERE)
        return self.fine

    def meet(self, kind, kept, made, columns, *, told=True):
        """The row that is meant: the one on record, or in the file before, where there is one."""
        if not self.fine:
            return None
        if kept is None:
            self.lines.plan.new[kind].append(made)
            return made
        if self.is_as_on_record(kept, made, columns, told=told):
            self.lines.plan.same[kind] += kept.pk is not None
            return kept
        return None


def _shown(value):
    if value is None or value == "":
        return "empty"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"“{value}”"


def grouped(rows, key):
    found = defaultdict(list)
    for row in rows:
        found[key(row)].append(row)
    return found
