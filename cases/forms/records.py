from django import forms
from django.db.models import Exists, OuterRef

from cases import actions
from cases.geography import COUNTIES
from cases.models import Case
from staff.models import Agency, Role, User

from . import fields

NUMBER_IN_USE = "A case with this number is on record already. If you cannot find it, ask your coordinator."


class CaseForm(forms.ModelForm):
    """The case's details."""

    county = fields.choice("County", [(name, name) for name in COUNTIES])
    referred_on = fields.day("Referral date")

    class Meta:
        model = Case
        fields = (*actions.DETAILS,)
        error_messages = {"number": {"unique": NUMBER_IN_USE}}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["region"].empty_label = "Choose…"
        self.fields["lan"].widget.attrs["inputmode"] = "numeric"


class NewCaseForm(CaseForm):
    opened = fields.day("IPS opened", hint="The initial CANS of each child is due 30 days later.")
    authorised_through = fields.day("Authorised through")

    def __init__(self, *args, by, **kwargs):
        super().__init__(*args, **kwargs)
        if by.role == Role.SUPERVISOR:
            self.fields["primary"] = fields.row(
                "Primary worker", actions.possible_primaries(by), hint="Somebody of your team, or yourself."
            )


class EditCaseForm(CaseForm):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["version"] = fields.version(self.instance)


class TransferForm(forms.Form):
    def __init__(self, *args, case, **kwargs):
        super().__init__(*args, **kwargs)
        others = Agency.objects.exclude(pk=case.agency_id)
        supervisors = User.objects.supervisors().filter(agency__in=others).select_related("agency")
        self.fields["agency"] = fields.row("Agency", others)
        self.fields["supervisor"] = fields.row(
            "Received by", supervisors, hint="An active supervisor there; becomes the primary worker today."
        )
        self.fields["supervisor"].label_from_instance = lambda person: f"{person}, {person.agency}"
        self.fields["reason"] = fields.reason()
        self.fields["version"] = fields.version(case)


class CaseFilter(forms.Form):
    """What to look for in the list of cases; which choices there are depends on the role."""

    q = forms.CharField(
        label="Name or number",
        required=False,
        max_length=120,
        widget=forms.TextInput(attrs={"type": "search"}),
    )
    status = forms.ChoiceField(
        label="IPS",
        required=False,
        choices=[
            ("", "Open and closed"),
            ("open", "Open"),
            ("closed", "Closed"),
            ("childless", "No child yet"),
        ],
    )

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, **kwargs)
        if user.role == Role.SUPERVISOR:
            self.fields["whose"] = forms.ChoiceField(
                label="Carried by", required=False, choices=[("", "Me and my team"), ("mine", "Me")]
            )
        if user.role == Role.COORDINATOR:
            self.fields["agency"] = forms.ModelChoiceField(
                Agency.objects.filter(Exists(Case.objects.visible_to(user).filter(agency=OuterRef("pk")))),
                required=False,
                empty_label="All agencies",
            )
        if user.role == Role.ADMINISTRATOR:
            del self.fields["status"]
