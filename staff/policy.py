"""Who may come through which door: one declared policy per view, by role.

Roles decide the door (403 at the wrong one); which rows a person finds behind it is decided by
each model's `visible_to` (404), and whether the moment is right by `check_can` (409).
"""

from functools import wraps

from django.core.exceptions import ImproperlyConfigured, PermissionDenied

from .models import Role

CASE_READERS = frozenset({Role.CLINICIAN, Role.SUPERVISOR, Role.COORDINATOR})
WORKERS = frozenset({Role.CLINICIAN, Role.SUPERVISOR})
EVERYONE = frozenset(Role.values) | {""}

POLICIES = {
    "public": None,
    "home": EVERYONE,
    "help": EVERYONE,
    "instrument.view": EVERYONE,
    "instrument.load": frozenset({Role.ADMINISTRATOR}),
    "account": EVERYONE,
    "people.view": frozenset({Role.ADMINISTRATOR, Role.SUPERVISOR}),
    "people.credentials": frozenset({Role.ADMINISTRATOR}),
    "cover": frozenset({Role.SUPERVISOR, Role.COORDINATOR}),
    "settings": frozenset({Role.COORDINATOR}),
    "case.list": CASE_READERS | {Role.ADMINISTRATOR},
    "case.view": CASE_READERS,
    "case.create": WORKERS,
    "case.work": WORKERS,
    "case.coordinate": frozenset({Role.COORDINATOR}),
    "case.assign": CASE_READERS,
    "case.people": CASE_READERS,
    "assessment.view": CASE_READERS,
    "assessment.score": WORKERS,
    "assessment.route": CASE_READERS,
    "assessment.void": CASE_READERS,
    "assessment.amend": frozenset({Role.SUPERVISOR, Role.COORDINATOR}),
    "assessment.review": frozenset({Role.SUPERVISOR}),
    "obligation.waive": frozenset({Role.COORDINATOR}),
    "report.overdue": CASE_READERS,
    "services.keep": frozenset({Role.COORDINATOR}),
}

# allauth's own pages are its to guard: they are about one's own account and nothing else.
GUARDED_ELSEWHERE = ("allauth.", "django.contrib.staticfiles.", "whitenoise.")


def policy(name):
    """Declare a view's policy; the view is refused with 403 to every role it does not name."""
    roles = POLICIES[name]

    def declare(view):
        @wraps(view)
        def guarded(request, *args, **kwargs):
            if roles is not None and request.user.role not in roles:
                raise PermissionDenied(f"This page is not part of the work of your role ({_role(request)}).")
            return view(request, *args, **kwargs)

        guarded.policy = name
        return guarded

    return declare


def may_enter(user, name):
    """Would this policy let the person in? For links and menus."""
    roles = POLICIES[name]
    return roles is None or user.role in roles


def declared_policy(view):
    """The policy a view declares, "elsewhere" for the few that guard themselves, or None."""
    declared = getattr(view, "policy", None)
    if declared is None and view.__module__.startswith(GUARDED_ELSEWHERE):
        return "elsewhere"
    return declared


class PolicyMiddleware:
    """A view that forgot to declare a policy fails closed."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_view(self, request, view, args, kwargs):
        if declared_policy(view) is None:
            raise ImproperlyConfigured(f"{view.__module__}.{view.__name__} declares no policy.")


def _role(request):
    return request.user.get_role_display() or "no role"
