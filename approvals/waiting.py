"""What waits too long for its reviewer, or for somebody who may not decide it, and what a child left open in
another case: what a coordinator is shown, because nobody else might notice."""

import datetime
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from cans.days import written_with_weekday
from cans.models import Assessment
from cases.models import Membership
from staff.dates import in_force, today
from staff.models import Cover, PolicySetting, Role, User

from .permissions import attended, deciders_of, enders_of, present_deciders_of


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
            until = written_with_weekday(self.away_until)
            return f"Away until {until}, and who stands in is away as well or may not decide it."
        return "Their credentials have lapsed, or they wrote in it."


def longest_wait(on=None):
    return int(PolicySetting.objects.value_on(PolicySetting.Name.REVIEW_DAYS, on or today()))


def too_long(on):
    """The moment before which it came, if it has waited longer than the program allows."""
    last = on - datetime.timedelta(days=longest_wait(on))
    return timezone.make_aware(datetime.datetime.combine(last, datetime.time.min))


def unattended(user, on=None, now=None):
    """Submitted CANS in this person's cases that nobody who is here may decide today; the longest first."""
    on = on or today()
    return _waiting(user, on, now).exclude(attended(on))


def stuck(user, on=None, now=None, since=None):
    """Those, however short they wait, and what waits longer than the program allows; the longest first.
    `since` is `too_long` of that day, where it is Anybody who asks."""
    on = on or today()
    return _waiting(user, on, now).filter(Q(submitted_at__lt=since or too_long(on)) | ~attended(on))


def _waiting(user, on, now=None):
    return (
        Assessment.objects.visible_to(user, on, now)
        .submitted()
        .select_related("child", "case__agency", "author", "reviewer")
        .order_by("submitted_at", "pk")
    )


def rows_of(assessments, on=None):
    """With who is here and may decide each: what waits too long may well have somebody."""
    on = on or today()
    able = present_deciders_of([row.pk for row in assessments], on) if assessments else {}
    return _rows(assessments, _by_name(assessments, able), on)


def unattended_rows_of(assessments, on=None):
    """Of what `unattended` found, where there is nobody to be asked about."""
    return _rows(assessments, {row.pk: [] for row in assessments}, on or today())


def _rows(assessments, able, on):
    away = _away({row.reviewer_id for row in assessments}, on) if assessments else {}
    return [Stuck(row, on, able[row.pk], away.get(row.reviewer_id)) for row in assessments]


def _away(reviewers, on):
    """Until when each is away, of those who are."""
    covers = Cover.objects.filter(in_force(on), supervisor__in=reviewers)
    return dict(covers.order_by("ends").values_list("supervisor", "ends"))


@dataclass(frozen=True)
class LeftBehind:
    """An open CANS of a child who is in another case now, and who may end it today."""

    assessment: Assessment
    may_end: list


def left_behind(user, on=None):
    """Open CANS in this person's cases of children who are in another case now, where nobody can begin one
    before these are decided or voided; the longest there first."""
    on = on or today()
    stays = Membership.objects.in_case_on(on).filter(child=OuterRef("child"))
    return (
        Assessment.objects.visible_to(user, on)
        .open()
        .filter(Exists(stays.exclude(case=OuterRef("case"))))
        .select_related("child", "case__agency", "author")
        .order_by("started_at", "pk")
    )


def left_rows_of(assessments, on=None):
    on, numbers = on or today(), [row.pk for row in assessments]
    able = _by_name(assessments, deciders_of(numbers, on), enders_of(numbers, on))
    return [LeftBehind(row, able[row.pk]) for row in assessments]


def _by_name(assessments, *able):
    """The number of each assessment → the people whose numbers stand for it in these mappings."""
    people = User.objects.in_bulk({person for found in able for some in found.values() for person in some})
    return {
        row.pk: sorted((people[person] for found in able for person in found[row.pk]), key=str)
        for row in assessments
    }
