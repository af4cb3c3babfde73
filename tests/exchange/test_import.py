from importlib import import_module

import pytest
import time_machine
from django.apps import apps
from django.core.exceptions import PermissionDenied
from django.db.models import F

from approvals import actions as approvals
from approvals.models import Step
from audit.models import Event
from cans.models import Assessment, Obligation, Sheet
from cases.models import Assignment, Case, Child, Service
from exchange.actions import MOST_HIDDEN
from exchange.checking import Unreadable, check
from reports import overdue, submission
from reports.rows import shown
from staff.models import User
from staff.refusals import NotNow
from tests import factories, forms_world
from tests.factories import days
from tests.importing import checked, import_cases, looked_at

from ..approvals.conftest import submit
from .conftest import WHOLE, adult, cans, care, case, child, files, rated

fill = import_module("cans.migrations.0009_when_it_was_imported").fill


def said(sheets, by):
    """What is wrong, as (sheet, line, column, sentence)."""
    plan = checked(files(sheets), by=by)
    return [(one.sheet, one.line, one.column, one.sentence) for one in plan.wrong]


def test_a_whole_case(house, whole):
    plan = import_cases(whole, by=house.coordinator)
    assert plan.wrong == []
    kept = Case.objects.get(number="A-1")
    assert (kept.agency, kept.region, kept.lan) == (house.agency, house.region, 7)
    assert kept.assignments.get().person == house.worker
    one = Assessment.objects.get()
    assert (one.state, one.type, one.assessed_on) == ("approved", "initial", days(-180))
    assert (one.author, one.approved_by.name, one.first_submitted_on) == (
        house.worker,
        "Long Gone",
        days(-179),
    )
    assert [step.action for step in Step.objects.filter(assessment=one)] == ["submit", "approve"]
    child_sheet, other = Sheet.objects.filter(assessment=one)
    assert child_sheet.values["life.sleep"] == "2"
    assert child_sheet.notes.get().text == "Sleeps badly,\nsince the move."
    assert other.values["caregiver.safety"] == "1"
    assert other.substitute
    assert Service.objects.get().findings.get().code == "life.sleep"
    met = Obligation.objects.current().get(child=one.child, kind="initial")
    assert met.met_by == one
    assert met.met_on == days(-177)
    assert Obligation.objects.current().filter(case=kept).exclude(child=one.child).exists()


def test_the_same_file_twice_changes_nothing(house, whole):
    import_cases(whole, by=house.coordinator)
    before = forms_world.stored()
    again = checked(whole, by=house.coordinator)
    assert again.wrong == []
    assert again.counts == {}
    assert again.same["cases"] == 1
    assert again.same["cans"] == 1
    with pytest.raises(NotNow, match="nothing new"):
        import_cases(whole, by=house.coordinator)
    assert forms_world.differences(before, forms_world.stored()) == []


def test_a_file_of_one_sheet_adds_to_what_is_on_record(house):
    import_cases(files({"cases.csv": [case()]}), by=house.coordinator)
    import_cases(files({"children.csv": [child()]}), by=house.coordinator)
    kept = Case.objects.get()
    assert kept.memberships.get().child.name == "Ann Invented"
    assert kept.version == 2
    assert Obligation.objects.current().get(case=kept, kind="initial").due == days(-170)


def test_one_audit_event_says_who_what_and_of_which_file(house, whole):
    plan = import_cases(whole, by=house.coordinator)
    event = Event.objects.get(action="case.import")
    assert event.actor_number == house.coordinator.pk
    assert event.detail == {"sha256": plan.sha256} | plan.counts
    assert plan.counts["children"] == 2


def test_the_record_of_each_case_has_it_with_its_cans_and_the_file(house, whole):
    plan = import_cases(whole, by=house.coordinator)
    kept = Case.objects.get()
    event = Event.objects.get(action="case.imported")
    assert (event.chain, event.case_number) == (house.agency.pk, kept.pk)
    assert (event.actor_number, event.subject) == (house.coordinator.pk, f"case {kept.pk}")
    assert event.detail == {"sha256": plan.sha256, "cans": [Assessment.objects.get().pk]}
    gone = Event.objects.get(action="person.add")
    assert (gone.chain, gone.subject) == (house.agency.pk, f"person {User.objects.get(name='Long Gone').pk}")


def test_so_has_a_case_that_is_added_to_and_one_of_another_agency(house):
    other = factories.make_agency("Another Invented Agency")
    factories.make_person("clinician", agency=other, username="omar")
    sheets = {"cases.csv": [case(), case("B-1", agency=other.name, primary_worker="omar")]}
    import_cases(files(sheets), by=house.coordinator)
    plan = import_cases(files({"children.csv": [child()]}), by=house.coordinator)
    ours, theirs = Case.objects.order_by("number")
    told = Event.objects.filter(action="case.imported").order_by("pk")
    assert {(event.chain, event.case_number) for event in told} == {
        (house.agency.pk, ours.pk),
        (other.pk, theirs.pk),
    }
    assert [event.detail["sha256"] for event in told.filter(case_number=ours.pk)][1:] == [plan.sha256]


def test_the_history_of_a_rating_says_that_it_was_imported(house, whole, client):
    import_cases(whole, by=house.coordinator)
    client.force_login(house.coordinator)
    sheet = Sheet.objects.get(adult=None)
    page = client.get(f"/cans/{sheet.assessment_id}/history/{sheet.pk}/life.sleep/").content.decode()
    assert "It was imported from a file on" in page
    assert f"by {house.coordinator}" in page
    assert "No change of it is on record" not in page


def test_whoever_checks_a_file_is_on_record_and_may_not_ask_for_many_hidden_numbers(house):
    hidden = [
        factories.make_case(primary=house.worker, region=house.elsewhere) for _ in range(MOST_HIDDEN + 1)
    ]
    some = {"cases.csv": [case(), *(case(one.number) for one in hidden[1:])]}
    plan = looked_at(files(some), by=house.coordinator)
    assert len(plan.wrong) == MOST_HIDDEN
    event = Event.objects.get(action="case.import_check")
    assert event.detail == {"sha256": plan.sha256, "rows": MOST_HIDDEN + 1, "hidden": MOST_HIDDEN}
    with pytest.raises(Unreadable, match="ask the coordinators"):
        looked_at(files({"cases.csv": [case(one.number) for one in hidden]}), by=house.coordinator)
    assert Event.objects.filter(action="case.import_check").first().detail["hidden"] == MOST_HIDDEN + 1
    assert not Case.objects.filter(number="A-1").exists()


def test_what_is_wrong_is_told_by_line_and_column(house):
    wrong = said(
        {
            "cases.csv": [
                case(lan="seven"),
                case("A-2", county="Nowhere", opened="2025-02-30"),
                case("A-3", agency="No such", region="Another Region"),
                case("A-4", primary_worker="nobody"),
                case("A-5", primary_worker=""),
                case("A-6", opened=days(1)),
                case("A-7", closed=days(-100), closing_reason=""),
                case("A 8"),
                case("A-9", authorised_through=days(-201)),
                case("B-1", referred_on=days(-199)),
            ]
        },
        house.coordinator,
    )
    assert {(line, column) for _, line, column, _ in wrong} == {
        (2, "lan"),
        (3, "opened"),
        (4, "agency"),
        (4, "region"),
        (5, "primary_worker"),
        (6, "primary_worker"),
        (7, "opened"),
        (8, "closing_reason"),
        (9, "case_number"),
        (10, "authorised_through"),
        (11, "referred_on"),
    }
    assert (2, "Write a whole number.") in {(line, sentence) for _, line, _, sentence in wrong}


CASE_AND_CHILD = {"cases.csv": [case()], "children.csv": [child()]}
FAMILY = CASE_AND_CHILD | {"adults.csv": [adult()], "caregivers.csv": [care()]}
ITEM = {"life.sleep": "2"}


def test_what_is_wrong_with_a_case_is_said_once_and_not_of_every_line_about_it(house):
    sheets = FAMILY | {"cases.csv": [case(lan="99")], "cans.csv": [cans(**{"life.sleep": "2"})]}
    (found,) = said(sheets, house.coordinator)
    assert (found[0], found[2]) == ("cases", "lan")
    sheets = FAMILY | {"children.csv": [child(born=days(1))]}
    (found,) = said(sheets, house.coordinator)
    assert (found[0], found[2]) == ("children", "born")


def test_an_extension_lies_within_what_its_case_is_authorised_for(house):
    more = {"case_number": "A-1", "requested": days(-30), "decided": days(-20), "granted": "yes"}
    asked = {"cases.csv": [case()], "extensions.csv": [more | {"authorised_through": days(101)}]}
    (found,) = said(asked, house.coordinator)
    assert (found[0], found[2], found[3][:30]) == (
        "extensions",
        "authorised_through",
        f"The case is authorised through {days(100)}"[:30],
    )


def test_a_child_of_another_case_of_the_file_is_not_of_this_one(house):
    two = {"cases.csv": [case(), case("A-2")], "children.csv": [child(), child("P-7", case_number="A-2")]}
    sheets = two | {"adults.csv": [adult()], "caregivers.csv": [care(person_number="P-7")]}
    (found,) = said(sheets, house.coordinator)
    assert (found[2], found[3][:22]) == ("person_number", "No child of this case ")


@pytest.mark.parametrize(
    ("sheets", "column", "sentence"),
    [
        ({"children.csv": [child(born=days(1))]}, "born", "has not come yet"),
        ({"children.csv": [child(joined="2016-05-19")]}, "joined", "before the child's birth"),
        ({"children.csv": [child(left=days(-201))]}, "left", "before the day of joining"),
        ({"children.csv": [child(), child(joined=days(-10))]}, "joined", "one case at a time"),
        ({"children.csv": [child(), child(child_name="Bob")]}, "child_name", "On record it is"),
        ({"children.csv": [child(case_number="A-9")]}, "case_number", "no such case"),
        ({"children.csv": [child(child_name="x" * 121)]}, "child_name", "at most 120"),
        ({"children.csv": [child(child_name="")]}, "child_name", "cannot be empty"),
        ({"children.csv": [child("P-9")], "adults.csv": [adult()]}, "adult_number", "nobody is both"),
        ({"adults.csv": [adult()], "caregivers.csv": [care(joined=days(-9))]}, "joined", "did not join"),
        ({"adults.csv": [adult(ends=days(-201))]}, "ends", "before the first day"),
        ({"adults.csv": [adult(), adult(starts=days(-20))]}, "starts", "already"),
        ({"adults.csv": [adult(starts="")]}, "relationship", "first day is needed"),
        ({"caregivers.csv": [care()]}, "adult_number", "No adult of this case"),
        (
            {"adults.csv": [adult(starts="", relationship="")], "caregivers.csv": [care()]},
            "role",
            "first added",
        ),
        ({"assignments.csv": [{"worker": "una", "kind": "parallel", "role": "x"}]}, "worker", ""),
    ],
)
def test_people_that_are_wrong(house, sheets, column, sentence):
    if column == "worker":
        row = {"case_number": "A-1", "starts": days(-100)} | sheets["assignments.csv"][0]
        sheets, column, sentence = {"assignments.csv": [row]}, "starts", "works on this case"
    (found,) = said(CASE_AND_CHILD | sheets, house.coordinator)
    assert found[2] == column
    assert sentence in found[3]


@pytest.mark.parametrize(
    ("lines", "column", "sentence"),
    [
        ([cans(**{"life.sleep": "4"})], "life.sleep", "cannot be rated 4"),
        ([cans(**{"life.sleep": "N/A"})], "life.sleep", "cannot be rated N/A"),
        ([cans(**{"life.nonsense": "1"})], "the line", "no column or item"),
        ([cans(**{"caregiver.safety": "1"})], "caregiver.safety", "leave it empty"),
        ([cans(**ITEM), cans(**ITEM)], "assessed_on", "already"),
        ([cans(**ITEM, approved_by="Una Invented")], "approved_by", "Nobody approves"),
        ([cans(**ITEM, submitted_on=days(-181))], "submitted_on", "before the assessment"),
        ([cans(**ITEM, approved_on=days(-180))], "approved_on", "before the submission"),
        ([cans(**ITEM, first_approved_on=days(-180))], "first_approved_on", "before the submission"),
        ([cans(**ITEM, first_approved_on=days(-176))], "approved_on", "before the first approval"),
        ([cans(**ITEM, role="parent")], "role", "empty on the child's line"),
        ([cans(**ITEM, assessed_on=days(-201))], "assessed_on", "had not been opened"),
        ([cans(**ITEM, opened=days(-199))], "opened", "was not opened"),
        ([cans(**ITEM, author="")], "author", "child's line"),
        ([cans(**ITEM, type="yearly")], "type", "initial, reassessment"),
        ([rated(**{"caregiver.safety": "1"})], "assessed_on", "no child's line"),
        ([cans(**{"life.sleep": ""})], "the line", "Nothing is rated"),
        ([cans(**ITEM), rated()], "not_scored_reason", "say why they were not scored"),
    ],
)
def test_cans_that_are_wrong(house, lines, column, sentence):
    (found,) = said(FAMILY | {"cans.csv": lines}, house.coordinator)
    assert found[2] == column
    assert sentence in found[3]


def test_an_old_author_is_kept_by_name_and_cannot_sign_in(house, whole):
    import_cases(whole, by=house.coordinator)
    gone = User.objects.get(name="Long Gone")
    assert (gone.is_active, gone.agency, gone.has_usable_password()) == (False, house.agency, False)


def test_on_record_otherwise_is_told_and_never_changed(house, whole):
    import_cases(whole, by=house.coordinator)
    before = forms_world.stored()
    sheets = WHOLE | {
        "cases.csv": [case(case_name="Another Name", authorised_through=days(101))],
        "cans.csv": [cans(**{"life.sleep": "3"}), rated(**{"caregiver.safety": "1"})],
    }
    found = said(sheets, house.coordinator)
    assert {(sheet, column) for sheet, _, column, _ in found} >= {
        ("cases", "case_name"),
        ("cans", "the line"),
    }
    assert all("never changes" in sentence for *_, sentence in found if "such" not in sentence)
    with pytest.raises(NotNow, match="put right"):
        import_cases(files(sheets), by=house.coordinator)
    assert forms_world.differences(before, forms_world.stored()) == []


def test_one_wrong_line_and_nothing_is_stored(house):
    before = forms_world.stored()
    with pytest.raises(NotNow, match="put right"):
        import_cases(files({"cases.csv": [case(), case("A-2", lan="99")]}), by=house.coordinator)
    assert forms_world.differences(before, forms_world.stored()) == []


def test_what_another_region_has_is_told_by_number_and_no_more(house):
    other = factories.make_case(primary=house.worker, region=house.elsewhere, name="Secret Family")
    theirs = factories.make_child(other, name="Secret Child")
    grown = factories.make_caregiver(theirs, name="Secret Adult")
    sheets = {
        "cases.csv": [case(), case(other.number)],
        "children.csv": [child(theirs.person_number)],
        "adults.csv": [adult(grown.person_number)],
    }
    found = said(sheets, house.coordinator)
    assert {(sheet, column) for sheet, _, column, _ in found} == {
        ("cases", "case_number"),
        ("children", "person_number"),
        ("adults", "adult_number"),
    }
    (sentence,) = {sentence for *_, sentence in found}
    assert sentence.startswith("This number exists already, where you cannot see it.")


def test_only_a_coordinator_imports(house, whole):
    for person in (house.worker, house.supervisor, factories.make_person("administrator")):
        with pytest.raises(PermissionDenied):
            import_cases(whole, by=person)


def test_a_child_with_a_cans_under_way_keeps_it(house):
    import_cases(files(CASE_AND_CHILD), by=house.coordinator)
    factories.make_draft(Child.objects.get(), author=house.worker)
    ((_, _, column, sentence),) = said(CASE_AND_CHILD | {"cans.csv": [cans(**ITEM)]}, house.coordinator)
    assert column == "person_number"
    assert "under way" in sentence


def test_a_case_opened_twice_and_a_child_who_came_back(house):
    sheets = {
        "cases.csv": [
            case(opened=days(-150), referred_on=days(-410)),
            case(
                opened=days(-400),
                referred_on=days(-410),
                authorised_through=days(-220),
                closed=days(-220),
                closing_reason="stable",
            ),
        ],
        "children.csv": [
            child(joined=days(-400), left=days(-230)),
            child(joined=days(-150)),
        ],
        "cans.csv": [
            cans(**ITEM, assessed_on=days(-140), type="reassessment")
            | {"submitted_on": days(-140), "approved_on": days(-139)},
            cans(**ITEM, assessed_on=days(-390)) | {"submitted_on": days(-389), "approved_on": days(-388)},
        ],
    }
    import_cases(files(sheets), by=house.coordinator)
    kept = Case.objects.get()
    assert [row.opened for row in kept.episodes.all()] == [days(-150), days(-400)]
    assert [row.ends for row in Assignment.objects.order_by("starts")] == [days(-220), None]
    first, second = Assessment.objects.order_by("assessed_on")
    assert second.based_on == first
    met = Obligation.objects.current().filter(kind="initial").order_by("due")
    assert [(row.opened, row.met_by) for row in met] == [(days(-400), first), (days(-150), second)]


def test_past_cans_of_a_case_on_record_change_no_day_before_they_came(house):
    """Nor was one a draft then: a child with two of them had its due date in the list twice."""
    day = days(-15)

    def told():
        rows = shown(overdue.owed(house.coordinator, day), day)
        sent = submission.submitted(house.coordinator, days(-400), day, day)
        return [(row.child_name, row.due, row.reason) for row in rows], list(sent)

    with time_machine.travel(factories.noon(-40), tick=False):
        import_cases(
            files({name: WHOLE[name] for name in ("cases.csv", "children.csv")}), by=house.coordinator
        )
    with time_machine.travel(factories.noon(-15), tick=False):
        was = told()
    later = [
        cans(**ITEM, assessed_on=days(-30), submitted_on=days(-10), approved_on=days(-8)),
        cans(**ITEM, assessed_on=days(-25), submitted_on=days(-12), approved_on=days(-7)),
        cans("P-2", **ITEM, assessed_on=days(-30), submitted_on=days(-20), approved_on=days(-18)),
    ]
    import_cases(files({"cans.csv": later}), by=house.coordinator)
    assert Assessment.objects.in_force().count() == 3
    assert not Assessment.objects.in_force(day).exists()
    assert told() == was
    assert len(was[0]) == 2
    Assessment.objects.update(imported_at=None)
    fill(apps, None)
    assert not Assessment.objects.filter(imported_at=None).exists()


def test_what_is_confirmed_is_what_was_shown(house, whole):
    seal = checked(whole, by=house.coordinator).seal()
    others = checked(whole, by=factories.make_coordinator(house.region)).seal()
    import_cases(files({"cases.csv": [case("A-2")]}), by=house.coordinator)
    for wrong in (others, "", "nonsense:x"):
        with pytest.raises(NotNow, match="not what was checked"):
            import_cases(whole, by=house.coordinator, seal=wrong)
    import_cases(whole, by=house.coordinator, seal=seal)
    assert Case.objects.filter(number="A-1").exists()


def test_a_case_that_changes_while_the_file_is_read_is_not_added_to(house, monkeypatch):
    import_cases(files({"cases.csv": [case()]}), by=house.coordinator)

    def check_and_be_overtaken(tables, *, by):
        plan = yield from check(tables, by=by)
        Case.objects.update(version=F("version") + 1)
        return plan

    monkeypatch.setattr("exchange.actions.check", check_and_be_overtaken)
    with pytest.raises(NotNow, match="a moment ago"):
        import_cases(files({"children.csv": [child()]}), by=house.coordinator)
    assert not Child.objects.exists()


def test_of_a_child_who_left_a_cans_is_compared_with_those_of_its_own_case_only(house):
    """The children's workers may not read what another agency approved: not as "last time" either."""
    theirs = factories.make_agency("Another Agency")
    decides = factories.make_person("supervisor", agency=theirs)
    works = factories.make_person("clinician", agency=theirs, supervisor=decides)
    region = factories.make_region("Elsewhere")
    before = factories.make_case(primary=works, agency=theirs, region=region, opened=days(-150))
    moved = factories.make_child(before, name="Robin Moved-Invented")
    factories.make_caregiver(moved)
    theirs_first = factories.make_draft(moved, author=works, rated="3", assessed_on=days(-90))
    approvals.approve(submit(theirs_first), by=decides)
    before.memberships.update(left=days(-61))
    mine = factories.make_case(
        agency=house.agency, primary=house.worker, region=house.region, opened=days(-60)
    )
    mine.memberships.create(child=moved, joined=days(-60), left=days(-20))
    line = cans(moved.person_number, mine.number, **ITEM, assessed_on=days(-50))
    line |= {"submitted_on": days(-49), "approved_on": days(-48)}
    import_cases(files({"cans.csv": [line]}), by=house.coordinator)
    assert Assessment.objects.get(case=mine).based_on is None
