from allauth.core.internal import ratelimit
from allauth.mfa.adapter import get_adapter
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from audit.actions import record_denial
from staff.policy import policy
from staff.step_up import step_up

from . import actions
from .feed import as_calendar, due_dates, feed_at
from .models import Feed

# An agency may share one address; a calendar program asks a few times a day.
RATES = {"calendar": "300/5m/ip"}
WAIT = 5 * 60  # seconds
TO_SHOW = "calendar_address"


@policy("public")
@login_not_required
@never_cache
@require_safe
def feed(request, secret):
    """Guarded by the secret in the address alone: a calendar program cannot sign in. Whatever is wrong
    with it, the answer is the same 404."""
    if not ratelimit.consume(request, app="reports", action="calendar", config=RATES, limit_get=True):
        return _unlogged(HttpResponse(status=429, headers={"Retry-After": str(WAIT)}))
    found = feed_at(actions.digest_of(secret))
    if found is None:
        where = request.resolver_match.route  # the pattern: never the secret
        record_denial("denied", by=None, subject=where, method=request.method, status=404)
        return _unlogged(HttpResponse("Not found.\n", status=404, content_type="text/plain"))
    Feed.objects.filter(pk=found.pk).update(last_fetched_at=timezone.now())
    return HttpResponse(as_calendar(due_dates(found.person)), content_type="text/calendar; charset=utf-8")


@policy("calendar")
@step_up
@require_POST
def make(request):
    """Sealed in the session until one's page shows it, once; of the secret only a hash is stored."""
    address = settings.SITE_URL + reverse("calendar", args=[actions.make_feed(by=request.user)])
    request.session[TO_SHOW] = get_adapter().encrypt(address)
    messages.success(request, "The address of your calendar is below. It is shown only now.")
    return redirect(reverse("staff:me") + "#calendar")


@policy("calendar")
@require_POST
def revoke(request):
    actions.revoke_feed(request.user, by=request.user)
    messages.success(request, "The address of your calendar leads nowhere any more.")
    return redirect(reverse("staff:me") + "#calendar")


def address_to_show(request):
    sealed = request.session.pop(TO_SHOW, "")
    return get_adapter().decrypt(sealed) if sealed else ""


def _unlogged(response):
    """Django would write the address of what it refuses into the log, and with it the secret."""
    response._has_been_logged = True
    return response
