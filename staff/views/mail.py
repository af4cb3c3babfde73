from django.contrib import messages
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from staff import actions
from staff.models import DeskDigest
from staff.policy import policy


@policy("assessment.review")
@require_POST
def digest(request):
    wanted = request.POST.get("wanted") == "yes"
    actions.want_digest(wanted, by=request.user)
    said = "comes again" if wanted else "does not come any more"
    messages.success(request, f"The morning's mail {said}.")
    return redirect("staff:me")


@policy("case.coordinate")
@require_POST
def desk_digest(request):
    wanted = request.POST.get("wanted", "")
    if wanted not in {"", *DeskDigest.values}:
        messages.error(request, "Choose again how often your numbers come by mail.")
        return redirect("staff:me")
    actions.want_desk_digest(wanted, by=request.user)
    often = DeskDigest(wanted).label if wanted else ""
    said = f"Your numbers come by mail {often}." if wanted else "Your numbers do not come by mail any more."
    messages.success(request, said)
    return redirect("staff:me")
