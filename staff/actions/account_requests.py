"""The account request, as the paper form had it: filed, opened, confirmed; or declined."""

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from audit.actions import record
from staff.dates import today
from staff.models import AccountRequest, Agency, Line, Role, User
from staff.refusals import NotNow

from .accounts import create_person
from .keeping import hold_agency
from .lines import check_supervisor


@transaction.atomic
def file_request(*, by, **asked):
    """A supervisor asks for a clinician's account at their own agency. Returns the request."""
    if not _supervises(by):
        raise PermissionDenied("A supervisor asks for an account at their own agency.")
    filed = AccountRequest.objects.create(agency=by.agency, requested_by=by, **asked)
    record("account.request", by=by, subject=f"account request {filed.pk}")
    return filed


@transaction.atomic
def open_account(asked, *, username, name, email, by):
    """Open the account that was asked for, not active until it is confirmed. The supervisor who asked
    supervises them from today. Returns the person and their first password."""
    hold_agency(asked.agency_id, by=by)
    supervisor = asked.requested_by
    person, password = create_person(
        username=username, name=name, email=email, role=Role.CLINICIAN, by=by, is_active=False
    )
    if not User.objects.supervisors().of_agency(asked.agency_id).filter(pk=supervisor.pk).exists():
        raise NotNow(f"{supervisor} is no longer a supervisor here: decline this, and ask for a new request.")
    check_supervisor(person, supervisor, today())
    waiting = AccountRequest.objects.waiting_for_account().filter(pk=asked.pk)
    if not waiting.update(opened_at=timezone.now(), opened_by=by, person=person):
        raise NotNow("This request was answered a moment ago.")
    Line.objects.create(person=person, supervisor=supervisor, starts=today())
    record("account.open", by=by, subject=f"person {person.pk}", request=asked.pk, supervisor=supervisor.pk)
    return person, password


@transaction.atomic
def decline_request(asked, *, reason, by):
    """Also after the account was opened, when nobody came: it then never becomes active."""
    hold_agency(asked.agency_id, by=by)
    still = AccountRequest.objects.filter(pk=asked.pk, confirmed_at__isnull=True, declined_at__isnull=True)
    if not still.update(declined_at=timezone.now(), declined_by=by, declined_reason=reason):
        raise NotNow("This request is settled already.")
    subject = f"person {asked.person_id}" if asked.person_id else f"account request {asked.pk}"
    record("account.decline", by=by, subject=subject, request=asked.pk, reason=reason)


@transaction.atomic
def confirm_account(asked, *, by):
    """The supervisor says that this is the person and that they have started: now it is active."""
    Agency.objects.select_for_update(no_key=True).get(pk=asked.agency_id)
    if not may_confirm(by, asked):
        raise PermissionDenied("The supervisor who asked for the account confirms it, or the person's own.")
    waiting = AccountRequest.objects.waiting_for_confirmation().filter(pk=asked.pk)
    if not waiting.update(confirmed_at=timezone.now(), confirmed_by=by):
        raise NotNow("There is nothing to confirm: the account is not opened yet, or it is settled already.")
    person = AccountRequest.objects.get(pk=asked.pk).person
    User.objects.filter(pk=person.pk).update(is_active=True)
    record("account.confirm", by=by, subject=f"person {person.pk}", request=asked.pk)


def may_confirm(user, asked):
    if not _supervises(user) or user.agency_id != asked.agency_id:
        return False
    leads = asked.person_id and User.objects.in_line_of(user).filter(pk=asked.person_id).exists()
    return bool(asked.requested_by_id == user.pk or leads)


def _supervises(user):
    """Read anew: a page may have been open for long."""
    return User.objects.supervisors().filter(pk=user.pk, agency__isnull=False).exists()
