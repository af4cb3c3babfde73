"""Eight kinds of tampering with events, and as many with readings as there are: each is found, and the
first bad row is named. The triggers are off meanwhile, as a database administrator could have it."""

import datetime

import pytest
from django.conf import settings
from django.db import connection
from django.utils import timezone

from audit.actions import record
from audit.chain import OF_EVENT, START, event_mac, keys_from
from audit.models import Chain, Event, Reading
from audit.sealing import seal_all

pytestmark = pytest.mark.django_db


@pytest.fixture
def chain(write, clinician):
    """Five acts of one agency; the number of its chain."""
    write("first", "second", "third", "fourth", "fifth", by=clinician)
    return clinician.agency_id


def wrong(verify, chain, number):
    """The record is found wrong, at this event of this chain and at none before; what is said of it."""
    whole, said = verify()
    assert not whole
    part = said.split(f"Chain {chain}:")[1].split("\nChain ")[0]
    assert f"WRONG: event {number} " in part, said
    assert part.count("WRONG") == 1
    return part


def resigned(rows, keys):
    """The chain as somebody would write it anew who has these keys."""
    previous = START
    for seq, row in enumerate(rows, start=1):
        row |= {"seq": seq, "previous": previous, "key_id": next(iter(keys))}
        row["mac"] = previous = event_mac(keys[row["key_id"]], previous, row)
        yield row


def rewrite(intruder, chain, keys, *, without=()):
    """Take events out and sign the rest anew, with the head."""
    columns = [*OF_EVENT, "id"]
    rows = list(Event.objects.filter(chain=chain).order_by("seq").values(*columns))
    with intruder:
        Event.objects.filter(chain=chain).delete()
        for row in resigned([row for row in rows if row["action"] not in without], keys):
            Event.objects.create(**row)
        last = Event.objects.filter(chain=chain).latest("seq")
        Chain.objects.filter(number=chain).update(seq=last.seq, mac=last.mac)


def test_an_untouched_record_is_whole(chain, verify):
    whole, said = verify()
    assert whole
    assert f"Chain {chain}: 5 events, 0 readings sealed, 0 wait for a seal." in said
    assert said.endswith("The record is whole.\n")


@pytest.mark.parametrize(
    "changed",
    [
        {"action": "other"},
        {"subject": "other 1"},
        {"actor_label": "Somebody Else"},
        {"actor_number": 987_654},
        {"case_number": 987_654},
        {"kind": "denial"},
        {"detail": {"reason": "other"}},
        {"at": timezone.now() - datetime.timedelta(days=1)},
        {"agency_number": None},
    ],
    ids=lambda changed: next(iter(changed)),
)
def test_an_edit(chain, verify, intruder, changed):
    with intruder:
        Event.objects.filter(chain=chain, seq=3).update(**changed)
    said = wrong(verify, chain, 3)
    assert "was changed, or was not written by the application" in said
    assert f"As stored: {changed.get('action', 'third')} of" in said


def test_an_event_deleted_in_the_middle(chain, verify, intruder):
    with intruder:
        Event.objects.get(chain=chain, seq=3).delete()
    said = wrong(verify, chain, 3)
    assert "event 3 deleted, the next there is 4" in said
    assert "The next there, event 4: fourth of invented 1 by Cleo Clinician" in said


def test_an_event_deleted_and_the_gap_closed(chain, verify, intruder):
    with intruder:
        Event.objects.get(chain=chain, seq=3).delete()
        for seq in (4, 5):
            Event.objects.filter(chain=chain, seq=seq).update(seq=seq - 1)
    assert "does not follow the one before it" in wrong(verify, chain, 3)


def test_the_end_deleted(chain, verify, intruder):
    with intruder:
        Event.objects.filter(chain=chain, seq__gt=3).delete()
    said = wrong(verify, chain, 4)
    assert "the last 2 were deleted" in said
    assert "Nothing is stored from there on." in said


def test_the_end_deleted_and_the_head_put_back(chain, verify, intruder):
    """Whole in itself: only what was said outside the database tells."""
    with intruder:
        Event.objects.filter(chain=chain, seq__gt=3).delete()
        last = Event.objects.get(chain=chain, seq=3)
        Chain.objects.filter(number=chain).update(seq=3, mac=last.mac)
    assert "restored to event 3, 2 missing" in wrong(verify, chain, 4)


def forged(chain, seq, **more):
    template = Event.objects.filter(chain=chain).order_by("seq").values(*OF_EVENT, "previous", "mac").first()
    return template | {"seq": seq, "action": "forged"} | more


def test_an_event_inserted_in_the_middle(chain, verify, intruder):
    before = Event.objects.get(chain=chain, seq=2)
    with intruder:
        for seq in (5, 4, 3):
            Event.objects.filter(chain=chain, seq=seq).update(seq=seq + 1)
        Event.objects.create(**forged(chain, 3, previous=before.mac))
        Chain.objects.filter(number=chain).update(seq=6)
    assert "As stored: forged of" in wrong(verify, chain, 3)


@pytest.mark.parametrize("head_too", [False, True])
def test_an_event_inserted_at_the_end(chain, verify, intruder, head_too):
    last = Event.objects.get(chain=chain, seq=5)
    with intruder:
        made = Event.objects.create(**forged(chain, 6, previous=last.mac))
        if head_too:
            Chain.objects.filter(number=chain).update(seq=6, mac=made.mac)
    assert "As stored: forged of" in wrong(verify, chain, 6)


def test_a_copy_signed_by_ourselves_at_the_end(chain, verify, intruder):
    """Signed as it should be, with the right key: but the head does not know it."""
    last = Event.objects.get(chain=chain, seq=5)
    row = forged(chain, 6, previous=last.mac)
    row["mac"] = event_mac(settings.AUDIT_KEYS[row["key_id"]], last.mac, row)
    with intruder:
        Event.objects.create(**row)
    assert "the head of the chain does not know it" in wrong(verify, chain, 6)


def test_two_events_swapped(chain, verify, intruder):
    with intruder:
        for seq, to in [(2, 99), (4, 2), (99, 4)]:
            Event.objects.filter(chain=chain, seq=seq).update(seq=to)
    assert "does not follow the one before it" in wrong(verify, chain, 2)


def test_the_contents_of_two_events_swapped(chain, verify, intruder):
    with intruder:
        Event.objects.filter(chain=chain, seq=2).update(action="fourth")
        Event.objects.filter(chain=chain, seq=4).update(action="second")
    assert "was changed" in wrong(verify, chain, 2)


def test_the_chain_rewritten_without_the_key(chain, verify, intruder):
    rewrite(intruder, chain, {next(iter(settings.AUDIT_KEYS)): b"a guess" * 5}, without={"third"})
    assert "was not written by the application" in wrong(verify, chain, 1)


def test_the_chain_rewritten_with_a_key_of_another_name(chain, verify, intruder):
    rewrite(intruder, chain, keys_from(f"other:{'0f' * 32}"), without={"third"})
    assert "key “other”, which is not among AUDIT_KEYS" in wrong(verify, chain, 1)


def test_the_chain_rewritten_with_the_key(chain, verify, intruder):
    """Whole in itself, head and all; what was said outside names the first that is another."""
    rewrite(intruder, chain, settings.AUDIT_KEYS, without={"third"})
    said = wrong(verify, chain, 3)
    assert "rewritten" in said
    assert "As stored: fourth of" in said


def empty(intruder, *models):
    with intruder:
        for model in models:
            if connection.vendor == "postgresql":
                intruder.sql(f"TRUNCATE {model._meta.db_table}")
            else:
                model.objects.all().delete()


def test_truncate(chain, verify, intruder):
    empty(intruder, Event)
    assert "the last 5 were deleted" in wrong(verify, chain, 1)


def test_truncate_of_everything(chain, verify, intruder):
    empty(intruder, Event, Chain, Reading)
    assert "restored to event 0, 5 missing" in wrong(verify, chain, 1)


def test_an_old_backup_restored(chain, verify, intruder, write, clinician):
    backup = {model: list(model.objects.order_by("pk").values()) for model in (Event, Chain, Reading)}
    write("sixth", "seventh", "eighth", by=clinician)
    assert verify()[0]
    empty(intruder, *backup)
    with intruder:
        for model, rows in backup.items():
            model.objects.bulk_create(model(**row) for row in rows)
    assert "restored to event 5, 3 missing" in wrong(verify, chain, 6)


def test_work_that_went_on_after_an_old_backup(chain, verify, intruder, write, clinician):
    """New events under the numbers of the lost ones: they are other events than were anchored."""
    with intruder:
        Event.objects.filter(chain=chain, seq__gt=3).delete()
        Chain.objects.filter(number=chain).update(seq=3, mac=Event.objects.get(chain=chain, seq=3).mac)
    write("after the restore", by=clinician)
    said = wrong(verify, chain, 4)
    assert "rewritten" in said
    assert "As stored: after the restore of" in said


def test_other_chains_are_told_apart(chain, verify, intruder, write, stranger):
    write("elsewhere", "elsewhere too", by=stranger)
    with intruder:
        Event.objects.filter(chain=chain, seq=2).update(action="other")
    whole, said = verify()
    assert not whole
    assert f"Chain {stranger.agency_id}: 2 events" in said
    assert said.count("WRONG") == 1


def test_the_head_alone_changed(chain, verify, intruder):
    with intruder:
        Chain.objects.filter(number=chain).update(mac="f" * 64)
    assert "is not the one that the head of the chain names" in wrong(verify, chain, 5)


def test_the_head_deleted(chain, verify, intruder):
    with intruder:
        Chain.objects.filter(number=chain).delete()
    assert "the head of the chain does not know it" in wrong(verify, chain, 1)


# --- readings ---------------------------------------------------------------------------------------


LATER = datetime.timedelta(minutes=10)


@pytest.fixture(params=["waiting", "sealed"])
def readings(request, read, case, clinician, django_capture_on_commit_callbacks):
    """Five of them, before a seal and after."""
    made = read(case, by=clinician, times=5)
    if request.param == "sealed":
        with django_capture_on_commit_callbacks(execute=True):
            assert seal_all(timezone.now() + LATER) == 5
    return made


def wrong_reading(verify, number):
    whole, said = verify()
    assert not whole
    assert f"WRONG: reading {number} " in said
    assert said.count("WRONG") == 1
    return said


def test_untouched_readings_are_whole(readings, verify):
    assert verify()[0]


@pytest.mark.parametrize(
    "changed",
    [
        {"reader_number": 987_654},
        {"reader_label": "Somebody Else"},
        {"case_number": 987_654},
        {"page": "other"},
        {"children": []},
        {"grant": "other 1"},
        {"agency_number": None},
        {"at": timezone.now() - datetime.timedelta(days=1)},
        {"mac": "f" * 64},
    ],
    ids=lambda changed: next(iter(changed)),
)
def test_a_reading_edited(readings, verify, intruder, changed):
    with intruder:
        Reading.objects.filter(pk=readings[2].pk).update(**changed)
    said = wrong_reading(verify, readings[2].pk)
    assert ("rewritten" if "mac" in changed else "was changed") in said


@pytest.mark.parametrize("which", [0, 2, 4])
def test_a_reading_deleted(readings, verify, intruder, which):
    number = readings[which].pk
    with intruder:
        readings[which].delete()
    said = wrong_reading(verify, number)
    assert "is missing" in said
    assert "It is not there any more." in said


def test_sealed_readings_deleted_are_missed_without_the_anchors_too(
    read, case, clinician, verify, intruder, anchors, django_capture_on_commit_callbacks
):
    made = read(case, by=clinician, times=5)
    with django_capture_on_commit_callbacks(execute=True):
        seal_all(timezone.now() + LATER)
    with intruder:
        Reading.objects.filter(pk__in=[made[1].pk, made[2].pk]).delete()
    anchors.write_text("")
    assert "sealed: 5 readings then, 3 now" in wrong_reading(verify, made[4].pk)


def test_a_reading_slipped_in_behind_a_seal(
    read, case, clinician, verify, intruder, anchors, django_capture_on_commit_callbacks
):
    """Signed as it should be; but it was not there when its numbers were sealed."""
    first, second, third = read(case, by=clinician, times=3)
    with intruder:
        second.delete()
    with django_capture_on_commit_callbacks(execute=True):
        seal_all(timezone.now() + LATER)
    copy = Reading.objects.filter(pk=third.pk).values().get()
    with intruder:
        Reading.objects.create(**copy | {"id": first.pk + 1})
    anchors.write_text("")
    assert "sealed: 2 readings then, 3 now" in wrong_reading(verify, third.pk)


def test_a_seal_that_leaves_readings_out(verify, write, clinician, case):
    seal = {"after": 3, "last": 9, "count": 0, "digest": "0" * 64}
    record("readings.seal", by=None, subject="readings 4 to 9", case=case, kind=Event.Kind.SEAL, **seal)
    whole, said = verify()
    assert not whole
    assert "seals readings that do not follow the last ones sealed" in said
