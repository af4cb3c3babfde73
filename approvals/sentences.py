"""What is said after a step: naming the child, and what it settled."""

from cans.days import written_with_weekday as _day
from cans.facts import dates_of
from cans.leaving import goes_on_with
from cans.models import Obligation
from staff.dates import today


def of(assessment):
    return f"{assessment.child}'s {assessment.get_type_display().lower()} CANS"


def approved(assessment):
    """Which due dates an approval met, and the one it sets."""
    dates = dates_of(assessment)
    said = f"Approved: {of(assessment)}. {_settles(dates.met)}"
    return f"{said} The next is due {_day(dates.next_six_month)}." if dates.next_six_month else said


def would_settle(assessment):
    """The same before it is approved, to be read by who is about to."""
    settles = _settles(dates_of(assessment).met)
    if assessment.amends_id is None:
        return settles
    return f"It takes the place of CANS {assessment.amends_id}, which stays readable. {settles}"


def _settles(obligations):
    dates = " and ".join(f"the {row.get_kind_display()} CANS due {_day(row.due)}" for row in obligations)
    return f"It settles {dates}." if dates else "It settles no due date."


def submitted(assessment, reviewer):
    """For whom it waits, and who may decide it while they are away."""
    said = f"Submitted. {of(assessment)} now waits for {reviewer}."
    cover = reviewer.cover_between(today(), today())
    return f"{said} {cover.cover} stands in for them through {_day(cover.ends)}." if cover else said


def taken_back(assessment):
    said = f"Taken back. {of(assessment)} is a draft again"
    if assessment.first_submitted_on is None:
        return f"{said}, as if never submitted."
    return f"{said}. Its first submission, of {_day(assessment.first_submitted_on)}, still counts."


def returned(assessment, step):
    number = step.comments.count()
    comments = {0: "", 1: ", with 1 comment"}.get(number, f", with {number} comments")
    to, author = goes_on_with(assessment), assessment.author
    said = f"Returned{f' to {to}' if to else ''}: {of(assessment)}{comments}."
    if to is None:
        said += f" {author} has left the case and it has no primary worker; the coordinator names one."
    elif to != author:
        said += f" {author}, who wrote it, has left the case."
    owed = Obligation.objects.unsettled().filter(met_by=assessment, fix_by__isnull=False).order_by("fix_by")
    first = owed.first()
    return f"{said} To be resubmitted by {_day(first.fix_by)}." if first else said
