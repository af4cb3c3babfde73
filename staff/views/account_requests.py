from django.contrib import messages
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from staff import actions
from staff.actions.account_requests import may_confirm
from staff.forms.people import AccountRequestForm, OpenAccountForm, ReasonForm
from staff.models import AccountRequest
from staff.policy import may_enter, policy
from staff.refusals import NotNow
from staff.step_up import step_up

from .accounts import handed_over
from .people import PAGE
from .posted import form_page, posted


@policy("account.requests")
@require_safe
def requests(request):
    seen = AccountRequest.objects.visible_to(request.user).select_related("requested_by", "person")
    context = {
        "page": Paginator(seen, PAGE).get_page(request.GET.get("page")),
        "may_file": may_enter(request.user, "account.request"),
    }
    return render(request, "staff/account_requests.html", context)


@policy("account.request")
@require_http_methods(["GET", "POST"])
def file(request):
    form = AccountRequestForm(posted(request))

    def act(given):
        filed = actions.file_request(by=request.user, **given)
        messages.success(request, f"Asked for an account for {filed.name}. Your administrator opens it.")
        return redirect("staff:account_request", filed.pk)

    return form_page(request, form, act, "staff/account_request_form.html", {})


@policy("account.requests")
@require_safe
def shown(request, request_pk):
    asked = _seen(request, request_pk)
    keeps = may_enter(request.user, "people.keep")
    settled = asked.state in {asked.State.CONFIRMED, asked.State.DECLINED}
    context = {
        "asked": asked,
        "may_open": keeps and asked.state == asked.State.FILED,
        "may_decline": keeps and not settled,
        "may_confirm": asked.state == asked.State.OPENED and may_confirm(request.user, asked),
    }
    return render(request, "staff/account_request.html", context)


@policy("people.keep")
@step_up
@require_http_methods(["GET", "POST"])
def open_account(request, request_pk):
    asked = _seen(request, request_pk)
    form = OpenAccountForm(posted(request), initial={"name": asked.name, "email": asked.email})

    def act(given):
        person, password = actions.open_account(asked, by=request.user, **given)
        sentence = (
            f"The account of {person} is opened. It becomes active when {asked.requested_by} confirms it."
        )
        return handed_over(request, person, password, sentence)

    if request.method == "GET" and asked.state != asked.State.FILED:
        raise NotNow("This request was answered already.")
    return form_page(request, form, act, "staff/open_account.html", {"asked": asked})


@policy("people.keep")
@require_http_methods(["GET", "POST"])
def decline(request, request_pk):
    asked = _seen(request, request_pk)
    form = ReasonForm(posted(request))

    def act(given):
        actions.decline_request(asked, by=request.user, **given)
        messages.success(request, f"Declined. {asked.requested_by} sees why.")
        return redirect("staff:account_request", asked.pk)

    if request.method == "GET" and asked.state in {asked.State.CONFIRMED, asked.State.DECLINED}:
        raise NotNow("This request is settled already.")
    return form_page(request, form, act, "staff/decline_request.html", {"asked": asked})


@policy("account.request")
@require_POST
def confirm(request, request_pk):
    asked = _seen(request, request_pk)
    actions.confirm_account(asked, by=request.user)
    messages.success(request, f"Confirmed. {asked.person} may sign in now.")
    return redirect("staff:account_request", asked.pk)


def _seen(request, pk):
    seen = AccountRequest.objects.visible_to(request.user)
    people = ("requested_by", "person", "opened_by", "confirmed_by", "declined_by")
    return get_object_or_404(seen.select_related(*people), pk=pk)
