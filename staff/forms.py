import datetime

from django import forms

from cases.models import Case

from .actions import possible_covers
from .dates import today
from .models import Credential, PolicySetting, Role, User

CHOOSE = "Choose a supervisor"


def _date(label, **kwargs):
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(label=label, widget=widget, **kwargs)


class PeopleFilter(forms.Form):
    STATES = (
        ("", "Everybody"),
        ("may", "May enter a CANS"),
        ("lapsing", "Certification lapses within 60 days"),
        ("may_not", "May not enter a CANS"),
    )
    q = forms.CharField(
        label="Name", required=False, max_length=120, widget=forms.TextInput(attrs={"type": "search"})
    )
    role = forms.ChoiceField(label="Role", required=False, choices=[("", "All roles"), *Role.choices])
    state = forms.ChoiceField(label="CANS entry", required=False, choices=STATES)


class CredentialForm(forms.Form):
    kind = forms.ChoiceField(label="What", choices=Credential.Kind.choices, widget=forms.RadioSelect)
    on = _date("Date", help_text="The day on the certificate, or the day the training was taken.")
    evidence = forms.CharField(
        label="Evidence", max_length=200, help_text="What you saw, as: certificate number, training record."
    )

    def clean_on(self):
        on = self.cleaned_data["on"]
        if on > today():
            raise forms.ValidationError("This day is still to come. Record it on its day or later.")
        return on


class CoverForm(forms.Form):
    supervisor = forms.ModelChoiceField(User.objects.none(), label="Supervisor who is away")
    cover = forms.ModelChoiceField(User.objects.none(), label="Who stands in")
    starts = _date("First day")
    ends = _date("Last day", help_text="The last day counts.")

    def __init__(self, data=None, *, user):
        super().__init__(data, initial={"starts": today()})
        if user.role == Role.SUPERVISOR:
            del self.fields["supervisor"]
            self.fields["cover"].empty_label = CHOOSE
            self.fields["cover"].queryset = possible_covers(user)
            return
        for name in ("supervisor", "cover"):
            self.fields[name].queryset = supervisors_seen_by(user).select_related("agency")
            self.fields[name].empty_label = CHOOSE
            self.fields[name].label_from_instance = lambda person: f"{person}, {person.agency}"

    def clean(self):
        cleaned = super().clean()
        starts, ends = cleaned.get("starts"), cleaned.get("ends")
        if starts and starts < today():
            self.add_error("starts", "Cover begins today or later; it cannot reach back.")
        if starts and ends and ends < starts:
            self.add_error("ends", "The last day cannot be before the first.")
        supervisor, cover = cleaned.get("supervisor"), cleaned.get("cover")
        if supervisor and cover and not possible_covers(supervisor).filter(pk=cover.pk).exists():
            self.add_error("cover", f"Choose another supervisor of {supervisor}'s agency.")
        return cleaned


def supervisors_seen_by(user):
    """For whom this person may name a cover: for themselves, or in the agencies of the cases they see."""
    if user.role == Role.COORDINATOR:
        agencies = Case.objects.visible_to(user).values("agency")
        return User.objects.supervisors().filter(agency__in=agencies)
    return User.objects.supervisors().filter(pk=user.pk)


class SettingForm(forms.Form):
    value = forms.ChoiceField(label="New value")
    since = _date("In force from", help_text="Tomorrow or later: a setting never reaches back.")
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
