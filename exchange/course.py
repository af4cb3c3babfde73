"""A page that is written while the import goes: how far it has come, and at its end what came of it.

It needs no script. Whoever leaves the page stops reading it, which closes what writes it: so the import's
transaction, open meanwhile, is rolled back.
"""

import logging
from contextlib import closing

from django.core.exceptions import PermissionDenied
from django.http import StreamingHttpResponse
from django.middleware.csrf import get_token
from django.template.loader import render_to_string

from staff.refusals import NotNow

from .actions import importing, looking, opened
from .forms import carried
from .reading import Unreadable

HERE = "\ufdd1"  # no character: nobody can have typed it
BROKEN_OFF = (
    "Something went wrong on our side, or somebody else was storing something for long. Check the file "
    "again; if this happens again, tell whoever runs the program."
)
logger = logging.getLogger(__name__)


def as_it_comes(page, course):
    """The answer: a page with two marks `HERE`, for the course of the import and for what came of it."""
    # A proxy that waits for the whole page would show no progress, and see nobody leave.
    return StreamingHttpResponse(_written(page, course), headers={"X-Accel-Buffering": "no"})


def _written(page, course):
    before, between, after = page.split(HERE)
    yield before
    outcome = yield from course
    yield between + outcome + after


def course_of_check(request, said):
    """How far it has come, as HTML, and in the end what the file would do. `said` is what the form said."""
    return _safe(request, said, _check)


def course_of_import(request, said):
    """How far it has come, as HTML, and in the end what was imported, or why nothing and what would be."""
    return _safe(request, said, _import)


def _safe(request, said, doing):
    """A sentence for whatever goes wrong: the page has begun, so there is no other answer any more."""
    try:
        sent = yield from _told(opened([said["sent"]], receiver=said["receiver"]))
        return (yield from doing(request, said, sent))
    except (Unreadable, PermissionDenied) as why:
        return _drawn(request, "refused", why=why)
    except Exception:
        logger.exception("An import broke off.")
        return _drawn(request, "refused", why=BROKEN_OFF, carried=carried(*said["sent"], show="1"))


def _check(request, said, sent, refusal=""):
    plan = yield from _told(looking(sent, by=request.user))
    receiver = said["receiver"].pk if said["receiver"] else ""
    again = carried(*said["sent"], receiver=receiver, checked=plan.seal())
    return _drawn(request, "checked", plan=plan, carried=again, refusal=refusal)


def _import(request, said, sent):
    try:
        plan = yield from _told(importing(sent, by=request.user, seal=said["checked"]))
    except NotNow as why:
        return (yield from _check(request, said, sent, str(why)))
    return _drawn(request, "imported", plan=plan, number=sum(plan.counts.values()))


def _told(going):
    """Each Progress as HTML. Returns what it was done for."""
    with closing(going):
        while True:
            try:
                progress = next(going)
            except StopIteration as end:
                return end.value
            yield render_to_string("exchange/_progress.html", {"progress": progress})


def _drawn(request, outcome, **about):
    """Without the context of a page, which asks the session and the database: they may be what is wrong."""
    return render_to_string(f"exchange/_{outcome}.html", about | {"csrf_token": get_token(request)})
