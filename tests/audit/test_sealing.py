"""Readings are sealed in batches, each once, and only when none with a lower number can still come."""

import datetime
import threading

import pytest
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from audit import sealing
from audit.actions import record_reading
from audit.models import Event, Reading
from audit.sealing import seal_all
from tests import factories

pytestmark = pytest.mark.django_db
LATER = datetime.timedelta(minutes=10)


@pytest.fixture
def opened(case, clinician):
    """A reading that many minutes ago."""

    def opened(minutes, case=case):
        with pytest.MonkeyPatch.context() as patch:
            at = timezone.now() - datetime.timedelta(minutes=minutes)
            patch.setattr("audit.actions.timezone.now", lambda: at)
            return record_reading("case", by=clinician, case=case, grant="assignment 1")

    return opened


def seals():
    return [
        (seal.chain, seal.detail["count"], seal.detail["last"])
        for seal in Event.objects.filter(kind="seal").order_by("pk")
    ]


def test_only_what_is_older_than_any_transaction(opened, case, verify):
    opened(10)
    last = opened(6)
    opened(4)
    assert seal_all() == 2
    assert seals() == [(case.agency_id, 2, last.pk)]
    assert "2 readings sealed, 1 wait for a seal" in verify()[1]


def test_an_old_one_behind_a_young_one_waits_with_it(opened):
    """A clock that is behind: its numbers must be sealed without a gap all the same."""
    first = opened(10)
    opened(1)
    opened(9)
    assert seal_all() == 1
    assert seals()[0][2] == first.pk


def test_a_second_time_seals_nothing(opened, capsys):
    opened(10)
    call_command("audit_seal")
    call_command("audit_seal")
    assert capsys.readouterr().out == "1 reading sealed.\n0 readings sealed.\n"
    assert len(seals()) == 1


def test_each_agency_has_its_own_seals(opened, verify):
    elsewhere = factories.make_case()
    for _ in range(3):
        opened(10)
        opened(10, elsewhere)
    assert seal_all() == 6
    assert sorted(count for _, count, _ in seals()) == [3, 3]
    assert verify()[0]


def test_a_seal_goes_on_where_the_last_one_ended(opened, monkeypatch, verify):
    monkeypatch.setattr(sealing, "BATCH", 2)
    for _ in range(5):
        opened(10)
    assert seal_all() == 5
    assert [count for _, count, _ in seals()] == [2, 2, 1]
    opened(10)
    assert seal_all() == 1
    whole, said = verify()
    assert whole
    assert "6 readings sealed, 0 wait" in said


def test_the_cost_does_not_grow_with_what_is_sealed(opened, django_assert_max_num_queries):
    for _ in range(20):
        opened(10)
    seal_all()
    for _ in range(20):
        opened(10)
    with django_assert_max_num_queries(18):
        assert seal_all() == 20


@pytest.mark.django_db(transaction=True)
def test_two_at_once_seal_each_reading_once(case, clinician, verify):
    for _ in range(30):
        record_reading("case", by=clinician, case=case, grant="assignment 1")
    gate, sealed = threading.Barrier(4), []

    def run():
        gate.wait()
        try:
            sealed.append(seal_all(timezone.now() + LATER))
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert sorted(sealed) == [0, 0, 0, 30]
    assert Reading.objects.count() == 30
    assert verify()[0]
