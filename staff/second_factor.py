"""With SECOND_FACTOR_REQUIRED nobody gets past the sign-in without one: no page, no act, no export."""

from allauth.account.internal.flows.login import get_authentication_records, record_authentication
from allauth.mfa.models import Authenticator
from allauth.mfa.stages import AuthenticateStage
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.shortcuts import redirect

from . import single_sign_on

TYPES = [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]

# What somebody may open before: each list leads to the end of its own step, and to the way out.
TO_CHANGE_PASSWORD = {"account_change_password", "account_logout"}
TO_SET_UP = {
    "mfa_index",
    "mfa_activate_totp",
    "mfa_add_webauthn",
    "account_reauthenticate",
    "account_logout",
}
TO_GIVE = {"mfa_reauthenticate", "mfa_reauthenticate_webauthn", "account_logout"}


class SecondFactorStage(AuthenticateStage):
    """Asks for the code or the passkey, unless the provider has already asked for its own."""

    def _should_handle(self, request):
        return super()._should_handle(request) and not single_sign_on.gave_second_factor(
            self.login.signal_kwargs
        )


class SecondFactorMiddleware:
    """Leads whoever has not finished signing in to the next step, whatever they asked for."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_view(self, request, view, args, kwargs):
        if not request.user.is_authenticated:
            return None
        allowed, step = _next_step(request)
        request.sign_in_unfinished = allowed is not None
        if allowed is None or request.resolver_match.view_name in allowed:
            return None
        return redirect(step)


def _next_step(request):
    """What may be opened meanwhile, and where to go; (None, None) when nothing is left to do."""
    if request.user.must_change_password:
        return TO_CHANGE_PASSWORD, "account_change_password"
    if not settings.SECOND_FACTOR_REQUIRED or is_given(request):
        return None, None
    if not is_mfa_enabled(request.user, TYPES):
        return TO_SET_UP, "mfa_index"
    has_app = is_mfa_enabled(request.user, [Authenticator.Type.TOTP])
    return TO_GIVE, "mfa_reauthenticate" if has_app else "mfa_reauthenticate_webauthn"


def is_given(request):
    """Was a second factor given, or set up, in this very session?"""
    return any(proof.get("method") == "mfa" for proof in get_authentication_records(request, request.user))


def remember_set_up(request, kind):
    """Whoever sets up a second factor holds it in hand: they are not asked for it right away."""
    record_authentication(request, request.user, "mfa", type=kind)
