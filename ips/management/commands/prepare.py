from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand

from ips.static import collect


class Command(BaseCommand):
    help = "Bring database, static files, instrument, help and sample up to date; quick when they are."

    def handle(self, **options):
        call_command("migrate", verbosity=0, interactive=False)
        call_command("createcachetable", verbosity=0)
        collect()
        call_command("load_instrument", if_missing=True, stdout=self.stdout)
        call_command("load_help", stdout=self.stdout)
        if not settings.PRODUCTION:
            call_command("load_sample", if_empty=True, stdout=self.stdout, stderr=self.stderr)
