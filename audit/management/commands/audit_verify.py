from django.core.management.base import BaseCommand
from django.utils import timezone

from audit.models import Event, Reading
from audit.verification import verify


class Command(BaseCommand):
    help = (
        "Checks that the record is as it was written: every chain, every reading, and both against the "
        "anchors outside the database. Names the first bad event of each chain; exits with 1 if there is one."
    )

    def add_arguments(self, parser):
        parser.add_argument(
            "--anchors",
            action="append",
            metavar="FILE",
            help="anchors that were kept elsewhere, instead of AUDIT_ANCHORS; may be given more than once",
        )

    def handle(self, *, anchors, **options):
        outcome = verify(anchors)
        for report in outcome.reports.values():
            self._say(report)
        for problem in outcome.problems:
            self.stdout.write(problem)
        self.stdout.write("The record is whole." if outcome.is_whole else "THE RECORD IS NOT WHOLE.")
        if not outcome.is_whole:
            raise SystemExit(1)

    def _say(self, report):
        name = f"Chain {report.chain}" if report.chain else "Chain 0, the program"
        counted = f"{report.events} events, {report.sealed} readings sealed, {report.waiting} wait for a seal"
        self.stdout.write(f"{name}: {counted}.")
        if fault := report.event_fault:
            self.stdout.write(f"  WRONG: event {fault.number} {fault.what}.")
            self.stdout.write(f"    {event_there(report.chain, fault.number)}")
        if fault := report.reading_fault:
            self.stdout.write(f"  WRONG: reading {fault.number} {fault.what}.")
            self.stdout.write(f"    {reading_there(fault.number)}")


def event_there(chain, number):
    """What is stored under this number, or the next one that is there."""
    row = Event.objects.filter(chain=chain, seq__gte=number).order_by("seq", "-pk").first()
    if row is None:
        return "Nothing is stored from there on."
    here = "As stored" if row.seq == number else f"The next there, event {row.seq}"
    return f"{here}: {row.action} of {row.subject} by {row.actor_label} ({row.actor_number}), {_when(row)}."


def reading_there(number):
    row = Reading.objects.filter(pk=number).first()
    if row is None:
        return "It is not there any more."
    return (
        f"As stored: {row.page} of case {row.case_number} by {row.reader_label} ({row.reader_number}), "
        f"{_when(row)}."
    )


def _when(row):
    return timezone.localtime(row.at).strftime("%Y-%m-%d %H:%M:%S %Z")
