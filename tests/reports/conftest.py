"""Families with a date that is overdue for one reason each."""

import datetime

import pytest

from approvals import actions
from cans import obligations
from staff.dates import today
from tests import factories


def owing(clinician, *, late, region=None, name=None):
    """A child of this worker whose initial CANS is so many days late (fewer than 0: still to come)."""
    case = factories.make_case(primary=clinician, region=region, opened=factories.days(-30 - late), name=name)
    return factories.make_child(case)


def submitted(child, clinician, *, assessed_on=None):
    factories.make_caregiver(child)
    draft = factories.make_draft(child, author=clinician, assessed_on=assessed_on, rated="1")
    actions.submit(draft, by=clinician)
    return draft


def missed_extension(child, clinician):
    """An extension requested three days ago, without its CANS."""
    episode = child.memberships.get().case.episodes.get()
    episode.extensions.create(requested=factories.days(-3), requested_by=clinician)
    obligations.refresh(episode.case)


@pytest.fixture
def not_started(clinician):
    return owing(clinician, late=3)


@pytest.fixture
def in_draft(clinician):
    child = owing(clinician, late=10)
    factories.make_draft(child, author=clinician)
    return child


@pytest.fixture
def with_supervisor(clinician):
    child = owing(clinician, late=40)
    submitted(child, clinician)
    return child


@pytest.fixture
def returned(clinician, supervisor):
    child = owing(clinician, late=70)
    actions.return_for_revision(submitted(child, clinician), by=supervisor, reason="Look again.")
    return child


@pytest.fixture
def lapsed_worker(agency, supervisor):
    person = factories.make_person("clinician", agency=agency, supervisor=supervisor, credentials=False)
    factories.certify(person, certified=today() - datetime.timedelta(days=500))
    return person


@pytest.fixture
def lapsed(lapsed_worker):
    return owing(lapsed_worker, late=5)


@pytest.fixture
def everything(not_started, in_draft, with_supervisor, returned, lapsed):
    """One of each reason; ages 3, 10, 40, 70 and 5 days."""
    return [not_started, in_draft, with_supervisor, returned, lapsed]
