from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import render
from django.views.decorators.http import require_safe

from approvals.models import Step
from cans.models import Obligation
from staff.dates import today
from staff.policy import may_enter, policy
from staff.step_up import step_up

from . import definitions, desk, timeliness
from . import turnaround as numbers
from . import turnaround_files as files
from .downloads import download
from .forms import SupervisorForm
from .listing import PAGE

NARROWING = ("decision", "month", "item", "domain")
KEPT = {"on_time": "on time", "late": "late", "open": "not submitted"}
DECISIONS = {numbers.APPROVED: "approved", numbers.RETURNED: "returned"}


@policy("report.turnaround")
@require_safe
def turnaround(request):
    """One's own; for a coordinator everybody's first, and then one supervisor's."""
    form, supervisor = _asked(request)
    on, coordinates = today(), may_enter(request.user, "case.coordinate")
    this_page = request.resolver_match.view_name
    context = {
        "today": on,
        "since": numbers.first_day(on),
        "days": numbers.DAYS,
        "coordinates": coordinates,
        "this_page": this_page,
        "saved": request.user.saved_views.filter(page=this_page),
        "leads": request.GET.urlencode(),
    }
    if coordinates:
        context["form"] = form
    if supervisor is None:
        return render(request, "reports/turnaround_all.html", context | _all(request, form, on))
    return render(request, "reports/turnaround.html", context | _one(request, supervisor, on))


@policy("report.turnaround")
@require_safe
@step_up
def turnaround_file(request, file_format):
    form, supervisor = _asked(request)
    on = today()
    if supervisor is None:
        name, rows, columns, filters = "turnaround", _supervisors(form, on), files.SUPERVISORS, []
        shown = []
    else:
        name, rows, columns, shown = _below_the_numbers(request, supervisor, on)
        filters = [("Supervisor", supervisor.name)]
    about = {"shown": shown, "definition": definitions.TURNAROUND, "as_of": on, "filters": filters}
    return download(request, name, rows, columns, file_format, **about)


def _supervisors(form, on):
    people = list(form.fields["supervisor"].queryset)
    decided, covers = desk.decided(people, on), desk.covers_named(people, on)
    return files.of_supervisors((one, numbers.figures(decided[one.pk]), covers[one.pk]) for one in people)


def _below_the_numbers(request, supervisor, on):
    """The due dates of one of the line, or the decisions; of cases that this reader may open today."""
    if member := _member(request, desk.line_of(supervisor, on)[0]):
        dates = _dates(request, member, on).order_by("due", "pk")
        rows = timeliness.shown(dates, on)
        return "came-due", rows, files.CAME_DUE, [(row.case, row.child) for row in rows]
    decisions, _ = desk.decided_by(supervisor, on)
    readable = desk.readable(supervisor, request.user, on)
    found = [one for one in numbers.narrowed(decisions, _wanted(request)) if one.pk in readable]
    rows = _rows(found)
    shown = [(step.assessment.case_id, step.assessment.child_id) for _, step in rows]
    return "decisions", files.of_decisions(rows), files.DECISIONS, shown


def _asked(request):
    """The form, and the supervisor it names, or oneself; None where a coordinator names none."""
    form = SupervisorForm(request.GET, supervisors=desk.supervisors_for(request.user))
    if not form.is_valid():
        raise Http404
    nobody = None if may_enter(request.user, "case.coordinate") else request.user
    return form, form.cleaned_data["supervisor"] or nobody


def _wanted(request):
    return {key: request.GET[key] for key in NARROWING if request.GET.get(key)}


def _member(request, line):
    """Whose due dates are asked for, in place of the decisions."""
    return next((one.person for one in line if str(one.person.pk) == request.GET.get("member")), None)


def _dates(request, member, on):
    """The due dates behind a number of the line, of those that this reader may open today."""
    counted = desk.kept_so(member, on, request.GET.get("kept", ""))
    mine = Obligation.objects.visible_to(request.user).filter(pk__in=counted)
    return desk.came_due([member], on).filter(pk__in=mine.values("pk"))


def _all(request, form, on):
    page = Paginator(form.fields["supervisor"].queryset, PAGE).get_page(request.GET.get("page"))
    people = list(page.object_list)
    decided, covers = desk.decided(people, on), desk.covers_named(people, on)
    rows = [(one, numbers.figures(decided[one.pk]), covers[one.pk]) for one in people]
    return {"page": page, "rows": rows}


def _one(request, supervisor, on):
    decisions, words = desk.decided_by(supervisor, on)
    line, covers = desk.line_of(supervisor, on)
    wanted = _wanted(request)
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
    """The due dates behind a number of the line, in place of the decisions."""
    member, how = _member(request, line), request.GET.get("kept", "")
    if member is None:
        return {}
    rows = _dates(request, member, on).order_by("due", "pk")
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    return {
        "page": page,
        "rows": timeliness.shown(page.object_list, on),
        "member": member,
        "kept": KEPT.get(how, ""),
        "not_shown": len(desk.kept_so(member, on, how)) - page.paginator.count,
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
