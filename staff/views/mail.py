from django.contrib import messages
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_POST

from staff import actions
from staff.forms.people import OwnAddressForm
from staff.models import DeskDigest
from staff.policy import policy
from staff.step_up import step_up

from .posted import form_page, posted


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


@policy("case.coordinate")
@step_up
@require_http_methods(["GET", "POST"])
def own_address(request):
    """A coordinator belongs to no agency, so no administrator keeps their address."""
    form = OwnAddressForm(posted(request), initial={"email": request.user.email})

    def act(given):
        actions.set_own_address(given["email"], by=request.user)
        messages.success(request, "Your address is changed." if given["email"] else "No mail comes any more.")
        return redirect("staff:me")

    return form_page(request, form, act, "staff/own_address.html", {})
