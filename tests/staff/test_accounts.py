"""Accounts, roles and lines: who may, what is refused with a sentence, what ends at once."""

import re

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client

from audit.models import Event
from cases.actions import transfer
from staff import actions
from staff.actions.lines import lines_seen
from staff.left_open import left_open, what_holds
from staff.models import Line, Session, User
from staff.refusals import NotNow
from tests import factories
from tests.factories import days
from tests.racing import at_once, one_winner

FIRST_PASSWORD = re.compile(r"<code>([\w-]+)</code>")


@pytest.fixture
def other_administrator(agency):
    return factories.make_person("administrator", agency=agency, name="Alma Other-Admin")


@pytest.fixture
def their_administrator():
    return factories.make_person("administrator", name="Ansel Elsewhere")


def added(by, leader, **changes):
    given = {
        "username": "newcomer",
        "name": "Nell Newcomer",
        "email": "",
        "role": "clinician",
        "supervisor": leader,
        "starts": days(0),
    }
    return actions.add_person(by=by, **given | changes)


# Each verb about one person, with what it needs besides.
VERBS = {
    "change": lambda person, by: actions.change_person(person, name="Cleo New-Name", email="", by=by),
    "disable": lambda person, by: actions.disable_person(person, reason="Left.", by=by),
    "enable": lambda person, by: actions.enable_person(person, reason="Back.", by=by),
    "role": lambda person, by: actions.change_role(person, role="supervisor", reason="Grown.", by=by),
    "password": lambda person, by: actions.hand_over_password(person, by=by),
    "line": lambda person, by: actions.set_line(
        person,
        supervisor=User.objects.get(username="supervisor2"),
        starts=days(0),
        seen=lines_seen(person),
        by=by,
    ),
}


@pytest.mark.parametrize("verb", VERBS)
class TestWhoKeepsPeople:
    """Of each of these only one guard stands in the way: role, agency, the account, oneself."""

    def prepare(self, verb, person):
        if verb == "enable":
            User.objects.filter(pk=person.pk).update(is_active=False)
            person.refresh_from_db()

    def test_the_administrator_of_the_agency(self, verb, clinician, other_supervisor, administrator):
        self.prepare(verb, clinician)
        VERBS[verb](clinician, administrator)
        event = Event.objects.get(subject=f"person {clinician.pk}")
        assert (event.action, event.actor_number) == (f"person.{verb}", administrator.pk)

    @pytest.mark.parametrize("who", ["supervisor", "coordinator", "their_administrator", "colleague"])
    def test_nobody_else(self, verb, who, request, clinician, other_supervisor):
        self.prepare(verb, clinician)
        self.refused(verb, clinician, request.getfixturevalue(who))

    def test_not_one_who_was_disabled_meanwhile(self, verb, clinician, other_supervisor, administrator):
        self.prepare(verb, clinician)
        User.objects.filter(pk=administrator.pk).update(is_active=False)
        self.refused(verb, clinician, administrator)

    def test_not_one_who_is_no_administrator_any_more(self, verb, clinician, other_supervisor, administrator):
        self.prepare(verb, clinician)
        User.objects.filter(pk=administrator.pk).update(role="clinician")
        self.refused(verb, clinician, administrator)

    def test_not_oneself(self, verb, other_supervisor, administrator):
        self.refused(verb, administrator, administrator)

    def refused(self, verb, person, by):
        before = list(User.objects.order_by("pk").values())
        with pytest.raises(PermissionDenied):
            VERBS[verb](person, by)
        assert list(User.objects.order_by("pk").values()) == before
        assert not Event.objects.exists()


class TestAdd:
    def test_a_clinician_with_a_line(self, administrator, supervisor):
        person, password = added(administrator, supervisor)
        assert (person.agency, person.role, person.is_active) == (supervisor.agency, "clinician", True)
        assert person.must_change_password
        assert person.check_password(password)
        assert Line.objects.get(person=person).supervisor == supervisor
        assert Event.objects.get(action="person.add").subject == f"person {person.pk}"

    def test_no_two_passwords_are_alike(self, administrator, supervisor):
        _, one = added(administrator, supervisor)
        _, other = added(administrator, supervisor, username="second")
        assert one != other

    @pytest.mark.parametrize(
        ("changes", "sentence"),
        [
            ({"username": "CLINICIAN"}, "This user name is taken."),
            ({"role": "coordinator"}, "no role of an agency"),
            ({"role": ""}, "no role of an agency"),
            ({"supervisor": None}, "A clinician has a supervisor"),
            ({"role": "administrator"}, "Only clinicians and supervisors have a supervisor."),
            ({"starts": days(-1)}, "today or later"),
            ({"username": "two words"}, "Enter a valid username."),
        ],
    )
    def test_refused_with_a_sentence(self, administrator, clinician, supervisor, changes, sentence):
        with pytest.raises(NotNow, match=sentence):
            added(administrator, supervisor, **changes)
        assert not User.objects.filter(name="Nell Newcomer").exists()

    def test_not_under_a_supervisor_of_another_agency(self, administrator):
        elsewhere = factories.make_person("supervisor")
        with pytest.raises(NotNow, match="another active supervisor"):
            added(administrator, elsewhere)
        assert not User.objects.filter(name="Nell Newcomer").exists()

    def test_not_by_a_supervisor(self, supervisor):
        with pytest.raises(PermissionDenied):
            added(supervisor, supervisor)

    def test_page_shows_the_password_once(self, client, administrator, supervisor):
        client.force_login(administrator)
        sent = {
            "username": "newcomer",
            "name": "Nell Newcomer",
            "role": "clinician",
            "supervisor": supervisor.pk,
        }
        page = client.post("/staff/add/", sent, follow=True)
        password = FIRST_PASSWORD.search(page.content.decode())[1]
        person = User.objects.get(username="newcomer")
        assert person.check_password(password)
        assert not FIRST_PASSWORD.search(client.get(f"/staff/{person.pk}/").content.decode())
        row = Session.objects.get(person=administrator)
        assert password not in str(row.get_decoded())

    def test_the_password_shows_on_its_persons_page_only(self, client, administrator, clinician, colleague):
        client.force_login(administrator)
        client.post(f"/staff/{clinician.pk}/password/")
        assert not FIRST_PASSWORD.search(client.get(f"/staff/{colleague.pk}/").content.decode())
        assert FIRST_PASSWORD.search(client.get(f"/staff/{clinician.pk}/").content.decode())

    def test_a_supervisor_of_another_agency_is_as_unknown_as_a_free_number(self, client, administrator):
        elsewhere = factories.make_person("supervisor")
        client.force_login(administrator)
        answers = []
        for number in (elsewhere.pk, 987_654_321):
            sent = {"username": "n", "name": "Nell", "role": "clinician", "supervisor": number}
            body = client.post("/staff/add/", sent).content.decode()
            answers.append(re.sub(r'value="\w{64}"', "", body))
        assert answers[0] == answers[1]
        assert "Select a valid choice" in answers[0]


class TestDisable:
    def test_the_next_request_finds_nobody(self, clinician, administrator):
        browsers = [Client(), Client()]
        for browser in browsers:
            browser.force_login(clinician)
            assert browser.get("/").status_code == 200
        actions.disable_person(clinician, reason="Left the agency.", by=administrator)
        assert not Session.objects.filter(person=clinician).exists()
        for browser in browsers:
            assert browser.get("/")["Location"].startswith("/accounts/login/")

    def test_the_sessions_go_though_the_account_comes_back(self, clinician, administrator):
        browser = Client()
        browser.force_login(clinician)
        actions.disable_person(clinician, reason="By mistake.", by=administrator)
        actions.enable_person(clinician, reason="It was a mistake.", by=administrator)
        assert browser.get("/").status_code == 302

    def test_nobody_elses_session_ends(self, clinician, colleague, administrator):
        browser = Client()
        browser.force_login(colleague)
        actions.disable_person(clinician, reason="Left.", by=administrator)
        assert browser.get("/").status_code == 200

    def test_twice(self, clinician, administrator):
        actions.disable_person(clinician, reason="Left.", by=administrator)
        with pytest.raises(NotNow, match="disabled already"):
            actions.disable_person(clinician, reason="Left.", by=administrator)

    def test_an_active_account_is_not_enabled(self, clinician, administrator):
        with pytest.raises(NotNow, match="is active"):
            actions.enable_person(clinician, reason="Why not.", by=administrator)

    def test_what_is_left_open_is_said(self, client, clinician, submitted, child, supervisor, administrator):
        """With the family's name and the case's number, and nothing about the child."""
        client.force_login(administrator)
        page = client.get(f"/staff/{clinician.pk}/disable/").content.decode()
        assert "Cleo Clinician has 1 assignment on cases." in page
        assert f"Plainly-Invented ({submitted.case.number})" in page
        assert child.name not in page
        page = client.get(f"/staff/{supervisor.pk}/disable/").content.decode()
        assert "1 person is in the line of Sana Supervisor." in page
        assert "1 CANS waits for Sana Supervisor." in page

    def test_a_case_that_went_to_another_agency_is_counted_and_not_named(
        self, client, clinician, draft, case, coordinator, administrator
    ):
        theirs = factories.make_person("supervisor", agency=factories.make_agency("Another Agency"))
        transfer(case, by=coordinator, agency=theirs.agency, supervisor=theirs, reason="The family moved.")
        client.force_login(administrator)
        page = client.get(f"/staff/{clinician.pk}/disable/").content.decode()
        assert "1 unfinished CANS belongs to Cleo Clinician. 1 is in a case of another agency." in page
        assert case.number not in page

    def test_a_draft_is_left_open(self, draft, clinician, administrator):
        assert "1 unfinished CANS belongs to Cleo Clinician." in [
            one.sentence for one in left_open(clinician)
        ]

    def test_page(self, client, clinician, administrator):
        client.force_login(administrator)
        url = f"/staff/{clinician.pk}/disable/"
        assert "This field is required." in client.post(url, {"reason": ""}).content.decode()
        assert client.post(url, {"reason": "Left the agency."})["Location"] == f"/staff/{clinician.pk}/"
        page = client.get(f"/staff/{clinician.pk}/").content.decode()
        assert "This account is not active" in page
        assert "Left the agency." in page
        assert client.get(url).status_code == 409
        assert client.post(url, {"reason": "Left the agency."}).status_code == 409
        assert client.post(f"/staff/{clinician.pk}/enable/", {"reason": "Back."}).status_code == 302
        assert client.get(f"/staff/{clinician.pk}/enable/").status_code == 409


class TestPassword:
    def test_ends_sessions_and_the_old_password(self, clinician, administrator):
        browser = Client()
        browser.force_login(clinician)
        password = actions.hand_over_password(clinician, by=administrator)
        assert not Session.objects.filter(person=clinician).exists()
        clinician.refresh_from_db()
        assert clinician.must_change_password
        assert clinician.check_password(password)
        assert browser.get("/").status_code == 302


class TestChange:
    def test_the_record_says_what_and_not_how(self, clinician, administrator):
        actions.change_person(clinician, name="Cleo New-Name", email="cleo@made.example", by=administrator)
        clinician.refresh_from_db()
        assert (clinician.name, clinician.email) == ("Cleo New-Name", "cleo@made.example")
        assert Event.objects.get(action="person.change").detail == {"fields": ["name", "email"]}

    def test_nothing(self, client, clinician, administrator):
        client.force_login(administrator)
        response = client.post(f"/staff/{clinician.pk}/change/", {"name": clinician.name, "email": ""})
        assert response.status_code == 409
        assert "Nothing was changed." in response.content.decode()


class TestRole:
    def change(self, person, role, by):
        actions.change_role(person, role=role, reason="As agreed.", by=by)

    def test_a_clinician_becomes_a_supervisor_and_keeps_their_cases(self, case, clinician, administrator):
        self.change(clinician, "supervisor", administrator)
        clinician.refresh_from_db()
        assert clinician.role == "supervisor"
        event = Event.objects.get(action="person.role")
        assert event.detail == {"was": "clinician", "role": "supervisor", "reason": "As agreed."}

    def test_not_while_people_are_in_the_line(self, client, supervisor, clinician, administrator):
        with pytest.raises(NotNow, match=r"1 person is in the line.* Hand that over first\."):
            self.change(supervisor, "clinician", administrator)
        client.force_login(administrator)
        url = f"/staff/{supervisor.pk}/role/"
        assert "1 person is in the line of Sana Supervisor." in client.get(url).content.decode()
        response = client.post(url, {"role": "clinician", "reason": "As agreed."})
        assert response.status_code == 409
        assert "Hand that over first." in response.content.decode()

    def test_not_while_somebody_joins_the_line_tomorrow(self, other_supervisor, colleague, administrator):
        Line.objects.filter(person=colleague).update(ends=days(0))
        Line.objects.create(person=colleague, supervisor=other_supervisor, starts=days(1))
        with pytest.raises(NotNow, match="in the line"):
            self.change(other_supervisor, "clinician", administrator)

    def test_not_while_a_cans_waits(self, submitted, supervisor, other_supervisor, administrator):
        Line.objects.filter(supervisor=supervisor).update(supervisor=other_supervisor)
        with pytest.raises(NotNow, match="1 CANS waits"):
            self.change(supervisor, "clinician", administrator)

    def test_not_while_there_is_cover(self, cover, supervisor, other_supervisor, administrator):
        for person in (supervisor, other_supervisor):
            with pytest.raises(NotNow, match="stands in for Sana Supervisor"):
                self.change(person, "clinician", administrator)

    def test_not_into_an_administrator_while_cases_are_carried(self, case, clinician, administrator):
        with pytest.raises(NotNow, match="1 assignment on cases"):
            self.change(clinician, "administrator", administrator)

    def test_not_into_an_administrator_while_a_draft_is_open(self, draft, case, clinician, administrator):
        case.assignments.update(ends=days(-1))
        with pytest.raises(NotNow, match="1 unfinished CANS"):
            self.change(clinician, "administrator", administrator)

    def test_into_an_administrator_ends_the_line(self, clinician, administrator):
        self.change(clinician, "administrator", administrator)
        assert Line.objects.get(person=clinician).ends == days(-1)

    @pytest.mark.parametrize("role", ["coordinator", "", "clinician", "emperor"])
    def test_only_another_role_of_an_agency(self, clinician, administrator, role):
        with pytest.raises(NotNow, match="Choose another role"):
            self.change(clinician, role, administrator)

    def test_what_was_seen_on_the_page_must_still_be_so(self, clinician, administrator, other_administrator):
        stale = User.objects.get(pk=clinician.pk)
        self.change(clinician, "supervisor", administrator)
        with pytest.raises(NotNow, match="Somebody else made"):
            self.change(stale, "administrator", other_administrator)

    def test_what_is_over_holds_nothing(self, case, clinician, supervisor, other_supervisor):
        case.assignments.update(ends=days(-1))
        Line.objects.filter(supervisor=supervisor).update(ends=days(-1))
        assert what_holds(clinician, "administrator") == []
        assert what_holds(supervisor, "clinician") == []


class TestLine:
    def set(self, person, supervisor, by, starts=0, seen=None):
        seen = lines_seen(person) if seen is None else seen
        return actions.set_line(person, supervisor=supervisor, starts=days(starts), seen=seen, by=by)

    def test_the_one_before_ends_the_day_before(self, clinician, supervisor, other_supervisor, administrator):
        self.set(clinician, other_supervisor, administrator, starts=3)
        old, new = Line.objects.filter(person=clinician).order_by("starts")
        assert (old.supervisor, old.ends) == (supervisor, days(2))
        assert (new.supervisor, new.starts, new.ends) == (other_supervisor, days(3), None)
        assert clinician.line_on(days(2)).supervisor == supervisor
        assert clinician.line_on(days(3)).supervisor == other_supervisor

    def test_what_was_to_come_is_called_off(self, clinician, supervisor, other_supervisor, administrator):
        self.set(clinician, other_supervisor, administrator, starts=9)
        third = factories.make_person("supervisor", agency=clinician.agency)
        self.set(clinician, third, administrator, starts=0)
        assert [line.supervisor for line in Line.objects.filter(person=clinician).order_by("starts")] == [
            supervisor,
            third,
        ]
        event = Event.objects.filter(action="person.line").latest("pk")
        assert event.detail["called_off"] == [[other_supervisor.pk, days(9).isoformat()]]

    def test_one_of_today_is_replaced(self, clinician, supervisor, other_supervisor, administrator):
        self.set(clinician, other_supervisor, administrator)
        self.set(clinician, supervisor, administrator)
        assert clinician.line_on(days(0)).supervisor == supervisor
        assert not Line.objects.filter(person=clinician, supervisor=other_supervisor).exists()

    def test_refused_with_a_sentence(self, clinician, supervisor, other_supervisor, administrator):
        elsewhere = factories.make_person("supervisor")
        gone = factories.make_person("supervisor", agency=clinician.agency)
        User.objects.filter(pk=gone.pk).update(is_active=False)
        Line.objects.create(person=other_supervisor, supervisor=supervisor, starts=days(0))
        for person, leader, starts, sentence in [
            (clinician, other_supervisor, -1, "cannot reach back"),
            (clinician, elsewhere, 0, "another active supervisor"),
            (clinician, gone, 0, "another active supervisor"),
            (clinician, administrator, 0, "another active supervisor"),
            (supervisor, supervisor, 0, "another active supervisor"),
            (supervisor, other_supervisor, 0, "cannot supervise each other"),
            (clinician, supervisor, 0, "supervises Cleo Clinician that day already"),
        ]:
            with pytest.raises(NotNow, match=sentence):
                self.set(person, leader, administrator, starts=starts)
        assert Line.objects.count() == 2

    def test_an_administrator_has_no_supervisor(self, other_administrator, supervisor, administrator):
        with pytest.raises(NotNow, match="Only clinicians and supervisors"):
            self.set(other_administrator, supervisor, administrator)

    def test_a_page_that_is_out_of_date(self, client, clinician, supervisor, other_supervisor, administrator):
        seen = lines_seen(clinician)
        self.set(clinician, other_supervisor, administrator)
        client.force_login(administrator)
        sent = {"supervisor": supervisor.pk, "starts": days(0), "seen": seen}
        response = client.post(f"/staff/{clinician.pk}/line/", sent)
        assert response.status_code == 409
        assert "Somebody else changed who supervises" in response.content.decode()
        sent["seen"] = lines_seen(clinician)
        assert client.post(f"/staff/{clinician.pk}/line/", sent).status_code == 302

    def test_page_shows_the_history(self, client, clinician, administrator):
        client.force_login(administrator)
        page = client.get(f"/staff/{clinician.pk}/line/").content.decode()
        assert "Sana Supervisor" in page
        assert "without an end" in page


class TestHistory:
    def test_in_words(self, client, clinician, other_supervisor, administrator):
        for verb in ("change", "line", "role", "disable", "enable", "password"):
            clinician.refresh_from_db()
            VERBS[verb](clinician, administrator)
        client.force_login(administrator)
        page = client.get(f"/staff/{clinician.pk}/").content.decode()
        for words in (
            "Changed: name",
            "Supervised by Otto Other from",
            "Role changed from clinician to supervisor",
            "Account disabled",
            "Account active again",
            "New first password handed over",
        ):
            assert f"<strong>{words}" in page
        assert "by Ada Admin" in page

    def test_a_supervisor_sees_no_account(self, client, supervisor, clinician, administrator):
        VERBS["password"](clinician, administrator)
        client.force_login(supervisor)
        page = client.get(f"/staff/{clinician.pk}/").content.decode()
        assert "History of the account" not in page
        assert f"/staff/{clinician.pk}/disable/" not in page


def test_two_hundred_people_with_long_names(
    client, agency, supervisor, administrator, django_assert_num_queries
):
    client.force_login(administrator)
    client.get("/staff/")

    def count(page=""):
        with django_assert_num_queries(8):
            return client.get(f"/staff/{page}").content.decode()

    count()
    User.objects.bulk_create(
        User(username=f"many{number}", name="Wolfeschlegel" * 9, role="clinician", agency=agency)
        for number in range(200)
    )
    count()
    assert "Wolfeschlegel" in count("?page=5")


@pytest.mark.django_db(transaction=True)
class TestTwoAtOnce:
    def test_setting_a_line(
        self, clinician, supervisor, other_supervisor, administrator, other_administrator
    ):
        third = factories.make_person("supervisor", agency=clinician.agency)
        seen = lines_seen(clinician)

        def set_to(leader, by):
            return lambda: actions.set_line(clinician, supervisor=leader, starts=days(0), seen=seen, by=by)

        one_winner(at_once(set_to(other_supervisor, administrator), set_to(third, other_administrator)))
        assert Line.objects.filter(person=clinician).count() == 2

    def test_two_administrators_disable_each_other(self, administrator, other_administrator):
        def disable(person, by):
            return lambda: actions.disable_person(person, reason="Out.", by=by)

        results = at_once(
            disable(administrator, other_administrator), disable(other_administrator, administrator)
        )
        assert sum(isinstance(one, PermissionDenied) for one in results) == 1, results
        assert User.objects.filter(role="administrator", is_active=True).count() == 1

    def test_changing_a_role(self, clinician, administrator, other_administrator):
        def change(role, by):
            person = User.objects.get(pk=clinician.pk)
            return lambda: actions.change_role(person, role=role, reason="x", by=by)

        one_winner(at_once(change("supervisor", administrator), change("administrator", other_administrator)))

    def test_disabling(self, clinician, administrator, other_administrator):
        def disable(by):
            return lambda: actions.disable_person(clinician, reason="Left.", by=by)

        one_winner(at_once(disable(administrator), disable(other_administrator)))
        assert Event.objects.filter(action="person.disable").count() == 1


def test_what_is_said_of_a_user_name_is_what_is_taken(client, administrator, supervisor):
    """The hint and the sentence of the refusal name the same signs."""
    client.force_login(administrator)
    page = client.get("/staff/add/").content.decode()
    hint = re.search(r"letters, digits and (.+?) only", page)[1].split()
    wrong = client.post("/staff/add/", {"username": "two words"}).content.decode()
    assert sorted(re.search(r"letters, numbers, and (\S+) characters", wrong)[1].split("/")) == sorted(hint)
    added(administrator, supervisor, username="a" + "".join(hint))
