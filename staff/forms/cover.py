from django import forms

from cases.models import Case
from staff.actions import possible_covers
from staff.dates import today
from staff.models import Role, User

from .fields import day_field

CHOOSE = "Choose a supervisor"


class CoverForm(forms.Form):
    supervisor = forms.ModelChoiceField(User.objects.none(), label="Supervisor who is away")
    cover = forms.ModelChoiceField(User.objects.none(), label="Who stands in")
    starts = day_field("First day")
    ends = day_field("Last day", help_text="The last day counts.")

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


class BackupForm(forms.Form):
    supervisor = forms.ModelChoiceField(User.objects.none(), label="Supervisor", empty_label=CHOOSE)
    backup = forms.ModelChoiceField(
        User.objects.none(),
        label="Named backup",
        required=False,
        empty_label="Nobody: it stays where it is",
    )

    def __init__(self, data=None, *, user):
        super().__init__(data, prefix="rise")
        if user.role == Role.SUPERVISOR:
            del self.fields["supervisor"]
            self.fields["backup"].queryset = possible_covers(user)
            self.initial["backup"] = user.backups.filter(ends=None).values_list("backup", flat=True).first()
            return
        for name in ("supervisor", "backup"):
            self.fields[name].queryset = supervisors_seen_by(user).select_related("agency")
            self.fields[name].label_from_instance = lambda person: f"{person}, {person.agency}"

    def clean(self):
        cleaned = super().clean()
        supervisor, backup = cleaned.get("supervisor"), cleaned.get("backup")
        if supervisor and backup and not possible_covers(supervisor).filter(pk=backup.pk).exists():
            self.add_error("backup", f"Choose another supervisor of {supervisor}'s agency.")
        return cleaned


def supervisors_seen_by(user):
    """For whom this person may name a cover: for themselves, or in the agencies of the cases they see."""
    if user.role == Role.COORDINATOR:
        agencies = Case.objects.visible_to(user).values("agency")
        return User.objects.supervisors().filter(agency__in=agencies)
    return User.objects.supervisors().filter(pk=user.pk)
