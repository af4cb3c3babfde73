"""The page: first what a file would do, then exactly that."""

import base64

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command

from cases.models import Case
from exchange.actions import checked
from tests.html_forms import forms_of

from .conftest import as_csv, case, child, files

ADDRESS = "/import/"


def sent(content, name="cases.csv"):
    return {"file": SimpleUploadedFile(name, content), "show": "1"}


@pytest.fixture
def signed_in(client, house):
    client.force_login(house.coordinator)
    return client


def test_check_then_confirm(signed_in):
    page = signed_in.post(ADDRESS, sent(as_csv([case()])))
    assert "What would be imported" in page.content.decode()
    assert not Case.objects.exists()
    confirm = next(form for form in forms_of(page) if form.fields.keys() & {"file", "content"} == {"content"})
    answer = signed_in.post(ADDRESS, {name: one.values[0] for name, one in confirm.fields.items()})
    assert (answer.status_code, answer.url) == (302, "/cases/")
    assert Case.objects.get().name == "Invented Family"


def test_what_is_wrong_is_on_the_page(signed_in):
    page = signed_in.post(ADDRESS, sent(as_csv([case(lan="70"), case("A-2", county="")]))).content.decode()
    assert "Cases, line 2, lan: Ensure this value is less than or equal to 62." in page
    assert "Cases, line 3, county: Write this; it cannot be empty." in page
    assert "Import all of it" not in page


def test_a_file_with_much_wrong_says_the_first_and_how_many_more(signed_in):
    page = signed_in.post(ADDRESS, sent(as_csv([case(f"A-{n}", lan="") for n in range(203)])))
    assert page.content.decode().count("<li>Cases, line") == 200
    assert "And 3 more." in page.content.decode()


@pytest.mark.parametrize(
    ("posted", "sentence"),
    [
        ({}, "Choose a file."),
        ({"content": "not base64!"}, "did not come back whole"),
        (sent(b"\x00\xff"), "not text in UTF-8"),
        (sent(b"x" * 1_000_001), "the command import_cases"),
    ],
)
def test_nothing_that_can_be_read(signed_in, posted, sentence):
    assert sentence in signed_in.post(ADDRESS, posted).content.decode()


def test_what_was_not_shown_is_not_imported(signed_in, house):
    ((name, content),) = files({"cases.csv": [case()]})
    other = checked(files({"cases.csv": [case(), case("A-2")]}), by=house.coordinator).seal()
    for seal in ("", other):
        given = {"name": name, "content": base64.b64encode(content).decode(), "checked": seal}
        answer = signed_in.post(ADDRESS, given)
        assert answer.status_code == 409
        assert "What would be imported" in answer.content.decode()
    assert not Case.objects.exists()


def test_the_template(signed_in):
    answer = signed_in.get(f"{ADDRESS}template.xlsx")
    assert answer["Content-Disposition"] == 'attachment; filename="cases.xlsx"'
    assert answer.content.startswith(b"PK")


@pytest.fixture
def on_disk(tmp_path):
    def write(sheets):
        for name, content in files(sheets):
            (tmp_path / name).write_bytes(content)
        return [str(tmp_path / name) for name in sheets]

    return write


def test_the_command_imports_several_files_and_tells_how_far_it_is(house, on_disk, capsys):
    names = on_disk({"cases.csv": [case()], "children.csv": [child()]})
    call_command("import_cases", *names, by=house.coordinator.username, dry_run=True)
    assert not Case.objects.exists()
    call_command("import_cases", *names, by=house.coordinator.username)
    said = capsys.readouterr().out
    assert "children: 1 new, 0 on record already" in said
    assert "due dates of 1 of 1 cases" in said
    assert Case.objects.get().memberships.count() == 1


def test_the_command_says_what_is_wrong(house, on_disk, capsys):
    names = on_disk({"cases.csv": [case(lan="x")]})
    with pytest.raises(CommandError, match="1 thing"):
        call_command("import_cases", *names, by=house.coordinator.username)
    assert "cases, line 2, lan: Write a whole number." in capsys.readouterr().err
    for arguments, sentence in [
        ((*names, "--by=nobody"), "Nobody has the user name"),
        ((*names, f"--by={house.worker.username}"), "Only coordinators"),
        (("/no/such/file", f"--by={house.coordinator.username}"), "cannot be read"),
    ]:
        with pytest.raises(CommandError, match=sentence):
            call_command("import_cases", *arguments)
    assert not Case.objects.exists()
