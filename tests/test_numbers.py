"""Count = list = file: every number of every page is opened, and the rows behind it are counted."""

import csv
import io
import logging
import os
import re
from html.parser import HTMLParser
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

import pytest
from django.core.management import call_command
from django.test import Client

from staff.models import User

from .forms_world import undone

pytestmark = [pytest.mark.django_db, pytest.mark.once, pytest.mark.proof, pytest.mark.xdist_group("numbers")]

# An ordinary run opens every fifth number; a proof opens all.
LEAP = 5 if os.environ.get("HYPOTHESIS_PROFILE", "ordinary") == "ordinary" else 1

# How a list is laid out or which list it is; what else an address asks narrows it to the rows of a number.
WAYS = re.compile(r"(by|within|months|show)=[^&]*")
COUNT = re.compile(r"(?:All )?([\d,]+)(?!\S|\s*days? to|\s*days, the)")
NO_COUNT = {"Days late", "Days left", "Days"}  # lengths of time
IN_THE_ROW = {"Items named"}  # on the CANS that the row leads to


class Page(HTMLParser):
    """`links` are [address, words]; `unopened` the (column, number) of a table that lead nowhere."""

    def __init__(self, text):
        super().__init__()
        self.links, self.unopened, self.within = [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.within.append((tag, dict(attrs)))
        if tag == "a":
            self.links.append([dict(attrs).get("href", ""), ""])

    def handle_endtag(self, tag):
        while self.within and self.within.pop()[0] != tag:
            pass

    def handle_data(self, data):
        if any(tag == "a" for tag, _ in self.within):
            self.links[-1][1] += data
        elif data.strip().isdigit() and int(data):
            columns = [given.get("data-label") for _, given in self.within if given.get("class") == "number"]
            self.unopened += [(column, data.strip()) for column in columns]

    def numbers(self):
        """The links that say how many rows they open."""
        for address, words in self.links:
            if found := COUNT.match(" ".join(words.split())):
                yield address, int(found[1].replace(",", ""))

    def file(self):
        return next((address for address, _ in self.links if "/csv/" in address), None)


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
    """address → page, of all that this person reaches with no record's number in the path, laid out each
    way it can be."""
    found, ahead = {}, ["/"]
    while ahead:
        address = ahead.pop()
        answer = browser.get(address)
        if answer.status_code != 200 or not answer["Content-Type"].startswith("text/html"):
            continue
        found[address] = Page(answer.content.decode())
        for href, _ in found[address].links:
            there = urlsplit(urljoin(address, href))
            leaves = there.netloc or re.search(r"\d|/(csv|xlsx|logout)/", there.path)
            if not leaves and (not there.query or WAYS.fullmatch(there.query)):
                ahead.append(there._replace(fragment="").geturl())
        ahead = [one for one in set(ahead) if one not in found]
    return found


def numbers_of(found):
    """{(address, number)} of all these pages; how a list is laid out changes none of its rows."""
    for address, page in found.items():
        for href, number in page.numbers():
            there = urlsplit(urljoin(address, href))
            asked = sorted((key, value) for key, value in parse_qsl(there.query) if key not in ("by", "sort"))
            yield there._replace(query=urlencode(asked), fragment="").geturl(), number


def lines_of(browser, address):
    answer = browser.get(address)
    assert answer.status_code == 200, address
    return len(list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))) - 1


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
        file = Page(answer.content.decode()).file()
        if file and number:
            assert lines_of(browser, urljoin(address, file)) == number, address


@pytest.mark.parametrize("person", ["clinician", "supervisor", "coordinator", "admin"])
def test_no_number_of_a_table_leads_nowhere(pages):
    unopened = {column for page in pages.values() for column, _ in page.unopened}
    assert unopened <= NO_COUNT | IN_THE_ROW
