from reports.actions import disable_with_calendar
from staff.left_open import left_open
from staff.management.on_person import OnPerson, reason


class Command(OnPerson):
    help = (
        "Disables the account of somebody whom no administrator keeps, and signs them out everywhere. "
        "Says what is left open, which others must take over."
    )

    def add_arguments(self, parser):
        super().add_arguments(parser)
        parser.add_argument("--reason", required=True, type=reason, help="kept in the record")

    def act(self, person, *, reason, **options):
        disable_with_calendar(person, reason=reason, by=None)
        self.stdout.write(f"{person} is disabled and signed out everywhere.")
        for left in left_open(person):
            self.stdout.write(f"Left open: {left.sentence}")
