from django.urls import path

from .views import account_requests, accounts, cover, credentials, mail, people, settings, sign_in, switches

app_name = "staff"
urlpatterns = [
    path("", people.people, name="people"),
    path("add/", accounts.add, name="add_person"),
    path("me/", people.me, name="me"),
    path("me/digest/", mail.digest, name="digest"),
    path("me/address/", mail.own_address, name="own_address"),
    path("me/numbers/", mail.desk_digest, name="desk_digest"),
    path("me/switch/", switches.switch, name="switch"),
    path("confirmed/", sign_in.confirmed, name="confirmed"),
    path("cover/", cover.cover, name="cover"),
    path("cover/backup/", cover.name_backup, name="name_backup"),
    path("cover/<int:pk>/end/", cover.end_cover, name="end_cover"),
    path("credentials/import/", credentials.import_page, name="import_credentials"),
    path("credentials/template/", credentials.template, name="credential_template"),
    path("requests/", account_requests.requests, name="account_requests"),
    path("requests/new/", account_requests.file, name="file_request"),
    path("requests/<int:request_pk>/", account_requests.shown, name="account_request"),
    path("requests/<int:request_pk>/open/", account_requests.open_account, name="open_account"),
    path("requests/<int:request_pk>/decline/", account_requests.decline, name="decline_request"),
    path("requests/<int:request_pk>/confirm/", account_requests.confirm, name="confirm_account"),
    path("settings/", settings.settings, name="settings"),
    path("settings/<slug:name>/", settings.setting, name="setting"),
    path("<int:pk>/", people.person, name="person"),
    path("<int:pk>/change/", accounts.change, name="change_person"),
    path("<int:pk>/role/", accounts.role, name="change_role"),
    path("<int:pk>/line/", accounts.line, name="set_line"),
    path("<int:pk>/disable/", accounts.disable, name="disable_person"),
    path("<int:pk>/enable/", accounts.enable, name="enable_person"),
    path("<int:pk>/password/", accounts.password, name="hand_over_password"),
    path("<int:pk>/reset-sign-in/", sign_in.reset, name="reset_sign_in"),
    path("<int:pk>/credential/", credentials.credential, name="credential"),
    path("<int:pk>/credentials/<int:credential_pk>/correct/", credentials.correct, name="correct_credential"),
]
