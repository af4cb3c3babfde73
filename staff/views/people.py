from django.core.paginator import Paginator
from django.db.models import Prefetch, Q
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from reports.feed_views import address_to_show
from reports.models import Feed
from staff import gate
from staff.dates import in_force, today
from staff.forms.people import PeopleFilter
from staff.history import history_of
from staff.left_open import left_open
from staff.models import AccountRequest, Cover, Line, User
from staff.names import named
from staff.panel import panel
from staff.policy import may_enter, policy

from .accounts import password_to_show

PAGE = 50
HISTORY = 50  # the latest acts on an account; the whole is in the record


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
    keeps = may_enter(request.user, "people.keep")
    credentials = shown.credentials.select_related("recorded_by", "withdrawn_by").order_by("-on", "-pk")
    context = {
        "person": shown,
        "entry": panel(shown),
        "lines": shown.lines.select_related("supervisor").order_by("-starts", "-pk"),
        "credentials": [(one, _through(one)) for one in credentials],
        "keeps": keeps,
        "may_change": keeps and shown.pk != request.user.pk,
        "today": today(),
    }
    if keeps:
        covers = Cover.objects.filter(Q(supervisor=shown) | Q(cover=shown), ends__gte=today())
        context |= {
            "asked": AccountRequest.objects.filter(person=shown).select_related("requested_by").first(),
            "covers": covers.select_related("supervisor", "cover", "named_by").order_by("starts", "pk"),
            "left": [] if shown.is_active else left_open(shown),
            "history": history_of(shown, latest=HISTORY),
            "password": password_to_show(request, shown),
        }
    return render(request, "staff/person.html", context)


def _through(credential):
    """The last day of a certification; the training does not lapse."""
    is_certification = credential.kind == credential.Kind.CERTIFICATION
    return gate.valid_through(credential.on) if is_certification else None


@policy("account")
@require_safe
def me(request):
    shown = get_object_or_404(with_line(User.objects.all()), pk=request.user.pk)
    context = {"person": shown, "entry": panel(shown)}
    if may_enter(request.user, "calendar"):
        context["feed"] = Feed.objects.filter(person=request.user).first()
        context["calendar_address"] = address_to_show(request)
    return render(request, "staff/me.html", context)


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
        people = people.filter(named(chosen["q"]))
    if chosen["role"]:
        people = people.filter(role=chosen["role"])
    if chosen["account"]:
        people = people.of_status(chosen["account"])
    return _in_state(people, chosen["state"])


def _in_state(people, state):
    """Narrowed by what the gate says today; only who works on CANS, and did not leave, has such a state."""
    workers = people.workers()
    if state == "may":
        return workers.filter(pk__in=gate.cleared().values("pk"))
    if state == "lapsing":
        return workers.filter(pk__in=gate.lapsing().values("pk"))
    if state == "may_not":
        return workers.exclude(pk__in=gate.cleared().values("pk"))
    return people
