"""Sessions are kept on the server, with the times that limit them: 15 minutes idle, 12 hours in all."""

import time

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import SESSION_KEY, logout
from django.contrib.auth.signals import user_logged_in
from django.contrib.auth.views import redirect_to_login
from django.contrib.messages.storage.cookie import CookieStorage
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.core import signing
from django.dispatch import receiver
from django.shortcuts import resolve_url
from django.utils.http import url_has_allowed_host_and_scheme

BEGAN, SEEN = "session_began", "session_seen"
# How stale `SEEN` may be: reading stays cheap, and a session may end up to a minute early.
WRITTEN_EVERY = 60  # seconds

IDLE = "You were signed out because nothing was done for 15 minutes."
TOO_LONG = "You were signed out because a sign-in lasts 12 hours at most."
INACTIVE = "You were signed out because your account is not active."
OVER = "You were signed out: that sign-in is over."
UNSAVED = " What you had just typed was not saved."


class SessionStore(DatabaseStore):
    """Django's own store in the database, but each row says whose it is."""

    @classmethod
    def get_model_class(cls):
        from .models import Session

        return Session

    def create_model_instance(self, data):
        row = super().create_model_instance(data)
        row.person_id = data.get(SESSION_KEY)
        return row


class Messages(CookieStorage):
    """What is said to somebody may name a child. It is signed for whom it was said to: for anybody else who
    comes to this browser, and for nobody, it is not readable, and is thrown away.

    Not kept in the session, of which one request writes all: another at the same time, which only says that
    somebody is there, would take it away unread.
    """

    def _get(self, *args, **kwargs):
        self._sign_for_whom()
        return super()._get(*args, **kwargs)

    def _store(self, *args, **kwargs):
        self._sign_for_whom()
        return super()._store(*args, **kwargs)

    def _sign_for_whom(self):
        self.signer = signing.get_cookie_signer(salt=f"{self.key_salt} {self.request.user.pk}")


@receiver(user_logged_in)
def begin(request, **signed_in):
    """A session's time begins with it, not with the next page."""
    _stamp(request.session)


class SessionLimitsMiddleware:
    """Ends what has lasted too long, and says why on the sign-in page."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        came_with = request.COOKIES.get(settings.SESSION_COOKIE_NAME)
        if why := _why_over(request):
            return _to_sign_in(request, why)
        response = self.get_response(request)
        if request.user.is_authenticated:
            _stamp(request.session)
        elif came_with and sent_to_sign_in(response) and request.session.session_key is None:
            messages.info(request, OVER)
        return response


def _why_over(request):
    if not request.user.is_authenticated:
        return INACTIVE if SESSION_KEY in request.session else None
    now = time.time()
    if now - request.session.get(BEGAN, now) >= settings.SESSION_COOKIE_AGE:
        return TOO_LONG
    if now - request.session.get(SEEN, now) >= settings.SESSION_IDLE_AGE:
        return IDLE
    return None


def _stamp(session):
    now = time.time()
    if BEGAN not in session:
        session[BEGAN] = now
    if now - session.get(SEEN, 0) >= WRITTEN_EVERY:
        session[SEEN] = now


def seconds_left(session):
    """What a page may promise: the seconds until the idle end if nothing more is done, and until the
    last end. As it will be kept: `_stamp` may leave `SEEN` where it is."""
    now = time.time()
    seen = session.get(SEEN, 0)
    if now - seen >= WRITTEN_EVERY:
        seen = now
    idle = seen + settings.SESSION_IDLE_AGE - now
    left = session.get(BEGAN, now) + settings.SESSION_COOKIE_AGE - now
    return int(idle), int(left)


def from_script(request):
    """A script of ours asks, which can say what it is told; a page that it is led to, it cannot show."""
    return request.method == "PATCH" or "application/json" in request.headers.get("Accept", "")


def sent_to_sign_in(response):
    return response.status_code == 302 and response["Location"].startswith(resolve_url(settings.LOGIN_URL))


def _to_sign_in(request, why):
    logout(request)
    if request.method in ("GET", "HEAD") or from_script(request):
        page = request.get_full_path()  # a script's page keeps what was typed, and says so itself
    else:
        page, why = _page_of_the_form(request), why + UNSAVED
    messages.info(request, why)
    return redirect_to_login(page)


def _page_of_the_form(request):
    page = request.headers.get("Referer", "")
    safe = url_has_allowed_host_and_scheme(page, {request.get_host()}, require_https=request.is_secure())
    return page if safe else resolve_url(settings.LOGIN_REDIRECT_URL)
