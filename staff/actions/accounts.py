from django.core.exceptions import ValidationError
from django.db import transaction

from audit.actions import record
from staff.models import Line, Role, Session, User
from staff.passwords import new_password
from staff.refusals import NotNow

from .keeping import hold_agency, hold_person
from .lines import check_supervisor

KEPT_ROLES = (Role.CLINICIAN, Role.SUPERVISOR, Role.ADMINISTRATOR)


@transaction.atomic
def add_person(*, username, name, email, role, supervisor, starts, by):
    """Open an account at the administrator's own agency. Returns the person and their first password.

    The password is made up here, shown once, and changed at the first sign-in: it is nobody's habit.
    """
    hold_agency(by.agency_id, by=by)
    person, password = create_person(username=username, name=name, email=email, role=role, by=by)
    if role == Role.CLINICIAN and supervisor is None:
        raise NotNow("A clinician has a supervisor, who reviews what they submit.")
    if supervisor is not None:
        check_supervisor(person, supervisor, starts)
        Line.objects.create(person=person, supervisor=supervisor, starts=starts)
    record(
        "person.add",
        by=by,
        subject=f"person {person.pk}",
        role=role,
        supervisor=supervisor and supervisor.pk,
    )
    return person, password


def create_person(*, username, name, email, role, by, is_active=True):
    """The row itself, checked, with a made-up password. The act around it is the caller's."""
    if role not in KEPT_ROLES:
        raise NotNow("That is no role of an agency's people.")
    check_username(username)
    person = User(
        username=username,
        name=name,
        email=email,
        role=role,
        agency_id=by.agency_id,
        is_active=is_active,
        must_change_password=True,
    )
    password = new_password()
    person.set_password(password)
    try:
        person.full_clean()
    except ValidationError as wrong:
        raise NotNow(" ".join(wrong.messages)) from None
    person.save()
    return person, password


def check_username(username):
    """Names that differ in capitals only would be taken for one another."""
    if User.objects.filter(username__iexact=username).exists():
        raise NotNow("This user name is taken. Choose another one.")


@transaction.atomic
def change_person(person, *, name, email, by):
    """Correct a name or an e-mail address. What was frozen in the record keeps the former name."""
    held = hold_person(person, by=by)
    changed = [
        field for field, value in {"name": name, "email": email}.items() if value != getattr(held, field)
    ]
    if not changed:
        raise NotNow("Nothing was changed.")
    User.objects.filter(pk=held.pk).update(name=name, email=email)
    record("person.change", by=by, subject=f"person {held.pk}", fields=changed)


@transaction.atomic
def disable_person(person, *, reason, by):
    """At once: the sessions end too, so that the very next request finds nobody signed in."""
    held = hold_person(person, by=by)
    if not held.is_active:
        raise NotNow(f"{held} is disabled already.")
    User.objects.filter(pk=held.pk).update(is_active=False)
    Session.objects.filter(person=held).delete()
    record("person.disable", by=by, subject=f"person {held.pk}", reason=reason)


@transaction.atomic
def enable_person(person, *, reason, by):
    held = hold_person(person, by=by)
    if held.is_active:
        raise NotNow(f"The account of {held} is active.")
    asked = getattr(held, "account_request", None)
    if asked and not asked.confirmed_at:
        raise NotNow(f"This account becomes active when {asked.requested_by} confirms it, and not before.")
    User.objects.filter(pk=held.pk).update(is_active=True)
    record("person.enable", by=by, subject=f"person {held.pk}", reason=reason)


@transaction.atomic
def hand_over_password(person, *, by):
    """Make up a new password, which its person changes when they first sign in. Returns it.

    Whoever was signed in with the old one is signed out.
    """
    held = hold_person(person, by=by)
    password = new_password()
    held.set_password(password)
    held.must_change_password = True
    held.save(update_fields=["password", "must_change_password"])
    Session.objects.filter(person=held).delete()
    record("person.password", by=by, subject=f"person {held.pk}")
    return password
