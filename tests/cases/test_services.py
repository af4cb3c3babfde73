"""Services answer findings; the array is the coordinator's."""

import pytest
from django.core.exceptions import PermissionDenied

from audit.models import Event
from cases import actions
from cases.models import CaseEvent, ServiceKind
from cases.views.services import findings_of
from staff.refusals import NotNow
from tests import factories
from tests.factories import days


@pytest.fixture
def kind(db):
    return ServiceKind.objects.create(name="Invented Respite")


@pytest.fixture
def give(stay, clinician, kind):
    def given(**changed):
        facts = {"kind": kind, "provider": "Nobody Inc", "starts": days(-3), "findings": ["life.sleep"]}
        return actions.add_service(stay, by=clinician, **facts | changed)

    return given


def test_a_service_answers_findings(give):
    service = give(findings=["life.sleep", "life.family-functioning", "life.sleep"])
    assert {row.code for row in service.findings.all()} == {"life.sleep", "life.family-functioning"}
    assert "Invented Respite for Robin" in CaseEvent.objects.get().sentence


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"findings": []}, "findings"),
        ({"starts": days(-21)}, "starts"),
        ({"starts": days(367)}, "starts"),
        ({"ends": days(-4)}, "ends"),
        ({"provider": ""}, "provider"),
    ],
)
def test_what_is_wrong(give, wrong, changed, field):
    assert field in wrong(give, **changed)
    assert not CaseEvent.objects.exists()


def test_a_retired_kind_is_not_given_again(give, kind, coordinator, wrong):
    service = give()
    actions.retire_service_kind(kind, by=coordinator)
    assert "kind" in wrong(give)
    service.refresh_from_db()
    assert service.kind == kind


def test_changing_it(give, clinician):
    service = give()
    change = {"by": clinician, "provider": "Somebody Inc", "starts": days(-3)}
    actions.change_service(service, findings=["life.school-behavior"], ends=days(-1), **change)
    service.refresh_from_db()
    assert (service.provider, service.ends) == ("Somebody Inc", days(-1))
    assert [row.code for row in service.findings.all()] == ["life.school-behavior"]
    assert CaseEvent.objects.first().sentence.endswith("ended.")


def test_who_may_not(stay, case, kind, coordinator, colleague, other_supervisor):
    factories.assign(case, other_supervisor, kind="review", starts=days(-1))
    for person in (coordinator, colleague, other_supervisor):
        with pytest.raises(PermissionDenied):
            actions.add_service(
                stay, by=person, kind=kind, provider="Nobody", starts=days(-3), findings=["life.sleep"]
            )


def test_the_array_is_the_coordinators(coordinator, clinician, supervisor, administrator, wrong):
    kind = actions.add_service_kind(by=coordinator, name="Invented Tutoring")
    assert "name" in wrong(actions.add_service_kind, by=coordinator, name="Invented Tutoring")
    actions.retire_service_kind(kind, by=coordinator)
    with pytest.raises(NotNow):
        actions.retire_service_kind(kind, by=coordinator)
    actions.restore_service_kind(kind, by=coordinator)
    assert [event.action for event in reversed(Event.objects.all())] == [
        "service_kind.add",
        "service_kind.retire",
        "service_kind.restore",
    ]
    for person in (clinician, supervisor, administrator):
        with pytest.raises(PermissionDenied):
            actions.add_service_kind(by=person, name="Music")


def test_findings_are_those_of_the_latest_approved_cans(child, caregiver, clinician, supervisor):
    from approvals.actions import approve, submit

    draft = factories.make_draft(child, author=clinician, rated="1")
    sheet = draft.sheets.get(adult=None)
    names = {item.code: item for item in sheet.items}
    need = next(item for item in sheet.items if item.code == "life.sleep")
    strength = next(item for item in sheet.items if item.kind == "strength")
    ratings = list(sheet.ratings)
    ratings[need.position], ratings[strength.position] = "2", "3"
    sheet.ratings = "".join(ratings)
    sheet.save()
    before = dict(findings_of(child.memberships.get()))
    assert sum(len(choices) for choices in before.values()) == len(draft.instrument.items)
    submit(draft, by=clinician)
    approve(draft, by=supervisor)
    assert findings_of(child.memberships.get(), also=["life.school-behavior"]) == [
        ("Needs to act on", [(need.code, need.name)]),
        ("Strengths to build", [(strength.code, strength.name)]),
        ("Answered until now", [("life.school-behavior", names["life.school-behavior"].name)]),
    ]
