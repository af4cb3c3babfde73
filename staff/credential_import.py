"""Credentials from a CSV file: what each line says, what is wrong with it, and what would be recorded."""

import csv
import datetime
import hashlib
import hmac
import io
import json
import unicodedata
from dataclasses import dataclass, field

from django.core.signing import BadSignature, Signer

from .dates import today, written
from .gate import CANS_2_START
from .models import Credential, User
from .policy import WORKERS

COLUMNS = ("user_name", "kind", "date", "evidence")
MAX_BYTES = 250_000
MAX_LINES = 1_000
KINDS = set(Credential.Kind.values)
FORMATS = ("%Y-%m-%d", "%m/%d/%Y")
LONGEST = 200  # characters of evidence, as the column has it
FORMULA = ("=", "+", "-", "@")
CHANGED = "This is not what was checked, or something changed since. Look at it again."


class Unreadable(Exception):
    """The file as a whole cannot be read. Its text is a sentence fit to show."""


@dataclass
class Line:
    """`wrong` are (column, sentence); `skipped` says why there is nothing to do."""

    number: int
    cells: dict
    person: User | None = None
    kind: str = ""
    on: datetime.date | None = None
    skipped: str = ""
    wrong: list = field(default_factory=list)

    @property
    def evidence(self):
        return self.cells["evidence"]

    @property
    def kind_words(self):
        return Credential.Kind(self.kind).label

    def outcome(self):
        """All of it that would be done, and all that was said about it."""
        person = self.person and self.person.pk
        day = self.on and self.on.isoformat()
        return [self.number, person, self.kind, day, self.evidence, self.skipped, self.wrong]


@dataclass(frozen=True)
class Plan:
    lines: tuple

    @property
    def new(self):
        return [line for line in self.lines if not line.wrong and not line.skipped]

    @property
    def skipped(self):
        return [line for line in self.lines if line.skipped and not line.wrong]

    @property
    def wrong(self):
        return [line for line in self.lines if line.wrong]

    @property
    def digest(self):
        told = json.dumps([line.outcome() for line in self.lines])
        return hashlib.sha256(told.encode()).hexdigest()

    def seal(self, *, by):
        """Signed, so that what is confirmed is what was shown, to this person, and nothing else."""
        return _signer(by).sign(self.digest)

    def is_sealed_by(self, seal, *, by):
        try:
            return hmac.compare_digest(_signer(by).unsign(seal), self.digest)
        except BadSignature:
            return False


def decoded(content):
    """The text of an uploaded file."""
    if len(content) > MAX_BYTES:
        raise Unreadable(f"The file is larger than {MAX_BYTES // 1000} KB. Split it.")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Unreadable("The file is not text in UTF-8. Save it as “CSV UTF-8”.") from None


def check(text, *, by):
    """What the text would do today, line by line, for the administrator `by`. Writes nothing."""
    lines = _lines(text)
    people = _people(lines, by)
    for line in lines:
        _read(line, people, by)
    _compare_with_record(lines)
    _compare_with_each_other(lines)
    return Plan(tuple(lines))


def _signer(by):
    return Signer(salt=f"credential import by {by.pk}")


def _lines(text):
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    if not text.strip():
        raise Unreadable("There is nothing in it.")
    if len(text.encode("utf-8", "replace")) > MAX_BYTES:
        raise Unreadable(f"This is more than {MAX_BYTES // 1000} KB. Split it.")
    heading = text.split("\n", 1)[0]
    reader = csv.reader(
        io.StringIO(text, newline=""), delimiter="\t" if "\t" in heading else ",", strict=True
    )
    try:
        return _numbered(reader)
    except csv.Error:
        raise Unreadable(f"Line {reader.line_num}: the quotation marks do not match.") from None


def _numbered(reader):
    names = tuple(cell.strip().lower() for cell in next(reader))
    if sorted(names) != sorted(COLUMNS):
        raise Unreadable(f"The first line must name the columns: {', '.join(COLUMNS)}.")
    lines, first = [], reader.line_num + 1
    for row in reader:
        if any(cell.strip() for cell in row):
            lines.append(_line(first, names, row))
        first = reader.line_num + 1
        if len(lines) > MAX_LINES:
            raise Unreadable(f"There are more than {MAX_LINES} lines. Split the file.")
    if not lines:
        raise Unreadable("There is no line below the names of the columns.")
    return lines


def _line(number, names, row):
    cells = dict.fromkeys(COLUMNS, "") | {name: cell.strip() for name, cell in zip(names, row, strict=False)}
    line = Line(number, cells)
    if len(row) != len(names):
        line.wrong.append(("the line", f"It has {len(row)} cells, not {len(names)}."))
    for name, cell in cells.items():
        if any(unicodedata.category(one) in {"Cc", "Cs"} for one in cell):
            line.wrong.append((name, "It holds a line break or a character that cannot be shown."))
        elif cell.startswith(FORMULA):
            line.wrong.append((name, "It looks like a formula. Write it without the sign in front."))
    return line


def _people(lines, by):
    """Only the administrator's own: a user name of another agency is as unknown as one that is free."""
    names = {line.cells["user_name"] for line in lines if not line.wrong}
    found = User.objects.visible_to(by).filter(username__in=names).prefetch_related("credentials")
    return {person.username: person for person in found}


def _read(line, people, by):
    """Each cell by itself. A line that cannot be read at all is not looked at further."""
    if line.wrong:
        return
    line.person = people.get(line.cells["user_name"])
    if line.person is None:
        line.wrong.append(("user_name", "Nobody of your agency has this user name."))
    elif line.person.pk == by.pk:
        line.wrong.append(("user_name", "Nobody records their own credentials."))
    elif line.person.role not in WORKERS:
        line.wrong.append(("user_name", "Only clinicians and supervisors need credentials."))
    line.kind = line.cells["kind"].lower()
    if line.kind not in KINDS:
        line.wrong.append(("kind", "Write certification or training."))
    line.on = _day(line.cells["date"])
    if sentence := _wrong_day(line):
        line.wrong.append(("date", sentence))
    if not line.evidence:
        line.wrong.append(("evidence", "Say what was seen, as: certificate number, training record."))
    elif len(line.evidence) > LONGEST:
        line.wrong.append(("evidence", f"It is longer than {LONGEST} characters."))


def _wrong_day(line):
    if line.on is None:
        return "Write a day as 2025-03-31 or 03/31/2025."
    if line.on > today():
        return "This day is still to come."
    if line.kind == Credential.Kind.CERTIFICATION and line.on < CANS_2_START:
        return f"Before {written(CANS_2_START)} there was no CANS 2.0 to be certified in."
    return ""


def _day(cell):
    for form in FORMATS:
        try:
            return datetime.datetime.strptime(cell, form).date()
        except ValueError:
            continue
    return None


def _compare_with_record(lines):
    for line in lines:
        if not line.wrong:
            rows = [
                row for row in line.person.credentials.all() if (row.kind, row.on) == (line.kind, line.on)
            ]
            if any(row.withdrawn_at is None for row in rows):
                line.skipped = "On record already."
            elif rows:
                line.skipped = "Withdrawn as wrong before. If it is right after all, record it by hand."


def _compare_with_each_other(lines):
    first = {}
    for line in lines:
        if not line.wrong:
            other = first.setdefault((line.person.pk, line.kind, line.on), line)
            if other is not line:
                line.wrong.append(("the line", f"It says the same as line {other.number}."))
