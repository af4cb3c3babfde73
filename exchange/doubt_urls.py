from django.urls import path

from reports.urls import files

from . import doubt_views as views

app_name = "doubt"
urlpatterns = [
    path("", views.doubt, name="doubt"),
    *files("", views.doubt_file, "doubt"),
    path("upload/", views.upload, name="upload"),
]
