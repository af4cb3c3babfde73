"""What the administrator does with one person of their agency: never with themselves."""

from allauth.mfa.adapter import get_adapter
from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_http_methods, require_POST

from reports.actions import disable_with_calendar
from staff import actions
from staff.actions.lines import lines_seen
from staff.dates import today
from staff.forms.people import AddPersonForm, DetailsForm, LineForm, ReasonForm, RoleForm
from staff.left_open import left_open, what_holds
from staff.models import Role, User
from staff.policy import policy
from staff.refusals import NotNow
from staff.step_up import step_up

from .posted import form_page, posted

HANDED_OVER = "password_handed_over"


@policy("people.keep")
@step_up
@require_http_methods(["GET", "POST"])
def add(request):
    form = AddPersonForm(posted(request), agency=request.user.agency_id)

    def act(given):
        person, password = actions.add_person(by=request.user, **given)
        return handed_over(request, person, password, f"{person} is added.")

    return form_page(request, form, act, "staff/add_person.html", {})


@policy("people.keep")
@step_up
@require_http_methods(["GET", "POST"])
def change(request, pk):
    kept = _kept(request, pk)
    form = DetailsForm(posted(request), initial={"name": kept.name, "email": kept.email})

    def act(given):
        actions.change_person(kept, by=request.user, **given)
        return _done(request, kept, "Changed.")

    return form_page(request, form, act, "staff/change_person.html", {"person": kept})


@policy("people.keep")
@step_up
@require_http_methods(["GET", "POST"])
def role(request, pk):
    kept = _kept(request, pk)
    form = RoleForm(posted(request), person=kept)

    def act(given):
        actions.change_role(kept, by=request.user, **given)
        label = Role(given["role"]).label.lower()
        return _done(request, kept, f"{kept} is now {'an' if label[0] in 'aeiou' else 'a'} {label}.")

    choices = [(label, what_holds(kept, value)) for value, label in form.fields["role"].choices]
    context = {"person": kept, "holding": [(label, lefts) for label, lefts in choices if lefts]}
    return form_page(request, form, act, "staff/role.html", context)


@policy("people.keep")
@step_up
@require_http_methods(["GET", "POST"])
def line(request, pk):
    kept = _kept(request, pk)
    form = LineForm(posted(request), person=kept, seen=lines_seen(kept))

    def act(given):
        made = actions.set_line(kept, by=request.user, **given)
        return _done(request, kept, f"{made.supervisor} supervises {kept} from {made.starts:%d %b %Y}.")

    lines = kept.lines.select_related("supervisor").order_by("-starts", "-pk")
    context = {"person": kept, "lines": lines, "today": today()}
    return form_page(request, form, act, "staff/line.html", context)


@policy("people.keep")
@require_http_methods(["GET", "POST"])
def disable(request, pk):
    kept = _kept(request, pk)
    form = ReasonForm(posted(request))

    def act(given):
        disable_with_calendar(kept, by=request.user, **given)
        return _done(request, kept, f"{kept} is disabled and signed out everywhere.")

    if request.method == "GET" and not kept.is_active:
        raise NotNow(f"{kept} is disabled already.")
    return form_page(request, form, act, "staff/disable.html", {"person": kept, "left": left_open(kept)})


@policy("people.keep")
@step_up
@require_http_methods(["GET", "POST"])
def enable(request, pk):
    kept = _kept(request, pk)
    form = ReasonForm(posted(request))

    def act(given):
        actions.enable_person(kept, by=request.user, **given)
        return _done(request, kept, f"{kept} may sign in again.")

    if request.method == "GET" and kept.is_active:
        raise NotNow(f"The account of {kept} is active.")
    return form_page(request, form, act, "staff/enable.html", {"person": kept})


@policy("people.keep")
@step_up
@require_POST
def password(request, pk):
    kept = _kept(request, pk)
    made = actions.hand_over_password(kept, by=request.user)
    return handed_over(request, kept, made, f"{kept} has a new first password.")


def handed_over(request, person, password, sentence):
    """Sealed in the session until the next page shows it, once; it is stored nowhere else."""
    request.session[HANDED_OVER] = [person.pk, get_adapter().encrypt(password)]
    return _done(request, person, sentence)


def password_to_show(request, person):
    """The first password that was made up a moment ago for this person; gone once it was read."""
    pk, sealed = request.session.get(HANDED_OVER, (None, ""))
    if pk != person.pk:
        return ""
    del request.session[HANDED_OVER]
    return get_adapter().decrypt(sealed)


def _kept(request, pk):
    """A person of the administrator's own agency, and not themselves."""
    return get_object_or_404(User.objects.visible_to(request.user).exclude(pk=request.user.pk), pk=pk)


def _done(request, person, sentence):
    messages.success(request, sentence)
    return redirect("staff:person", person.pk)
