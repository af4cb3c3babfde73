"""Several people at the same moment, each in a thread and a database connection of their own."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Barrier

from django.db import connection

from staff.refusals import NotNow

SECONDS = 60


@contextmanager
def racers(number):
    """A function that runs so many acts at once and says what each gave back or was refused with."""
    barrier = Barrier(number)

    def run(act):
        barrier.wait(timeout=SECONDS)
        try:
            return act()
        except Exception as why:
            return why

    def race(*acts):
        return list(pool.map(run, acts, timeout=SECONDS))

    with ThreadPoolExecutor(number) as pool:
        try:
            yield race
        finally:
            race(*[_close] * number)


def _close():
    connection.close()  # this thread's own, which is looked up here and now


def at_once(*acts):
    with racers(len(acts)) as race:
        return race(*acts)


def one_winner(results):
    """One came through; each of the others was told in a sentence. Returns what they were told."""
    refused = [one for one in results if isinstance(one, Exception)]
    assert len(refused) == len(results) - 1, results
    for why in refused:
        assert isinstance(why, NotNow), results
        assert str(why).endswith("."), why
    return refused
