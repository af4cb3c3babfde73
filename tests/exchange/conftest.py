import csv
import io
from types import SimpleNamespace

import pytest

from cases.models import ServiceKind
from tests import factories
from tests.factories import days


def as_csv(rows):
    """A CSV file of these rows, whose columns are all those that any of them has."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    out = io.StringIO()
    writer = csv.DictWriter(out, names)
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()


def case(number="A-1", **cells):
    given = {
        "case_number": number,
        "case_name": "Invented Family",
        "agency": "Invented Agency",
        "county": "Cook",
        "region": "Invented Region",
        "lan": "7",
        "referred_on": days(-210),
        "referral_source": "Department caseworker",
        "opened": days(-200),
        "authorised_through": days(100),
        "primary_worker": "una",
    }
    return given | cells


def child(number="P-1", case_number="A-1", **cells):
    given = {
        "case_number": case_number,
        "person_number": number,
        "child_name": "Ann Invented",
        "born": "2016-05-20",
        "joined": days(-200),
    }
    return given | cells


def adult(number="P-9", case_number="A-1", **cells):
    given = {
        "case_number": case_number,
        "adult_number": number,
        "adult_name": "Fay Invented",
        "relationship": "Foster parent",
        "in_home": "yes",
        "starts": days(-200),
    }
    return given | cells


def care(number="P-1", case_number="A-1", **cells):
    given = {
        "case_number": case_number,
        "person_number": number,
        "adult_number": "P-9",
        "adult_name": "Fay Invented",
        "role": "substitute",
        "relationship": "Foster mother",
        "in_home": "yes",
        "starts": days(-200),
    }
    return given | cells


def cans(number="P-1", case_number="A-1", **cells):
    given = {
        "case_number": case_number,
        "person_number": number,
        "assessed_on": days(-180),
        "adult_number": "",
        "adult_name": "",
        "type": "initial",
        "author": "Una Invented",
        "submitted_on": days(-179),
        "approved_by": "Long Gone",
        "approved_on": days(-177),
    }
    return given | cells


def rated(number="P-1", case_number="A-1", **cells):
    """A caregiver's line of the same CANS."""
    own = {"adult_number": "P-9", "adult_name": "Fay Invented"}
    nothing = dict.fromkeys(("type", "author", "submitted_on", "approved_by", "approved_on"), "")
    return cans(number, case_number, **own | nothing | cells)


@pytest.fixture
def house(db):
    """One agency with a worker and the coordinator of its region, another region, the instrument."""
    agency = factories.make_agency("Invented Agency")
    region = factories.make_region("Invented Region")
    factories.make_instrument()
    supervisor = factories.make_person("supervisor", agency=agency, name="Sue Invented", username="sue")
    return SimpleNamespace(
        agency=agency,
        region=region,
        elsewhere=factories.make_region("Another Region"),
        supervisor=supervisor,
        worker=factories.make_person(
            "clinician", agency=agency, name="Una Invented", username="una", supervisor=supervisor
        ),
        coordinator=factories.make_coordinator(region),
        service=ServiceKind.objects.get_or_create(name="Invented Respite")[0],
    )


WHOLE = {
    "cases.csv": [case()],
    "extensions.csv": [
        {
            "case_number": "A-1",
            "requested": days(-30),
            "reason": "More time.",
            "decided": days(-20),
            "granted": "yes",
            "authorised_through": days(100),
        }
    ],
    "children.csv": [child(), child("P-2", child_name="Ben Invented", born="2012-02-29")],
    "statuses.csv": [
        {
            "case_number": "A-1",
            "person_number": "P-1",
            "kind": "placement",
            "value": "Foster home",
            "since": days(-200),
        }
    ],
    "adults.csv": [adult()],
    "caregivers.csv": [care(), care("P-2")],
    "services.csv": [
        {
            "case_number": "A-1",
            "person_number": "P-1",
            "service": "Invented Respite",
            "provider": "Invented Provider",
            "starts": days(-100),
            "findings": "life.sleep",
        }
    ],
    "cans.csv": [
        cans(**{"life.sleep": "2", "life.school-behavior": "N/A", "caregiver.safety": ""}),
        rated(**{"life.sleep": "", "caregiver.safety": "1"}),
    ],
    "notes.csv": [
        {
            "case_number": "A-1",
            "person_number": "P-1",
            "assessed_on": days(-180),
            "item": "life.sleep",
            "note": "Sleeps badly,\nsince the move.",
        }
    ],
}


def files(sheets):
    return [(name, as_csv(rows)) for name, rows in sheets.items()]


@pytest.fixture
def whole():
    """A file of every sheet, about one case."""
    return files(WHOLE)
