"""Services of a child, linked to findings; and the array they come from."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from cans.comparison import profile
from cans.instrument import Subject
from cans.models import Assessment, InstrumentVersion
from cases import actions
from cases.forms.services import ChangeServiceForm, NewServiceForm, ServiceKindForm
from cases.models import Service, ServiceKind
from cases.permissions import Act
from staff.policy import policy
from staff.views.posted import posted

from .children import child_page, stay_for
from .pages import as_shown, case_for, form_page

PAGE = 50


@policy("case.work")
@require_http_methods(["GET", "POST"])
def add(request, pk, child_pk):
    case, stay = stay_for(request, pk, child_pk)
    form = NewServiceForm(posted(request), findings=findings_of(stay))

    def give(**given):
        actions.add_service(stay, by=request.user, **given)

    return child_page(
        request,
        case,
        stay,
        form,
        give,
        done="The service is recorded.",
        title=f"A service for {stay.child}",
        button="Record the service",
    )


@policy("case.work")
@require_http_methods(["GET", "POST"])
def change(request, pk, service_pk):
    case = case_for(request, pk, Act.WORK)
    services = Service.objects.filter(membership__case=case)
    service = get_object_or_404(
        services.select_related("kind", "membership__child", "membership__case").prefetch_related("findings"),
        pk=service_pk,
    )
    codes = [one.code for one in service.findings.all()]
    form = ChangeServiceForm(
        posted(request),
        findings=findings_of(service.membership, also=codes),
        initial=as_shown(service) | {"findings": codes},
    )

    def correct(**given):
        actions.change_service(service, by=request.user, **given)

    return child_page(
        request,
        case,
        service.membership,
        form,
        correct,
        done="Kept.",
        title=f"{service.kind} for {service.membership.child}",
        button="Keep",
    )


def findings_of(stay, also=()):
    """Choices in groups: what the child's latest approved CANS that this case may read found to act on or to
    build, or every item.

    `also` are codes that a service answers already, and stay to be chosen.
    """
    latest = Assessment.objects.latest_approved_of(stay.child, stay.case)
    if latest is not None:
        groups = _found_in(latest)
    else:
        version = InstrumentVersion.objects.filter(active=True).first()
        groups = _every_item(version.instrument) if version else []
    offered = {code for _, choices in groups for code, _ in choices}
    names = latest.instrument.by_code if latest else {}
    kept = [(code, names[code].name if code in names else code) for code in also if code not in offered]
    return groups + ([("Answered until now", kept)] if kept else [])


def _found_in(assessment):
    groups = []
    for sheet in assessment.sheets.select_related("adult").filter(not_scored_reason=""):
        sheet.assessment = assessment
        found = profile(sheet.applicable_items, sheet.values)
        about = f"{sheet.adult}: " if sheet.adult_id else ""
        groups.append((f"{about}needs to act on", found.actionable))
        groups.append((f"{about}strengths to build", found.to_build))
    taken, choices = set(), []
    for title, items in groups:
        new = [(item.code, item.name) for item in items if item.code not in taken]
        taken.update(code for code, _ in new)
        if new:
            choices.append((title[0].upper() + title[1:], new))
    return choices


def _every_item(instrument):
    sections = [*instrument.domains(Subject.CHILD), *instrument.domains(Subject.CAREGIVER)]
    return [(section.title, [(item.code, item.name) for item in section.items]) for section in sections]


@policy("services.keep")
@require_http_methods(["GET", "POST"])
def array(request):
    form = ServiceKindForm(posted(request))

    def put_in(**given):
        actions.add_service_kind(by=request.user, **given)

    return form_page(
        request,
        form,
        put_in,
        done="Added to the array.",
        then=lambda _: reverse("cases:service_array"),
        template="cases/service_array.html",
        title="Service array",
        kinds=Paginator(ServiceKind.objects.order_by("-active", "name"), PAGE).get_page(
            request.GET.get("page")
        ),
        button="Add to the array",
    )


@policy("services.keep")
@require_POST
def retire(request, kind_pk):
    kind = get_object_or_404(ServiceKind, pk=kind_pk)
    actions.retire_service_kind(kind, by=request.user)
    messages.success(request, f"{kind} is retired. Services given before keep it.")
    return redirect("cases:service_array")


@policy("services.keep")
@require_POST
def restore(request, kind_pk):
    kind = get_object_or_404(ServiceKind, pk=kind_pk)
    actions.restore_service_kind(kind, by=request.user)
    messages.success(request, f"{kind} is in the array again.")
    return redirect("cases:service_array")
