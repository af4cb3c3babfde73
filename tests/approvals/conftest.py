import datetime

import pytest
from django.utils import timezone

from approvals import actions
from approvals.models import ItemComment, Step
from approvals.workflow import Action
from audit.models import Event
from cans.facts import readiness_of
from cans.models import Assessment, Contribution, Obligation, RatingChange, Sheet, WarningAnswer
from cases.models import Assignment
from staff.dates import today
from staff.models import Cover
from tests import factories
from tests.factories import days


def name_cover(supervisor, cover, first, last):
    return Cover.objects.create(
        supervisor=supervisor, cover=cover, starts=days(first), ends=days(last), named_by=supervisor
    )


def write_in(assessment, person):
    Contribution.objects.create(assessment=assessment, person=person)


def rate(draft, code, value, *, by=None, adult=None):
    """Set one item; "" is the first of the caregiver's sheet. With its history, as scoring keeps it."""
    sheet = draft.sheets.get(adult=adult) if code else draft.sheets.exclude(adult=None).get()
    item = next(one for one in sheet.applicable_items if code in {one.code, ""})
    seen = sheet.value(item)
    assert Sheet.objects.put(sheet, item, seen=seen, value=value)
    return RatingChange.objects.create(
        sheet=sheet,
        position=item.position,
        before=seen,
        after=value,
        by=by or draft.author,
        at=timezone.now(),
    )


def submit(draft, by=None):
    """Submitted, with every warning answered."""
    for problem in readiness_of(draft):
        if problem.severity == "warning" and not problem.answered:
            WarningAnswer.objects.create(
                assessment=draft,
                key=problem.key,
                text=f"An invented answer to: {problem.key}",
                by=draft.author,
            )
    actions.submit(draft, by=by or draft.author)
    return draft


def snapshot():
    """All that a refused step must leave alone."""
    models = (Assessment, Step, ItemComment, Obligation, Assignment, Contribution)
    acts = Event.objects.filter(kind=Event.Kind.ACT, case_number__isnull=False)  # without sign-ins
    return [list(rows.order_by("pk").values()) for rows in (acts, *(model.objects.all() for model in models))]


def take(action, assessment, *, by, to=None, author=None, **given):
    """One step with what it needs besides: the verbs as a table, for tests that walk them all."""
    needs = {
        Action.SUBMIT: (actions.submit, {}),
        Action.APPROVE: (actions.approve, {}),
        Action.RETURN: (actions.return_for_revision, {"reason": "An invented reason."}),
        Action.REROUTE: (actions.reroute, {"to": to, "reason": "An invented reason."}),
        Action.RECALL: (actions.recall, {}),
        Action.AMEND: (actions.amend, {"author": author, "reason": "An invented reason."}),
        Action.VOID: (actions.void, {"reason": "An invented reason."}),
    }
    verb, arguments = needs[action]
    return verb(assessment, by=by, **(arguments | given))


@pytest.fixture
def make_supervisor(agency):
    def make(**kwargs):
        return factories.make_person("supervisor", agency=agency, **kwargs)

    return make


@pytest.fixture
def cover(supervisor, make_supervisor):
    """Stands in for the supervisor, yesterday through tomorrow."""
    person = make_supervisor(name="Cass Cover", username="cover")
    name_cover(supervisor, person, -1, 1)
    return person


@pytest.fixture
def contributor(case, agency):
    """A parallel worker of another team who also wrote in the CANS (see `ready_draft`)."""
    person = factories.make_person("clinician", agency=agency, name="Pat Parallel", username="clinician2")
    factories.assign(case, person, kind="parallel")
    return person


@pytest.fixture
def foreign_supervisor(db):
    """A supervisor of another agency."""
    return factories.make_person("supervisor", name="Foss Foreign", username="supervisor.b")


@pytest.fixture
def world(
    case,
    agency,
    ready_draft,
    clinician,
    supervisor,
    other_supervisor,
    cover,
    contributor,
    stranger,
    coordinator,
    administrator,
    foreign_supervisor,
    make_supervisor,
):
    """A ready draft and everybody who may stand in some relation to it, by what they are to it."""
    region = factories.make_region()
    long_ago = today() - datetime.timedelta(days=800)

    assigned = factories.make_person("clinician", agency=agency)
    factories.assign(case, assigned, kind="parallel")
    unassigned = factories.make_person("clinician", agency=agency)
    factories.assign(case, unassigned, kind="parallel", starts=days(-20), ends=days(-1))
    lapsed = factories.make_person("clinician", agency=agency, credentials=False)
    factories.certify(lapsed, certified=long_ago)
    factories.assign(case, lapsed, kind="parallel")
    inactive = factories.make_person("clinician", agency=agency)
    factories.assign(case, inactive, kind="parallel")
    for person in (contributor, unassigned, lapsed, inactive):
        write_in(ready_draft, person)
    inactive.is_active = False
    inactive.save()

    yesterday, tomorrow, wrote, uncertified = (make_supervisor() for _ in range(4))
    uncertified.credentials.all().delete()
    name_cover(supervisor, yesterday, -9, -1)
    name_cover(supervisor, tomorrow, 1, 9)
    name_cover(supervisor, wrote, 0, 0)
    write_in(ready_draft, wrote)
    name_cover(supervisor, uncertified, 0, 0)
    name_cover(cover, other_supervisor, 0, 0)
    name_cover(supervisor, foreign_supervisor, 0, 0)
    return {
        "author": clinician,
        "parallel contributor": contributor,
        "assigned, wrote nothing": assigned,
        "wrote, assignment ended yesterday": unassigned,
        "contributor with a lapsed certification": lapsed,
        "contributor whose account is closed": inactive,
        "supervisor": supervisor,
        "supervisor of another team, who covers the cover": other_supervisor,
        "cover today": cover,
        "cover until yesterday": yesterday,
        "cover from tomorrow": tomorrow,
        "cover today who wrote in it": wrote,
        "cover today without credentials": uncertified,
        "cover today of another agency": foreign_supervisor,
        "coordinator": coordinator,
        "coordinator of another region": factories.make_coordinator(region),
        "administrator": administrator,
        "stranger": stranger,
    }
