"""What comes in from the pages of a CANS. A part of ratings is read as data, the rest with forms."""

from dataclasses import dataclass, field

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import FileExtensionValidator

from cases.models import Adult

from .actions import LONGEST_REASON
from .instrument import UNRATED, VALUES
from .models import Assessment, InstrumentVersion
from .saving import plain

MAX_FILE = 1024 * 1024
FIELDS_OF_A_ROW = {"rating", "seen", "note", "noteseen", "clear"}
NOT_OF_THIS_PAGE = "The form held something that is not on this page. Load the page again."


@dataclass
class Scores:
    """What a scoring page sent of one sheet: ratings and notes by item, and what the person saw there."""

    ratings: list = field(default_factory=list)
    notes: dict = field(default_factory=dict)
    notes_seen: dict = field(default_factory=dict)

    def overrides(self):
        """What was typed, by item code, as the rows of the page take it."""
        found = {}
        for code, seen, value, _ in self.ratings:
            found[code] = {"value": "" if value == UNRATED else value}
            if seen in tuple(VALUES):
                found[code]["seen"] = seen
        for code, text in self.notes.items():
            found.setdefault(code, {}).update(note=text, note_seen=self.notes_seen.get(code, ""))
        return found


def read_scores(post, sheets):
    """What a page of these (sheet, items) sent, sheet by sheet; values are judged by the verb."""
    return [(sheet, _scores(post, sheet, items)) for sheet, items in sheets]


def check_rows(post, sheets):
    """Raise ValidationError where the form holds an item that is not on a page of these (sheet, items)."""
    keys = {f"{sheet.pk}-{item.code}" for sheet, items in sheets for item in items}
    for name in post:
        kind, _, key = name.partition("-")
        if kind in FIELDS_OF_A_ROW and key not in keys:
            raise ValidationError(NOT_OF_THIS_PAGE)


def _scores(post, sheet, items):
    scores = Scores()
    for item in items:
        key = f"{sheet.pk}-{item.code}"
        rating = UNRATED if post.get(f"clear-{key}") else post.get(f"rating-{key}")
        if rating is not None:
            scores.ratings.append((item.code, post.get(f"seen-{key}", ""), rating, False))
        note = post.get(f"note-{key}")
        if note is not None:
            scores.notes[item.code] = plain(note)
            scores.notes_seen[item.code] = plain(post.get(f"noteseen-{key}", ""))
    return scores


def _date_input():
    return forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class DateForm(forms.Form):
    assessed_on = forms.DateField(
        label="Assessed on",
        help_text="The day the ratings are about. The next due date is counted from it.",
        widget=_date_input(),
    )


class StartForm(forms.Form):
    assessed_on = forms.DateField(label="Assessed on", widget=forms.HiddenInput)
    type = forms.ChoiceField(label="Type", choices=Assessment.Type.choices)


class TypeForm(forms.Form):
    type = forms.ChoiceField(label="Type", choices=Assessment.Type.choices, widget=forms.RadioSelect)


class SectionsForm(forms.Form):
    early = forms.BooleanField(
        label="Early childhood",
        required=False,
        help_text="Required up to the sixth birthday, and with a developmental disability.",
    )
    transition = forms.BooleanField(
        label="Transition to adulthood", required=False, help_text="Required from 14 years 6 months."
    )


class ReasonForm(forms.Form):
    reason = forms.CharField(
        label="Why not scored",
        max_length=LONGEST_REASON,
        help_text="In a few words: what kept you from rating this caregiver.",
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class AddSheetForm(forms.Form):
    adult = forms.ModelChoiceField(Adult.objects.none(), label="Caregiver", empty_label="Choose a caregiver")

    def __init__(self, *args, adults, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["adult"].queryset = adults


class InstrumentForm(forms.Form):
    label = forms.CharField(
        label="Name of this version",
        max_length=60,
        help_text="As people will know it, for example “CANS 2.0 Illinois, sheet of 2026”.",
    )
    file = forms.FileField(
        label="File",
        help_text="A tab-separated file with the columns of the one in use. It is checked first.",
        validators=[FileExtensionValidator(["tsv", "txt"])],
    )
    activate = forms.BooleanField(
        label="Score new assessments on it from now on",
        required=False,
        help_text="Those already begun stay with the version they were begun on.",
    )

    def clean_label(self):
        label = self.cleaned_data["label"]
        if InstrumentVersion.objects.filter(label=label).exists():
            raise forms.ValidationError("A version of this name is already loaded.")
        return label

    def clean_file(self):
        """The text of the file."""
        given = self.cleaned_data["file"]
        if given.size > MAX_FILE:
            raise forms.ValidationError("The file is larger than 1 MB; an instrument is a few kilobytes.")
        try:
            return given.read().decode("utf-8-sig")
        except UnicodeDecodeError:
            raise forms.ValidationError("The file is not text in UTF-8. Save it as UTF-8.") from None
