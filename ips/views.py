import re
import sys

from django.db import InterfaceError, OperationalError
from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.views.decorators.http import require_safe
from django.views.defaults import server_error

from staff.dates import today
from staff.policy import policy
from staff.sessions import from_script

from . import home as questions


@policy("home")
@require_safe
def home(request):
    ask = questions.BY_ROLE.get(request.user.role, questions.nobody)
    template = f"ips/home_{request.user.role or 'nobody'}.html"
    return render(request, template, {"today": today(), **ask(request.user)})


def not_found(request, exception):
    """A form may be sent to what is not this person's any more, decided by somebody else meanwhile: what they
    typed is theirs, and stands on the page."""
    return render(request, "404.html", {"typed": _typed(request)}, status=404)


# The fields that hold sentences of one's own; a name or an address may have been on record.
SENTENCES = re.compile(r"reason|because|note|(comment|answer|note)-.+")


def _typed(request):
    """What was written into a form that a page of ours received; of any other address nothing is read."""
    if request.method != "POST" or request.resolver_match is None:
        return []
    return [text for name, text in request.POST.items() if SENTENCES.fullmatch(name) and text.strip()]


def csrf_failure(request, reason=""):
    """Most often a page from before the person signed in again: its forms carry a token that is over."""
    if from_script(request):
        problem = "This page was opened before you last signed in."
        return JsonResponse({"problem": problem, "reason": "csrf"}, status=403)
    return render(request, "403_csrf.html", status=403)


RETRY_AFTER = "5"  # seconds


def failed(request):
    """Whatever failed, view or middleware. Where it is that the database does not answer, nobody is at fault
    and it may be tried again: that is said without asking the database anything."""
    if not isinstance(sys.exception(), OperationalError | InterfaceError):
        return server_error(request)
    if from_script(request):
        answer = JsonResponse({"problem": "The records cannot be reached just now."}, status=503)
    else:
        answer = HttpResponse(render_to_string("503.html"), status=503)
    answer["Retry-After"] = RETRY_AFTER
    answer["Cache-Control"] = "no-store"
    return answer
