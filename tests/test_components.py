"""The parts every page is made of: what a screen reader, a keyboard and the address bar get from them."""

import re
from pathlib import Path

import pytest
from django import forms
from django.conf import settings
from django.core.paginator import Paginator
from django.template import Engine, RequestContext
from django.test import RequestFactory

TEMPLATES = Path(settings.BASE_DIR) / "templates"
# No context processors: a component may lean on its own context and the request only.
ENGINE = Engine(dirs=[TEMPLATES])


class PersonForm(forms.Form):
    name = forms.CharField(help_text="As the court spells it.")
    phone = forms.CharField(required=False)
    kind = forms.ChoiceField(choices=[("p", "Parent"), ("s", "Substitute")], widget=forms.RadioSelect)


def render(component, path="/list/", **context):
    request = RequestFactory().get(path)
    html = ENGINE.get_template(f"components/{component}.html").render(RequestContext(request, context))
    return re.sub(r"\s+", " ", html)


def test_a_wrong_field_is_tied_to_its_label_its_hint_and_its_error():
    html = render("field", field=PersonForm({})["name"])
    assert '<label for="id_name">Name</label>' in html
    assert 'aria-describedby="id_name_helptext id_name_error"' in html
    assert 'id="id_name_helptext"' in html
    assert 'id="id_name_error"' in html
    assert 'aria-invalid="true"' in html


def test_what_is_not_required_says_so():
    assert "(optional)" in render("field", field=PersonForm()["phone"])
    assert "(optional)" not in render("field", field=PersonForm()["phone"], quiet=True)
    assert "(optional)" not in render("field", field=PersonForm()["name"])


def test_radios_are_a_fieldset_with_a_legend():
    html = render("field", field=PersonForm({})["kind"])
    assert "<legend>Kind</legend>" in html
    assert re.search(r'<fieldset[^>]* aria-describedby="id_kind_error"', html)


def test_the_error_summary_links_to_the_controls():
    form = PersonForm({})
    summary = render("errors", form=form)
    controls = "".join(render("field", field=field) for field in form)
    targets = re.findall(r'href="#([^"]+)"', summary)
    assert targets == ["id_name", "id_kind_0"]
    assert all(f'id="{target}"' in controls for target in targets)


def test_no_errors_no_summary():
    assert render("errors", form=PersonForm()).strip() == ""


@pytest.mark.parametrize(
    ("number", "links"),
    [
        (1, ["page=2", "page=9", "page=2"]),
        (2, ["page=1", "page=1", "page=3", "page=9", "page=3"]),
        (5, ["page=4", "page=1", "page=4", "page=6", "page=9", "page=6"]),
        (9, ["page=8", "page=1", "page=8"]),
    ],
)
def test_pages_keep_the_rest_of_the_address(number, links):
    html = render("pagination", "/list/?region=n&page=3", page=Paginator(range(90), 10).page(number))
    found = re.findall(r'<a href="\?([^"]+)"(?! aria-current)', html)
    assert found == [f"region=n&amp;{link}" for link in links]
    assert f'page={number}" aria-current="page"' in html


def test_an_empty_list_says_so():
    assert "None" in render("pagination", page=Paginator([], 10).page(1))


@pytest.mark.parametrize(
    ("sort", "aria", "href"),
    [
        ("", None, "sort=due"),
        ("due", "ascending", "sort=-due"),
        ("-due", "descending", "sort=due"),
        ("child", None, "sort=due"),
    ],
)
def test_a_sort_link_turns_the_order_round_and_goes_to_the_first_page(sort, aria, href):
    html = render("th_sort", "/list/?region=n&page=3", key="due", label="Due", sort=sort)
    assert re.search(r'href="\?([^"]+)"', html).group(1) == f"region=n&amp;{href}"
    assert (f'aria-sort="{aria}"' in html) if aria else ("aria-sort" not in html)


@pytest.mark.parametrize(
    ("status", "words"), [("met", "Met"), ("returned_overdue", "Returned, overdue"), ("waived", "Waived")]
)
def test_a_status_is_said_in_words(status, words):
    assert f">{words}</span>" in render("status", status=status)


def test_typed_text_is_escaped():
    for component, context in [
        ("change_row", {"row": {"name": "<script>", "note": "<script>", "from_words": "<script>"}}),
        ("alert", {"title": "<script>", "text": "<script>"}),
        ("empty", {"title": "<script>", "text": "<script>", "url": "/", "action": "<script>"}),
        ("breadcrumbs", {"crumbs": [("<script>", "/"), ("<script>", "")]}),
    ]:
        html = render(component, **context)
        assert "<script>" not in html, component
        assert "&lt;script&gt;" in html, component


def test_no_template_carries_a_style_or_a_script_of_its_own():
    """The content security policy would refuse it, in silence."""
    inline = re.compile(r"<style|\sstyle=|\son[a-z]+=|<script(?![^>]*\ssrc=)|javascript:", re.IGNORECASE)
    wrong = [str(page) for page in TEMPLATES.rglob("*.html") if inline.search(page.read_text())]
    assert wrong == []
