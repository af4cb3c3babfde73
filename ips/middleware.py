import re

from django.http import JsonResponse
from django.shortcuts import render
from django.urls import Resolver404, resolve

from audit.actions import record_denial
from staff.policy import declared_policy
from staff.refusals import NotNow
from staff.sessions import from_script, sent_to_sign_in

from .addresses import case_of

NUMBER = re.compile(r"<int:(\w+)>")


class NoSessionMiddleware:
    """A calendar program that shares a browser's cookies must neither use its session nor keep it alive."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if request.path_info.startswith("/calendar/"):
            request.COOKIES = {}
        return self.get_response(request)


class NoStoreMiddleware:
    """A child's record must not stay in a browser's or a proxy's cache after its reader has left."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        if response.get("Cache-Control") == "no-store":
            return response  # and where the database does not answer, who asks is not asked a second time
        user = getattr(request, "user", None)
        if user is not None and user.is_authenticated:
            response["Cache-Control"] = "no-store"
        return response


class DenialMiddleware:
    """Every refusal at one of our own addresses is on record, or there is no answer at all: what is
    not yours (404), the wrong role (403), and whoever is sent to sign in first."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        request.asked_by = None
        response = self.get_response(request)
        if _is_refusal(request.asked_by, response):
            match = request.resolver_match or _resolved(request)
            if match and _is_ours(match.func):
                record_denial(
                    "denied",
                    by=request.asked_by,
                    subject=_where(match),
                    case=request.asked_by and case_of(match),
                    method=request.method,
                    status=response.status_code,
                )
        return response

    def process_view(self, request, view, args, kwargs):
        """Who asks is noted before the view, which may sign them out."""
        if _is_ours(view) and request.user.is_authenticated:
            request.asked_by = request.user


def _is_ours(view):
    return declared_policy(view) not in {None, "elsewhere", "public"}


def _is_refusal(person, response):
    """A 302 for nobody is the way to the sign-in page, a 401 tells a script so: nothing is shown to them."""
    return response.status_code in {403, 404} or (person is None and response.status_code in {302, 401})


def _resolved(request):
    """Whoever's session is over is sent to sign in before anything looks at the address."""
    try:
        return resolve(request.path_info)
    except Resolver404:
        return None


def _where(match):
    """The address by its pattern, with the numbers in it; never a word that somebody typed."""
    return NUMBER.sub(lambda found: _short(match.kwargs[found[1]]), match.route)


def _short(number):
    return str(number) if 0 <= number < 10**18 else "(no number of ours)"


class ScriptMiddleware:
    """A script that would be led to sign in, or to the rest of signing in, is told so in JSON instead."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        if response.status_code != 302 or not from_script(request):
            return response
        if getattr(request, "sign_in_unfinished", False):
            problem = "The sign-in is not finished."
        elif sent_to_sign_in(response):
            problem = "You are signed out."
        else:
            return response
        answer = JsonResponse({"problem": problem}, status=401)
        answer.cookies = response.cookies  # why it ended stands in one of them, for the sign-in page
        return answer


class NotNowMiddleware:
    """Wrong moment, wherever it comes up: 409 and the sentence. Forms that keep what was typed
    catch it themselves and answer 409 with the form."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_exception(self, request, exception):
        if isinstance(exception, NotNow):
            return render(request, "409.html", {"why": str(exception)}, status=409)
        return None
