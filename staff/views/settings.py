from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from staff import actions
from staff.dates import today
from staff.forms.settings import SettingForm
from staff.models import PolicySetting
from staff.policy import policy
from staff.refusals import NotNow

from .posted import posted


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
    form, status = SettingForm(posted(request), name=name), 200
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
