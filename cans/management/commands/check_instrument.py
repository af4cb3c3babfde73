from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from cans.instrument import Instrument, parse


class Command(BaseCommand):
    help = "Check an instrument's file, and say line by line what is wrong with it. Keeps nothing."
    requires_system_checks = []

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path, help="A tab-separated file of items.")

    def handle(self, *, file, **options):
        items, problems = parse(read(file))
        if problems:
            raise CommandError("\n".join(problem.sentence for problem in problems), returncode=1)
        whole = Instrument(file.name, tuple(items))
        to_check = sum(item.needs_checking for item in items)
        self.stdout.write(
            f"{file}: in order. {len(whole.child_items)} child items, {len(whole.caregiver_items)} caregiver "
            f"items; {to_check} rows to compare with the agency's own score sheet."
        )


def read(file):
    """The text of the file. Raises CommandError with a sentence where it cannot be read."""
    try:
        return file.read_bytes().decode("utf-8-sig")
    except OSError as why:
        raise CommandError(f"{file} cannot be read: {why.strerror}.", returncode=1) from None
    except UnicodeDecodeError:
        raise CommandError(f"{file} is not text in UTF-8.", returncode=1) from None
