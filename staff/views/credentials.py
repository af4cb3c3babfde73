from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from staff import actions
from staff.forms import CredentialForm
from staff.models import User
from staff.policy import policy

from .posted import posted


@policy("people.credentials")
@require_http_methods(["GET", "POST"])
def credential(request, pk):
    shown = get_object_or_404(User.objects.visible_to(request.user).exclude(pk=request.user.pk), pk=pk)
    form = CredentialForm(posted(request))
    if request.method == "POST" and form.is_valid():
        actions.record_credential(shown, by=request.user, **form.cleaned_data)
        messages.success(request, f"Recorded for {shown}.")
        return redirect("staff:person", shown.pk)
    return render(request, "staff/credential.html", {"person": shown, "form": form})
