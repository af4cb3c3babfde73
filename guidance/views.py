from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from staff.policy import may_enter, policy
from staff.refusals import NotNow

from . import actions
from .forms import EditForm, EntryForm
from .models import Entry

SOON = "Every page has it within a minute."
SHOWN_EARLIER = 10  # of the texts that stood before; all are kept


@policy("help")
@require_safe
def index(request):
    lists = {kind: [] for kind in Entry.Kind}
    hidden = []
    for entry in Entry.objects.visible_to(request.user).order_by("position", "title", "pk"):
        (lists[entry.kind] if entry.is_shown else hidden).append(entry)
    lists[Entry.Kind.NOTICE].sort(key=lambda entry: entry.starts, reverse=True)
    named = {f"{kind}s": entries for kind, entries in lists.items()}
    return render(request, "guidance/index.html", named | {"hidden": hidden, **_may(request)})


@policy("help")
@require_safe
def entry(request, guide):
    found = Entry.objects.visible_to(request.user).select_related("edited_by")
    found = get_object_or_404(found, slug=guide)
    pages = [
        (page.label, reverse(page.opens) if may_enter(request.user, page.policy) else "")
        for page in found.pages
    ]
    return render(request, "guidance/entry.html", {"entry": found, "pages": pages, **_may(request)})


@policy("help.edit")
@require_http_methods(["GET", "POST"])
def add(request):
    form, status = EntryForm(_posted(request), initial={"shown": True}), 200
    if request.method == "POST":
        status = 400
        if form.is_valid():
            try:
                made = actions.add_entry(by=request.user, **form.cleaned_data)
            except NotNow as why:
                form.add_error(None, str(why))
                status = 409
            else:
                messages.success(request, f"Written: {made}. {SOON}")
                return redirect(made)
    return render(request, "guidance/form.html", {"form": form}, status=status)


@policy("help.edit")
@require_http_methods(["GET", "POST"])
def edit(request, guide):
    found = get_object_or_404(Entry.objects.visible_to(request.user), slug=guide)
    form, status, theirs = EditForm(_posted(request), entry=found), 200, None
    if request.method == "POST":
        status = 400
        if form.is_valid():
            try:
                actions.edit_entry(found, by=request.user, **form.cleaned_data)
            except NotNow as why:
                status, theirs = 409, Entry.objects.select_related("edited_by").get(pk=found.pk)
                form = _again(form, theirs, why)
            else:
                messages.success(request, f"Saved: {form.cleaned_data['title']}. {SOON}")
                return redirect(found)
    earlier = found.earlier.select_related("replaced_by")[:SHOWN_EARLIER]
    return render(
        request,
        "guidance/form.html",
        {"form": form, "entry": found, "theirs": theirs, "earlier": earlier},
        status=status,
    )


def _again(form, theirs, why):
    """What was typed, to be saved over theirs only by somebody who has been shown both."""
    typed = form.data.copy()
    typed["version"] = theirs.version
    again = EditForm(typed, entry=theirs)
    again.add_error(None, str(why))
    return again


def _posted(request):
    return request.POST if request.method == "POST" else None


def _may(request):
    return {"may_edit": may_enter(request.user, "help.edit")}
