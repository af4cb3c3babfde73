from html import escape

from django import forms
from django.forms.utils import flatatt
from django.utils.html import format_html
from django.utils.safestring import mark_safe


def day_field(label, **kwargs):
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(label=label, widget=widget, **kwargs)


def reason_field(label="Reason", help_text="It is kept in the record."):
    widget = forms.Textarea(attrs={"rows": 3})
    return forms.CharField(label=label, max_length=400, widget=widget, help_text=help_text)


class LongSelect(forms.Select):
    """Django's own HTML, joined as text: it renders a template for each option, and with a thousand
    people to choose from that is two fifths of the page's time."""

    def render(self, name, value, attrs=None, renderer=None):
        chosen = self.format_value(value)
        options = "".join(
            f'<option value="{escape(text)}"{" selected" * (text in chosen)}>{escape(label)}</option>'
            for text, label in ((str(text), str(label)) for text, label in self.choices)
        )
        return format_html(
            '<select name="{}"{}>{}</select>',
            name,
            flatatt(self.build_attrs(self.attrs, attrs)),
            mark_safe(options),  # noqa: S308  (each is escaped above)
        )
