from django import forms

from cases import actions
from cases.models import Assignment

from . import fields


class AssignForm(forms.Form):
    """Kinds are those the person may give: a primary worker only where there is none."""

    def __init__(self, *args, case, kinds, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["person"] = fields.row("Worker", actions.possible_workers(case))
        self.fields["kind"] = fields.choice(
            "As",
            [(kind.value, f"{kind.label} worker") for kind in kinds],
            widget=forms.RadioSelect,
            initial=Assignment.Kind.PARALLEL,
        )
        self.fields["starts"] = fields.day("First day")
        self.fields["ends"] = fields.day("Last day", required=False)
        self.fields["role"] = fields.words(
            "Role on the case",
            length=80,
            required=False,
            hint="What a parallel worker does beside the primary one, for example: therapist for Robin.",
        )


class EndAssignmentForm(forms.Form):
    last_day = fields.day("Last day")

    def __init__(self, *args, assignment, needs_heir, **kwargs):
        super().__init__(*args, **kwargs)
        people = actions.possible_workers(assignment.case).exclude(pk=assignment.person_id)
        self.fields["inheritor"] = fields.row(
            "Who takes over",
            people,
            required=needs_heir,
            hint="Begins the day after.",
            empty="Choose…" if needs_heir else "Nobody",
        )
