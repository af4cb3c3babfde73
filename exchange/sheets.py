"""The sheets of an import, and what each of their columns holds: a workbook has these sheets, a CSV file
is one of them. Checking, the template and the words on the page are read from here."""

from dataclasses import dataclass
from functools import cached_property

from approvals.workflow import Action
from cans.due import Kind
from cans.models import Assessment, Waiver
from cases.models import Assignment, Caregiving, ChildStatus, Episode
from staff.actions.accounts import KEPT_ROLES


@dataclass(frozen=True)
class Column:
    name: str
    words: str
    example: str = ""
    required: bool = False
    reads: str = "text"  # or day, yes_no, number
    choices: tuple = ()  # (value, label): either may be written

    @property
    def told(self):
        """The words, and what may be written."""
        ways = {"day": "A day, as 2025-03-31.", "yes_no": "yes or no.", "number": "A whole number."}
        told = [self.words, ways.get(self.reads, "")]
        if self.choices:
            told.append(f"One of: {', '.join(value for value, _ in self.choices)}.")
        return " ".join(one for one in told if one)


@dataclass(frozen=True)
class Sheet:
    """`items`: besides its columns it has one for each item that is rated, by number or by code. `more` are
    further invented lines of the template, by what differs in them."""

    name: str
    words: str
    columns: tuple
    items: bool = False
    more: tuple = ()

    @cached_property
    def by_name(self):
        return {column.name: column for column in self.columns}

    @cached_property
    def required(self):
        return {column.name for column in self.columns if column.required}


def _must(name, words, example="", reads="text", choices=()):
    return Column(name, words, example, True, reads, tuple(choices))


def _may(name, words, example="", reads="text", choices=()):
    return Column(name, words, example, False, reads, tuple(choices))


CASE = _must("case_number", "The state's case number.", "A-1001")
CHILD = _must("person_number", "The child's person number, as the state has it.", "P-2001")
ADULT_NUMBER = _may("adult_number", "The adult's person number, where there is one.", "P-3001")
ADULT_NAME = _must("adult_name", "The adult's name. Without a number it tells who is meant.", "Fay Invented")

STAY = _may(
    "joined",
    "Of which stay of a child who came back: its day of joining; empty is the one of that day.",
    "",
    "day",
)

WHICH = _may("which", "Which CANS of the child that day, from 1; empty is the first.", "", "number")

CASES = Sheet(
    "cases",
    "One line for each time IPS was opened: a case that was opened again has two.",
    (
        CASE,
        _must("case_name", "The family's name.", "Invented Family"),
        _must("agency", "The agency that has the case, as it is called here.", "Invented Agency"),
        _must("county", "A county of Illinois.", "Cook"),
        _must("region", "A region, as it is called here.", "Cook"),
        _must("lan", "The local area network, 1 to 62.", "7", "number"),
        _must("referred_on", "The day of the referral.", "2025-02-24", "day"),
        _must("referral_source", "Who referred the case.", "Department caseworker"),
        _may("department_worker", "The department's own worker.", "Dot Invented"),
        _must("opened", "The day IPS was opened.", "2025-03-03", "day"),
        _must("authorised_through", "The last day authorised, with every extension.", "2025-12-03", "day"),
        _may("closed", "The day IPS was closed; empty while it is open.", "", "day"),
        _may("closing_reason", "Why it was closed.", "", choices=Episode.Reason.choices),
        _may(
            "primary_worker",
            "The user name of the primary worker from the opening on. An open case needs one.",
            "invented.worker",
        ),
    ),
)
EXTENSIONS = Sheet(
    "extensions",
    "One line for each request for more time.",
    (
        CASE,
        _must("requested", "The day it was requested.", "2025-08-20", "day"),
        _may("reason", "Why more time was needed.", "The placement needs more time."),
        _may("decided", "The day of the decision; empty while it is open.", "2025-08-27", "day"),
        _may("granted", "Whether it was granted.", "yes", "yes_no"),
        _may("authorised_through", "The last day granted.", "2025-12-03", "day"),
    ),
)
ASSIGNMENTS = Sheet(
    "assignments",
    "One line for each worker besides the primary worker that the sheet of cases names.",
    (
        CASE,
        _must("worker", "The user name of somebody of the case's agency.", "invented.parallel"),
        _must(
            "kind",
            "Which of the two.",
            "parallel",
            choices=[one for one in Assignment.Kind.choices if one[0] != Assignment.Kind.REVIEW],
        ),
        _may("role", "What this worker does; a parallel worker needs it.", "Therapist"),
        _must("starts", "The first day.", "2025-03-10", "day"),
        _may("ends", "The last day; empty while it goes on.", "", "day"),
    ),
)
CHILDREN = Sheet(
    "children",
    "One line for each child of a case, and one more for each time a child came back.",
    (
        CASE,
        CHILD,
        _must("child_name", "The child's name.", "Ann Invented"),
        _must("born", "Date of birth.", "2016-05-20", "day"),
        _may("developmental_disability", "Whether the child has one; empty is no.", "no", "yes_no"),
        _must("joined", "The day the child joined the case.", "2025-03-03", "day"),
        _may("left", "The day the child left it; empty while in the case.", "", "day"),
    ),
)
STATUSES = Sheet(
    "statuses",
    "One line for each placement, permanency goal or legal status of a child, from its first day on.",
    (
        CASE,
        CHILD,
        STAY,
        _must("kind", "Which of the three.", "placement", choices=ChildStatus.Kind.choices),
        _must("value", "What it is.", "Foster home"),
        _must("since", "From which day on.", "2025-03-03", "day"),
    ),
)
ADULTS = Sheet(
    "adults",
    "One line for each adult of a case. With a relationship and a first day the adult is a collateral; a "
    "parent who is a member of the family has neither.",
    (
        CASE,
        ADULT_NUMBER,
        ADULT_NAME,
        _may("phone", "Telephone.", "555 0100"),
        _may("address", "Address.", "1 Invented Street"),
        _may("relationship", "To the family, of a collateral.", "Foster parent"),
        _may("in_home", "Whether the collateral lives in the home; empty is no.", "yes", "yes_no"),
        _may("starts", "The first day as a collateral.", "2025-03-03", "day"),
        _may("ends", "The last day; empty while it goes on.", "", "day"),
    ),
)
CAREGIVERS = Sheet(
    "caregivers",
    "One line for each adult who cares for a child. A substitute caregiver is a collateral too.",
    (
        CASE,
        CHILD,
        STAY,
        ADULT_NUMBER,
        ADULT_NAME,
        _must("role", "Which of the two.", "substitute", choices=Caregiving.Role.choices),
        _must("relationship", "To the child.", "Foster mother"),
        _may("in_home", "Whether they live in the child's home; empty is no.", "yes", "yes_no"),
        _must("starts", "The first day of care.", "2025-03-03", "day"),
        _may("ends", "The last day; empty while it goes on.", "", "day"),
    ),
)
SERVICES = Sheet(
    "services",
    "One line for each service of a child.",
    (
        CASE,
        CHILD,
        STAY,
        _must("service", "As the service array has it.", "Individual therapy"),
        _must("provider", "Who gives it.", "Invented Provider"),
        _must("starts", "The first day.", "2025-04-01", "day"),
        _may("ends", "The last day; empty while it goes on.", "", "day"),
        _must("findings", "The CANS items it answers, by number or code, with blanks between.", "41 58"),
    ),
)
WHETHER = "On the child's line: whether the {} are part of it; empty is by age, and by what is rated."
YES_OR_NO = [("yes", "yes"), ("no", "no")]
CANS = Sheet(
    "cans",
    "Past CANS that were approved. One line for the child, and one for each adult who was rated in it.",
    (
        CASE,
        CHILD,
        _must("assessed_on", "The day of the assessment.", "2025-03-20", "day"),
        WHICH,
        _may("adult_number", "Of a caregiver's line: the person number.", ""),
        _may("adult_name", "Of a caregiver's line: the name. Empty on the child's line.", ""),
        _may(
            "opened",
            "On the child's line: the opening it belongs to, wherever the days of the case were corrected to "
            "since; empty is the one of that day.",
            "",
            "day",
        ),
        _may("type", "On the child's line: which of the four.", "initial", choices=Assessment.Type.choices),
        _may("author", "On the child's line: who scored it, by name or user name.", "Una Invented"),
        _may("submitted_on", "On the child's line: the day it was first submitted.", "2025-03-21", "day"),
        _may("approved_by", "On the child's line: who approved it, by name or user name.", "Sue Invented"),
        _may("approved_on", "On the child's line: the day it was approved.", "2025-03-24", "day"),
        _may(
            "first_approved_on",
            "On the child's line: the day of the first approval, where it was amended since.",
            "",
            "day",
        ),
        _may("instrument", "On the child's line: the version it was scored on; empty is the active one.", ""),
        _may("early", WHETHER.format("early childhood items"), "", choices=YES_OR_NO),
        _may("transition", WHETHER.format("transition to adulthood items"), "", choices=YES_OR_NO),
        _may(
            "role",
            "On a caregiver's line: as what they were rated; empty is as what they cared that day.",
            "",
            choices=Caregiving.Role.choices,
        ),
        _may("not_scored_reason", "On a caregiver's line: why they were not scored, if they were not.", ""),
    ),
    items=True,
)
NOTES = Sheet(
    "notes",
    "One line for each note beside an item of a past CANS in the same file.",
    (
        CASE,
        CHILD,
        _must("assessed_on", "The day of that CANS.", "2025-03-20", "day"),
        WHICH,
        _may("adult_number", "Of a caregiver's item: the person number.", ""),
        _may("adult_name", "Of a caregiver's item: the name. Empty for the child's.", ""),
        _must("item", "The item, by number or code.", "41"),
        _must("note", "What was noted.", "An invented note."),
    ),
)
DECISIONS = Sheet(
    "decisions",
    "One line for each step of a past CANS in the same file that was returned before it was approved.",
    (
        CASE,
        CHILD,
        _must("assessed_on", "The day of that CANS.", "2025-03-20", "day"),
        WHICH,
        _must(
            "action",
            "What was done. The first is to submit, the last to approve.",
            "submit",
            choices=[(one.value, one.label) for one in (Action.SUBMIT, Action.RETURN, Action.APPROVE)],
        ),
        _must("decided_on", "The day.", "2025-03-21", "day"),
        _must("decided_by", "Who did it, by name or user name.", "Una Invented"),
        _may("reason", "Why it was returned.", ""),
    ),
    more=(
        {
            "action": "return",
            "decided_on": "2025-03-22",
            "decided_by": "Sue Invented",
            "reason": "Look at sleep again.",
        },
        {"decided_on": "2025-03-23"},
        {"action": "approve", "decided_on": "2025-03-24", "decided_by": "Sue Invented"},
    ),
)
DUE_DATES = [(kind.value, kind.value.replace("_", "-")) for kind in Kind]
WAIVERS = Sheet(
    "waivers",
    "One line for each due date that a coordinator waived; a six-month one follows a CANS in the same file.",
    (
        CASE,
        CHILD,
        _must("opened", "The day IPS was opened.", "2025-03-03", "day"),
        _must(
            "kind",
            "Which due date.",
            "initial",
            choices=DUE_DATES,
        ),
        _may("joined", "The day the child joined the case; empty of a six-month date.", "2025-03-03", "day"),
        _may("counted", "Of a six-month date the day of its CANS, of an extension the request.", "", "day"),
        _must("reason", "Why.", "detained", choices=Waiver.Reason.choices),
        _may("note", "What else was said.", ""),
        _must("waived_on", "The day.", "2025-03-10", "day"),
        _must("waived_by", "Who waived it, by name.", "Cora Invented"),
        _may("withdrawn_on", "The day the waiver was withdrawn; empty while it counts.", "", "day"),
        _may("withdrawn_by", "Who withdrew it, by name.", ""),
        _may("withdrawn_because", "Why it was withdrawn.", ""),
    ),
)

SHEETS = (
    CASES,
    EXTENSIONS,
    ASSIGNMENTS,
    CHILDREN,
    STATUSES,
    ADULTS,
    CAREGIVERS,
    SERVICES,
    CANS,
    NOTES,
    DECISIONS,
    WAIVERS,
)
BY_NAME = {sheet.name: sheet for sheet in SHEETS}

# No part of an import: what the state's system says of cases, to be compared with what is on record.
STATES_LIST = Sheet(
    "list",
    "One line for each time a case was opened there.",
    (
        CASE,
        _must("opened", "The day it was opened there.", "2025-03-03", "day"),
        _may("closed", "The day it was closed there; empty while it is open.", "", "day"),
        _may("person_number", "Of a child, where the list has a due date.", "P-2001"),
        _may("due", "The day the next CANS of that child is due there.", "2025-09-20", "day"),
    ),
)

# The people of an administrator's own agency.
ROLES = [(role.value, role.label) for role in KEPT_ROLES]
PEOPLE = Sheet(
    "people",
    "One line for each person.",
    (
        _must("user_name", "For signing in, and nothing that tells about a person.", "rowan.inkwell"),
        _must("name", "Their name.", "Rowan Inkwell"),
        _may("email", "E-mail address.", "rowan.inkwell@example.org"),
        _must(
            "role", "What they are.", "clinician", choices=[(role.value, role.label) for role in KEPT_ROLES]
        ),
        _may("supervisor", "The user name of who supervises them from today; a clinician needs one.", "sue"),
    ),
)
