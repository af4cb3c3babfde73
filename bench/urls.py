from django.http import HttpResponse
from django.templatetags.static import static
from django.urls import path

from audit.actions import record_reading
from cases.views.pages import case_for
from ips.urls import urlpatterns as of_the_application
from staff.policy import policy


@policy("home")
def empty(request):
    """The signed-in view: session and user read from the database, and nothing else."""
    return HttpResponse(b"nothing but the way here")


RADIO = """<!doctype html><title>One group of radio buttons</title><link rel=icon href={}>
<input type=radio name=one value=1><input type=radio name=one value=2>"""


@policy("home")
def radio(request):
    """A page with one group of radio buttons and nothing else, for what a key costs a browser."""
    return HttpResponse(RADIO.format(static("img/favicon.svg")))


@policy("case.view")
def found(request, pk):
    """What being let in costs: the case, by the rules of who may see it, and the grant that opens it."""
    case_for(request, pk)
    return HttpResponse(b"found, and nothing but")


@policy("case.view")
def on_record(request, pk):
    """What every record's page costs before it says anything: found, and the reading on record."""
    case = case_for(request, pk)
    record_reading("bench", by=request.user, case=case, grant=case.grant)
    return HttpResponse(b"found and recorded, and nothing but")


urlpatterns = [
    path("bench/empty/", empty),
    path("bench/radio/", radio),
    path("bench/found/<int:pk>/", found),
    path("bench/on-record/<int:pk>/", on_record),
    *of_the_application,
]
