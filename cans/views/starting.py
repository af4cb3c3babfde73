from django.contrib import messages
from django.core.exceptions import ValidationError
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from cans import actions, due, instrument
from cans.facts import caregivings_on, date_refusals, meets
from cans.forms import DateForm, StartForm
from cans.models import Assessment
from cans.permissions import check_can_start, refusal
from cases.models import Case, Child
from cases.views.pages import granted_or_404, note_reading
from staff import gate
from staff.dates import today
from staff.policy import policy
from staff.refusals import NotNow


@policy("assessment.score")
@require_http_methods(["GET", "POST"])
def start(request, case_pk, child_pk):
    """What a CANS of a given day would be and do, and the button that begins it."""
    case, child = found_or_404(request, case_pk, child_pk)
    if request.method == "POST":
        # What a CANS would do was shown for a day; another day is looked at before it is begun.
        moved = request.POST.get("shown", "") not in {"", request.POST.get("assessed_on")}
        if moved or "show" in request.POST:
            return _page(request, case, child, DateForm(request.POST), moved="show" not in request.POST)
        return _start(request, case, child)
    asked = DateForm(request.GET if "assessed_on" in request.GET else {"assessed_on": today()})
    return _page(request, case, child, asked)


def found_or_404(request, case_pk, child_pk):
    """The case, with the grant that opens it, and a child that is or was in it."""
    case = get_object_or_404(Case, pk=case_pk)
    case.grant = granted_or_404(request, case)
    return case, get_object_or_404(Child.objects.filter(memberships__case=case).distinct(), pk=child_pk)


def _start(request, case, child):
    form = StartForm(request.POST)
    if form.is_valid():
        try:
            assessment = actions.start(child, case, by=request.user, **form.cleaned_data)
        except actions.OpenAssessment as why:
            return _to_the_open_one(request, case, child, why)
        except ValidationError as wrong:
            form.add_error(None, wrong)
        else:
            messages.success(request, f"Started CANS {assessment.pk}.")
            return redirect("cans:continue", pk=assessment.pk)
    return _page(request, case, child, DateForm(request.POST), form)


def _to_the_open_one(request, case, child, why):
    """There is one already: go there, and say whose it is. Elsewhere it is only said to exist."""
    if not Assessment.objects.visible_to(request.user).filter(pk=why.existing.pk).exists():
        raise NotNow(_elsewhere(child))
    messages.warning(request, str(why))
    return redirect(why.existing)


def _elsewhere(child):
    return (
        f"{child.name} has an open CANS in another case; it is decided or voided before another begins. "
        "Ask your coordinator: it is listed under “Waiting for review”, with who can end it."
    )


def _page(request, case, child, asked, form=None, moved=False):
    context = {"case": case, "child": child, "asked": asked, "form": form, "moved": moved}
    context |= _may(request.user, case, child)
    if asked.is_valid():
        assessed_on = asked.cleaned_data["assessed_on"]
        for sentence in date_refusals(child, case, assessed_on):
            asked.add_error("assessed_on", sentence)
    if asked.is_valid():
        context |= _what_it_would_be(child, case, assessed_on)
        context["form"] = form or StartForm(
            initial={"assessed_on": assessed_on, "type": context["proposed"]}, auto_id="start_%s"
        )
    context["crumbs"] = [
        ("Cases", "/cases/"),
        (case.name, case.get_absolute_url()),
        (f"Start a CANS for {child.name}", None),
    ]
    note_reading(request, "assessment start", case, [child.pk])
    return render(request, "cans/start.html", context)


def _may(user, case, child):
    """Whether the person may start one here: the refusal and its conditions, and the open CANS."""
    refused = refusal(check_can_start, user, case)
    existing = actions.open_assessment_of(child)
    seen = existing and Assessment.objects.visible_to(user).filter(pk=existing.pk).exists()
    return {
        "refused": refused,
        "conditions": gate.conditions(user) if refused else (),
        "existing": existing if seen else None,
        "existing_elsewhere": _elsewhere(child) if existing and not seen else "",
    }


def _what_it_would_be(child, case, assessed_on):
    would = meets(child, case, assessed_on=assessed_on)
    early, transition = instrument.age_domains(
        born=child.born, developmental_disability=child.developmental_disability, assessed_on=assessed_on
    )
    proposed = due.propose_type(would.obligations)
    return {
        "assessed_on": assessed_on,
        "proposed": proposed,
        "proposed_words": dict(Assessment.Type.choices)[proposed],
        "would": would,
        "early": early,
        "transition": transition,
        "cares": caregivings_on(child.pk, case.pk, assessed_on),
        "based_on": Assessment.objects.latest_approved_of(child, case),
    }
