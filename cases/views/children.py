"""A child in the case: search, add, join, leave, correct, and what is dated."""

import copy

from django.db.models import Q
from django.http import Http404
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from audit.actions import record_readings
from cases import actions
from cases.forms import people as forms
from cases.grants import grant_for
from cases.models import Case, Child, ChildStatus, Membership
from cases.permissions import Act, may, standing_of
from staff.names import named
from staff.policy import may_enter, policy
from staff.views.posted import posted

from . import story
from .pages import as_shown, case_for, crumbs_of, form_page, note_reading

MOST_FOUND = 20


@policy("case.view")
@require_safe
def child(request, pk, child_pk):
    case = story.case_for_page(request, pk)
    entry = next((one for one in story.children_of(case) if one.pk == child_pk), None)
    if entry is None:
        raise Http404
    assessments = [cans for cans in story.assessments_of(case) if cans.child_id == child_pk]
    story.tell_assessments([entry], assessments)
    story.tell_unrated([entry], case)
    owed, settled, history = (
        [row for row in rows if row.child_id == child_pk] for rows in story.obligations_of(case)
    )
    services = [one for one in story.services_of(case) if one.membership_child_id == child_pk]
    story.name_findings(services, case.instrument_id)
    note_reading(request, "child", case, [child_pk])
    standing = standing_of(request.user, case)
    statuses = ChildStatus.objects.filter(membership__in=_stays(case, child_pk))
    context = {
        "case": case,
        "child": entry,
        "statuses": statuses.select_related("recorded_by"),
        "assessments": assessments,
        "owed": owed,
        "settled": settled,
        "history": history,
        "services": services,
        "may": may(standing),
        "carries": standing.carries,
        "crumbs": crumbs_of(case, entry.name),
    }
    return render(request, "cases/child.html", context)


@policy("case.people")
@require_safe
def find(request, pk):
    """Search before creating: only children of the cases a person holds are shown, by name or number."""
    case = case_for(request, pk, Act.PEOPLE)
    form = forms.SearchForm(request.GET if "q" in request.GET else None)
    context = {"case": case, "form": form, "crumbs": crumbs_of(case, "Add a child")}
    if form.is_valid():
        q = form.cleaned_data["q"]
        visible = Child.objects.movable_by(request.user)
        found = list(visible.filter(named(q) | Q(person_number=q))[:MOST_FOUND])
        taken = Child.objects.filter(person_number=q).exclude(pk__in=[row.pk for row in found]).exists()
        context |= {"found": found, "taken": taken, "searched": q}
        note_reading(request, "child search", case, [row.pk for row in found])
    context["may_create"] = may_enter(request.user, "case.work")
    return render(request, "cases/find_child.html", context)


@policy("case.work")
@require_http_methods(["GET", "POST"])
def add(request, pk):
    case = case_for(request, pk, Act.WORK)

    def join(**given):
        actions.add_child(case, by=request.user, **given)

    return form_page(
        request,
        forms.NewChildForm(posted(request), initial=forms.searched(request.GET)),
        join,
        case=case,
        done="The child is in the case, and the initial CANS is due 30 days after joining or the opening.",
        title="Add a child",
        button="Add the child",
    )


@policy("case.people")
@require_http_methods(["GET", "POST"])
def join(request, pk, child_pk):
    """A child on record joins this case: one who was in it before, or of another case of this person."""
    case = case_for(request, pk, Act.PEOPLE)
    child = get_object_or_404(Child.objects.movable_by(request.user), pk=child_pk)
    if request.method == "GET":
        _note_elsewhere(request, case, child)

    def join_case(**given):
        actions.join_child(case, by=request.user, child=child, **given)

    return form_page(
        request,
        forms.JoinForm(posted(request)),
        join_case,
        case=case,
        reading="child form",
        children=[child.pk],
        done=f"{child} is in the case.",
        title=f"{child} joins the case",
        lede="From a case in which IPS is closed the child leaves the day before.",
        button="Join the case",
    )


@policy("case.work")
@require_http_methods(["GET", "POST"])
def edit(request, pk, child_pk):
    case, stay = stay_for(request, pk, child_pk)
    actions.check_keeps_child(case, stay.child)
    form = forms.EditChildForm(posted(request), instance=copy.copy(stay.child))

    def correct(**given):
        actions.edit_child(stay.child, by=request.user, case=case, **given)

    return child_page(
        request,
        case,
        stay,
        form,
        correct,
        reading="child details",
        done="Kept.",
        title="Child's details",
        button="Keep",
    )


@policy("case.work")
@require_http_methods(["GET", "POST"])
def status(request, pk, child_pk):
    case, stay = stay_for(request, pk, child_pk)

    def record(**given):
        actions.record_status(stay, by=request.user, **given)

    return child_page(
        request,
        case,
        stay,
        forms.StatusForm(posted(request)),
        record,
        done="Recorded.",
        title="Placement, goal or legal status",
        lede="A new row from its day on; the earlier ones stay.",
        button="Record",
    )


@policy("case.work")
@require_http_methods(["GET", "POST"])
def leave(request, pk, child_pk):
    case, stay = stay_for(request, pk, child_pk)

    def go(**given):
        actions.child_leaves(stay, by=request.user, **given)

    return child_page(
        request,
        case,
        stay,
        forms.LeaveForm(posted(request)),
        go,
        done=f"{stay.child} has left the case.",
        title=f"{stay.child} leaves the case",
        lede="Caregiving and services of this child in this case end the same day; whoever is a collateral "
        "only to care for this child is one no longer.",
        button="Record the leaving",
        danger=True,
    )


@policy("case.correct")
@require_http_methods(["GET", "POST"])
def correct_stay(request, pk, stay_pk):
    case = case_for(request, pk, Act.CORRECT)
    stay = get_object_or_404(case.memberships.select_related("child", "case"), pk=stay_pk)
    form = forms.StayForm(posted(request), initial=as_shown(stay))

    def correct(**given):
        actions.correct_stay(stay, by=request.user, **given)

    return child_page(
        request,
        case,
        stay,
        form,
        correct,
        done="The days are corrected, and the due dates with them.",
        title="Correct joining and leaving",
        lede="Caregiving and services that ended with a leaving stay ended when it is taken back.",
        button="Correct the days",
    )


def _stays(case, child_pk):
    """Of a number too large for the database there are none; compared with it directly, it would fail."""
    return case.memberships.filter(child__in=Child.objects.filter(pk=child_pk))


def stay_for(request, pk, child_pk):
    """The child's latest stay in a case that this person works."""
    case = case_for(request, pk, Act.WORK)
    stays = _stays(case, child_pk).select_related("child", "case")
    return case, get_object_or_404(stays.order_by("-joined", "-pk")[:1])


def child_page(request, case, stay, form, verb, reading="child form", **said):
    back = reverse("cases:child", args=[case.pk, stay.child_id])
    crumbs = [*crumbs_of(case, said["title"])[:2], (stay.child.name, back), (said["title"], None)]
    return form_page(
        request,
        form,
        verb,
        case=case,
        reading=reading,
        children=[stay.child_id],
        then=lambda _: back,
        back=back,
        crumbs=crumbs,
        **said,
    )


def _note_elsewhere(request, case, child):
    """A child on record who may join this case is read in the record of the cases they are in as well."""
    visible = Case.objects.visible_to(request.user).exclude(pk=case.pk)
    theirs = visible.filter(pk__in=Membership.objects.filter(child=child).values("case"))
    shown = [(one, grant_for(request.user, one), [child.pk]) for one in theirs]
    record_readings("child form", by=request.user, opened=shown)
