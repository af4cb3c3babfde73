from django import template

from approvals import rows
from approvals.history import told

register = template.Library()


@register.simple_tag
def steps_of(assessment):
    """The assessment's steps with comments and durations, for approvals/_steps.html."""
    return told(assessment)


@register.simple_tag
def boxes(form, rows):
    """Each row with what was typed into its comment box, what is wrong with it, and what was said before."""
    return form.boxes(rows)


@register.simple_tag
def any_typed(boxes):
    """Is anything typed here, wrong, or said at the return before this one?"""
    return any(any(said) for _, *said in boxes)


register.simple_tag(rows.changes_html)
register.simple_tag(rows.rest_html)
