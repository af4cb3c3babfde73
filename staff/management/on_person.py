"""What a command needs that does to one person what a page does, for whoever runs the installation."""

from argparse import ArgumentTypeError

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from staff.forms.fields import reason_field
from staff.models import User
from staff.refusals import NotNow


class OnPerson(BaseCommand):
    def add_arguments(self, parser):
        parser.add_argument("username")

    def handle(self, *, username, **options):
        person = User.objects.filter(username=username).first()
        if person is None:
            raise CommandError(f"Nobody has the user name {username}.")
        try:
            self.act(person, **options)
        except NotNow as why:
            raise CommandError(str(why)) from None


def reason(text):
    """As the page takes it."""
    try:
        return reason_field().clean(text)
    except ValidationError as wrong:
        raise ArgumentTypeError(" ".join(wrong.messages)) from None
