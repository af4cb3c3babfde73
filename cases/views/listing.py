from django.core.paginator import Paginator
from django.db.models import Exists, OuterRef, Q, Subquery
from django.shortcuts import render
from django.views.decorators.http import require_safe

from cans.due import Kind
from cans.models import Obligation
from cases.forms.records import CaseFilter
from cases.models import Assignment, Case, Episode, no_child_yet
from staff.dates import today
from staff.models import Role
from staff.names import named
from staff.policy import may_enter, policy

from .story import KINDS

PAGE_SIZE = 50


@policy("case.list")
@require_safe
def listing(request):
    form = CaseFilter(request.GET, user=request.user)
    cases = Case.objects.listed_to(request.user)
    cases = filtered(cases, form.cleaned_data, request.user) if form.is_valid() else cases.none()
    if request.user.role == Role.ADMINISTRATOR:
        page = Paginator(cases.only("number", "name"), PAGE_SIZE).get_page(request.GET.get("page"))
        return render(request, "cases/names.html", {"form": form, "page": page})
    page = Paginator(with_latest_episode(cases), PAGE_SIZE).get_page(request.GET.get("page"))
    page.object_list = list(page.object_list)
    tell_workers(page.object_list)
    tell_next_due(page.object_list)
    context = {
        "form": form,
        "page": page,
        "may_create": may_enter(request.user, "case.create"),
        "may_break_glass": may_enter(request.user, "case.emergency"),
        "may_reassign": may_enter(request.user, "case.reassign"),
        "keeps_array": may_enter(request.user, "services.keep"),
    }
    return render(request, "cases/list.html", context)


def filtered(cases, wanted, user):
    if q := wanted.get("q"):
        cases = cases.filter(named(q) | Q(number__istartswith=q))
    if wanted.get("status"):
        cases = cases.filter(IPS[wanted["status"]]())
    if wanted.get("whose"):
        mine = Assignment.objects.current().carrying().filter(person=user)
        cases = cases.filter(pk__in=mine.values("case"))
    if wanted.get("agency"):
        cases = cases.filter(agency=wanted["agency"])
    return cases


def _open():
    return Exists(Episode.objects.filter(case=OuterRef("pk"), closed__isnull=True))


IPS = {"open": _open, "closed": lambda: ~_open(), "childless": no_child_yet}


def with_latest_episode(cases):
    latest = Episode.objects.filter(case=OuterRef("pk")).order_by("-opened", "-pk")
    return cases.select_related("agency").annotate(
        opened=Subquery(latest.values("opened")[:1]),
        closed=Subquery(latest.values("closed")[:1]),
        no_child_yet=no_child_yet(),
    )


def tell_workers(cases):
    rows = Assignment.objects.current().carrying().filter(case__in=cases).select_related("person")
    for case in cases:
        case.primary = None
    by_pk = {case.pk: case for case in cases}
    for row in rows:
        if row.kind == Assignment.Kind.PRIMARY:
            by_pk[row.case_id].primary = row.person


def tell_next_due(cases):
    """The earliest CANS that each case owes; a missed extension is over and owes nothing more."""
    missed = Q(kind=Kind.EXTENSION, met_by__isnull=True, due__lt=today())
    rows = (
        Obligation.objects.unsettled()
        .filter(case__in=cases)
        .exclude(missed)
        .order_by("due", "child_id", "pk")
    )
    first = {}
    for row in rows.select_related("child"):
        first.setdefault(row.case_id, row)
    for case in cases:
        case.next_due = first.get(case.pk)
        if case.next_due:
            case.next_due.now = case.next_due.status()
            case.next_due.title = KINDS[case.next_due.kind]
