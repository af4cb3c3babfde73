"""What waits too long for its reviewer, or for somebody who may not decide it: what a coordinator is
shown, because nobody else might notice."""

import datetime
from dataclasses import dataclass

from django.db.models import Q
from django.utils import timezone

from cans.models import Assessment
from staff.dates import today
from staff.models import PolicySetting, Role, User

from .permissions import decidable, deciders_of


@dataclass(frozen=True)
class Stuck:
    """A submitted CANS, and who may decide it today."""

    assessment: Assessment
    on: datetime.date
    may_decide: list

    @property
    def days(self):
        return (self.on - timezone.localdate(self.assessment.submitted_at)).days

    @property
    def why_nobody(self):
        """Why the reviewer does not decide it; nobody stands in for them today, or nobody who may."""
        reviewer = self.assessment.reviewer
        if not reviewer.is_active:
            return "Their account is not active."
        if reviewer.role != Role.SUPERVISOR:
            return "They are no longer a supervisor."
        if reviewer.agency_id != self.assessment.case.agency_id:
            return "The case moved to another agency."
        return "Their credentials have lapsed, or they wrote in it."


def longest_wait(on=None):
    return int(PolicySetting.objects.value_on(PolicySetting.Name.REVIEW_DAYS, on or today()))


def too_long(on):
    """The moment before which it came, if it has waited longer than the program allows."""
    last = on - datetime.timedelta(days=longest_wait(on))
    return timezone.make_aware(datetime.datetime.combine(last, datetime.time.min))


def stuck(user, on=None):
    """Submitted CANS in this person's cases that wait longer than the program allows, and those that
    nobody may decide today, however short they wait; the longest first."""
    on = on or today()
    return (
        Assessment.objects.visible_to(user, on)
        .submitted()
        .filter(Q(submitted_at__lt=too_long(on)) | ~decidable(on))
        .select_related("child", "case__agency", "author", "reviewer")
        .order_by("submitted_at", "pk")
    )


def rows_of(assessments, on=None):
    on = on or today()
    found = deciders_of([row.pk for row in assessments], on)
    people = User.objects.in_bulk({person for able in found.values() for person in able})
    return [
        Stuck(row, on, sorted((people[person] for person in found[row.pk]), key=str)) for row in assessments
    ]
