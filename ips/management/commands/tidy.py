import datetime

from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.utils import timezone

from ips.models import Sent

KEPT = datetime.timedelta(days=2)  # longer than any page of ours stays signed in


class Command(BaseCommand):
    help = "Remove what nobody needs any more: ended sessions, and what was sent days ago. For every night."

    def handle(self, *args, **options):
        call_command("clearsessions")
        removed, _ = Sent.objects.filter(at__lt=timezone.now() - KEPT).delete()
        self.stdout.write(f"Removed ended sessions and {removed} old sendings.")
