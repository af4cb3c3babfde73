"""The change report, against a slow count written plainly from the policy, and its rows and file."""

import csv
import io
from collections import Counter
from types import SimpleNamespace

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as some

from approvals import actions
from audit.models import Reading
from cans.instrument import SHIPPED, Instrument, Item, ItemKind, parse
from cans.models import Assessment, Obligation
from cases.actions import close_episode, open_episode
from cases.models import Membership
from reports import change
from staff.dates import today
from tests import factories

URL = "/reports/change/"
SHEET = Instrument("as shipped", tuple(parse(SHIPPED.read_text(encoding="utf-8"))[0]))
ITEMS = SHEET.child_items
NUMBING, OPTIMISM = "stress.numbing", "strengths.optimism"
RATINGS = some.text("0123nu.", min_size=len(ITEMS), max_size=len(ITEMS))


def plainly(item: Item, before, after):
    """The policy's own words, item by item."""
    if not (before.isdigit() and after.isdigit()):
        return []
    if item.kind is ItemKind.NEED:
        if before in "23":
            moved = ["improved"] if after < before else ["worsened"] if after > before else []
            return ["met"] if after in "01" else ["ongoing", *moved]
        return ["new"] if after in "23" else []
    if item.kind is ItemKind.STRENGTH:
        if before in "23":
            return ["built"] if after in "01" else ["none"]
        return ["kept"] if after in "01" else ["lost"]
    return []


@given(some.lists(some.tuples(RATINGS, RATINGS), max_size=5))
def test_counted_in_columns_as_one_by_one(monkeypatch_module, texts):
    found = [
        SimpleNamespace(version=1, version_before=1, ratings_before=before, ratings=after)
        for before, after in texts
    ]
    expected = {item.code: Counter() for item in ITEMS}
    for before, after in texts:
        for item in ITEMS:
            expected[item.code].update(plainly(item, before[item.position], after[item.position]))
    counted = change.tally(found)
    for item in ITEMS:
        counts = {
            str(one): number
            for one, number in counted[item.code].items()
            if one != "none" or item.kind is ItemKind.STRENGTH
        }
        assert counts == expected[item.code], item.code
    for one in change.WORDS:
        listed = Counter(item.code for _, item, *_ in change.rows(found, {i.code for i in ITEMS}, one))
        assert listed == +Counter({code: counts[str(one)] for code, counts in expected.items()})


@pytest.fixture(scope="module")
def monkeypatch_module():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(change, "instrument_of", lambda number: SHEET)
        yield


def rated(draft, **ratings):
    sheet = draft.sheets.get(adult=None)
    whole = dict(sheet.values) | {"numbing": None}
    whole.pop("numbing")
    whole |= {{"numbing": NUMBING, "optimism": OPTIMISM}[name]: value for name, value in ratings.items()}
    sheet.ratings = "".join(whole[item.code] for item in sheet.items)
    sheet.save()


def approved(child, clinician, supervisor, *, ago, **ratings):
    draft = factories.make_draft(child, author=clinician, assessed_on=factories.days(-ago), rated="1")
    rated(draft, **ratings)
    actions.submit(draft, by=clinician)
    draft.refresh_from_db()
    actions.approve(draft, by=supervisor)
    return Assessment.objects.get(pk=draft.pk)


@pytest.fixture
def family(clinician):
    return factories.make_case(primary=clinician, name="Ann Invented", opened=factories.days(-40))


@pytest.fixture
def world(family, clinician, supervisor):
    """Three CANS of one child, of which the last two count; one of the other, with nothing to compare."""
    child = factories.make_child(family, name="Robin Invented")
    approved(child, clinician, supervisor, ago=30, numbing="0", optimism="0")
    approved(child, clinician, supervisor, ago=20, numbing="3", optimism="2")
    approved(child, clinician, supervisor, ago=3, numbing="2", optimism="1")
    only = factories.make_child(family, name="Wren Invented")
    approved(only, clinician, supervisor, ago=3, numbing="3", optimism="0")
    return child


@pytest.fixture
def here(client, world, coordinator):
    client.force_login(coordinator)

    def get(query=""):
        answer = client.get(f"{URL}?{query}")
        assert answer.status_code == 200
        return answer

    return get


def numbers(answer, kind):
    (one,) = [one for one in answer.context["kinds"] if one["kind"] == kind]
    return {number.words: number.count for number in one["totals"]}


def test_the_two_latest_of_a_child_count(here):
    answer = here()
    assert len(answer.context["report"].pairs) == 1
    ongoing = {"Met": 0, "Ongoing": 1, "Ongoing, improved": 1, "Ongoing, worsened": 0, "New": 0}
    assert numbers(answer, "need") == ongoing
    built = numbers(answer, "strength")
    assert (built["Built"], built["Lost"]) == (1, 0)
    (pictured,) = [bar for one in answer.context["kinds"] if one["kind"] == "strength" for bar in one["bars"]]
    still = built["Still to build"]
    assert pictured.says == f"1 of {1 + still}, {round(100 / (1 + still))}%"
    assert answer.context["rows"] == []


def test_a_number_opens_its_rows_with_both_ratings_and_their_days(here):
    (row,) = here(f"change=improved&item={NUMBING}").context["rows"]
    assert (row.child_name, row.change) == ("Robin Invented", "Ongoing, improved")
    assert (row.before, row.before_on) == ("3, act now", factories.days(-20))
    assert (row.after[0], row.after_on) == ("2", factories.days(-3))
    assert row.rule.startswith("A need that was 2 or 3 and is 2 or 3")
    (row,) = here("change=built").context["rows"]
    assert row.item.startswith("Optimism")


def test_every_number_opens_its_rows_and_the_file_has_them(here, client):
    walked = 0
    for query in ("", "domain=strengths", "domain=stress&status=open", "by=years", "by=agency&domain=stress"):
        answer = here(query)
        for one in answer.context["kinds"]:
            for number in [
                *one["totals"],
                *(n for line in one["lines"] + one["items"] for n in line.numbers),
                answer.context["report"].all_children(),
            ]:
                if number.count:
                    assert here(number.query).context["page"].paginator.count == number.count
                    file = client.get(f"{URL}csv/?{number.query}").content.decode("utf-8-sig")
                    assert len(list(csv.reader(io.StringIO(file)))) == number.count + 1
                    walked += 1
    assert walked > 8


@pytest.mark.parametrize("by", ["years", "status", "agency", "region"])
def test_by_age_status_agency_and_region(here, by, world, clinician, supervisor):
    """The lines of a crossing add up to the line in all; of a domain that is chosen, to that domain's."""
    case = factories.make_case(primary=clinician, opened=factories.days(-40))
    older = factories.make_child(case, age=16)
    for ago, level in [(20, "1"), (3, "3")]:
        approved(older, clinician, supervisor, ago=ago, numbing=level)
    for query in (f"by={by}", f"by={by}&domain=stress"):
        for one in here(query).context["kinds"]:
            sums = [sum(numbers) for numbers in zip(*_counts(one["lines"]), strict=True)]
            assert sums == [number.count for number in one["totals"]]
    if by == "years":
        assert [line.words for line in here("by=years").context["kinds"][0]["lines"]] == [
            "6 to 13",
            "14 to 17",
        ]
    assert here(f"by={by}&domain=stress").context["kinds"][0]["totals"][-1].count == 1


def _counts(lines):
    return [[number.count for number in line.numbers] for line in lines]


def test_a_child_of_two_cases_is_one_child(here, world, clinician, supervisor):
    world.memberships.update(left=factories.days(-2))
    second = factories.make_case(primary=clinician, opened=factories.days(-2))
    Membership.objects.create(case=second, child=world, joined=factories.days(-2))
    latest = approved(world, clinician, supervisor, ago=1, numbing="0")
    (pair,) = here().context["report"].pairs
    assert (pair.case, pair.cans, pair.on_before) == (second.pk, latest.pk, str(factories.days(-3)))


def test_the_children_with_two_cans_are_listed(here, client):
    number = here().context["report"].all_children()
    (row,) = here(number.query).context["rows"]
    assert (row.child_name, row.before_on, row.after_on) == (
        "Robin Invented",
        factories.days(-20),
        factories.days(-3),
    )
    head, line = csv.reader(io.StringIO(client.get(f"{URL}csv/?{number.query}").content.decode("utf-8-sig")))
    assert (head[0], line[0], line[5]) == ("Child", "Robin Invented", "Case open")


def test_the_file_says_what_makes_a_change(here, client):
    file = client.get(f"{URL}csv/?change=improved").content.decode("utf-8-sig")
    (line,) = csv.DictReader(io.StringIO(file))
    assert line["What makes it one"].startswith("A need that was 2 or 3 and is 2 or 3")


def test_the_filters_of_the_child(here, family):
    assert len(here("status=open").context["report"].pairs) == 1
    assert here("status=closed").context["report"].pairs == []
    years = [key for key in change.AGES if here(f"years={key}").context["report"].pairs]
    assert len(years) == 1
    assert "No child fits these filters" in here("status=closed").content.decode()


def test_what_is_not_in_force_does_not_count(here, world, clinician, colleague, supervisor):
    latest = Assessment.objects.filter(child=world).latest("assessed_on")
    actions.amend(latest, by=supervisor, author=clinician, reason="One item was wrong.")
    amendment = Assessment.objects.get(amends=latest)
    rated(amendment, numbing="1", optimism="1")
    assert numbers(here(), "need")["Met"] == 0
    actions.submit(amendment, by=clinician)
    amendment.refresh_from_db()
    actions.approve(amendment, by=supervisor)
    assert numbers(here(), "need")["Met"] == 1
    assert len(here().context["report"].pairs) == 1


def test_a_cans_that_is_initial_and_closing_both_is_left_out(clinician, supervisor, coordinator, client):
    """Else it would be compared with the first CANS after the case is opened again."""
    case = factories.make_case(primary=clinician, opened=factories.days(-60))
    child = factories.make_child(case)
    both = approved(child, clinician, supervisor, ago=45, numbing="3")
    close_episode(case.episodes.get(), by=clinician, closed=factories.days(-40), closing_reason="stable")
    kinds = Obligation.objects.current().filter(met_by=both).values_list("kind", flat=True)
    assert set(kinds) == {"initial", "closing"}
    case.refresh_from_db()
    open_episode(case, by=clinician, opened=factories.days(-20), authorised_through=factories.days(60))
    approved(child, clinician, supervisor, ago=9, numbing="1")
    client.force_login(coordinator)
    assert client.get(URL).context["report"].pairs == []
    approved(child, clinician, supervisor, ago=3, numbing="2")
    (pair,) = client.get(URL).context["report"].pairs
    assert (pair.on_before, pair.on) == (str(factories.days(-9)), str(factories.days(-3)))


def test_a_case_that_was_opened_again_with_an_earlier_day_is_open(clinician, supervisor, coordinator):
    case = factories.make_case(primary=clinician, opened=factories.days(-200), closed=factories.days(-60))
    child = factories.make_child(case)
    approved(child, clinician, supervisor, ago=100, numbing="3")
    approved(child, clinician, supervisor, ago=40, numbing="2")
    assert [pair.status for pair in change.pairs(coordinator, today())] == ["closed"]
    open_episode(case, by=clinician, opened=factories.days(-45), authorised_through=factories.days(90))
    assert [pair.status for pair in change.pairs(coordinator, today())] == ["open"]


def test_na_and_unknown_are_left_out(clinician, supervisor, family, client):
    child = factories.make_child(family, name="Kit Invented")
    approved(child, clinician, supervisor, ago=20, numbing="3")
    approved(child, clinician, supervisor, ago=3, numbing="u")
    client.force_login(clinician)
    answer = client.get(f"{URL}?item={NUMBING}")
    assert answer.context["rows"] == []


def test_who_read_whose_ratings_is_on_record(here, world, coordinator, family):
    here()
    assert not Reading.objects.filter(page="change report").exists()
    here("change=built")
    reading = Reading.objects.get(page="change report")
    assert (reading.reader_number, reading.children) == (coordinator.pk, [world.pk])
    grant = coordinator.region_grants.get()
    assert (reading.chain, reading.case_number, reading.grant) == (
        family.agency_id,
        family.pk,
        f"region {grant.pk}",
    )


def test_the_record_of_each_case_that_was_shown_has_it(here, world, clinician, supervisor, client):
    second = factories.make_case(primary=clinician, name="Second Invented", opened=factories.days(-40))
    child = factories.make_child(second, name="Jay Invented")
    for ago, rating in ((20, "3"), (3, "0")):
        approved(child, clinician, supervisor, ago=ago, numbing=rating, optimism="1")
    here("domain=stress")
    client.force_login(supervisor)
    told = "Read ratings of children in the change report"
    for whose in (world, child):
        case = whose.memberships.get().case
        assert told in client.get(f"/audit/cases/{case.pk}/").content.decode()
        found = client.get("/audit/", {"child": whose.name}).content.decode()
        assert told in found
        assert found.count(told) == 1


def test_the_file_is_on_record_with_its_children(here, client, world, coordinator):
    client.get(f"{URL}csv/?change=built")
    reading = Reading.objects.get(page="export change")
    assert reading.case_number == world.memberships.get().case_id
    assert (reading.reader_number, reading.children) == (coordinator.pk, [world.pk])


def told(client, query=""):
    """The numbers of the page, and its rows."""
    context = client.get(f"{URL}?domain=stress&{query}").context
    numbers = [
        (line.words, number.words, number.count)
        for one in context["kinds"]
        for line in one["lines"]
        for number in line.numbers
    ]
    return numbers, [
        (row.child_name, row.change, row.before, row.after, row.after_on) for row in context["rows"]
    ]


def test_as_of_a_past_day_it_is_what_was_shown_then(client, family, clinician, supervisor, coordinator):
    """Since then one was amended, one voided, one more approved, and the episode closed."""
    robin, wren, kim = (
        factories.make_child(family, name=f"{name} Invented") for name in ("Robin", "Wren", "Kim")
    )
    with time_machine.travel(factories.noon(-9), tick=False):
        then = today()
        for child in (robin, wren, kim):
            approved(child, clinician, supervisor, ago=20, numbing="3", optimism="2")
            approved(child, clinician, supervisor, ago=3, numbing="2", optimism="1")
        client.force_login(coordinator)
        shown = told(client)
    with time_machine.travel(factories.noon(-5), tick=False):
        amended, voided = (child.assessments.latest("assessed_on") for child in (robin, wren))
        amendment = actions.amend(amended, by=supervisor, author=clinician, reason="One item was wrong.")
        rated(amendment, numbing="0", optimism="3")
        actions.submit(amendment, by=clinician)
        amendment.refresh_from_db()
        actions.approve(amendment, by=supervisor)
        actions.void(voided, by=coordinator, reason="Entered twice.")
    approved(kim, clinician, supervisor, ago=1, numbing="0", optimism="0")
    close_episode(family.episodes.get(), by=clinician, closed=factories.days(0), closing_reason="stable")
    client.force_login(coordinator)
    assert told(client, f"on={then}") == shown
    assert told(client, f"on={then}&status=open") == shown
    assert told(client, f"on={then}&status=closed")[1] == []
    now = told(client)
    assert [row[0] for row in now[1]] != [row[0] for row in shown[1]]
    assert len(shown[1]) == 3
    page = client.get(f"{URL}?on={then}")
    assert "as it was on record when that day ended" in page.content.decode()
    assert f"on={then}" in page.context["leads"]


def test_a_day_to_come_gets_a_sentence_and_no_row(here):
    answer = here(f"on={factories.days(2)}&domain=stress")
    assert "This day is still to come" in answer.content.decode()
    assert answer.context["rows"] == []


@pytest.mark.parametrize("query", ["change=nonsense", "item=nonsense", "domain=nonsense", "agency=x"])
def test_a_bad_filter_gets_a_sentence_and_no_row(here, client, query):
    answer = here(query)
    assert "Not in this list today. Choose again." in answer.content.decode()
    assert answer.context["rows"] == []
    assert len(client.get(f"{URL}csv/?{query}").content.splitlines()) == 1


def test_who_sees_what(client, world, stranger, colleague, clinician, administrator, supervisor):
    for person, seen in [(stranger, 0), (colleague, 0), (clinician, 1), (supervisor, 1)]:
        client.force_login(person)
        assert len(client.get(URL).context["report"].pairs) == seen
    client.force_login(administrator)
    assert client.get(URL).status_code == 403


def test_as_many_queries_for_six_as_for_two(client, clinician, supervisor, coordinator, family):
    client.force_login(coordinator)
    counts = []
    for number in (2, 4):
        for _ in range(number):
            child = factories.make_child(family)
            approved(child, clinician, supervisor, ago=20, optimism="3")
            approved(child, clinician, supervisor, ago=3, optimism="1")
        client.get(URL)
        with CaptureQueriesContext(connection) as captured:
            client.get(f"{URL}?change=built")
        counts.append(len(captured))
    assert counts[0] == counts[1]
