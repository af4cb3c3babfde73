"""The record in plain words: pages, acts, and the grants that allowed them."""

import datetime

from audit.actions import NOBODY
from audit.models import Reading
from staff.dates import written

PAGES = {
    "case": "Opened the case",
    "timeline": "Opened the timeline of the case",
    "child": "Opened a child's page",
    "child course": "Read a child's course over time",
    "child details": "Opened a child's details to correct them",
    "child form": "Opened a form about a child",
    "child search": "Searched for a child to add to the case",
    "adult search": "Searched for an adult to add to the case",
    "case form": "Opened a form about the case",
    "assessment": "Read a CANS",
    "assessment start": "Opened the page to start a CANS",
    "assessment score": "Opened a CANS to rate",
    "assessment ratings": "Looked again at the ratings of a CANS",
    "assessment summary": "Read the summary of a CANS",
    "assessment people": "Opened who is scored in a CANS",
    "assessment details": "Opened the dates and sections of a CANS",
    "assessment siblings": "Compared a caregiver's ratings across siblings",
    "assessment history": "Read the history of a rating",
    "assessment answers": "Opened the answers to a return",
    "assessment print": "Opened a CANS to print",
    "assessment keying": "Read a CANS to download it",
    "assessment blank": "Opened a blank sheet to print",
    "assessment family": "Opened the family summary of a CANS",
    "case export": "Read the whole case to download it",
    "approvals.review": "Reviewed a CANS",
    "approvals.return": "Opened a CANS to return it",
    "approvals.step": "Opened a CANS to reroute, take back, amend or void it",
    "waiver": "Opened a due date to waive it, or to withdraw that",
    "change report": "Read ratings of children in the change report",
    "record": "Looked who opened the record",
    "record search": "Searched the record",
    "refusals": "Looked at refusals and failed sign-ins",
}

ACTS = {
    "assessment.start": "Started a CANS",
    "assessment.rate": "Rated",
    "assessment.confirm_sheet": "Confirmed a caregiver's ratings as for a sibling",
    "assessment.annotate": "Wrote notes beside items",
    "assessment.explain_not_scored": "Wrote why a caregiver is not scored",
    "assessment.score_after_all": "Decided to score a caregiver after all",
    "assessment.add_sheet": "Added a caregiver to a CANS",
    "assessment.drop_sheet": "Took a caregiver out of a CANS",
    "assessment.follow_role": "Corrected the role of a caregiver in a CANS",
    "assessment.change_assessed_on": "Changed the day of a CANS",
    "assessment.set_domains": "Changed which sections a CANS has",
    "assessment.set_type": "Changed the type of a CANS",
    "assessment.answer_warnings": "Answered warnings",
    "assessment.answer_comments": "Answered a reviewer's comments",
    "assessment.take_over": "Took a CANS over",
    "assessment.hand_over": "Handed a CANS over to another worker",
    "assessment.submit": "Submitted a CANS",
    "assessment.approve": "Approved a CANS",
    "assessment.return": "Returned a CANS for revision",
    "assessment.reroute": "Rerouted a CANS",
    "assessment.recall": "Took a CANS back",
    "assessment.amend": "Began an amendment of a CANS",
    "assessment.void": "Voided a CANS",
    "assessment.export": "Downloaded a CANS as a table",
    "obligation.waive": "Waived a due date",
    "obligation.unwaive": "Withdrew a waiver",
    "case.created": "Created the case",
    "case.imported": "Imported it, or added to it, from a file",
    "case.edited": "Changed the details of the case",
    "case.opened": "Opened IPS",
    "case.opening_corrected": "Corrected the opening",
    "case.closing_corrected": "Corrected the closing date",
    "case.extension": "Requested an extension",
    "case.extension_corrected": "Corrected an extension",
    "case.extension_withdrawn": "Withdrew an extension request",
    "case.decided": "Recorded the decision on an extension",
    "case.closed": "Closed IPS",
    "case.close_undone": "Undid the closing",
    "case.child": "Changed a child's stay or details",
    "case.status": "Recorded a child's placement, goal or legal status",
    "case.collateral": "Changed a collateral",
    "case.caregiving": "Changed who cares for a child",
    "case.assigned": "Changed an assignment",
    "case.service": "Changed a service",
    "case.export": "Downloaded the whole case",
    "report.export": "Downloaded a list as a file",
    "case.transferred": "Transferred the case",
    "case.waived": "Waived a due date",
    "case.unwaived": "Withdrew a waiver",
    "case.emergency": "Opened the case in an emergency",
    "case.emergency_ended": "Gave emergency access back",
    "help.added": "Wrote an entry of the help",
    "help.edited": "Edited an entry of the help",
    "help.loaded": "Loaded the help that comes with the application",
    "denied": "Was refused",
    "sign_in.failed": "Failed to sign in",
    "sign_in.throttled": "Tried to sign in too often",
    "sign_in.second_factor": "Gave a wrong second factor",
}

GRANTS = {
    "assignment": "Assigned to the case",
    "routing": "A CANS was routed to them",
    "line": "Supervises the worker",
    "cover": "Stands in for the supervisor",
    "region": "Coordinates the region",
    "agency": "Administers the agency",
    "emergency": "Opened it in an emergency",
}

WHY = {
    403: "not part of the role",
    404: "nothing of theirs there",
    302: "not signed in",
    401: "not signed in",
}


def page(name):
    if name.startswith(Reading.IN_A_FILE):
        name = name.removeprefix(Reading.IN_A_FILE).replace("-", " ")
        return f"Took it along in a file of the list “{name}”"
    return PAGES.get(name, f"Opened “{name}”")


def act(action):
    return ACTS.get(action, action.replace(".", ": ").replace("_", " "))


def subject(text, detail=None):
    """A CANS is called an assessment inside the house only; a due date by what it is, and when."""
    if text.startswith("obligation ") and detail and {"due", "source"} <= detail.keys():
        kind = detail["source"].split(":")[0].replace("_", "-")
        return f"{kind} CANS due {written(datetime.date.fromisoformat(detail['due']))}"
    return text.replace("assessment ", "CANS ") if text.startswith("assessment ") else text


def grant(text):
    """“line 3” as “Supervises the worker (line 3)”: the number names the row that granted it."""
    words = GRANTS.get(text.split(" ")[0])
    return f"{words} ({text})" if words else text


def refusal(event):
    """What somebody was not given, or how a sign-in failed."""
    if event.action == "denied":
        method, status = event.detail.get("method", ""), event.detail.get("status")
        return f"{method} /{event.subject}: {WHY.get(status, status)}"
    return act(event.action)


def refused(event):
    """Whom: the account that was tried, where nobody was signed in."""
    if event.actor_label == NOBODY and "username" in event.detail:
        return f"User name {event.detail['username']}"
    return event.actor_label
