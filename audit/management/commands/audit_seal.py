from django.core.management.base import BaseCommand

from audit.sealing import seal_all


class Command(BaseCommand):
    help = "Seals the readings of more than five minutes ago into their chains. Run it every few minutes."

    def handle(self, **options):
        sealed = seal_all()
        self.stdout.write(f"{sealed} readings sealed." if sealed != 1 else "1 reading sealed.")
