"""Whom a submission goes to."""

from django.db.models import Q

from staff.dates import in_force, today
from staff.gate import cleared
from staff.models import Cover
from staff.refusals import NotNow

from .permissions import possible_reviewers


def reviewer_for(assessment, on=None):
    """The supervisor a submission goes to: the author's, while they or their cover today may decide it;
    or else the next who may. Only where nobody may does it go to somebody whose credentials lapsed.

    Cover is not resolved here but when the queue is read: it may begin after the submission.
    Raises NotNow when nobody may review it.
    """
    on = on or today()
    possible = possible_reviewers(assessment)
    able = possible.filter(pk__in=cleared(on).values("pk"))
    line = assessment.author.line_on(on)
    own = possible.filter(pk=line.supervisor_id).first() if line else None
    stands_in = Q(pk__in=_covers_of(line.supervisor_id, on) if line else [])
    if own and able.filter(Q(pk=own.pk) | stands_in).exists():
        return own
    found = (
        able.filter(stands_in).first()
        or able.first()
        or own
        or possible.filter(stands_in).first()
        or possible.first()
    )
    if found is None:
        raise NotNow("Nobody in your agency may review this CANS. Ask your coordinator to name a supervisor.")
    return found


def _covers_of(supervisor, on):
    return Cover.objects.filter(in_force(on), supervisor=supervisor).values("cover")
