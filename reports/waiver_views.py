import re

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from audit.actions import record_reading
from cans import due
from cans.models import Obligation
from cans.waivers import check_can_waive, check_can_withdraw, waive, withdraw
from cases.grants import grant_for
from staff.policy import policy
from staff.refusals import NotNow
from staff.views.posted import posted

from .forms import WaiveForm, WithdrawForm
from .overdue import KINDS

A_REPORT = re.compile(r"/reports/[a-z0-9/_-]*(\?[!-~]*)?")
WAIVING = (WaiveForm, check_can_waive, waive, "The due date is waived. It is kept, and reported apart.")
WITHDRAWING = (WithdrawForm, check_can_withdraw, withdraw, "The waiver is withdrawn: the due date is owed.")


@policy("obligation.waive")
@require_http_methods(["GET", "POST"])
def waive_obligation(request, obligation_pk):
    """Waive a due date, or, where it is waived, withdraw that."""
    visible = Obligation.objects.visible_to(request.user).select_related("case", "child", "waiver__by")
    obligation = get_object_or_404(visible, pk=obligation_pk)
    form_class, check, act, done = WITHDRAWING if obligation.waiver else WAIVING
    form = form_class(posted(request))
    refusal, status = "", 200
    try:
        if request.method == "POST" and form.is_valid():
            act(obligation, by=request.user, **form.cleaned_data)
            messages.success(request, done)
            return redirect(_back(request, obligation))
        check(request.user, obligation)
    except NotNow as why:
        refusal, status = str(why), 409
    case = obligation.case
    record_reading(
        "waiver",
        by=request.user,
        case=case,
        grant=grant_for(request.user, case),
        children=[obligation.child_id],
    )
    context = {"obligation": obligation, "form": form, "refusal": refusal, "back": _back(request, obligation)}
    context["kind"] = KINDS[obligation.kind]
    context["rule"] = due.explained(obligation.why, obligation.status())
    return render(request, "reports/waive.html", context, status=status)


def _back(request, obligation):
    """The list that it was opened from, with its filters; else the case."""
    asked = request.GET.get("back", "")
    return asked if A_REPORT.fullmatch(asked) else obligation.case.get_absolute_url()
