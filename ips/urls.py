from django.urls import include, path

from . import health

urlpatterns = [
    path("healthz", health.healthz, name="healthz"),
    path("accounts/", include("allauth.account.urls")),
    path("cases/", include("cases.urls")),
    path("cans/", include("cans.urls")),
    path("approvals/", include("approvals.urls")),
    path("reports/", include("reports.urls")),
    path("staff/", include("staff.urls")),
]
