from reports.actions import reset_with_calendar
from staff.management.on_person import OnPerson


class Command(OnPerson):
    help = (
        "For somebody whom no administrator can help: takes away their password, second factors, sessions "
        "and the address of their calendar, and prints a first password, once."
    )

    def act(self, person, **options):
        password = reset_with_calendar(person, by=None)
        self.stdout.write(f"The sign-in of {person} is reset. The first password, shown this once:")
        self.stdout.write(password)
