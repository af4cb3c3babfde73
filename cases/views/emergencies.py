"""Break-glass: open a case in an emergency, give it back, and read of it."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_http_methods, require_POST

from cases import actions
from cases.forms.emergencies import EmergencyForm
from cases.models import EmergencyAccess, EmergencyNotice
from cases.permissions import check_can_open_in_emergency
from staff.policy import policy
from staff.views.posted import posted

from .pages import form_page


@policy("case.emergency")
@require_http_methods(["GET", "POST"])
def emergency(request):
    check_can_open_in_emergency(request.user)

    def open_case(**given):
        return actions.open_in_emergency(by=request.user, **given)

    return form_page(
        request,
        EmergencyForm(posted(request)),
        open_case,
        done="The case is open to you for four hours, to read. Those who answer for it have been told.",
        then=lambda access: access.case,
        template="cases/emergency.html",
        title="Open a case in an emergency",
        lede="When a child's safety cannot wait for somebody who has access: any case of your agency, "
        "for four hours, to read only.",
        button="Open the case",
        danger=True,
        running=EmergencyAccess.objects.opening_to(request.user).select_related("case"),
    )


@policy("case.emergency")
@require_POST
def end(request, pk):
    access = get_object_or_404(EmergencyAccess.objects.select_related("case"), pk=pk, person=request.user)
    actions.end_emergency(access, by=request.user)
    messages.success(request, f"Given back. Case {access.case.number} is closed to you again.")
    return redirect("cases:list")


@policy("case.emergency.notice")
@require_POST
def acknowledge(request, pk):
    notices = EmergencyNotice.objects.select_related("access__case")
    actions.acknowledge(get_object_or_404(notices, pk=pk, person=request.user), by=request.user)
    messages.success(request, "Acknowledged.")
    return redirect("home")
