from django.contrib import messages
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from staff import actions
from staff.dates import today
from staff.forms.cover import BackupForm, CoverForm, supervisors_seen_by
from staff.models import Backup, Cover, PolicySetting
from staff.policy import policy
from staff.refusals import NotNow

from .people import PAGE
from .posted import posted


@policy("cover")
@require_http_methods(["GET", "POST"])
def cover(request):
    form, status = CoverForm(posted(request), user=request.user), 200
    if request.method == "POST" and form.is_valid():
        try:
            named = actions.name_cover(by=request.user, **{"supervisor": request.user, **form.cleaned_data})
        except NotNow as why:
            form.add_error(None, str(why))
            status = 409
        else:
            messages.success(request, f"{named.cover} covers for {named.supervisor}.")
            return redirect("staff:cover")
    return _page(request, form, BackupForm(user=request.user), status)


@policy("cover")
@require_POST
def name_backup(request):
    form, status = BackupForm(request.POST, user=request.user), 200
    if form.is_valid():
        try:
            named = actions.name_backup(by=request.user, **{"supervisor": request.user, **form.cleaned_data})
        except NotNow as why:
            form.add_error(None, str(why))
            status = 409
        else:
            said = f"What waits too long for {named.supervisor} rises to {named.backup}." if named else ""
            messages.success(request, said or "What waits too long stays where it is.")
            return redirect("staff:cover")
    return _page(request, CoverForm(user=request.user), form, status)


def _page(request, form, backup_form, status):
    seen = Cover.objects.select_related("supervisor", "cover", "named_by").filter(ends__gte=today())
    whose = supervisors_seen_by(request.user)
    named = seen.filter(supervisor__in=whose).order_by("starts", "pk")
    backups = Backup.objects.filter(ends=None, supervisor__in=whose).order_by("supervisor__name", "pk")
    backups = backups.select_related("supervisor", "backup", "named_by")
    context = {
        "form": form,
        "backup_form": backup_form,
        "covers": Paginator(named, PAGE).get_page(request.GET.get("page")),
        "backups": Paginator(backups, PAGE).get_page(request.GET.get("page")),
        "covering": seen.filter(cover=request.user).order_by("starts", "pk"),
        "longest": PolicySetting.objects.value_on(PolicySetting.Name.REVIEW_DAYS, today()),
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
