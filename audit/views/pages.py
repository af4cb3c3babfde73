"""Who opened this record, the search in it, and what was refused. Looking is itself on record."""

from django.core.paginator import Paginator
from django.db.models import Q
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from audit.actions import record_reading
from audit.forms import DaysForm, SearchForm
from audit.models import Event, Reading
from cases.grants import grant_for
from cases.models import Case
from staff.models import Role
from staff.policy import may_enter, policy

from . import story, words

PAGE = 50


@policy("audit.view")
@require_safe
def case(request, pk):
    shown = get_object_or_404(Case.objects.listed_to(request.user), pk=pk)
    found = story.both(Event.objects.filter(case_number=pk), Reading.objects.filter(case_number=pk))
    page = _page(request, found)
    page.object_list = rows = story.told(page.object_list, request.user)
    _note(request, "record", rows, case=shown)
    context = {"case": shown, "page": page, "crumbs": _crumbs(request, shown)}
    return render(request, "audit/case.html", context)


@policy("audit.view")
@require_safe
def search(request):
    form = SearchForm(request.GET, user=request.user)
    events, readings = Event.objects.none(), Reading.objects.none()
    if form.is_valid():
        events, readings = form.narrowed(Event.objects.all(), Reading.objects.all())
    page = _page(request, story.both(events, readings))
    page.object_list = rows = story.told(page.object_list, request.user)
    _note(request, "record search", rows)
    context = {"form": form, "page": page, "sees_refusals": may_enter(request.user, "audit.refusals")}
    return render(request, "audit/search.html", context)


@policy("audit.refusals")
@require_safe
def refusals(request):
    form = DaysForm(request.GET)
    found = Event.objects.none()
    if form.is_valid():
        found = _refusals(request.user.agency_id, form)
    page = _page(request, found.order_by("-seq"))
    page.object_list = [
        {"at": event.at, "who": words.refused(event), "what": words.refusal(event)}
        for event in page.object_list
    ]
    _note(request, "refusals", [])
    return render(request, "audit/refusals.html", {"form": form, "page": page})


def _refusals(agency, form):
    found = Event.objects.filter(form.days, chain=agency, kind=Event.Kind.DENIAL)
    if who := form.cleaned_data["who"]:
        found = found.filter(Q(actor_label__icontains=who) | Q(detail__username__icontains=who))
    return found


def _page(request, rows):
    return Paginator(rows, PAGE).get_page(request.GET.get("page"))


def _note(request, page, rows, case=None):
    """With the children whose names are on the page."""
    shown = sorted({pk for row in rows if row["children"] for pk in row["shown"]})
    record_reading(page, by=request.user, case=case, grant=_grant(request.user, case), children=shown)


def _grant(user, case):
    if user.role == Role.ADMINISTRATOR:
        return f"agency {user.agency_id}"
    return grant_for(user, case) if case else user.role


def _crumbs(request, shown):
    """An administrator opens no case: for them the way back leads to the names."""
    above = reverse("cases:list") if request.user.role == Role.ADMINISTRATOR else shown.get_absolute_url()
    return [("Cases", reverse("cases:list")), (shown.name, above), ("Who opened this record", None)]
