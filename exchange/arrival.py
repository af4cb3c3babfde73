"""A case as one document, as rows of the same sheets as any import: so it goes through the same checks."""

import json
from collections import Counter

from cans.due import Kind
from cases.models import Case
from staff.dates import today

from .export import FORMAT, VERSION
from .reading import HALF_A_CHARACTER, Unreadable, table_of
from .sheets import BY_NAME, CANS

TEXT, FLAG, NUMBER = "text", "true or false", "a whole number"  # null is let through: a row may lack it
WHO = {"person_number": TEXT, "name": TEXT}
# What may stand where; what is not named here is not read.
SHAPE = {
    "case": {
        "number": TEXT,
        "name": TEXT,
        "county": TEXT,
        "region": TEXT,
        "lan": NUMBER,
        "referred_on": TEXT,
        "referral_source": TEXT,
        "department_worker": TEXT,
    },
    "episodes": [
        {
            "opened": TEXT,
            "authorised_through": TEXT,
            "closed": TEXT,
            "closing_reason": TEXT,
            "extensions": [
                {
                    "requested": TEXT,
                    "reason": TEXT,
                    "decided": TEXT,
                    "granted": FLAG,
                    "authorised_through": TEXT,
                }
            ],
        }
    ],
    "children": [
        {
            "person_number": TEXT,
            "name": TEXT,
            "born": TEXT,
            "developmental_disability": FLAG,
            "stays": [
                {
                    "joined": TEXT,
                    "left": TEXT,
                    "statuses": [{"kind": TEXT, "value": TEXT, "since": TEXT}],
                    "caregivers": [
                        {
                            "adult": WHO,
                            "role": TEXT,
                            "relationship": TEXT,
                            "in_home": FLAG,
                            "starts": TEXT,
                            "ends": TEXT,
                        }
                    ],
                    "services": [
                        {
                            "service": TEXT,
                            "provider": TEXT,
                            "starts": TEXT,
                            "ends": TEXT,
                            "findings": [TEXT],
                        }
                    ],
                }
            ],
        }
    ],
    "adults": [
        {
            "person_number": TEXT,
            "name": TEXT,
            "phone": TEXT,
            "address": TEXT,
            "collateral": [{"relationship": TEXT, "in_home": FLAG, "starts": TEXT, "ends": TEXT}],
        }
    ],
    "cans": [
        {
            "child": TEXT,
            "type": TEXT,
            "assessed_on": TEXT,
            "opened": TEXT,
            "instrument": TEXT,
            "state": TEXT,
            "replaced": FLAG,
            "author": TEXT,
            "first_submitted_on": TEXT,
            "approved_by": TEXT,
            "approved_on": TEXT,
            "first_approved_on": TEXT,
            "early": FLAG,
            "transition": FLAG,
            "decisions": [{"action": TEXT, "on": TEXT, "by": TEXT, "reason": TEXT}],
            "sheets": [
                {
                    "adult": (WHO,),
                    "role": TEXT,
                    "not_scored_reason": TEXT,
                    "ratings": {"*": TEXT},
                    "notes": {"*": TEXT},
                }
            ],
        }
    ],
    # Not in the files of before: it may be lacking.
    "waivers": (
        [
            {
                "child": TEXT,
                "opened": TEXT,
                "kind": TEXT,
                "joined": TEXT,
                "counted": TEXT,
                "reason": TEXT,
                "note": TEXT,
                "waived_on": TEXT,
                "waived_by": TEXT,
                "withdrawn_on": TEXT,
                "withdrawn_by": TEXT,
                "withdrawn_because": TEXT,
            }
        ],
    ),
}

# Columns of the child's line of a CANS, and where the document has them.
OF_CHILD = {
    "opened": "opened",
    "type": "type",
    "author": "author",
    "submitted_on": "first_submitted_on",
    "approved_by": "approved_by",
    "approved_on": "approved_on",
    "instrument": "instrument",
    "first_approved_on": "first_approved_on",
    "early": "early",
    "transition": "transition",
}


def is_document(name, content):
    return name.lower().endswith(".json") or content.lstrip()[:1] == b"{"


def tables_of(content, receiver, limits):
    """(the sheets, what of it is left out), for the supervisor who receives the case. Raises Unreadable."""
    if len(content) > limits["size"]:
        raise Unreadable(f"The file is larger than {limits['size'] // 1000:,} KB.")
    told = _fitted(_parsed(content), SHAPE, "The case")
    if receiver is None:
        raise Unreadable("A case as JSON needs somebody who receives it: choose a supervisor.")
    taken = [one for one in told["cans"] if one["state"] == "approved" and one["replaced"] != "yes"]
    rows = _Rows(told, receiver, taken)
    sheets = {name: list(make()) for name, make in rows.makers.items()}
    if sum(map(len, sheets.values())) > limits["rows"]:
        raise Unreadable("There is more in this case than can be read at once.")
    tables = {name: table_of(BY_NAME[name], found) for name, found in sheets.items() if found}
    return tables, _left_out(told["cans"], taken)


def _left_out(cans, taken):
    left = len(cans) - len(taken)
    if not left:
        return []
    return [f"{left} CANS that waited for approval there, or that an amendment replaced, are not taken over."]


class _Rows:
    """The document's parts as dictionaries of cells, by sheet."""

    def __init__(self, told, receiver, cans):
        self.told, self.receiver, self.cans = told, receiver, cans
        of_a_day = Counter()
        for one in cans:
            day = one["child"], one["assessed_on"]
            of_a_day[day] += 1
            one["which"] = str(of_a_day[day])
        self.number = {"case_number": told["case"]["number"]}
        self.makers = {
            "cases": self.cases,
            "extensions": self.extensions,
            "assignments": self.assignments,
            "children": self.children,
            "statuses": self.statuses,
            "adults": self.adults,
            "caregivers": self.caregivers,
            "services": self.services,
            "cans": self.ratings,
            "notes": self.notes,
            "decisions": self.decisions,
            "waivers": self.waivers,
        }

    def cases(self):
        case = self.told["case"]
        for episode in self.told["episodes"]:
            yield (
                case
                | episode
                | self.number
                | {
                    "case_name": case["name"],
                    "agency": self.receiver.agency.name,
                }
            )

    def extensions(self):
        for episode in self.told["episodes"]:
            for one in episode["extensions"]:
                yield self.number | one

    def assignments(self):
        """Who carried it there is not taken over; from today a supervisor here does, as after a transfer."""
        if not Case.objects.filter(number=self.number["case_number"]).exists():
            yield self.number | {
                "worker": self.receiver.username,
                "kind": "primary",
                "starts": today().isoformat(),
            }

    def children(self):
        for child, stay in self._stays():
            yield self.number | child | stay | {"child_name": child["name"]}

    def statuses(self):
        for child, stay in self._stays():
            for one in stay["statuses"]:
                yield self._stay(child, stay) | one

    def caregivers(self):
        for child, stay in self._stays():
            for one in stay["caregivers"]:
                yield self._stay(child, stay) | one | _named(one["adult"])

    def services(self):
        for child, stay in self._stays():
            for one in stay["services"]:
                findings = " ".join(one["findings"])
                yield self._stay(child, stay) | one | {"findings": findings}

    def adults(self):
        for adult in self.told["adults"]:
            for tie in adult["collateral"] or [{}]:
                yield self.number | adult | tie | _named(adult)

    def ratings(self):
        for one in self.cans:
            for sheet in one["sheets"]:
                if strange := sheet["ratings"].keys() & CANS.by_name.keys():
                    raise Unreadable(f"There is no item {min(strange)}.")
                own = OF_CHILD if sheet["adult"] is None else {}
                cells = self._cans(one) | {column: one[name] for column, name in own.items()}
                cells |= _named(sheet["adult"])
                cells |= {name: sheet[name] for name in ("role", "not_scored_reason")}
                yield cells | sheet["ratings"]

    def notes(self):
        for one in self.cans:
            for sheet in one["sheets"]:
                for item, note in sheet["notes"].items():
                    yield self._cans(one) | _named(sheet["adult"]) | {"item": item, "note": note}

    def decisions(self):
        for one in self.cans:
            for step in one["decisions"]:
                yield self._cans(one) | step | {"decided_on": step["on"], "decided_by": step["by"]}

    def waivers(self):
        """Those that follow a CANS which is not taken over are not either."""
        taken = {(one["child"], one["assessed_on"]) for one in self.cans}
        for one in self.told["waivers"] or []:
            if one["kind"] != Kind.SIX_MONTH or (one["child"], one["counted"]) in taken:
                yield self.number | {"person_number": one["child"]} | one

    def _stays(self):
        return ((child, stay) for child in self.told["children"] for stay in child["stays"])

    def _stay(self, child, stay):
        return self.number | {"person_number": child["person_number"], "joined": stay["joined"]}

    def _cans(self, one):
        known = {name: one[name] for name in ("assessed_on", "which")}
        return self.number | {"person_number": one["child"]} | known


def _named(adult):
    return {"adult_number": adult["person_number"], "adult_name": adult["name"]} if adult else {}


# --- from JSON to what the shape says -------------------------------------------------------------


def _parsed(content):
    try:
        told = json.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        raise Unreadable("This is not JSON as a case is exported.") from None
    if not isinstance(told, dict) or told.get("format") != FORMAT:
        raise Unreadable("This is JSON, but no case as it is exported.")
    if told.get("version") != VERSION:
        raise Unreadable(f"This case was exported in another version of the format than {VERSION}.")
    return told


def _fitted(value, shape, where):
    """The value with every cell as text. Raises Unreadable where it is otherwise than the shape."""
    if isinstance(shape, tuple):  # it may be lacking
        return None if value is None else _fitted(value, shape[0], where)
    if isinstance(shape, list):
        if not isinstance(value, list):
            raise Unreadable(f"{where} must be a list.")
        return [_fitted(one, shape[0], f"{where}, {at}") for at, one in enumerate(value, start=1)]
    if isinstance(shape, dict):
        if not isinstance(value, dict):
            raise Unreadable(f"{where} must have names and values.")
        if "*" in shape:
            return {
                _readable(name, where): _cell(one, shape["*"], f"{where}: {name[:40]}")
                for name, one in value.items()
            }
        return {name: _fitted(value.get(name), one, f"{where}: {name}") for name, one in shape.items()}
    return _cell(value, shape, where)


def _cell(value, shape, where):
    if value is None:
        return ""
    fits = {TEXT: isinstance(value, str), FLAG: isinstance(value, bool), NUMBER: type(value) is int}
    if not fits[shape]:
        raise Unreadable(f"{where} must be {shape}.")
    if shape == FLAG:
        return "yes" if value else "no"
    text = _readable(str(value), where)
    return text.strip() if shape == TEXT else text


def _readable(text, where):
    if HALF_A_CHARACTER.search(text):
        raise Unreadable(f"{where} holds a character that cannot be shown.")
    return text
