import datetime

from django.core.exceptions import PermissionDenied
from django.db import transaction

from audit.actions import record
from staff.dates import today, written
from staff.models import Cover, Role, User
from staff.refusals import NotNow


@transaction.atomic
def name_cover(supervisor, *, cover, starts, ends, by):
    """Say who stands in for a supervisor, from one day through another. Returns the cover.

    Which supervisors a coordinator may name one for is the form's to offer: by the cases they see.
    """
    if by.pk != supervisor.pk and by.role != Role.COORDINATOR:
        raise PermissionDenied("A supervisor names their own cover, or a coordinator does.")
    # One at a time for each supervisor, or two overlapping covers could slip in side by side.
    User.objects.select_for_update(no_key=True).get(pk=supervisor.pk)
    if starts < today():
        raise NotNow("Cover begins today or later; it cannot reach back.")
    if ends < starts:
        raise NotNow("The last day cannot be before the first.")
    if not possible_covers(supervisor).filter(pk=cover.pk).exists():
        raise NotNow(
            f"{cover} cannot cover for {supervisor}: choose an active supervisor of the same agency."
        )
    if other := supervisor.cover_between(starts, ends):
        said = f"{other.cover} already covers {_from_through(other)}."
        raise NotNow(f"{said} End that cover first, or choose other days.")
    if other := cover.cover_between(starts, ends):
        said = f"{cover} is away then: {other.cover} covers for them {_from_through(other)}."
        raise NotNow(f"{said} Choose somebody who is there, or other days.")
    named = Cover.objects.create(supervisor=supervisor, cover=cover, starts=starts, ends=ends, named_by=by)
    _record("cover.name", named, by)
    return named


@transaction.atomic
def end_cover(cover, *, by):
    """End a cover now, or call off one that has not begun.

    The last day of a grant counts in full, so one that ends now is dated to yesterday; one that
    was never in force for a whole day is taken away. The audit record keeps both.
    """
    if by.pk != cover.supervisor_id and by.role != Role.COORDINATOR:
        raise PermissionDenied("A supervisor ends their own cover, or a coordinator does.")
    still = Cover.objects.filter(pk=cover.pk, ends__gte=today())
    ended, _ = still.filter(starts__gte=today()).delete()
    ended = ended or still.update(ends=today() - datetime.timedelta(days=1))
    if not ended:
        raise NotNow("This cover is already over.")
    _record("cover.end", cover, by)


def _from_through(cover):
    return f"from {written(cover.starts)} through {written(cover.ends)}"


def possible_covers(supervisor):
    """Active supervisors of the same agency, but not this one."""
    return User.objects.supervisors().of_agency(supervisor.agency_id).exclude(pk=supervisor.pk)


def _record(action, cover, by):
    record(
        action,
        by=by,
        subject=f"cover {cover.pk}",
        supervisor=cover.supervisor_id,
        cover=cover.cover_id,
        starts=cover.starts.isoformat(),
        ends=cover.ends.isoformat(),
    )
