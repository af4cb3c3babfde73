"""What ordinary acts make of a case comes to the next agency as it was."""

import json

import pytest
import time_machine

from approvals import actions as approvals
from cans import actions as cans
from cans import waivers
from cans.correcting import correct_caregiving
from cans.instrument import UNRATED
from cans.models import Assessment, Note, Obligation, Sheet
from cases import actions as cases
from cases.models import Case, Child
from exchange.export import as_json, document
from exchange.waived import day_of
from tests import factories, forms_world
from tests.factories import days, noon
from tests.importing import checked, import_cases

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
        again = checked(sent(exported), by=here.coordinator, receiver=here.supervisor)
        assert (again.wrong, again.counts) == ([], {})
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


def test_who_was_rated_before_it_was_said_why_not(passed_on):
    def become(house, child):
        adult = factories.make_caregiver(child)
        draft = make_draft(house, child)
        cans.explain_not_scored(draft.sheets.get(adult=adult), by=house.worker, reason="Moved out.")
        approve(house, draft)

    before, after = passed_on(become)
    assert after == before
    assert Sheet.objects.get(adult__isnull=False).not_scored_reason == "Moved out."


@pytest.mark.parametrize("rated_as", ["parent", "substitute"])
def test_a_role_that_was_corrected_after_the_cans(passed_on, rated_as):
    def become(house, child):
        adult = factories.make_caregiver(child)
        care = adult.caregivings.get()
        adult.caregivings.update(role=rated_as)
        approve(house, make_draft(house, child))
        said = {"relationship": "aunt", "in_home": True, "starts": days(-40), "ends": None}
        other = "parent" if rated_as == "substitute" else "substitute"
        correct_caregiving(care, by=house.worker, role=other, reason="A wrong choice.", **said)

    before, after = passed_on(become)
    assert after == before
    assert_nothing_unrated(Assessment.objects.get())


def test_a_section_that_was_left_out_stays_so_with_what_was_rated_there(passed_on):
    def become(house, child):
        draft = make_draft(house, child)
        sheet = draft.sheets.get()
        cans.set_domains(draft, by=house.worker, early=True, transition=True)
        Sheet.objects.update(ratings=sheet.ratings.replace(UNRATED, "3"))
        cans.set_domains(draft, by=house.worker, early=False, transition=False)
        approve(house, draft)

    before, after = passed_on(become)
    assert after == before
    assert Assessment.objects.get().early is False
    assert_nothing_unrated(Assessment.objects.get())


def test_an_age_that_was_corrected_after_the_cans_adds_no_section_to_it(passed_on):
    def become(house, child):
        approve(house, make_draft(house, child))
        Child.objects.update(born=days(-365 * 3))

    before, after = passed_on(become)
    assert after == before
    assert_nothing_unrated(Assessment.objects.get())


def test_an_amended_cans_keeps_the_day_of_its_first_approval(passed_on):
    def become(house, child):
        draft = make_draft(house, child)
        with time_machine.travel(noon(-9), tick=False):
            approve(house, draft)
        with time_machine.travel(noon(-5), tick=False):
            amend(house, draft)
        with time_machine.travel(noon(-3), tick=False):
            amend(house, Assessment.objects.latest("pk"))

    before, after = passed_on(become)
    assert after == before | {"cans": [one for one in before["cans"] if not one["replaced"]]}
    met = Obligation.objects.current().get(kind="initial")
    assert (met.submitted_on, met.met_on, day_of(met.met_by.approved_at)) == (days(-9), days(-9), days(-3))


def amend(house, approved):
    draft = approvals.amend(approved, by=house.supervisor, author=house.worker, reason="A wrong item.")
    rate_higher(draft)
    approve(house, draft)


def rate_higher(draft):
    """The first item of each sheet."""
    for sheet in draft.sheets.all():
        item = sheet.applicable_items[0]
        Sheet.objects.put(sheet, item, seen=sheet.value(item), value=str(int(sheet.value(item)) + 1))


def assert_nothing_unrated(assessment):
    asked = [(sheet, item) for sheet in assessment.sheets.all() for item in sheet.applicable_items]
    assert [item.code for sheet, item in asked if sheet.value(item) == UNRATED] == []


def test_what_belongs_to_a_stay_stays_with_it(passed_on):
    """Also what is dated before the child came back: the goal, and who cares."""

    def become(house, child):
        stay = child.memberships.get()
        adult = factories.make_caregiver(child)
        cases.child_leaves(stay, by=house.worker, left=days(-20))
        again = cases.join_child(stay.case, by=house.worker, child=child, joined=days(-15))
        cases.record_status(again, by=house.worker, kind="goal", value="Return home", since=days(-30))
        tie = {"relationship": "foster parent", "in_home": True}
        care = tie | {"membership": again, "role": "substitute", "starts": days(-30)}
        collateral = tie | {"starts": days(-15)}
        cases.add_adult(stay.case, by=house.worker, adult=adult, collateral=collateral, cares=[care])
        approve(house, make_draft(house, child))

    before, after = passed_on(become)
    assert after == before


def test_who_cared_in_a_stay_that_is_not_that_of_the_cans(passed_on):
    def become(house, child):
        stay = child.memberships.get()
        cases.child_leaves(stay, by=house.worker, left=days(-5))
        cases.join_child(stay.case, by=house.worker, child=child, joined=days(-2))
        factories.make_caregiver(child, starts=days(-30))
        approve(house, make_draft(house, child))

    before, after = passed_on(become)
    assert len(before["cans"][0]["sheets"]) == 2
    assert after == before


def test_a_submission_that_was_recalled_was_never_made(passed_on):
    def become(house, child):
        draft = make_draft(house, child)
        approvals.submit(draft, by=house.worker)
        approvals.recall(draft, by=house.worker)
        approvals.submit(draft, by=house.worker)
        approvals.return_for_revision(draft, by=house.supervisor, reason="Again.")
        approvals.submit(draft, by=house.worker)
        approvals.recall(draft, by=house.worker)
        approve(house, draft)

    before, after = passed_on(become)
    assert after == before
    actions = [step["action"] for step in after["cans"][0]["decisions"]]
    assert actions == ["submit", "return", "submit", "approve"]


def test_words_with_whatever_the_forms_take(passed_on, client):
    words = "By hand:\x0bsee\r\nthe sheet\x07."

    def become(house, child):
        draft = make_draft(house, child)
        cans.annotate(draft.sheets.get(), by=house.worker, notes={"life.sleep": words})
        approvals.submit(draft, by=house.worker)
        client.force_login(house.supervisor)
        given = {"version": draft.version, "reason": words}
        client.post(f"/approvals/{draft.pk}/return/", given)
        draft.refresh_from_db()
        approve(house, draft)

    before, after = passed_on(become)
    assert after == before
    assert "\x07" in before["cans"][0]["decisions"][1]["reason"]


def test_two_cans_of_one_day(passed_on):
    def become(house, child):
        factories.make_caregiver(child)
        approve(house, make_draft(house, child))
        second = make_draft(house, child)
        rate_higher(second)
        cans.annotate(second.sheets.get(adult=None), by=house.worker, notes={"life.sleep": "Better."})
        approve(house, second)
        owed = Obligation.objects.current().get(kind="six_month", met_by=None)
        waivers.waive(owed, by=house.coordinator, reason="runaway")

    before, after = passed_on(become)
    assert after == before
    assert Note.objects.get().sheet.assessment == Assessment.objects.latest("pk")
    assert [row.status() for row in Obligation.objects.current()] == ["met", "met", "waived"]


def test_days_that_were_corrected_past_a_cans(passed_on):
    def become(house, child):
        approve(house, make_draft(house, child))
        stay = child.memberships.get()
        respite = {"kind": house.kind, "provider": "Invented", "starts": days(-20), "ends": None}
        cases.add_service(stay, by=house.worker, findings=["life.sleep"], **respite)
        cases.correct_opening(stay.case.episodes.get(), by=house.coordinator, opened=days(-9), reason="Late.")
        cases.correct_stay(stay, by=house.worker, joined=days(-9), left=None, reason="Late.")

    before, after = passed_on(become)
    assert after == before
    assert [row.met_by for row in Obligation.objects.current()] == [None]
