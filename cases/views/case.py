"""The case: its page, its story, create, edit, transfer."""

import copy

from django.core.paginator import Paginator
from django.db import transaction
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_safe

from approvals.actions import reroute
from cans.models import Assessment
from cans.states import State
from cases import actions
from cases.forms.records import EditCaseForm, NewCaseForm, TransferForm
from cases.models import Case
from cases.permissions import Act, Standing, check_can_create, may, standing_among, workers_of
from staff.dates import today
from staff.models import Role
from staff.policy import may_enter, policy
from staff.views.posted import posted

from . import story
from .pages import case_for, crumbs_of, form_page, note_reading

TIMELINE_PAGE = 50


@policy("case.view")
@require_safe
def detail(request, pk):
    case = story.case_for_page(request, pk)
    context = people(request, case) | papers(case)
    story.tell_assessments(context["children"], context["assessments"])
    story.tell_unrated(context["children"], case)
    due_next = story.due_next(context["owed"])
    for child in context["children"]:
        child.due = due_next.get(child.pk)
    events, more_events = story.latest_events(case)
    note_reading(request, "case", case, [child.pk for child in context["children"]])
    context |= {
        "case": case,
        "crumbs": crumbs_of(case),
        "events": events,
        "more_events": more_events,
        "emergencies": story.emergencies_of(case),
        "today": today(),
        "sees_record": may_enter(request.user, "audit.view"),
    }
    return render(request, "cases/detail.html", context)


def people(request, case):
    """Who the case is about, who works it, and what this person may do in it."""
    workers = workers_of(case, request.user)
    if request.user.role == Role.COORDINATOR:
        standing = Standing(coordinates=True)
    else:
        standing = standing_among(workers, request.user)
    return {
        "workers": workers,
        "may": may(standing),
        "carries": standing.carries,
        "children": story.children_of(case),
        "collaterals": story.collaterals_of(case),
    }


def papers(case):
    """Episodes, services, CANS and due dates."""
    owed, settled, history = story.obligations_of(case)
    services = story.services_of(case)
    story.name_findings(services, case.instrument_id)
    episodes = story.episodes_of(case)
    return {
        "episodes": episodes,
        "episode": episodes[0] if episodes else None,
        "services": services,
        "assessments": story.assessments_of(case),
        "owed": owed,
        "settled": settled,
        "history": history,
    }


@policy("case.view")
@require_safe
def timeline(request, pk):
    case = story.case_for_page(request, pk)
    page = Paginator(story.timeline_of(case), TIMELINE_PAGE).get_page(request.GET.get("page"))
    page.object_list = story.told(list(page.object_list))
    children = list(case.memberships.order_by("child").values_list("child", flat=True).distinct())
    note_reading(request, "timeline", case, children)
    context = {"case": case, "page": page, "crumbs": crumbs_of(case, "Timeline")}
    return render(request, "cases/timeline.html", context)


@policy("case.create")
@require_http_methods(["GET", "POST"])
def create(request):
    check_can_create(request.user)
    form = NewCaseForm(posted(request), by=request.user, instance=Case(agency=request.user.agency))

    def open_case(**given):
        return actions.create_case(by=request.user, **given)

    return form_page(
        request,
        form,
        open_case,
        done="The case is open. Add its children next: each has a CANS due.",
        then=lambda case: case,
        title="Open a case",
        button="Open the case",
    )


@policy("case.work")
@require_http_methods(["GET", "POST"])
def edit(request, pk):
    case = case_for(request, pk, Act.WORK)
    form = EditCaseForm(posted(request), instance=copy.copy(case))

    def correct(**given):
        return actions.edit_case(case, by=request.user, **given)

    return form_page(
        request,
        form,
        correct,
        case=case,
        done="Details kept.",
        title="Case details",
        button="Keep the details",
    )


@policy("case.coordinate")
@require_http_methods(["GET", "POST"])
def transfer(request, pk):
    case = case_for(request, pk, Act.COORDINATE)

    def move(**given):
        move_with_reviews(case, by=request.user, **given)

    return form_page(
        request,
        TransferForm(posted(request), case=case),
        move,
        case=case,
        done="The case was transferred.",
        title="Transfer to another agency",
        lede="It takes effect today: every assignment ends, and a supervisor there receives the case. "
        "Children, services, CANS and due dates stay with it.",
        button="Transfer the case",
        danger=True,
    )


@transaction.atomic
def move_with_reviews(case, *, by, supervisor, **given):
    """The transfer, and what waits for a decision goes to the supervisor who receives the case."""
    case = actions.transfer(case, by=by, supervisor=supervisor, **given)
    for waiting in Assessment.objects.filter(case=case, state=State.SUBMITTED):
        reroute(waiting, by=by, to=supervisor, reason="The case was transferred to your agency.")
