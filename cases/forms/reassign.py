"""Which of what somebody holds is handed over, and to whom."""

import re

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Exists, OuterRef

from approvals.handover import Kind
from cases.models import Case
from staff import gate
from staff.dates import today
from staff.forms.fields import LongSelect
from staff.models import Agency, Role, User

from . import fields

AS_ABOVE, NOBODY = "", "nobody"
MAY_NOT = " (may not enter a CANS today)"
A_KEY = re.compile(rf"(?:{'|'.join(Kind)})-[0-9]{{1,18}}")
# By what is handed over: the label of the choice for all, and whether it may end with nobody after it.
TAKERS = {
    Kind.REVIEW: ("All reviews to", False),
    Kind.COVER: ("All cover to", True),
    Kind.ASSIGNMENT: ("All cases to", True),
    Kind.DRAFT: ("All CANS that were begun to", False),
    Kind.LINE: ("Everybody in the line to", False),
}


class ReassignFilter(forms.Form):
    """Whose work, or which cases."""

    def __init__(self, *args, user, people, **kwargs):
        super().__init__(*args, **kwargs)
        names = people.order_by("name", "pk").values_list("pk", "name", "is_active")
        shown = [(pk, name if active else f"{name} (not active)") for pk, name, active in names]
        everybody = "Choose…" if user.role == Role.ADMINISTRATOR else "Cases of everybody"
        self.fields["person"] = forms.ChoiceField(
            label="Everything of",
            required=False,
            choices=[("", everybody), *shown],
            widget=LongSelect,
            error_messages={"invalid_choice": "Choose somebody whose work you may hand over."},
        )
        if user.role != Role.ADMINISTRATOR:
            self.fields["q"] = forms.CharField(
                label="Case name or number",
                required=False,
                max_length=120,
                widget=forms.TextInput(attrs={"type": "search"}),
            )
        if user.role == Role.COORDINATOR:
            self.fields["agency"] = forms.ModelChoiceField(
                Agency.objects.filter(Exists(Case.objects.visible_to(user).filter(agency=OuterRef("pk")))),
                required=False,
                empty_label="All agencies",
            )


class HandOverForm(forms.Form):
    """A choice for all of each kind, and one for each row that goes to somebody else."""

    last_day = fields.day("Last day of the one who leaves", hint="Whoever takes over begins the day after.")
    reason = fields.reason(hint="It stays on record, also with each CANS that is rerouted.")

    def __init__(self, *args, rows, leaver, **kwargs):
        super().__init__(*args, **kwargs)
        self.rows = rows
        self.fields["last_day"].initial = today()
        self.people = _possible(rows, leaver)
        for kind in dict.fromkeys(held.kind for held in rows):
            label, _ = TAKERS[kind]
            self.fields[kind.value] = self._select(label, kind, "Choose…")
        self.fields["chosen"] = forms.MultipleChoiceField(
            choices=[(key, key) for key in {held.key for held in rows} | self._were_held()],
            initial=[held.key for held in rows if not held.last_day] if leaver else [],
            label="What is handed over",
            widget=forms.MultipleHiddenInput,
            error_messages={
                "required": "Choose at least one of them.",
                "invalid_choice": "Choose among what is shown.",
            },
        )
        for held in rows:
            self.fields[held.key] = self._select(f"{held.title} to", held.kind, "As above", nobody=True)

    def _were_held(self):
        """What another page showed, and is gone now, is no mistake of whoever chose it: see `gone`."""
        sent = self.data.getlist("chosen") if self.is_bound else []
        return {key for key in sent if A_KEY.fullmatch(key)}

    def _select(self, label, kind, empty, nobody=False):
        leaves_none = [(NOBODY, "Nobody")] if nobody and TAKERS[kind][1] else []
        people = [(str(pk), name) for pk, name in self.people[kind].items()]
        return forms.ChoiceField(
            label=label,
            required=False,
            choices=[(AS_ABOVE, empty), *leaves_none, *people],
            widget=LongSelect,
            error_messages={"invalid_choice": fields.CHOOSE},
        )

    def clean(self):
        cleaned = super().clean()
        chosen = set(cleaned.get("chosen", ()))
        taken = {held: self._taker(held, cleaned) for held in self.rows if held.key in chosen}
        unsaid = {held.kind for held, taker in taken.items() if not taker and held.key not in self.errors}
        for kind in unsaid - {Kind(name) for name in self.errors if name in list(Kind)}:
            self.add_error(kind.value, ValidationError("Say who takes over."))
        people = User.objects.in_bulk({int(taker) for taker in taken.values() if taker.isdigit()})
        cleaned["takes"] = [
            (held, people[int(taker)] if taker.isdigit() else None) for held, taker in taken.items() if taker
        ]
        return cleaned

    def _taker(self, held, cleaned):
        return cleaned.get(held.key) or cleaned.get(held.kind.value) or ""

    @property
    def gone(self):
        return set(self.cleaned_data["chosen"]) - {held.key for held in self.rows}

    @property
    def for_all(self):
        return [self[name] for name in self.fields if name in list(Kind)]

    @property
    def lines(self):
        """Each row with its control and whether it is chosen."""
        chosen = set(self["chosen"].value() or ())
        return [(held, self[held.key], held.key in chosen) for held in self.rows]

    @property
    def sent(self):
        """What was posted, to be carried to the next page: of the rows only those that were chosen."""
        held = {held.key for held in self.rows}
        chosen = [key for key in self.cleaned_data["chosen"] if key in held]
        others = held - set(chosen)
        plain = [(name, self[name].value()) for name in self.fields if name not in {*others, "chosen"}]
        return [(name, value or "") for name, value in plain] + [("chosen", key) for key in chosen]


def _possible(rows, leaver):
    """By kind, who may take such a thing: of the agencies that the rows are of. The verbs judge each."""
    agencies = {_agency(held) for held in rows}
    workers = User.objects.workers().filter(agency__in=agencies).order_by("name", "pk")
    if leaver:
        workers = workers.exclude(pk=leaver.pk)
    found = list(workers.select_related("agency"))
    cleared = set(gate.cleared().filter(pk__in=[one.pk for one in found]).values_list("pk", flat=True))
    named = {
        one.pk: (f"{one.name}, {one.agency}" if len(agencies) > 1 else one.name)
        + ("" if one.pk in cleared else MAY_NOT)
        for one in found
    }
    leads = {one.pk: named[one.pk] for one in found if one.role == Role.SUPERVISOR}
    return {kind: named if kind in {Kind.ASSIGNMENT, Kind.DRAFT} else leads for kind in Kind}


def _agency(held):
    if held.kind in {Kind.REVIEW, Kind.ASSIGNMENT, Kind.DRAFT}:
        return held.row.case.agency_id
    return held.row.supervisor.agency_id
