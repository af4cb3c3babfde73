"""What to look for in the record: whose acts, which child, which days."""

import datetime

from django import forms
from django.db.models import Q, TextField
from django.db.models.functions import Cast
from django.utils import timezone

from audit.models import Reading
from cans.models import Assessment
from cases.forms import fields
from cases.models import Case, Child
from staff.dates import today
from staff.models import Role, User
from staff.names import named

ORDINARY = datetime.timedelta(days=6)
LONGEST = datetime.timedelta(days=366)
MOST_CHILDREN = 20
FILES = "files"
TOO_MANY = "More than 20 children fit. Write more of the name, or the person number."
NO_CHILD = "No child of your cases has this name or person number."


class DaysForm(forms.Form):
    """Somebody, and days; the last seven where none are given."""

    who = forms.CharField(
        label="Who", required=False, max_length=120, widget=forms.TextInput(attrs={"type": "search"})
    )
    since = fields.day("From", required=False)
    until = fields.day("Through", required=False)

    def clean(self):
        cleaned = super().clean()
        if "since" in self.errors or "until" in self.errors:
            return cleaned
        cleaned["until"] = cleaned.get("until") or self._last_day(cleaned.get("since"))
        cleaned["since"] = cleaned.get("since") or cleaned["until"] - ORDINARY
        if cleaned["until"] < cleaned["since"]:
            self.add_error("until", "The last day cannot be before the first.")
        elif cleaned["until"] - cleaned["since"] > LONGEST:
            self.add_error("until", "Ask for a year at most.")
        return cleaned

    def _last_day(self, since):
        return max(today(), since) if since else today()

    @property
    def days(self):
        """A row's `at` within the days that were asked for, in the agencies' own time."""
        first, after = self.cleaned_data["since"], self.cleaned_data["until"] + datetime.timedelta(days=1)
        return Q(at__gte=_midnight(first), at__lt=_midnight(after))


class SearchForm(DaysForm):
    """An administrator sees no child, and so cannot ask for one."""

    child = forms.CharField(
        label="Child, by name or person number",
        required=False,
        max_length=120,
        widget=forms.TextInput(attrs={"type": "search"}),
    )
    what = forms.ChoiceField(
        label="What", required=False, choices=[("", "Everything"), (FILES, "Files only")]
    )
    field_order = ["who", "child", "what", "since", "until"]

    def __init__(self, data, *, user):
        super().__init__(data)
        self.user = user
        if user.role == Role.ADMINISTRATOR:
            del self.fields["child"]

    def clean_child(self):
        """The numbers of the children who fit."""
        text = self.cleaned_data["child"]
        if not text:
            return None
        fitting = Child.objects.visible_to(self.user).filter(named(text) | Q(person_number__iexact=text))
        found = list(fitting.order_by("pk").values_list("pk", flat=True)[: MOST_CHILDREN + 1])
        if not found or len(found) > MOST_CHILDREN:
            raise forms.ValidationError(TOO_MANY if found else NO_CHILD)
        return found

    def narrowed(self, events, readings):
        """Both, with what was asked for, in the cases that this person may look up."""
        cases = Case.objects.listed_to(self.user)
        if children := self.cleaned_data.get("child"):
            cases = cases.filter(memberships__child__in=children)
            events, readings = _about(events, children), _that_showed(readings, children)
        mine = Q(case_number__in=cases.values("pk"))
        events, readings = events.filter(mine, self.days), readings.filter(mine, self.days)
        if self.cleaned_data["what"] == FILES:
            events = events.filter(action__endswith=".export")
            readings = readings.filter(page__startswith=Reading.IN_A_FILE)
        if who := self.cleaned_data["who"]:
            known = User.objects.filter(named(who)).values("pk")
            events = events.filter(Q(actor_label__icontains=who) | Q(actor_number__in=known))
            readings = readings.filter(Q(reader_label__icontains=who) | Q(reader_number__in=known))
        return events, readings


def _about(events, children):
    """Acts on the children themselves, and on their CANS."""
    theirs = Assessment.objects.filter(child__in=children).values_list("pk", flat=True)
    subjects = [f"child {pk}" for pk in children] + [f"assessment {pk}" for pk in theirs]
    return events.filter(subject__in=subjects)


def _that_showed(readings, children):
    """The list of numbers as text: neither database can look into a list as the other does."""
    number = "|".join(map(str, children))
    return readings.annotate(listed=Cast("children", TextField())).filter(
        listed__regex=rf"[^0-9]({number})[^0-9]"
    )


def _midnight(day):
    return timezone.make_aware(datetime.datetime.combine(day, datetime.time()))
