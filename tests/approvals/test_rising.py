"""What waits too long for one supervisor rises to their named backup, and to nobody else."""

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.core.management import call_command

from approvals import actions
from approvals.rising import raise_waiting
from audit.models import Event
from cans.models import Obligation
from cases.models import Case
from staff.actions import name_backup
from staff.models import Backup
from staff.refusals import NotNow
from tests import factories
from tests.factories import days

from .conftest import write_in

LONGEST = 5


@pytest.fixture
def backup(supervisor, other_supervisor):
    """Otto is Sana's backup, as she ordered."""
    return name_backup(supervisor, backup=other_supervisor, by=supervisor)


def after(number):
    """So many days from now."""
    return time_machine.travel(factories.noon(number), tick=False)


def where(assessment):
    assessment.refresh_from_db()
    return assessment.reviewer


def test_after_more_than_the_days_it_may_wait(submitted, backup, supervisor, other_supervisor):
    owed = list(Obligation.objects.current().values_list("due", "submitted_on"))
    with after(LONGEST):
        assert raise_waiting() == 0
        assert where(submitted) == supervisor
    with after(LONGEST + 1):
        assert raise_waiting() == 1
        assert where(submitted) == other_supervisor
        assert raise_waiting() == 0
        assert Case.objects.visible_to(other_supervisor).filter(pk=submitted.case_id).exists()
        assert (
            not Case.objects.visible_to(supervisor)
            .exclude(assignments__person=supervisor)
            .filter(assignments__person=supervisor)
        )
        step = submitted.steps.last()
        assert (step.action, step.by, step.from_reviewer, step.to_reviewer) == (
            "reroute",
            supervisor,
            supervisor,
            other_supervisor,
        )
        assert "rises to Otto Other, the backup that Sana Supervisor named on" in step.reason
        assert Event.objects.filter(action="assessment.reroute", detail__step=step.pk).exists()
        assert list(Obligation.objects.current().values_list("due", "submitted_on")) == owed
        actions.approve(submitted, by=other_supervisor)


def test_the_days_are_those_with_the_present_reviewer(submitted, supervisor, other_supervisor, agency):
    third = factories.make_person("supervisor", agency=agency, name="Tia Third")
    name_backup(other_supervisor, backup=third, by=other_supervisor)
    with after(4):
        actions.reroute(submitted, by=supervisor, to=other_supervisor, reason="Away.")
    with after(9):
        assert raise_waiting() == 0
    with after(10):
        assert raise_waiting() == 1
        assert where(submitted) == third


def test_it_goes_on_to_the_backups_backup_and_never_back(
    submitted, backup, supervisor, other_supervisor, agency
):
    third = factories.make_person("supervisor", agency=agency, name="Tia Third")
    name_backup(other_supervisor, backup=third, by=other_supervisor)
    name_backup(third, backup=supervisor, by=third)
    found = []
    for number in (6, 12, 18, 24):
        with after(number):
            raise_waiting()
            found.append(where(submitted))
    assert found == [other_supervisor, third, third, third]


def test_a_resubmission_begins_anew(submitted, backup, supervisor, other_supervisor, clinician):
    with after(6):
        raise_waiting()
    with after(7):
        actions.return_for_revision(submitted, by=other_supervisor, reason="Look again.")
        actions.submit(submitted, by=clinician)
        assert where(submitted) == supervisor
    with after(13):
        assert raise_waiting() == 1


class TestToNobody:
    """Who is no backup for this one: it stays, and the coordinator's page shows it."""

    def stays(self, submitted, supervisor):
        with after(LONGEST + 1):
            assert raise_waiting() == 0
            assert where(submitted) == supervisor

    def test_none_named(self, submitted, supervisor, other_supervisor):
        self.stays(submitted, supervisor)

    def test_named_no_more(self, submitted, backup, supervisor):
        name_backup(supervisor, backup=None, by=supervisor)
        self.stays(submitted, supervisor)

    def test_one_who_wrote_in_it(self, ready_draft, backup, clinician, supervisor, other_supervisor):
        write_in(ready_draft, other_supervisor)
        actions.submit(ready_draft, by=clinician)
        self.stays(ready_draft, supervisor)

    def test_one_without_credentials(self, submitted, backup, supervisor, other_supervisor):
        other_supervisor.credentials.all().delete()
        self.stays(submitted, supervisor)

    def test_one_whose_account_is_not_active(self, submitted, backup, supervisor, other_supervisor):
        other_supervisor.is_active = False
        other_supervisor.save()
        self.stays(submitted, supervisor)

    def test_what_is_decided(self, submitted, backup, supervisor):
        with after(3):
            actions.approve(submitted, by=supervisor)
        self.stays(submitted, supervisor)


def test_what_moved_on_while_the_command_ran_stays(submitted, backup, supervisor):
    with after(LONGEST + 1):
        actions.approve(submitted, by=supervisor)
        assert not actions.rise(submitted, order=backup)


def test_the_command(submitted, backup, capsys):
    with after(LONGEST + 1):
        call_command("raise_waiting")
    assert capsys.readouterr().out == "CANS that rose to a backup: 1.\n"


class TestNaming:
    URL = "/staff/cover/backup/"

    def test_by_oneself_and_by_nobody_else(self, supervisor, other_supervisor, clinician):
        with pytest.raises(PermissionDenied):
            name_backup(supervisor, backup=other_supervisor, by=other_supervisor)

    def test_by_the_coordinator(self, supervisor, other_supervisor, coordinator):
        named = name_backup(supervisor, backup=other_supervisor, by=coordinator)
        assert named.named_by == coordinator

    @pytest.mark.parametrize("who", ["oneself", "clinician", "of another agency"])
    def test_one_who_cannot(self, who, supervisor, clinician):
        people = {
            "oneself": supervisor,
            "clinician": clinician,
            "of another agency": factories.make_person("supervisor"),
        }
        with pytest.raises(NotNow, match="choose an active supervisor of the same agency"):
            name_backup(supervisor, backup=people[who], by=supervisor)

    def test_another_takes_the_place_of_the_first(self, backup, supervisor, other_supervisor, agency):
        third = factories.make_person("supervisor", agency=agency, name="Tia Third")
        with after(3):
            name_backup(supervisor, backup=third, by=supervisor)
            first, second = Backup.objects.order_by("pk")
            assert (first.starts, first.ends) == (days(-3), days(-1))
            assert (second.starts, second.ends) == (days(0), None)

    def test_on_the_page(self, client, case, supervisor, other_supervisor, coordinator):
        client.force_login(supervisor)
        page = client.post(self.URL, {"rise-backup": other_supervisor.pk}, follow=True).content.decode()
        assert "What waits too long for Sana Supervisor rises to Otto Other." in page
        assert "From Sana Supervisor to Otto Other" in page
        client.force_login(coordinator)
        page = client.post(self.URL, {"rise-supervisor": supervisor.pk, "rise-backup": ""}, follow=True)
        assert "What waits too long stays where it is." in page.content.decode()
        assert not Backup.objects.filter(ends=None).exists()
        assert Event.objects.filter(action="backup.name").count() == 2

    def test_what_is_wrong_is_said_beside_the_field(self, client, supervisor, case, coordinator):
        elsewhere = factories.make_person("supervisor")
        client.force_login(supervisor)
        answer = client.post(self.URL, {"rise-backup": elsewhere.pk})
        assert "Select a valid choice" in answer.content.decode()
        client.force_login(coordinator)
        theirs = factories.make_case(primary=factories.make_person("clinician", agency=elsewhere.agency))
        assert theirs.agency == elsewhere.agency
        answer = client.post(self.URL, {"rise-supervisor": supervisor.pk, "rise-backup": elsewhere.pk})
        assert "Choose another supervisor of Sana Supervisor&#x27;s agency." in answer.content.decode()
        assert not Backup.objects.exists()
