"""Every list: fifty rows a page, and the same number of queries for ten rows, for 300 and for 10,000."""

import datetime
import logging
import math
import os
import random

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from cans.models import Assessment
from cases.models import Case, CaseEvent, Membership, ServiceKind
from guidance import beside
from ips.sample import writing
from staff.models import Cover, Credential, Line, PolicySetting, User

from . import factories
from .factories import days
from .forms_world import undone

pytestmark = [pytest.mark.django_db, pytest.mark.once, pytest.mark.proof, pytest.mark.xdist_group("paging")]

PAGE = 50
FEW = 10
# The short and the long proof go to the number that the habit names; an ordinary run only well past a page.
MANY = 120 if os.environ.get("HYPOTHESIS_PROFILE", "ordinary") == "ordinary" else 10_000

# Who looks at which list, and how many rows of `number` cases, people, events … it then has in all;
# None where the page is no list with pages, but must not cost more either.
LISTS = {
    ("clinician", "/"): None,
    ("supervisor", "/"): None,
    ("coordinator", "/"): None,
    ("administrator", "/"): None,
    ("clinician", "/cases/"): lambda number: number,
    ("supervisor", "/cases/"): lambda number: number,
    ("coordinator", "/cases/"): lambda number: number,
    ("administrator", "/cases/"): lambda number: number,
    ("clinician", "/cases/?status=open&q=inv"): lambda number: number,
    ("clinician", "/cases/{case}/"): None,
    ("clinician", "/cases/{case}/timeline/"): None,
    ("clinician", "/cases/{case}/children/find/?q=Invented"): None,
    ("clinician", "/cases/{case}/adults/find/?q=Invented"): None,
    ("clinician", "/cases/{case}/assignments/add/"): None,
    ("coordinator", "/cases/services/"): lambda number: ServiceKind.objects.count(),
    ("clinician", "/cans/"): lambda number: number,
    ("supervisor", "/cans/?show=open"): lambda number: number,
    ("coordinator", "/cans/?show=all"): lambda number: number,
    ("clinician", "/cans/instrument/"): None,
    ("supervisor", "/approvals/"): lambda number: number // 2,
    ("coordinator", "/reports/overdue/"): lambda number: number // 2,
    ("supervisor", "/reports/overdue/?sort=-clinician"): lambda number: number // 2,
    ("clinician", "/reports/overdue/?by=supervisor"): lambda number: number // 2,
    ("coordinator", "/reports/overdue/csv/"): None,
    ("coordinator", "/reports/overdue/xlsx/"): None,
    ("coordinator", "/reports/due/"): lambda number: number // 2,
    ("supervisor", "/reports/due/?sort=child"): lambda number: number // 2,
    ("coordinator", "/reports/due/csv/"): None,
    ("coordinator", "/reports/timeliness/"): None,
    ("coordinator", "/reports/opening/"): None,
    ("coordinator", "/reports/submission/?first=2000-01-01"): None,
    ("coordinator", "/reports/waiting/"): None,
    ("supervisor", "/reports/turnaround/"): None,
    ("coordinator", "/reports/turnaround/"): None,
    ("administrator", "/staff/"): lambda number: number + 4,
    ("supervisor", "/staff/"): lambda number: number + 1,
    ("administrator", "/staff/{person}/"): None,
    ("supervisor", "/staff/cover/"): lambda number: number,
    ("coordinator", "/staff/cover/"): lambda number: number,
    ("coordinator", "/staff/settings/"): None,
}
PAGED = [key for key, rows in LISTS.items() if rows] + [("clinician", "/cases/{case}/timeline/")]


class House:
    """One team that grows: so many cases, CANS, people, covers, events, credentials, services."""

    def __init__(self):
        region = factories.make_region()
        self.agency = factories.make_agency()
        self.supervisor = factories.make_person("supervisor", agency=self.agency)
        self.other = factories.make_person("supervisor", agency=self.agency)
        self.clinician = factories.make_person("clinician", agency=self.agency, supervisor=self.supervisor)
        self.administrator = factories.make_person("administrator", agency=self.agency)
        self.coordinator = factories.make_coordinator(region)
        self.version = factories.make_instrument()
        self.region, self.number = region, 0

    def grow(self, number):
        fresh = range(self.number, number)
        cases = writing.write(
            [self._family(place) for place in fresh],
            version=self.version,
            by=self.supervisor,
            rng=random.Random(7),
        )
        self._cans(cases)
        first = Case.objects.filter(agency=self.agency).order_by("pk").first()
        self._people(fresh)
        CaseEvent.objects.bulk_create(
            CaseEvent(case=first, kind="edited", on=days(-1), sentence=f"Event {place}.", by=self.clinician)
            for place in fresh
        )
        ServiceKind.objects.bulk_create(ServiceKind(name=f"Invented service {place}") for place in fresh)
        self.number, self.first = number, first

    def _family(self, place):
        """Every other one opened so long ago that its initial CANS is overdue; the others' is due soon."""
        opened = days(-10) if place % 2 else days(-40 - place % 300)
        child = writing.ChildStory(name=f"Invented Child {place}", born=days(-3000), joined=opened)
        adult = writing.AdultStory(f"Invented Adult {place}", "substitute", "foster parent", [0])
        return writing.FamilyStory(
            number=f"8{place:07}",
            name=f"Invented {place}",
            agency=self.agency,
            region=self.region,
            county="Cook",
            lan=1,
            episodes=[(opened, opened + datetime.timedelta(days=400), None, "")],
            assignments=[(self.clinician, "primary", opened, None, "")],
            children=[child],
            adults=[adult],
        )

    def _cans(self, cases):
        """A draft in every other case; in the others one that waits."""
        stays = Membership.objects.filter(case__in=cases).select_related("case").order_by("pk")
        Assessment.objects.bulk_create(
            Assessment(
                child_id=stay.child_id,
                case=stay.case,
                instrument_version=self.version,
                type="initial",
                assessed_on=days(-2),
                early=False,
                transition=False,
                author=self.clinician,
                started_by=self.clinician,
                **(self._submitted() if place % 2 else {}),
            )
            for place, stay in enumerate(stays)
        )

    def _submitted(self):
        return {
            "state": "submitted",
            "reviewer": self.supervisor,
            "submitted_by": self.clinician,
            "submitted_at": timezone.now(),
            "first_submitted_on": days(-1),
        }

    def _people(self, fresh):
        people = User.objects.bulk_create(
            User(username=f"invented{place}", name=f"Invented {place}", role="clinician", agency=self.agency)
            for place in fresh
        )
        Line.objects.bulk_create(
            Line(person=person, supervisor=self.supervisor, starts=days(-9)) for person in people
        )
        Credential.objects.bulk_create(
            Credential(person=person, kind="training", on=days(-1000 - place), recorded_by=self.administrator)
            for place in fresh
            for person in (self.clinician, people[place - fresh.start])
        )
        Cover.objects.bulk_create(
            Cover(
                supervisor=self.supervisor,
                cover=self.other,
                starts=days(place * 2 + 1),
                ends=days(place * 2 + 1),
                named_by=self.supervisor,
            )
            for place in fresh
        )
        PolicySetting.objects.bulk_create(
            PolicySetting(
                name="fix_by_working_days",
                value="5",
                since=days(-9 - place),
                reason="Invented.",
                set_by=self.coordinator,
            )
            for place in fresh
        )

    def address(self, path):
        return path.format(case=self.first.pk, person=self.clinician.pk)


def cost(house, browsers):
    """Queries of each list, each opened once before: what a process reads once does not count. The clock
    stands, for a session writes once a minute."""
    found = {}
    for who, path in LISTS:
        browsers[who].get(house.address(path))
        with CaptureQueriesContext(connection) as captured:
            answer = browsers[who].get(house.address(path))
        assert answer.status_code == 200, path
        found[who, path] = len(captured)
    return found


@pytest.fixture(scope="module")
def house(django_db_setup, django_db_blocker):
    logging.disable(logging.CRITICAL)
    now = timezone.now()
    with (
        time_machine.travel(now, tick=False),
        django_db_blocker.unblock(),
        undone(),
        pytest.MonkeyPatch.context() as patch,
    ):
        # Opening every list of 10,000 takes longer than what stands beside pages is kept.
        patch.setattr(beside, "_kept", beside.Kept(until=math.inf))
        made = House()
        made.browsers = {}
        for who in ("clinician", "supervisor", "coordinator", "administrator"):
            made.browsers[who] = Client()
            made.browsers[who].force_login(getattr(made, who))
        made.grow(FEW)
        made.cost_of_few = cost(made, made.browsers)
        made.grow(MANY)
        made.cost_of_many = cost(made, made.browsers)
        yield made
    logging.disable(logging.NOTSET)


@pytest.mark.parametrize(("who", "path"), LISTS)
def test_many_rows_cost_no_more_queries_than_ten(house, who, path):
    few, many = house.cost_of_few[who, path], house.cost_of_many[who, path]
    # A file has all its rows, and puts each case on record: some thousand in one statement.
    further = MANY // 1000 if path.endswith(("/csv/", "/xlsx/")) else 0
    assert few <= many <= few + further


def page_of(house, who, path, number):
    mark = "&" if "?" in path else "?"
    answer = house.browsers[who].get(f"{house.address(path)}{mark}page={number}")
    assert answer.status_code == 200
    return next(answer.context[name] for name in ("page", "covers", "kinds") if name in answer.context)


@pytest.mark.parametrize(("who", "path"), PAGED)
def test_a_page_has_fifty_rows_and_the_last_the_rest(house, who, path):
    rows = LISTS[who, path]
    first = page_of(house, who, path, 1)
    assert len(first.object_list) == PAGE
    total = first.paginator.count
    assert total >= MANY // 2 - 1
    if rows:
        assert total == rows(MANY)
    last = page_of(house, who, path, first.paginator.num_pages)
    assert len(last.object_list) == (total - 1) % PAGE + 1
    assert not last.has_next()


@pytest.mark.parametrize("number", ["0", "-1", "abc", "99999", "9" * 30, "1.5", "", "%00", "%D9%A3"])
@pytest.mark.parametrize(("who", "path"), PAGED)
def test_a_page_that_is_not_there_leads_to_one_that_is(house, who, path, number):
    page = page_of(house, who, path, number)
    assert 1 <= page.number <= page.paginator.num_pages
    assert len(page.object_list) <= PAGE
    assert page.object_list


@pytest.mark.parametrize(("who", "path"), PAGED)
def test_no_row_is_on_two_pages(house, who, path):
    pages = [page_of(house, who, path, number) for number in (1, 2)]
    seen = [str(getattr(row, "pk", row)) for page in pages for row in page.object_list]
    assert len(seen) == min(pages[0].paginator.count, 2 * PAGE) > PAGE
    assert len(set(seen)) == len(seen)
