"""What is said after a step: naming the child, and what it settled."""

from cans.days import written_with_weekday as _day
from cans.facts import dates_of
from cans.models import Obligation


def of(assessment):
    return f"{assessment.child}'s {assessment.get_type_display().lower()} CANS"


def approved(assessment):
    """Which due dates an approval met, and the one it sets."""
    dates = dates_of(assessment)
    said = f"Approved: {of(assessment)}. {_settles(dates.met)}"
    return f"{said} The next is due {_day(dates.next_six_month)}." if dates.next_six_month else said


def would_settle(assessment):
    """The same before it is approved, to be read by who is about to."""
    return _settles(dates_of(assessment).met)


def _settles(obligations):
    dates = " and ".join(f"the {row.get_kind_display()} CANS due {_day(row.due)}" for row in obligations)
    return f"It settles {dates}." if dates else "It settles no due date."


def returned(assessment, step):
    number = step.comments.count()
    comments = {0: "", 1: ", with 1 comment"}.get(number, f", with {number} comments")
    said = f"Returned to {assessment.author}: {of(assessment)}{comments}."
    owed = Obligation.objects.unsettled().filter(met_by=assessment, fix_by__isnull=False).order_by("fix_by")
    first = owed.first()
    return f"{said} To be resubmitted by {_day(first.fix_by)}." if first else said
