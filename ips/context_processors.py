from django.conf import settings
from django.urls import reverse

from staff.policy import may_enter
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
    ("Help", "help", "help"),
)


def navigation(request):
    """The rooms this person may enter, for the header: (label, url, current)."""
    if not request.user.is_authenticated or getattr(request, "sign_in_unfinished", False):
        return {"nav": []}
    rooms = [(label, reverse(name)) for label, name, policy in ROOMS if may_enter(request.user, policy)]
    here = max((url for _, url in rooms if _inside(url, request.path)), key=len, default="")
    return {"nav": [(label, url, url == here) for label, url in rooms]}


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
    return {"session": {"idle": idle, "left": left, "renewed": settings.SESSION_IDLE_AGE - WRITTEN_EVERY}}


def _inside(url, path):
    return path == url if url == "/" else path.startswith(url)
