"""Who may look into the record, what they find there, and that looking is on record too."""

import ast
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from approvals import actions as approvals
from approvals.workflow import Action
from audit.actions import record, record_reading
from audit.models import Event, Reading
from audit.views import words
from cans.waivers import waive
from cases.models import CaseEvent
from staff.dates import today
from staff.dates import written as in_words
from tests import factories
from tests.factories import days

pytestmark = pytest.mark.django_db


@pytest.fixture
def opened(client, case, child, clinician, submitted, supervisor):
    """The clinician opened the case and submitted a CANS, the supervisor approved it."""
    client.force_login(clinician)
    client.get(case.get_absolute_url())
    client.get(submitted.get_absolute_url())
    client.force_login(supervisor)
    client.get(f"/approvals/{submitted.pk}/")
    approvals.approve(submitted, by=supervisor)
    return case


def rows(client, path):
    """The table as lists of text: when, who, what, allowed by, with the case where there is one."""
    answer = client.get(path)
    assert answer.status_code == 200, path
    body = answer.content.decode().split("<tbody>")[-1].split("</tbody>")[0]
    if "<tbody>" not in answer.content.decode():
        return []
    plain = [
        [
            " ".join(re.sub(r"<[^>]+>", "", cell).split())
            for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.S)
        ]
        for row in re.findall(r"<tr>(.*?)</tr>", body, re.S)
    ]
    return [[cell.replace("&#x27;", "'") for cell in row] for row in plain]


def test_a_supervisor_sees_who_opened_and_who_did(client, opened, child, submitted, supervisor, clinician):
    client.force_login(supervisor)
    found = rows(client, f"/audit/cases/{opened.pk}/")
    line = clinician.lines.get().pk
    routing = Reading.objects.get(page="approvals.review").grant
    assigned = opened.assignments.get(kind="primary").pk
    assert [row[1:] for row in found] == [
        [
            "Sana Supervisor",
            f"Approved a CANS: CANS {submitted.pk}",
            f"A CANS was routed to them ({routing})",
        ],
        [
            "Sana Supervisor",
            f"Reviewed a CANS: {child.name}",
            f"A CANS was routed to them ({routing})",
        ],
        ["Cleo Clinician", f"Read a CANS: {child.name}", f"Assigned to the case (assignment {assigned})"],
        ["Cleo Clinician", f"Opened the case: {child.name}", f"Assigned to the case (assignment {assigned})"],
        ["Cleo Clinician", f"Submitted a CANS: CANS {submitted.pk}", "Not on record"],
    ]
    assert str(timezone.localtime().year) in found[0][0]
    looked = Reading.objects.latest("pk")
    assert (looked.page, looked.reader_number, looked.case_number) == ("record", supervisor.pk, opened.pk)
    assert (looked.grant, looked.children) == (f"line {line}", [child.pk])
    assert rows(client, f"/audit/cases/{opened.pk}/")[0][1:3] == [
        "Sana Supervisor",
        f"Looked who opened the record: {child.name}",
    ]


def test_the_case_page_leads_there(client, case, supervisor, clinician, coordinator):
    link = f'href="/audit/cases/{case.pk}/"'
    for person, sees in [(supervisor, True), (coordinator, True), (clinician, False)]:
        client.force_login(person)
        assert (link in client.get(case.get_absolute_url()).content.decode()) == sees


def test_an_administrator_sees_names_pages_and_times_but_no_child(client, opened, child, administrator):
    client.force_login(administrator)
    for path in (f"/audit/cases/{opened.pk}/", "/audit/", "/audit/?child=Robin"):
        body = client.get(path).content.decode()
        assert "Cleo Clinician" in body
        assert opened.name in body
        assert "Read a CANS" in body
        assert child.name not in body
        assert child.person_number not in body
    assert Reading.objects.latest("pk").children == []
    assert Reading.objects.latest("pk").grant == f"agency {administrator.agency_id}"


@pytest.mark.parametrize("who", ["other_supervisor", "stranger's supervisor", "administrator elsewhere"])
def test_whose_case_it_is_not_learns_nothing(client, opened, who, other_supervisor):
    person = {
        "other_supervisor": other_supervisor,
        "stranger's supervisor": factories.make_person("supervisor"),
        "administrator elsewhere": factories.make_person("administrator"),
    }[who]
    client.force_login(person)
    assert client.get(f"/audit/cases/{opened.pk}/").status_code == 404
    assert rows(client, "/audit/") == []
    assert opened.name not in client.get("/audit/").content.decode()


def test_a_coordinator_of_another_region_finds_nothing(client, opened):
    client.force_login(factories.make_coordinator(factories.make_region("Elsewhere")))
    assert client.get(f"/audit/cases/{opened.pk}/").status_code == 404
    assert rows(client, "/audit/") == []


@pytest.mark.parametrize("path", ["/audit/", "/audit/refusals/", "/audit/cases/{}/"])
def test_a_clinician_has_no_door_there(client, case, clinician, path):
    client.force_login(clinician)
    assert client.get(path.format(case.pk)).status_code == 403


@pytest.mark.parametrize(
    ("query", "whats"),
    [
        ("", {"Opened the case", "Read a CANS", "Reviewed a CANS", "Submitted a CANS", "Approved a CANS"}),
        ("?who=cleo", {"Opened the case", "Read a CANS", "Submitted a CANS"}),
        ("?who=renamed", {"Reviewed a CANS", "Approved a CANS"}),
        ("?who=nobody", set()),
        (
            "?child=robin",
            {"Opened the case", "Read a CANS", "Reviewed a CANS", "Submitted a CANS", "Approved a CANS"},
        ),
        ("?child=other+child", set()),
        ("?who=cleo&child=robin", {"Opened the case", "Read a CANS", "Submitted a CANS"}),
        ("?until={yesterday}", set()),
        (
            "?since={today}&until={today}",
            {"Opened the case", "Read a CANS", "Reviewed a CANS", "Submitted a CANS", "Approved a CANS"},
        ),
        ("?since={tomorrow}", set()),
    ],
)
def test_the_search(client, opened, supervisor, coordinator, query, whats):
    other = factories.make_child(factories.make_case(region=opened.region), name="Other Child")
    assert other.pk
    supervisor.name = "Renamed Since"
    supervisor.save()
    client.force_login(coordinator)
    path = query.format(today=today(), yesterday=days(-1), tomorrow=days(1))
    found = rows(client, f"/audit/{path}")
    assert {row[3].split(":")[0] for row in found} == whats
    assert {row[2] for row in found} <= {f"{opened.name} {opened.number}"}


def test_what_left_in_a_file_is_found_apart(client, opened, clinician, submitted, coordinator, supervisor):
    owing = factories.make_case(primary=clinician, opened=days(-40))
    factories.make_child(owing)
    client.force_login(clinician)
    client.get(f"/cans/{submitted.pk}/keying.csv")
    client.force_login(coordinator)
    client.get("/reports/overdue/csv/")
    client.get(f"/cases/{opened.pk}/export.json")
    client.force_login(supervisor)
    found = rows(client, "/audit/?what=files")
    assert {row[3].split(":")[0] for row in found} == {
        "Downloaded a CANS as a table",
        "Took it along in a file of the list “overdue”",
        "Downloaded the whole case",
    }
    assert len(rows(client, "/audit/")) > len(found)
    assert rows(client, "/audit/?what=all+that+there+is") == []


def test_searching_is_on_record(client, opened, child, coordinator):
    client.force_login(coordinator)
    client.get("/audit/?child=robin")
    looked = Reading.objects.latest("pk")
    assert (looked.page, looked.reader_number, looked.case_number) == ("record search", coordinator.pk, None)
    assert looked.children == [child.pk]


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("since=2026-03-02&until=2026-03-01", "The last day cannot be before the first."),
        ("since=2020-01-01&until=2026-03-01", "Ask for a year at most."),
        ("since=yesterday", "Write the date as year-month-day"),
        ("child=nobody+of+that+name", "No child of your cases has this name or person number."),
    ],
)
def test_what_cannot_be_asked_is_answered_in_a_sentence(client, opened, coordinator, query, sentence):
    client.force_login(coordinator)
    answer = client.get(f"/audit/?{query}")
    assert answer.status_code == 200
    assert sentence in answer.content.decode()
    assert rows(client, f"/audit/?{query}") == []


def test_children_of_other_cases_cannot_be_asked_for(client, opened, supervisor):
    factories.make_child(factories.make_case(), name="Quillhidden Elsewhere")
    client.force_login(supervisor)
    found, free = (
        re.sub(
            rf'{name}|name="csrfmiddlewaretoken" value="\w+"|data-(idle|left)="\d+"',
            "",
            client.get(f"/audit/?child={name}").content.decode(),
        )
        for name in ("quillhidden", "quillnobody")
    )
    assert found == free


def test_too_many_children(client, case, supervisor):
    for _ in range(21):
        factories.make_child(case, name="Many Invented")
    client.force_login(supervisor)
    assert "More than 20 children fit." in client.get("/audit/?child=many").content.decode()


def test_pages_of_fifty_and_as_many_queries_for_two_hundred_rows_as_for_ten(
    client, case, child, clinician, supervisor
):
    client.force_login(supervisor)
    costs = {}
    for number in (5, 95):
        for _ in range(number):
            record_reading("case", by=clinician, case=case, grant="assignment 1", children=[child.pk])
            record("case.edited", by=clinician, subject="case 1", case=case)
        for path in (f"/audit/cases/{case.pk}/", "/audit/?who=cleo"):
            client.get(path)
            with CaptureQueriesContext(connection) as captured:
                assert client.get(path).status_code == 200
            costs.setdefault(path, []).append(len(captured))
    assert [few == many for few, many in costs.values()] == [True, True], costs
    assert max(costs.values()) <= [16, 16], costs
    assert len(rows(client, f"/audit/cases/{case.pk}/")) == 50
    seen = [row for page in range(1, 5) for row in rows(client, f"/audit/?who=cleo&page={page}")]
    assert len(seen) == 4 * 50


def test_an_administrator_looks_at_refusals_and_failed_sign_ins(
    client, case, clinician, stranger, administrator, colleague
):
    client.force_login(colleague)
    client.get(case.get_absolute_url())
    client.post(f"/cases/{case.pk}/transfer/")
    client.force_login(stranger)
    client.get(case.get_absolute_url())
    client.logout()
    client.post("/accounts/login/", {"login": "clinician", "password": "not the password at all"})
    client.force_login(administrator)
    found = rows(client, "/audit/refusals/")
    assert [row[1:] for row in found] == [
        ["User name clinician", "Failed to sign in"],
        ["Coll Colleague", f"POST /cases/{case.pk}/transfer/: not part of the role"],
        ["Coll Colleague", f"GET /cases/{case.pk}/: nothing of theirs there"],
    ]
    assert len(rows(client, "/audit/refusals/?who=coll")) == 2
    assert len(rows(client, "/audit/refusals/?who=clinician")) == 1
    assert rows(client, f"/audit/refusals/?until={days(-1)}") == []
    assert Reading.objects.latest("pk").page == "refusals"


# --- every act and every page has words -------------------------------------------------------------


def recorded(name):
    """The constant texts that are given first to every call of this name, in all rooms."""
    for room in ("staff", "cases", "cans", "approvals", "reports"):
        for path in (Path(settings.BASE_DIR) / room).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                called = isinstance(node, ast.Call) and getattr(node.func, "id", "")
                if called in name:
                    yield from (arg.value for arg in node.args[:2] if isinstance(arg, ast.Constant))


def test_every_page_that_is_read_has_words():
    calls = {"record_reading", "record_readings", "note_reading"}
    named = {text for text in recorded(calls) if isinstance(text, str)}
    assert len(named) > 6
    assert named - set(words.PAGES) == set()


def test_every_act_on_a_case_has_words():
    cans = {f"assessment.{text}" for text in recorded({"record_act"}) if isinstance(text, str)}
    steps = {f"assessment.{action.value}" for action in Action}
    kinds = {f"case.{kind}" for kind in CaseEvent.Kind.values}
    assert len(cans) > 8
    assert (cans | steps | kinds) - set(words.ACTS) == set()


def test_a_waived_due_date_is_named_by_what_it_is(client, case, child, coordinator):
    owed = case.obligations.get(child=child, kind="initial")
    waive(owed, by=coordinator, reason="runaway")
    client.force_login(coordinator)
    (row,) = rows(client, f"/audit/cases/{case.pk}/")
    assert row[2] == f"Waived a due date: initial CANS due {in_words(owed.due)}"


def test_what_has_no_words_yet_is_shown_as_it_is():
    assert words.act("person.set_role") == "person: set role"
    assert words.page("new page") == "Opened “new page”"
    assert words.grant("new way 3") == "new way 3"
    assert Event.Kind.SEAL not in words.ACTS
