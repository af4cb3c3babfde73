import base64
import binascii

from django import forms

from cases.forms import fields
from staff.models import User

from .reading import IN_BROWSER


class ImportForm(forms.Form):
    """What was checked comes back as it was sent: a file that was chosen is not chosen again by itself."""

    file = forms.FileField(
        label="File",
        required=False,
        help_text="An Excel workbook (.xlsx), a CSV file of one of its sheets, or a case as JSON.",
    )
    receiver = fields.row(
        "Received by",
        User.objects.none(),
        required=False,
        hint="Only of a case in JSON: an active supervisor, who becomes its primary worker today.",
    )
    name = forms.CharField(required=False, max_length=200, widget=forms.HiddenInput)
    content = forms.CharField(required=False, strip=False, widget=forms.HiddenInput)
    checked = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["receiver"].queryset = User.objects.supervisors().select_related("agency")
        self.fields["receiver"].label_from_instance = lambda person: f"{person}, {person.agency}"

    def clean_file(self):
        sent = self.cleaned_data["file"]
        if sent and sent.size > IN_BROWSER["size"]:
            raise forms.ValidationError(
                f"The file is larger than {IN_BROWSER['size'] // 1000:,} KB. Split it, or have it imported "
                "by the command import_cases where the program runs."
            )
        return sent

    def clean_content(self):
        try:
            return base64.b64decode(self.cleaned_data["content"], validate=True)
        except (binascii.Error, ValueError):
            raise forms.ValidationError(
                "What was checked did not come back whole. Choose the file again."
            ) from None

    def clean(self):
        cleaned = super().clean()
        if not self.errors and not cleaned.get("file") and not cleaned.get("content"):
            self.add_error("file", "Choose a file.")
        return cleaned

    def sent(self):
        """(name, content) of the file that was chosen, or of the one that was checked."""
        chosen = self.cleaned_data["file"]
        if chosen:
            return chosen.name, chosen.read()
        return self.cleaned_data["name"], self.cleaned_data["content"]


def filled(name, content, receiver, seal):
    form = ImportForm(
        {
            "name": name[:200],
            "content": base64.b64encode(content).decode(),
            "receiver": receiver and receiver.pk,
            "checked": seal,
        }
    )
    form.full_clean()
    return form
