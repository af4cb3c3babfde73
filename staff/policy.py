"""Who may come through which door: one declared policy per view, by role.

Roles decide the door (403 at the wrong one); which rows a person finds behind it is decided by
each model's `visible_to` (404), and whether the moment is right by `check_can` (409).
"""

from functools import wraps

from django.core.checks import Error
from django.core.exceptions import ImproperlyConfigured, PermissionDenied
from django.urls import URLPattern, get_resolver

from .models import Role

CASE_READERS = frozenset({Role.CLINICIAN, Role.SUPERVISOR, Role.COORDINATOR})
WORKERS = frozenset({Role.CLINICIAN, Role.SUPERVISOR})
EVERYONE = frozenset(Role.values) | {""}

POLICIES = {
    "public": None,
    "home": EVERYONE,
    "help": EVERYONE,
    "help.edit": frozenset({Role.COORDINATOR}),
    "instrument.view": EVERYONE,
    "instrument.load": frozenset({Role.ADMINISTRATOR}),
    "account": EVERYONE,
    "people.view": frozenset({Role.ADMINISTRATOR, Role.SUPERVISOR}),
    "people.credentials": frozenset({Role.ADMINISTRATOR}),
    "people.keep": frozenset({Role.ADMINISTRATOR}),
    "account.requests": frozenset({Role.ADMINISTRATOR, Role.SUPERVISOR}),
    "account.request": frozenset({Role.SUPERVISOR}),
    "cover": frozenset({Role.SUPERVISOR, Role.COORDINATOR}),
    "settings": frozenset({Role.COORDINATOR}),
    "case.list": CASE_READERS | {Role.ADMINISTRATOR},
    "case.view": CASE_READERS,
    "case.create": WORKERS,
    "case.work": WORKERS,
    "case.correct": CASE_READERS,
    "case.coordinate": frozenset({Role.COORDINATOR}),
    "case.assign": CASE_READERS,
    "case.reassign": frozenset({Role.SUPERVISOR, Role.COORDINATOR, Role.ADMINISTRATOR}),
    "case.people": CASE_READERS,
    "case.emergency": WORKERS,
    "case.emergency.notice": frozenset({Role.ADMINISTRATOR, Role.SUPERVISOR}),
    "assessment.view": CASE_READERS,
    "assessment.score": WORKERS,
    "assessment.route": CASE_READERS,
    "assessment.void": CASE_READERS,
    "assessment.amend": frozenset({Role.SUPERVISOR, Role.COORDINATOR}),
    "assessment.review": frozenset({Role.SUPERVISOR}),
    "obligation.waive": frozenset({Role.COORDINATOR}),
    "report.overdue": CASE_READERS,
    "report.turnaround": frozenset({Role.SUPERVISOR, Role.COORDINATOR}),
    "calendar": WORKERS,
    "audit.view": frozenset({Role.SUPERVISOR, Role.COORDINATOR, Role.ADMINISTRATOR}),
    "audit.refusals": frozenset({Role.ADMINISTRATOR}),
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
    return role_may_enter(user.role, name)


def role_may_enter(role, name):
    roles = POLICIES[name]
    return roles is None or role in roles


def declared_policy(view):
    """The policy a view declares, "elsewhere" for the few that guard themselves, or None."""
    declared = getattr(view, "policy", None)
    if declared is None and view.__module__.startswith(GUARDED_ELSEWHERE):
        return "elsewhere"
    return declared


def check_policies(app_configs, **kwargs):
    """The system check: `check`, every command and the server refuse to start without every policy."""
    return [
        Error(
            f"The view at “/{address}”, {_name(view)}, declares no policy.",
            hint="Put @policy(…) of staff/policy.py on it.",
            id="staff.E001",
        )
        for address, view in every_view()
        if declared_policy(view) is None
    ]


def refuse_to_serve():
    """For the server, which runs no system check by itself."""
    if undeclared := check_policies(None):
        raise ImproperlyConfigured(" ".join(error.msg for error in undeclared))


def every_view(patterns=None, before=""):
    """(address, view) of every line of the urls modules."""
    for one in get_resolver().url_patterns if patterns is None else patterns:
        here = before + str(one.pattern)
        if isinstance(one, URLPattern):
            yield here, one.callback
        else:
            yield from every_view(one.url_patterns, here)


class PolicyMiddleware:
    """A view that forgot to declare a policy fails closed."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_view(self, request, view, args, kwargs):
        if declared_policy(view) is None:
            raise ImproperlyConfigured(f"{_name(view)} declares no policy.")


def _name(view):
    return f"{view.__module__}.{getattr(view, '__name__', type(view).__name__)}"


def _role(request):
    return request.user.get_role_display() or "no role"
