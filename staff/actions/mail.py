from django.core.exceptions import PermissionDenied
from django.db import transaction

from audit.actions import record
from staff.models import Role, User


@transaction.atomic
def want_digest(wanted, *, by):
    """Decide whether the morning's mail comes to oneself."""
    if by.role != Role.SUPERVISOR:
        raise PermissionDenied("Only a supervisor gets the morning's mail.")
    changed = User.objects.filter(pk=by.pk).exclude(wants_digest=wanted).update(wants_digest=wanted)
    if changed:
        record("person.digest", by=by, subject=f"person {by.pk}", switched="on" if wanted else "off")
