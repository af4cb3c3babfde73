"""Views saved by name: one's own, the question and not the answer."""

import pytest

from audit.models import Event
from reports.models import SavedView

from .conftest import owing

URL = "/reports/views/"
ASKED = {"page": "reports:overdue", "query": "reason=draft&by=region&page=3"}


@pytest.fixture
def view(client, coordinator):
    client.force_login(coordinator)
    client.post(URL, ASKED | {"name": "Drafts"})
    return coordinator.saved_views.get()


def test_from_the_report_to_a_name_and_back(client, coordinator, clinician):
    owing(clinician, late=3)
    client.force_login(coordinator)
    assert "Save this view" in client.get("/reports/overdue/?reason=not_started").content.decode()
    page = client.get(URL, {"page": "reports:overdue", "query": "reason=not_started"}).content.decode()
    assert 'value="reason=not_started"' in page
    answer = client.post(URL, ASKED | {"name": "Drafts"})
    assert answer["Location"] == "/reports/overdue/?reason=draft&by=region"
    page = client.get("/reports/overdue/").content.decode()
    assert 'href="/reports/overdue/?reason=draft&amp;by=region">Drafts</a>' in page
    assert "Drafts</a>" not in client.get("/reports/due/").content.decode()


def test_the_same_name_again_takes_the_place_of_the_first(client, view):
    answer = client.post(URL, ASKED | {"name": "Drafts", "query": "reason=lapsed"}, follow=True)
    assert "It was there before with other filters: they are replaced." in answer.content.decode()
    assert list(SavedView.objects.values_list("name", "query")) == [("Drafts", "reason=lapsed")]


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"name": " "}, "Give it a name."),
        ({"name": "x" * 61}, "at most 60"),
        ({"page": "home"}, "Select a valid"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_stays(client, coordinator, wrong, sentence):
    client.force_login(coordinator)
    answer = client.post(URL, ASKED | {"name": "Drafts"} | wrong)
    assert sentence in answer.content.decode()
    assert 'value="reason=draft&amp;by=region&amp;page=3"' in answer.content.decode()
    assert not SavedView.objects.exists()


def test_forgotten(client, view):
    client.post(f"{URL}{view.pk}/forget/")
    assert not SavedView.objects.exists()


def test_both_are_on_record_without_the_name(client, view, coordinator):
    client.post(URL, ASKED | {"name": "Drafts"})
    client.post(f"{URL}{view.pk}/forget/")
    told = Event.objects.filter(action__startswith="view.").order_by("pk")
    page = {"page": "reports:overdue"}
    assert [(one.action, one.actor_number, one.subject, one.detail) for one in told] == [
        ("view.save", coordinator.pk, f"saved view {view.pk}", page | {"replaced": "no"}),
        ("view.save", coordinator.pk, f"saved view {view.pk}", page | {"replaced": "yes"}),
        ("view.forget", coordinator.pk, f"saved view {view.pk}", page),
    ]


def test_another_persons_is_not_there(client, view, supervisor):
    client.force_login(supervisor)
    assert not client.get(URL).context["saved"]
    assert client.post(f"{URL}{view.pk}/forget/").status_code == 404
    assert SavedView.objects.exists()


def test_what_is_too_long_to_be_kept_is_refused_and_not_cut(client, coordinator):
    client.force_login(coordinator)
    answer = client.post(URL, ASKED | {"name": "Long", "query": "reason=" + "%" * 900})
    assert "These filters are too long to be kept." in answer.content.decode()
    assert not SavedView.objects.exists()
