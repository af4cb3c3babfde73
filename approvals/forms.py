"""The forms of the steps. The version of the page goes beside them, in the template."""

from urllib.parse import urlencode

from django import forms
from django.core.exceptions import ValidationError

from cans.days import written_with_weekday
from staff.dates import in_force, today
from staff.forms.fields import LongSelect
from staff.gate import certified_on, trained_on
from staff.models import Cover

from .permissions import possible_authors, possible_reviewers

LONGEST = 2000


def _reason(label, hint=""):
    return forms.CharField(
        label=label, help_text=hint, max_length=LONGEST, widget=forms.Textarea(attrs={"rows": 4})
    )


class QueueFilter(forms.Form):
    """What of the queue to show, and in which order: it lives in the address, also of each review."""

    why = forms.ChoiceField(
        label="Why it is here",
        required=False,
        widget=LongSelect,
        choices=[
            ("", "Any reason"),
            ("line", "Its author is or was in my line"),
            ("rerouted", "Rerouted to me"),
            ("cover", "I cover for its reviewer"),
            ("other", "Its author is in no line of mine"),
        ],
    )
    author = forms.ChoiceField(
        required=False,
        widget=LongSelect,
        error_messages={"invalid_choice": "Nothing of theirs waits for you."},
    )
    due = forms.ChoiceField(
        required=False,
        widget=LongSelect,
        choices=[("", "Whenever"), ("overdue", "Its due date is past"), ("soon", "Within 7 days")],
    )
    order = forms.ChoiceField(
        required=False,
        widget=LongSelect,
        choices=[("", "By due date"), ("resubmitted", "Came back first")],
    )
    resubmitted = forms.BooleanField(label="Only what was resubmitted", required=False)

    def __init__(self, data, *, waiting):
        super().__init__(data)
        authors = sorted({(row.author_name, str(row.author)) for row in waiting})
        self.fields["author"].choices = [("", "Anybody"), *((pk, name) for name, pk in authors)]

    @property
    def narrows(self):
        """Does it leave anything out? An order leaves out nothing."""
        return self.is_valid() and any(value for name, value in self.cleaned_data.items() if name != "order")

    @property
    def ordered(self):
        return self.is_valid() and bool(self.cleaned_data["order"])

    @property
    def in_address(self):
        """To be put behind an address, with its “?”; empty where nothing is asked for, or nonsense."""
        if not self.is_valid():
            return ""
        kept = {name: self.data[name] for name, value in self.cleaned_data.items() if value}
        return f"?{urlencode(kept)}" if kept else ""


class ConfirmForm(forms.Form):
    """Nothing to fill in: the step is confirmed by its button."""


class VoidForm(forms.Form):
    reason = _reason("Why is it voided?", "For example: a duplicate, entered in error, the wrong child.")


class ReturnForm(forms.Form):
    """A reason, and a comment beside each of `rows`: as many boxes as items, so not form fields."""

    reason = _reason("What should the author do?", "Everybody who reads this CANS will read it, later too.")

    def __init__(self, data=None, *, rows, earlier=None):
        """`earlier` is the return before this one, where there was one."""
        super().__init__(data)
        self.rows = rows
        comments = earlier.comments.all() if earlier else ()
        self.said_before = {f"{one.sheet_id}-{one.code}": one for one in comments}
        self.comment_field = forms.CharField(required=False, max_length=LONGEST)
        self.comment_errors = {}

    def clean(self):
        typed = ((row, self.data.get(f"comment-{code}", "")) for code, row in self.rows.items())
        self.cleaned_data["comments"] = [
            (row.sheet, row.item.code, text) for row, raw in typed if raw and (text := self._one(row, raw))
        ]
        return self.cleaned_data

    def _one(self, row, raw):
        try:
            return self.comment_field.clean(raw)
        except ValidationError as why:
            self.comment_errors[row.code] = why.messages
            self.add_error(None, f"Comment on {row.item.label}: {' '.join(why.messages)}")
            return ""

    def boxes(self, rows):
        """(row, what was typed, what is wrong with it, what was said at the last return) for the template."""
        typed, wrong, before = self.data, self.comment_errors, self.said_before
        return [
            (row, typed.get(f"comment-{row.code}", ""), wrong.get(row.code), before.get(row.code))
            for row in rows
        ]


class ReviewerChoice(forms.ModelChoiceField):
    """Names who may take it, and says of each who is away today and whose certification is missing."""

    def __init__(self, **kwargs):
        super().__init__(queryset=None, widget=forms.RadioSelect, empty_label=None, **kwargs)
        self.covers = {}

    def offer(self, reviewers, on):
        self.covers = {
            cover.supervisor_id: cover
            for cover in Cover.objects.filter(in_force(on), supervisor__in=reviewers).select_related("cover")
        }
        self.queryset = reviewers.annotate(certified=certified_on(on), trained=trained_on(on))

    def label_from_instance(self, person):
        said = [person.name]
        if cover := self.covers.get(person.pk):
            said.append(f"away until {written_with_weekday(cover.ends)}, covered by {cover.cover}")
        if not (person.certified and person.trained):
            said.append("may not approve now: certification or training is missing")
        return "; ".join(said)


class RerouteForm(forms.Form):
    to = ReviewerChoice(label="Who should review it?")
    reason = _reason("Why?", "For example: on leave until Monday.")

    def __init__(self, data=None, *, assessment):
        super().__init__(data)
        others = possible_reviewers(assessment).exclude(pk=assessment.reviewer_id)
        self.fields["to"].offer(others, today())
        if len(only := self.fields["to"].queryset) == 1:
            self.initial["to"] = only[0].pk


class AmendForm(forms.Form):
    author = forms.ModelChoiceField(
        label="Who should write it?",
        help_text="One of those who are assigned to the case today.",
        queryset=None,
        widget=forms.RadioSelect,
        empty_label=None,
    )
    reason = _reason("What has to be put right?")

    def __init__(self, data=None, *, assessment):
        super().__init__(data)
        self.fields["author"].queryset = possible_authors(assessment.case)
