from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from staff import actions
from staff.models import Switch
from staff.policy import policy
from staff.sessions import from_script


@policy("assessment.score")
@require_POST
def switch(request):
    """From one's own page, or from the page of a CANS, whose script has switched already and stays there."""
    which, on = request.POST.get("switch"), request.POST.get("wanted") == "yes"
    if which not in Switch.values:
        messages.error(request, "Choose again what to switch.")
        return redirect("staff:me")
    actions.switch(which, on, by=request.user)
    if from_script(request):
        return HttpResponse(status=204)
    words = Switch(which).label.capitalize()
    messages.success(request, f"{words} are on." if on else f"{words} are off.")
    return redirect("staff:me")
