"""What a returned CANS asks of its author: the items the reviewer named, and the day to answer by."""

from django.db.models import Min
from django.urls import reverse

from approvals.history import last_return, steps_of

from . import layout


def open_return(assessment, steps=None):
    """The return that still waits for an answer, or None."""
    return last_return(steps_of(assessment) if steps is None else steps) if assessment.is_workable else None


def asked_about(sheets, returned):
    """The items the reviewer asks about, in the form's order, each with the way to its control."""
    if returned is None:
        return []
    comments = {(comment.sheet_id, comment.code): comment.text for comment in returned.comments.all()}
    return [
        {
            "url": f"{_page_of(item, sheet)}#item-{item.code}",
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


def _page_of(item, sheet):
    slug = item.section if sheet.adult_id is None else layout.slug_of(sheet)
    return reverse("cans:score", args=[sheet.assessment_id, slug])
