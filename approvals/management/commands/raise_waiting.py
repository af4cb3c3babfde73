from django.core.management.base import BaseCommand

from approvals.rising import raise_waiting


class Command(BaseCommand):
    help = (
        "Reroutes each CANS that has waited too long for its supervisor to the backup named for them. For "
        "every morning, before send_digests."
    )

    def handle(self, **options):
        self.stdout.write(f"CANS that rose to a backup: {raise_waiting()}.")
