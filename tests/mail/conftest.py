import contextlib
import datetime
import email
import email.policy
import io
import socket

import pytest
from aiosmtpd.controller import Controller
from django.core.management import call_command
from django.db.models import F

from staff.models import Mail
from tests.ports import reserved_port

SMTP = "django.core.mail.backends.smtp.EmailBackend"


class Box:
    """What arrived, and addresses at which this server knows nobody."""

    def __init__(self):
        self.arrived, self.unknown = [], set()

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address in self.unknown:
            return "550 Nobody here has this address"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        message = email.message_from_bytes(envelope.content, policy=email.policy.default)
        self.arrived.append((envelope.rcpt_tos, message))
        return "250 OK"

    def to(self):
        return [address for addresses, _ in self.arrived for address in addresses]

    def only(self):
        ((_, message),) = self.arrived
        return message


def lines_of(message):
    return message.get_content().splitlines()


@contextlib.contextmanager
def mail_server(settings, box):
    """A real one, on a socket of this machine; where the application sends its mail meanwhile."""
    with reserved_port() as port:
        server = Controller(box, hostname="127.0.0.1", port=port)
        server.start()
        settings.EMAIL_BACKEND, settings.EMAIL_HOST, settings.EMAIL_PORT = SMTP, "127.0.0.1", port
        settings.EMAIL_TIMEOUT = 30  # seconds: it answers, however slow the machine is
        try:
            yield server
        finally:
            server.stop()


@pytest.fixture
def box():
    return Box()


@pytest.fixture
def server(settings, box):
    with mail_server(settings, box) as running:
        yield running


@pytest.fixture
def nobody_listens(settings):
    """Mail goes to a port where no server is."""
    with reserved_port() as port:
        settings.EMAIL_BACKEND, settings.EMAIL_HOST, settings.EMAIL_PORT = SMTP, "127.0.0.1", port
        yield


@pytest.fixture
def mute(settings):
    """A server that takes the call and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        settings.EMAIL_BACKEND, settings.EMAIL_HOST = SMTP, "127.0.0.1"
        settings.EMAIL_PORT = listening.getsockname()[1]
        settings.EMAIL_TIMEOUT = 0.2
        yield


def give_address(*people):
    for person in people:
        person.email = f"{person.username}@agency.example"
        person.save(update_fields=["email"])


@pytest.fixture
def addresses(clinician, supervisor, other_supervisor):
    give_address(clinician, supervisor, other_supervisor)


def run(command, *arguments):
    """What a command of ours said."""
    said = io.StringIO()
    call_command(command, *arguments, stdout=said, stderr=said)
    return said.getvalue()


def log_of(caplog):
    """What we said; the server of the tests says much more."""
    ours = [record for record in caplog.records if record.name == "staff.mail"]
    return "\n".join(f"{record.levelname} {record.getMessage()}" for record in ours)


def let_the_next_try_come():
    Mail.objects.update(next_try_at=F("next_try_at") - datetime.timedelta(days=1))
