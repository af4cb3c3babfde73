"""The account request: filed, opened, confirmed; each step by the one whose step it is, and once."""

import re

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.test import Client

from audit.models import Event
from staff import actions
from staff.models import AccountRequest, Line, User
from staff.refusals import NotNow
from tests import factories
from tests.factories import days
from tests.racing import at_once, one_winner

URL = "/staff/requests/"


@pytest.fixture
def asked(supervisor):
    return factories.make_account_request(supervisor, name="Nell Newcomer", email="nell@made.example")


@pytest.fixture
def opened(asked, administrator):
    open_account(asked, administrator)
    asked.refresh_from_db()
    return asked


def open_account(asked, by, **changes):
    given = {"username": "nell", "name": "Nell Newcomer", "email": ""}
    return actions.open_account(asked, by=by, **given | changes)


def sent(**changes):
    return {"name": "Nell", "phone": "555 0100", "needed_from": days(3), "reason": "A new hire.", **changes}


def test_the_whole_way(client, supervisor, administrator):
    client.force_login(supervisor)
    page = client.post(f"{URL}new/", sent(name="Nell Newcomer"), follow=True).content.decode()
    assert "Waits for the administrator" in page
    asked = AccountRequest.objects.get()

    client.force_login(administrator)
    assert "Nell Newcomer" in client.get(URL).content.decode()
    assert 'value="Nell Newcomer"' in client.get(f"{URL}{asked.pk}/open/").content.decode()
    opening = {"username": "nell", "name": "Nell Newcomer", "email": ""}
    page = client.post(f"{URL}{asked.pk}/open/", opening, follow=True).content.decode()
    assert "<code>" in page
    assert "It becomes active when Sana Supervisor confirms it." in page
    person = User.objects.get(username="nell")
    assert (person.role, person.is_active, person.agency) == ("clinician", False, administrator.agency)
    assert Line.objects.get(person=person).supervisor == supervisor

    client.force_login(supervisor)
    assert "Confirm Nell Newcomer" in client.get(f"{URL}{asked.pk}/").content.decode()
    page = client.post(f"{URL}{asked.pk}/confirm/", follow=True).content.decode()
    assert "Confirmed, the account is active" in page
    person.refresh_from_db()
    assert person.is_active
    done = Event.objects.filter(action__startswith="account.").order_by("pk")
    assert list(done.values_list("action", flat=True)) == [
        "account.request",
        "account.open",
        "account.confirm",
    ]


class TestFile:
    @pytest.mark.parametrize("who", ["clinician", "coordinator", "administrator"])
    def test_by_supervisors_only(self, request, who):
        by = request.getfixturevalue(who)
        with pytest.raises(PermissionDenied):
            actions.file_request(by=by, name="Nell", phone="1", needed_from=days(0), reason="x")
        assert not AccountRequest.objects.exists()

    def test_not_by_one_who_was_disabled_meanwhile(self, supervisor):
        User.objects.filter(pk=supervisor.pk).update(is_active=False)
        with pytest.raises(PermissionDenied):
            actions.file_request(by=supervisor, name="Nell", phone="1", needed_from=days(0), reason="x")

    @pytest.mark.parametrize(
        ("changes", "sentence"),
        [
            ({"phone": ""}, "Give an e-mail address or a phone number."),
            ({"needed_from": days(-1)}, "Choose today or a later day."),
            ({"certified_on": days(1)}, "This day is still to come."),
            ({"trained_on": days(1)}, "This day is still to come."),
            ({"name": ""}, "This field is required."),
            ({"email": "nell at home"}, "Enter a valid email address."),
        ],
    )
    def test_bad_input(self, client, supervisor, changes, sentence):
        client.force_login(supervisor)
        response = client.post(f"{URL}new/", sent(**changes))
        assert response.status_code == 200
        assert sentence in response.content.decode()
        assert not AccountRequest.objects.exists()


class TestOpen:
    @pytest.mark.parametrize("who", ["supervisor", "coordinator", "clinician"])
    def test_by_the_administrator_only(self, request, asked, who):
        with pytest.raises(PermissionDenied):
            open_account(asked, request.getfixturevalue(who))

    def test_not_by_another_agencys(self, asked):
        with pytest.raises(PermissionDenied):
            open_account(asked, factories.make_person("administrator"))
        assert not User.objects.filter(username="nell").exists()

    def test_once(self, opened, administrator):
        with pytest.raises(NotNow, match="answered a moment ago"):
            open_account(opened, administrator, username="again")
        assert not User.objects.filter(username="again").exists()

    def test_not_under_one_who_supervises_no_more(self, client, asked, supervisor, administrator):
        User.objects.filter(pk=supervisor.pk).update(role="clinician")
        client.force_login(administrator)
        given = {"username": "nell", "name": "Nell Newcomer", "email": ""}
        response = client.post(f"{URL}{asked.pk}/open/", given)
        assert response.status_code == 409
        assert "no longer a supervisor here" in response.content.decode()
        assert not User.objects.filter(username="nell").exists()

    def test_a_name_in_use(self, client, asked, clinician, administrator):
        client.force_login(administrator)
        given = {"username": "Clinician", "name": "Nell Newcomer", "email": ""}
        response = client.post(f"{URL}{asked.pk}/open/", given)
        assert "This user name is taken." in response.content.decode()
        assert 'value="Clinician"' in response.content.decode()

    def test_nobody_signs_in_before_it_is_confirmed(self, asked, administrator):
        person, password = open_account(asked, administrator)
        browser = Client()
        browser.post("/accounts/login/", {"login": person.username, "password": password})
        assert browser.get("/").status_code == 302
        with pytest.raises(NotNow, match="when Sana Supervisor confirms it"):
            actions.enable_person(person, reason="Quicker.", by=administrator)


class TestConfirm:
    def test_by_the_supervisor_it_was_handed_to(self, opened, supervisor, other_supervisor):
        Line.objects.filter(person=opened.person).update(supervisor=other_supervisor)
        actions.confirm_account(opened, by=other_supervisor)
        opened.refresh_from_db()
        assert opened.confirmed_by == other_supervisor

    def test_not_by_another_supervisor(self, client, opened, other_supervisor):
        with pytest.raises(PermissionDenied):
            actions.confirm_account(opened, by=other_supervisor)
        client.force_login(other_supervisor)
        assert client.post(f"{URL}{opened.pk}/confirm/").status_code == 404

    def test_not_by_the_administrator(self, opened, administrator):
        with pytest.raises(PermissionDenied):
            actions.confirm_account(opened, by=administrator)

    def test_not_by_one_who_supervises_no_more(self, opened, supervisor):
        User.objects.filter(pk=supervisor.pk).update(role="clinician")
        with pytest.raises(PermissionDenied):
            actions.confirm_account(opened, by=supervisor)

    def test_not_before_it_is_opened_and_not_twice(self, client, asked, supervisor, administrator):
        client.force_login(supervisor)
        assert client.post(f"{URL}{asked.pk}/confirm/").status_code == 409
        open_account(asked, administrator)
        assert client.post(f"{URL}{asked.pk}/confirm/").status_code == 302
        assert client.post(f"{URL}{asked.pk}/confirm/").status_code == 409

    def test_not_after_it_was_declined(self, opened, supervisor, administrator):
        actions.decline_request(opened, reason="Nobody came.", by=administrator)
        with pytest.raises(NotNow, match="settled already"):
            actions.confirm_account(opened, by=supervisor)
        assert not User.objects.get(username="nell").is_active


class TestDecline:
    def test_the_supervisor_sees_why(self, client, asked, supervisor, administrator):
        client.force_login(administrator)
        assert client.post(f"{URL}{asked.pk}/decline/", {"reason": ""}).status_code == 200
        client.post(f"{URL}{asked.pk}/decline/", {"reason": "Works elsewhere."})
        client.force_login(supervisor)
        assert "Works elsewhere." in client.get(f"{URL}{asked.pk}/").content.decode()

    @pytest.mark.parametrize("who", ["supervisor", "coordinator"])
    def test_by_the_administrator_only(self, request, asked, who):
        with pytest.raises(PermissionDenied):
            actions.decline_request(asked, reason="x", by=request.getfixturevalue(who))

    def test_not_once_it_is_settled(self, client, opened, supervisor, administrator):
        actions.confirm_account(opened, by=supervisor)
        with pytest.raises(NotNow, match="settled already"):
            actions.decline_request(opened, reason="Too late.", by=administrator)
        client.force_login(administrator)
        assert client.get(f"{URL}{opened.pk}/decline/").status_code == 409
        assert client.get(f"{URL}{opened.pk}/open/").status_code == 409


def test_another_agencys_request_is_as_unknown_as_a_free_number(client, asked):
    for role in ("supervisor", "administrator"):
        client.force_login(factories.make_person(role))
        for path in ("", "open/", "decline/", "confirm/"):
            for method in (client.get, client.post):
                theirs, free = method(f"{URL}{asked.pk}/{path}"), method(f"{URL}987654321/{path}")
                assert theirs.status_code == free.status_code
                assert token_free(theirs) == token_free(free)
                assert theirs.status_code in {403, 404, 405}


def token_free(answer):
    return re.sub(rb'value="\w{64}"', b"", answer.content)


def test_a_supervisor_sees_their_own_requests(client, asked, other_supervisor):
    client.force_login(other_supervisor)
    assert "Nell Newcomer" not in client.get(URL).content.decode()
    assert client.get(f"{URL}{asked.pk}/").status_code == 404


def test_the_list_has_a_constant_number_of_queries(client, supervisor, django_assert_num_queries):
    client.force_login(supervisor)
    client.get(URL)

    def count():
        with django_assert_num_queries(4):
            client.get(URL)

    factories.make_account_request(supervisor)
    count()
    for _ in range(30):
        factories.make_account_request(supervisor)
    count()


@pytest.mark.parametrize(
    "broken",
    [
        {"name": ""},
        {"reason": ""},
        {"phone": ""},
        {"opened_at": "now"},
        {"confirmed_at": "now"},
        {"declined_at": "now"},
        {"declined_reason": "Without anybody."},
    ],
)
def test_the_database_refuses_half_a_fact(supervisor, broken):
    asked = factories.make_account_request(supervisor)
    values = {name: asked.requested_at if value == "now" else value for name, value in broken.items()}
    with pytest.raises(IntegrityError), transaction.atomic():
        AccountRequest.objects.filter(pk=asked.pk).update(**values)


def test_the_database_refuses_that_one_person_opens_and_confirms(opened, administrator):
    with pytest.raises(IntegrityError), transaction.atomic():
        AccountRequest.objects.filter(pk=opened.pk).update(
            confirmed_by=administrator, confirmed_at=opened.opened_at
        )


@pytest.mark.django_db(transaction=True)
class TestTwoAtOnce:
    def test_opening(self, asked, administrator, agency):
        other = factories.make_person("administrator", agency=agency)

        def opening(by, username):
            return lambda: open_account(asked, by, username=username)

        one_winner(at_once(opening(administrator, "one"), opening(other, "two")))
        assert User.objects.filter(username__in=["one", "two"]).count() == 1

    def test_opening_and_declining(self, asked, administrator, agency):
        other = factories.make_person("administrator", agency=agency)
        results = at_once(
            lambda: open_account(asked, administrator),
            lambda: actions.decline_request(asked, reason="No.", by=other),
        )
        asked.refresh_from_db()
        assert all(one is None or isinstance(one, tuple | NotNow) for one in results), results
        assert asked.declined_at is not None
        assert not User.objects.filter(username="nell", is_active=True).exists()

    def test_confirming_and_declining(self, opened, supervisor, administrator):
        one_winner(
            at_once(
                lambda: actions.confirm_account(opened, by=supervisor),
                lambda: actions.decline_request(opened, reason="Nobody came.", by=administrator),
            )
        )
        opened.refresh_from_db()
        assert User.objects.get(username="nell").is_active == (opened.confirmed_at is not None)
