from django.urls import path

from .views import pages

app_name = "audit"
urlpatterns = [
    path("", pages.search, name="search"),
    path("refusals/", pages.refusals, name="refusals"),
    path("cases/<int:pk>/", pages.case, name="case"),
]
