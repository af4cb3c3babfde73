"""What a returned CANS asks of its author: the items the reviewer named, and the day to answer by."""

from django.db.models import Min

from approvals.history import last_return, steps_of
from approvals.models import ItemComment
from audit.statements import Given, Kept

from . import layout


def open_return(assessment, steps=None):
    """The return that still waits for an answer, or None."""
    if assessment.returned_at is None or not assessment.is_workable:
        return None
    return last_return(steps_of(assessment) if steps is None else steps)


def asked_about(sheets, returned):
    """The items the reviewer asks about, in the form's order, each with the way to its control."""
    if returned is None:
        return []
    comments = {(comment.sheet_id, comment.code): comment.text for comment in returned.comments.all()}
    return [
        {
            "url": layout.control_url(sheet, item.code),
            "label": item.label,
            "text": comments[sheet.pk, item.code],
        }
        for sheet in sheets
        for item in sheet.items
        if (sheet.pk, item.code) in comments
    ]


def fix_by(assessment):
    """The day by which a returned CANS must be back to stay in time; None where nothing waits."""
    return assessment.obligations_met.current().aggregate(day=Min("fix_by"))["day"]


_COMMENTS = Kept(
    lambda: ItemComment.objects.filter(sheet__assessment=Given("assessment")).select_related("step__by")
)


def comments_of(assessment):
    """(sheet, item code) → what reviewers ever said of it, oldest first."""
    found = {}
    for comment in _COMMENTS.all(assessment=assessment.pk):
        found.setdefault((comment.sheet_id, comment.code), []).append(comment)
    return found
