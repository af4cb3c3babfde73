import datetime

from django.core.exceptions import PermissionDenied
from django.db import transaction

from audit.actions import record
from staff.dates import today
from staff.models import Backup, Role, User
from staff.refusals import NotNow

from .covers import possible_covers


@transaction.atomic
def name_backup(supervisor, *, backup, by):
    """Say to whom a CANS rises that waits too long for this supervisor, from today until it is said
    otherwise; None for nobody. Returns the Backup, or None.

    Which supervisors a coordinator may name one for is the form's to offer: by the cases they see.
    """
    if by.pk != supervisor.pk and by.role != Role.COORDINATOR:
        raise PermissionDenied("A supervisor names their own backup, or a coordinator does.")
    User.objects.select_for_update(no_key=True).get(pk=supervisor.pk)  # one at a time
    if backup and not possible_covers(supervisor).filter(pk=backup.pk).exists():
        raise NotNow(
            f"{backup} cannot be the backup of {supervisor}: choose an active supervisor of the same agency."
        )
    _end(supervisor)
    named = None
    if backup:
        named = Backup.objects.create(supervisor=supervisor, backup=backup, starts=today(), named_by=by)
    record(
        "backup.name",
        by=by,
        subject=f"person {supervisor.pk}",
        supervisor=supervisor.pk,
        backup=backup and backup.pk,
    )
    return named


def _end(supervisor):
    """The last day counts in full, so what ends now is dated to yesterday; what began today is taken away."""
    held = supervisor.backups.filter(ends__isnull=True)
    held.filter(starts__gte=today()).delete()
    held.update(ends=today() - datetime.timedelta(days=1))
