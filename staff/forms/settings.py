import datetime

from django import forms

from staff.dates import today
from staff.models import PolicySetting

from .fields import day_field


class SettingForm(forms.Form):
    value = forms.ChoiceField(label="New value")
    since = day_field("In force from", help_text="Tomorrow or later: a setting never reaches back.")
    reason = forms.CharField(
        label="Reason",
        max_length=400,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Who decided it, and why. It is kept with the setting.",
    )

    def __init__(self, data=None, *, name):
        super().__init__(data, initial={"since": today() + datetime.timedelta(days=1)})
        self.fields["value"].choices = PolicySetting.CHOICES[name].items()

    def clean_since(self):
        since = self.cleaned_data["since"]
        if since <= today():
            raise forms.ValidationError("Choose tomorrow or a later day: a setting never reaches back.")
        return since
