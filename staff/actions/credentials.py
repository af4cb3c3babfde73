from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from audit.actions import append, entry, record
from staff.credential_import import CHANGED, check
from staff.dates import today, written
from staff.gate import CANS_2_START
from staff.models import Credential
from staff.refusals import NotNow

from .keeping import hold_agency


@transaction.atomic
def record_credential(person, *, kind, on, evidence, by):
    """Put a certification or a training on record. Returns it."""
    _hold(person, by)
    return _put_on_record(person, kind, on, evidence, by)


@transaction.atomic
def correct_credential(credential, *, reason, on, evidence, by):
    """Withdraw what was recorded wrongly, and put the right date on record where there is one.

    The wrong one stays, with who withdrew it and why: it counted until now.
    """
    _hold(credential.person, by)
    withdrawn = Credential.objects.valid().filter(pk=credential.pk)
    if not withdrawn.update(withdrawn_at=timezone.now(), withdrawn_by=by, withdrawn_reason=reason):
        raise NotNow("Somebody else withdrew this a moment ago.")
    record(
        "credential.withdraw",
        by=by,
        subject=f"person {credential.person_id}",
        kind_of_credential=credential.kind,
        on=credential.on.isoformat(),
        reason=reason,
    )
    if on is None:
        return None
    return _put_on_record(credential.person, credential.kind, on, evidence, by)


@transaction.atomic
def import_credentials(text, *, seal, by):
    """Record every new line of a file that was checked and shown, or none. Returns how many.

    The file is checked anew behind the wait for the agency's people: what is done is what was shown.
    """
    hold_agency(by.agency_id, by=by)
    plan = check(text, by=by)
    if not plan.is_sealed_by(seal, by=by):
        raise NotNow(CHANGED)
    if plan.wrong:
        raise NotNow("Nothing was recorded: put right what is wrong first.")
    if not plan.new:
        raise NotNow("There is nothing new in it: every line is on record already.")
    Credential.objects.bulk_create(
        Credential(person=line.person, kind=line.kind, on=line.on, evidence=line.evidence, recorded_by=by)
        for line in plan.new
    )
    told = [(line.person.pk, line.kind, line.on, {"line": line.number}) for line in plan.new]
    whole = entry(
        "credential.import", {"lines": len(told), "digest": plan.digest}, by=by, subject="credentials"
    )
    append(by.agency_id, [*(_entry(*row, by=by) for row in told), whole])
    return len(told)


def _hold(person, by):
    if by.pk == person.pk:
        raise PermissionDenied("Nobody records their own credentials.")
    hold_agency(person.agency_id, by=by)


def _put_on_record(person, kind, on, evidence, by):
    if on > today():
        raise NotNow("A certification or training is recorded on its day or later, not ahead.")
    if kind == Credential.Kind.CERTIFICATION and on < CANS_2_START:
        raise NotNow(f"Before {written(CANS_2_START)} there was no CANS 2.0 to be certified in.")
    if Credential.objects.valid().filter(person=person, kind=kind, on=on).exists():
        raise NotNow(f"{Credential.Kind(kind).label} of {written(on)} is on record already.")
    credential = Credential.objects.create(person=person, kind=kind, on=on, evidence=evidence, recorded_by=by)
    append(by.agency_id, [_entry(person.pk, kind, on, {}, by=by)])
    return credential


def _entry(person_pk, kind, on, detail, *, by):
    detail = {"kind_of_credential": kind, "on": on.isoformat(), **detail}
    return entry("credential.record", detail, by=by, subject=f"person {person_pk}")
