from django import forms

from cases.models import STATE_NUMBER, Adult, Caregiving, Child, ChildStatus, Collateral
from staff.dates import today

from . import fields

COLLATERAL, FAMILY = "collateral", "family"
TIES = [
    (COLLATERAL, "A collateral: not a case member, such as a foster parent or relative"),
    (FAMILY, "A parent who is a member of the case family"),
]
NUMBER_IN_USE = "A person with this number exists already. Search for them, or ask your coordinator."


class SearchForm(forms.Form):
    q = forms.CharField(
        label="Name or person number",
        max_length=120,
        widget=forms.TextInput(attrs={"type": "search"}),
        error_messages={"required": "Write a name or a person number."},
    )


class ChildForm(forms.ModelForm):
    born = fields.day("Date of birth")

    class Meta:
        model = Child
        fields = ("person_number", "name", "born", "developmental_disability")
        error_messages = {"person_number": {"unique": NUMBER_IN_USE}}


class NewChildForm(ChildForm):
    joined = fields.day("Joined the case")


class EditChildForm(ChildForm):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["version"] = fields.version(self.instance)


class JoinForm(forms.Form):
    joined = fields.day("Joins the case")


class LeaveForm(forms.Form):
    left = fields.day("Last day in the case")
    reason = fields.reason(required=False)


class StayForm(forms.Form):
    joined = fields.day("Joined the case")
    left = fields.day("Left the case", required=False, hint="Empty where the child did not leave.")
    reason = fields.reason()
    version = fields.version()


class StatusForm(forms.Form):
    kind = fields.choice("What", ChildStatus.Kind.choices, widget=forms.RadioSelect)
    value = fields.words("Which", hint="For example: relative foster home; return home; temporary custody.")
    since = fields.day("Since")


class EditAdultForm(forms.ModelForm):
    class Meta:
        model = Adult
        fields = ("name", "person_number", "phone", "address")
        error_messages = {"person_number": {"unique": NUMBER_IN_USE}}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["version"] = fields.version(self.instance)


class EndForm(forms.Form):
    ends = fields.day("Last day")


class CollateralForm(forms.Form):
    relationship = fields.words("Relationship to the family")
    in_home = fields.yes("Lives in the home")
    starts = fields.day("Begin date")
    ends = fields.day("Collateral until", required=False, hint="Empty where they still are one.")
    reason = fields.reason()
    version = fields.version()


class CaregivingForm(forms.Form):
    role = fields.choice("Cares as", Caregiving.Role.choices, widget=forms.RadioSelect)
    relationship = fields.words("Relationship to this child")
    in_home = fields.yes("Lives in this child's home")
    starts = fields.day("Cares from")
    ends = fields.day("Cares until", required=False, hint="Empty where they still care for the child.")
    reason = fields.reason()
    version = fields.version()


class AdultForm(forms.Form):
    """An adult tied to the case: who it is (a new person only), as what, and for which children.

    `adult` is an existing person, or None for a new one; `stays` are the children in the case now. What is
    on record of a `collateral` of this case is offered again for the care.
    """

    def __init__(self, *args, stays, adult=None, collateral=None, **kwargs):
        super().__init__(*args, **kwargs)
        self.adult, self.stays = adult, list(stays)
        if adult is None:
            self._add_person()
        self.is_collateral = collateral is not None
        if not self.is_collateral:
            self.fields["tie"] = fields.choice("In this case the adult is", TIES, widget=forms.RadioSelect)
        self.fields["relationship"] = fields.words(
            "Relationship", hint="Foster parent, grandmother, mother, …"
        )
        if not self.is_collateral:
            self.fields["in_home"] = fields.yes("Lives in the home")
        self.fields["starts"] = fields.day("Begin date")
        for stay in self.stays:
            self._add_care(stay)
        if self.is_collateral:
            self._offer(collateral)

    def _offer(self, collateral):
        self.initial |= {"relationship": collateral.relationship, "starts": collateral.starts}
        self.initial |= {f"in_home_{stay.pk}": collateral.in_home for stay in self.stays}

    def _add_person(self):
        self.fields["name"] = fields.words("Name")
        self.fields["person_number"] = forms.CharField(
            label="Person number", max_length=20, required=False, empty_value=None, validators=[STATE_NUMBER]
        )
        self.fields["phone"] = fields.words("Phone", length=40, required=False)
        self.fields["address"] = fields.words("Address", length=240, required=False)

    def _add_care(self, stay):
        self.fields[f"cares_{stay.pk}"] = fields.yes(f"Cares for {stay.child}")
        self.fields[f"role_{stay.pk}"] = fields.choice("As", Caregiving.Role.choices, required=False)
        self.fields[f"relationship_{stay.pk}"] = fields.words(
            "Relationship to this child", required=False, hint="Empty: as above."
        )
        self.fields[f"in_home_{stay.pk}"] = fields.yes("Lives in this child's home")
        self.fields[f"starts_{stay.pk}"] = fields.day(
            "Cares from", required=False, hint="Empty: the begin date."
        )

    def fields_of_person(self):
        names = ("name", "person_number", "phone", "address", "tie", "relationship", "in_home", "starts")
        return [self[name] for name in names if name in self.fields]

    def fields_by_child(self):
        parts = ("cares", "role", "relationship", "in_home", "starts")
        return [(stay.child, [self[f"{part}_{stay.pk}"] for part in parts]) for stay in self.stays]

    def clean(self):
        given = super().clean()
        number = given.get("person_number")
        if number and Adult.objects.filter(person_number=number).exists():
            self.add_error("person_number", NUMBER_IN_USE)
        ticked = [stay for stay in self.stays if given.get(f"cares_{stay.pk}")]
        if self.is_collateral and not ticked:
            self.add_error(None, "Say for which child this adult cares.")
        for stay in ticked:
            if not given.get(f"role_{stay.pk}") and f"role_{stay.pk}" not in self.errors:
                self.add_error(f"role_{stay.pk}", "Say as what this adult cares for the child.")
        for stay in self.stays:
            filled = [f"{part}_{stay.pk}" for part in ("role", "relationship", "in_home", "starts")]
            if stay not in ticked and any(given.get(name) and name in self.changed_data for name in filled):
                self.add_error(f"cares_{stay.pk}", "Tick this too, or empty what is below it.")
        if given.get("tie") == FAMILY and not ticked:
            self.add_error("tie", "A parent cares for a child of the case: say for which, below.")
        return given

    def who(self):
        given = self.cleaned_data
        return self.adult or Adult(
            **{name: given[name] for name in ("name", "person_number", "phone", "address")}
        )

    def collateral(self):
        given = self.cleaned_data
        if self.is_collateral or given["tie"] == FAMILY:
            return None
        return {name: given[name] for name in ("relationship", "in_home", "starts")}

    def cares(self):
        given = self.cleaned_data
        return [
            {
                "membership": stay,
                "role": given[f"role_{stay.pk}"],
                "relationship": given[f"relationship_{stay.pk}"] or given["relationship"],
                "in_home": given[f"in_home_{stay.pk}"],
                "starts": given[f"starts_{stay.pk}"] or given["starts"],
            }
            for stay in self.stays
            if given[f"cares_{stay.pk}"]
        ]


def collateral_now(case, adult):
    return Collateral.objects.filter(case=case, adult=adult, ends__isnull=True).first()


def searched(asked):
    """What a form about a new person begins with: the number that was searched for without a result."""
    q = asked.get("q", "").strip()
    is_number = any(sign.isdigit() for sign in q) and STATE_NUMBER.regex.search(q)
    return {"person_number": q} if is_number else {}


def stays_now(case):
    """The children in the case today, one stay each."""
    return case.memberships.in_case_on(today()).filter(left__isnull=True).select_related("child")
