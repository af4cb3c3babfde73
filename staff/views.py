from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Prefetch
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from . import actions, gate
from .dates import in_force, today
from .forms import CoverForm, CredentialForm, PeopleFilter, SettingForm, supervisors_seen_by
from .models import Cover, Line, PolicySetting, User
from .panel import panel
from .policy import WORKERS, may_enter, policy
from .refusals import NotNow

PAGE = 50


@policy("people.view")
@require_safe
def people(request):
    form = PeopleFilter(request.GET)
    found = _filtered(_with_line(User.objects.visible_to(request.user)), form)
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    enforced = gate.gate_enforced(today())
    page.object_list = [panel(person, enforced) for person in page.object_list]
    return render(request, "staff/people.html", {"page": page, "form": form, "today": today()})


@policy("people.view")
@require_safe
def person(request, pk):
    shown = get_object_or_404(_with_line(User.objects.visible_to(request.user)), pk=pk)
    context = {
        "person": shown,
        "entry": panel(shown),
        "lines": shown.lines.select_related("supervisor").order_by("-starts", "-pk"),
        "credentials": shown.credentials.select_related("recorded_by").order_by("-on", "-pk"),
        "may_record": may_enter(request.user, "people.credentials") and shown.pk != request.user.pk,
    }
    return render(request, "staff/person.html", context)


@policy("people.credentials")
@require_http_methods(["GET", "POST"])
def credential(request, pk):
    shown = get_object_or_404(User.objects.visible_to(request.user).exclude(pk=request.user.pk), pk=pk)
    form = CredentialForm(_posted(request))
    if request.method == "POST" and form.is_valid():
        actions.record_credential(shown, by=request.user, **form.cleaned_data)
        messages.success(request, f"Recorded for {shown}.")
        return redirect("staff:person", shown.pk)
    return render(request, "staff/credential.html", {"person": shown, "form": form})


@policy("account")
@require_safe
def me(request):
    shown = get_object_or_404(_with_line(User.objects.all()), pk=request.user.pk)
    return render(request, "staff/me.html", {"person": shown, "entry": panel(shown)})


@policy("cover")
@require_http_methods(["GET", "POST"])
def cover(request):
    form, status = CoverForm(_posted(request), user=request.user), 200
    if request.method == "POST" and form.is_valid():
        try:
            named = actions.name_cover(by=request.user, **{"supervisor": request.user, **form.cleaned_data})
        except NotNow as why:
            form.add_error(None, str(why))
            status = 409
        else:
            messages.success(request, f"{named.cover} covers for {named.supervisor}.")
            return redirect("staff:cover")
    seen = Cover.objects.select_related("supervisor", "cover", "named_by").filter(ends__gte=today())
    named = seen.filter(supervisor__in=supervisors_seen_by(request.user)).order_by("starts", "pk")
    context = {
        "form": form,
        "covers": Paginator(named, PAGE).get_page(request.GET.get("page")),
        "covering": seen.filter(cover=request.user).order_by("starts", "pk"),
        "today": today(),
    }
    return render(request, "staff/cover.html", context, status=status)


@policy("cover")
@require_POST
def end_cover(request, pk):
    ended = get_object_or_404(Cover, pk=pk, supervisor__in=supervisors_seen_by(request.user))
    actions.end_cover(ended, by=request.user)
    messages.success(request, f"{ended.cover} no longer covers for {ended.supervisor}.")
    return redirect("staff:cover")


@policy("settings")
@require_safe
def settings(request):
    names = PolicySetting.Name
    decided = {name: [] for name in names}
    for row in PolicySetting.objects.select_related("set_by").order_by("-since", "-pk"):
        decided[names(row.name)].append((_words(row.name, row.value), row))
    shown = [
        (name, _words(name, _in_force(decided[name], name)), _words(name, PolicySetting.DEFAULTS[name]), rows)
        for name, rows in decided.items()
    ]
    return render(request, "staff/settings.html", {"settings": shown, "today": today()})


@policy("settings")
@require_http_methods(["GET", "POST"])
def setting(request, name):
    if name not in PolicySetting.Name.values:
        raise Http404
    name = PolicySetting.Name(name)
    form, status = SettingForm(_posted(request), name=name), 200
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.set_policy(name, by=request.user, **form.cleaned_data)
        except NotNow as why:
            form.add_error(None, str(why))
            status = 409
        else:
            messages.success(request, f"{name.label}: {_words(name, made.value)} from {made.since:%d %b %Y}.")
            return redirect("staff:settings")
    now = PolicySetting.objects.value_on(name, today())
    return render(
        request,
        "staff/setting.html",
        {"name": name, "now": _words(name, now), "form": form},
        status=status,
    )


def _in_force(rows, name):
    return next((row.value for _, row in rows if row.since <= today()), PolicySetting.DEFAULTS[name])


def _words(name, value):
    return PolicySetting.CHOICES[name].get(value, value)


def _with_line(people):
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


def _posted(request):
    """What was sent, an empty form too: `or None` would take that for a page just opened."""
    return request.POST if request.method == "POST" else None
