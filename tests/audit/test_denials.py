"""Every refusal once, and never what was typed; signing in, out, and failing to."""

import pytest
from django.core.cache import cache
from django.test import Client

from audit.models import Event, Reading
from tests import factories

pytestmark = pytest.mark.django_db

PASSWORD = "a password for tests"


def denials():
    found = Event.objects.filter(kind="denial").order_by("pk")
    return [(one.action, one.subject, one.detail, one.actor_label, one.chain) for one in found]


def test_what_is_not_yours(client, case, stranger):
    client.force_login(stranger)
    assert client.get(case.get_absolute_url()).status_code == 404
    expected = ("denied", f"cases/{case.pk}/", {"method": "GET", "status": 404}, "Stran Stranger")
    assert denials() == [(*expected, stranger.agency_id)]
    assert not Reading.objects.exists()


def test_the_wrong_role(client, case, administrator):
    client.force_login(administrator)
    assert client.post(f"/cases/{case.pk}/transfer/", {"reason": "typed"}).status_code == 403
    expected = ("denied", f"cases/{case.pk}/transfer/", {"method": "POST", "status": 403}, "Ada Admin")
    assert denials() == [(*expected, administrator.agency_id)]


@pytest.fixture
def from_elsewhere(client):
    person = factories.make_coordinator(factories.make_region("Elsewhere"), name="Elsa Elsewhere")
    client.force_login(person)
    return person


def test_a_coordinator_belongs_to_the_programs_chain(client, from_elsewhere):
    for path in ("/staff/", "/cases/987654321/"):
        assert client.get(path).status_code in {403, 404}
    assert [row[4] for row in denials()] == [0, 0]
    assert not Event.objects.filter(case_number__isnull=False).exists()


def test_but_at_a_case_of_an_agency_to_that_one_where_somebody_sees_it(
    client, case, draft, from_elsewhere, administrator, supervisor
):
    obligation = draft.case.obligations.first()
    paths = [
        f"/cases/{case.pk}/children/{draft.child_id}/",
        f"/audit/cases/{case.pk}/",
        f"/cans/{draft.pk}/score/",
        f"/approvals/{draft.pk}/reroute/",
        f"/cans/start/{case.pk}/{draft.child_id}/",
        f"/reports/waive/{obligation.pk}/",
    ]
    for path in paths:
        assert client.get(path).status_code in {403, 404}
    found = Event.objects.filter(kind="denial").values_list("case_number", "chain", "actor_label")
    assert list(found) == [(case.pk, case.agency_id, "Elsa Elsewhere")] * len(paths)
    client.force_login(administrator)
    assert "Elsa Elsewhere" in client.get("/audit/refusals/").content.decode()
    client.force_login(supervisor)
    assert "Elsa Elsewhere" in client.get(f"/audit/cases/{case.pk}/").content.decode()


def test_somebody_of_another_agency_is_told_of_to_both(client, case, stranger, supervisor):
    """In the chain of their own, and by its number in the record of the case."""
    client.force_login(stranger)
    client.get(case.get_absolute_url())
    told = Event.objects.get(kind="denial")
    assert (told.chain, told.case_number) == (stranger.agency_id, case.pk)
    client.force_login(supervisor)
    (row,) = client.get(f"/audit/cases/{case.pk}/").context["page"].object_list
    assert (row["what"], row["about"], row["grant"]) == ("Was refused", f"cases/{case.pk}/", "Nothing")


def test_nobody_is_sent_to_sign_in(client, case):
    assert client.get(f"/cases/{case.pk}/edit/?q=typed").status_code == 302
    expected = ("denied", f"cases/{case.pk}/edit/", {"method": "GET", "status": 302})
    assert denials() == [(*expected, "nobody signed in", 0)]
    assert Event.objects.get(kind="denial").case_number is None


def test_a_form_from_elsewhere(case, clinician):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(clinician)
    assert browser.post(f"/cases/{case.pk}/edit/").status_code == 403
    assert denials() == [
        (
            "denied",
            f"cases/{case.pk}/edit/",
            {"method": "POST", "status": 403},
            "Cleo Clinician",
            case.agency_id,
        )
    ]


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/cases/", 200),
        ("/healthz", 200),
        ("/cases/{case}/timeline/", 200),
        ("/cans/{draft}/take-over/", 405),
        ("/cans/{draft}/score/", 200),
        ("/nothing/here/", 404),
        ("/accounts/nothing/", 404),
        ("/cases/1x/", 404),
    ],
)
def test_what_is_no_refusal_of_ours(client, case, draft, clinician, path, status):
    client.force_login(clinician)
    answer = client.get(path.format(case=case.pk, draft=draft.pk))
    assert answer.status_code == status
    assert denials() == []


def test_the_wrong_moment_is_no_refusal(client, submitted, clinician):
    client.force_login(clinician)
    assert client.post(f"/approvals/{submitted.pk}/submit/").status_code == 409
    assert denials() == []


def test_a_word_in_the_address_is_not_kept(client, clinician):
    client.force_login(clinician)
    assert client.get("/help/what-somebody-typed/").status_code == 404
    assert denials()[0][1] == "help/<slug:guide>/"


@pytest.mark.parametrize("number", ["1" + "0" * 18, "9" * 400])
def test_a_number_that_no_row_can_have(client, clinician, number):
    client.force_login(clinician)
    assert client.get(f"/cases/{number}/").status_code == 404
    assert denials()[0][1] == "cases/(no number of ours)/"


def test_an_account_made_inactive_while_signed_in(client, case, clinician):
    client.force_login(clinician)
    clinician.is_active = False
    clinician.save()
    assert client.get(case.get_absolute_url()).status_code == 302
    assert [row[:2] for row in denials()] == [("denied", f"cases/{case.pk}/")]


# --- signing in -------------------------------------------------------------------------------------


@pytest.fixture
def sign_in(client, clinician):
    cache.clear()

    def sign_in(username="clinician", password=PASSWORD):
        return client.post("/accounts/login/", {"login": username, "password": password})

    return sign_in


def test_signing_in_and_out_are_acts(client, sign_in, clinician):
    sign_in()
    client.post("/accounts/logout/")
    found = Event.objects.filter(kind="act", actor_number=clinician.pk).order_by("pk")
    assert [(one.action, one.subject, one.chain) for one in found] == [
        (action, f"person {clinician.pk}", clinician.agency_id) for action in ("sign_in", "sign_out")
    ]


@pytest.mark.parametrize("username", ["clinician", "CLINICIAN"])
def test_a_wrong_password_is_kept_with_the_account_and_without_the_password(sign_in, clinician, username):
    sign_in(username, "the password of somebody's bank")
    assert denials() == [
        (
            "sign_in.failed",
            f"person {clinician.pk}",
            {"username": "clinician"},
            "nobody signed in",
            clinician.agency_id,
        )
    ]
    assert "bank" not in str(list(Event.objects.values()))


def test_a_name_that_is_nobodys_is_not_kept(sign_in):
    sign_in("a password typed into the wrong field")
    assert denials() == [("sign_in.failed", "an unknown account", {}, "nobody signed in", 0)]


def test_signing_in_where_the_account_is_not_active(sign_in, clinician):
    clinician.is_active = False
    clinician.save()
    sign_in()
    assert not Event.objects.filter(action="sign_in").exists()
