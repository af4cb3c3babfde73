from django import template
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from approvals.history import told
from approvals.permissions import check_can
from approvals.workflow import Action, actions_from
from staff.refusals import NotNow

register = template.Library()

# Decided on the review page, and submitted on the summary: not one button each wherever it is shown.
ELSEWHERE = {Action.SUBMIT, Action.APPROVE, Action.RETURN}
BUTTONS = {
    Action.REROUTE: "Reroute",
    Action.RECALL: "Take back this submission",
    Action.AMEND: "Amend",
    Action.VOID: "Void",
}


@register.simple_tag
def steps_of(assessment):
    """The assessment's steps with comments and durations, for approvals/_steps.html."""
    return told(assessment)


@register.simple_tag
def acts_for(user, assessment):
    """The steps on other pages that are this person's: label, address, and why not now, if so."""
    acts = []
    for action in actions_from(assessment.state):
        if action in ELSEWHERE:
            continue
        try:
            check_can(user, action, assessment)
            why_not = ""
        except PermissionDenied:
            continue
        except NotNow as why:
            why_not = str(why)
        url = reverse(f"approvals:{action.value}", args=[assessment.pk])
        acts.append(
            {"label": BUTTONS[action], "url": url, "why_not": why_not, "danger": action is Action.VOID}
        )
    return acts


@register.simple_tag
def boxes(form, rows):
    """Each row with what was typed into its comment box, and what is wrong with it."""
    return form.boxes(rows)


@register.simple_tag
def any_typed(boxes):
    return any(text or wrong for _, text, wrong in boxes)
