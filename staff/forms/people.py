from django import forms

from staff.actions import possible_supervisors
from staff.actions.accounts import KEPT_ROLES
from staff.dates import today
from staff.models import AccountStatus, Role, User

from .fields import day_field, reason_field

CHOOSE = "Choose a supervisor"
USERNAME = User._meta.get_field("username")


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
    account = forms.ChoiceField(
        label="Account", required=False, choices=[("", "All accounts"), *AccountStatus.choices]
    )


def username_field():
    return forms.CharField(
        label="User name",
        max_length=150,
        validators=USERNAME.validators,
        help_text="For signing in: letters, digits and @ . + - _ only. Nothing that tells about a person.",
    )


class DetailsForm(forms.Form):
    name = forms.CharField(label="Name", max_length=120)
    email = forms.EmailField(label="E-mail", required=False, max_length=254)


class OwnAddressForm(forms.Form):
    email = forms.EmailField(
        label="E-mail", required=False, max_length=254, help_text="Empty where no mail is wanted."
    )


class AddPersonForm(DetailsForm):
    username = username_field()
    role = forms.ChoiceField(
        label="Role",
        choices=[(role.value, role.label) for role in KEPT_ROLES],
        widget=forms.RadioSelect,
        help_text="Coordinators belong to no agency; whoever runs the program adds them.",
    )
    supervisor = forms.ModelChoiceField(
        User.objects.none(),
        label="Supervisor",
        required=False,
        empty_label=CHOOSE,
        help_text="For a clinician always; for a supervisor who carries cases, if there is one.",
    )
    starts = day_field("Supervised from", required=False, help_text="Today or later.")
    field_order = ["username", "name", "email", "role", "supervisor", "starts"]

    def __init__(self, data=None, *, agency):
        super().__init__(data, initial={"starts": today()})
        self.fields["supervisor"].queryset = User.objects.supervisors().of_agency(agency)

    def clean_username(self):
        return free_username(self.cleaned_data["username"])

    def clean_starts(self):
        return not_past(self.cleaned_data["starts"] or today())

    def clean(self):
        cleaned = super().clean()
        role, supervisor = cleaned.get("role"), cleaned.get("supervisor")
        if role == Role.CLINICIAN and not supervisor and "supervisor" not in self.errors:
            self.add_error("supervisor", "A clinician has a supervisor, who reviews what they submit.")
        if role == Role.ADMINISTRATOR and supervisor:
            self.add_error("supervisor", "An administrator has no supervisor here.")
        return cleaned


class OpenAccountForm(DetailsForm):
    username = username_field()
    field_order = ["username", "name", "email"]

    def clean_username(self):
        return free_username(self.cleaned_data["username"])


class RoleForm(forms.Form):
    role = forms.ChoiceField(label="New role", widget=forms.RadioSelect)
    reason = reason_field()

    def __init__(self, data=None, *, person):
        super().__init__(data)
        self.fields["role"].choices = [(role.value, role.label) for role in KEPT_ROLES if role != person.role]


class LineForm(forms.Form):
    supervisor = forms.ModelChoiceField(User.objects.none(), label="New supervisor", empty_label=CHOOSE)
    starts = day_field("From", help_text="Today or later. The line before ends the day before.")
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, data=None, *, person, seen):
        super().__init__(data, initial={"starts": today(), "seen": seen})
        self.fields["supervisor"].queryset = possible_supervisors(person)

    def clean_starts(self):
        return not_past(self.cleaned_data["starts"])


class ReasonForm(forms.Form):
    reason = reason_field()


class AccountRequestForm(forms.Form):
    name = forms.CharField(label="Name of the new clinician", max_length=120)
    email = forms.EmailField(label="E-mail", required=False, max_length=254)
    phone = forms.CharField(
        label="Phone",
        required=False,
        max_length=40,
        help_text="An e-mail address or a phone number is needed.",
    )
    needed_from = day_field("Needed from")
    provider_number = forms.CharField(
        label="State provider number, or a similar reference", required=False, max_length=40
    )
    certified_on = day_field("CANS 2.0 certification, as they say", required=False)
    trained_on = day_field("Training in CANS functionality, as they say", required=False)
    reason = reason_field("Why the account is needed", "As: a new hire, back from leave, moved here.")

    def clean(self):
        cleaned = super().clean()
        if not self.errors and not cleaned["email"] and not cleaned["phone"]:
            self.add_error("email", "Give an e-mail address or a phone number.")
        return cleaned

    def clean_needed_from(self):
        return not_past(self.cleaned_data["needed_from"])

    def clean_certified_on(self):
        return not_ahead(self.cleaned_data["certified_on"])

    def clean_trained_on(self):
        return not_ahead(self.cleaned_data["trained_on"])


def free_username(username):
    if User.objects.filter(username__iexact=username).exists():
        raise forms.ValidationError("This user name is taken. Choose another one.")
    return username


def not_past(day):
    if day < today():
        raise forms.ValidationError("Choose today or a later day.")
    return day


def not_ahead(day):
    if day and day > today():
        raise forms.ValidationError("This day is still to come.")
    return day
