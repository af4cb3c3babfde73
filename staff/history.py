"""What happened to somebody's account, from the record, in words."""

import datetime
from dataclasses import dataclass

from audit.models import Event

from .dates import written
from .models import Credential, Role, User

WORDS = {
    "person.add": "Account added, {role}",
    "person.change": "Changed: {fields}",
    "person.role": "Role changed from {was} to {role}",
    "person.line": "Supervised by {supervisor} from {starts}",
    "person.disable": "Account disabled",
    "person.enable": "Account active again",
    "person.password": "New first password handed over",
    "sign_in.reset": "Sign-in reset: new first password, no second factor",
    "person.digest": "The morning's mail switched {switched}",
    "person.switch": "Own {switch} switched {switched}",
    "calendar.make": "Address of their calendar made",
    "calendar.revoke": "Address of their calendar revoked",
    "account.open": "Account opened as {supervisor} had asked; not active until confirmed",
    "account.confirm": "Confirmed: account active",
    "account.decline": "Request declined: account stays inactive",
    "credential.record": "{kind_of_credential} of {on} recorded",
    "credential.withdraw": "{kind_of_credential} of {on} withdrawn",
}
FIELDS = {"name": "name", "email": "e-mail"}


@dataclass(frozen=True)
class Entry:
    at: object
    by: str
    words: str
    reason: str


def history_of(person, latest):
    """The latest acts on this person's account, the newest first."""
    chains = [0, person.agency_id]
    events = Event.objects.filter(chain__in=chains, subject=f"person {person.pk}", action__in=WORDS)
    found = list(events.order_by("-at", "-pk")[:latest])
    names = User.objects.in_bulk({event.detail.get("supervisor") for event in found} - {None})
    return [_entry(event, names) for event in found]


def _entry(event, names):
    told = {name: _told(name, value, names) for name, value in event.detail.items()}
    return Entry(
        event.at,
        event.actor_label,
        WORDS[event.action].format_map(_Blank(told)),
        event.detail.get("reason", ""),
    )


class _Blank(dict):
    """An act from before its detail had this name is still told."""

    def __missing__(self, name):
        return "(not on record)"


def _told(name, value, names):
    if name == "supervisor":
        return str(names.get(value, "nobody"))
    if name in {"role", "was"} and value in Role.values:
        return Role(value).label.lower()
    if name == "kind_of_credential":
        return Credential.Kind(value).label
    if name in {"on", "starts"}:
        return written(datetime.date.fromisoformat(value))
    if name == "fields":
        return " and ".join(FIELDS.get(one, one) for one in value)
    return str(value)
