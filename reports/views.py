from urllib.parse import urlencode

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from staff.dates import today
from staff.policy import may_enter, policy
from staff.step_up import step_up
from staff.views.posted import posted

from . import actions, definitions, opening, past, submission, timeliness
from . import overdue as question
from .counting import Number, ahead
from .downloads import download, page_of_file
from .forms import AsOf, OpenedBetween, SaveViewForm, SubmittedBetween
from .listing import Listing
from .models import SavedView
from .rows import GROUPS_TO_COME

WITHIN = (14, 30, 60)
MONTHS = (3, 12, 36)


@policy("report.overdue")
@require_safe
def overdue(request):
    as_of, definition = AsOf(request.GET), _of_overdue(request)[1]
    listing = _overdue(request, as_of)
    if request.GET.get("show") == "missed":
        more = {"title": "Missed extensions", "here": "missed", "way": {"show": "missed"}}
    else:
        more = {"title": "Overdue CANS"}
    return _page(request, "reports/overdue.html", listing, as_of, definition=definition, **more)


@policy("report.overdue")
@require_safe
@step_up
def overdue_file(request, file_format):
    name, definition = _of_overdue(request)
    as_of = AsOf(request.GET)
    return _file(request, name, _overdue(request, as_of), as_of, file_format, definition)


@policy("report.overdue")
@require_safe
def due_soon(request):
    as_of = AsOf(request.GET)
    listing = _due(request, as_of)
    within = _within(request)
    more = {
        "title": f"Due in the next {within} days",
        "way": {"within": within},
        "choices": WITHIN,
        "definition": definitions.DUE_SOON,
    }
    return _page(request, "reports/due.html", listing, as_of, **more)


@policy("report.overdue")
@require_safe
@step_up
def due_soon_file(request, file_format):
    name, as_of = f"due-in-{_within(request)}-days", AsOf(request.GET)
    return _file(request, name, _due(request, as_of), as_of, file_format, definitions.DUE_SOON)


@policy("report.overdue")
@require_safe
def timely(request):
    as_of = AsOf(request.GET)
    listing = _timely(request, as_of)
    lines = timeliness.lines(listing, timeliness.months_until(as_of.day or today(), _months(request)))
    more = {
        "title": "Timeliness",
        "way": {"months": _months(request)},
        "choices": MONTHS,
        "lines": lines,
        "bars": [one.bar for one in lines],
        "definition": _of_timeliness(request, as_of),
    }
    return _page(request, "reports/timeliness.html", listing, as_of, **more)


@policy("report.overdue")
@require_safe
@step_up
def timely_file(request, file_format):
    as_of = AsOf(request.GET)
    name, definition = f"timeliness-{_months(request)}-months", _of_timeliness(request, as_of)
    return _file(request, name, _timely(request, as_of), as_of, file_format, definition)


@policy("report.overdue")
@require_safe
def opening_status(request):
    as_of = OpenedBetween(request.GET)
    if request.GET.get("show") == "childless":
        more = {
            "title": "Episodes without a child",
            "here": "childless",
            "way": {"show": "childless"},
            "definition": _of_opening(as_of, definitions.childless, definitions.CHILDLESS),
        }
        return _page(request, "reports/childless.html", _childless(request, as_of), as_of, **more)
    listing = _opening(request, as_of)
    more = {
        "title": "Opening status",
        "definition": _of_opening(as_of),
        "of": listing.how_many(children=("child_id", "child"), episodes=("episode_id", "case")),
        "childless": _childless_number(request, as_of),
    }
    return _page(request, "reports/opening.html", listing, as_of, **more)


@policy("report.overdue")
@require_safe
@step_up
def opening_status_file(request, file_format):
    as_of = OpenedBetween(request.GET)
    if request.GET.get("show") == "childless":
        definition = _of_opening(as_of, definitions.childless, definitions.CHILDLESS)
        listing = _childless(request, as_of)
        return _file(request, "episodes-without-a-child", listing, as_of, file_format, definition)
    return _file(request, "opening-status", _opening(request, as_of), as_of, file_format, _of_opening(as_of))


@policy("report.overdue")
@require_safe
def submissions(request):
    days = SubmittedBetween(request.GET)
    listing = _submissions(request, days)
    more = {
        "title": "Submission",
        "definition": _of_submissions(days),
        "of": listing.how_many(children=("child_id", "child"), cases=("case_id", "case")),
    }
    return _page(request, "reports/submission.html", listing, days, **more)


@policy("report.overdue")
@require_safe
@step_up
def submissions_file(request, file_format):
    days = SubmittedBetween(request.GET)
    listing = _submissions(request, days)
    return _file(request, "submission", listing, days, file_format, _of_submissions(days))


@policy("report.overdue")
@require_http_methods(["GET", "POST"])
def saved_views(request):
    """One's own views; with the address of a report, to give that one a name."""
    form = SaveViewForm(posted(request), initial=request.GET.dict())
    if request.method == "POST" and form.is_valid():
        view, is_new = actions.save_view(by=request.user, **form.cleaned_data)
        instead = "" if is_new else " It was there before with other filters: they are replaced."
        messages.success(request, f"Saved as “{view.name}”.{instead}")
        return redirect(view)
    saves = request.method == "POST" or request.GET.get("page") in SavedView.Page.values
    context = {"form": form if saves else None, "saved": request.user.saved_views.all()}
    return render(request, "reports/saved_views.html", context)


@policy("report.overdue")
@require_POST
def forget_view(request, pk):
    view = get_object_or_404(request.user.saved_views, pk=pk)
    actions.forget_view(view, by=request.user)
    messages.success(request, f"“{view.name}” is no longer saved.")
    return redirect("reports:saved_views")


def _of_overdue(request):
    """The name of the file and what is in the list."""
    if request.GET.get("show") == "missed":
        return "missed-extensions", definitions.MISSED
    return "overdue", definitions.OVERDUE


def _overdue(request, as_of):
    ask = question.missed if request.GET.get("show") == "missed" else question.owed
    found = ask(request.user, as_of.day)
    return Listing(found if as_of.day else found.none(), request.GET, on=as_of.day)


def _due(request, as_of):
    within = _within(request)
    found = question.due_soon(request.user, within, as_of.day)
    return Listing(
        found if as_of.day else found.none(),
        request.GET,
        scale=ahead(within),
        groups=GROUPS_TO_COME,
        on=as_of.day,
    )


def _timely(request, as_of):
    found = timeliness.fell_due(request.user, _months(request), as_of.day)
    return Listing(
        found if as_of.day else found.none(),
        request.GET,
        scale=timeliness.SUBMITTED,
        groups=timeliness.GROUPS_OF_MONTHS,
        shown=timeliness.shown,
        on=as_of.day,
    )


def _opening(request, as_of):
    first, last = as_of.range() if as_of.day else (today(), today())
    found = opening.without_opening(request.user, first, last, as_of.day)
    return Listing(
        found if as_of.day else found.none(),
        request.GET,
        scale=opening.WITHOUT,
        groups=opening.GROUPS,
        shown=timeliness.shown,
        on=as_of.day,
    )


def _childless(request, as_of):
    first, last = as_of.range() if as_of.day else (today(), today())
    found = opening.without_child(request.user, first, last, as_of.day)
    return Listing(
        found if as_of.day else found.none(),
        request.GET,
        scale=opening.CHILDLESS,
        groups=opening.CHILDLESS_GROUPS,
        orders=opening.CHILDLESS_ORDERS,
        numbers=opening.CHILDLESS_NUMBERS,
        shown=opening.shown,
        on=as_of.day,
    )


def _childless_number(request, as_of):
    """How many there are in all; it leads to them by the same days, whatever the children are filtered by."""
    if as_of.day is None:
        return None
    days = {key: request.GET[key] for key in as_of.fields if request.GET.get(key)}
    number = opening.without_child(request.user, *as_of.range(), as_of.day).count()
    return Number("episodes without a child", number, urlencode({"show": "childless", **days}))


def _submissions(request, days):
    first, last = days.range() if days.day else (today(), today())
    found = submission.submitted(request.user, first, last, days.day)
    return Listing(
        found if days.day else found.none(),
        request.GET,
        scale=submission.BY_TYPE,
        groups=submission.GROUPS,
        orders=submission.ORDERS,
        shown=submission.shown,
        on=days.day,
    )


def _of_submissions(days):
    return definitions.submission(*days.range()) if days.day else definitions.SUBMISSION


def _of_opening(as_of, between=definitions.opening, whole=definitions.OPENING):
    return between(*as_of.range()) if as_of.day else whole


def _of_timeliness(request, as_of):
    return definitions.timeliness(timeliness.months_until(as_of.day or today(), _months(request)))


def _months(request):
    asked = request.GET.get("months")
    return next((number for number in MONTHS if str(number) == asked), MONTHS[1])


def _within(request):
    asked = request.GET.get("within")
    return next((days for days in WITHIN if str(days) == asked), WITHIN[1])


def _page(request, template, listing, as_of, *, way=None, **more):
    """`way` is what of the address tells which list it is, and stays when the filters are cleared."""
    this_page = request.resolver_match.view_name
    is_past = as_of.day is not None and as_of.day < today()
    context = {
        "listing": listing,
        "form": listing.form,
        "page": listing.page(),
        "sort": listing.sort,
        "as_of": as_of,
        "past": is_past,
        "not_on_record": past.not_on_record(request.user, as_of.day),
        "this_page": this_page,
        "here": request.resolver_match.url_name,
        "way": way,
        "unfiltered": reverse(this_page, query=way),
        "saved": request.user.saved_views.filter(page=this_page),
        "may_waive": not is_past and may_enter(request.user, "obligation.waive"),
        "coordinates": may_enter(request.user, "case.coordinate"),
        "reviews": may_enter(request.user, "assessment.review"),
    }
    return render(request, template, context | more)


def _file(request, name, listing, as_of, file_format, definition):
    if as_of.day is None:
        return page_of_file(request)
    rows = listing.all_rows()
    return download(
        request,
        name,
        rows,
        listing.columns_of_file,
        file_format,
        shown=((row.case, row.child) for row in rows),
        definition=definition,
        as_of=as_of.day,
        filters=listing.in_words(),
    )
