import datetime
from argparse import ArgumentTypeError

from staff.actions import end_region, grant_region
from staff.actions.regions import EVERYWHERE, region_called
from staff.dates import written
from staff.management.on_person import OnPerson
from staff.models import User


class Command(OnPerson):
    help = "Gives a coordinator a region from today, or ends it now."

    def add_arguments(self, parser):
        super().add_arguments(parser)
        which = parser.add_mutually_exclusive_group(required=True)
        which.add_argument("--region", metavar="NAME")
        which.add_argument("--all-regions", action="store_true")
        when = parser.add_mutually_exclusive_group()
        when.add_argument("--until", type=_day, metavar="YYYY-MM-DD", help="the last day; without it, no end")
        when.add_argument("--end", action="store_true", help="end it now")

    def act(self, person, *, region, until, end, **options):
        region = region_called(region) if region else None
        if end:
            self._end(person, region)
        else:
            grant_region(person, region, ends=until)
            through = f" through {written(until)}" if until else ""
            self.stdout.write(f"{person} has {region or EVERYWHERE}{through}.")

    def _end(self, person, region):
        end_region(person, region)
        self.stdout.write(f"{person} does not have {region or EVERYWHERE} any more.")
        if not User.objects.coordinators_of(region).exists():
            self.stdout.write(f"Nobody coordinates {region or EVERYWHERE} now.")


def _day(text):
    try:
        return datetime.date.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError(f"{text} is no day written as 2026-01-31.") from None
