from django.contrib import messages
from django.core.paginator import Paginator
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.views.decorators.http import require_http_methods, require_safe

from audit.actions import record_reading
from audit.statements import Found
from cans.leaving import goes_on_with
from cans.models import Assessment
from cans.permissions import refusal
from cans.states import State
from cans.views.summary import answers_in, keep_answers
from cases.views.pages import found_or_404, granted_or_404
from staff.gate import refusals
from staff.policy import policy
from staff.refusals import NotDone, NotNow
from staff.views.posted import posted

from . import actions
from .forms import AmendForm, ConfirmForm, QueueFilter, RerouteForm, ReturnForm, VoidForm
from .history import amendment_of, last_return, steps_of, told
from .permissions import check_can, is_reviewer
from .queue import lately_decided, narrowed, place_of, waiting_for, with_due_date
from .review import review_of
from .sentences import approved, of, returned, submitted, taken_back, would_settle
from .workflow import Action

PAGE_SIZE = 50
ASSESSMENT = Found(
    Assessment,
    "child",
    "case",
    "author",
    "reviewer",
    "started_by",
    "based_on",
    "amends",
    asked=with_due_date,
)


@policy("assessment.review")
@require_safe
def queue(request):
    waiting, asked_for, form = _queue(request)
    page = Paginator(asked_for, PAGE_SIZE).get_page(request.GET.get("page"))
    return render(
        request,
        "approvals/queue.html",
        {
            "page": page,
            "form": form,
            "filters": form.in_address,
            "decided": lately_decided(request.user),
            "refusals": refusals(request.user) if waiting and not waiting[0].let_in else [],
        },
    )


def _queue(request):
    """What waits, what of it the address asks for, and the form that says what that is."""
    waiting = waiting_for(request.user)
    form = QueueFilter(request.GET, waiting=waiting)
    return waiting, narrowed(waiting, form.cleaned_data) if form.is_valid() else [], form


def _onward(request, assessment):
    """Where a decision about this CANS leads, and a link to the next one: asked before it is taken, while
    it still has its place. To the queue, for to land on a CANS is to open it, and ends its recall."""
    _, asked_for, form = _queue(request)
    place = place_of(assessment, asked_for)
    if place is None or place.following is None:
        return reverse("approvals:queue"), ""
    pk, name = place.following
    address = reverse("approvals:review", args=[pk]) + form.in_address
    link = format_html('<a href="{}">Next: {}</a>', address, name)
    return reverse("approvals:queue") + form.in_address, link


def _decided(request, sentence, onward):
    address, link = onward
    messages.success(request, format_html("{} {}", sentence, link) if link else sentence)
    return redirect(address)


@policy("assessment.review")
@require_safe
def review(request, pk):
    """Reading it as its reviewer marks it opened: from then on it cannot be recalled."""
    assessment = _found(request, pk)
    if assessment.state != State.SUBMITTED:
        now = State(assessment.state).label.lower()
        messages.info(request, f"There is nothing to review: this CANS is {now} now.")
        return redirect(assessment)
    _read(request, assessment, "approvals.review")
    actions.mark_opened(assessment, by=request.user)
    steps = steps_of(assessment)
    reviewed = review_of(assessment, returned=last_return(steps))
    waiting, asked_for, form = _queue(request)
    row = next((row for row in waiting if row.pk == pk), None)
    may_decide = row is not None and row.may_decide
    why_not = "" if may_decide else refusal(check_can, request.user, Action.APPROVE, assessment)
    return render(
        request,
        "approvals/review.html",
        {
            "assessment": assessment,
            "review": reviewed,
            "share": reviewed.share,
            "course": reviewed.course,
            "steps": told(assessment, steps),
            "asked": amendment_of(assessment),
            "here_because": row and row.why_in_words,
            "why_not": why_not,
            "may_decide": not why_not,
            "returning": "" if why_not else reverse("approvals:return", args=[pk]) + form.in_address,
            "can_reroute": row or not refusal(check_can, request.user, Action.REROUTE, assessment),
            "about_to": of(assessment),
            "settles": would_settle(assessment),
            "place": place_of(assessment, asked_for),
            "form": form,
            "filters": form.in_address,
        },
    )


@policy("assessment.score")
@require_http_methods(["GET", "POST"])
def submit(request, pk):
    """With the answers to its warnings, which are kept also when it is not ready."""
    assessment = _found(request, pk)
    summary = reverse("cans:summary", args=[pk])
    if request.method == "GET":
        return redirect(summary)
    typed, seen = answers_in(request.POST)
    if typed and (refused := keep_answers(request, assessment, typed, seen)):
        return refused
    try:
        reviewer = actions.submit(assessment, by=request.user, version=_seen(request, absent=None))
    except actions.NotReady as why:
        messages.error(request, str(why))  # not as the answer to a form, to which nobody comes back
        return NotDone(f"{summary}#missing")
    except NotNow as why:
        return _conflict(request, why, summary, "Back to the summary")
    messages.success(request, submitted(assessment, reviewer))
    return redirect(assessment)


@policy("assessment.review")
@require_http_methods(["GET", "POST"])
def approve(request, pk):
    assessment = _found(request, pk)
    if request.method == "GET":
        return redirect("approvals:review", pk)
    onward = _onward(request, assessment)
    try:
        actions.approve(assessment, by=request.user, version=_seen(request))
    except NotNow as why:
        return _conflict(request, why, assessment.get_absolute_url())
    return _decided(request, approved(assessment), onward)


@policy("assessment.review")
@require_http_methods(["GET", "POST"])
def return_for_revision(request, pk):
    assessment = _found(request, pk)
    reviewed = review_of(assessment)
    earlier = last_return(steps_of(assessment)) if assessment.returned_at else None
    form = ReturnForm(posted(request), rows=reviewed.rows, earlier=earlier)

    def act(version):
        onward = _onward(request, assessment)
        step = actions.return_for_revision(assessment, by=request.user, version=version, **form.cleaned_data)
        return _decided(request, returned(assessment, step), onward)

    shown = {"review": reviewed, "earlier": earlier, "goes_to": goes_on_with(assessment)}
    return _step_page(request, Action.RETURN, assessment, form, act, reading="approvals.return", **shown)


@policy("assessment.route")
@require_http_methods(["GET", "POST"])
def reroute(request, pk):
    assessment = _found(request, pk)
    form = RerouteForm(posted(request), assessment=assessment)
    reviewing = is_reviewer(request.user, assessment)

    def act(version):
        onward = _onward(request, assessment) if reviewing else (assessment, "")
        actions.reroute(assessment, by=request.user, version=version, **form.cleaned_data)
        sentence = f"{of(assessment)} now waits for {assessment.reviewer}. No due date has moved."
        return _decided(request, sentence, onward)

    return _step_page(request, Action.REROUTE, assessment, form, act, reviewing=reviewing)


@policy("assessment.score")
@require_http_methods(["GET", "POST"])
def recall(request, pk):
    assessment = _found(request, pk)

    def act(version):
        actions.recall(assessment, by=request.user, version=version)
        messages.success(request, taken_back(assessment))
        return redirect(assessment)

    return _step_page(request, Action.RECALL, assessment, ConfirmForm(posted(request)), act)


@policy("assessment.amend")
@require_http_methods(["GET", "POST"])
def amend(request, pk):
    assessment = _found(request, pk)
    form = AmendForm(posted(request), assessment=assessment)

    def act(version):
        draft = actions.amend(assessment, by=request.user, version=version, **form.cleaned_data)
        messages.success(
            request,
            f"CANS {draft.pk} is open for {draft.author} to amend. "
            f"CANS {assessment.pk} stays in force until that one is approved.",
        )
        return redirect(draft)

    return _step_page(request, Action.AMEND, assessment, form, act)


@policy("assessment.void")
@require_http_methods(["GET", "POST"])
def void(request, pk):
    assessment = _found(request, pk)
    form = VoidForm(posted(request))

    def act(version):
        actions.void(assessment, by=request.user, version=version, **form.cleaned_data)
        messages.success(request, f"Voided. {of(assessment)} stays readable and meets no due date.")
        return redirect(assessment)

    return _step_page(request, Action.VOID, assessment, form, act)


def _found(request, pk):
    """The CANS, if this person may see it today: with its due date, and the grant that opens it."""
    assessment = found_or_404(ASSESSMENT, pk)
    assessment.grant = granted_or_404(request, assessment.case)
    return assessment


def _read(request, assessment, page):
    record_reading(
        page,
        by=request.user,
        case=assessment.case,
        grant=assessment.grant,
        children=[assessment.child_id],
    )


def _step_page(request, action, assessment, form, act, *, reading="approvals.step", **context):
    """The page of one step, and the step. A refusal as to the moment keeps what was typed: 409.

    `reading` names the page in the record of readings.
    """
    page, status = {"assessment": assessment, "form": form, **context}, 200
    try:
        if request.method == "POST" and form.is_valid():
            return act(_seen(request))
        check_can(request.user, action, assessment)
    except NotNow as why:
        if request.method == "GET":
            return _conflict(request, why, assessment.get_absolute_url())
        page["why_not"], status = str(why), 409
    _read(request, assessment, reading)
    return render(request, f"approvals/{action.value}.html", page, status=status)


def _conflict(request, why, back_url, back_label=None):
    page = {"why": str(why), "back_url": back_url, "back_label": back_label}
    return render(request, "409.html", page, status=409)


def _seen(request, absent=0):
    """The version of the page this came from; one that is no number fits no version."""
    typed = request.POST.get("version")
    if typed is None:
        return absent
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 10 else 0
