"""How every page of an assessment begins: found among what the person may see, and written down."""

from django.shortcuts import render

from audit.actions import record_reading
from audit.statements import Found
from cans.models import Assessment
from cases.views.pages import found_or_404, granted_or_404

ASSESSMENT = Found(
    Assessment,
    "child",
    "case",
    "author",
    "started_by",
    "reviewer",
    "based_on",
    "amends",
    "instrument_version",
)

# What the pages need that are opened and saved all day; PostgreSQL plans ten tables in ten times as long.
ASSESSMENT_TO_SCORE = Found(Assessment, "child", "case", "based_on")


def find(request, pk, kept=ASSESSMENT):
    """The assessment, if this person may read it; 404 otherwise."""
    assessment = found_or_404(kept, pk)
    assessment.grant = granted_or_404(request, assessment.case)
    return assessment


def note_reading(request, page, assessment, children=None):
    """Write down who opened whose record, before the answer goes out; `children` where it tells of more."""
    record_reading(
        page,
        by=request.user,
        case=assessment.case,
        grant=assessment.grant,
        children=children or [assessment.child_id],
    )


def crumbs(assessment, *more):
    """From the cases down to this page; the last one given is the page itself."""
    return [
        ("Cases", "/cases/"),
        (assessment.case.name, assessment.case.get_absolute_url()),
        (f"CANS {assessment.pk}", assessment.get_absolute_url() if more else None),
        *more,
    ]


def wrong_moment(request, assessment, why):
    """409 and the sentence, with the way back to the assessment."""
    context = {
        "why": str(why),
        "back_url": assessment.get_absolute_url(),
        "back_label": f"See CANS {assessment.pk} as it is now",
    }
    return render(request, "409.html", context, status=409)
