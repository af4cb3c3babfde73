from django.core.management.base import BaseCommand

from approvals.mail import make_digests
from reports.mail import make_desk_digests
from staff.mail import send_waiting


class Command(BaseCommand):
    help = (
        "Tells each supervisor for whom something waits how much it is, once a day, and each coordinator "
        "their numbers as often as they want them. For every morning; what cannot be sent at once, send_mail "
        "sends."
    )

    def handle(self, **options):
        made = make_digests() + make_desk_digests()
        outcome = send_waiting()
        self.stdout.write(f"Digests made: {made}. Mails sent: {outcome.sent}.")
