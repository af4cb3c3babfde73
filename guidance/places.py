"""The pages that an entry may be about, by the views that show it beside them."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Place:
    """`opens` is a page of it that needs no number, and `policy` who may enter there."""

    label: str
    views: tuple
    opens: str
    policy: str


PLACES = {
    "home": Place("The home page", ("home",), "home", "home"),
    "account": Place("Your own page and sign-in", ("staff:me", "mfa_index"), "staff:me", "account"),
    "case": Place("A case", ("cases:detail",), "cases:list", "case.list"),
    "assignments": Place(
        "Assignments of a case",
        ("cases:assign", "cases:end_assignment", "cases:reassign"),
        "cases:list",
        "case.list",
    ),
    "caregivers": Place(
        "Adults of a case",
        ("cases:find_adult", "cases:add_adult", "cases:use_adult", "cases:edit_adult"),
        "cases:list",
        "case.list",
    ),
    "start": Place("Starting a CANS", ("cans:start",), "cases:list", "case.list"),
    "scoring": Place("Rating a CANS", ("cans:continue", "cans:score"), "cans:list", "assessment.view"),
    "people": Place("Who is scored in a CANS", ("cans:people",), "cans:list", "assessment.view"),
    "summary": Place(
        "Summary of a CANS, where it is submitted",
        ("cans:summary", "cans:answers"),
        "cans:list",
        "assessment.view",
    ),
    "instrument": Place("The instrument", ("cans:instrument",), "cans:instrument", "instrument.view"),
    "queue": Place("Approvals", ("approvals:queue",), "approvals:queue", "assessment.review"),
    "review": Place(
        "Review of a CANS",
        ("approvals:review", "approvals:return", "approvals:reroute"),
        "approvals:queue",
        "assessment.review",
    ),
    "cover": Place("Cover for supervisors", ("staff:cover",), "staff:cover", "cover"),
    "accounts": Place(
        "Account requests",
        ("staff:account_requests", "staff:file_request"),
        "staff:account_requests",
        "account.requests",
    ),
    "overdue": Place(
        "Overdue and due soon", ("reports:overdue", "reports:due"), "reports:overdue", "report.overdue"
    ),
    "timeliness": Place(
        "Timeliness, opening status, change and submission",
        ("reports:timeliness", "reports:opening", "reports:change", "reports:submission"),
        "reports:timeliness",
        "report.overdue",
    ),
    "turnaround": Place("Turnaround", ("reports:turnaround",), "reports:turnaround", "report.turnaround"),
    "waiting": Place("Waiting for review", ("reports:waiting",), "reports:waiting", "case.coordinate"),
    "doubt": Place("Dates in doubt", ("doubt:doubt", "doubt:upload"), "doubt:doubt", "case.coordinate"),
    "import": Place("Importing cases", ("exchange:import",), "exchange:import", "case.coordinate"),
    "import_people": Place("Importing people", ("exchange:people",), "exchange:people", "people.keep"),
}
BY_VIEW = {view: key for key, place in PLACES.items() for view in place.views}
