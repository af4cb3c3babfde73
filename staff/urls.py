from django.urls import path

from . import views, views_sign_in

app_name = "staff"
urlpatterns = [
    path("", views.people, name="people"),
    path("me/", views.me, name="me"),
    path("confirmed/", views_sign_in.confirmed, name="confirmed"),
    path("cover/", views.cover, name="cover"),
    path("cover/<int:pk>/end/", views.end_cover, name="end_cover"),
    path("settings/", views.settings, name="settings"),
    path("settings/<slug:name>/", views.setting, name="setting"),
    path("<int:pk>/", views.person, name="person"),
    path("<int:pk>/credential/", views.credential, name="credential"),
]
