"""The page that tells a case's story, and the list of cases."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from approvals import actions as actions_on_cans
from audit.models import Reading
from cans import obligations
from cases import actions
from cases.models import Assignment, Caregiving, ChildStatus, Service, ServiceFinding, ServiceKind
from tests import factories
from tests.factories import days

PAGE_QUERIES = 15  # of them up to two for who may see it: asked one by one that is a fraction of the work


def queries(client, url):
    with CaptureQueriesContext(connection) as captured:
        response = client.get(url)
    assert response.status_code == 200
    return len(captured)


def grow(case, clinician):
    """A child with everything that a child can have."""
    child = factories.make_child(case)
    adult = factories.make_caregiver(child)
    stay = child.memberships.get()
    kind = ServiceKind.objects.get_or_create(name="Invented Respite")[0]
    service = Service.objects.create(membership=stay, kind=kind, provider="Nobody Inc", starts=days(-3))
    ServiceFinding.objects.create(service=service, code="life.sleep")
    ServiceFinding.objects.create(service=service, code="life.family-functioning")
    for value in ("First home", "Second home"):
        ChildStatus.objects.create(
            membership=stay, kind="placement", value=value, since=days(-2), recorded_by=clinician
        )
    factories.make_draft(child, author=clinician)
    return adult


def test_the_page_tells_the_whole_story(client, approved, case, child, caregiver, clinician):
    grow(case, clinician)
    client.force_login(clinician)
    page = client.get(case.get_absolute_url()).content.decode()
    for told in [
        case.number,
        "Robin Plainly-Invented",
        "Fay Foster-Example",
        "Substitute caregiver",
        "CANS approved",
        "Six-month CANS",
        "6 months after the CANS assessed on",
        "Respite",
        "Sleep",
        "Second home",
        "Nobody Inc",
        "Open CANS",
        "Cleo Clinician",
        "status-met",
        "status-due",
    ]:
        assert told in page, told
    assert "First home" not in page


@pytest.mark.parametrize("who", ["clinician", "supervisor", "coordinator"])
def test_queries_are_few_and_do_not_grow(client, request, approved, case, clinician, who):
    client.force_login(request.getfixturevalue(who))
    url = case.get_absolute_url()
    client.get(url)
    few = queries(client, url)
    for _ in range(12):
        grow(case, clinician)
    for _ in range(3):
        Assignment.objects.create(
            case=case,
            person=factories.make_person("clinician", agency=case.agency),
            kind="parallel",
            starts=days(-1),
        )
    assert queries(client, url) == few <= PAGE_QUERIES


NOT_YET = "Not yet rated"


def test_who_came_after_the_last_cans_is_not_yet_rated(client, case, child, approved, clinician):
    client.force_login(clinician)
    pages = [case.get_absolute_url(), f"{case.get_absolute_url()}children/{child.pk}/"]

    def said():
        return [client.get(page).content.decode().count(NOT_YET) for page in pages]

    sibling = factories.make_child(case)
    factories.make_caregiver(sibling)  # has no CANS yet, so nobody is missing from it
    assert said() == [0, 0]
    factories.make_caregiver(child, name="Ann Aunt-Example", starts=days(1))
    assert said() == [0, 0]
    Caregiving.objects.filter(adult__name="Ann Aunt-Example").update(starts=days(0))
    assert said() == [1, 1]
    draft = factories.make_draft(child, author=clinician)
    assert said() == [0, 0]
    actions_on_cans.void(draft, by=clinician, reason="A duplicate.")
    assert said() == [1, 1]
    Caregiving.objects.filter(adult__name="Ann Aunt-Example").update(ends=days(0))
    assert said() == [0, 0]


def test_opening_it_is_recorded_with_the_grant(client, case, child, clinician, supervisor, coordinator):
    for person in (clinician, supervisor, coordinator):
        client.force_login(person)
        client.get(case.get_absolute_url())
    line = clinician.lines.get()
    assert [
        (row.reader_number, row.page, row.children, row.grant) for row in reversed(Reading.objects.all())
    ] == [
        (clinician.pk, "case", [child.pk], f"assignment {case.assignments.get().pk}"),
        (supervisor.pk, "case", [child.pk], f"line {line.pk}"),
        (coordinator.pk, "case", [child.pk], f"region {coordinator.region_grants.get().pk}"),
    ]


def test_who_may_not(client, case, stranger, colleague, administrator):
    assert client.get(case.get_absolute_url()).status_code == 302
    for person, status in [(stranger, 404), (colleague, 404), (administrator, 403)]:
        client.force_login(person)
        assert client.get(case.get_absolute_url()).status_code == status
    assert not Reading.objects.exists()


def test_a_reviewer_by_routing_reads_and_is_offered_nothing(
    client, submitted, case, other_supervisor, supervisor
):
    from approvals.actions import reroute

    reroute(submitted, by=supervisor, to=other_supervisor, reason="I am away.")
    client.force_login(other_supervisor)
    page = client.get(case.get_absolute_url()).content.decode()
    assert "Robin" in page
    for offered in ("Add a child", "Close IPS", "Assign a worker", ">Edit<", "Start a CANS"):
        assert offered not in page, offered
    assert Reading.objects.get().grant == f"routing {case.assignments.get(kind='review').pk}"
    assert client.get(f"{case.get_absolute_url()}edit/").status_code == 403


def test_a_changed_due_date_keeps_the_old_one_with_who_and_why(client, case, child, coordinator):
    episode = case.episodes.get()
    actions.correct_opening(episode, by=coordinator, opened=days(-25), reason="Read from the letter.")
    client.force_login(coordinator)
    page = client.get(case.get_absolute_url()).content.decode()
    assert "Due dates that were changed (1)" in page
    assert "by Cora Coordinator: Opening date corrected from" in page
    assert "Read from the letter." in page


def test_the_timeline_is_paged_and_does_not_grow(client, case, child, clinician):
    client.force_login(clinician)
    url = f"{case.get_absolute_url()}timeline/"
    stay = child.memberships.get()
    actions.record_status(stay, by=clinician, kind="goal", value="The first", since=days(-1))
    few = queries(client, url)
    for number in range(60):
        actions.record_status(stay, by=clinician, kind="goal", value=f"Goal {number}", since=days(-1))
    assert queries(client, url) == few
    assert "Goal 59" in client.get(url).content.decode()
    assert "of 61" in client.get(f"{url}?page=2").content.decode()


def test_the_childs_page(client, approved, case, child, clinician, stranger):
    grow(case, clinician)
    url = f"{case.get_absolute_url()}children/{child.pk}/"
    client.force_login(clinician)
    page = client.get(url).content.decode()
    assert "Person number" in page
    assert "Initial CANS" in page
    assert Reading.objects.get().children == [child.pk]
    elsewhere = factories.make_child(factories.make_case())
    assert client.get(f"{case.get_absolute_url()}children/{elsewhere.pk}/").status_code == 404
    client.force_login(stranger)
    assert client.get(url).status_code == 404


class TestList:
    def test_what_is_due_next_in_words(self, client, case, child, clinician):
        client.force_login(clinician)
        page = client.get("/cases/").content.decode()
        assert "Initial CANS of Robin Plainly-Invented" in page
        assert "Cleo Clinician" in page

    def test_only_visible_cases(self, client, case, stranger):
        client.force_login(stranger)
        assert case.name not in client.get("/cases/").content.decode()

    def test_an_administrator_sees_names_and_numbers_without_links(self, client, case, child, administrator):
        factories.make_case(name="Of-Another-Agency")
        client.force_login(administrator)
        page = client.get("/cases/").content.decode()
        assert case.name in page
        assert case.number in page
        assert f'"{case.get_absolute_url()}"' not in page
        assert "Robin" not in page
        assert "Of-Another-Agency" not in page

    def test_filters(self, client, case, clinician, supervisor, coordinator):
        shut = factories.make_case(primary=clinician, name="Shut", closed=days(-1))
        own = factories.make_case(primary=supervisor, name="Own-Of-Supervisor")
        other = factories.make_case(name="Elsewhere")
        client.force_login(supervisor)

        def names(query):
            return [found.name for found in client.get(f"/cases/?{query}").context["page"].object_list]

        assert names("") == [own.name, case.name, shut.name]
        assert names("q=shu") == ["Shut"]
        assert names(f"q={case.number}") == [case.name]
        assert names("status=closed") == ["Shut"]
        assert names("status=open") == [own.name, case.name]
        assert names("whose=mine") == [own.name]
        assert names("status=nonsense") == []
        assert names("q=%00") == []
        client.force_login(coordinator)
        assert names(f"agency={other.agency.pk}") == ["Elsewhere"]
        assert names("agency=99999999999999999999999") == []

    def test_a_case_without_a_child_says_what_it_waits_for(self, client, case, clinician):
        """Nothing is due there, and that is no good news."""
        client.force_login(clinician)
        rejoins = factories.make_case(primary=clinician, name="Rejoins", opened=days(-9))
        factories.make_child(rejoins, joined=days(-99))

        def waits():
            page = client.get("/cases/?status=childless")
            assert page.content.decode().count("No child yet") == 1 + len(page.context["page"].object_list)
            return [found.name for found in page.context["page"].object_list]

        for stay, waiting in [
            ({"left": None}, [case.name]),
            ({"left": days(-9)}, [case.name]),
            ({"left": days(-10)}, [case.name, "Rejoins"]),
        ]:
            rejoins.memberships.update(**stay)
            obligations.refresh(rejoins)
            assert waits() == waiting
        assert "No child yet: add the children" in client.get(case.get_absolute_url()).content.decode()
        case.episodes.update(closed=days(0), closing_reason="stable")
        assert waits() == ["Rejoins"]
        assert "Nothing is due now" in client.get(case.get_absolute_url()).content.decode()

    @pytest.mark.parametrize("who", ["clinician", "coordinator"])
    def test_queries_do_not_grow(self, client, request, clinician, case, child, who):
        client.force_login(request.getfixturevalue(who))
        few = queries(client, "/cases/")
        for _ in range(30):
            factories.make_child(factories.make_case(primary=clinician))
        assert queries(client, "/cases/") == few <= PAGE_QUERIES

    def test_pages(self, client, clinician):
        for _ in range(51):
            factories.make_case(primary=clinician)
        client.force_login(clinician)
        assert "1\u201350 of 51" in client.get("/cases/").content.decode()
        assert "51\u201351 of 51" in client.get("/cases/?page=2").content.decode()
        assert client.get("/cases/?page=999999999999999999999").status_code == 200
