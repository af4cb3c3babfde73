"""IPS open, extended, decided, closed, undone, opened again; corrected opening and closing dates."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.forms import model_to_dict
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_http_methods

from cans.due import Kind
from cans.models import Obligation
from cases import actions
from cases.forms.episodes import (
    CloseForm,
    CorrectClosingForm,
    CorrectExtensionForm,
    CorrectOpeningForm,
    DecisionForm,
    ExtensionForm,
    OpenForm,
    ReasonForm,
    WithdrawForm,
)
from cases.models import Extension
from cases.permissions import Act
from staff.dates import written
from staff.policy import policy
from staff.views.posted import posted

from .pages import case_for, form_page


@policy("case.work")
@require_http_methods(["GET", "POST"])
def reopen(request, pk):
    case = case_for(request, pk, Act.WORK)

    def open_again(**given):
        actions.open_episode(case, by=request.user, **given)

    return form_page(
        request,
        OpenForm(posted(request), case=case),
        open_again,
        case=case,
        done="IPS is open again.",
        title="Open IPS again",
        lede="A new episode begins, with a new initial CANS for each child who is still in the case.",
        button="Open IPS again",
    )


@policy("case.work")
@require_http_methods(["GET", "POST"])
def extend(request, pk, episode_pk):
    case, episode = _episode(request, pk, episode_pk, Act.WORK)

    def ask(**given):
        request_with_reason(episode, by=request.user, **given)

    return form_page(
        request,
        ExtensionForm(posted(request), case=case),
        ask,
        case=case,
        done="The extension is requested. Record the decision when it comes.",
        title="Request an extension",
        lede="The CANS is owed by the day of the request, whatever is decided.",
        button="Request the extension",
    )


@transaction.atomic
def request_with_reason(episode, *, by, reason, **given):
    """A request without a CANS for each child goes through only with a reason, and shows as missed."""
    _without_cans_only_with_reason(actions.request_extension(episode, by=by, reason=reason, **given))


@transaction.atomic
def correct_with_reason(extension, **given):
    _without_cans_only_with_reason(actions.correct_extension(extension, **given))


def _without_cans_only_with_reason(extension):
    without = Obligation.objects.current().filter(
        episode=extension.episode, kind=Kind.EXTENSION, source__startswith=f"{Kind.EXTENSION}:{extension.pk}:"
    )
    names = [row.child.name for row in without.filter(met_by__isnull=True).select_related("child")]
    if names and not extension.reason:
        raise ValidationError({"reason": f"No CANS for this request: {', '.join(names)}. Say why."})


@policy("case.work")
@require_http_methods(["GET", "POST"])
def decide(request, pk, extension_pk):
    case, extension = _extension(request, pk, extension_pk, Act.WORK)

    def record(**given):
        actions.decide_extension(extension, by=request.user, **given)

    return form_page(
        request,
        DecisionForm(posted(request), case=case),
        record,
        case=case,
        done="The decision is recorded.",
        title="Decision on the extension",
        button="Record the decision",
    )


@policy("case.coordinate")
@require_http_methods(["GET", "POST"])
def correct_extension(request, pk, extension_pk):
    case, extension = _extension(request, pk, extension_pk, Act.COORDINATE)

    def correct(**given):
        correct_with_reason(extension, by=request.user, **given)

    return form_page(
        request,
        CorrectExtensionForm(posted(request), case=case, of=extension),
        correct,
        case=case,
        done="The extension is corrected; the due dates are computed again.",
        title="Correct the extension",
        lede="For a mistake. What was said before stands in the timeline, and old due dates in the history.",
        button="Correct the extension",
    )


@policy("case.coordinate")
@require_http_methods(["GET", "POST"])
def withdraw_extension(request, pk, extension_pk):
    case, extension = _extension(request, pk, extension_pk, Act.COORDINATE)

    def withdraw(**given):
        actions.withdraw_extension(extension, by=request.user, **given)

    return form_page(
        request,
        WithdrawForm(posted(request), case=case),
        withdraw,
        case=case,
        done="The request is withdrawn. No CANS is owed for it.",
        title="Withdraw the extension request",
        lede="For a request that was never made. It is kept as withdrawn, and no CANS is owed for it. "
        "One that was made owes its CANS, whatever became of it.",
        button="Withdraw the request",
        danger=True,
    )


@policy("case.work")
@require_http_methods(["GET", "POST"])
def close(request, pk, episode_pk):
    case, episode = _episode(request, pk, episode_pk, Act.WORK)

    def shut(**given):
        return actions.close_episode(episode, by=request.user, **given)

    return form_page(
        request,
        CloseForm(posted(request), case=case),
        shut,
        case=case,
        done=_closed,
        title="Close IPS",
        lede="Children stay in the case and workers stay assigned, so that the closing CANS can be done.",
        button="Close IPS",
        danger=True,
    )


def _closed(episode):
    """A CANS of that time that was submitted already is the closing CANS of its child."""
    owed = Obligation.objects.unsettled().filter(episode=episode, kind=Kind.CLOSING, met_by=None)
    rows = list(owed.select_related("child").order_by("child__born", "child"))
    if not rows:
        return "IPS is closed."
    names = ", ".join(row.child.name for row in rows)
    return f"IPS is closed. A closing CANS is due by {written(rows[0].due)} for {names}."


@policy("case.correct")
@require_http_methods(["GET", "POST"])
def undo_closing(request, pk, episode_pk):
    case, episode = _episode(request, pk, episode_pk, Act.CORRECT)

    def undo(**given):
        actions.undo_closing(episode, by=request.user, **given)

    return form_page(
        request,
        ReasonForm(posted(request), case=case),
        undo,
        case=case,
        done="The closing is undone; IPS goes on.",
        title="Undo the closing",
        lede="For a closing made in error: the episode goes on, and its six-month dates count again.",
        button="Undo the closing",
    )


@policy("case.coordinate")
@require_http_methods(["GET", "POST"])
def correct_opening(request, pk, episode_pk):
    case, episode = _episode(request, pk, episode_pk, Act.COORDINATE)
    form = CorrectOpeningForm(posted(request), case=case, initial=model_to_dict(episode))

    def correct(**given):
        actions.correct_opening(episode, by=request.user, **given)

    return form_page(
        request,
        form,
        correct,
        case=case,
        done="The opening is corrected; the due dates are computed again.",
        title="Correct the opening",
        lede="Due dates are computed again. The old ones stay in the history, with who and why.",
        button="Correct the opening",
    )


@policy("case.coordinate")
@require_http_methods(["GET", "POST"])
def correct_closing(request, pk, episode_pk):
    case, episode = _episode(request, pk, episode_pk, Act.COORDINATE)
    form = CorrectClosingForm(posted(request), case=case, initial={"closed": episode.closed})

    def correct(**given):
        actions.correct_closing(episode, by=request.user, **given)

    return form_page(
        request,
        form,
        correct,
        case=case,
        done="The closing date is corrected; the due dates are computed again.",
        title="Correct the closing date",
        lede="Due dates are computed again. The old ones stay in the history, with who and why.",
        button="Correct the date",
    )


def _episode(request, pk, episode_pk, act):
    case = case_for(request, pk, act)
    return case, get_object_or_404(case.episodes.select_related("case"), pk=episode_pk)


def _extension(request, pk, extension_pk, act):
    case = case_for(request, pk, act)
    return case, get_object_or_404(Extension, pk=extension_pk, episode__case=case)
