"""Who carries the case, and who takes over."""

from django.contrib import messages
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_http_methods

from cans.leaving import end_with_heir, left_behind
from cases import actions
from cases.forms.assignments import AssignForm, EndAssignmentForm
from cases.models import Assignment
from cases.permissions import Act, check_can, may, standing_of
from staff.policy import policy
from staff.views.posted import posted

from .pages import case_for, form_page

ACT = {Assignment.Kind.PRIMARY: Act.SET_PRIMARY, Assignment.Kind.PARALLEL: Act.ADD_WORKER}


@policy("case.assign")
@require_http_methods(["GET", "POST"])
def assign(request, pk):
    case = case_for(request, pk, Act.ADD_WORKER)
    allowed = may(standing_of(request.user, case))
    kinds = [kind for kind, act in ACT.items() if allowed[act.value]]
    form = AssignForm(posted(request), case=case, kinds=kinds)

    def give(**given):
        actions.assign(case, by=request.user, **given)

    return form_page(
        request,
        form,
        give,
        case=case,
        done="Assigned.",
        title="Assign a worker",
        lede="A parallel worker is an additional worker beside the primary one. To change the primary "
        "worker, end that assignment and say who takes over.",
        button="Assign",
    )


@policy("case.assign")
@require_http_methods(["GET", "POST"])
def end(request, pk, assignment_pk):
    case = case_for(request, pk)
    rows = case.assignments.carrying().select_related("case__agency", "person")
    assignment = get_object_or_404(rows, pk=assignment_pk)
    check_can(request.user, ACT[assignment.kind], case)

    def finish(**given):
        for moved in end_with_heir(assignment, by=request.user, **given):
            (messages.warning if moved.kept else messages.info)(request, moved.sentence)

    left = left_behind(assignment)
    form = EndAssignmentForm(posted(request), assignment=assignment, needs_heir=bool(left))
    return form_page(
        request,
        form,
        finish,
        case=case,
        then=lambda _: case,
        done=f"{assignment.person}'s last day on this case is recorded.",
        template="cases/end_assignment.html",
        title=f"End the assignment of {assignment.person}",
        left_behind=left,
        button="End the assignment",
        danger=True,
    )
