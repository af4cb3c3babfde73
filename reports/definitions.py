"""What the words of the reports mean: said on the page, and again in the file that leaves it."""

from staff.dates import written

from .turnaround import DAYS

# Heading of a column → what stands in it.
COLUMNS = {
    "Child": "The child to be assessed.",
    "Case": "The case the child is in, its name and number.",
    "CANS": "Which CANS is due: the initial one, one of the schedule, at an extension or at closing.",
    "Opened": "The day IPS opened in that case, as it is on record today.",
    "Due": "The last day on which the CANS is in time.",
    "Rule": "Why it is due on that day, with the dates it is counted from.",
    "Days late": (
        "From the due date to the day of the report; the day after the due date is day 1. "
        "Weekends and holidays move nothing."
    ),
    "Days left": "From the day of the report to the due date; on the due date itself it is 0.",
    "Why": (
        "The first of these that is true: a CANS that meets the date is submitted and waits for the "
        "supervisor; it is returned; the credentials of whoever writes the draft, or would start one, "
        "have lapsed; there is a draft; nothing is started."
    ),
    "On whose desk": (
        "Who acts next: the supervisor it waits for or their cover that day, the author of the CANS while "
        "they work the case, or else the primary worker."
    ),
    "Clinician": "The primary worker of the case that day.",
    "Supervisor": "The supervisor of the line of that worker that day.",
    "Agency": "The agency the case belongs to.",
    "Region": "The region the case is in.",
    "First submitted": "The day of the first submission of the CANS that meets the due date.",
    "In time": "Whether that was on or before the due date.",
    "Waived": "For what reason the due date was waived, by whom and when.",
    "Approved": "The day that CANS was approved.",
    "Days to approve": "From its first submission to its approval.",
    "Credentials": (
        "Of whoever writes the draft, or would start one: whether they may still enter it on the day "
        "it is due."
    ),
    "What lapses": "Which of their credentials that is, and the last day of it.",
    "Days waiting": "Calendar days since the last submission; a reroute does not start them anew.",
    "Waiting since": "The day of the last submission.",
    "With": "The supervisor it is routed to.",
    "May decide it today": (
        "Active supervisors of the case's agency with valid credentials who wrote none of it, and to whom it "
        "is routed or who cover today for whom it is routed to."
    ),
    "Why nobody may": "Why the supervisor does not decide it, where nobody stands in who may.",
    "Name": "The supervisor whose decisions they are.",
    "Decision": "Approved, or returned.",
    "Decided on": "The day of it.",
    "Days": "From the submission or reroute that brought it to where it was decided, to the decision.",
    "Items named": "How many items its comments name.",
    "Decisions": "Approvals and returns of these days.",
    "Median days": "Of the days from submission or reroute to decision.",
    "Slowest": "The longest of these.",
    "Return rate": "Returns in percent of all decisions.",
    "Cover from today on": "Who stands in for the supervisor, and when.",
    "Type": "What the CANS was started as.",
    "Assessed on": "The day the CANS is about.",
    "Submitted": "The day of its first submission.",
    "Now": "How it stood on the day of the report.",
    "Assessor": "Who wrote it, or took it over.",
    "Item": "The item that changed, with its number on the form.",
    "Change": "What the two ratings come to: met, ongoing, new; built, kept, lost.",
    "What makes it one": "Which ratings, before and now, are called that.",
    "Age": "Of the child, on the day of the latest CANS.",
    "Status": "Of the case on the day of the report: whether the episode of the latest CANS is closed.",
    "Before": "The rating in the CANS before the latest.",
    "Before, assessed on": "The day that CANS is about.",
    "Latest": "The rating in the latest CANS in force.",
    "Latest, assessed on": "The day that CANS is about.",
    "Case number": "The number of the case, here and in the state's system.",
    "Child's number": "The child's person number, here and in the state's system.",
    "LAN": "The local area network the case is in.",
    "Line": "The line of the list that was uploaded.",
    "Dates that differ": "Which dates of that line are not those on record here.",
    "Here": "What is on record here, in the same order.",
    "State's system": "What the list says, in the same order.",
    "Fix it": "In which of the two the date is to be put right.",
    "Because": "Why it is that one: the later word counts.",
}

PAST = (
    "Due dates, and what met them, as they were on record when that day ended, whatever was changed since; "
    "drafts and reviewers by the steps taken till then. Assignments, lines and credentials count by their "
    "own dates. What you see of it are the cases you may see today."
)
OVERDUE = (
    "The due date is past, and the CANS that meets it is not approved, nor the date cancelled or waived."
)
MISSED = (
    "An extension was requested, and no CANS assessed within the 30 days before had been submitted "
    "by the request."
)
DUE_SOON = (
    "Due from that day on, and the CANS that meets it is not approved, nor the date cancelled or waived."
)
TIMELINESS = (
    "What fell due from {} through {}, by whether its CANS was first submitted on or before the due date. "
    "Cancelled dates are left out, waived ones stand apart. A return does not undo a submission in time."
)
OPENING = (
    "Children of the episodes opened in that time whose initial CANS was not "
    "first submitted within 30 days: late, or not at all though the day is past. Waived dates, and those "
    "still to come, are left out. A child who came into the case later has 30 days from "
    "then, as the rule beside it says."
)
CHILDLESS = (
    "Episodes opened in that time whose 30 days are past with no child on record, so that no CANS could be "
    "submitted. A child who is added has 30 days from the day of joining."
)
SUBMISSION = (
    "CANS first submitted in that time, however they stood on the day of the report. What was taken back "
    "before it was opened, or voided, is not counted; of a CANS and its amendment the one in force is. Of a "
    "day that is past all that counts as it stood then, and the author is the one of then; the region, the "
    "LAN and the agency are those the case has today."
)
TURNAROUND = (
    f"Decisions of the last {DAYS} days, that of the report included, and the due dates that came due in "
    "them; of cases that whoever exported it might open that day."
)
CHANGE = (
    "The two latest CANS in force of each child, whatever case they are of, compared item by item; a child "
    "with one CANS has nothing to compare, and the case, the agency and the region are those of the latest, "
    "as they are today. A CANS that meets both the initial and the closing date is left out. So is a "
    "rating that is N/A, unknown or missing in either, and so are the caregivers' items. Each number counts "
    "items of children."
)
CHANGES = {
    "Met": "A need that was 2 or 3 and is 0 or 1.",
    "Ongoing": "A need that was 2 or 3 and is 2 or 3; improved from 3 to 2, worsened from 2 to 3.",
    "New": "A need that was 0 or 1 and is 2 or 3.",
    "Built": "A strength that was 2 or 3 and is 0 or 1.",
    "Still to build": "A strength that was 2 or 3 and is 2 or 3.",
    "Kept": "A strength that was 0 or 1 and is 0 or 1.",
    "Lost": "A strength that was 0 or 1 and is 2 or 3.",
}
IN_DOUBT = (
    "Lines of the state's list that was uploaded last, about cases of your regions, whose dates are not "
    "those on record here."
)
WHOSE = (
    "All that whoever asks may open: a clinician's own, those of a supervisor's line with what is routed to "
    "them or to whom they cover today, those of a coordinator's regions."
)
MISSED_APART = (
    "An extension whose request date passed without its CANS. It is counted apart, for nothing can meet it "
    "any more."
)
NOT_OBVIOUS = (
    "First submitted",
    "Days to approve",
    "Days late",
    "Days left",
    "Why",
    "On whose desk",
    "Clinician",
    "Supervisor",
    "Credentials",
)


def submission(first, last):
    return f"Submitted from {written(first)} through {written(last)}, both days counted. {SUBMISSION}"


def opening(first, last):
    return f"Opened from {written(first)} through {written(last)}, both days counted. {OPENING}"


def timeliness(months):
    """Of these months, by their first days."""
    return TIMELINESS.format(f"{months[0]:%b %Y}", f"{months[-1]:%b %Y}")


def waiting(longest):
    days = f"{longest} day{'' if longest == 1 else 's'}"
    return (
        f"Submitted CANS that wait more than {days}, and those that nobody may decide "
        "on the day of the report."
    )


def childless(first, last):
    return f"Opened from {written(first)} through {written(last)}, both days counted. {CHILDLESS}"


def words(columns):
    """What the page explains below its list: the columns that do not explain themselves, and more where they
    are of due dates."""
    headings = [heading for heading, *_ in columns if heading in NOT_OBVIOUS]
    found = [(heading, COLUMNS[heading]) for heading in headings]
    if any(attribute == "due" for _, attribute, _ in columns):
        found += [("Which cases", WHOSE), ("As of a day that is past", PAST), ("Missed", MISSED_APART)]
    return found
