from django import forms

from cases.models import ServiceKind

from . import fields

NEEDS_ONE = "Every service answers at least one CANS finding: tick it."


class ServiceForm(forms.Form):
    """`findings` are groups of (code, item name): the child's own findings, or every item."""

    provider = fields.words("Provider")
    starts = fields.day("From")
    ends = fields.day("Until", required=False)

    def __init__(self, *args, findings, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["findings"] = forms.MultipleChoiceField(
            label="CANS findings it answers",
            choices=findings,
            widget=forms.CheckboxSelectMultiple,
            error_messages={"required": NEEDS_ONE, "invalid_choice": "Choose from the list."},
        )


class ChangeServiceForm(ServiceForm):
    version = fields.version()


class NewServiceForm(ServiceForm):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        kind = fields.row("Service", ServiceKind.objects.filter(active=True))
        self.fields = {"kind": kind, **self.fields}


class ServiceKindForm(forms.ModelForm):
    class Meta:
        model = ServiceKind
        fields = ("name",)
        error_messages = {"name": {"unique": "This service is in the array already."}}
