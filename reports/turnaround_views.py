from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import render
from django.views.decorators.http import require_safe

from approvals.models import Step
from cans.models import Obligation
from staff.dates import today
from staff.policy import may_enter, policy

from . import desk, timeliness
from . import turnaround as numbers
from .forms import SupervisorForm
from .listing import PAGE

NARROWING = ("decision", "month", "item", "domain")
KEPT = {"on_time": "on time", "late": "late", "open": "not submitted"}
DECISIONS = {numbers.APPROVED: "approved", numbers.RETURNED: "returned"}


@policy("report.turnaround")
@require_safe
def turnaround(request):
    """One's own; for a coordinator everybody's first, and then one supervisor's."""
    form = SupervisorForm(request.GET, supervisors=desk.supervisors_for(request.user))
    if not form.is_valid():
        raise Http404
    on, coordinates = today(), may_enter(request.user, "case.coordinate")
    context = {"today": on, "since": numbers.first_day(on), "days": numbers.DAYS, "coordinates": coordinates}
    if coordinates:
        context["form"] = form
    supervisor = form.cleaned_data["supervisor"] or (None if coordinates else request.user)
    if supervisor is None:
        return render(request, "reports/turnaround_all.html", context | _all(request, form, on))
    return render(request, "reports/turnaround.html", context | _one(request, supervisor, on))


def _all(request, form, on):
    page = Paginator(form.fields["supervisor"].queryset, PAGE).get_page(request.GET.get("page"))
    people = list(page.object_list)
    decided, covers = desk.decided(people, on), desk.covers_named(people, on)
    rows = [(one, numbers.figures(decided[one.pk]), covers[one.pk]) for one in people]
    return {"page": page, "rows": rows}


def _one(request, supervisor, on):
    decisions, words = desk.decided_by(supervisor, on)
    line, covers = desk.line_of(supervisor, on)
    wanted = {key: request.GET[key] for key in NARROWING if request.GET.get(key)}
    found = numbers.narrowed(decisions, wanted)
    readable = desk.readable(supervisor, request.user, on)
    page = Paginator([one for one in found if one.pk in readable], PAGE).get_page(request.GET.get("page"))
    came_due = _came_due(request, line, on)
    months = numbers.by_month(decisions, on)
    said = DECISIONS | {f"{month:%Y-%m}": f"{month:%B %Y}" for month, _ in months} | words
    return {
        "supervisor": supervisor,
        "own": supervisor == request.user,
        "figures": numbers.figures(decisions),
        "months": months,
        "themes": [
            (kind, heading, _in_words(numbers.themes(named), words))
            for kind, heading, named in [
                ("item", "Items", (one.items for one in decisions)),
                ("domain", "Domains", (one.domains for one in decisions)),
            ]
        ],
        "line": line,
        "covers": covers,
        "page": page,
        "rows": _rows(page.object_list),
        "narrowed_to": _narrowed_to(wanted, said),
        "not_shown": len(found) - page.paginator.count,
    } | came_due


def _came_due(request, line, on):
    """The due dates behind a number of the line, in place of the decisions; of those, what this reader may
    open today."""
    member = next((one for one in line if str(one.person.pk) == request.GET.get("member")), None)
    if member is None:
        return {}
    how = request.GET.get("kept", "")
    counted = desk.kept_so(member.person, on, how)
    mine = Obligation.objects.visible_to(request.user).filter(pk__in=counted)
    rows = desk.came_due([member.person], on).filter(pk__in=mine.values("pk"))
    page = Paginator(rows.order_by("due", "pk"), PAGE).get_page(request.GET.get("page"))
    return {
        "page": page,
        "rows": timeliness.shown(page.object_list, on),
        "member": member.person,
        "kept": KEPT.get(how, ""),
        "not_shown": len(counted) - page.paginator.count,
    }


def _in_words(themes, words):
    return [(key, words[key], count) for key, count in themes]


def _rows(decisions):
    """With the step and its CANS, in the same order."""
    about = Step.objects.select_related("assessment__child", "assessment__case", "assessment__author")
    steps = about.in_bulk([one.pk for one in decisions])
    return [(one, steps[one.pk]) for one in decisions]


def _narrowed_to(wanted, words):
    """What the rows are narrowed to. Of what is not here, nothing that was typed comes back."""
    return ", ".join(words.get(wanted[key], "something that is not here") for key in wanted)
