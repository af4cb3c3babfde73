"""What of somebody's is still open: said before they are disabled, and handed over before another role.

The rooms after this one hang their rows on the person, so they are asked through the person.
"""

from dataclasses import dataclass

from django.db.models import Q

from .dates import today, written
from .models import Cover, Line, Role

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
    return [left for left in [*_leading(person), *_carrying(person)] if left]


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


def _not_over():
    return Q(ends__isnull=True) | Q(ends__gte=today())


def _line(person):
    lines = Line.objects.filter(_not_over(), supervisor=person).select_related("person")
    people = tuple(sorted({line.person for line in lines}, key=str))
    sentence = f"{_count(len(people), 'person is', 'people are')} in the line of {person}."
    return Left(sentence, people=people) if people else None


def _reviews(person):
    cases = _cases(person.assessments_to_review.filter(state__in=WAITING))
    return (
        Left(f"{_count(len(cases), 'CANS waits', 'CANS wait')} for {person}.", cases=cases) if cases else None
    )


def _drafts(person):
    cases = _cases(person.assessments_authored.filter(state__in=IN_HAND))
    sentence = f"{_count(len(cases), 'unfinished CANS belongs', 'unfinished CANS belong')} to {person}."
    return Left(sentence, cases=cases) if cases else None


def _assignments(person):
    cases = _cases(person.assignments.filter(_not_over(), kind__in=CARRYING))
    sentence = f"{person} has {_count(len(cases), 'assignment', 'assignments')} on cases."
    return Left(sentence, cases=cases) if cases else None


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


def _cases(rows):
    return tuple(row.case for row in rows.select_related("case").order_by("case__name", "pk"))


def _count(number, one, many):
    return f"{number} {one if number == 1 else many}"
