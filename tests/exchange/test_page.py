"""The page: first what a file would do, then exactly that."""

import base64
import itertools
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command

from cases.models import Case
from exchange.progress import EVERY
from tests.html_forms import forms_of, whole
from tests.importing import checked, import_cases

from .conftest import as_csv, cans, case, child, files

ADDRESS = "/import/"


def sent(content, name="cases.csv"):
    return {"file": SimpleUploadedFile(name, content), "show": "1"}


@pytest.fixture
def signed_in(client, house):
    client.force_login(house.coordinator)
    return client


def post(client, posted):
    return whole(client.post(ADDRESS, posted))


def told(client, posted):
    return post(client, posted).content.decode()


def confirmation(page):
    """What the button below a check sends."""
    form = next(form for form in forms_of(page) if form.fields.keys() & {"file", "content"} == {"content"})
    return {name: one.values[0] for name, one in form.fields.items()}


def test_check_then_confirm(signed_in):
    page = post(signed_in, sent(as_csv([case()])))
    assert "What would be imported" in page.content.decode()
    assert not Case.objects.exists()
    answer = told(signed_in, confirmation(page))
    assert "Imported: 3 records" in answer
    assert Case.objects.get().name == "Invented Family"
    assert "Nothing was imported" not in answer
    assert "everything in it is on record already" in told(signed_in, sent(as_csv([case()])))


def test_confirmed_again_says_that_there_is_nothing_new(signed_in):
    confirm = confirmation(post(signed_in, sent(as_csv([case()]))))
    post(signed_in, confirm)
    again = told(signed_in, confirm)
    assert "Nothing was imported" in again
    assert "Nothing new" in again
    assert Case.objects.count() == 1


def test_how_far_it_has_come_is_sent_as_it_goes(signed_in):
    """More lines than between two tellings, and each telling before what follows it is done."""
    cases = as_csv([case(f"A-{number}") for number in range(EVERY + 1)])
    answer = signed_in.post(ADDRESS, sent(cases))
    pieces = [piece.decode() for piece in answer.streaming_content]
    assert answer["X-Accel-Buffering"] == "no"
    assert "Checking the file" in pieces[0]
    tellings = [" ".join(re.sub("<[^>]*>", " ", piece).split()) for piece in pieces[1:-1]]
    read, looked_at = (
        f"Reading the sheet “cases”: {EVERY:,}",
        f"Checking the sheet “cases”: {EVERY:,} of {EVERY + 1:,}",
    )
    assert tellings.index(read) < tellings.index(looked_at)
    assert "What would be imported" in pieces[-1]
    assert "</html>" in pieces[-1]


def test_a_thousand_cans_are_compared_with_the_record(house):
    numbers = [(f"P-{n}", f"A-{n}") for n in range(1_001)]
    many = files(
        {
            "cases.csv": [case(number) for _, number in numbers],
            "children.csv": [child(*both) for both in numbers],
            "cans.csv": [cans(*both, **{"life.sleep": "2"}) for both in numbers],
        }
    )
    import_cases(many, by=house.coordinator)
    plan = checked(many, by=house.coordinator)
    assert (plan.wrong, plan.counts) == ([], {})


def test_whoever_leaves_before_the_end_has_imported_nothing(signed_in):
    """Each time the reader goes one piece later, until the page is whole."""
    confirm = confirmation(post(signed_in, sent(as_csv([case(), case("A-2")]))))
    for length in itertools.count(1):
        answer = signed_in.post(ADDRESS, confirm)
        read = list(itertools.islice(answer.streaming_content, length))
        answer._iterator.close()  # as the server does, but for the connection, which the test needs
        if b"</html>" in read[-1]:
            break
        assert not Case.objects.exists(), read
    assert length > 4
    assert Case.objects.count() == 2


def test_what_breaks_while_it_goes_ends_in_a_sentence(signed_in, monkeypatch, caplog):
    confirm = confirmation(post(signed_in, sent(as_csv([case()]))))

    def break_off(*args, **kwargs):
        raise RuntimeError("the record cannot be written")

    monkeypatch.setattr("exchange.actions.record", break_off)
    page = post(signed_in, confirm)
    assert "Something went wrong on our side" in page.content.decode()
    assert "the record cannot be written" not in page.content.decode()
    assert "the record cannot be written" in caplog.text
    assert not Case.objects.exists()
    monkeypatch.undo()
    assert "What would be imported" in told(signed_in, confirmation(page)), "it is not chosen again"


def test_what_is_wrong_is_on_the_page(signed_in):
    page = told(signed_in, sent(as_csv([case(lan="70"), case("A-2", county="")])))
    assert "Cases, line 2, lan: Ensure this value is less than or equal to 62." in page
    assert "Cases, line 3, county: Write this; it cannot be empty." in page
    assert "Import all of it" not in page


def test_a_file_with_much_wrong_says_the_first_and_how_many_more(signed_in):
    page = told(signed_in, sent(as_csv([case(f"A-{n}", lan="") for n in range(203)])))
    assert page.count("<li>Cases, line") == 200
    assert "And 3 more." in page


@pytest.mark.parametrize(
    ("posted", "sentence"),
    [
        ({}, "Choose a file."),
        ({"content": "not base64!"}, "did not come back whole"),
        (sent(b"\x00\xff"), "not text in UTF-8"),
        (sent(b"x" * 20_000_001), "the command import_cases"),
    ],
)
def test_nothing_that_can_be_read(signed_in, posted, sentence):
    assert sentence in told(signed_in, posted)


def test_what_was_not_shown_is_not_imported(signed_in, house):
    ((name, content),) = files({"cases.csv": [case()]})
    given = {"name": name, "content": base64.b64encode(content).decode()}
    for seal in ("", "of:nothing"):
        answer = post(signed_in, given | {"checked": seal})
        assert answer.status_code == 409
        assert "See first what would be imported" in answer.content.decode()
        assert confirmation(answer)["content"] == given["content"], "it is not chosen again"
    other = checked(files({"cases.csv": [case(), case("A-2")]}), by=house.coordinator).seal()
    page = told(signed_in, given | {"checked": other})
    assert "This is not what was checked" in page
    assert "What would be imported" in page
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
    assert "Computing the due dates of cases: 1 of 1" in said
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
