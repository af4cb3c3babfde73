"""The ground that the other tests stand on."""

import os
import socket

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import IntegrityError, transaction

from audit.actions import record
from audit.models import Event

from .breakages import BREAKAGES


def test_nothing_beyond_this_machine_can_be_reached():
    with socket.socket() as beyond, pytest.raises(AssertionError, match="tried to reach"):
        beyond.connect(("192.0.2.1", 443))


@pytest.mark.xdist_group("kept together")
def test_tests_of_a_group_stay_together_where_they_are_shared_out(request):
    """By its group in its name, where there are several processes. A pytest that knows no such names makes
    every dear world once a process, and says nothing."""
    together = request.node.nodeid.endswith("@kept together")
    assert together == ("PYTEST_XDIST_WORKER" in os.environ)


@pytest.mark.django_db(transaction=True)
def test_tables_are_emptied_between_tests_and_the_triggers_are_there_after():
    for _ in range(2):
        with transaction.atomic():
            record("test.act", by=None, subject="test 1")
        with pytest.raises(IntegrityError, match="only added"):
            Event.objects.get().delete()
        call_command("flush", interactive=False, verbosity=0)
        assert not Event.objects.exists()


@pytest.mark.parametrize("breakage", BREAKAGES, ids=lambda one: one.name)
def test_what_sabotage_breaks_is_still_there(breakage):
    """`make sabotage` takes long and runs seldom; a line that has moved on is found here."""
    whole = (settings.BASE_DIR / breakage.file).read_text(encoding="utf-8")
    assert breakage.broken(whole) != whole
    assert all((settings.BASE_DIR / test).exists() for test in breakage.tests)
