"""What was committed is said outside the database; saying it can fail, and undoes nothing."""

import logging
import stat

import pytest
from django.db import transaction

from audit import anchors as module
from audit.actions import record
from audit.models import Chain, Event

pytestmark = pytest.mark.django_db


def test_a_line_for_each_act_and_each_reading(write, read, case, clinician, anchors):
    (act,) = write("test.act", by=clinician, case=case)
    (reading,) = read(case, by=clinician)
    ((found, unreadable),) = module.batches(anchors)
    assert unreadable == []
    assert [(one.kind, one.chain, one.number, one.mac) for one in found] == [
        ("event", case.agency_id, 1, act.mac),
        ("reading", case.agency_id, reading.pk, reading.mac),
    ]


@pytest.mark.django_db(transaction=True)
def test_nothing_is_said_before_the_commit(clinician, anchors):
    with transaction.atomic():
        record("test.act", by=clinician, subject="invented 1")
        assert anchors.read_text() == ""
    assert " event " in anchors.read_text()


def test_nobody_else_may_read_the_file(write, clinician, anchors):
    anchors.unlink()
    write("test.act", by=clinician)
    assert stat.S_IMODE(anchors.stat().st_mode) == 0o600


def test_a_line_that_cannot_be_written_is_said_loudly_and_the_act_stays(
    write, clinician, settings, tmp_path, caplog
):
    settings.AUDIT_ANCHORS = str(tmp_path / "no such directory" / "anchors")
    with caplog.at_level(logging.CRITICAL):
        write("test.act", by=clinician)
    assert Event.objects.filter(action="test.act").exists()
    assert f"NOT ANCHORED: event 1 of chain {clinician.agency_id}" in caplog.text
    assert [one.levelname for one in caplog.records] == ["CRITICAL"]


def test_a_file_that_is_not_there_is_no_proof(write, clinician, verify, anchors):
    write("test.act", by=clinician)
    anchors.unlink()
    whole, said = verify()
    assert not whole
    assert "The anchors cannot be read" in said


@pytest.mark.parametrize("line", ["half a line\n", "2026-01-01T00:00:00 event 1 1 short\n", "\x00\xff\n"])
def test_a_line_that_is_no_anchor_is_named(write, clinician, verify, anchors, line):
    write("test.act", by=clinician)
    with anchors.open("a") as file:
        file.write(line)
    whole, said = verify()
    assert not whole
    assert f"Line 2 of {anchors} is no anchor." in said


def test_more_lines_than_are_read_at_a_time(write, clinician, verify, anchors):
    for place in range(30):
        write(f"test.{place}", by=clinician)
    batches = list(module.batches(anchors, size=7))
    assert [len(found) for found, _ in batches] == [7, 7, 7, 7, 2]
    assert verify()[0]


def test_anchors_kept_elsewhere_know_what_was_taken_from_the_file_here(
    write, clinician, verify, anchors, tmp_path, intruder
):
    """Of two machines, each with its own file; here somebody emptied the file and cut the end off."""
    write("first", by=clinician)
    copies = [tmp_path / name for name in ("one", "two")]
    for number, copy in enumerate(copies, start=2):
        anchors.write_text("")
        write(f"act {number}", by=clinician)
        copy.write_text(anchors.read_text())
    anchors.write_text("")
    with intruder:
        Event.objects.filter(seq=3).delete()
        Chain.objects.update(seq=2, mac=Event.objects.get(seq=2).mac)
    assert verify()[0]
    assert verify(anchors=[str(copies[0])])[0]
    whole, said = verify(anchors=[str(copy) for copy in copies])
    assert not whole
    assert "restored to event 2, 1 missing" in said
