"""The case itself: create, correct its details, move it to another agency."""

from cases.models import Assignment, Case, CaseEvent, Episode
from cases.permissions import Act, check_can, check_can_create
from staff.dates import today
from staff.models import Agency, Role, User

from .episodes import check_opening
from .holding import (
    before,
    day_before,
    future,
    hold,
    keep,
    missing,
    one_act,
    refuse,
    ring,
    tell,
    turn_version,
    written,
)

DETAILS = (
    "number",
    "name",
    "county",
    "region",
    "lan",
    "referred_on",
    "referral_source",
    "department_worker",
)


@one_act
def create_case(*, by, opened, authorised_through, primary=None, **details):
    """A new case of the creator's agency, open from `opened`, with its primary worker from that day.

    A clinician becomes the primary worker; a supervisor names somebody of their line, or themselves.
    """
    check_can_create(by)
    primary = primary or by
    check_opening(opened, authorised_through)
    refuse(
        referred_on=future(details["referred_on"]) or _referred_late(details["referred_on"], opened),
        primary=""
        if possible_primaries(by).filter(pk=primary.pk).exists()
        else "Choose one of your own team.",
    )
    case = keep(Case(agency=by.agency, **{name: details[name] for name in DETAILS}))
    episode = keep(Episode(case=case, opened=opened, authorised_through=authorised_through))
    keep(Assignment(case=case, person=primary, kind=Assignment.Kind.PRIMARY, starts=opened))
    tell(case, CaseEvent.Kind.CREATED, f"Case {case.number} recorded by {by}.", by=by)
    tell(
        case,
        CaseEvent.Kind.OPENED,
        f"IPS opened, authorised through {written(authorised_through)}. {primary} is the primary worker.",
        by=by,
        on=opened,
        about=episode,
        opened=opened,
        primary=primary.pk,
    )
    ring(case, by, f"IPS opened {written(opened)}")
    return case


def possible_primaries(user):
    """Whom the creator of a case may name: a clinician only themselves, a supervisor their line too."""
    people = User.objects.workers().of_agency(user.agency)
    own = people.filter(pk=user.pk)
    return own | people.filter(pk__in=User.objects.in_line_of(user)) if user.role == Role.SUPERVISOR else own


@one_act
def edit_case(case, *, by, version=None, **details):
    """Correct the case's details; what changed is told field by field."""
    case = hold(case, version)
    check_can(by, Act.WORK, case)
    changed = [name for name in DETAILS if name in details and getattr(case, name) != details[name]]
    if not changed:
        return case
    for name in changed:
        setattr(case, name, details[name])
    first = case.episodes.order_by("opened").first()
    refuse(
        referred_on=future(case.referred_on) or (first and _referred_late(case.referred_on, first.opened)),
    )
    keep(case)
    turn_version(case)
    names = [case._meta.get_field(name).verbose_name for name in changed]
    tell(
        case, CaseEvent.Kind.EDITED, f"Details changed: {', '.join(map(str, names))}.", by=by, fields=changed
    )
    places = {"region": f"the region {case.region}", "lan": f"LAN {case.lan}"}
    if moved := [words for name, words in places.items() if name in changed]:
        ring(case, by, f"The case moved to {' and '.join(moved)}")
    return case


@one_act
def transfer(case, *, by, agency, supervisor, reason, version=None):
    """Move the case to another agency today. Every assignment ends; a supervisor there receives it.

    The last day of a grant counts in full, so those who leave are dated to yesterday, and one that
    began today is taken away: the story keeps it. Children, adults, services and dates stay.
    """
    case = hold(case, version)
    check_can(by, Act.COORDINATE, case)
    receiving = User.objects.supervisors().of_agency(agency).filter(pk=supervisor.pk)
    refuse(
        agency="The case is with this agency already." if agency.pk == case.agency_id else "",
        supervisor="" if receiving.exists() else "Choose an active supervisor of that agency.",
        reason=missing(reason),
    )
    before_it, case.agency = case.agency, Agency.objects.get(pk=agency.pk)
    case.save(update_fields=["agency"])
    turn_version(case)
    left = _end_all_assignments(case)
    keep(Assignment(case=case, person=supervisor, kind=Assignment.Kind.PRIMARY, starts=today()))
    tell(
        case,
        CaseEvent.Kind.TRANSFERRED,
        f"Transferred from {before_it} to {agency}; received by {supervisor}. {left}".strip(),
        by=by,
        reason=reason,
        agencies=[before_it.pk, agency.pk],
        supervisor=supervisor.pk,
    )
    ring(case, by, f"Transferred from {before_it} to {agency}")
    return case


def _end_all_assignments(case):
    rows = case.assignments.select_related("person").exclude(ends__lt=today())
    names = sorted({str(row.person) for row in rows if row.kind != Assignment.Kind.REVIEW})
    case.assignments.filter(starts__gte=today()).delete()
    case.assignments.exclude(ends__lt=today()).update(ends=day_before(today()))
    return f"Until then: {', '.join(names)}." if names else ""


def _referred_late(referred_on, opened):
    return before(opened, referred_on, "the referral") and "The referral cannot be later than the opening."
