from django import template

from guidance.beside import beside
from guidance.places import BY_VIEW
from guidance.text import as_html

register = template.Library()


@register.simple_tag(takes_context=True)
def help_beside(context):
    """What the help has about this page, for whoever is signed in."""
    request = context.get("request")
    match = getattr(request, "resolver_match", None)
    place = match and BY_VIEW.get(match.view_name)
    if not place or not request.user.is_authenticated or getattr(request, "sign_in_unfinished", False):
        return ""
    return beside(place)


@register.filter
def as_text(text, heading):
    """What was typed, as HTML, with its headings at this level."""
    return as_html(text, heading)
