from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from staff import actions
from staff.credential_import import COLUMNS, MAX_LINES, Unreadable, check, decoded
from staff.forms.credentials import CorrectionForm, CredentialForm, ImportForm
from staff.models import User
from staff.policy import policy
from staff.refusals import NotNow
from staff.step_up import step_up

from .posted import form_page, posted


@policy("people.credentials")
@require_http_methods(["GET", "POST"])
def credential(request, pk):
    kept = get_object_or_404(_others(request), pk=pk)
    form = CredentialForm(posted(request))

    def act(given):
        actions.record_credential(kept, by=request.user, **given)
        messages.success(request, f"Recorded for {kept}.")
        return redirect("staff:person", kept.pk)

    return form_page(request, form, act, "staff/credential.html", {"person": kept})


@policy("people.credentials")
@require_http_methods(["GET", "POST"])
def correct(request, pk, credential_pk):
    kept = get_object_or_404(_others(request), pk=pk)
    wrong = get_object_or_404(kept.credentials, pk=credential_pk)
    form = CorrectionForm(posted(request), credential=wrong)

    def act(given):
        actions.correct_credential(wrong, by=request.user, **given)
        messages.success(request, "Withdrawn, and the right date recorded." if given["on"] else "Withdrawn.")
        return redirect("staff:person", kept.pk)

    if request.method == "GET" and wrong.withdrawn_at:
        raise NotNow("This was withdrawn already.")
    context = {"person": kept, "credential": wrong}
    return form_page(request, form, act, "staff/correct_credential.html", context)


@policy("people.credentials")
@require_safe
def template(request):
    response = HttpResponse(",".join(COLUMNS) + "\r\n", content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="credentials.csv"'
    return response


@policy("people.credentials")
@step_up
@require_http_methods(["GET", "POST"])
def import_page(request):
    """First what the lines would do, then, confirmed, exactly that."""
    form = ImportForm(posted(request), request.FILES or None)
    if request.method == "GET" or not form.is_valid():
        return _import_page(request, form)
    given = form.cleaned_data
    try:
        text = decoded(given["file"].read()) if given["file"] else given["text"]
        plan = check(text, by=request.user)
        if "show" not in request.POST:
            return _recorded(request, text, given["checked"])
        return _import_page(request, _filled(request, text, plan), plan)
    except Unreadable as why:
        form.add_error("file" if given["file"] else "text", str(why))
        return _import_page(request, form)
    except NotNow as why:
        plan = check(text, by=request.user)
        again = _filled(request, text, plan)
        again.add_error(None, str(why))
        return _import_page(request, again, plan, status=409)


def _recorded(request, text, seal):
    if not seal:
        raise NotNow("See first what would be recorded, then confirm it.")
    number = actions.import_credentials(text, seal=seal, by=request.user)
    messages.success(request, f"{number} credential{'s' * (number != 1)} recorded.")
    return redirect("staff:people")


def _filled(request, text, plan):
    """The form with what was checked as its text: a file that was chosen is not chosen again by itself."""
    form = ImportForm({"text": text, "checked": plan.seal(by=request.user)})
    form.full_clean()
    return form


def _import_page(request, form, plan=None, status=200):
    context = {"form": form, "plan": plan, "most": MAX_LINES}
    return render(request, "staff/import_credentials.html", context, status=status)


def _others(request):
    """The administrator's own people, and nobody's own credentials."""
    return User.objects.visible_to(request.user).exclude(pk=request.user.pk)
