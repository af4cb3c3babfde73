"""Break-glass: who may open which case, for how long, what it lets them do, and who is told."""

import datetime

import pytest
import time_machine
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from audit.models import Event, Reading
from cans.models import Assessment
from cases import actions
from cases.grants import grant_for
from cases.models import LASTS, Case, Child, EmergencyAccess, EmergencyNotice
from staff.models import Line
from staff.refusals import NotNow
from tests import factories
from tests.factories import days

pytestmark = pytest.mark.django_db
WHY = "The foster father is in hospital and nobody else is on duty."
FORM = reverse("cases:emergency")


def open_it(case, by, reason=WHY):
    return actions.open_in_emergency(by=by, number=case.number, reason=reason)


@pytest.fixture
def outsider(case, other_supervisor):
    """A clinician of another team of the same agency."""
    return factories.make_person(
        "clinician", agency=case.agency, name="Omar Outside", supervisor=other_supervisor
    )


def test_four_hours_by_the_clock_and_not_a_minute_more(case, child, outsider):
    opened = timezone.now().replace(microsecond=0)
    with time_machine.travel(opened, tick=False) as clock:
        access = open_it(case, outsider)
        for seconds, seen in [(0, True), (3 * 3600 + 59 * 60, True), (4 * 3600 - 1, True), (4 * 3600, False)]:
            clock.move_to(opened + datetime.timedelta(seconds=seconds))
            assert Case.objects.visible_to(outsider).filter(pk=case.pk).exists() == seen
            assert grant_for(outsider, case) == (f"emergency {access.pk}" if seen else "")
            browser = Client()  # the session of an idle one is over
            browser.force_login(outsider)
            assert browser.get(case.get_absolute_url()).status_code == (200 if seen else 404)


def test_a_row_that_says_longer_still_ends_after_four_hours(case, outsider):
    now = timezone.now()
    EmergencyAccess.objects.create(
        case=case, person=outsider, reason=WHY, starts_at=now - LASTS, ends_at=now + LASTS
    )
    assert not Case.objects.visible_to(outsider).exists()


def test_it_lets_read_and_nothing_else(case, child, approved, outsider, client):
    open_it(case, outsider)
    client.force_login(outsider)
    assert client.get(reverse("cases:child", args=[case.pk, child.pk])).status_code == 200
    assert client.get(approved.get_absolute_url()).status_code == 200
    assert Assessment.objects.visible_to(outsider).get() == approved
    for name in ("edit", "reopen", "add_child", "find_child", "add_adult", "assign"):
        assert client.get(reverse(f"cases:{name}", args=[case.pk])).status_code == 403, name
    assert client.post(reverse("cases:edit", args=[case.pk])).status_code == 403
    assert client.post(reverse("approvals:void", args=[approved.pk]), {"reason": "No."}).status_code == 403
    page = client.get(case.get_absolute_url()).content.decode()
    assert "Add a child" not in page


def test_a_supervisor_neither_works_nor_decides_by_it(case, submitted, other_supervisor, client):
    open_it(case, other_supervisor)
    client.force_login(other_supervisor)
    assert client.get(reverse("approvals:review", args=[submitted.pk])).status_code == 200
    for name, sent in [("approve", {}), ("return", {"reason": "Look again."}), ("void", {"reason": "No."})]:
        answer = client.post(reverse(f"approvals:{name}", args=[submitted.pk]), sent | {"version": 2})
        assert answer.status_code == 403, name
    submitted.refresh_from_db()
    assert (submitted.state, submitted.opened_at) == ("submitted", None)
    assert not Case.objects.workable_by(other_supervisor).exists()


def test_nobody_moves_a_child_or_an_adult_out_of_it(case, child, caregiver, outsider, client):
    own = factories.make_case(primary=outsider)
    open_it(case, outsider)
    client.force_login(outsider)
    for name, person in [("join_child", child), ("use_adult", caregiver)]:
        assert client.get(reverse(f"cases:{name}", args=[own.pk, person.pk])).status_code == 404
    found = client.get(reverse("cases:find_child", args=[own.pk]), {"q": child.name})
    assert child.person_number not in found.content.decode()
    assert Child.objects.visible_to(outsider).get() == child


def test_what_is_read_names_it(case, outsider, client):
    access = open_it(case, outsider)
    client.force_login(outsider)
    client.get(case.get_absolute_url())
    assert Reading.objects.latest("pk").grant == f"emergency {access.pk}"


def test_it_is_on_record_and_in_the_timeline_for_good(case, outsider, supervisor, client):
    access = open_it(case, outsider)
    event = Event.objects.get(action="case.emergency")
    assert (event.actor_number, event.case_number, event.detail["reason"]) == (outsider.pk, case.pk, WHY)
    client.force_login(supervisor)
    page = client.get(case.get_absolute_url()).content.decode()
    assert "Opened in an emergency by Omar Outside, to read, until" in page
    assert "Give it back" not in page
    with time_machine.travel(access.ends_at + datetime.timedelta(days=400)):
        browser = Client()
        browser.force_login(supervisor)
        page = browser.get(reverse("cases:timeline", args=[case.pk])).content.decode()
    assert "Opened in an emergency by Omar Outside" in page
    assert WHY in page


def test_who_is_told(case, clinician, outsider, supervisor, other_supervisor, administrator, stranger):
    carrying = factories.make_person("supervisor", agency=case.agency, name="Carla Carrying")
    factories.assign(case, carrying, kind="parallel", starts=days(-3))
    former, gone = (factories.make_person("supervisor", agency=case.agency) for _ in range(2))
    Line.objects.create(person=clinician, supervisor=former, starts=days(-900), ends=days(-400))
    gone_admin = factories.make_person("administrator", agency=case.agency)
    type(gone_admin).objects.filter(pk__in=[gone_admin.pk, gone.pk]).update(is_active=False)
    Line.objects.create(person=carrying, supervisor=gone, starts=days(-9))
    factories.make_person("administrator")
    access = open_it(case, outsider)
    told = {notice.person for notice in access.notices.all()}
    assert told == {administrator, supervisor, other_supervisor, carrying}


def test_the_notice_stays_at_home_until_it_is_acknowledged(case, outsider, administrator, supervisor, client):
    open_it(case, outsider)
    for person in (administrator, supervisor):
        client.force_login(person)
        page = client.get("/").content.decode()
        assert "Omar Outside" in page
        assert WHY in page
        notice = EmergencyNotice.objects.get(person=person)
        url = reverse("cases:acknowledge", args=[notice.pk])
        assert client.post(url).status_code == 302
        assert WHY not in client.get("/").content.decode()
        assert client.post(url).status_code == 409
    assert Event.objects.filter(action="case.emergency.acknowledge").count() == 2


def test_nobody_acknowledges_for_another(case, outsider, administrator, supervisor, client):
    open_it(case, outsider)
    notice = EmergencyNotice.objects.get(person=administrator)
    client.force_login(supervisor)
    assert client.post(reverse("cases:acknowledge", args=[notice.pk])).status_code == 404
    with pytest.raises(PermissionDenied):
        actions.acknowledge(notice, by=supervisor)


def test_it_can_be_given_back(case, outsider, colleague, client):
    access = open_it(case, outsider)
    url = reverse("cases:end_emergency", args=[access.pk])
    client.force_login(colleague)
    assert client.post(url).status_code == 404
    with pytest.raises(PermissionDenied):
        actions.end_emergency(access, by=colleague)
    client.force_login(outsider)
    assert url in client.get(case.get_absolute_url()).content.decode()
    assert client.post(url).status_code == 302
    assert client.get(case.get_absolute_url()).status_code == 404
    assert client.post(url).status_code == 409
    assert case.events.filter(kind="emergency_ended").count() == 1


def test_another_agencys_number_answers_as_a_free_one(case, stranger, client):
    client.force_login(stranger)
    answers = [client.post(FORM, {"number": number, "reason": WHY}) for number in (case.number, "9123456")]
    told = [
        answer.content.decode().replace(number, "N").split("csrfmiddlewaretoken")[-1].split(">", 1)[1]
        for answer, number in zip(answers, (case.number, "9123456"), strict=True)
    ]
    assert [answer.status_code for answer in answers] == [400, 400]
    assert told[0] == told[1]
    assert "Your agency has no case with this number." in told[0]
    assert not EmergencyAccess.objects.exists()


@pytest.mark.parametrize("reason", ["", "Help", "Emergencyemergencyemergency", "   .   .   .   .  .  . "])
def test_a_reason_is_a_sentence(case, outsider, reason, client):
    client.force_login(outsider)
    answer = client.post(FORM, {"number": case.number, "reason": reason})
    assert answer.status_code == 400
    assert case.number in answer.content.decode()
    with pytest.raises(ValidationError):
        open_it(case, outsider, reason)


def test_who_has_access_is_told_to_use_it(case, clinician, outsider, client):
    client.force_login(clinician)
    answer = client.post(FORM, {"number": case.number, "reason": WHY})
    assert answer.status_code == 409
    assert "regular access" in answer.content.decode()
    open_it(case, outsider)
    with pytest.raises(NotNow, match="already"):
        open_it(case, outsider)
    assert EmergencyAccess.objects.count() == 1


@pytest.mark.parametrize("role", ["coordinator", "administrator"])
def test_only_clinicians_and_supervisors(case, role, request, client):
    person = request.getfixturevalue(role)
    client.force_login(person)
    assert client.get(FORM).status_code == 403
    with pytest.raises(PermissionDenied):
        open_it(case, person)


def test_a_person_made_inactive_reads_no_more(case, outsider):
    open_it(case, outsider)
    outsider.is_active = False
    assert not Case.objects.visible_to(outsider).exists()
    with pytest.raises(PermissionDenied):
        open_it(case, outsider)


def test_a_case_that_moves_away_is_closed_to_them(case, outsider, coordinator):
    open_it(case, outsider)
    there = factories.make_person("supervisor")
    actions.transfer(case, by=coordinator, agency=there.agency, supervisor=there, reason="Moved.")
    assert grant_for(outsider, case) == ""
    assert not Case.objects.visible_to(outsider).exists()


def test_the_database_keeps_it(case, outsider, administrator):
    access = open_it(case, outsider)
    for change in [
        lambda: EmergencyAccess.objects.filter(pk=access.pk)._raw_delete("default"),
        lambda: EmergencyAccess.objects.update(reason="Nothing to see here."),
        lambda: EmergencyAccess.objects.update(ends_at=access.ends_at + datetime.timedelta(seconds=1)),
        lambda: EmergencyAccess.objects.update(ends_at=access.starts_at),
        lambda: EmergencyNotice.objects.filter(access=access)._raw_delete("default"),
        lambda: EmergencyNotice.objects.update(person=outsider),
    ]:
        with pytest.raises(IntegrityError), transaction.atomic():
            change()
