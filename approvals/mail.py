"""What the workflow tells people by mail: that something waits and where, and nothing about a child."""

from django.db import transaction
from django.urls import reverse

from cans.leaving import goes_on_with
from staff.dates import today
from staff.mail import queue, send_after_commit
from staff.models import Mail, User

from .queue import waiting_for


def tell_author(step):
    """That this step returned a CANS to them: to its author, or to whoever goes on with it. Part of the act;
    sent when it is committed."""
    to = goes_on_with(step.assessment)
    if to is not None:
        path = reverse("cans:detail", args=[step.assessment_id])
        send_after_commit(queue(Mail.Kind.RETURNED, to=to, key=step.pk, path=path))


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
