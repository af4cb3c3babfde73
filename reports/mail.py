"""A coordinator's numbers by mail, as their pages show them: no name of anybody, only where to look."""

import datetime

from django.conf import settings
from django.db import transaction
from django.urls import reverse

from approvals.waiting import longest_wait, stuck, too_long, unattended
from staff.dates import today
from staff.mail import queue
from staff.models import DeskDigest, Mail, Role, User

from . import counting, overdue

SOON = 14  # days


def make_desk_digests(on=None):
    """One mail to each coordinator who wants one that day, or in the week of which none went out yet; and
    one only. Returns how many."""
    on = on or today()
    wanted = [DeskDigest.DAILY, DeskDigest.WEEKLY]
    people = User.objects.filter(is_active=True, role=Role.COORDINATOR, desk_digest__in=wanted)
    return sum(_digest(person, on) is not None for person in people.exclude(email=""))


def _of(person, on):
    """The day a digest is of, by which it is told once: a weekly one is of the week's Monday, whenever the
    command runs first."""
    weekly = person.desk_digest == DeskDigest.WEEKLY
    return on - datetime.timedelta(days=on.weekday()) if weekly else on


@transaction.atomic
def _digest(person, on):
    said = numbers(person, on)
    if not (said["overdue"] or said["due_soon"] or said["too_long"] or said["stuck"]):
        return None
    return queue(
        Mail.Kind.DESK,
        to=person,
        key=f"{_of(person, on)}:{person.pk}",
        path=reverse("reports:overdue"),
        due_link=f"{settings.SITE_URL}{reverse('reports:due')}?within={SOON}",
        waiting_link=settings.SITE_URL + reverse("reports:waiting"),
        **said,
    )


def numbers(person, on):
    cells = counting.count(overdue.owed(person, on), on, keys=("reason",))
    by_reason = cells.by("reason")
    overdue_page = settings.SITE_URL + reverse("reports:overdue")
    waiting = stuck(person, on)
    return {
        "overdue": cells.total(),
        "reasons": [
            (words, by_reason[(reason.value,)], f"{overdue_page}?reason={reason.value}")
            for reason, words in overdue.REASONS.items()
            if by_reason[(reason.value,)]
        ],
        "due_soon": overdue.due_soon(person, SOON, on).count(),
        "too_long": waiting.filter(submitted_at__lt=too_long(on)).count(),
        "stuck": unattended(person, on).count(),
        "longest": longest_wait(on),
    }
