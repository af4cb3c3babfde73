from django.urls import path

from . import views

app_name = "reports"
urlpatterns = [
    path("overdue/", views.overdue, name="overdue"),
    path("overdue/csv/", views.overdue_csv, name="overdue_csv"),
    path("due/", views.due_soon, name="due"),
    path("due/csv/", views.due_soon_csv, name="due_csv"),
    path("waiting/", views.waiting, name="waiting"),
    path("views/", views.saved_views, name="saved_views"),
    path("views/<int:pk>/forget/", views.forget_view, name="forget_view"),
    path("waive/<int:obligation_pk>/", views.waive_obligation, name="waive"),
]
