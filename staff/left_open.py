"""What of somebody's is still open: said before they are disabled, and handed over before another role.

The rooms after this one hang their rows on the person, so they are asked through the person.
"""

from dataclasses import dataclass

from django.db.models import Q

from .dates import in_force, today, written
from .models import Cover, Line, Role, User

CARRYING = ("primary", "parallel")
IN_HAND, WAITING = ("draft", "returned"), ("submitted",)


@dataclass(frozen=True)
class Left:
    """One kind of thing, in a sentence, and what it is about: people, or cases by name and number."""

    sentence: str
    people: tuple = ()
    cases: tuple = ()


def left_open(person):
    """Everything that waits for somebody else to take over, as of today."""
    return [left for left in [*_leading(person), *_carrying(person), *_keeping(person)] if left]


def what_holds(person, role):
    """What must be in other hands before this person has that role."""
    holding = []
    if person.role == Role.SUPERVISOR and role != Role.SUPERVISOR:
        holding += _leading(person)
    if role == Role.ADMINISTRATOR:
        holding += _carrying(person)
    return [left for left in holding if left]


def _leading(person):
    return [_line(person), _reviews(person), *_covers(person)]


def _carrying(person):
    return [_assignments(person), _drafts(person)]


def _keeping(person):
    """What nobody else can do, until whoever runs the installation gives it to another."""
    if person.role == Role.ADMINISTRATOR:
        administrators = User.objects.active().filter(role=Role.ADMINISTRATOR, agency=person.agency_id)
        if not administrators.exclude(pk=person.pk).exists():
            yield Left(f"{person} is the only administrator of {person.agency}.")
    if person.role == Role.COORDINATOR:
        for grant in person.region_grants.filter(in_force(today())).select_related("region"):
            if not User.objects.coordinators_of(grant.region).exclude(pk=person.pk).exists():
                yield Left(f"{person} is the only coordinator of {grant.region or 'all regions'}.")


def _not_over():
    return Q(ends__isnull=True) | Q(ends__gte=today())


def _line(person):
    lines = Line.objects.filter(_not_over(), supervisor=person).select_related("person")
    people = tuple(sorted({line.person for line in lines}, key=str))
    sentence = f"{_count(len(people), 'person is', 'people are')} in the line of {person}."
    return Left(sentence, people=people) if people else None


def _reviews(person):
    rows = person.assessments_to_review.filter(state__in=WAITING)
    return _of_cases(person, rows, "{number} CANS waits for {who}.", "{number} CANS wait for {who}.")


def _drafts(person):
    rows = person.assessments_authored.filter(state__in=IN_HAND)
    return _of_cases(
        person,
        rows,
        "{number} unfinished CANS belongs to {who}.",
        "{number} unfinished CANS belong to {who}.",
    )


def _assignments(person):
    rows = person.assignments.filter(_not_over(), kind__in=CARRYING)
    return _of_cases(
        person, rows, "{who} has {number} assignment on cases.", "{who} has {number} assignments on cases."
    )


def _covers(person):
    covers = Cover.objects.filter(Q(supervisor=person) | Q(cover=person), ends__gte=today())
    for cover in covers.select_related("supervisor", "cover"):
        other = cover.supervisor if cover.cover_id == person.pk else cover.cover
        yield Left(
            f"{cover.cover} stands in for {cover.supervisor} through {written(cover.ends)}.", people=(other,)
        )
    for named in person.backing.filter(ends=None).select_related("supervisor"):
        yield Left(
            f"{person} is the backup of {named.supervisor}, when a CANS waits too long.",
            people=(named.supervisor,),
        )


def _of_cases(person, rows, one, many):
    """How many there are, and of which cases; one that went to another agency is counted and not named."""
    cases = [row.case for row in rows.select_related("case").order_by("case__name", "pk")]
    if not cases:
        return None
    named = tuple(case for case in cases if case.agency_id == person.agency_id)
    sentence = (one if len(cases) == 1 else many).format(number=len(cases), who=person)
    if elsewhere := len(cases) - len(named):
        sentence += f" {_count(elsewhere, 'is', 'are')} in a case of another agency."
    return Left(sentence, cases=named)


def _count(number, one, many):
    return f"{number} {one if number == 1 else many}"
