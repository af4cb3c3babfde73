"""A CANS is returned, and its author hears of it: by a real mail server, or later, and never doubled."""

import datetime
from urllib.parse import urlsplit

import pytest
from django.db import transaction
from django.utils import timezone

from approvals import actions
from cans.states import State
from staff.mail import TRIES
from staff.models import Mail
from tests.racing import at_once

from .conftest import let_the_next_try_come, lines_of, log_of, mail_server, run

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("addresses")]

REASON = "Robin slept badly, so look again."


@pytest.fixture
def back(submitted, supervisor):
    """Return it, with a comment on an item."""

    def give_back(reason=REASON):
        sheet = submitted.sheets.get(adult=None)
        comment = (sheet, sheet.applicable_items[0].code, "Robin said otherwise.")
        actions.return_for_revision(submitted, by=supervisor, reason=reason, comments=[comment])
        return submitted

    return give_back


def test_the_author_gets_a_link_and_nothing_about_the_child(
    back, server, box, settings, caregiver, clinician
):
    settings.SITE_URL = "https://ips.example"
    cans = back()
    message = box.only()
    assert box.to() == [clinician.email]
    assert message["To"] == clinician.email
    assert message["Subject"] == "A CANS was returned to you"
    assert message["Message-ID"].endswith("@ips.example>")
    assert f"https://ips.example/cans/{cans.pk}/" in lines_of(message)
    child, case = cans.child, cans.case
    secrets = [
        child.name,
        child.person_number,
        case.name,
        case.number,
        caregiver.name,
        caregiver.person_number,
    ]
    words = {word for secret in [*secrets, REASON, "Robin said otherwise."] for word in secret.split()}
    everything = str(message)
    assert {word for word in words - {"so", "look", "again."} if word in everything} == set()
    assert Mail.objects.get().sent_at


def test_the_link_opens_the_cans_for_its_author(back, server, box, client, clinician):
    back()
    (link,) = [line for line in lines_of(box.only()) if line.startswith("http")]
    client.force_login(clinician)
    assert client.get(urlsplit(link).path).status_code == 200


def test_what_is_undone_is_not_told(back, server, box):
    with transaction.atomic():
        back()
        assert Mail.objects.count() == 1
        transaction.set_rollback(True)
    assert not Mail.objects.exists()
    assert box.arrived == []


def test_of_a_step_that_is_refused_nothing_is_told(submitted, stranger, server, box):
    with pytest.raises(Exception, match="Only the supervisor"):
        actions.return_for_revision(submitted, by=stranger, reason=REASON)
    assert not Mail.objects.exists()


@pytest.mark.parametrize("trouble", ["nobody_listens", "mute"])
def test_a_server_that_is_away_undoes_nothing_and_the_command_sends_later_once(
    trouble, back, box, request, settings, caplog
):
    request.getfixturevalue(trouble)
    cans = back()
    cans.refresh_from_db()
    assert cans.state == State.RETURNED
    waiting = Mail.objects.waiting().get()
    assert waiting.tries == 1
    assert waiting.last_problem
    assert "WARNING Mail" in log_of(caplog)
    assert cans.author.email not in log_of(caplog)
    with mail_server(settings, box):
        assert run("send_mail") == "Sent: 0. Waiting: 1.\n"  # its next try is not due
        let_the_next_try_come()
        assert run("send_mail") == "Sent: 1. Waiting: 0.\n"
        assert run("send_mail") == "Sent: 0. Waiting: 0.\n"
    assert box.to() == [cans.author.email]
    assert Mail.objects.get().last_problem == ""


def test_a_page_is_answered_while_the_server_is_away(submitted, client, supervisor, nobody_listens):
    client.force_login(supervisor)
    answer = client.post(
        f"/approvals/{submitted.pk}/return/", {"reason": REASON, "version": submitted.version}
    )
    assert answer.status_code == 302
    submitted.refresh_from_db()
    assert submitted.state == State.RETURNED
    assert Mail.objects.waiting().count() == 1


def test_an_address_nobody_has_does_not_hold_up_the_others(back, server, box, supervisor, caplog):
    cans = back()
    box.arrived.clear()
    box.unknown = {cans.author.email}
    Mail.objects.update(sent_at=None, tries=0)
    Mail.objects.create(person=supervisor, kind="digest", key="another", subject="Another", text="Another.")
    let_the_next_try_come()
    assert run("send_mail") == "Sent: 1. Waiting: 1.\n"
    assert box.to() == [supervisor.email]
    assert "SMTPRecipientsRefused" in Mail.objects.waiting().get().last_problem
    assert "SMTPRecipientsRefused" in log_of(caplog)
    assert cans.author.email not in log_of(caplog)


def test_a_server_that_is_away_is_asked_once_a_run(back, nobody_listens, supervisor):
    back()
    for number in range(3):
        Mail.objects.create(person=supervisor, kind="digest", key=str(number), subject="A", text="B.")
    let_the_next_try_come()
    run("send_mail")
    assert sorted(Mail.objects.values_list("tries", flat=True)) in ([0, 0, 0, 2], [0, 0, 1, 1])


def test_after_the_last_try_it_says_so_loudly_and_begins_anew_when_told(
    back, settings, box, nobody_listens, caplog
):
    back()
    for _ in range(TRIES - 2):
        let_the_next_try_come()
        run("send_mail")
    assert Mail.objects.waiting().get().tries == TRIES - 1
    let_the_next_try_come()
    with pytest.raises(SystemExit) as stopped:
        run("send_mail")
    assert stopped.value.code == 1
    assert "CRITICAL MAIL GIVEN UP" in log_of(caplog)
    assert not Mail.objects.waiting().exists()
    with mail_server(settings, box):
        let_the_next_try_come()
        assert run("send_mail") == "Sent: 0. Waiting: 0.\n"
        assert run("send_mail", "--again") == "Begun anew: 1.\nSent: 1. Waiting: 0.\n"
    assert len(box.arrived) == 1


def test_two_commands_at_once_send_each_mail_once(back, settings, box, nobody_listens, supervisor):
    back()
    for number in range(5):
        Mail.objects.create(person=supervisor, kind="digest", key=str(number), subject=str(number), text="B.")
    let_the_next_try_come()
    with mail_server(settings, box):
        at_once(*[lambda: run("send_mail")] * 3)
    assert len(box.arrived) == len({str(message["Message-ID"]) for _, message in box.arrived}) == 6


@pytest.mark.parametrize("change", [{"is_active": False}, {"email": ""}])
def test_whoever_is_gone_or_has_no_address_gets_none(change, back, server, box, clinician):
    for name, value in change.items():
        setattr(clinician, name, value)
    clinician.save()
    back()
    assert not Mail.objects.exists()
    assert box.arrived == []


@pytest.mark.parametrize("change", [{"is_active": False}, {"email": ""}])
def test_whoever_left_while_it_waited_gets_none(change, back, settings, box, nobody_listens, clinician):
    back()
    type(clinician).objects.filter(pk=clinician.pk).update(**change)
    let_the_next_try_come()
    with mail_server(settings, box):
        assert run("send_mail") == "Sent: 0. Waiting: 0.\n"
    assert box.arrived == []
    assert Mail.objects.get().last_problem.startswith("The person has no address any more")


def test_each_return_is_told(back, server, box, submitted, clinician):
    back()
    submitted.refresh_from_db()
    actions.submit(submitted, by=clinician)
    back()
    assert box.to() == [clinician.email] * 2


def test_what_went_long_ago_is_tidied_away_and_what_waits_stays(back, server, supervisor):
    back()
    waiting = Mail.objects.create(person=supervisor, kind="digest", key="waits", subject="A", text="B.")
    long_ago = timezone.now() - datetime.timedelta(days=91)
    Mail.objects.update(made_at=long_ago)
    assert "0 old mails" in run("tidy")
    Mail.objects.filter(sent_at__isnull=False).update(sent_at=long_ago)
    assert "1 old mails" in run("tidy")
    assert Mail.objects.get() == waiting
