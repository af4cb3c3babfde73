from django.http import HttpResponse
from django.urls import path

from ips.urls import urlpatterns as of_the_application
from staff.policy import policy


@policy("home")
def empty(request):
    """The signed-in view: session and user read from the database, and nothing else."""
    return HttpResponse(b"nothing but the way here")


urlpatterns = [path("bench/empty/", empty), *of_the_application]
