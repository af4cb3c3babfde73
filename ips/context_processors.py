from functools import cache

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse

from staff.policy import role_may_enter
from staff.sessions import WRITTEN_EVERY, seconds_left

# Label, URL name, the policy that lets a person in.
ROOMS = (
    ("Home", "home", "home"),
    ("Cases", "cases:list", "case.list"),
    ("CANS", "cans:list", "assessment.view"),
    ("Approvals", "approvals:queue", "assessment.review"),
    ("Reports", "reports:overdue", "report.overdue"),
    ("People", "staff:people", "people.view"),
    ("Record", "audit:search", "audit.view"),
    ("Help", "guidance:index", "help"),
)


def navigation(request):
    """The rooms this person may enter, for the header."""
    if not request.user.is_authenticated or getattr(request, "sign_in_unfinished", False):
        return {"nav": ""}
    role = request.user.role
    here = max((url for _, url in _rooms(role) if _inside(url, request.path)), key=len, default="")
    return {"nav": _nav(role, here)}


@cache
def _rooms(role):
    """Of one role, whoever has it: (label, url)."""
    return [(label, reverse(name)) for label, name, policy in ROOMS if role_may_enter(role, policy)]


@cache
def _nav(role, here):
    """Every page has it, and there is one for each role in each room."""
    rooms = [(label, url, url == here) for label, url in _rooms(role)]
    return render_to_string("components/nav.html", {"rooms": rooms})


def sign_in(request):
    """What the pages say about signing in, whoever reads them."""
    return {
        "second_factor_required": settings.SECOND_FACTOR_REQUIRED,
        "single_sign_on": settings.OIDC_NAME if settings.OIDC_ISSUER else "",
    }


def session(request):
    """For static/js/session.js: how long the sign-in lasts, and how long any later answer renews it."""
    if not request.user.is_authenticated or getattr(request, "sign_in_unfinished", False):
        return {}
    idle, left = seconds_left(request.session)
    renewed = settings.SESSION_IDLE_AGE - WRITTEN_EVERY
    # Numbers as text: a template would look up each time how a number is written here.
    times = {"idle": str(idle), "left": str(left), "renewed": str(renewed)}
    return {"session": times | _session_urls()}


@cache
def _session_urls():
    return {"ask": reverse("session"), "sign_in": reverse("signed_in")}


def _inside(url, path):
    """Of the same room, which is the first word of the address."""
    return path.split("/", 2)[1] == url.split("/", 2)[1]
