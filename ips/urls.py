from django.urls import include, path

from reports.feed_views import feed

from . import health, views

handler404 = "ips.views.not_found"
handler500 = "ips.views.failed"

urlpatterns = [
    path("", views.home, name="home"),
    path("help/", include("guidance.urls")),
    path("healthz", health.healthz, name="healthz"),
    path("calendar/<str:secret>.ics", feed, name="calendar"),
    path("accounts/", include("staff.account_urls")),
    path("cases/", include("cases.urls")),
    path("cans/", include("cans.urls")),
    path("approvals/", include("approvals.urls")),
    path("reports/doubt/", include("exchange.doubt_urls")),
    path("reports/", include("reports.urls")),
    path("import/", include("exchange.urls")),
    path("staff/", include("staff.urls")),
    path("audit/", include("audit.urls")),
]
