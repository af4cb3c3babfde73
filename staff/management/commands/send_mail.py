from django.core.management.base import BaseCommand

from staff.mail import TRIES, send_waiting, try_again
from staff.models import Mail


class Command(BaseCommand):
    help = (
        "Sends the mail that waits and whose turn has come, and is safe to run twice at once. For every five "
        f"minutes. A mail is given up after {TRIES} tries; the run that gives one up exits with 1."
    )

    def add_arguments(self, parser):
        parser.add_argument("--again", action="store_true", help="begin anew with what was given up")

    def handle(self, *, again, **options):
        if again:
            self.stdout.write(f"Begun anew: {try_again()}.")
        outcome = send_waiting()
        self.stdout.write(f"Sent: {outcome.sent}. Waiting: {Mail.objects.waiting().count()}.")
        if outcome.given_up:
            self.stderr.write(f"GIVEN UP: {outcome.given_up}. See last_problem of table staff_mail.")
            raise SystemExit(1)
