from django import forms

from cases.models import Episode

from . import fields


class OpenForm(forms.Form):
    opened = fields.day("IPS opened", hint="A new initial CANS is due 30 days later for each child.")
    authorised_through = fields.day("Authorised through")

    def __init__(self, *args, case, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["version"] = fields.version(case)


class ExtensionForm(forms.Form):
    requested = fields.day("Requested on")
    reason = fields.reason(
        "If a child has no CANS for it, why",
        required=False,
        hint="Needed where a child has no CANS assessed in the 30 days up to the request and submitted then.",
    )

    def __init__(self, *args, case, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["version"] = fields.version(case)


class DecisionForm(forms.Form):
    decided = fields.day("Decided on")
    granted = forms.TypedChoiceField(
        label="Decision",
        choices=[("yes", "Granted"), ("no", "Denied")],
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
        error_messages={"required": fields.CHOOSE, "invalid_choice": fields.CHOOSE},
    )
    authorised_through = fields.day("Granted through", required=False, hint="Only where it was granted.")

    def __init__(self, *args, case, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["version"] = fields.version(case)


class CloseForm(forms.Form):
    closed = fields.day("Closing date")
    closing_reason = fields.choice("Reason", Episode.Reason.choices)
    note = fields.reason("Note", required=False)

    def __init__(self, *args, case, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["version"] = fields.version(case)


class ReasonForm(forms.Form):
    reason = fields.reason()

    def __init__(self, *args, case, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["version"] = fields.version(case)


class CorrectClosingForm(forms.Form):
    closed = fields.day("Closing date")
    reason = fields.reason()

    def __init__(self, *args, case, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["version"] = fields.version(case)


class CorrectOpeningForm(forms.Form):
    opened = fields.day("Opening date")
    reason = fields.reason()

    def __init__(self, *args, case, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["version"] = fields.version(case)
