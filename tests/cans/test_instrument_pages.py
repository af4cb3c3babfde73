"""The instrument: its page, loading a file through the page and by command."""

import io
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.urls import reverse

from audit.models import Event
from cans.instrument import SHIPPED
from cans.models import InstrumentVersion, Item
from tests import factories

TEXT = SHIPPED.read_text(encoding="utf-8")
LOAD = "/cans/instrument/load/"


def page_of(answer):
    return re.sub(r"\s+", " ", answer.content.decode())


def upload(text=TEXT, name="sheet.tsv", **fields):
    content = text if isinstance(text, bytes) else text.encode()
    return {"label": "A newer sheet", "file": SimpleUploadedFile(name, content)} | fields


@pytest.fixture
def version(db):
    return factories.make_instrument()


@pytest.fixture
def signed_in(client, administrator):
    client.force_login(administrator)
    return client


class TestPage:
    def test_everybody_who_signs_in_sees_it(self, client, version, clinician, stranger, administrator):
        assert client.get(reverse("cans:instrument")).status_code == 302
        for person in (clinician, stranger, administrator):
            client.force_login(person)
            page = page_of(client.get(reverse("cans:instrument")))
            assert ("Load a new version" in page) == (person == administrator)
        assert "copyright the Praed Foundation" in page
        assert "free to use by anyone who is trained" in page
        assert "101 rows are marked" in page
        assert "11 caregiver items more than this table names" in page
        for name in ("Adjustment to Trauma", "Job Functioning", "Condition of the Home"):
            assert name in page

    def test_before_one_is_loaded(self, no_instrument, signed_in):
        assert "No instrument is loaded" in page_of(signed_in.get(reverse("cans:instrument")))

    def test_an_older_version_has_its_own_page(self, signed_in, version):
        signed_in.post(LOAD, upload(activate="on"))
        page = page_of(signed_in.get(version.get_absolute_url()))
        assert "Not in use for new assessments" in page
        assert "A newer sheet" in page
        assert signed_in.get(reverse("cans:instrument", args=[10**9])).status_code == 404

    def test_the_number_of_queries(self, signed_in, version, django_assert_max_num_queries):
        signed_in.get(reverse("cans:instrument"))
        with django_assert_max_num_queries(6):
            signed_in.get(reverse("cans:instrument"))


class TestLoading:
    def test_only_the_administrator(self, client, version, clinician, supervisor, coordinator):
        assert client.post(LOAD, upload()).status_code == 302
        for person in (clinician, supervisor, coordinator):
            client.force_login(person)
            assert client.get(LOAD).status_code == 403
            assert client.post(LOAD, upload()).status_code == 403
            assert client.post(reverse("cans:activate_instrument", args=[version.pk])).status_code == 403
        assert InstrumentVersion.objects.count() == 1

    def test_loaded_and_later_put_in_use(self, signed_in, version, administrator):
        answer = signed_in.post(LOAD, upload(), follow=True)
        assert "A newer sheet is loaded." in page_of(answer)
        newer = InstrumentVersion.objects.get(label="A newer sheet")
        assert (newer.active, newer.loaded_by, Item.objects.filter(version=newer).count()) == (
            False,
            administrator,
            128,
        )
        signed_in.post(reverse("cans:activate_instrument", args=[newer.pk]))
        assert InstrumentVersion.objects.get(active=True) == newer
        assert list(
            Event.objects.filter(actor_number=administrator.pk, action__startswith="instrument")
            .order_by("pk")
            .values_list("action", flat=True)
        ) == ["instrument.load", "instrument.activate"]

    def test_put_in_use_at_once(self, signed_in, version):
        signed_in.post(LOAD, upload(activate="on"))
        assert InstrumentVersion.objects.get(active=True).label == "A newer sheet"

    def test_what_is_wrong_is_said_by_line(self, signed_in, version):
        wrong = TEXT.replace("trauma.neglect\tNeglect\texposure", "trauma.neglect\tNeglect\tfear").replace(
            "risk.runaway", "risk.judgment", 1
        )
        answer = signed_in.post(LOAD, upload(wrong))
        page = page_of(answer)
        assert "The file was not loaded" in page
        assert "Line 5: kind is &#x27;fear&#x27;" in page
        assert "is used twice" in page
        assert 'value="A newer sheet"' in page
        assert InstrumentVersion.objects.count() == 1

    @pytest.mark.parametrize(
        ("sent", "sentence"),
        [
            ({"text": b""}, "empty"),
            ({"text": b"\xff\xfe\x00\x01"}, "not text in UTF-8"),
            ({"text": b"x" * (1024 * 1024 + 1)}, "larger than 1 MB"),
            ({"text": "a,b,c"}, "not separated by tabs"),
            ({"text": "a\x00\tb"}, "columns are missing"),
            ({"name": "sheet.exe"}, "not allowed"),
            ({"label": ""}, "required"),
            ({"label": "x" * 61}, "60 characters"),
            ({"label": "a\x00"}, "Null characters"),
            ({"label": "CANS 2.0 Illinois"}, "already loaded"),
        ],
    )
    def test_bad_input(self, signed_in, version, sent, sentence):
        answer = signed_in.post(LOAD, upload(**sent))
        assert answer.status_code == 200
        assert sentence in page_of(answer)
        assert InstrumentVersion.objects.count() == 1

    def test_no_file_and_a_file_that_is_a_word(self, signed_in, version):
        for sent in ({"label": "No file"}, {"label": "A word", "file": "a word"}):
            answer = signed_in.post(LOAD, sent)
            assert answer.status_code == 200
            assert "Please check what you entered" in page_of(answer)


def run(name, *args, **options):
    out = io.StringIO()
    call_command(name, *args, stdout=out, **options)
    return out.getvalue()


class TestCommands:
    def test_check_says_that_the_shipped_file_is_in_order(self):
        said = run("check_instrument", str(SHIPPED))
        assert "94 child items, 34 caregiver items; 101 rows to compare" in said

    def test_check_says_what_is_wrong_by_line_and_ends_with_1(self, tmp_path):
        file = tmp_path / "wrong.tsv"
        file.write_text(TEXT.replace("\thigh\n", "\tsure\n", 1), encoding="utf-8")
        with pytest.raises(CommandError, match="Line 2: certainty is 'sure'") as wrong:
            run("check_instrument", str(file))
        assert wrong.value.returncode == 1

    def test_files_that_cannot_be_read(self, tmp_path):
        binary = tmp_path / "binary.tsv"
        binary.write_bytes(b"\xff\xfe\x00")
        for file, sentence in [
            (binary, "UTF-8"),
            (tmp_path / "none.tsv", "cannot be read"),
            (tmp_path, "cannot be read"),
        ]:
            with pytest.raises(CommandError, match=sentence):
                run("check_instrument", str(file))

    def test_the_shipped_one_is_loaded_once_and_in_use(self, no_instrument):
        assert "in use" in run("load_instrument", if_missing=True)
        assert run("load_instrument", if_missing=True) == ""
        assert InstrumentVersion.objects.get().active
        with pytest.raises(CommandError, match="already loaded"):
            run("load_instrument")

    def test_a_file_of_ones_own(self, version, tmp_path):
        file = tmp_path / "agency sheet.tsv"
        file.write_text(TEXT, encoding="utf-8")
        run("load_instrument", str(file))
        assert InstrumentVersion.objects.get(active=True) == version
        run("load_instrument", str(file), label="Second", activate=True)
        assert InstrumentVersion.objects.get(active=True).label == "Second"
        with pytest.raises(CommandError, match="60 characters"):
            run("load_instrument", str(file), label="x" * 61)
        file.write_text("nothing", encoding="utf-8")
        with pytest.raises(CommandError, match="Line 1"):
            run("load_instrument", str(file), label="Third")
