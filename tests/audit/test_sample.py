"""The sample has a record too, as the verbs would have left it: signed, whole, and written at once."""

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from approvals.models import Step
from audit.models import Event
from ips.sample.record import write_record

pytestmark = pytest.mark.django_db


def test_the_sample_has_a_whole_record(verify, monkeypatch, capsys, django_capture_on_commit_callbacks):
    monkeypatch.setenv("SAMPLE_PASSWORD", "a password for tests")
    costs = []

    def counted(cases):
        with CaptureQueriesContext(connection) as captured:
            write_record(cases)
        costs.append(len(captured))

    monkeypatch.setattr("ips.management.commands.load_sample.write_record", counted)
    with django_capture_on_commit_callbacks(execute=True):
        call_command("load_sample")
    assert verify()[0]
    acts = Event.objects.filter(case_number__isnull=False)
    assert acts.filter(action="assessment.submit").count() == Step.objects.filter(action="submit").count() > 5
    assert acts.values("chain").distinct().count() == 2
    assert costs == [3 + 2 * 5]  # what to tell; for each of two agencies a head that is new, and its events
