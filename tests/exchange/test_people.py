"""People of an agency from a file, by its administrator."""

import io

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl import load_workbook

from audit.models import Event
from exchange.people import checked, import_people
from staff.models import Line, User
from staff.refusals import NotNow
from tests import factories, forms_world
from tests.factories import days
from tests.html_forms import forms_of

from .conftest import as_csv


def person(user_name, role="clinician", **cells):
    return {
        "user_name": user_name,
        "name": f"Invented {user_name}",
        "email": "",
        "role": role,
        "supervisor": "sue" if role == "clinician" else "",
    } | cells


@pytest.fixture
def administrator(house):
    return factories.make_person("administrator", agency=house.agency)


def said(by, *rows):
    plan = checked("people.csv", as_csv(rows), by=by)
    return [(one.line, one.column, one.sentence) for one in plan.wrong]


def imported(by, *rows):
    content = as_csv(rows)
    seal = checked("people.csv", content, by=by).seal()
    return import_people("people.csv", content, by=by, seal=seal)


def test_accounts_with_their_lines_and_no_password_yet(house, administrator):
    plan = imported(administrator, person("ann", supervisor="new.lead"), person("new.lead", "supervisor"))
    ann = User.objects.get(username="ann")
    assert (ann.agency, ann.role, ann.is_active, ann.has_usable_password()) == (
        house.agency,
        "clinician",
        True,
        False,
    )
    assert ann.line_on(days(0)).supervisor.username == "new.lead"
    assert Event.objects.filter(action="person.add").count() == 2
    assert Event.objects.get(action="people.import").detail == {
        "sha256": plan.sha256,
        "accounts": 2,
        "lines": 1,
    }


def test_the_template_is_a_list_that_can_be_imported(client, house, administrator):
    client.force_login(administrator)
    page = client.get("/import/people/").content.decode()
    assert 'href="/import/people/template.xlsx"' in page
    answer = client.get("/import/people/template.xlsx")
    assert answer["Content-Disposition"] == 'attachment; filename="people.xlsx"'
    plan = checked("people.xlsx", answer.content, by=administrator)
    assert (plan.wrong, plan.counts) == ([], {"accounts": 1, "lines": 1})
    assert load_workbook(io.BytesIO(answer.content)).sheetnames == ["people", "Read me"]


def test_twice_changes_nothing(administrator):
    rows = [person("ann"), person("ben")]
    imported(administrator, *rows)
    before = forms_world.stored()
    with pytest.raises(NotNow, match="nothing new"):
        imported(administrator, *rows)
    assert forms_world.differences(before, forms_world.stored()) == []


@pytest.mark.parametrize(
    ("rows", "column", "sentence"),
    [
        ([person("ann", "coordinator")], "role", "Write one of"),
        ([person("ann b")], "user_name", "valid username"),
        ([person("ann"), person("ann")], "user_name", "twice"),
        ([person("ann"), person("ANN")], "user_name", "taken"),
        ([person("elsewhere")], "user_name", "taken"),
        ([person("una", name="Another")], "name", "On record it is"),
        ([person("una", name="Una Invented", supervisor="ann")], "supervisor", "On record it is “sue”"),
        ([person("ann", email="nowhere")], "email", "valid email"),
        ([person("ann", supervisor="")], "supervisor", "has a supervisor"),
        ([person("ann", supervisor="una")], "supervisor", "No active supervisor"),
        ([person("ann", supervisor="lead.elsewhere")], "supervisor", "No active supervisor"),
        ([person("ann", "administrator", supervisor="sue")], "supervisor", "An administrator has no"),
        ([person("ann", "supervisor", supervisor="ann")], "supervisor", "Nobody supervises themselves"),
        (
            [person("ann", "supervisor", supervisor="ben"), person("ben", "supervisor", supervisor="ann")],
            "supervisor",
            "no two people",
        ),
    ],
)
def test_what_is_wrong(house, administrator, rows, column, sentence):
    factories.make_person("clinician", username="elsewhere")
    factories.make_person("supervisor", username="lead.elsewhere")
    ((_, where, told),) = said(administrator, *rows)
    assert where == column
    assert sentence in told
    before = forms_world.stored()
    with pytest.raises(NotNow, match="put right"):
        imported(administrator, *rows)
    assert forms_world.differences(before, forms_world.stored()) == []


def test_only_who_was_shown_it_and_still_is_the_administrator(house, administrator):
    content = as_csv([person("ann")])
    seal = checked("people.csv", content, by=administrator).seal()
    other = factories.make_person("administrator", agency=house.agency)
    with pytest.raises(NotNow, match="not what was checked"):
        import_people("people.csv", content, by=other, seal=seal)
    User.objects.filter(pk=administrator.pk).update(is_active=False)
    with pytest.raises(PermissionDenied):
        import_people("people.csv", content, by=administrator, seal=seal)
    assert not User.objects.filter(username="ann").exists()


def test_the_page(client, house, administrator):
    client.force_login(administrator)
    sent = {"file": SimpleUploadedFile("people.csv", as_csv([person("ann")])), "show": "1"}
    page = client.post("/import/people/", sent)
    confirm = next(form for form in forms_of(page) if form.fields.keys() & {"file", "content"} == {"content"})
    posted = {name: one.values[0] for name, one in confirm.fields.items()}
    assert client.post("/import/people/", posted | {"checked": ""}).status_code == 409
    assert client.post("/import/people/", posted).status_code == 302
    assert Line.objects.filter(person__username="ann").exists()
    wrong = {"file": SimpleUploadedFile("people.csv", as_csv([person("b b")])), "show": "1"}
    assert (
        "People, line 2, user_name: Enter a valid username"
        in client.post("/import/people/", wrong).content.decode()
    )
