"""The ground that the other tests stand on."""

import socket

import pytest
from django.core.management import call_command
from django.db import IntegrityError, transaction

from audit.actions import record
from audit.models import Event


def test_nothing_beyond_this_machine_can_be_reached():
    with socket.socket() as beyond, pytest.raises(AssertionError, match="tried to reach"):
        beyond.connect(("192.0.2.1", 443))


@pytest.mark.django_db(transaction=True)
def test_tables_are_emptied_between_tests_and_the_triggers_are_there_after():
    for _ in range(2):
        with transaction.atomic():
            event = record("test.act", by=None, subject="test 1")
        with pytest.raises(IntegrityError, match="only added"):
            event.delete()
        call_command("flush", interactive=False, verbosity=0)
        assert not Event.objects.exists()
