from django.urls import path

from . import doubt_views as views

app_name = "doubt"
urlpatterns = [
    path("", views.doubt, name="doubt"),
    path("csv/", views.doubt_csv, name="csv"),
    path("upload/", views.upload, name="upload"),
]
