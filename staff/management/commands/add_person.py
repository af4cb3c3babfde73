import getpass
import os

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from audit.actions import record
from staff.actions import grant_region
from staff.actions.accounts import check_username
from staff.actions.regions import region_called
from staff.dates import today
from staff.models import Agency, Line, Role, User
from staff.refusals import NotNow


class Command(BaseCommand):
    help = (
        "Adds a person, and with --new-agency their agency: the first people of an installation. The "
        "password is asked for, or taken from the variable PASSWORD."
    )

    def add_arguments(self, parser):
        parser.add_argument("username")
        parser.add_argument("--name", required=True)
        parser.add_argument("--email", default="", help="by which a directory may know them, too")
        parser.add_argument("--role", required=True, choices=Role.values)
        parser.add_argument("--agency", default="", help="for all but coordinators")
        parser.add_argument("--new-agency", action="store_true", help="the agency is not on record yet")
        parser.add_argument("--supervisor", default="", help="user name of the supervisor, for clinicians")
        parser.add_argument(
            "--region", action="append", default=[], help="a coordinator's, once for each; without it, all"
        )

    @transaction.atomic
    def handle(self, *, region, **given):
        try:
            self._add(regions=[region_called(name) for name in region] or [None], **given)
        except NotNow as why:
            raise CommandError(str(why)) from None
        except ValidationError as wrong:
            raise CommandError(" ".join(wrong.messages)) from None

    def _add(self, *, username, name, email, role, agency, new_agency, supervisor, regions, **options):
        check_username(username)
        agency = self._agency(role, agency, new_agency)
        person = User(username=username, name=name, email=email, role=role, agency=agency)
        password = os.environ.get("PASSWORD") or self._asked()
        validate_password(password, person)
        person.set_password(password)
        person.full_clean()
        person.save()
        if supervisor:
            Line.objects.create(
                person=person, supervisor=self._supervisor(person, supervisor), starts=today()
            )
        record("person.add", by=None, subject=f"person {person.pk}", role=role)
        if role == Role.COORDINATOR:
            for granted in regions:
                grant_region(person, granted)
        at = f" at {agency}, a new agency" if new_agency else f" at {agency}" if agency else ""
        self.stdout.write(f"Added {person.get_role_display().lower()} {username}{at}.")

    def _asked(self):
        password = getpass.getpass("Password: ")
        if getpass.getpass("The same once more: ") != password:
            raise CommandError("The two passwords differ.")
        return password

    def _agency(self, role, name, is_new):
        if role == Role.COORDINATOR:
            if name or is_new:
                raise CommandError("A coordinator belongs to no agency: leave --agency out.")
            return None
        if not name:
            raise CommandError("Give the agency's name with --agency.")
        alike = Agency.objects.filter(name__iexact=name)
        found = alike.filter(name=name).first() or alike.first()
        if is_new and found:
            raise CommandError(f"{found} is on record already: leave --new-agency out.")
        if is_new:
            return Agency.objects.create(name=name)
        if found is None:
            known = ", ".join(map(str, Agency.objects.all())) or "none"
            raise CommandError(
                f"No agency is called {name}. On record: {known}. For a new one say --new-agency."
            )
        return found

    def _supervisor(self, person, username):
        found = User.objects.supervisors().of_agency(person.agency).filter(username=username).first()
        if found is None:
            raise CommandError(f"{username} is not an active supervisor of {person.agency}.")
        return found
