"""Every address about one's own sign-in. What is not here is not there: no signing up, no e-mail
addresses to keep, no password by mail."""

from allauth.account import views as account
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as codes
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as passkeys
from allauth.socialaccount import views as social
from django.urls import path

from .policy import policy
from .views import sign_in as ours

own = policy("account")

urlpatterns = [
    path("login/", account.login, name="account_login"),
    path("logout/", policy("public")(ours.SignOut.as_view()), name="account_logout"),
    path("session/", ours.session, name="session"),
    path("signed-in/", ours.signed_in, name="signed_in"),
    path("inactive/", account.account_inactive, name="account_inactive"),
    path("reauthenticate/", account.reauthenticate, name="account_reauthenticate"),
    path("password/change/", own(ours.ChangePassword.as_view()), name="account_change_password"),
    path("second-factor/", mfa.index, name="mfa_index"),
    path("second-factor/give/", mfa.authenticate, name="mfa_authenticate"),
    path("second-factor/again/", mfa.reauthenticate, name="mfa_reauthenticate"),
    path("second-factor/app/", own(ours.SetUpApp.as_view()), name="mfa_activate_totp"),
    path("second-factor/app/remove/", totp.deactivate_totp, name="mfa_deactivate_totp"),
    path("second-factor/codes/", codes.view_recovery_codes, name="mfa_view_recovery_codes"),
    path("second-factor/codes/new/", codes.generate_recovery_codes, name="mfa_generate_recovery_codes"),
    path("passkeys/", passkeys.list_webauthn, name="mfa_list_webauthn"),
    path("passkeys/add/", own(ours.AddPasskey.as_view()), name="mfa_add_webauthn"),
    path("passkeys/again/", passkeys.reauthenticate_webauthn, name="mfa_reauthenticate_webauthn"),
    path("passkeys/login/", passkeys.login_webauthn, name="mfa_login_webauthn"),
    path("passkeys/<int:pk>/rename/", passkeys.edit_webauthn, name="mfa_edit_webauthn"),
    path("passkeys/<int:pk>/remove/", own(ours.RemovePasskey.as_view()), name="mfa_remove_webauthn"),
    path("single-sign-on/", ours.single_sign_on, name="single_sign_on"),
    path("single-sign-on/answer/", ours.single_sign_on_callback, name="single_sign_on_callback"),
    path("single-sign-on/cancelled/", social.login_cancelled, name="socialaccount_login_cancelled"),
]
