"""What waits for review and a supervisor's turnaround as files: the rows of the page, and of nobody else."""

import csv
import io

import pytest

from approvals import actions
from staff.models import PolicySetting
from tests import factories

from .conftest import owing, submitted

FILES = "/reports/{}/csv/?{}"


@pytest.fixture
def lines(client, coordinator):
    client.force_login(coordinator)

    def get(page, query=""):
        answer = client.get(FILES.format(page, query))
        assert answer.status_code == 200
        assert client.get(FILES.format(page, query).replace("csv", "xlsx")).status_code == 200
        return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))

    return get


def test_what_waits(lines, clinician, supervisor, coordinator):
    cans = submitted(owing(clinician, late=3), clinician)
    assert lines("waiting") == []
    supervisor.credentials.all().delete()
    (line,) = lines("waiting")
    assert (line["Child"], line["With"], line["May decide it today"]) == (
        cans.child.name,
        supervisor.name,
        "",
    )
    assert line["Why nobody may"].startswith("Their credentials have lapsed")


def test_what_waits_too_long_says_who_may_decide(lines, clinician, supervisor, coordinator):
    PolicySetting.objects.create(
        name="review_days", value="0", since=factories.days(-9), reason="Decided.", set_by=coordinator
    )
    cans = submitted(owing(clinician, late=3), clinician)
    type(cans).objects.filter(pk=cans.pk).update(submitted_at=factories.noon(-1))
    (line,) = lines("waiting")
    assert (line["Days waiting"], line["May decide it today"]) == ("1", supervisor.name)
    assert line["Why nobody may"] == ""


def test_a_supervisors_turnaround(lines, client, clinician, supervisor):
    first, second = (submitted(owing(clinician, late=n), clinician) for n in (3, 40))
    actions.approve(first, by=supervisor)
    actions.return_for_revision(second, by=supervisor, reason="Look again.")
    (line,) = [line for line in lines("turnaround") if line["Name"] == supervisor.name]
    assert (line["Decisions"], line["Return rate"]) == ("2", "50")
    of_one = f"supervisor={supervisor.pk}"
    assert {line["Child"] for line in lines("turnaround", of_one)} == {first.child.name, second.child.name}
    (returned,) = lines("turnaround", f"{of_one}&decision=return")
    assert (returned["Child"], returned["Decision"]) == (second.child.name, "Returned")
    late = lines("turnaround", f"{of_one}&member={clinician.pk}&kept=late")
    assert {line["In time"] for line in late} == {"Late"}
    client.force_login(clinician)
    assert client.get(FILES.format("turnaround", of_one)).status_code == 403
