"""Count = list = file: every number of every page is opened, and the rows behind it are counted, and held row
by row against both files."""

import csv
import datetime
import io
import logging
import os
import re
from collections import Counter
from html.parser import HTMLParser
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

import openpyxl
import pytest
from django.core.management import call_command
from django.test import Client

from reports.export import neutral
from staff.models import User

from .forms_world import undone

pytestmark = [pytest.mark.django_db, pytest.mark.once, pytest.mark.proof, pytest.mark.xdist_group("numbers")]

# An ordinary run opens every seventh number, of one page of each shape; the short proof opens all of them,
# and the long one those of three pages of each shape, asked two things at once.
PROFILE = os.environ.get("HYPOTHESIS_PROFILE", "ordinary")
LEAP = 7 if PROFILE == "ordinary" else 1
LONG = PROFILE == "proof"
OF_A_SHAPE, ASKED = (3, 2) if LONG else (1, 1)

# How a list is laid out or which list it is; what else an address asks narrows it to the rows of a number.
WAYS = {"by", "within", "months", "show"}
# What is left: a file, the way out, paper to fill in, and what is about one record and has nothing of a list.
LEFT = re.compile(r"/(csv|xlsx|logout|blank)/|^/(audit|cans)/\d|\.(xlsx|ics|json)$")
COUNT = re.compile(r"(?:All )?([\d,]+)(?!\S|\s*days? to|\s*days, the)")
NO_COUNT = {"Days late", "Days left", "Days", "Case", "Number", "facts"}  # lengths of time, and names
IN_THE_ROW = {"Items named", "plain-list course"}  # on the CANS that the row leads to
ABOVE_ITS_ROWS = {"tag tone-warn", "tag tone-bad"}  # which stand below it, every one
OF_A_CANS = re.compile(r"\d+ \w{3} \d{4}")  # the column of one, in a child's course


class Page(HTMLParser):
    """`links` are [address, words]; `unopened` the (where, number) that lead nowhere: the column of a table,
    or the class of what it stands in; `tables` the words of each row, table by table."""

    def __init__(self, text):
        super().__init__()
        self.links, self.unopened, self.within, self.tables = [], [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.within.append((tag, dict(attrs)))
        if tag == "tbody":
            self.tables.append([])
        if tag == "tr" and any(tag == "tbody" for tag, _ in self.within):
            self.tables[-1].append("")
        if tag == "a":
            self.links.append([dict(attrs).get("href", ""), ""])

    def handle_endtag(self, tag):
        while self.within and self.within.pop()[0] != tag:
            pass

    def handle_data(self, data):
        if any(tag == "tr" for tag, _ in self.within) and any(tag == "tbody" for tag, _ in self.within):
            self.tables[-1][-1] += data
        if any(tag in ("script", "style", "option", "svg", "nav", "time") for tag, _ in self.within):
            return
        if any(tag == "a" for tag, _ in self.within):
            self.links[-1][1] += data
        elif data.strip().isdigit() and int(data):
            columns = [given["data-label"] for _, given in self.within if "data-label" in given]
            where = columns or [given["class"] for _, given in self.within if given.get("class")]
            self.unopened.append((where[-1] if where else "", data.strip()))

    def numbers(self):
        """The links that say how many rows they open."""
        for address, words in self.links:
            if found := COUNT.match(" ".join(words.split())):
                yield address, int(found[1].replace(",", ""))

    def files(self):
        """The addresses of the CSV and of the workbook of these rows; none where there is none."""
        return [address for address, _ in self.links if re.search("/(csv|xlsx)/", address)]


@pytest.fixture(scope="module")
def sample(django_db_setup, django_db_blocker):
    logging.disable(logging.CRITICAL)
    with django_db_blocker.unblock(), undone():
        call_command("load_sample", stdout=io.StringIO())
        yield {}
    logging.disable(logging.NOTSET)


@pytest.fixture
def browser(sample, person):
    browser = Client()
    browser.force_login(User.objects.get(username=person))
    return browser


@pytest.fixture
def pages(sample, person, browser):
    if person not in sample:
        sample[person] = pages_for(browser)
    return sample[person]


def pages_for(browser):
    """address → page, of all that this person reaches, laid out each way it can be; of the pages of a record,
    and of those narrowed by a filter or of one supervisor, a few of each shape."""
    found, ahead, seen = {}, ["/"], Counter()
    while ahead:
        address = ahead.pop()
        if (shape := shape_of(address)) and seen[shape] == OF_A_SHAPE:
            continue
        seen[shape] += 1
        answer = browser.get(address)
        if answer.status_code != 200 or not answer["Content-Type"].startswith("text/html"):
            continue
        found[address] = Page(answer.content.decode())
        for href, _ in found[address].links:
            there = urlsplit(joined(address, href))
            asked = [key for key, _ in parse_qsl(there.query)]
            leaves = there.netloc or LEFT.search(there.path) or "page" in asked
            if not leaves and len(asked) <= ASKED:
                ahead.append(there._replace(fragment="").geturl())
        ahead = sorted(one for one in set(ahead) if one not in found)
    return found


def joined(address, href):
    """As a browser does, for which "?" asks nothing."""
    return address.partition("?")[0] if href == "?" else urljoin(address, href)


def shape_of(address):
    """What a page has in common with those like it; nothing where there is only one."""
    there = urlsplit(address)
    asked = sorted(parse_qsl(there.query))
    narrowed = [key for key, _ in asked if key not in WAYS]
    if not narrowed and not re.search(r"\d", there.path):
        return None
    laid_out = (*narrowed, *(pair for pair in asked if pair[0] in WAYS)) if LONG else ()
    return re.sub(r"\d+", "N", there.path), bool(narrowed), laid_out


def numbers_of(found):
    """{(address, number)} of all these pages; how a list is laid out changes none of its rows."""
    for address, page in found.items():
        for href, number in page.numbers():
            there = urlsplit(joined(address, href))
            asked = sorted((key, value) for key, value in parse_qsl(there.query) if key not in ("by", "sort"))
            yield there._replace(query=urlencode(asked), fragment="").geturl(), number


def lines_of(browser, address):
    """The rows of a file as texts, whichever it is."""
    answer = browser.get(address)
    assert answer.status_code == 200, address
    if "/csv/" in address:
        return list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))[1:]
    book = openpyxl.load_workbook(io.BytesIO(answer.content), read_only=True)
    return [[as_in_csv(value) for value in row] for row in book["Rows"].values][1:]


def stands(names, table):
    """Are these the rows of that table, in that order?"""
    return len(names) == len(table) and all(map(str.__contains__, table, names))


def as_in_csv(value):
    if isinstance(value, datetime.datetime):
        return str(value.date())
    return neutral("" if value is None else str(value))


@pytest.mark.parametrize(
    ("person", "least"), [("clinician", 60), ("supervisor", 120), ("coordinator", 200), ("admin", 3)]
)
def test_every_number_opens_its_rows_and_the_file_has_them(browser, pages, least):
    walked = sorted(set(numbers_of(pages)))
    assert len(walked) >= least
    for address, number in walked[::LEAP]:
        answer = browser.get(address)
        assert answer.status_code == 200, address
        rows = answer.context["page"].paginator.count + answer.context.get("not_shown", 0)
        assert rows == number, address
        page = Page(answer.content.decode())
        if files := page.files() if number else []:
            as_csv, as_xlsx = (lines_of(browser, joined(address, file)) for file in reversed(files))
            assert len(as_csv) == number, address
            assert as_xlsx == as_csv, address
            names = [line[0].removeprefix("'") for line in as_csv[: len(answer.context["page"].object_list)]]
            assert any(stands(names, table) for table in page.tables), address


@pytest.mark.parametrize("person", ["clinician", "supervisor", "coordinator", "admin"])
def test_no_number_leads_nowhere(pages):
    unopened = {(where, address) for address, page in pages.items() for where, _ in page.unopened}
    known = NO_COUNT | IN_THE_ROW | ABOVE_ITS_ROWS
    assert [one for one in sorted(unopened) if not (one[0] in known or OF_A_CANS.fullmatch(one[0]))] == []
