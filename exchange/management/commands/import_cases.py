import time
from pathlib import Path

from django.core.exceptions import PermissionDenied
from django.core.management.base import BaseCommand, CommandError

from exchange.actions import importing, looking, opened
from exchange.progress import finished
from exchange.reading import BY_COMMAND, Unreadable
from staff.models import User
from staff.refusals import NotNow

MOST_SAID = 500


class Command(BaseCommand):
    help = (
        "Imports cases from Excel workbooks or CSV files, all of them or nothing, as the page “Import cases” "
        "does, without its limits. With --dry-run it only says what would be imported and what is wrong."
    )

    def add_arguments(self, parser):
        parser.add_argument("files", nargs="+", metavar="FILE")
        parser.add_argument("--by", required=True, metavar="USERNAME", help="the coordinator who imports")
        parser.add_argument(
            "--receiver", metavar="USERNAME", help="the supervisor who gets a case that comes as a JSON file"
        )
        parser.add_argument("--dry-run", action="store_true")

    def handle(self, *, files, by, receiver, dry_run, **options):
        self.began = time.monotonic()
        coordinator = _one(User.objects.all(), by, "Nobody")
        receiver = receiver and _one(User.objects.supervisors(), receiver, "No supervisor")
        contents = [self._read(name) for name in files]
        try:
            sent = finished(opened(contents, receiver=receiver, limits=BY_COMMAND), self._tell)
            seal = self._checked(sent, coordinator)
            if not dry_run:
                finished(importing(sent, by=coordinator, seal=seal), self._tell)
                self._tell("imported")
        except (Unreadable, NotNow, PermissionDenied) as why:
            raise CommandError(str(why)) from None

    def _read(self, name):
        try:
            return name, Path(name).read_bytes()
        except OSError as why:
            raise CommandError(f"{name} cannot be read: {why.strerror}.") from None

    def _checked(self, sent, coordinator):
        """Its seal; not the plan, which would be held beside that of the import."""
        plan = finished(looking(sent, by=coordinator), self._tell)
        for words, new, same in plan.told:
            self._tell(f"{words}: {new} new, {same} on record already")
        for one in plan.wrong[:MOST_SAID]:
            self.stderr.write(f"{one.sheet}, {plan.counted_as} {one.line}, {one.column}: {one.sentence}")
        if plan.wrong:
            raise CommandError(f"{len(plan.wrong)} things to put right; nothing was imported.")
        return plan.seal()

    def _tell(self, sentence):
        self.stdout.write(f"{time.monotonic() - self.began:.0f} s: {sentence}")


def _one(people, username, nobody):
    person = people.filter(username=username).first()
    if person is None:
        raise CommandError(f"{nobody} has the user name {username}.")
    return person
