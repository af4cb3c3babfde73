"""The program's help: everybody reads it, a coordinator edits it, nothing is lost."""

import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.urls import get_resolver, reverse

from audit.models import Event
from guidance import actions, beside
from guidance.actions import load_entries
from guidance.management.commands.load_help import shipped
from guidance.models import Earlier, Entry
from guidance.places import BY_VIEW, PLACES
from guidance.text import as_html
from staff.models import User
from staff.policy import POLICIES
from staff.refusals import NotNow
from tests.factories import days, make_coordinator
from tests.html_forms import forms_of

pytestmark = pytest.mark.django_db
ROLES = ["clinician", "supervisor", "coordinator", "administrator", "superuser"]


@pytest.fixture(autouse=True)
def _nothing_is_kept(monkeypatch, _help_of_no_other_test):
    monkeypatch.setattr(beside, "_kept", beside.Kept(until=0))


@pytest.fixture
def superuser():
    return User.objects.create_superuser("root", password="a password for tests", name="Rory Root")


@pytest.fixture
def loaded():
    load_entries(shipped())


def written(by, **content):
    given = {
        "kind": "notice",
        "title": "Office closed",
        "summary": "On the holiday.",
        "text": "Nobody answers.",
        "places": ["queue"],
        "starts": days(0),
        "ends": None,
        "position": 100,
        "shown": True,
    }
    return actions.add_entry(by=by, **given | content)


def typed(**content):
    """What the browser sends of a form that is filled in."""
    given = {
        "kind": "guide",
        "title": "How to wait",
        "text": "1. Sit\n2. Wait",
        "places": ["queue", "case"],
        "starts": str(days(0)),
        "position": "5",
        "shown": "on",
    }
    return given | content


def the_form(answer):
    (form,) = [form for form in forms_of(answer) if "text" in form.fields]
    return form


# --- reading


@pytest.mark.parametrize("role", ROLES)
def test_everybody_who_is_signed_in_reads_every_page(client, request, role, loaded):
    client.force_login(request.getfixturevalue(role))
    assert client.get("/help/").status_code == 200
    for entry in Entry.objects.all():
        page = client.get(f"/help/{entry.slug}/")
        assert page.status_code == 200
        assert ("/edit/" in page.content.decode()) == (role == "coordinator")


@pytest.mark.parametrize("url", ["/help/", "/help/doing-a-cans/", "/help/add/", "/help/doing-a-cans/edit/"])
def test_nobody_else(client, loaded, url):
    assert client.get(url).status_code == 302


def test_an_entry_that_does_not_exist(client, clinician):
    client.force_login(clinician)
    assert client.get("/help/no-such-guide/").status_code == 404


def test_without_any_entry_the_page_says_so(client, clinician):
    client.force_login(clinician)
    assert "No guide is written yet" in client.get("/help/").content.decode()


@pytest.mark.parametrize(
    ("content", "is_read"),
    [
        ({"starts": days(0), "ends": days(0)}, True),
        ({"starts": days(1)}, False),
        ({"starts": days(-3), "ends": days(-1)}, False),
        ({"shown": False}, False),
    ],
)
def test_what_is_to_come_over_or_taken_down_only_a_coordinator_sees(
    client, coordinator, clinician, content, is_read
):
    url = written(coordinator, **content).get_absolute_url()
    for person, sees in [(clinician, is_read), (coordinator, True)]:
        client.force_login(person)
        assert client.get(url).status_code == (200 if sees else 404)
        assert ("Office closed" in client.get("/help/").content.decode()) == sees


def test_as_many_queries_for_many_entries_as_for_one(
    client, clinician, coordinator, django_assert_num_queries
):
    client.force_login(clinician)
    written(coordinator)
    client.get("/help/")
    with django_assert_num_queries(3):  # the session, the person, the entries
        client.get("/help/")
    load_entries(shipped())
    with django_assert_num_queries(3):
        client.get("/help/")


# --- what comes with the application


def test_loading_twice_changes_nothing_and_keeps_what_was_edited(coordinator, loaded):
    guide = Entry.objects.get(slug="doing-a-cans")
    actions.edit_entry(guide, by=coordinator, version=1, **guide.content | {"text": "Ours", "shown": False})
    before, events = list(Entry.objects.values()), Event.objects.count()
    call_command("load_help")
    assert list(Entry.objects.values()) == before
    assert Event.objects.count() == events


def test_what_is_missing_is_added(loaded):
    Entry.objects.filter(slug="doing-a-cans").delete()
    call_command("load_help")
    assert Entry.objects.get(slug="doing-a-cans").edited_by is None


def test_every_entry_that_comes_with_it_is_sound(client, coordinator, loaded):
    assert {entry.kind for entry in Entry.objects.all()} == set(Entry.Kind) - {Entry.Kind.NOTICE}
    client.force_login(coordinator)
    for entry in Entry.objects.all():
        entry.full_clean()
        assert set(entry.places) <= PLACES.keys()
        (form,) = [
            form for form in forms_of(client.get(f"/help/{entry.slug}/edit/")) if "text" in form.fields
        ]
        sent = {name: field.values for name, field in form.fields.items() if field.kind != "button"}
        assert client.post(f"/help/{entry.slug}/edit/", sent).status_code == 302, "what it says can be saved"


def test_its_links_lead_somewhere(client, clinician, loaded):
    client.force_login(clinician)
    for entry in Entry.objects.all():
        for line in as_html(entry.text, 2).split('href="')[1:]:
            url = line.split('"')[0]
            assert url.startswith("https://") or client.get(url).status_code == 200, url


def names_of(resolver, namespace=""):
    for one in resolver.url_patterns:
        if hasattr(one, "url_patterns"):
            yield from names_of(one, f"{one.namespace}:" if one.namespace else namespace)
        else:
            yield f"{namespace}{one.name}"


def test_every_view_of_a_place_exists():
    assert BY_VIEW.keys() - set(names_of(get_resolver())) == set()
    assert {place.policy for place in PLACES.values()} <= POLICIES.keys()
    assert all(reverse(place.opens) for place in PLACES.values())


# --- writing


@pytest.mark.parametrize("role", ["clinician", "supervisor", "administrator", "superuser"])
@pytest.mark.parametrize("url", ["/help/add/", "/help/doing-a-cans/edit/"])
def test_only_a_coordinator_writes(client, request, role, url, loaded):
    client.force_login(request.getfixturevalue(role))
    assert client.get(url).status_code == 403
    assert client.post(url, typed(version="1")).status_code == 403


def test_the_verbs_ask_for_a_coordinator_too(administrator, loaded):
    guide = Entry.objects.get(slug="doing-a-cans")
    with pytest.raises(PermissionDenied):
        written(administrator)
    with pytest.raises(PermissionDenied):
        actions.edit_entry(guide, by=administrator, version=1, **guide.content)


def test_a_coordinator_writes_one(client, coordinator, clinician):
    client.force_login(coordinator)
    answer = client.post("/help/add/", typed())
    assert answer.status_code == 302
    assert answer["Location"] == "/help/how-to-wait/"
    entry = Entry.objects.get()
    assert (entry.places, entry.position, entry.edited_by) == (["queue", "case"], 5, coordinator)
    event = Event.objects.get(action="help.added")
    assert (event.actor_number, event.subject) == (coordinator.pk, "help how-to-wait")
    client.force_login(clinician)
    assert "<li>Sit</li>" in client.get("/help/how-to-wait/").content.decode()


@pytest.mark.parametrize(("title", "slugs"), [("Add", ["add-2", "add-3"]), ("…", ["entry", "entry-2"])])
def test_every_entry_has_an_address_of_its_own(coordinator, title, slugs):
    assert [written(coordinator, title=title).slug for _ in slugs] == slugs


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"title": " "}, "Give it a title."),
        ({"text": ""}, "Write the text."),
        ({"kind": "sermon"}, "Choose one."),
        ({"places": ["the moon"]}, "Choose one."),
        ({"starts": "soon"}, "Write the date as"),
        ({"ends": str(days(-1))}, "This is before the first day."),
        ({"position": "-1"}, "greater than or equal to 0"),
        ({"position": "first"}, "Give a number from 0 to 999."),
        ({"title": "x" * 121}, "at most 120 characters"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_stays(client, coordinator, wrong, sentence):
    client.force_login(coordinator)
    answer = client.post("/help/add/", typed(summary="My own words") | wrong)
    page = answer.content.decode()
    assert answer.status_code == 400
    assert sentence in page
    assert "My own words" in page
    assert not Entry.objects.exists()


def test_an_edit_keeps_what_stood_before(client, coordinator, loaded):
    before = Entry.objects.get(slug="doing-a-cans")
    client.force_login(coordinator)
    assert client.post("/help/doing-a-cans/edit/", typed(version="1")).status_code == 302
    entry = Entry.objects.get(slug="doing-a-cans")
    assert (entry.title, entry.version, entry.edited_by) == ("How to wait", 2, coordinator)
    kept = Earlier.objects.get()
    assert (kept.version, kept.replaced_by) == (1, coordinator)
    assert kept.content == before.content | {"starts": before.starts.isoformat()}
    event = Event.objects.get(action="help.edited")
    assert event.detail["fields"] == ["places", "position", "summary", "text", "title"]
    assert before.text[:60].splitlines()[0] in client.get("/help/doing-a-cans/edit/").content.decode()


@pytest.mark.parametrize("change", [{"content": {}}, None])
def test_what_stood_before_never_changes(coordinator, loaded, change):
    guide = Entry.objects.get(slug="doing-a-cans")
    actions.edit_entry(guide, by=coordinator, version=1, **guide.content)
    rows = Earlier.objects.all()
    with pytest.raises(IntegrityError), transaction.atomic():
        rows.update(**change) if change else rows.delete()


def test_of_two_who_edit_the_second_is_shown_both_texts(client, coordinator, loaded):
    other = make_coordinator(name="Otis Other", username="coordinator2")
    guide = Entry.objects.get(slug="doing-a-cans")
    actions.edit_entry(guide, by=other, version=1, **guide.content | {"text": "Theirs, said first."})
    client.force_login(coordinator)
    answer = client.post("/help/doing-a-cans/edit/", typed(version="1", text="Mine, said second."))
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "Theirs, said first." in page
    assert "Mine, said second." in page
    assert "Otis Other" in page
    assert "Not saved" in page
    assert Entry.objects.get(pk=guide.pk).text == "Theirs, said first."
    # Who has read both saves over it, and theirs is kept.
    assert the_form(answer).fields["version"].values == ["2"]
    assert client.post("/help/doing-a-cans/edit/", typed(version="2", text="Of both")).status_code == 302
    assert Earlier.objects.get(version=2).content["text"] == "Theirs, said first."


def test_no_edit_without_its_record(coordinator, loaded, monkeypatch):
    guide = Entry.objects.get(slug="doing-a-cans")
    monkeypatch.setattr(actions, "record", lambda *args, **kwargs: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        actions.edit_entry(guide, by=coordinator, version=1, **guide.content | {"text": "Other"})
    assert Entry.objects.get(pk=guide.pk).text == guide.text
    assert not Earlier.objects.exists()


def test_an_edit_of_nothing_that_stands(coordinator, loaded):
    guide = Entry.objects.get(slug="doing-a-cans")
    with pytest.raises(NotNow):
        actions.edit_entry(guide, by=coordinator, version=7, **guide.content)


# --- beside the pages


def test_a_notice_stands_at_home_and_beside_its_page(client, supervisor, coordinator):
    written(coordinator)
    client.force_login(supervisor)
    link = 'href="/help/office-closed/"'
    assert link in client.get("/").content.decode()
    assert link in client.get("/approvals/").content.decode()
    assert link not in client.get("/cases/").content.decode()
    assert link not in client.get("/staff/me/").content.decode()


def test_a_guide_stands_beside_its_pages(client, clinician, draft, loaded):
    client.force_login(clinician)
    link = 'href="/help/doing-a-cans/"'
    case = draft.case_id
    for url in (f"/cases/{case}/", f"/cans/{draft.pk}/score/", f"/cans/{draft.pk}/summary/"):
        assert link in client.get(url).content.decode(), url
    assert link not in client.get("/").content.decode()
    assert (
        'href="/help/parallel-assignment/"' in client.get(f"/cases/{case}/assignments/add/").content.decode()
    )


def test_questions_and_resources_stand_beside_their_pages_folded(client, clinician, draft, loaded):
    client.force_login(clinician)
    page = client.get(f"/cans/{draft.pk}/people/").content.decode()
    folded = page.split("Questions and links about this page</summary>")[1].split("</details>")[0]
    assert 'href="/help/which-caregivers/"' in folded
    assert 'href="/help/foster-parent-missing/"' in folded
    assert 'href="/help/the-manual/"' in client.get(f"/cans/{draft.pk}/score/").content.decode()
    assert "Questions and links about this page" not in client.get("/").content.decode()


def test_every_entry_for_a_page_is_beside_it(loaded):
    """What somebody put beside a page is there, whatever its kind."""
    Entry.objects.filter(kind="contact").update(places=["queue"])
    for entry in Entry.objects.all():
        for place in entry.places:
            assert f'href="/help/{entry.slug}/"' in beside.beside(place)


def test_a_change_is_there_as_soon_as_it_is_committed(
    client, supervisor, coordinator, django_capture_on_commit_callbacks
):
    client.force_login(supervisor)
    assert "Office closed" not in client.get("/approvals/").content.decode()
    with django_capture_on_commit_callbacks(execute=True):
        entry = written(coordinator)
    assert "Office closed" in client.get("/approvals/").content.decode()
    with django_capture_on_commit_callbacks(execute=True):
        actions.edit_entry(entry, by=coordinator, version=1, **entry.content | {"shown": False})
    assert "Office closed" not in client.get("/approvals/").content.decode()


def test_a_page_asks_once_a_minute_at_most(
    client, supervisor, coordinator, loaded, monkeypatch, django_assert_num_queries
):
    client.force_login(supervisor)
    client.get("/approvals/")
    with django_assert_num_queries(0):
        assert "approving-and-returning" in beside.beside("queue")
        assert beside.beside("timeliness") == ""
    later = beside.time.monotonic() + beside.KEPT_FOR + 1
    monkeypatch.setattr(beside.time, "monotonic", lambda: later)
    with django_assert_num_queries(1):
        assert "approving-and-returning" in beside.beside("queue")


@pytest.mark.parametrize(("starts", "ends"), [(1, None), (-2, -1)])
def test_what_is_to_come_or_over_stands_nowhere(coordinator, starts, ends):
    written(coordinator, starts=days(starts), ends=ends and days(ends))
    assert beside.beside("home") == ""


def test_whatever_is_typed_beside_a_page_is_plain_ascii_and_escaped(coordinator):
    written(coordinator, title="<b>Fête</b>", summary="“So”")
    html = beside.beside("home")
    assert html.isascii()
    assert "&lt;b&gt;F&#234;te" in html


# --- text


@pytest.mark.parametrize(
    ("text", "never"),
    [
        ("<script>alert(1)</script>", "<script"),
        ("one <b onclick=x>two</b>", "<b"),
        ("[words](javascript:alert(1))", "href"),
        ("[words](data:text/html;base64,xx)", "href"),
        ("![picture](https://elsewhere.example/x.png)", "<img"),
        ('[words](https://x.example/"onmouseover=x)', '"onmouseover'),
    ],
)
def test_nothing_typed_runs(text, never):
    assert never not in as_html(text, 2)


def test_lists_links_and_headings_are_formatted():
    html = as_html("## First\n\n# Second\n\n1. one\n2. [two](/cases/)", 3)
    assert "<h3>First</h3>" in html
    assert "<h3>Second</h3>" in html
    assert "<ol>" in html
    assert '<a href="/cases/">two</a>' in html
