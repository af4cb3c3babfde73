from django.http import Http404, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from staff.dates import today
from staff.policy import policy
from staff.sessions import from_script

from . import home as questions

# The guides: the address, the title, and what each is for.
GUIDES = {
    "doing-a-cans": ("Doing a CANS, start to approval", "From the first rating to the approved assessment."),
    "approving-and-returning": (
        "Approving and returning",
        "For supervisors: the queue, the review, and the four things that can follow.",
    ),
    "parallel-assignment": (
        "Adding a parallel assignment",
        "So that a second worker can open the case and rate.",
    ),
    "substitute-caregiver": (
        "Creating a substitute-caregiver collateral",
        "A foster parent or another carer is added to the case before being rated.",
    ),
    "overdue-report": ("Reading the overdue report", "What the numbers count, and where each one leads."),
}


@policy("home")
@require_safe
def home(request):
    ask = questions.BY_ROLE.get(request.user.role, questions.nobody)
    template = f"ips/home_{request.user.role or 'nobody'}.html"
    return render(request, template, {"today": today(), **ask(request.user)})


@policy("help")
@require_safe
def help_index(request):
    return render(request, "help/index.html", {"guides": GUIDES})


@policy("help")
@require_safe
def help_faq(request):
    return render(request, "help/faq.html")


@policy("help")
@require_safe
def help_guide(request, guide):
    if guide not in GUIDES:
        raise Http404
    title, lede = GUIDES[guide]
    return render(request, f"help/{guide}.html", {"title": title, "lede": lede})


def csrf_failure(request, reason=""):
    """Most often a page from before the person signed in again: its forms carry a token that is over."""
    if from_script(request):
        problem = "This page was opened before you last signed in."
        return JsonResponse({"problem": problem, "reason": "csrf"}, status=403)
    return render(request, "403_csrf.html", status=403)
