import datetime
import re

from django import forms
from django.http import QueryDict

from cans import due
from cans.models import Waiver
from cases.forms.fields import day
from staff.dates import today
from staff.forms.fields import LongSelect
from staff.models import User

from .models import SavedView

NOBODY = "none"
ABSENT = "Not in this list today"
# Whose rows come and go, named by a number: a view that was saved asks for them when there are none.
NUMBERED = {"region", "lan", "agency", "supervisor", "clinician", "desk"}
NUMBER, MONTH = re.compile(rf"0|[1-9][0-9]{{0,17}}|{NOBODY}"), re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])")
GONE = "Not in this list today. Choose again."
LABELS = {
    "region": "Region",
    "agency": "Agency",
    "supervisor": "Supervisor",
    "clinician": "Clinician",
    "kind": "CANS",
    "reason": "Why",
    "desk": "On whose desk",
    "lan": "LAN",
    "age": "Days late",
    "ahead": "Days left",
    "credentials": "Credentials",
    "month": "Month",
    "type": "Type",
    "years": "Age",
    "status": "Status",
    "domain": "Domain",
    "item": "Item",
    "change": "Change",
    "outcome": "Submitted",
    "approved": "Approved",
}
# The words of these come in an order of their own; all others by name.
IN_ORDER = {
    "month",
    "lan",
    "kind",
    "reason",
    "age",
    "ahead",
    "credentials",
    "outcome",
    "approved",
    "type",
    "years",
    "status",
    "domain",
    "item",
    "change",
}


class Filters(forms.Form):
    """The filters of a list; what may be chosen comes from the rows this person may see.

    A field with a single choice is left out unless the address names it. Who or what has no row today may
    be named all the same, and has none; that it has no name here tells nothing of whether there is such.
    """

    def __init__(self, data, *, words, keys):
        super().__init__(data)
        self.values = {}
        for key in keys:
            self.values[key] = {NOBODY if value is None else str(value): value for value in words[key]}
            asked = data.get(key, "")
            absent = {} if asked in self.values[key] else _absent(key, asked)
            if len(words[key]) < 2 and not asked:
                continue
            by_name = words[key].items() if key in IN_ORDER else _by_name(words[key])
            choices = [(NOBODY if value is None else str(value), name) for value, name in by_name]
            choices += [(text, ABSENT) for text in absent]
            self.values[key] |= absent
            self.fields[key] = forms.ChoiceField(
                label=LABELS[key],
                required=False,
                choices=[("", "All"), *choices],
                widget=LongSelect,
                error_messages={"invalid_choice": GONE},
            )

    def chosen(self):
        """What was chosen, by key, or None where something was asked for that is not there."""
        if not self.is_valid():
            return None
        return {key: self.values[key][text] for key, text in self.cleaned_data.items() if text}


class AsOf(forms.Form):
    """The day a report is asked about: today, or one that is past."""

    on = day("As of", required=False)

    def clean_on(self):
        on = self.cleaned_data["on"]
        if on and on > today():
            raise forms.ValidationError("This day is still to come: choose today or a day before.")
        return on

    @property
    def day(self):
        """The day asked about, or None where what was written is none."""
        return (self.cleaned_data["on"] or today()) if self.is_valid() else None


class Between(AsOf):
    """An as-of day, and the days from `first` through `last`, which is the as-of day where none is named."""

    def clean(self):
        cleaned = super().clean()
        first, last = cleaned.get("first"), cleaned.get("last")
        if first and last and last < first:
            self.add_error("last", "This is before the first day.")
        elif first and "on" in cleaned and first > (cleaned["on"] or today()):
            self.add_error("first", "This is after the day of the report.")
        return cleaned


class OpenedBetween(Between):
    """The days on which episodes were opened: the twelve months till then where none are named."""

    first = day("Opened from", required=False)
    last = day("Opened through", required=False)

    def range(self):
        """Both ends counted; only of a form that has a day."""
        last = self.cleaned_data["last"] or self.day
        return self.cleaned_data["first"] or min(due.add_months(last, -12), last), last


class SubmittedBetween(Between):
    """Days of submission; those of the month before where none are named."""

    first = day("Submitted from", required=False)
    last = day("Submitted through", required=False)

    def range(self):
        """Both ends counted; only of a form that has a day."""
        first, last = self.cleaned_data["first"], self.cleaned_data["last"]
        if first is None and last is None:
            last = self.day.replace(day=1) - datetime.timedelta(days=1)
        last = last or self.day
        return first or last.replace(day=1), last


class SupervisorForm(forms.Form):
    """Whose turnaround is asked for; empty for oneself, or for all that a coordinator may read."""

    supervisor = forms.ModelChoiceField(
        User.objects.none(), label="Supervisor", required=False, empty_label="All", widget=LongSelect
    )

    def __init__(self, data, *, supervisors):
        super().__init__(data)
        self.fields["supervisor"].queryset = supervisors


def _absent(key, text):
    """text → value, where the address names what may be in such a list, though nothing is today."""
    if key in NUMBERED and NUMBER.fullmatch(text):
        return {text: None if text == NOBODY else int(text)}
    return {text: text} if key == "month" and MONTH.fullmatch(text) else {}


def _by_name(words):
    return sorted(words.items(), key=lambda pair: (pair[0] is None, pair[1]))


class SaveViewForm(forms.Form):
    """`query` is as it stands in the report's address."""

    name = forms.CharField(label="Name", max_length=60, error_messages={"required": "Give it a name."})
    page = forms.ChoiceField(choices=SavedView.Page, widget=forms.HiddenInput)
    query = forms.CharField(required=False, widget=forms.HiddenInput)

    def clean_query(self):
        asked = QueryDict(self.cleaned_data["query"], mutable=True)
        asked.pop("page", None)  # where one had leafed to
        query = asked.urlencode()
        if len(query) > SavedView._meta.get_field("query").max_length:
            raise forms.ValidationError("These filters are too long to be kept. Take some of them away.")
        return query


class WithdrawForm(forms.Form):
    because = forms.CharField(
        label="Why is it withdrawn?",
        max_length=400,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="For example: the wrong child. It is kept beside the waiver.",
    )


class WaiveForm(forms.Form):
    reason = forms.ChoiceField(
        label="Reason", choices=[("", "Choose a reason"), *Waiver.Reason.choices], widget=forms.Select
    )
    note = forms.CharField(
        label="Note",
        required=False,
        max_length=400,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="What happened, in a sentence. Needed where the reason is “another reason”.",
    )

    def clean(self):
        cleaned = super().clean()
        if cleaned.get("reason") == Waiver.Reason.OTHER and not cleaned.get("note"):
            self.add_error("note", "Say what the other reason is.")
        return cleaned
