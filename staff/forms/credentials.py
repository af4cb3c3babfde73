from django import forms

from staff.dates import today, written
from staff.gate import CANS_2_START
from staff.models import Credential

from .fields import day_field, reason_field


def check_day(day, kind):
    """A sentence when a credential of this kind cannot be of that day."""
    if day > today():
        raise forms.ValidationError("This day is still to come. Record it on its day or later.")
    if kind == Credential.Kind.CERTIFICATION and day < CANS_2_START:
        raise forms.ValidationError(
            f"Before {written(CANS_2_START)} there was no CANS 2.0 to be certified in."
        )
    return day


class CredentialForm(forms.Form):
    kind = forms.ChoiceField(label="What", choices=Credential.Kind.choices, widget=forms.RadioSelect)
    on = day_field("Date", help_text="The day on the certificate, or the day the training was taken.")
    evidence = forms.CharField(
        label="Evidence", max_length=200, help_text="What you saw, as: certificate number, training record."
    )

    def clean_on(self):
        return check_day(self.cleaned_data["on"], self.cleaned_data.get("kind"))


class CorrectionForm(forms.Form):
    reason = reason_field("What is wrong with it", "It stays on record with this reason, and counts no more.")
    on = day_field("Right date", required=False, help_text="Leave it empty if nothing takes its place.")
    evidence = forms.CharField(
        label="Evidence", required=False, max_length=200, help_text="Needed with a right date."
    )

    def __init__(self, data=None, *, credential):
        super().__init__(data)
        self.credential = credential

    def clean_on(self):
        day = self.cleaned_data["on"]
        if day is None:
            return None
        if day == self.credential.on:
            raise forms.ValidationError("That is the date on record.")
        return check_day(day, self.credential.kind)

    def clean(self):
        cleaned = super().clean()
        if cleaned.get("on") and not cleaned.get("evidence") and "evidence" not in self.errors:
            self.add_error("evidence", "Say what you saw, as: certificate number, training record.")
        return cleaned


class ImportForm(forms.Form):
    file = forms.FileField(label="File", required=False, help_text="A CSV file, saved as “CSV UTF-8”.")
    text = forms.CharField(
        label="Or paste the lines",
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 8, "spellcheck": "false"}),
        help_text="With the names of the columns in the first line.",
    )
    checked = forms.CharField(required=False, widget=forms.HiddenInput)

    def clean(self):
        cleaned = super().clean()
        if self.errors:
            return cleaned
        if cleaned.get("file") and cleaned.get("text", "").strip():
            self.add_error("file", "Choose the file or paste the lines, not both.")
        elif not cleaned.get("file") and not cleaned.get("text", "").strip():
            self.add_error("file", "Choose a file, or paste the lines below.")
        return cleaned
