import base64
import binascii

from django import forms
from django.db.models import Exists, OuterRef

from cases.actions.holding import future
from cases.forms import fields
from cases.models import Case
from staff.models import Agency, User

from .reading import A_LIST, ACCOUNTS, IN_BROWSER, too_large


class SentForm(forms.Form):
    """What was checked comes back as it was sent: a file that was chosen is not chosen again by itself."""

    limits = ACCOUNTS
    file = forms.FileField(
        label="File", required=False, help_text="A CSV file, or an Excel workbook whose first sheet it is."
    )
    name = forms.CharField(required=False, max_length=200, widget=forms.HiddenInput)
    content = forms.CharField(required=False, strip=False, widget=forms.HiddenInput)
    checked = forms.CharField(required=False, widget=forms.HiddenInput)

    def clean_file(self):
        sent = self.cleaned_data["file"]
        if sent and sent.size > self.limits["size"]:
            raise forms.ValidationError(too_large(self.limits))
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


class ImportForm(SentForm):
    limits = IN_BROWSER
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
    field_order = ["file", "receiver"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["receiver"].queryset = User.objects.supervisors().select_related("agency")
        self.fields["receiver"].label_from_instance = lambda person: f"{person}, {person.agency}"


def carried(name, content, **more):
    """The hidden fields in which what was sent comes back."""
    return {"name": name[:200], "content": base64.b64encode(content).decode()} | more


class DoubtFilter(forms.Form):
    """Dates in doubt of one agency, among those with cases of this coordinator; which of the lists stays."""

    show = forms.CharField(required=False, widget=forms.HiddenInput)
    agency = forms.ModelChoiceField(Agency.objects.none(), required=False, empty_label="All agencies")

    def __init__(self, data, *, user):
        super().__init__(data)
        cases = Case.objects.visible_to(user).filter(agency=OuterRef("pk"))
        self.fields["agency"].queryset = Agency.objects.filter(Exists(cases))


class ListForm(forms.Form):
    file = forms.FileField(
        label="The list",
        required=False,
        help_text="A CSV file, or an Excel workbook whose first sheet is the list.",
        error_messages={"empty": "There is nothing in this file."},
    )
    text = forms.CharField(
        label="Or paste the lines",
        required=False,
        strip=False,
        max_length=250_000,
        widget=forms.Textarea(attrs={"rows": 8, "spellcheck": "false"}),
        help_text="With the names of the columns in the first line.",
    )
    as_of = fields.day("Day of the list", hint="When it was taken from the state’s system.")  # noqa: RUF001  (as on every page)

    def clean_as_of(self):
        day = self.cleaned_data["as_of"]
        if sentence := future(day):
            raise forms.ValidationError(sentence)
        return day

    def clean_file(self):
        sent = self.cleaned_data["file"]
        if sent and sent.size > A_LIST["size"]:
            raise forms.ValidationError(too_large(A_LIST))
        return sent

    def clean(self):
        cleaned = super().clean()
        if "file" in self.errors or "text" in self.errors:
            return cleaned
        if cleaned.get("file") and cleaned.get("text", "").strip():
            self.add_error("file", "Choose the file or paste the lines, not both.")
        elif not cleaned.get("file") and not cleaned.get("text", "").strip():
            self.add_error("file", "Choose a file, or paste the lines below.")
        return cleaned

    def sent(self):
        """(name, content)."""
        chosen = self.cleaned_data["file"]
        if chosen:
            return chosen.name, chosen.read()
        return "The pasted list", self.cleaned_data["text"].encode()
