"""What the workflow tells people by mail: that something waits and where, and nothing about a child."""

from django.db import transaction
from django.urls import reverse

from staff.dates import today
from staff.mail import queue, send_after_commit
from staff.models import Mail, User

from .queue import waiting_for


def tell_author(step):
    """That this step returned a CANS of theirs. Part of the act; sent when it is committed."""
    cans = step.assessment
    path = reverse("cans:detail", args=[cans.pk])
    send_after_commit(queue(Mail.Kind.RETURNED, to=cans.author, key=step.pk, path=path))


def make_digests(on=None):
    """One mail to each supervisor for whom something waits that day, and one only. Returns how many."""
    on = on or today()
    supervisors = (
        User.objects.supervisors().filter(wants_digest=True).exclude(email="").select_related("agency")
    )
    return sum(_digest(person, on) is not None for person in supervisors)


@transaction.atomic
def _digest(person, on):
    rows = waiting_for(person, on)
    if not rows:
        return None
    return queue(
        Mail.Kind.DIGEST,
        to=person,
        key=f"{on}:{person.pk}",
        path=reverse("approvals:queue"),
        total=len(rows),
        covered=sum(row.cover_until is not None for row in rows),
        past_due=sum(row.days_to_due is not None and row.days_to_due < 0 for row in rows),
    )
