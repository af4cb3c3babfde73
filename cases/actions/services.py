"""Supports given to a child, and the array they come from."""

from django.core.exceptions import PermissionDenied

from audit.actions import record
from cases.models import CaseEvent, Membership, Service, ServiceFinding, ServiceKind
from cases.permissions import Act, check_can
from staff.policy import may_enter
from staff.refusals import NotNow

from .holding import after, before, far, hold, keep, one_act, refuse, same_version, tell


@one_act
def add_service(stay, *, by, kind, provider, starts, findings, ends=None):
    """Give a child a service from the array. `findings` are codes of CANS items; one at least."""
    case, stay = _hold(stay, by)
    refuse(
        kind=""
        if ServiceKind.objects.filter(pk=kind.pk, active=True).exists()
        else "This service is retired.",
        **_wrong(stay, starts, ends, findings),
    )
    service = keep(Service(membership=stay, kind=kind, provider=provider, starts=starts, ends=ends))
    _answer(service, findings)
    sentence = f"{kind} for {stay.child} by {provider}."
    tell(case, CaseEvent.Kind.SERVICE, sentence, by=by, on=starts, about=service, findings=len(set(findings)))
    return service


@one_act
def change_service(service, *, by, provider, starts, findings, ends=None, version=None):
    """Another provider, other days, other findings; the kind of a service stays."""
    case, stay = _hold(service.membership, by)
    service = Service.objects.select_related("kind").get(pk=service.pk)
    same_version(service, version)
    refuse(**_wrong(stay, starts, ends, findings))
    ended = ends is not None and service.ends is None
    service.provider, service.starts, service.ends = provider, starts, ends
    keep(service)
    service.findings.exclude(code__in=findings).delete()
    _answer(service, set(findings) - set(service.findings.values_list("code", flat=True)))
    sentence = f"{service.kind} for {stay.child} {'ended' if ended else 'changed'}."
    tell(
        case,
        CaseEvent.Kind.SERVICE,
        sentence,
        by=by,
        on=ends if ended else None,
        about=service,
        starts=starts,
        ends=ends,
        findings=len(set(findings)),
    )
    return service


@one_act
def add_service_kind(*, by, name):
    _check_keeps_array(by)
    kind = keep(ServiceKind(name=name))
    record("service_kind.add", by=by, subject=f"service kind {kind.pk}", name=name)
    return kind


@one_act
def retire_service_kind(kind, *, by):
    """Out of the array from now on; services given before keep it."""
    return _set_active(kind, by, active=False)


@one_act
def restore_service_kind(kind, *, by):
    return _set_active(kind, by, active=True)


def _check_keeps_array(user):
    if not user.is_active or not may_enter(user, "services.keep"):
        raise PermissionDenied("Only coordinators keep the service array.")


def _set_active(kind, by, *, active):
    _check_keeps_array(by)
    if not ServiceKind.objects.filter(pk=kind.pk, active=not active).update(active=active):
        raise NotNow(f"{kind} is {'in the array' if active else 'retired'} already.")
    verb = "restore" if active else "retire"
    record(f"service_kind.{verb}", by=by, subject=f"service kind {kind.pk}", name=kind.name)


def _hold(stay, by):
    case = hold(stay.case)
    check_can(by, Act.WORK, case)
    return case, Membership.objects.select_related("child").get(pk=stay.pk)


def _wrong(stay, starts, ends, findings):
    return {
        "starts": before(starts, stay.joined, "the child's joining the case")
        or after(starts, stay.left, "the day the child left the case")
        or far(starts),
        "ends": before(ends, starts, "the first day")
        or after(ends, stay.left, "the day the child left the case"),
        "findings": "" if findings else "Every service answers at least one CANS finding.",
    }


def _answer(service, codes):
    for code in sorted(set(codes)):
        keep(ServiceFinding(service=service, code=code))
