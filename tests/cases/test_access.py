"""Who comes through which door: every form of the room, as one table."""

import pytest
from django.urls import reverse

from cases import actions
from cases.models import Caregiving, Collateral, Service, ServiceFinding, ServiceKind
from tests import factories
from tests.factories import days

# Name of the page; and who may open it besides the clinician and the supervisor of the line.
WORK = {
    "edit": (),
    "extend": (),
    "close": (),
    "undo_closing": ("coordinator",),
    "reopen": (),
    "decide": (),
    "add_child": (),
    "edit_child": (),
    "leave": (),
    "status": (),
    "add_service": (),
    "correct_stay": ("coordinator",),
    "change_service": (),
    "add_adult": (),
    "edit_adult": (),
    "end_collateral": (),
    "end_caregiving": (),
    "correct_collateral": ("coordinator",),
    "correct_caregiving": ("coordinator",),
    "find_child": ("coordinator",),
    "join_child": ("coordinator",),
    "find_adult": ("coordinator",),
    "use_adult": ("coordinator",),
    "assign": ("coordinator",),
}
COORDINATE = ["transfer", "correct_opening", "correct_closing", "correct_extension", "withdraw_extension"]


@pytest.fixture
def addresses(case, child, stay, caregiver, episode, clinician, parallel):
    extension = actions.request_extension(episode, by=clinician, requested=days(-3))
    kind = ServiceKind.objects.create(name="Invented Respite")
    service = Service.objects.create(membership=stay, kind=kind, provider="Nobody", starts=days(-3))
    ServiceFinding.objects.create(service=service, code="life.sleep")
    of_child, of_episode = [case.pk, child.pk], [case.pk, episode.pk]
    args = {
        "extend": of_episode,
        "close": of_episode,
        "undo_closing": of_episode,
        "correct_opening": of_episode,
        "correct_closing": of_episode,
        "decide": [case.pk, extension.pk],
        "correct_extension": [case.pk, extension.pk],
        "withdraw_extension": [case.pk, extension.pk],
        "edit_child": of_child,
        "join_child": of_child,
        "leave": of_child,
        "status": of_child,
        "add_service": of_child,
        "correct_stay": [case.pk, stay.pk],
        "change_service": [case.pk, service.pk],
        "use_adult": [case.pk, caregiver.pk],
        "edit_adult": [case.pk, caregiver.pk],
        "end_collateral": [case.pk, Collateral.objects.get().pk],
        "end_caregiving": [case.pk, Caregiving.objects.get().pk],
        "correct_collateral": [case.pk, Collateral.objects.get().pk],
        "correct_caregiving": [case.pk, Caregiving.objects.get().pk],
        "end_assignment": [case.pk, case.assignments.get(kind="parallel").pk],
    }
    names = [*WORK, *COORDINATE, "end_assignment"]
    return {name: reverse(f"cases:{name}", args=args.get(name, [case.pk])) for name in names}


def statuses(client, addresses, person):
    client.force_login(person)
    return {name: client.get(url).status_code for name, url in addresses.items()}


def test_anonymous_people_sign_in(client, addresses):
    for url in addresses.values():
        for method in (client.get, client.post):
            response = method(url)
            assert response.status_code == 302
            assert response.url.startswith("/accounts/login/")


def test_to_others_the_case_is_not_there(client, addresses, stranger, colleague):
    for person in (stranger, colleague):
        found = statuses(client, addresses, person)
        assert {found.pop(name) for name in COORDINATE} == {403}
        assert set(found.values()) == {404}


def test_an_administrator_opens_nothing(client, addresses, administrator):
    assert set(statuses(client, addresses, administrator).values()) == {403}


def test_a_reviewer_by_routing_reads_only(client, addresses, case, other_supervisor):
    factories.assign(case, other_supervisor, kind="review", starts=days(-1))
    assert set(statuses(client, addresses, other_supervisor).values()) == {403}


def test_who_works_the_case(client, addresses, clinician, supervisor):
    for person in (clinician, supervisor):
        found = statuses(client, addresses, person)
        assert {found.pop(name) for name in COORDINATE} == {403}
        assert set(found.values()) == {200}, found


def test_a_parallel_worker_keeps_records_and_assigns_nobody(client, addresses, parallel):
    found = statuses(client, addresses, parallel)
    assert [found[name] for name in ("assign", "end_assignment")] == [403, 403]
    assert {found[name] for name in WORK if name != "assign"} == {200}


def test_the_coordinator(client, addresses, coordinator):
    found = statuses(client, addresses, coordinator)
    allowed = {name for name, who in WORK.items() if "coordinator" in who} | {*COORDINATE, "end_assignment"}
    assert {name for name, status in found.items() if status == 200} == allowed
    assert {found[name] for name in found.keys() - allowed} == {403}


def test_a_coordinator_of_another_region_finds_nothing(client, addresses):
    elsewhere = factories.make_coordinator(factories.make_region())
    found = statuses(client, addresses, elsewhere)
    assert {found[name] for name in COORDINATE} == {404}


def test_the_primary_assignment_is_the_supervisors(client, case, clinician, supervisor, coordinator):
    url = reverse("cases:end_assignment", args=[case.pk, case.assignments.get().pk])
    for person, status in [(clinician, 403), (supervisor, 200), (coordinator, 200)]:
        client.force_login(person)
        assert client.get(url).status_code == status


def test_a_row_of_another_case_is_not_there(client, addresses, clinician):
    """The number of somebody else's row in the address of one's own case."""
    other = factories.make_case(primary=clinician)
    client.force_login(clinician)
    strange = [
        name
        for name in addresses
        if name not in COORDINATE and len(addresses[name].strip("/").split("/")) > 3 and name != "assign"
    ]
    for name in strange:
        parts = addresses[name].strip("/").split("/")
        if not any(part.isdigit() for part in parts[2:]) or name in {"join_child", "use_adult"}:
            continue
        parts[1] = str(other.pk)
        assert client.get(f"/{'/'.join(parts)}/").status_code == 404, name


def test_numbers_too_large_for_the_database(client, addresses, clinician):
    client.force_login(clinician)
    for url in addresses.values():
        parts = [("9" * 30 if part.isdigit() else part) for part in url.strip("/").split("/")]
        assert client.get(f"/{'/'.join(parts)}/").status_code in {403, 404}


def test_who_opens_a_case(client, clinician, supervisor, coordinator, administrator):
    for person, status in [(clinician, 200), (supervisor, 200), (coordinator, 403), (administrator, 403)]:
        client.force_login(person)
        assert client.get("/cases/new/").status_code == status


def test_who_keeps_the_service_array(client, clinician, coordinator, administrator):
    kind = ServiceKind.objects.create(name="Invented Respite")
    for person, status in [(clinician, 403), (administrator, 403), (coordinator, 200)]:
        client.force_login(person)
        assert client.get("/cases/services/").status_code == status
    assert client.get(f"/cases/services/{kind.pk}/retire/").status_code == 405
    client.force_login(clinician)
    assert client.post(f"/cases/services/{kind.pk}/retire/").status_code == 403
