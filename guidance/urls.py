from django.urls import path

from . import views

app_name = "guidance"
urlpatterns = [
    path("", views.index, name="index"),
    path("add/", views.add, name="add"),
    path("<slug:guide>/", views.entry, name="entry"),
    path("<slug:guide>/edit/", views.edit, name="edit"),
]
