from django.http import JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

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


def csrf_failure(request, reason=""):
    """Most often a page from before the person signed in again: its forms carry a token that is over."""
    if from_script(request):
        problem = "This page was opened before you last signed in."
        return JsonResponse({"problem": problem, "reason": "csrf"}, status=403)
    return render(request, "403_csrf.html", status=403)
