from django.core.exceptions import PermissionDenied
from django.db import transaction

from audit.actions import record
from staff.models import DeskDigest, Role, User


@transaction.atomic
def want_digest(wanted, *, by):
    """Decide whether the morning's mail comes to oneself."""
    if by.role != Role.SUPERVISOR:
        raise PermissionDenied("Only a supervisor gets the morning's mail.")
    changed = User.objects.filter(pk=by.pk).exclude(wants_digest=wanted).update(wants_digest=wanted)
    if changed:
        record("person.digest", by=by, subject=f"person {by.pk}", switched="on" if wanted else "off")


@transaction.atomic
def want_desk_digest(how_often, *, by):
    """Decide how often one's numbers come by mail; empty for never."""
    if by.role != Role.COORDINATOR:
        raise PermissionDenied("Only a coordinator gets the numbers of a desk.")
    how_often = DeskDigest(how_often).value if how_often else ""
    changed = User.objects.filter(pk=by.pk).exclude(desk_digest=how_often).update(desk_digest=how_often)
    if changed:
        record("person.digest", by=by, subject=f"person {by.pk}", switched=how_often or "off")
