from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from cans.instrument import SHIPPED
from cans.loading import BadInstrument, load_instrument
from cans.models import InstrumentVersion

from .check_instrument import read

SHIPPED_LABEL = "CANS 2.0 Illinois"
LONGEST_LABEL = InstrumentVersion._meta.get_field("label").max_length


class Command(BaseCommand):
    help = "Load a version of the instrument: the one that is shipped, or a file of your own."

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path, nargs="?", default=SHIPPED)
        parser.add_argument("--label", help="The name of this version; without it the file's own.")
        parser.add_argument("--activate", action="store_true", help="Score new assessments on it.")
        parser.add_argument(
            "--if-missing", action="store_true", help="Do nothing where a version of this name is loaded."
        )

    def handle(self, *, file, label, activate, if_missing, **options):
        label = label or (SHIPPED_LABEL if file == SHIPPED else file.stem)
        if len(label) > LONGEST_LABEL:
            raise CommandError(f"Give a --label of at most {LONGEST_LABEL} characters.")
        if InstrumentVersion.objects.filter(label=label).exists():
            if if_missing:
                return
            raise CommandError(f"A version named {label} is already loaded; give another --label.")
        activate = activate or not InstrumentVersion.objects.filter(active=True).exists()
        try:
            version = load_instrument(read(file), label=label, by=None, activate=activate)
        except BadInstrument as wrong:
            raise CommandError("\n".join(problem.sentence for problem in wrong.problems)) from None
        in_use = ", in use for new assessments" if version.active else ""
        self.stdout.write(f"Loaded {version.label}{in_use}.")
