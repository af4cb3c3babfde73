"""Cases to other workers, and all that somebody holds who leaves: chosen, rehearsed, then done as one."""

from collections import Counter

from django.db.models import Q
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_http_methods

from approvals import handover
from approvals.handover import Kind
from cans.models import Assessment
from cans.states import WORKABLE
from cases.forms.reassign import HandOverForm, ReassignFilter
from cases.models import Case, Membership
from staff.dates import today
from staff.left_open import left_open
from staff.models import Role
from staff.names import named
from staff.policy import policy
from staff.views.posted import posted

from .listing import tell_next_due

GONE = "{} of those you chose cannot be handed over any more: they ended, or somebody else has them."


@policy("case.reassign")
@require_http_methods(["GET", "POST"])
def reassign(request):
    people = handover.people_of(request.user)
    wanted = ReassignFilter(request.GET, user=request.user, people=people)
    person, rows = _found(request.user, wanted, people)
    context = {
        "filter": wanted,
        "person": person,
        "more": len(rows) > handover.MOST,
        "left": left_open(person) if person else [],
    }
    rows = rows[: handover.MOST]
    form = HandOverForm(posted(request), rows=rows, leaver=person)
    if request.method == "POST" and form.is_valid() and "edit" not in request.POST:
        return _act(request, form, context)
    status = 400 if request.method == "POST" and form.errors else 200
    tell(rows)
    return render(request, "cases/reassign.html", {"form": form, **context}, status=status)


def _found(user, wanted, people):
    """The person whose work it is, if one, and what there is to hand over."""
    if not wanted.is_valid():
        return None, []
    if number := wanted.cleaned_data["person"]:
        person = get_object_or_404(people, pk=number)
        return person, handover.held_by(person, user)
    q, agency = wanted.cleaned_data.get("q"), wanted.cleaned_data.get("agency")
    if user.role == Role.ADMINISTRATOR or not (q or agency):
        return None, []
    cases = Case.objects.held_by(user).open()
    if q:
        cases = cases.filter(named(q) | Q(number__istartswith=q))
    return None, handover.carried_in(cases.filter(agency=agency) if agency else cases, user)


def _act(request, form, context):
    """The rehearsal; or, confirmed and nothing having changed since, the act and its result."""
    takes = form.cleaned_data["takes"]
    given = {
        "by": request.user,
        "last_day": form.cleaned_data["last_day"],
        "reason": form.cleaned_data["reason"],
    }
    confirmed, seen = "confirm" in request.POST, seen_of(takes)
    changed = changes(request.POST.get("seen", ""), takes) if confirmed else []
    changed += [GONE.format(len(form.gone))] if form.gone else []
    status = 409 if changed else 200
    done = confirmed and not changed
    try:
        outcomes = (handover.hand_over if done else handover.rehearse)(takes, **given)
    except handover.Refused as refused:
        outcomes, status, done = refused.outcomes, 409, False
    context |= {
        "form": form,
        "outcomes": outcomes,
        "refused": sum(bool(one.refused) for one in outcomes),
        "changed": changed,
        "done": done,
        "left": left_open(context["person"]) if done and context["person"] else [],
        "seen": seen,
        "status": status,
    }
    return render(request, "cases/reassign_check.html", context, status=status)


def seen_of(takes):
    return " ".join(f"{held.key}={held.seen}" for held, _ in takes)


def changes(seen, takes):
    """What is not as the rehearsal showed it, in sentences."""
    then = dict(part.split("=", 1) for part in seen.split() if "=" in part)
    return [f"{held.title}: changed since." for held, _ in takes if then.get(held.key) != held.seen]


def tell(rows):
    """Beside each assignment: children, what is due, and what is begun; a query each, for all rows."""
    assignments = [held.row for held in rows if held.kind == Kind.ASSIGNMENT]
    cases = {row.case_id: row.case for row in assignments}
    if not cases:
        return
    here = Membership.objects.in_case_on(today()).filter(case__in=cases)
    children = Counter(here.values_list("case_id", flat=True))
    drafts = Assessment.objects.filter(case__in=cases, state__in=WORKABLE)
    begun = Counter(drafts.values_list("case_id", "author_id"))
    tell_next_due(list(cases.values()))
    for row in assignments:
        row.children, row.begun = children[row.case_id], begun[row.case_id, row.person_id]
        row.next_due = cases[row.case_id].next_due
