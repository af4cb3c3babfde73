from django.urls import path

from . import change_views, feed_views, turnaround_views, views, waiting_views, waiver_views
from .export import FORMATS


def files(address, view, name):
    """One address for each format a list can be exported in, all of them the same view."""
    return [path(f"{address}{one}/", view, {"file_format": one}, name=f"{name}_{one}") for one in FORMATS]


app_name = "reports"
urlpatterns = [
    path("overdue/", views.overdue, name="overdue"),
    *files("overdue/", views.overdue_file, "overdue"),
    path("due/", views.due_soon, name="due"),
    *files("due/", views.due_soon_file, "due"),
    path("timeliness/", views.timely, name="timeliness"),
    *files("timeliness/", views.timely_file, "timeliness"),
    path("opening/", views.opening_status, name="opening"),
    *files("opening/", views.opening_status_file, "opening"),
    path("submission/", views.submissions, name="submission"),
    *files("submission/", views.submissions_file, "submission"),
    path("change/", change_views.changes, name="change"),
    *files("change/", change_views.changes_file, "change"),
    path("waiting/", waiting_views.waiting, name="waiting"),
    *files("waiting/", waiting_views.waiting_file, "waiting"),
    path("turnaround/", turnaround_views.turnaround, name="turnaround"),
    *files("turnaround/", turnaround_views.turnaround_file, "turnaround"),
    path("calendar/", feed_views.make, name="make_calendar"),
    path("calendar/revoke/", feed_views.revoke, name="revoke_calendar"),
    path("views/", views.saved_views, name="saved_views"),
    path("views/<int:pk>/forget/", views.forget_view, name="forget_view"),
    path("waive/<int:obligation_pk>/", waiver_views.waive_obligation, name="waive"),
]
