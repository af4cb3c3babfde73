import contextlib
import gc
import itertools
import os
import random
import time

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from cans.instrument import SHIPPED
from cans.loading import load_instrument
from cans.models import InstrumentVersion
from cases.models import Case
from ips.sample.history import FIRST_NUMBER, History
from ips.sample.past import write_past
from ips.sample.people import PEOPLE, made_up_password, make_people, make_places
from ips.sample.record import write_record
from ips.sample.stories import Stories
from ips.sample.writing import write
from staff.models import User

CHUNK = 500


@contextlib.contextmanager
def _no_garbage_collection():
    """Nothing is garbage before its chunk is stored, and looking for it takes a third of the time."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


class Command(BaseCommand):
    help = (
        "Loads invented people and families. The sample people's password is SAMPLE_PASSWORD, or is "
        "made up and printed. With --cases N, N more invented cases with years of history."
    )

    def add_arguments(self, parser):
        parser.add_argument("--if-empty", action="store_true", help="do nothing where people exist already")
        parser.add_argument(
            "--cases", type=int, default=0, metavar="N", help="this many more, for measurements"
        )
        parser.add_argument("--seed", type=int, default=1, help="the same seed makes the same families")

    def handle(self, *, if_empty, cases, seed, **options):
        if settings.PRODUCTION:
            raise CommandError(
                "The sample is not for production: it would mix invented people with real ones."
            )
        if not 0 <= cases <= 1_000_000:
            raise CommandError("--cases takes a number from 0 to 1000000.")
        if not User.objects.exists():
            self._load_stories(seed)
        elif not User.objects.filter(username="clinician").exists():
            if not if_empty:
                raise CommandError("This database has people of its own; the sample stays out of it.")
            return
        elif not cases:
            self._say_who("as it was when the sample was loaded (SAMPLE_PASSWORD, or the one printed then)")
        if cases:
            self._load_history(cases, seed)

    @transaction.atomic
    def _load_stories(self, seed):
        password = os.environ.get("SAMPLE_PASSWORD") or made_up_password()
        make_places()
        people = make_people(password)
        cases = write(
            Stories(people).all(),
            version=self._instrument(),
            by=people["supervisor"],
            rng=random.Random(seed),  # noqa: S311  (the same families each time, not a secret)
        )
        write_past(cases)
        write_record(cases)
        self._say_who(password)

    def _load_history(self, cases, seed):
        if Case.objects.filter(number=str(FIRST_NUMBER)).exists():
            raise CommandError(
                "The invented cases are already loaded; start from an empty database for others."
            )
        began = time.monotonic()
        rng = random.Random(seed)  # noqa: S311  (as above)
        history = History(rng, cases, by=User.objects.get(username="admin"))
        history.make_people()
        families = history.families()
        done = 0
        version = self._instrument()
        while chunk := list(itertools.islice(families, CHUNK)):
            with _no_garbage_collection():
                write(chunk, version=version, by=history.by, rng=rng, rating_history=False)
            done += len(chunk)
            self.stdout.write(f"{done} of {cases} cases, {time.monotonic() - began:.0f} s")

    def _instrument(self):
        active = InstrumentVersion.objects.filter(active=True).first()
        return active or load_instrument(
            SHIPPED.read_text(encoding="utf-8"), label="CANS 2.0 Illinois", by=None, activate=True
        )

    def _say_who(self, password):
        names = ", ".join(username for username, *_ in PEOPLE)
        self.stdout.write(f"Sign in as one of: {names}\nPassword: {password}")
