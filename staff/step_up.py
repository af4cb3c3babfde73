"""Acts that reach far (exports, roles, imports) are done only soon after proving who one is.

Signing in is such a proof; after five minutes the password, a code or a passkey is asked for again.
"""

import time
from functools import wraps
from urllib.parse import urlencode

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import get_authentication_records
from django.conf import settings
from django.shortcuts import redirect, render
from django.urls import reverse


def step_up(view):
    """Placed under @policy: the wrong role is refused before anybody is asked for a password."""

    @wraps(view)
    def guarded(request, *args, **kwargs):
        if not settings.SECOND_FACTOR_REQUIRED or proved_lately(request):
            return view(request, *args, **kwargs)
        if request.method in ("GET", "HEAD"):
            return redirect(_where_to_prove(request, request.get_full_path()))
        return _keep_what_was_typed(request)

    return guarded


def proved_lately(request):
    proofs = get_authentication_records(request, request.user)
    return bool(proofs) and time.time() - proofs[-1]["at"] < settings.ACCOUNT_REAUTHENTICATION_TIMEOUT


def _where_to_prove(request, then):
    ways = get_adapter(request).get_reauthentication_methods(request.user)
    page = ways[0]["url"] if ways else reverse("single_sign_on")  # no password here: the provider asks
    return f"{page}?{urlencode({'next': then})}"


def _keep_what_was_typed(request):
    """The form page asked already, so this is rare: the form was open for longer than the proof holds."""
    typed = [
        (name, value)
        for name, values in request.POST.lists()
        for value in values
        if name != "csrfmiddlewaretoken"
    ]
    context = {
        "typed": typed,
        "files": bool(request.FILES),
        "prove_url": _where_to_prove(request, reverse("staff:confirmed")),
    }
    return render(request, "staff/step_up.html", context, status=409)
