import time
from pathlib import Path

from django.core.exceptions import PermissionDenied
from django.core.management.base import BaseCommand, CommandError

from exchange.actions import checked, import_cases
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
        parser.add_argument("--dry-run", action="store_true")

    def handle(self, *, files, by, dry_run, **options):
        self.began = time.monotonic()
        coordinator = User.objects.filter(username=by).first()
        if coordinator is None:
            raise CommandError(f"Nobody has the user name {by}.")
        sent = [self._read(name) for name in files]
        try:
            plan = checked(sent, by=coordinator, limits=BY_COMMAND)
            self._show(plan)
            if not dry_run:
                import_cases(sent, by=coordinator, seal=plan.seal(), limits=BY_COMMAND, tell=self._tell)
                self._tell("imported")
        except (Unreadable, NotNow, PermissionDenied) as why:
            raise CommandError(str(why)) from None

    def _read(self, name):
        try:
            return name, Path(name).read_bytes()
        except OSError as why:
            raise CommandError(f"{name} cannot be read: {why.strerror}.") from None

    def _show(self, plan):
        for words, new, same in plan.told:
            self._tell(f"{words}: {new} new, {same} on record already")
        for one in plan.wrong[:MOST_SAID]:
            self.stderr.write(f"{one.sheet}, line {one.line}, {one.column}: {one.sentence}")
        if plan.wrong:
            raise CommandError(f"{len(plan.wrong)} things to put right; nothing was imported.")

    def _tell(self, sentence):
        self.stdout.write(f"{time.monotonic() - self.began:.0f} s: {sentence}")
