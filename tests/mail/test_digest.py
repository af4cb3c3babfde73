"""Once a day each supervisor hears how much waits for them: as many as their queue shows, and no names."""

import datetime

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.utils import timezone
from pytest_django.asserts import assertContains

from approvals import actions
from approvals.queue import waiting_for
from audit.models import Event
from cans.models import Obligation
from staff.actions import want_digest
from staff.models import Mail
from tests import factories
from tests.approvals.conftest import name_cover
from tests.factories import days
from tests.racing import at_once

from .conftest import let_the_next_try_come, lines_of, mail_server, run

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("addresses")]


@pytest.fixture
def waits(clinician):
    """One more submitted CANS, of a case of its own."""

    def make(*, to=None):
        child = factories.make_child(factories.make_case(primary=clinician))
        draft = factories.make_draft(child, author=clinician, rated="1")
        actions.submit(draft, by=clinician)
        if to:
            actions.reroute(draft, by=clinician, to=to, reason="An invented reason.")
        return draft

    return make


def test_the_counts_are_those_of_the_queue_and_nobody_is_named(
    waits, server, box, settings, supervisor, other_supervisor
):
    settings.SITE_URL = "https://ips.example"
    mine, covered, late = waits(), waits(to=other_supervisor), waits()
    Obligation.objects.filter(met_by=late).update(due=days(-2), work_by=days(-2))
    name_cover(other_supervisor, supervisor, 0, 0)
    assert run("send_digests") == "Digests made: 2. Mails sent: 2.\n"
    messages = {message["To"]: message for _, message in box.arrived}
    message = messages[supervisor.email]
    rows = waiting_for(supervisor)
    assert message["Subject"] == f"{len(rows)} CANS wait for your review" == "3 CANS wait for your review"
    text = message.get_content()
    assert "3 CANS wait for your review." in text
    assert "1 of them is here because you cover for somebody." in text
    assert "1 of them is past the due date." in text
    assert "https://ips.example/approvals/" in lines_of(message)
    assert messages[other_supervisor.email]["Subject"] == "1 CANS waits for your review"
    assert "cover" not in messages[other_supervisor.email].get_content()
    everything = " ".join(str(message) for message in messages.values())
    for cans in (mine, covered, late):
        names = [
            cans.child.name,
            cans.child.person_number,
            cans.case.name,
            cans.case.number,
            cans.author.name,
        ]
        assert [name for name in names if name in everything] == []


def test_nothing_waits_and_no_mail_goes(server, box, submitted, supervisor, other_supervisor):
    assert run("send_digests") == "Digests made: 1. Mails sent: 1.\n"
    assert box.to() == [supervisor.email]


def test_once_a_day_however_often_it_runs(server, box, submitted, supervisor):
    run("send_digests")
    assert run("send_digests") == "Digests made: 0. Mails sent: 0.\n"
    with time_machine.travel(timezone.now() + datetime.timedelta(days=1), tick=True):
        assert run("send_digests") == "Digests made: 1. Mails sent: 1.\n"
    assert box.to() == [supervisor.email] * 2


def test_once_when_it_runs_twice_at_the_same_moment(
    server, box, submitted, waits, supervisor, other_supervisor
):
    waits(to=other_supervisor)
    at_once(*[lambda: run("send_digests")] * 3)
    assert sorted(box.to()) == sorted([supervisor.email, other_supervisor.email])


@pytest.mark.parametrize("change", [{"is_active": False}, {"email": ""}])
def test_whoever_is_gone_or_has_no_address_gets_none(change, submitted, supervisor, nobody_listens):
    type(supervisor).objects.filter(pk=supervisor.pk).update(**change)
    assert run("send_digests") == "Digests made: 0. Mails sent: 0.\n"
    assert not Mail.objects.exists()


def test_what_could_not_be_sent_that_day_is_not_sent_with_old_counts(
    submitted, supervisor, settings, box, nobody_listens
):
    run("send_digests")
    assert Mail.objects.waiting().count() == 1
    let_the_next_try_come()
    tomorrow = timezone.now() + datetime.timedelta(days=1)
    with mail_server(settings, box), time_machine.travel(tomorrow, tick=True):
        assert run("send_mail") == "Sent: 0. Waiting: 0.\n"
        assert run("send_digests") == "Digests made: 1. Mails sent: 1.\n"
    assert len(box.arrived) == 1


def test_later_the_same_day_it_is_sent(submitted, supervisor, settings, box, nobody_listens):
    run("send_digests")
    let_the_next_try_come()
    with mail_server(settings, box):
        assert run("send_mail") == "Sent: 1. Waiting: 0.\n"
    assert box.to() == [supervisor.email]


class TestSwitchedOff:
    def switch(self, client, person, wanted):
        client.force_login(person)
        return client.post("/staff/me/digest/", {"wanted": wanted}, follow=True)

    def test_no_morning_mail_but_what_is_returned_is_told(
        self, client, server, box, submitted, supervisor, other_supervisor
    ):
        answer = self.switch(client, supervisor, "no")
        assertContains(answer, "The morning&#x27;s mail does not come any more.")
        assertContains(answer, "Off: you switched it off.")
        assert run("send_digests") == "Digests made: 0. Mails sent: 0.\n"
        step = actions.return_for_revision(submitted, by=supervisor, reason="An invented reason.")
        assert box.to() == [step.assessment.author.email]
        assertContains(self.switch(client, supervisor, "yes"), "On: it comes on a day when something waits.")

    def test_it_is_ones_own_to_decide_and_on_record_once(self, client, supervisor, other_supervisor):
        for _ in range(2):
            self.switch(client, supervisor, "no")
        (event,) = Event.objects.filter(action="person.digest")
        assert (event.actor_number, event.detail) == (supervisor.pk, {"switched": "off"})
        other_supervisor.refresh_from_db()
        assert other_supervisor.wants_digest

    @pytest.mark.parametrize("who", ["clinician", "coordinator", "administrator"])
    def test_who_gets_none_switches_none(self, who, request):
        person = request.getfixturevalue(who)
        with pytest.raises(PermissionDenied):
            want_digest(False, by=person)
        person.refresh_from_db()
        assert person.wants_digest

    def test_without_an_address_the_page_says_so(self, client, supervisor):
        client.force_login(supervisor)
        assertContains(client.get("/staff/me/"), supervisor.email)
        type(supervisor).objects.filter(pk=supervisor.pk).update(email="")
        assertContains(client.get("/staff/me/"), "your account has no e-mail address")
