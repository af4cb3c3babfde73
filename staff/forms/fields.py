from django import forms


def day_field(label, **kwargs):
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(label=label, widget=widget, **kwargs)


def reason_field(label="Reason", help_text="It is kept in the record."):
    widget = forms.Textarea(attrs={"rows": 3})
    return forms.CharField(label=label, max_length=400, widget=widget, help_text=help_text)
