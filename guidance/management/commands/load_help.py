import tomllib
from pathlib import Path

from django.core.management.base import BaseCommand

from guidance.actions import load_entries

SHIPPED = Path(__file__).resolve().parents[2] / "data" / "entries.toml"


class Command(BaseCommand):
    help = "Load the help that comes with the application, where it is missing; never over what was edited."

    def handle(self, **options):
        if loaded := load_entries(shipped()):
            self.stdout.write(f"Loaded {loaded} help pages.")


def shipped():
    """The entries of the file; their places in a list are the order of the file."""
    entries = tomllib.loads(SHIPPED.read_text(encoding="utf-8"))["entry"]
    return [{"position": 10 * place, **entry} for place, entry in enumerate(entries, start=1)]
