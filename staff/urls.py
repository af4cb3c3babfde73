from django.urls import path

from .views import cover, credentials, people, settings, sign_in

app_name = "staff"
urlpatterns = [
    path("", people.people, name="people"),
    path("me/", people.me, name="me"),
    path("confirmed/", sign_in.confirmed, name="confirmed"),
    path("cover/", cover.cover, name="cover"),
    path("cover/<int:pk>/end/", cover.end_cover, name="end_cover"),
    path("settings/", settings.settings, name="settings"),
    path("settings/<slug:name>/", settings.setting, name="setting"),
    path("<int:pk>/", people.person, name="person"),
    path("<int:pk>/credential/", credentials.credential, name="credential"),
]
