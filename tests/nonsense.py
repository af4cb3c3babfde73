"""What people, mistakes and attackers type: random values for any field of any form."""

import datetime
import re

from django.core.files.uploadedfile import SimpleUploadedFile
from hypothesis import strategies as st

from cans.instrument import SHIPPED
from staff.dates import today

ANY_CHARACTER = st.characters(exclude_categories=["Cs"])
TEXTS = [
    "",
    " ",
    "\x00",
    "a\x00b",
    "\x1b[31m",
    "\ufeff",
    "\u202eabc\u202c",
    "مرحبا بالعالم",
    "👩‍👩‍👧‍👦" * 40,
    "e\u0301\u0327" * 50,
    "x" * 10_000,
    "é" * 401,
    "two\r\nlines",
    "' OR 1=1 --",
    "%s %(a)s %d %",
    "100%_\\",
    "{{ request }}{% load x %}",
    "<script>alert(1)</script>",
    '"><b>',
    "&lt;&amp;",
    "\u2028\u2029",
]
NUMBERS = [
    *(
        "0",
        "-1",
        "-0",
        "1.5",
        "1e309",
        "nan",
        "inf",
        "0x10",
        "1_000",
        "\uff11\uff12",
        "\u0663",
        " 7 ",
        "+7",
        "9" * 5000,
    ),
    *(str(sign * 2**power + step) for power in (15, 31, 63, 70) for sign in (1, -1) for step in (-1, 0)),
]
DATES = [
    *("0001-01-01", "0001-02-15", "9999-12-31", "9999-06-30", "2025-02-30", "2025-13-01", "2024-02-29"),
    *("1899-12-31", "1900-01-01", "1900-01-20", "2099-12-31", "2100-01-01", "2099-10-01"),
    *("31/12/2025", "12/31/2025", "20250101", "10000-01-01", "2025-W01-1", "today", "2025-01-01T00:00:00Z"),
]

texts = st.one_of(st.sampled_from(TEXTS), st.text(ANY_CHARACTER, max_size=60))
numbers = st.one_of(st.sampled_from(NUMBERS), st.integers().map(str))
near_days = st.integers(-400, 400).map(lambda n: (today() + datetime.timedelta(days=n)).isoformat())
dates = st.one_of(st.sampled_from(DATES), near_days, st.dates().map(lambda day: day.isoformat()))
FILES = [
    b"",
    b"\x00\xff\xfe",
    b"subject\tcode\n",
    SHIPPED.read_bytes()[:3000],
    SHIPPED.read_bytes().replace(b"\t", b","),
    SHIPPED.read_bytes() + b"x\t" * 500 + b"\n",
]
files = st.one_of(st.sampled_from(FILES), st.binary(max_size=200)).map(lambda content: upload(content))

# The name of a field travels in a header where a file is sent; one longer than that is no form any more.
LONGEST_NAME = 100
# What belongs into fields of these names; in others a few plain words.
FITTING = {
    "number": "A-77",
    "person_number": "P-77",
    "lan": "7",
    "username": "plainly.invented",
    "email": "plainly@invented.example",
}


def upload(content, name="sheet.tsv"):
    return SimpleUploadedFile(name, content)


def fitting(one):
    """A value that a careful person would give in this field."""
    if one.kind == "file":
        return [upload(SHIPPED.read_bytes())]
    if one.kind == "checkbox" and len(one.options) == 1:
        return one.values
    if re.search(r"_\d+$", one.name):  # about one child among several: may be left alone
        return one.values
    if one.kind in {"select", "radio", "checkbox"}:
        return one.values if any(one.values) else [value for value in one.options if value][:1]
    if any(one.values):
        return one.values
    if one.kind == "date":
        return [today().isoformat()]
    return [FITTING.get(one.name, "Plainly invented words")]


def fittings(one):
    if one.kind in {"select", "radio", "checkbox"}:
        return st.sampled_from([[], *([value] for value in one.options)])
    if one.kind == "date":
        return near_days.map(lambda day: [day])
    return st.just(fitting(one))


def nonsense(one, numbers_elsewhere):
    """Anything at all; `numbers_elsewhere` are those of rows that are not this person's."""
    if one.kind == "file":
        return files.map(lambda file: [file])
    any_one = st.one_of(dates, texts, numbers, st.sampled_from(numbers_elsewhere))
    likely = {"date": dates, "number": numbers, "select": st.sampled_from(numbers_elsewhere)}
    value = st.one_of(likely.get(one.kind, texts), any_one)
    return st.one_of(value.map(lambda only: [only]), st.lists(value, max_size=3))


@st.composite
def filled(draw, fields, numbers_elsewhere):
    """A form sent: most of it as a careful person would, up to six fields with nonsense or left out."""
    sent = {name: fitting(one) for name, one in fields.items() if one.kind != "button"}
    names = sorted(fields)
    if names:
        careful = draw(st.lists(st.sampled_from(names), max_size=3, unique=True))
        careless = draw(st.lists(st.sampled_from(names), max_size=6, unique=True))
        for name in careful:
            sent[name] = draw(fittings(fields[name]))
        for name in careless:
            sent[name] = draw(nonsense(fields[name], numbers_elsewhere))
    if draw(st.booleans()):
        sent[draw(texts)[:LONGEST_NAME]] = [draw(texts)]
    return sent
