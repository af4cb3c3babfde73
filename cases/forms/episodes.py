from django import forms

from cases.models import Episode

from . import fields


class OfCase(forms.Form):
    """With the version of the case that it was opened at."""

    def __init__(self, *args, case, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["version"] = fields.version(case)


class OpenForm(OfCase):
    opened = fields.day("IPS opened", hint="A new initial CANS is due 30 days later for each child.")
    authorised_through = fields.day("Authorised through")


def reason_of_request():
    return fields.reason(
        "If a child has no CANS for it, why",
        required=False,
        hint="Needed where a child has no CANS assessed in the 30 days up to the request and submitted then.",
    )


class ExtensionForm(OfCase):
    requested = fields.day("Requested on")
    reason = reason_of_request()


class DecisionForm(OfCase):
    decided = fields.day("Decided on")
    granted = forms.TypedChoiceField(
        label="Decision",
        choices=[("yes", "Granted"), ("no", "Denied")],
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
        error_messages={"required": fields.CHOOSE, "invalid_choice": fields.CHOOSE},
    )
    authorised_through = fields.day("Granted through", required=False, hint="Only where it was granted.")


class CloseForm(OfCase):
    closed = fields.day("Closing date")
    closing_reason = fields.choice("Reason", Episode.Reason.choices)
    note = fields.reason("Note", required=False)


class ReasonForm(OfCase):
    reason = fields.reason()


class CorrectClosingForm(OfCase):
    closed = fields.day("Closing date")
    reason = fields.reason()


class CorrectOpeningForm(OfCase):
    opened = fields.day("Opening date")
    authorised_through = fields.day("Authorised through")
    reason = fields.reason()


class CorrectExtensionForm(OfCase):
    """`granted` is None where the department has not decided yet."""

    DECISIONS = {"none": None, "yes": True, "no": False}

    requested = fields.day("Requested on")
    reason = reason_of_request()
    granted = forms.TypedChoiceField(
        label="Decision",
        choices=[("none", "Not decided yet"), ("yes", "Granted"), ("no", "Denied")],
        coerce=DECISIONS.get,
        widget=forms.RadioSelect,
        error_messages={"required": fields.CHOOSE, "invalid_choice": fields.CHOOSE},
    )
    decided = fields.day("Decided on", required=False, hint="Only where it was decided.")
    authorised_through = fields.day("Granted through", required=False, hint="Only where it was granted.")
    otherwise_through = fields.day(
        "Authorised through at the opening",
        required=False,
        hint="Only where a grant is taken back and no other is left: this day holds again.",
    )
    because = fields.reason("Why it is corrected")

    def __init__(self, *args, of, **kwargs):
        names = ("requested", "reason", "decided", "authorised_through")
        stands = {name: getattr(of, name) for name in names}
        stands["granted"] = next(word for word, said in self.DECISIONS.items() if said is of.granted)
        super().__init__(*args, initial=stands, **kwargs)


class WithdrawForm(OfCase):
    because = fields.reason()
