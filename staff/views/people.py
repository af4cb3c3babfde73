from django.core.paginator import Paginator
from django.db.models import Prefetch
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from staff import gate
from staff.dates import in_force, today
from staff.forms import PeopleFilter
from staff.models import Line, User
from staff.panel import panel
from staff.policy import WORKERS, may_enter, policy

PAGE = 50


@policy("people.view")
@require_safe
def people(request):
    form = PeopleFilter(request.GET)
    found = _filtered(with_line(User.objects.visible_to(request.user)), form)
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    enforced = gate.gate_enforced(today())
    page.object_list = [panel(person, enforced) for person in page.object_list]
    return render(request, "staff/people.html", {"page": page, "form": form, "today": today()})


@policy("people.view")
@require_safe
def person(request, pk):
    shown = get_object_or_404(with_line(User.objects.visible_to(request.user)), pk=pk)
    context = {
        "person": shown,
        "entry": panel(shown),
        "lines": shown.lines.select_related("supervisor").order_by("-starts", "-pk"),
        "credentials": shown.credentials.select_related("recorded_by").order_by("-on", "-pk"),
        "may_record": may_enter(request.user, "people.credentials") and shown.pk != request.user.pk,
    }
    return render(request, "staff/person.html", context)


@policy("account")
@require_safe
def me(request):
    shown = get_object_or_404(with_line(User.objects.all()), pk=request.user.pk)
    return render(request, "staff/me.html", {"person": shown, "entry": panel(shown)})


def with_line(people):
    """With the line of today and the credentials: one query each, however many people."""
    lines = Line.objects.filter(in_force(today())).select_related("supervisor").order_by("-starts", "-pk")
    return people.select_related("agency").prefetch_related(
        Prefetch("lines", lines, to_attr="lines_today"), "credentials"
    )


def _filtered(people, form):
    if not form.is_valid():
        return people.none()
    chosen = form.cleaned_data
    if chosen["q"]:
        people = people.filter(name__icontains=chosen["q"])
    if chosen["role"]:
        people = people.filter(role=chosen["role"])
    return _in_state(people, chosen["state"])


def _in_state(people, state):
    """Narrowed by what the gate says today; only those who work on CANS have such a state."""
    workers = people.filter(role__in=WORKERS)
    if state == "may":
        return workers.filter(pk__in=gate.cleared().values("pk"))
    if state == "lapsing":
        return workers.filter(pk__in=gate.lapsing().values("pk"))
    if state == "may_not":
        return workers.exclude(pk__in=gate.cleared().values("pk"))
    return people
