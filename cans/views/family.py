"""The family summary: a form for what is put on it, and the page to print. Nothing of it is stored."""

from itertools import groupby

from django import forms
from django.core.exceptions import ValidationError
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from cans.facts import sheets_of
from cans.family import lines_of
from cans.states import State
from staff.policy import policy

from .reading import crumbs, find, note_reading

NOT_TICKED = "Not ticked to begin with: {}. Tick what the family should read."


class FamilyForm(forms.Form):
    """Which parts, and of each which lines. What is about trauma, risk or an adult waits for a tick."""

    parts = forms.MultipleChoiceField(
        label="Sections",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="Untick to leave out.",
    )

    def __init__(self, *args, lines, **kwargs):
        super().__init__(*args, **kwargs)
        self.lines = lines
        self.fields["parts"].choices = [(part.value, part.title) for part in lines]
        self.fields["parts"].initial = [part.value for part in lines]
        for part, held in lines.items():
            self.fields[part.value] = forms.MultipleChoiceField(
                label=part.title,
                required=False,
                widget=forms.CheckboxSelectMultiple,
                choices=_choices(held),
                initial=[line.key for line in held if not line.sensitive],
                help_text=_not_ticked(held),
            )

    def clean(self):
        chosen = super().clean()
        if not self.errors and not any(self.chosen().values()):
            raise ValidationError("Nothing is ticked: choose at least one section and one line in it.")
        return chosen

    def chosen(self):
        """Part → the lines that go on paper."""
        given = self.cleaned_data
        return {
            part: [line for line in held if line.key in given.get(part.value, ())]
            for part, held in self.lines.items()
            if part.value in given.get("parts", ())
        }

    def left_out(self):
        put = {line.key for held in self.chosen().values() for line in held}
        return [line for held in self.lines.values() for line in held if line.key not in put]


@policy("assessment.view")
@require_http_methods(["GET", "POST"])
def family(request, pk):
    assessment = find(request, pk)
    note_reading(request, "assessment family", assessment)
    lines = lines_of(sheets_of(assessment))
    asked = request.method == "POST"
    form = FamilyForm(request.POST if asked else None, lines=lines)
    context = {
        "assessment": assessment,
        "crumbs": crumbs(assessment, ("Family summary", None)),
        "form": form,
        "has_lines": bool(lines),
        "is_final": assessment.state == State.APPROVED,
    }
    if asked and not form.is_valid():
        return render(request, "cans/family.html", context, status=400)
    if asked:
        context["sections"] = [
            {"title": part.title, "people": _by_person(held)} for part, held in form.chosen().items() if held
        ]
        context["left_out"] = form.left_out()
    return render(request, "cans/family.html", context)


def _by_person(held):
    return [(name, list(lines)) for name, lines in groupby(held, key=lambda line: line.person)]


def _choices(held):
    """Under each person's name, where there is more than one."""
    people = _by_person(held)
    told = [(name, [(line.key, line.label) for line in lines]) for name, lines in people]
    return told if len(told) > 1 else told[0][1]


def _not_ticked(held):
    reasons = dict.fromkeys(line.sensitive for line in held if line.sensitive)
    return NOT_TICKED.format(", ".join(reasons)) if reasons else ""
