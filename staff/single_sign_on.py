"""Signing in through the directory of the state or the agency, which speaks OpenID Connect.

It opens accounts that are there and makes none. An account is known by the directory's own number
for the person (its subject). The first time there is none yet: then the e-mail address decides, if
the directory says that it is verified, and if it is the address of exactly one account, active or
not, that has never been opened with another subject. An address can pass to somebody else, so it
decides only once; and an account's address is entered by an administrator, never by its owner.
"""

import secrets
import time

import jwt
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter, get_adapter
from allauth.socialaccount.models import SocialAccount
from allauth.socialaccount.providers.base.constants import AuthError, AuthProcess
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from allauth.utils import build_absolute_uri
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.shortcuts import render
from django.urls import reverse

from audit.actions import record
from audit.sign_in import record_refused

from .models import User

PROVIDER_ID = "oidc"
LEEWAY = 30  # seconds that two clocks may differ
# With the provider's public key only: a token signed with anything that we hold, too, proves nothing.
SIGNATURES = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]


class Conversation(OpenIDConnectOAuth2Adapter):
    """allauth's, but stricter: the signature is always checked, and both answers are of one person."""

    def get_callback_url(self, request, app):
        return build_absolute_uri(request, reverse("single_sign_on_callback"), self.redirect_uri_protocol)

    def complete_login(self, request, app, token, **kwargs):
        if "id_token" not in kwargs["response"]:
            raise OAuth2Error("no id_token")
        login = super().complete_login(request, app, token, **kwargs)
        told = login.account.extra_data
        if told["userinfo"].get("sub") != told["id_token"]["sub"]:
            raise OAuth2Error("userinfo is about somebody else")
        return login

    def _decode_id_token(self, app, id_token):
        if self.openid_config["issuer"].rstrip("/") != settings.OIDC_ISSUER.rstrip("/"):
            raise OAuth2Error("the provider says it is another one")
        try:
            return jwt.decode(
                id_token,
                key=self._key_of(id_token),
                algorithms=SIGNATURES,
                issuer=self.openid_config["issuer"],
                audience=app.client_id,
                leeway=LEEWAY,
                options={"require": ["exp", "iat", "sub", "iss", "aud"]},
            )
        except (jwt.PyJWTError, KeyError, TypeError, ValueError) as wrong:
            raise OAuth2Error("no id_token that can be trusted") from wrong

    def _key_of(self, id_token):
        """The provider's key by which the token says it is signed; a provider of one key may say nothing."""
        with get_adapter().get_requests_session() as session:
            response = session.get(self.openid_config["jwks_uri"])
        response.raise_for_status()
        named = jwt.get_unverified_header(id_token).get("kid")
        keys = [
            key
            for key in jwt.PyJWKSet.from_dict(response.json()).keys
            if key.public_key_use in (None, "sig") and named in (None, key.key_id)
        ]
        if len(keys) != 1:
            raise OAuth2Error("no key that fits")
        return keys[0]


class Provider(OpenIDConnectProvider):
    pkce_enabled_default = True
    oauth2_adapter_class = Conversation

    def get_callback_url(self):
        return reverse("single_sign_on_callback")

    def get_login_url(self, request, **kwargs):
        return reverse("single_sign_on")

    def redirect(self, request, process, next_url=None, data=None, **asked):
        """Nothing is taken from the address but the page to go to afterwards."""
        nonce = secrets.token_urlsafe(24)
        params = {"nonce": nonce}
        kept = {"nonce": nonce}
        if request.user.is_authenticated:
            # They prove once more who they are, for staff/step_up.py: `prompt` asks for it, and `max_age`
            # makes the provider say when it was done.
            params |= {"prompt": "login", "max_age": "0"}
            kept["again"] = int(time.time())
        return super().redirect(request, AuthProcess.LOGIN, next_url, auth_params=params, **kept)


class SocialAccountAdapter(DefaultSocialAccountAdapter):
    def pre_social_login(self, request, sociallogin):
        told = sociallogin.account.extra_data["id_token"]
        if not secrets.compare_digest(str(told.get("nonce", "")), sociallogin.state["nonce"]):
            raise PermissionDenied("The answer does not belong to this browser's question.")
        if not _is_proof(told, sociallogin.state.get("again")):
            known = sociallogin.user if sociallogin.is_existing else None
            raise ImmediateHttpResponse(_refused(request, "stale", known))
        if not sociallogin.is_existing:
            _link(request, sociallogin)
        # What else the directory tells about the person is not kept.
        SocialAccount.objects.filter(pk=sociallogin.account.pk).update(extra_data={})
        if not sociallogin.user.is_active:
            raise ImmediateHttpResponse(_refused(request, "inactive", sociallogin.user))

    def on_authentication_error(self, request, provider, error=None, **more):
        """Whatever else cannot be trusted; whoever stops at the provider of their own will has not failed."""
        if error != AuthError.CANCELLED:
            record_refused("sign_in.failed", None, way=PROVIDER_ID, why="untrusted")

    def is_open_for_signup(self, request, sociallogin):
        return False


def gave_second_factor(signal_kwargs):
    """Does the provider vouch for a second factor, in the words that the settings accept?"""
    login = (signal_kwargs or {}).get("sociallogin")
    if login is None:
        return False
    told = login.account.extra_data["id_token"]
    methods = told.get("amr") if isinstance(told.get("amr"), list) else []
    return bool(
        set(map(str, methods)) & set(settings.OIDC_SECOND_FACTOR_AMR)
        or str(told.get("acr")) in settings.OIDC_SECOND_FACTOR_ACR
    )


def _is_proof(told, asked_at):
    """Whether somebody who was signed in, and was asked again at this time, has proved who they are since."""
    if asked_at is None:
        return True
    proved_at = told.get("auth_time")
    return type(proved_at) in {int, float} and proved_at >= asked_at - LEEWAY


def _link(request, sociallogin):
    person = _person_of(sociallogin.account.extra_data)
    if person is None:
        raise ImmediateHttpResponse(_refused(request, "unknown"))
    account = sociallogin.account
    with transaction.atomic():
        SocialAccount.objects.create(user=person, provider=account.provider, uid=account.uid)
        record("sign_in.link", by=person, subject=f"person {person.pk}", provider=account.provider)
    sociallogin.lookup()


def _person_of(told):
    """The one person this is, or None. Somebody else's guess at an address must lead nowhere."""
    claims = told["userinfo"] | told["id_token"]
    email = claims.get("email")
    if not email or claims.get("email_verified") is not True:
        return None
    people = list(User.objects.filter(email__iexact=email)[:2])
    if len(people) != 1 or SocialAccount.objects.filter(user=people[0]).exists():
        return None
    return people[0]


def _refused(request, why, person=None):
    record_refused("sign_in.failed", person, way=PROVIDER_ID, why=why)
    return render(request, "socialaccount/refused.html", {"why": why}, status=403)
