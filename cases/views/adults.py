"""Adults of the case: search before creating, collaterals, who cares for whom."""

import copy

from django.db.models import Exists, OuterRef, Q
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_http_methods, require_safe

from cans import correcting
from cases import actions
from cases.forms import people as forms
from cases.models import Adult, Caregiving, Case
from cases.permissions import Act
from staff.names import named
from staff.policy import may_enter, policy
from staff.views.posted import posted

from .children import MOST_FOUND, child_page
from .pages import as_shown, case_for, crumbs_of, form_page, note_reading

TITLE = "Add a collateral or parent"


@policy("case.people")
@require_safe
def find(request, pk):
    """Step 1: adults of the cases this person holds, by name or number; of others only that they exist."""
    case = case_for(request, pk, Act.PEOPLE)
    form = forms.SearchForm(request.GET if "q" in request.GET else None)
    context = {"case": case, "form": form, "crumbs": crumbs_of(case, TITLE)}
    if form.is_valid():
        q = form.cleaned_data["q"]
        visible = _with_kept(Adult.objects.tied_by(request.user), request.user)
        found = list(visible.filter(named(q) | Q(person_number=q))[:MOST_FOUND])
        taken = Adult.objects.filter(person_number=q).exclude(pk__in=[row.pk for row in found]).exists()
        context |= {"found": found, "taken": taken, "searched": q}
        note_reading(request, "adult search", case, [])
    context["may_create"] = may_enter(request.user, "case.work")
    return render(request, "cases/find_adult.html", context)


@policy("case.work")
@require_http_methods(["GET", "POST"])
def create(request, pk):
    """Step 2, a person who is not on record."""
    case = case_for(request, pk, Act.WORK)
    form = forms.AdultForm(posted(request), stays=forms.stays_now(case), initial=forms.searched(request.GET))
    return _adult_page(request, case, form, title="Add a new person")


@policy("case.people")
@require_http_methods(["GET", "POST"])
def use(request, pk, adult_pk):
    """Step 2, a person on record, also to let them care for one more child."""
    case = case_for(request, pk, Act.PEOPLE)
    adult = get_object_or_404(Adult.objects.tied_by(request.user), pk=adult_pk)
    cared_for = Caregiving.objects.filter(adult=adult, ends__isnull=True).values("membership")
    form = forms.AdultForm(
        posted(request),
        stays=forms.stays_now(case).exclude(pk__in=cared_for),
        adult=adult,
        collateral=forms.collateral_now(case, adult),
    )
    return _adult_page(request, case, form, title=f"{adult} in this case")


@policy("case.work")
@require_http_methods(["GET", "POST"])
def edit(request, pk, adult_pk):
    case = case_for(request, pk, Act.WORK)
    here = Adult.objects.filter(collaterals__case=case) | Adult.objects.filter(
        caregivings__membership__case=case
    )
    adult = get_object_or_404(here.distinct(), pk=adult_pk)
    actions.check_keeps_adult(case, adult)
    form = forms.EditAdultForm(posted(request), instance=copy.copy(adult))

    def correct(**given):
        actions.edit_adult(adult, by=request.user, case=case, **given)

    return form_page(
        request, form, correct, case=case, done="Kept.", title=f"Details of {adult}", button="Keep"
    )


@policy("case.work")
@require_http_methods(["GET", "POST"])
def end_collateral(request, pk, collateral_pk):
    case = case_for(request, pk, Act.WORK)
    collateral = get_object_or_404(case.collaterals.select_related("adult", "case"), pk=collateral_pk)

    def end(**given):
        actions.end_collateral(collateral, by=request.user, **given)

    return form_page(
        request,
        forms.EndForm(posted(request)),
        end,
        case=case,
        done=f"{collateral.adult} is no longer a collateral.",
        title=f"{collateral.adult} is no longer a collateral",
        lede="What this adult does as a substitute caregiver in this case ends the same day.",
        button="End it",
        danger=True,
    )


@policy("case.work")
@require_http_methods(["GET", "POST"])
def end_caregiving(request, pk, caregiving_pk):
    case = case_for(request, pk, Act.WORK)
    cares = Caregiving.objects.filter(membership__case=case).select_related("adult", "membership__child")
    care = get_object_or_404(cares, pk=caregiving_pk)

    def end(**given):
        actions.end_caregiving(care, by=request.user, **given)

    return form_page(
        request,
        forms.EndForm(posted(request)),
        end,
        case=case,
        reading="child form",
        children=[care.membership.child_id],
        done=f"{care.adult} no longer cares for {care.membership.child}.",
        title=f"{care.adult} no longer cares for {care.membership.child}",
        lede="Earlier ratings stay with the person.",
        button="End it",
        danger=True,
    )


@policy("case.correct")
@require_http_methods(["GET", "POST"])
def correct_collateral(request, pk, collateral_pk):
    case = case_for(request, pk, Act.CORRECT)
    collateral = get_object_or_404(case.collaterals.select_related("adult", "case"), pk=collateral_pk)
    form = forms.CollateralForm(posted(request), initial=as_shown(collateral))

    def correct(**given):
        actions.correct_collateral(collateral, by=request.user, **given)

    return form_page(
        request,
        form,
        correct,
        case=case,
        done="Corrected. What was said before stands in the timeline.",
        title=f"Correct {collateral.adult} as a collateral",
        lede="For a mistake. Care that ended with the collateral stays ended when that is taken back.",
        button="Correct it",
    )


@policy("case.correct")
@require_http_methods(["GET", "POST"])
def correct_caregiving(request, pk, caregiving_pk):
    case = case_for(request, pk, Act.CORRECT)
    cares = Caregiving.objects.filter(membership__case=case)
    care = get_object_or_404(cares.select_related("adult", "membership__child"), pk=caregiving_pk)

    def correct(**given):
        correcting.correct_caregiving(care, by=request.user, **given)

    return child_page(
        request,
        case,
        care.membership,
        forms.CaregivingForm(posted(request), initial=as_shown(care)),
        correct,
        done="Corrected. What was said before stands in the timeline.",
        title=f"Correct how {care.adult} cares for {care.membership.child}",
        lede="For a mistake. Where it has changed, end the care and add it anew.",
        button="Correct it",
    )


def _with_kept(adults, user):
    """Each with `kept`: whether a case this person holds keeps their details, and so may tell them."""
    within = Adult.objects.kept_within(Case.objects.held_by(user).values("pk"))
    return adults.annotate(kept=Exists(within.filter(pk=OuterRef("pk"))))


def _adult_page(request, case, form, *, title):
    def tie(**_):
        return actions.add_adult(
            case, by=request.user, adult=form.who(), collateral=form.collateral(), cares=form.cares()
        )

    return form_page(
        request,
        form,
        tie,
        case=case,
        children=[stay.child_id for stay in form.stays],
        done=lambda _: _added(form),
        template="cases/adult_form.html",
        title=title,
        button="Add to the case",
        nothing_to_add=form.is_collateral and not form.stays and not form.is_bound,
    )


def _added(form):
    if form.cares():
        return "Added to the case. A CANS that is being rated needs a sheet for each who cares for the child."
    return "Added to the case as a collateral who cares for no child: a CANS has no sheet for them."
