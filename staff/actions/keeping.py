"""Who keeps an agency's people, judged at the moment of the act."""

from django.core.exceptions import PermissionDenied

from staff.models import Agency, Role, User


def hold_agency(agency_id, *, by):
    """Take the agency's people for this transaction, so that acts on them come one after another.

    The right is read anew behind the wait: of two administrators who disable each other one stays.
    `by` is None for whoever runs the installation, by a command: it is their right already.
    """
    Agency.objects.select_for_update(no_key=True).filter(pk=agency_id).first()
    if by is None:
        return
    keepers = User.objects.active().filter(role=Role.ADMINISTRATOR, agency=agency_id)
    if agency_id is None or not keepers.filter(pk=by.pk).exists():
        raise PermissionDenied("Only the administrator of the person's agency does this.")


def hold_person(person, *, by):
    """The person as they are now, held for this transaction; of one's own agency, and not oneself.

    Whoever runs the installation (None) holds anybody: a coordinator, whom no administrator keeps, and
    the only administrator of an agency.
    """
    if by and by.pk == person.pk:
        raise PermissionDenied("Nobody changes their own account here.")
    hold_agency(person.agency_id, by=by)
    return User.objects.select_for_update(no_key=True).get(pk=person.pk)
