from django.contrib import messages
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from staff import actions
from staff.policy import policy


@policy("assessment.review")
@require_POST
def digest(request):
    wanted = request.POST.get("wanted") == "yes"
    actions.want_digest(wanted, by=request.user)
    said = "comes again" if wanted else "does not come any more"
    messages.success(request, f"The morning's mail {said}.")
    return redirect("staff:me")
