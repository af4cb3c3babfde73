"""A whole case as one document: what is exported here is imported there, and exported the same."""

import json
from types import SimpleNamespace

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command

from approvals import actions as approvals
from audit.models import Event, Reading
from cans import waivers
from cans.models import Assessment, Note, Obligation, Waiver
from cases.actions import request_extension, withdraw_extension
from cases.models import Case, ChildStatus, Service, ServiceFinding, ServiceKind
from exchange.export import as_json, document
from exchange.reading import Unreadable
from staff.refusals import NotNow
from tests import factories, forms_world
from tests.factories import days, noon
from tests.html_forms import forms_of, whole
from tests.importing import checked, import_cases


def make_house(name):
    agency = factories.make_agency(name)
    region = factories.make_region("Invented Region")
    factories.make_instrument()
    supervisor = factories.make_person("supervisor", agency=agency, name=f"Sue of {name}")
    return SimpleNamespace(
        supervisor=supervisor,
        worker=factories.make_person("clinician", agency=agency, supervisor=supervisor),
        region=region,
        coordinator=factories.make_coordinator(region),
        kind=ServiceKind.objects.get_or_create(name="Invented Respite")[0],
    )


def make_case(house):
    """Two children with everything a case can have: one's CANS was returned once, the other's waits."""
    case = factories.make_case(primary=house.worker, region=house.region, opened=days(-40))
    request_extension(case.episodes.get(), by=house.worker, requested=days(-3), reason="More time.")
    first, second = (factories.make_child(case, age=age, joined=days(-40)) for age in (4, 15))
    stay = first.memberships.get()
    ChildStatus.objects.create(
        membership=stay, kind="placement", value="Foster home", since=days(-40), recorded_by=house.worker
    )
    service = Service.objects.create(
        membership=stay, kind=house.kind, provider="Invented", starts=days(-9), ends=days(-2)
    )
    ServiceFinding.objects.create(service=service, code="life.sleep")
    factories.make_caregiver(first, name="Fay Invented")
    factories.make_caregiver(first, name="Pia Invented", role="parent")
    for child in (first, second):
        draft = factories.make_draft(child, author=house.worker, rated="1", assessed_on=days(-10))
        Note.objects.create(
            sheet=draft.sheets.get(adult=None), code="life.sleep", text="Two\nlines.", by=house.worker
        )
        approvals.submit(draft, by=house.worker)
    draft = Assessment.objects.get(child=first)
    approvals.return_for_revision(draft, by=house.supervisor, reason="Look again.")
    approvals.submit(Assessment.objects.get(pk=draft.pk), by=house.worker)
    approvals.approve(Assessment.objects.get(pk=draft.pk), by=house.supervisor)
    waive_some(case, first, second, by=house.coordinator)
    return case


def waive_some(case, first, second, *, by):
    """Of each child something: an initial date of somebody whose CANS waits, an extension, and a six-month
    date that was waived, owed again, and waived once more."""

    def owed(child, kind):
        return Obligation.objects.current().get(case=case, child=child, kind=kind)

    waivers.waive(owed(second, "initial"), by=by, reason="runaway", note="Not found.")
    waivers.waive(owed(second, "extension"), by=by, reason="other")
    waivers.waive(owed(first, "six_month"), by=by, reason="detained")
    waivers.withdraw(owed(first, "six_month"), by=by, because="Came home.")
    Waiver.objects.filter(withdrawn_at__isnull=False).update(at=noon(-4), withdrawn_at=noon(-2))
    waivers.waive(owed(first, "six_month"), by=by, reason="system")


@pytest.fixture
def exported(db):
    """The document of a case from a database that is not there any more."""
    with forms_world.undone():
        case = make_case(make_house("The Agency Before"))
        return as_json(case)


@pytest.fixture
def here(exported):
    return make_house("The Next Agency")


def sent(content):
    return [("case.json", content)]


def test_a_withdrawn_request_and_its_waiver_stay_behind(here):
    case = make_case(here)
    episode = case.episodes.get()
    withdraw_extension(episode.extensions.get(), by=here.coordinator, because="Another family.")
    request_extension(episode, by=here.worker, requested=days(-3), reason="Asked for after all.")
    told = json.loads(as_json(case))
    assert [one["reason"] for one in told["episodes"][0]["extensions"]] == ["Asked for after all."]
    assert "extension" not in {one["kind"] for one in told["waivers"]}
    with pytest.raises(NotNow, match="nothing new in it"):
        import_cases(sent(as_json(case)), by=here.coordinator, receiver=here.supervisor)


def test_what_is_imported_is_exported_the_same(exported, here):
    plan = import_cases(sent(exported), by=here.coordinator, receiver=here.supervisor)
    assert plan.left_out == [
        "1 CANS that waited for approval there, or that an amendment replaced, are not taken over."
    ]
    before, after = json.loads(exported), document(Case.objects.get())
    assert before["case"].pop("agency") == "The Agency Before"
    assert after["case"].pop("agency") == "The Next Agency"
    assert [one["kind"] for one in before.pop("assignments")] == ["primary"]
    assert after.pop("assignments") == [{"kind": "primary", "starts": days(0).isoformat(), "ends": None}]
    taken = [one for one in before["cans"] if one["state"] == "approved"]
    assert len(taken) == 1
    assert [step["action"] for step in taken[0]["decisions"]] == ["submit", "return", "submit", "approve"]
    assert len(taken[0]["sheets"]) == 3
    assert len(before["waivers"]) == 4
    assert after == before | {"cans": taken}


def test_what_was_waived_is_not_owed_again(exported, here):
    import_cases(sent(exported), by=here.coordinator, receiver=here.supervisor)
    statuses = [row.status() for row in Obligation.objects.current()]
    assert sorted(statuses) == ["met", "missed", "waived", "waived", "waived"]
    withdrawn = Waiver.objects.get(withdrawn_at__isnull=False)
    assert (withdrawn.withdrawn_because, withdrawn.reason) == ("Came home.", "detained")
    assert not Obligation.objects.overdue().exists()


def test_a_waiver_whose_cans_is_left_out_is_left_out(exported, here):
    told = json.loads(exported)
    for one in told["cans"]:
        one["state"] = "submitted"
    plan = import_cases(sent(json.dumps(told).encode()), by=here.coordinator, receiver=here.supervisor)
    assert plan.counts["waivers"] == 2


def test_a_file_from_before_waivers_is_read(exported, here):
    told = json.loads(exported)
    del told["waivers"]
    import_cases(sent(json.dumps(told).encode()), by=here.coordinator, receiver=here.supervisor)
    assert not Waiver.objects.exists()


@pytest.mark.parametrize(
    ("change", "column"),
    [
        ({"opened": -1}, "opened"),
        ({"kind": "initial", "joined": -1, "counted": None}, "joined"),
        ({"kind": "extension", "joined": -40, "counted": -1}, "counted"),
        ({"kind": "initial", "joined": -40, "waived_on": 1}, "waived_on"),
        ({"kind": "initial", "joined": -40, "withdrawn_on": 0}, "withdrawn_on"),
        ({"kind": "sometime"}, "kind"),
        ({"reason": "no such"}, "reason"),
    ],
)
def test_a_waiver_of_what_is_not_there(exported, here, change, column):
    told = json.loads(exported)
    in_force = [one for one in told["waivers"] if not one["withdrawn_on"]]
    dated = {name: str(days(one)) if isinstance(one, int) else one for name, one in change.items()}
    told["waivers"] = [in_force[0] | dated]
    plan = checked(sent(json.dumps(told).encode()), by=here.coordinator, receiver=here.supervisor)
    assert [(said.sheet, said.column) for said in plan.wrong] == [("waivers", column)]


def test_the_supervisor_who_receives_it_has_it(exported, here):
    import_cases(sent(exported), by=here.coordinator, receiver=here.supervisor)
    case = Case.objects.visible_to(here.supervisor).get()
    assert case.agency == here.supervisor.agency
    again = checked(sent(exported), by=here.coordinator, receiver=here.supervisor)
    assert (again.wrong, again.counts) == ([], {})


def test_the_command_imports_it_for_the_supervisor_who_is_named(exported, here, tmp_path):
    file = tmp_path / "case.json"
    file.write_bytes(exported)
    told = [str(file), f"--by={here.coordinator.username}"]
    with pytest.raises(CommandError, match="choose a supervisor"):
        call_command("import_cases", *told)
    with pytest.raises(CommandError, match="No supervisor has the user name"):
        call_command("import_cases", *told, f"--receiver={here.worker.username}")
    call_command("import_cases", *told, f"--receiver={here.supervisor.username}")
    assert Case.objects.visible_to(here.supervisor).get().agency == here.supervisor.agency


def test_it_needs_somebody_who_receives_it(exported, here):
    with pytest.raises(Unreadable, match="choose a supervisor"):
        checked(sent(exported), by=here.coordinator)
    with pytest.raises(PermissionDenied):
        checked(sent(exported), by=here.supervisor, receiver=here.supervisor)


def test_who_receives_it_is_who_was_shown(exported, here):
    seal = checked(sent(exported), by=here.coordinator, receiver=here.supervisor).seal()
    other = factories.make_person("supervisor")
    with pytest.raises(NotNow, match="not what was checked"):
        import_cases(sent(exported), by=here.coordinator, receiver=other, seal=seal)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda told: told.update(format="other"), "no case as it is exported"),
        (lambda told: told.update(version=2), "another version"),
        (lambda told: told.update(case=[]), "The case: case must have names"),
        (lambda told: told.pop("children"), "The case: children must be a list"),
        (lambda told: told["children"][0].update(name=7), "children, 1: name must be text"),
        (lambda told: told["case"].update(lan="7"), "lan must be a whole number"),
        (lambda told: told["case"].update(lan=True), "lan must be a whole number"),
        (lambda told: told["cans"][0]["sheets"][0]["ratings"].update(author="1"), "no item author"),
    ],
)
def test_a_document_that_is_otherwise(exported, here, change, sentence):
    told = json.loads(exported)
    change(told)
    with pytest.raises(Unreadable, match=sentence):
        checked(sent(json.dumps(told).encode()), by=here.coordinator, receiver=here.supervisor)


@pytest.mark.parametrize("content", [b"{", b"{}", b"[" * 100_000, b"\xff", b"null", b"1" * 5_000])
def test_nonsense_in_place_of_a_document(here, content):
    with pytest.raises(Unreadable):
        checked(sent(content), by=here.coordinator, receiver=here.supervisor)


def test_what_is_wrong_in_it_is_told_by_sheet_and_entry(exported, here):
    told = json.loads(exported)
    told["children"][0]["born"] = "2030-01-01"
    told["cans"][0]["sheets"][0]["ratings"]["life.sleep"] = "9"
    plan = checked(sent(json.dumps(told).encode()), by=here.coordinator, receiver=here.supervisor)
    assert {(one.sheet, one.line, one.column) for one in plan.wrong} >= {("children", 1, "born")}
    assert plan.counted_as == "entry"


def test_returns_that_do_not_follow_each_other(exported, here):
    told = json.loads(exported)
    (one,) = [one for one in told["cans"] if one["state"] == "approved"]
    one["decisions"].pop(2)
    plan = checked(sent(json.dumps(told).encode()), by=here.coordinator, receiver=here.supervisor)
    assert [(said.sheet, said.column) for said in plan.wrong] == [("decisions", "action")]


def test_the_export_is_a_coordinators_and_is_recorded(client, db):
    house = make_house("The Agency Before")
    case = make_case(house)
    address = f"/cases/{case.pk}/export.json"
    client.force_login(house.supervisor)
    assert client.get(address).status_code == 403
    client.force_login(factories.make_coordinator(factories.make_region("Elsewhere")))
    assert client.get(address).status_code == 404
    assert not Event.objects.filter(action="case.export").exists()
    client.force_login(house.coordinator)
    answer = client.get(address)
    assert answer.content == as_json(case)
    event = Event.objects.get(action="case.export")
    assert (event.case_number, event.actor_number) == (case.pk, house.coordinator.pk)
    assert len(Reading.objects.get(page="case export").children) == 2


def test_no_account_of_the_agency_leaves_with_it(exported):
    told = json.loads(exported)
    assert {name for one in told["assignments"] for name in one} == {"kind", "starts", "ends"}
    assert "@" not in exported.decode()
    assert "clinician" not in exported.decode().replace("Invented Clinician", "")


@pytest.mark.parametrize("strange", ["\ud800", "\x00"])
def test_a_number_that_no_database_takes_is_told(exported, here, strange):
    told = json.loads(exported)
    told["case"]["number"] = strange
    with pytest.raises(Unreadable, match="number holds a character that cannot be shown"):
        checked([("case.json", json.dumps(told).encode())], by=here.coordinator, receiver=here.supervisor)


@pytest.mark.parametrize("strange", ["\ud800", "\x00"])
def test_nor_is_a_name_of_an_item_that_cannot_be_shown(exported, here, strange):
    told = json.loads(exported)
    told["cans"][0]["sheets"][0]["ratings"][strange] = "1"
    with pytest.raises(Unreadable, match="ratings holds a character that cannot be shown"):
        checked([("case.json", json.dumps(told).encode())], by=here.coordinator, receiver=here.supervisor)


def test_the_page_takes_it(client, exported, here):
    client.force_login(here.coordinator)
    given = {"file": SimpleUploadedFile("case.json", exported), "receiver": here.supervisor.pk, "show": "1"}
    page = whole(client.post("/import/", given))
    confirm = next(form for form in forms_of(page) if form.fields.keys() & {"file", "content"} == {"content"})
    answer = whole(client.post("/import/", {name: one.values[0] for name, one in confirm.fields.items()}))
    assert "Imported: " in answer.content.decode()
    assert Case.objects.get().agency == here.supervisor.agency
