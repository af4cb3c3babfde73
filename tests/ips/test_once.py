"""A form that is sent twice is done once."""

import datetime
import threading

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.utils import timezone

from approvals.actions import void
from cans.instrument import SHIPPED
from cans.models import InstrumentVersion
from ips.models import Sent
from staff.dates import today
from staff.models import Credential
from tests import factories
from tests.factories import days

TOKEN = "the token of one page as it was shown"


def sent(person, **other):
    """What the form for a credential sends: at the second time it would be refused."""
    fields = {
        "kind": "training",
        "on": days(-3).isoformat(),
        "evidence": "Seen",
        "csrfmiddlewaretoken": TOKEN,
    }
    return f"/staff/{person.pk}/credential/", fields | other


@pytest.fixture
def browser(client, administrator):
    client.force_login(administrator)
    return client


def count(person):
    return Credential.objects.filter(person=person, kind="training").count()


def is_refused_as_there_already(answer):
    """It was looked at again, and not taken for the same sending."""
    return answer.status_code != 302 and b"on record already" in answer.content


def test_sent_again_it_leads_to_the_same_place(browser, clinician):
    before = count(clinician)
    first, second = (browser.post(*sent(clinician)) for _ in range(2))
    assert first.status_code == second.status_code == 302
    assert first["Location"] == second["Location"]
    assert count(clinician) == before + 1
    assert "This was sent twice, and done once." in browser.get(second["Location"]).content.decode()


def test_changed_and_sent_again_it_is_another(browser, clinician):
    before = count(clinician)
    browser.post(*sent(clinician))
    browser.post(*sent(clinician, on=days(-2).isoformat()))
    assert count(clinician) == before + 2


def test_from_a_page_opened_anew_it_is_another(browser, clinician):
    browser.post(*sent(clinician))
    assert is_refused_as_there_already(browser.post(*sent(clinician, csrfmiddlewaretoken="another")))


def test_of_another_person_it_is_another(browser, clinician, agency):
    browser.post(*sent(clinician))
    other = Client()
    other.force_login(factories.make_person("administrator", agency=agency))
    assert is_refused_as_there_already(other.post(*sent(clinician)))


def test_for_another_record_it_is_another(browser, clinician, colleague):
    before = count(colleague)
    browser.post(*sent(clinician))
    browser.post(*sent(colleague))
    assert count(colleague) == before + 1


def test_a_script_sends_a_key_instead(browser, clinician):
    path, fields = sent(clinician, csrfmiddlewaretoken="")
    answers = [browser.post(path, fields, headers={"Idempotency-Key": key}) for key in ("a", "a", "b")]
    assert [answer.status_code for answer in answers[:2]] == [302, 302]
    assert is_refused_as_there_already(answers[2])


def test_what_was_not_done_may_be_sent_again_as_it_is(client, clinician, draft, supervisor):
    """Led to the CANS that is open; the same bytes from the same page begin one when it is not."""
    client.force_login(clinician)
    path = f"/cans/start/{draft.case_id}/{draft.child_id}/"
    fields = {"assessed_on": today().isoformat(), "type": "initial", "csrfmiddlewaretoken": TOKEN}
    assert client.post(path, fields)["Location"] == f"/cans/{draft.pk}/"
    void(draft, by=supervisor, reason="Entered in error.")
    begun = client.post(path, fields)
    assert draft.child.assessments.count() == 2
    assert client.post(path, fields)["Location"] == begun["Location"]
    assert draft.child.assessments.count() == 2


def test_what_failed_leaves_nothing_and_may_be_sent_again(browser, clinician, monkeypatch):
    before = count(clinician)
    with monkeypatch.context() as broken:
        broken.setattr("django.contrib.messages.success", lambda *given: 1 / 0)  # after the act
        browser.raise_request_exception = False
        assert browser.post(*sent(clinician)).status_code == 500
    assert count(clinician) == before
    assert browser.post(*sent(clinician)).status_code == 302
    assert count(clinician) == before + 1


def test_a_file_counts_by_what_is_in_it(browser):
    sheet, answers = SHIPPED.read_bytes(), []
    for content in (sheet, sheet, sheet.replace(b"Sleep", b"Sleeping")):
        sent = {
            "label": "Ours",
            "file": SimpleUploadedFile("sheet.tsv", content),
            "csrfmiddlewaretoken": TOKEN,
        }
        answers.append(browser.post("/cans/instrument/load/", sent).status_code)
    assert answers == [302, 302, 200]  # the third is another sheet of a name that is taken
    assert InstrumentVersion.objects.filter(label="Ours").count() == 1


@pytest.mark.django_db(transaction=True)
def test_eight_at_once(administrator, clinician):
    before = count(clinician)
    barrier, answers = threading.Barrier(8), []

    def press():
        browser = Client()
        browser.force_login(administrator)
        barrier.wait(timeout=20)
        try:
            answers.append(browser.post(*sent(clinician)))
        finally:
            connection.close()

    threads = [threading.Thread(target=press) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert [answer.status_code for answer in answers] == [302] * 8
    assert count(clinician) == before + 1


def test_tidying_forgets_what_was_sent_days_ago(browser, clinician):
    with time_machine.travel(timezone.now() - datetime.timedelta(days=3)):
        Sent.objects.create(person=clinician, digest="old", led_to="/")
    Sent.objects.create(person=clinician, digest="new", led_to="/")
    call_command("tidy")
    assert [one.digest for one in Sent.objects.all()] == ["new"]
