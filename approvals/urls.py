from django.urls import path

from . import views

app_name = "approvals"
urlpatterns = [
    path("", views.queue, name="queue"),
    path("<int:pk>/", views.review, name="review"),
    path("<int:pk>/submit/", views.submit, name="submit"),
    path("<int:pk>/approve/", views.approve, name="approve"),
    path("<int:pk>/return/", views.return_for_revision, name="return"),
    path("<int:pk>/reroute/", views.reroute, name="reroute"),
    path("<int:pk>/recall/", views.recall, name="recall"),
    path("<int:pk>/amend/", views.amend, name="amend"),
    path("<int:pk>/void/", views.void, name="void"),
]
