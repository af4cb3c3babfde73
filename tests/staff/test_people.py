"""People, their credentials, one's own panel: who sees whom, and what the gate says."""

import datetime
import re

import pytest
import time_machine
from django.contrib.auth.hashers import make_password
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from audit.models import Event
from staff import actions, gate
from staff.dates import today
from staff.models import Credential, Line, PolicySetting, User
from staff.refusals import NotNow
from tests import factories

URL = "/staff/"


def certified(person, days_ago):
    person.credentials.filter(kind="certification").update(on=today() - datetime.timedelta(days=days_ago))


@pytest.mark.parametrize("path", ["", "me/", "settings/", "settings/entry_gate/"])
def test_anonymous(client, db, path):
    assert client.get(f"{URL}{path}").status_code == 302


@pytest.mark.parametrize("person", ["clinician", "coordinator"])
def test_the_list_is_for_administrators_and_supervisors(client, request, colleague, person):
    client.force_login(request.getfixturevalue(person))
    assert client.get(URL).status_code == 403
    assert client.get(f"{URL}{colleague.pk}/").status_code == 403


def test_an_administrator_sees_their_agency(client, administrator, clinician, other_supervisor, stranger):
    client.force_login(administrator)
    page = client.get(URL).content.decode()
    assert "Cleo Clinician" in page
    assert "Otto Other" in page
    assert "Stran Stranger" not in page
    theirs, free = client.get(f"{URL}{stranger.pk}/"), client.get(f"{URL}999999/")
    assert (theirs.status_code, theirs.content) == (404, free.content)


def test_a_supervisor_sees_the_line_of_today(client, supervisor, clinician, colleague, other_supervisor):
    Line.objects.filter(person=colleague).update(ends=factories.days(-1))
    client.force_login(supervisor)
    page = client.get(URL).content.decode()
    assert "Cleo Clinician" in page
    assert "Coll Colleague" not in page
    assert "Otto Other" not in page
    assert client.get(f"{URL}{clinician.pk}/").status_code == 200
    assert client.get(f"{URL}{colleague.pk}/").status_code == 404


def test_the_list_can_be_narrowed(client, administrator, clinician, colleague, supervisor, other_supervisor):
    certified(clinician, 400)
    certified(colleague, 330)
    client.force_login(administrator)

    def names(query):
        page = client.get(f"{URL}?{query}").content.decode()
        return {person.name for person in User.objects.all() if f">{person.name}</a></th>" in page}

    assert names("state=may_not") == {"Cleo Clinician"}
    assert names("state=lapsing") == {"Coll Colleague"}
    assert names("state=may") == {"Coll Colleague", "Sana Supervisor", "Otto Other"}
    assert names("q=sana&role=supervisor") == {"Sana Supervisor"}
    assert names("role=supervisor&q=cleo") == set()
    assert names("state=perhaps") == set()
    assert names("account=perhaps") == set()
    User.objects.filter(pk=clinician.pk).update(is_active=False)
    assert names("state=may_not") == set()
    assert "Select a valid choice" in client.get(f"{URL}?state=perhaps").content.decode()


def test_what_an_account_is_like_is_said_and_found(client, administrator, supervisor, clinician, colleague):
    """Imported, and not begun; without a password, but let in by the directory; left, as it came."""
    imported = factories.make_person("clinician", agency=administrator.agency, name="Ima Imported")
    elsewhere = factories.make_person("clinician", agency=administrator.agency, name="Dir Directory")
    left = factories.make_person("clinician", agency=administrator.agency, name="Lea Left")
    people = User.objects.filter(pk__in=[imported.pk, elsewhere.pk, left.pk])
    people.update(password=make_password(None))
    people.filter(pk=elsewhere.pk).update(last_login=timezone.now())
    people.filter(pk=left.pk).update(is_active=False)
    client.force_login(administrator)
    expected = {
        "no_password": ("No password yet", {"Ima Imported"}),
        "not_active": ("Not active", {"Lea Left"}),
        "active": (
            "Active",
            {"Ada Admin", "Sana Supervisor", "Cleo Clinician", "Coll Colleague", "Dir Directory"},
        ),
    }
    for status, (label, names) in expected.items():
        page = client.get(f"{URL}?account={status}").content.decode()
        assert {person.name for person in User.objects.all() if f">{person.name}</a></th>" in page} == names
        cells = re.findall(r'data-label="Account">(?:<strong>)?([^<]+)', page)
        assert cells == [label] * len(names)
        assert {person.name for person in User.objects.all() if person.account_status == status} == names
    page = client.get(f"{URL}{imported.pk}/").content.decode()
    assert '<span class="tag tone-warn">No password yet</span>' in page
    assert "Nobody handed over a first password yet." in page
    actions.hand_over_password(imported, by=administrator)
    assert '<span class="tag tone-ok">Active</span>' in client.get(f"{URL}{imported.pk}/").content.decode()


def test_who_came_in_once_has_signed_in(client, clinician):
    assert clinician.last_login is None
    client.force_login(clinician)
    clinician.refresh_from_db()
    assert clinician.last_login


@pytest.mark.parametrize("days_ago", [0, 1, 304, 305, 306, 364, 365, 366, 367, 4000])
def test_the_querysets_say_what_the_conditions_say(clinician, days_ago):
    """The gate has two faces: one person, and a queryset over many."""
    certified(clinician, days_ago)
    clinician = User.objects.get(pk=clinician.pk)
    met = not gate.refusals(clinician)
    warned = any(condition.warning(today()) for condition in gate.conditions(clinician))
    assert gate.cleared().filter(pk=clinician.pk).exists() == met
    assert gate.lapsing().filter(pk=clinician.pk).exists() == warned


def test_without_training_or_account_nobody_is_cleared(clinician, colleague):
    clinician.credentials.filter(kind="training").delete()
    User.objects.filter(pk=colleague.pk).update(is_active=False)
    assert not gate.cleared().filter(pk__in=[clinician.pk, colleague.pk]).exists()


def test_the_gate_can_be_lifted_by_the_program(clinician, coordinator):
    clinician.credentials.all().delete()
    PolicySetting.objects.create(
        name="entry_gate", value="no", since=today(), reason="Decided.", set_by=coordinator
    )
    assert gate.cleared().filter(pk=clinician.pk).exists()


def test_the_list_has_a_constant_number_of_queries(
    client, administrator, agency, supervisor, django_assert_num_queries
):
    client.force_login(administrator)
    client.get(URL)  # the first page of a session also writes when it began

    def count():
        with django_assert_num_queries(8):
            client.get(URL)

    factories.make_person("clinician", agency=agency, supervisor=supervisor)
    count()
    for _ in range(30):
        factories.make_person("clinician", agency=agency, supervisor=supervisor)
    count()


class TestPanel:
    def test_says_yes_with_dates(self, client, clinician):
        client.force_login(clinician)
        page = client.get("/staff/me/").content.decode()
        assert "May I enter a CANS?" in page
        assert ">Yes<" in page
        assert "valid through" in page

    def test_says_no_and_who_can_fix_it(self, client, clinician):
        certified(clinician, 400)
        client.force_login(clinician)
        page = client.get("/staff/me/").content.decode()
        assert ">No<" in page
        assert "lapsed after" in page
        assert "Who can fix it" in page

    @pytest.mark.parametrize(
        ("left", "tone"),
        [(61, None), (60, "info"), (31, "info"), (30, "warning"), (8, "warning"), (7, "error")],
    )
    def test_warns_60_30_and_7_days_ahead(self, client, clinician, left, tone):
        certified(clinician, 100)
        through = gate.valid_through(factories.days(-100))  # told from here: none lapses after a 29 February
        with time_machine.travel(factories.noon((through - today()).days - left), tick=False):
            client.force_login(clinician)
            page = client.get("/staff/me/").content.decode()
        assert ("lapses in" in page) == (tone is not None)
        if tone:
            assert f"alert-{tone}" in page

    def test_of_another_person_speaks_of_them(self, client, clinician, administrator):
        certified(clinician, 400)
        client.force_login(administrator)
        page = client.get(f"{URL}{clinician.pk}/").content.decode()
        assert "Lapsed after" in page
        assert "Your CANS 2.0" not in page


class TestCredential:
    def data(self, **changes):
        return {"kind": "certification", "on": today(), "evidence": "Certificate 12", **changes}

    def test_the_administrator_records_one(self, client, clinician, administrator):
        certified(clinician, 400)
        client.force_login(administrator)
        response = client.post(f"{URL}{clinician.pk}/credential/", self.data())
        assert response["Location"] == f"{URL}{clinician.pk}/"
        made = clinician.credentials.latest("pk")
        assert (made.on, made.evidence, made.recorded_by) == (today(), "Certificate 12", administrator)
        assert gate.cleared().filter(pk=clinician.pk).exists()
        assert Event.objects.filter(action="credential.record", actor_number=administrator.pk).exists()

    @pytest.mark.parametrize("person", ["clinician", "supervisor", "coordinator"])
    def test_wrong_role(self, client, request, colleague, person):
        user = request.getfixturevalue(person)
        before = Credential.objects.count()
        client.force_login(user)
        assert client.post(f"{URL}{colleague.pk}/credential/", self.data()).status_code == 403
        with pytest.raises(PermissionDenied):
            actions.record_credential(colleague, by=user, kind="training", on=today(), evidence="Seen")
        assert Credential.objects.count() == before

    def test_not_of_another_agency(self, client, stranger, administrator):
        client.force_login(administrator)
        assert client.post(f"{URL}{stranger.pk}/credential/", self.data()).status_code == 404
        with pytest.raises(PermissionDenied):
            actions.record_credential(stranger, by=administrator, kind="training", on=today(), evidence="x")

    def test_not_ones_own(self, client, administrator):
        client.force_login(administrator)
        assert client.get(f"{URL}{administrator.pk}/credential/").status_code == 404
        with pytest.raises(PermissionDenied):
            actions.record_credential(
                administrator, by=administrator, kind="training", on=today(), evidence="x"
            )

    def test_not_ahead(self, clinician, administrator):
        with pytest.raises(NotNow, match="not ahead"):
            actions.record_credential(
                clinician, by=administrator, kind="training", on=factories.days(1), evidence="x"
            )

    @pytest.mark.parametrize(
        ("changes", "sentence"),
        [
            ({"on": factories.days(1)}, "still to come"),
            ({"on": "31.02.2026"}, "Enter a valid date."),
            ({"kind": "driving licence"}, "Select a valid choice."),
            ({"evidence": ""}, "This field is required."),
            ({"evidence": "x" * 201}, "at most 200 characters"),
        ],
    )
    def test_bad_input(self, client, clinician, administrator, changes, sentence):
        before = Credential.objects.count()
        client.force_login(administrator)
        response = client.post(f"{URL}{clinician.pk}/credential/", self.data(**changes))
        assert response.status_code == 200
        assert sentence in response.content.decode()
        assert Credential.objects.count() == before


class TestSettings:
    def data(self, **changes):
        return {"value": "10", "since": factories.days(1), "reason": "Agreed in the meeting.", **changes}

    @pytest.mark.parametrize("person", ["clinician", "supervisor", "administrator"])
    def test_wrong_role(self, client, request, person):
        user = request.getfixturevalue(person)
        client.force_login(user)
        assert client.get("/staff/settings/").status_code == 403
        assert client.post("/staff/settings/fix_by_working_days/", self.data()).status_code == 403
        with pytest.raises(PermissionDenied):
            actions.set_policy("entry_gate", value="no", since=factories.days(1), reason="x", by=user)
        assert not PolicySetting.objects.exists()

    def test_set_from_tomorrow(self, client, coordinator):
        client.force_login(coordinator)
        assert "5 working days" in client.get("/staff/settings/").content.decode()
        assert client.post("/staff/settings/fix_by_working_days/", self.data()).status_code == 302
        assert PolicySetting.objects.value_on("fix_by_working_days", today()) == "5"
        assert PolicySetting.objects.value_on("fix_by_working_days", factories.days(1)) == "10"
        page = client.get("/staff/settings/").content.decode()
        assert "10 working days, from" in page
        assert "To come" in page
        assert Event.objects.get(action="policy.set").detail["value"] == "10"

    def test_twice_on_one_day(self, client, coordinator):
        client.force_login(coordinator)
        client.post("/staff/settings/fix_by_working_days/", self.data())
        response = client.post("/staff/settings/fix_by_working_days/", self.data(value="3"))
        assert response.status_code == 409
        assert "already changes on that day" in response.content.decode()
        assert PolicySetting.objects.get().value == "10"

    @pytest.mark.parametrize(
        ("changes", "sentence"),
        [
            ({"since": factories.days(0)}, "Choose tomorrow or a later day"),
            ({"since": ""}, "This field is required."),
            ({"value": "500"}, "Select a valid choice."),
            ({"reason": ""}, "This field is required."),
        ],
    )
    def test_bad_input(self, client, coordinator, changes, sentence):
        client.force_login(coordinator)
        response = client.post("/staff/settings/fix_by_working_days/", self.data(**changes))
        assert response.status_code == 200
        assert sentence in response.content.decode()
        assert not PolicySetting.objects.exists()

    def test_a_setting_that_does_not_exist(self, client, coordinator):
        client.force_login(coordinator)
        assert client.get("/staff/settings/weather/").status_code == 404

    def test_the_verb_guards_itself(self, coordinator):
        with pytest.raises(NotNow, match="tomorrow"):
            actions.set_policy("entry_gate", value="no", since=today(), reason="x", by=coordinator)
        with pytest.raises(NotNow, match="not one of the values"):
            actions.set_policy("entry_gate", value="?", since=factories.days(1), reason="x", by=coordinator)
