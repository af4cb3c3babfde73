from staff.actions import enable_person
from staff.management.on_person import OnPerson, reason


class Command(OnPerson):
    help = "Makes the account active again of somebody whom no administrator keeps."

    def add_arguments(self, parser):
        super().add_arguments(parser)
        parser.add_argument("--reason", required=True, type=reason, help="kept in the record")

    def act(self, person, *, reason, **options):
        enable_person(person, reason=reason, by=None)
        self.stdout.write(f"{person} may sign in again.")
