"""The pages about one's own sign-in: allauth's, where this house wants something else of them."""

from allauth.account.internal.decorators import login_not_required
from allauth.account.views import LogoutView, PasswordChangeView
from allauth.mfa.adapter import get_adapter as get_mfa_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.views import ActivateTOTPView
from allauth.mfa.webauthn.views import AddWebAuthnView, RemoveWebAuthnView
from allauth.socialaccount.helpers import render_authentication_error
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView, OAuth2LoginView
from django.conf import settings
from django.http import Http404, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_http_methods, require_safe
from requests import RequestException

from reports.actions import reset_with_calendar
from staff.models import Session, User
from staff.policy import policy
from staff.second_factor import remember_set_up
from staff.sessions import seconds_left
from staff.single_sign_on import PROVIDER_ID, Conversation
from staff.step_up import step_up

from .accounts import handed_over


@policy("account")
@require_safe
def confirmed(request):
    """Where a second tab ends in which somebody proved who they are; the first still holds their form."""
    return render(request, "staff/confirmed.html")


@policy("account")
@require_safe
def session(request):
    """For static/js/session.js. To ask is to do something: it puts off the idle end."""
    idle, left = seconds_left(request.session)
    return JsonResponse({"person": request.user.pk, "csrf": get_token(request), "idle": idle, "left": left})


@policy("account")
@require_safe
def signed_in(request):
    """Where a sign-in in another window ends, and where it leads while nobody was signed out."""
    return render(request, "staff/signed_in.html")


@policy("people.keep")
@step_up
@require_http_methods(["GET", "POST"])
def reset(request, pk):
    people = User.objects.visible_to(request.user).exclude(pk=request.user.pk)
    person = get_object_or_404(people, pk=pk)
    if request.method == "POST":
        password = reset_with_calendar(person, by=request.user)
        return handed_over(request, person, password, f"The sign-in of {person} is reset.")
    return render(request, "staff/reset_sign_in.html", {"person": person})


class SignOut(LogoutView):
    def post(self, *args, **kwargs):
        response = super().post(*args, **kwargs)
        response["Clear-Site-Data"] = '"cache", "cookies", "storage"'
        return response


class ChangePassword(PasswordChangeView):
    """Ends the person's other sessions: whoever knew the old password is out."""

    def dispatch(self, request, *args, **kwargs):
        if not request.user.has_usable_password():
            raise Http404  # they sign in elsewhere
        return super().dispatch(request, *args, **kwargs)

    def form_valid(self, form):
        response = super().form_valid(form)
        end_other_sessions(self.request)
        return response


class SetUpApp(ActivateTOTPView):
    def form_valid(self, form):
        response = super().form_valid(form)
        remember_set_up(self.request, Authenticator.Type.TOTP)
        return response


class AddPasskey(AddWebAuthnView):
    def form_valid(self, form):
        response = super().form_valid(form)
        remember_set_up(self.request, Authenticator.Type.WEBAUTHN)
        return response


class RemovePasskey(RemoveWebAuthnView):
    def form_valid(self, form):
        adapter = get_mfa_adapter()
        if not adapter.can_delete_authenticator(self.object):
            form.add_error(None, adapter.validation_error("cannot_delete_authenticator"))
            return self.form_invalid(form)
        return super().form_valid(form)


def end_other_sessions(request):
    others = Session.objects.filter(person=request.user).exclude(session_key=request.session.session_key)
    others.delete()


@policy("public")
@login_not_required
@require_safe
def single_sign_on(request):
    return _speak(request, OAuth2LoginView)


@policy("public")
@login_not_required
@require_safe
def single_sign_on_callback(request):
    return _speak(request, OAuth2CallbackView)


def _speak(request, view):
    if not settings.OIDC_ISSUER:
        raise Http404
    conversation = Conversation(request, PROVIDER_ID)
    try:
        return view.adapter_view(conversation)(request)
    except (RequestException, OAuth2Error, KeyError) as wrong:
        return render_authentication_error(request, conversation.get_provider(), exception=wrong)
