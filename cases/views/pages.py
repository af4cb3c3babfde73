"""The shape that every form about a case has, and the way to the case it is about."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.forms import model_to_dict
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse

from audit.actions import record_reading
from audit.statements import Found
from cases.grants import grant_for
from cases.models import Case
from cases.permissions import check_can
from staff.refusals import NotNow

CASE = Found(Case, "agency", "region")


def case_for(request, pk, act=None):
    """The case, if the person may see it (404) and may do this in it (403)."""
    case = found_or_404(CASE, pk)
    case.grant = granted_or_404(request, case)
    if act is not None:
        check_can(request.user, act, case)
    return case


def found_or_404(kept, pk):
    """What an address names; whether this person may see it is asked next."""
    found = kept.get(pk)
    if found is None:
        raise Http404
    return found


def granted_or_404(request, case):
    """The grant that opens the case to this person; to all others it is not there."""
    grant = grant_for(request.user, case)
    if not grant:
        raise Http404
    return grant


def form_page(
    request,
    form,
    verb,
    *,
    done,
    then=None,
    case=None,
    reading="case form",
    children=(),
    template="cases/form.html",
    **context,
):
    """Show the form, or do what it asks. `verb` takes the cleaned data; `done` is said after it, a sentence
    or a function of what `verb` returned.

    What was typed stays: with its sentences at 400, with the reason at 409 when the moment is wrong. Shown
    about a case, it is a `reading` of its record, and of these children's.
    """
    status = 200
    if request.method == "POST":
        status = 400
        if form.is_valid():
            try:
                result = verb(**form.cleaned_data)
            except ValidationError as wrong:
                tell_errors(form, wrong)
            except NotNow as why:
                form.add_error(None, str(why))
                status = 409
            else:
                messages.success(request, done(result) if callable(done) else done)
                return redirect(then(result) if then else case)
    if status == 409:
        context["errors_title"] = "Not saved"
    if case is not None:
        note_reading(request, reading, case, children)
    context.setdefault("crumbs", crumbs_of(case, context["title"]))
    context.setdefault("back", case.get_absolute_url() if case else reverse("cases:list"))
    return render(request, template, {"form": form, "case": case, "status": status, **context}, status=status)


def as_shown(row):
    """The initial values of a form that corrects this row, with its version."""
    return model_to_dict(row) | {"version": row.version}


def tell_errors(form, wrong):
    """A verb's sentences beside the fields they are about; the others above the form."""
    if not hasattr(wrong, "error_dict"):
        form.add_error(None, wrong)
        return
    for name, errors in wrong.error_dict.items():
        form.add_error(name if name in form.fields else None, errors)


def crumbs_of(case, title=None):
    crumbs = [("Cases", reverse("cases:list"))]
    if case is not None:
        crumbs.append((str(case.name), case.get_absolute_url() if title else None))
    return [*crumbs, (title, None)] if title else crumbs


def note_reading(request, page, case, children):
    """The record of who opened which child's record, before the answer goes out."""
    record_reading(page, by=request.user, case=case, grant=case.grant, children=children)
