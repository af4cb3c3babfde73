import getpass
import os

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from audit.actions import record
from staff.dates import today
from staff.models import Agency, Line, Region, RegionGrant, Role, User


class Command(BaseCommand):
    help = (
        "Adds a person, and their agency where it is new: the first people of an installation. The "
        "password is asked for, or taken from the variable PASSWORD."
    )

    def add_arguments(self, parser):
        parser.add_argument("username")
        parser.add_argument("--name", required=True)
        parser.add_argument("--email", default="", help="by which a directory may know them, too")
        parser.add_argument("--role", required=True, choices=Role.values)
        parser.add_argument("--agency", default="", help="for all but coordinators")
        parser.add_argument("--supervisor", default="", help="user name of the supervisor, for clinicians")
        parser.add_argument("--region", action="append", default=[], help="a coordinator's; without it, all")

    @transaction.atomic
    def handle(self, *, username, name, email, role, agency, supervisor, region, **options):
        person = User(username=username, name=name, email=email, role=role, agency=self._agency(role, agency))
        password = os.environ.get("PASSWORD") or getpass.getpass("Password: ")
        try:
            validate_password(password, person)
            person.set_password(password)
            person.full_clean()
        except ValidationError as wrong:
            raise CommandError(" ".join(wrong.messages)) from None
        person.save()
        if supervisor:
            Line.objects.create(
                person=person, supervisor=self._supervisor(person, supervisor), starts=today()
            )
        if role == Role.COORDINATOR:
            for granted in self._regions(region):
                RegionGrant.objects.create(coordinator=person, region=granted, starts=today())
        record("person.add", by=None, subject=f"person {person.pk}", role=role)
        self.stdout.write(f"Added {person.get_role_display().lower()} {username}.")

    def _agency(self, role, name):
        if role == Role.COORDINATOR:
            if name:
                raise CommandError("A coordinator belongs to no agency: leave --agency out.")
            return None
        if not name:
            raise CommandError("Give the agency's name with --agency.")
        return Agency.objects.get_or_create(name=name)[0]

    def _supervisor(self, person, username):
        found = User.objects.supervisors().of_agency(person.agency).filter(username=username).first()
        if found is None:
            raise CommandError(f"{username} is not an active supervisor of {person.agency}.")
        return found

    def _regions(self, names):
        known = {region.name: region for region in Region.objects.all()}
        unknown = [name for name in names if name not in known]
        if unknown:
            raise CommandError(f"No region is called {unknown[0]}; there are {', '.join(sorted(known))}.")
        return [known[name] for name in names] or [None]
