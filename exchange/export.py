"""A whole case as one document: what docs/interchange.md describes, and arrival.py reads back."""

import json

from django.utils import timezone

from approvals.workflow import Action
from cans.instrument import UNRATED
from cans.models import Assessment
from cans.obligations import first_approved
from cans.states import State
from cases.models import Adult, Caregiving, Membership

from .waived import day_of, waivers_of

FORMAT, VERSION = "ips-cans-case", 1
DECISIONS = (Action.SUBMIT, Action.RETURN, Action.APPROVE)
DECIDED = {State.SUBMITTED, State.APPROVED}
WRITTEN = {"0": "0", "1": "1", "2": "2", "3": "3", "n": "N/A", "u": "U"}


def as_json(case):
    return json.dumps(document(case), ensure_ascii=False, indent=1).encode()


def document(case):
    stays = list(
        Membership.objects.filter(case=case)
        .select_related("child")
        .prefetch_related("statuses", "caregivings__adult", "services__kind", "services__findings")
        .order_by("child__person_number", "joined")
    )
    openings = sorted(case.episodes.values_list("opened", flat=True))
    return {
        "format": FORMAT,
        "version": VERSION,
        "exported_on": _day(timezone.localdate()),
        "case": _of_case(case),
        "episodes": [_episode(row) for row in case.episodes.order_by("opened")],
        "assignments": _rows(
            case.assignments.carrying().order_by("starts", "kind"), "kind", "starts", "ends"
        ),
        "children": _children(stays),
        "adults": _adults(case, stays),
        "cans": [_cans(row, openings) for row in _assessments(case)],
        "waivers": _sorted(_waiver(row, cause) for row, cause in waivers_of([case.pk])),
    }


def children_of(case):
    return sorted(set(case.memberships.values_list("child", flat=True)))


def _of_case(case):
    names = ("number", "name", "county", "lan", "referred_on", "referral_source", "department_worker")
    return _row(case, *names) | {"region": case.region.name, "agency": case.agency.name}


def _episode(row):
    extensions = _rows(
        row.extensions.standing(), "requested", "reason", "decided", "granted", "authorised_through"
    )
    return _row(row, "opened", "authorised_through", "closed", "closing_reason") | {"extensions": extensions}


def _children(stays):
    found = {}
    for stay in stays:
        child = found.setdefault(
            stay.child_id,
            _row(stay.child, "person_number", "name", "born", "developmental_disability") | {"stays": []},
        )
        child["stays"].append(_stay(stay))
    return list(found.values())


def _stay(stay):
    return _row(stay, "joined", "left") | {
        "statuses": _sorted(_rows(stay.statuses.all(), "kind", "value", "since")),
        "caregivers": _sorted(
            {"adult": _who(row.adult)} | _row(row, "role", "relationship", "in_home", "starts", "ends")
            for row in stay.caregivings.all()
        ),
        "services": _sorted(
            {"service": row.kind.name}
            | _row(row, "provider", "starts", "ends")
            | {"findings": sorted(one.code for one in row.findings.all())}
            for row in stay.services.all()
        ),
    }


def _adults(case, stays):
    """How to reach somebody goes along only where this case keeps it."""
    collaterals = list(case.collaterals.select_related("adult").order_by("starts"))
    adults = {row.adult_id: row.adult for row in collaterals}
    adults |= {row.adult_id: row.adult for stay in stays for row in stay.caregivings.all()}
    kept = set(Adult.objects.kept_by(case).filter(pk__in=adults).values_list("pk", flat=True))
    return _sorted(
        _row(adult, "person_number", "name")
        | {name: getattr(adult, name) if pk in kept else "" for name in ("phone", "address")}
        | {
            "collateral": _rows(
                [row for row in collaterals if row.adult_id == pk],
                "relationship",
                "in_home",
                "starts",
                "ends",
            )
        }
        for pk, adult in adults.items()
    )


def _assessments(case):
    rows = Assessment.objects.filter(case=case, state__in=sorted(DECIDED))
    rows = rows.select_related("child", "author", "approved_by", "instrument_version")
    rows = rows.prefetch_related("sheets__adult", "sheets__notes", "steps__by", "amendments")
    return rows.order_by("assessed_on", "child__person_number", "pk")


def _cans(row, openings):
    begun = [day for day in openings if day <= row.assessed_on] or openings[:1]
    return {
        "child": row.child.person_number,
        "type": row.type,
        "assessed_on": _day(row.assessed_on),
        "opened": _day(begun[-1]),
        "instrument": row.instrument_version.label,
        "state": row.state,
        "replaced": any(one.state == State.APPROVED for one in row.amendments.all()),
        "author": row.author.name,
        "first_submitted_on": _day(row.first_submitted_on),
        "approved_by": row.approved_by and row.approved_by.name,
        "approved_on": row.approved_at and _day(timezone.localdate(row.approved_at)),
        "first_approved_on": row.approved_at and _day(_first_approved(row)),
        "early": row.early,
        "transition": row.transition,
        "decisions": [
            {"action": step.action, "on": _day(timezone.localdate(step.at)), "by": step.by.name}
            | {"reason": step.reason}
            for step in _decisions(row.steps.all())
        ],
        "sheets": sorted(map(_sheet, row.sheets.all()), key=_place),
    }


def _decisions(steps):
    """A submission that was recalled counts as never made."""
    found = []
    for step in steps:
        if step.action == Action.RECALL:
            found.pop()
        elif step.action in DECISIONS:
            found.append(step)
    return found


def _first_approved(row):
    return _first_approved(row.amends) if row.amends else first_approved(row)


def _sheet(sheet):
    return {
        "adult": _who(sheet.adult) if sheet.adult else None,
        "role": _role(sheet) if sheet.adult else None,
        "not_scored_reason": sheet.not_scored_reason,
        "ratings": {code: WRITTEN[value] for code, value in sheet.values.items() if value != UNRATED},
        "notes": {note.code: note.text for note in sheet.notes.all()},
    }


def _waiver(row, cause):
    return (
        {"child": row.child.person_number}
        | _row(row.episode, "opened")
        | {"kind": str(cause.kind), "joined": _plain(cause.joined), "counted": _plain(cause.counted)}
        | _row(row, "reason", "note", "withdrawn_because")
        | {"waived_on": _day(day_of(row.at)), "waived_by": row.by.name}
        | {"withdrawn_on": _plain(day_of(row.withdrawn_at))}
        | {"withdrawn_by": row.withdrawn_by and row.withdrawn_by.name}
    )


def _role(sheet):
    return str(Caregiving.Role.SUBSTITUTE if sheet.substitute else Caregiving.Role.PARENT)


def _place(sheet):
    """The child's first, then the adults' by name."""
    adult = sheet["adult"]
    return (adult["name"], adult["person_number"] or "") if adult else ("", "")


def _who(adult):
    return _row(adult, "person_number", "name")


def _rows(rows, *names):
    return [_row(row, *names) for row in rows]


def _row(row, *names):
    return {name: _plain(getattr(row, name)) for name in names}


def _sorted(rows):
    """In an order that does not hang on the rows' numbers here."""
    return sorted(rows, key=lambda row: json.dumps(row, sort_keys=True))


def _plain(value):
    return _day(value) if hasattr(value, "isoformat") else value


def _day(value):
    return value.isoformat()
