"""Reads the forms out of a page as a browser would, and what each field holds."""

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

from django.http import HttpResponse

FIRST_LINE_END = re.compile(r"\A\r?\n")  # browsers drop it, and Django writes one before what is in it
WRITTEN = {"text", "search", "textarea", "date", "number", "tel", "email"}
BUTTONS = {"submit", "button", "image", "reset"}


@dataclass
class Field:
    """`values` are what is chosen or written in it now, `options` all that could be chosen."""

    name: str
    kind: str
    values: list = field(default_factory=list)
    options: list = field(default_factory=list)

    @property
    def is_written(self):
        return self.kind in WRITTEN


@dataclass
class PageForm:
    action: str
    method: str
    fields: dict = field(default_factory=dict)

    def add(self, name, kind):
        return self.fields.setdefault(name, Field(name, kind))

    def untouched(self):
        """What a browser sends when nobody touches anything."""
        return {name: list(one.values) for name, one in self.fields.items() if one.kind != "button"}


class _Reader(HTMLParser):
    def __init__(self):
        super().__init__()
        self.forms, self.form, self.into, self.option = [], None, None, None

    def handle_starttag(self, tag, attrs):
        given = {name: "" if value is None else value for name, value in attrs}
        if tag == "form":
            self.form = PageForm(given.get("action", ""), given.get("method", "get").lower())
            self.forms.append(self.form)
        elif self.form is None or (tag != "option" and not given.get("name")):
            return
        elif tag in {"input", "button"}:
            self._input(given, given.get("type", "submit" if tag == "button" else "text"))
        elif tag == "select":
            self.into = self.form.add(given["name"], "select")
        elif tag == "option" and self.into is not None and self.into.kind == "select":
            self._option(given)
        elif tag == "textarea":
            self.into = self.form.add(given["name"], "textarea")
            self.into.values.append("")

    def handle_endtag(self, tag):
        if tag == "form":
            self.form = None
        elif tag in {"select", "textarea"}:
            if self.into is not None and tag == "textarea":
                self.into.values[-1] = FIRST_LINE_END.sub("", self.into.values[-1])
            self.into = None

    def handle_data(self, data):
        if self.into is not None and self.into.kind == "textarea":
            self.into.values[-1] += data

    def _input(self, given, kind):
        name, value = given["name"], given.get("value", "")
        if kind in BUTTONS:
            self.form.add(name, "button").options.append(value)
        elif kind in {"radio", "checkbox"}:
            one = self.form.add(name, kind)
            one.options.append(value or "on")
            if "checked" in given:
                one.values.append(value or "on")
        else:
            self.form.add(name, kind).values.append(value)

    def _option(self, given):
        self.into.options.append(given.get("value", ""))
        if "selected" in given:
            self.into.values.append(given.get("value", ""))


def whole(response):
    """A page that comes in pieces, read to its end; any other as it is."""
    if not response.streaming:
        return response
    page = HttpResponse(response.getvalue(), status=response.status_code, headers=response.headers)
    page.wsgi_request = response.wsgi_request
    return page


def forms_of(response):
    """The forms of a page; the ones without an address of their own lead back to the page."""
    if not response.headers.get("Content-Type", "").startswith("text/html"):
        return []
    reader = _Reader()
    reader.feed(response.content.decode())
    for form in reader.forms:
        form.action = form.action.split("#")[0] or response.wsgi_request.get_full_path()
        for one in form.fields.values():
            if one.kind == "select" and not one.values:
                one.values = one.options[:1]
    return reader.forms
