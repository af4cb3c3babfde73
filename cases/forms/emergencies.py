from django import forms

from . import fields


class EmergencyForm(forms.Form):
    number = fields.words(
        "State case number",
        length=20,
        hint="The whole number. Only cases of your agency can be opened.",
        missing="Give the case number.",
    )
    reason = fields.reason(
        "What happened, and why it cannot wait",
        hint="A sentence or more, without the names of children: administrators and supervisors read it, "
        "and it stays in the case's timeline.",
    )
