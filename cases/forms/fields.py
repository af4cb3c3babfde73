"""The fields that the forms share: a day, a version, a reason."""

import datetime

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator

FIRST, LAST = datetime.date(1900, 1, 1), datetime.date(2099, 12, 31)
CHOOSE = "Choose one."


def day(label, *, required=True, hint="", initial=None):
    """A calendar date in America/Chicago, within the years that dates can be counted in."""
    return forms.DateField(
        label=label,
        required=required,
        help_text=hint,
        initial=initial,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        validators=[
            MinValueValidator(FIRST, "This year is too long ago."),
            MaxValueValidator(LAST, "This year is too far ahead."),
        ],
        error_messages={
            "required": "Give a date.",
            "invalid": "Write the date as year-month-day, 2025-03-31.",
        },
    )


def version(row=None):
    """Carries the version of the row the person saw, so that a page out of date is refused. Without a row,
    the form's initial values say it."""
    return forms.IntegerField(
        widget=forms.HiddenInput,
        initial=row and row.version,
        error_messages=dict.fromkeys(("required", "invalid"), "Open this page anew."),
    )


def reason(label="Why", *, required=True, hint=""):
    return forms.CharField(
        label=label,
        required=required,
        help_text=hint,
        max_length=400,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Say why, in a few words."},
    )


def words(label, *, length=120, required=True, hint="", missing="Fill this in."):
    return forms.CharField(
        label=label,
        max_length=length,
        required=required,
        help_text=hint,
        error_messages={"required": missing},
    )


def choice(label, choices, *, required=True, hint="", widget=forms.Select, initial=None):
    """Nothing is chosen beforehand unless `initial` says so."""
    shown = list(choices) if widget is forms.RadioSelect else [("", "Choose…"), *choices]
    return forms.ChoiceField(
        label=label,
        choices=shown,
        required=required,
        help_text=hint,
        widget=widget,
        initial=initial,
        error_messages={"required": CHOOSE, "invalid_choice": CHOOSE},
    )


def row(label, queryset, *, required=True, hint="", empty="Choose…"):
    return forms.ModelChoiceField(
        queryset,
        label=label,
        required=required,
        help_text=hint,
        empty_label=empty,
        error_messages={"required": CHOOSE, "invalid_choice": CHOOSE},
    )


def yes(label, *, hint=""):
    return forms.BooleanField(label=label, required=False, help_text=hint)
