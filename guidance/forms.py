from django import forms

from cases.forms import fields
from staff.dates import today

from .models import Entry
from .places import PLACES

HOW = (
    "Plain text. An empty line between paragraphs; “## ” before a heading; “1. ” or “- ” before each line "
    "of a list; [words](https://…) for a link; **strong**."
)


class EntryForm(forms.Form):
    kind = fields.choice("Kind", Entry.Kind.choices)
    title = fields.words("Title", missing="Give it a title.")
    summary = fields.words(
        "One line about it", length=200, required=False, hint="Stands under the title in lists."
    )
    text = forms.CharField(
        label="Text",
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 16}),
        help_text=HOW,
        error_messages={"required": "Write the text."},
    )
    places = forms.MultipleChoiceField(
        label="Pages it is about",
        choices=[(key, place.label) for key, place in PLACES.items()],
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="A notice or a guide stands beside these pages. Every notice is on the home page too.",
        error_messages={"invalid_choice": fields.CHOOSE},
    )
    starts = fields.day("Shown from", initial=today)
    ends = fields.day("Shown through", required=False, hint="The last day counts. Empty: until taken down.")
    position = forms.IntegerField(
        label="Place in its list",
        initial=100,
        min_value=0,
        max_value=999,
        help_text="The lowest number stands first; the same number goes by title.",
        error_messages={
            "required": "Give a number from 0 to 999.",
            "invalid": "Give a number from 0 to 999.",
        },
    )
    shown = fields.yes("Shown to everybody", hint="Without the tick it is taken down, and kept.")

    def clean(self):
        starts, ends = self.cleaned_data.get("starts"), self.cleaned_data.get("ends")
        if starts and ends and ends < starts:
            self.add_error("ends", "This is before the first day.")
        return self.cleaned_data


class EditForm(EntryForm):
    def __init__(self, data=None, *, entry):
        super().__init__(data, initial=entry.content)
        self.fields["version"] = fields.version(entry)
