import pytest
from django import forms
from django.test.html import parse_html

from staff.forms.fields import LongSelect

CHOICES = [("", "All"), ("3", "Wren O'Inkwell <3"), ("none", "Nobody")]


@pytest.mark.parametrize("value", ["", None, "3", "none", "what is not there", '"><script>'])
@pytest.mark.parametrize("attrs", [{}, {"id": "id_clinician", "aria-invalid": "true", "disabled": True}])
def test_it_is_the_select_of_django(value, attrs):
    of_django, ours = (widget(choices=CHOICES) for widget in (forms.Select, LongSelect))
    assert parse_html(ours.render("clinician", value, attrs)) == parse_html(
        of_django.render("clinician", value, attrs)
    )
