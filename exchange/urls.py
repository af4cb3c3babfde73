from django.urls import path

from . import people_views, views

app_name = "exchange"
urlpatterns = [
    path("", views.import_page, name="import"),
    path("people/", people_views.people, name="people"),
    path("people/template.xlsx", people_views.template, name="people_template"),
    path("template.xlsx", views.template, name="template"),
]
