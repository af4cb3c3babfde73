import datetime

from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.utils import timezone

from ips.models import Sent
from staff.mail import forget_old

KEPT = datetime.timedelta(days=2)  # longer than any page of ours stays signed in


class Command(BaseCommand):
    help = "Remove what nobody needs any more: ended sessions, old sendings and old mails. For every night."

    def handle(self, *args, **options):
        call_command("clearsessions")
        now = timezone.now()
        removed, _ = Sent.objects.filter(at__lt=now - KEPT).delete()
        mails = forget_old(now)
        self.stdout.write(f"Removed ended sessions, {removed} old sendings and {mails} old mails.")
