from django.core.exceptions import PermissionDenied
from django.db import transaction

from audit.actions import record
from staff.models import DeskDigest, Role, User
from staff.refusals import NotNow


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


@transaction.atomic
def set_own_address(email, *, by):
    """Whose account no agency keeps says themselves where their mail goes; empty for nowhere.

    An address of somebody else's is refused: by its address a first sign-in through the provider is known.
    """
    if by.role != Role.COORDINATOR:
        raise PermissionDenied("The administrator of your agency enters your address.")
    if email and User.objects.exclude(pk=by.pk).filter(email__iexact=email).exists():
        raise NotNow("Another account has this address.")
    if User.objects.filter(pk=by.pk).exclude(email=email).update(email=email):
        record("person.change", by=by, subject=f"person {by.pk}", fields=["email"])
