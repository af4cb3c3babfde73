"""What waits too long for its reviewer, or for somebody who may not decide it: what a coordinator is
shown, because nobody else might notice."""

import datetime
from dataclasses import dataclass

from django.db.models import Q
from django.utils import timezone

from cans.days import written_with_weekday
from cans.models import Assessment
from staff.dates import in_force, today
from staff.models import Cover, PolicySetting, Role, User

from .permissions import present_deciders


@dataclass(frozen=True)
class Stuck:
    """A submitted CANS, who is here and may decide it today, and until when its reviewer is away."""

    assessment: Assessment
    on: datetime.date
    may_decide: list
    away_until: datetime.date | None

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
        if self.away_until:
            return f"Away until {written_with_weekday(self.away_until)}, and their cover may not decide it."
        return "Their credentials have lapsed, or they wrote in it."


def longest_wait(on=None):
    return int(PolicySetting.objects.value_on(PolicySetting.Name.REVIEW_DAYS, on or today()))


def too_long(on):
    """The moment before which it came, if it has waited longer than the program allows."""
    last = on - datetime.timedelta(days=longest_wait(on))
    return timezone.make_aware(datetime.datetime.combine(last, datetime.time.min))


def unattended(user, on=None):
    """Submitted CANS in this person's cases that nobody who is here may decide today; the longest first."""
    on = on or today()
    return _waiting(user, on).exclude(pk__in=present_deciders(on).values("pk"))


def stuck(user, on=None):
    """Those, however short they wait, and what waits longer than the program allows; the longest first."""
    on = on or today()
    decided = Q(pk__in=present_deciders(on).values("pk"))
    return _waiting(user, on).filter(Q(submitted_at__lt=too_long(on)) | ~decided)


def _waiting(user, on):
    return (
        Assessment.objects.visible_to(user, on)
        .submitted()
        .select_related("child", "case__agency", "author", "reviewer")
        .order_by("submitted_at", "pk")
    )


def rows_of(assessments, on=None):
    on = on or today()
    found = {row.pk: [] for row in assessments}
    if not found:
        return []
    pairs = list(present_deciders(on).filter(pk__in=found).values_list("pk", "decider"))
    people = User.objects.in_bulk({person for _, person in pairs})
    for assessment, person in pairs:
        found[assessment].append(people[person])
    away = _away({row.reviewer_id for row in assessments}, on)
    return [Stuck(row, on, sorted(found[row.pk], key=str), away.get(row.reviewer_id)) for row in assessments]


def _away(reviewers, on):
    """Until when each is away, of those who are."""
    covers = Cover.objects.filter(in_force(on), supervisor__in=reviewers)
    return dict(covers.order_by("ends").values_list("supervisor", "ends"))
