"""What ordinary acts make of a case comes to the next agency as it was."""

import json

import pytest

from approvals import actions as approvals
from cans.models import Assessment
from cases.models import Case
from exchange.export import as_json, document
from tests import factories, forms_world
from tests.factories import days
from tests.importing import import_cases

from .test_interchange import make_house, sent


@pytest.fixture
def passed_on(db):
    """What the file says of a case that became so, and what the next agency's says, but for who has it."""

    def passed_on(become):
        with forms_world.undone():
            house = make_house("The Agency Before")
            case = factories.make_case(primary=house.worker, region=house.region, opened=days(-40))
            become(house, factories.make_child(case, joined=days(-40)))
            exported = as_json(case)
        here = make_house("The Next Agency")
        import_cases(sent(exported), by=here.coordinator, receiver=here.supervisor)
        before, after = json.loads(exported), document(Case.objects.get())
        for told in (before, after):
            del told["case"]["agency"], told["assignments"]
        return before, after

    return passed_on


def make_draft(house, child, **given):
    return factories.make_draft(child, author=house.worker, rated="1", assessed_on=days(-10), **given)


def approve(house, draft):
    approvals.submit(draft, by=house.worker)
    approvals.approve(draft, by=house.supervisor)


def test_a_cans_that_was_returned_ever_so_often(passed_on):
    def become(house, child):
        draft = make_draft(house, child)
        for _ in range(13):
            approvals.submit(draft, by=house.worker)
            approvals.return_for_revision(draft, by=house.supervisor, reason="Again.")
        approve(house, draft)

    before, after = passed_on(become)
    assert after == before
    moments = list(Assessment.objects.get().steps.values_list("at", flat=True))
    assert len(moments) == 28
    assert moments == sorted(set(moments))
