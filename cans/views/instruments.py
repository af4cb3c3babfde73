from django.contrib import messages
from django.db import IntegrityError
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from cans.forms import InstrumentForm
from cans.instrument import LAST_NUMBER, Subject
from cans.loading import BadInstrument, activate_instrument, load_instrument
from cans.models import InstrumentVersion
from staff.policy import may_enter, policy


@policy("instrument.view")
@require_safe
def instrument(request, pk=None):
    """A version of the instrument: the one in use, unless another is asked for."""
    versions = list(InstrumentVersion.objects.select_related("loaded_by").defer("source"))
    if pk is None:
        version = next((version for version in versions if version.active), None)
    else:
        version = get_object_or_404(InstrumentVersion, pk=pk)
    context = {
        "versions": versions,
        "version": version,
        "may_load": may_enter(request.user, "instrument.load"),
    }
    if version is not None:
        context |= _contents(version.instrument)
    return render(request, "cans/instrument.html", context)


@policy("instrument.load")
@require_http_methods(["GET", "POST"])
def load(request):
    """Check a file and keep it as a new version, or say line by line what is wrong with it."""
    form = InstrumentForm(request.POST or None, request.FILES or None)
    problems = ()
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            version = load_instrument(
                given["file"], label=given["label"], by=request.user, activate=given["activate"]
            )
        except BadInstrument as wrong:
            problems = wrong.problems
        except IntegrityError:
            form.add_error("label", "A version of this name was loaded a moment ago.")
        else:
            messages.success(request, f"{version.label} is loaded{' and in use' * version.active}.")
            return redirect(version)
    return render(request, "cans/instrument_load.html", {"form": form, "problems": problems})


@policy("instrument.load")
@require_POST
def activate(request, pk):
    version = get_object_or_404(InstrumentVersion, pk=pk)
    activate_instrument(version, by=request.user)
    messages.success(request, f"New assessments are scored on {version.label} from now on.")
    return redirect(version)


def _contents(whole):
    to_check = [item for item in whole.items if item.needs_checking]
    of_caregivers = len(whole.caregiver_items)
    return {
        "groups": [
            ("Child", whole.domains(Subject.CHILD)),
            ("Each caregiver", whole.domains(Subject.CAREGIVER)),
        ],
        "item_count": len(whole.items),
        "to_check": len(to_check),
        "caregiver_items": of_caregivers,
        "not_named": LAST_NUMBER - len(whole.child_items) - of_caregivers,
    }
