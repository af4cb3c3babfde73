"""Credentials: corrected with a reason, imported from a file: as it was shown, all of it, or nothing."""

import datetime

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from audit.models import Event
from staff import actions, credential_import, gate
from staff.models import Credential, User
from staff.refusals import NotNow
from tests import factories
from tests.factories import days
from tests.forms_world import undone
from tests.html_forms import forms_of
from tests.racing import at_once, one_winner

URL = "/staff/credentials/import/"
HEAD = "user_name,kind,date,evidence\n"


@pytest.fixture
def certification(clinician):
    return clinician.credentials.get(kind="certification")


def correct(credential, by, *, on=None, evidence="", reason="The year was mistyped."):
    return actions.correct_credential(credential, reason=reason, on=on, evidence=evidence, by=by)


class TestCorrect:
    def test_the_gate_ignores_the_wrong_one(self, clinician, certification, administrator):
        assert not gate.refusals(User.objects.get(pk=clinician.pk))
        correct(certification, administrator)
        clinician = User.objects.get(pk=clinician.pk)
        assert gate.refusals(clinician) == ["No CANS 2.0 certification is on record."]
        assert not gate.cleared().filter(pk=clinician.pk).exists()
        certification.refresh_from_db()
        assert certification.withdrawn_by == administrator
        assert certification.withdrawn_reason == "The year was mistyped."

    def test_a_withdrawn_training_counts_for_nothing(self, clinician, administrator):
        correct(clinician.credentials.get(kind="training"), administrator)
        clinician = User.objects.get(pk=clinician.pk)
        assert gate.refusals(clinician) == ["No training in CANS functionality is on record."]
        assert not gate.cleared().filter(pk=clinician.pk).exists()

    def test_the_right_date_takes_its_place(self, clinician, certification, administrator):
        right = correct(certification, administrator, on=days(-90), evidence="Certificate 12")
        assert (right.kind, right.on, right.evidence) == ("certification", days(-90), "Certificate 12")
        assert not gate.refusals(User.objects.get(pk=clinician.pk))
        assert list(Event.objects.order_by("pk").values_list("action", flat=True)) == [
            "credential.withdraw",
            "credential.record",
        ]

    def test_the_same_day_may_be_recorded_again(self, clinician, certification, administrator):
        correct(certification, administrator)
        actions.record_credential(
            clinician, kind="certification", on=certification.on, evidence="Right after all", by=administrator
        )
        assert not gate.refusals(User.objects.get(pk=clinician.pk))

    def test_all_or_nothing(self, clinician, certification, administrator):
        for wrong in (days(1), datetime.date(2018, 2, 24)):
            with pytest.raises(NotNow):
                correct(certification, administrator, on=wrong, evidence="x")
        certification.refresh_from_db()
        assert certification.withdrawn_at is None

    def test_once(self, certification, administrator):
        correct(certification, administrator)
        with pytest.raises(NotNow, match="withdrew this"):
            correct(certification, administrator)

    @pytest.mark.parametrize("who", ["supervisor", "coordinator", "clinician"])
    def test_by_the_administrator_only(self, request, certification, who):
        with pytest.raises(PermissionDenied):
            correct(certification, request.getfixturevalue(who))

    def test_not_by_another_agencys(self, certification):
        with pytest.raises(PermissionDenied):
            correct(certification, factories.make_person("administrator"))

    def test_not_ones_own(self, administrator):
        own = Credential.objects.create(
            person=administrator, kind="training", on=days(-1), recorded_by=administrator
        )
        with pytest.raises(PermissionDenied):
            correct(own, administrator)

    def test_page(self, client, clinician, certification, administrator):
        client.force_login(administrator)
        url = f"/staff/{clinician.pk}/credentials/{certification.pk}/correct/"
        for sent, sentence in [
            ({"reason": ""}, "This field is required."),
            ({"reason": "x", "on": days(1)}, "still to come"),
            ({"reason": "x", "on": "2018-02-24"}, "there was no CANS 2.0"),
            ({"reason": "x", "on": certification.on}, "the date on record"),
            ({"reason": "x", "on": days(-9)}, "Say what you saw"),
        ]:
            assert sentence in client.post(url, sent).content.decode()
        sent = {"reason": "Mistyped.", "on": days(-9), "evidence": "Certificate 9"}
        page = client.post(url, sent, follow=True).content.decode()
        assert "Withdrawn by Ada Admin" in page
        assert "Mistyped." in page
        assert f"valid through {gate.valid_through(days(-9)):%a}" in page
        assert client.get(url).status_code == 409
        assert client.post(url, sent).status_code == 409

    def test_somebody_elses_is_not_found(self, client, certification, colleague, administrator):
        client.force_login(administrator)
        assert client.get(f"/staff/{colleague.pk}/credentials/{certification.pk}/correct/").status_code == 404


def test_the_same_is_not_recorded_twice(client, clinician, certification, administrator):
    client.force_login(administrator)
    sent = {"kind": "certification", "on": certification.on, "evidence": "Again"}
    response = client.post(f"/staff/{clinician.pk}/credential/", sent)
    assert response.status_code == 409
    assert "is on record already" in response.content.decode()
    with pytest.raises(IntegrityError), transaction.atomic():
        Credential.objects.create(
            person=clinician, kind="certification", on=certification.on, recorded_by=administrator
        )


@pytest.mark.parametrize(
    "broken", [{"withdrawn_reason": "x"}, {"withdrawn_at": "now"}, {"withdrawn_by": "somebody"}]
)
def test_the_database_refuses_half_a_withdrawal(certification, administrator, broken):
    given = {"now": certification.recorded_at, "somebody": administrator}
    values = {name: given.get(value, value) for name, value in broken.items()}
    with pytest.raises(IntegrityError), transaction.atomic():
        Credential.objects.filter(pk=certification.pk).update(**values)


def check(text, by):
    return credential_import.check(text, by=by)


def sentences(text, by):
    return [said for line in check(text, by).wrong for said in line.wrong]


class TestCheck:
    def test_a_good_file(self, clinician, colleague, administrator):
        text = HEAD + (
            f"clinician,certification,{days(-3)},Certificate 1\n"
            f"colleague,Training,{days(-4):%m/%d/%Y},Record of the course\n"
        )
        plan = check(text, administrator)
        assert [(line.number, line.person, line.kind, line.on) for line in plan.new] == [
            (2, clinician, "certification", days(-3)),
            (3, colleague, "training", days(-4)),
        ]

    @pytest.mark.parametrize(
        ("line", "column", "sentence"),
        [
            ("nobody,training,2025-01-02,Seen", "user_name", "Nobody of your agency has this user name."),
            ("stranger,training,2025-01-02,Seen", "user_name", "Nobody of your agency has this user name."),
            ("admin,training,2025-01-02,Seen", "user_name", "Nobody records their own credentials."),
            ("admin2,training,2025-01-02,Seen", "user_name", "Only clinicians and supervisors"),
            ("clinician,licence,2025-01-02,Seen", "kind", "Write certification or training."),
            ("clinician,training,TOMORROW,Seen", "date", "This day is still to come."),
            ("clinician,certification,2018-02-24,Seen", "date", "Before Sun 25 Feb 2018"),
            ("clinician,training,2025-02-30,Seen", "date", "Write a day as"),
            ("clinician,training,,Seen", "date", "Write a day as"),
            ("clinician,training,2025-01-02,", "evidence", "Say what was seen"),
            ("clinician,training,2025-01-02," + "x" * 201, "evidence", "longer than 200"),
            ("clinician,training,2025-01-02,=1+1", "evidence", "looks like a formula"),
            ("@clinician,training,2025-01-02,Seen", "user_name", "looks like a formula"),
            ('clinician,training,2025-01-02,"two\nlines"', "evidence", "a line break"),
            ("clini\x00cian,training,2025-01-02,Seen", "user_name", "cannot be shown"),
            ("clinician,training,2025-01-02", "the line", "It has 3 cells, not 4."),
            ("clinician,training,2025-01-02,Seen,more", "the line", "It has 5 cells, not 4."),
        ],
    )
    def test_what_is_wrong(self, agency, clinician, stranger, administrator, line, column, sentence):
        factories.make_person("administrator", agency=agency, username="admin2")
        text = HEAD + line.replace("TOMORROW", str(days(1)))  # no date in the names of tests
        found = sentences(text, administrator)
        assert [name for name, said in found if sentence in said] == [column]
        assert check(text, administrator).new == []

    def test_the_day_the_cans_began_counts(self, clinician, administrator):
        assert check(f"{HEAD}clinician,certification,2018-02-25,Seen", administrator).new

    def test_another_agencys_person_is_told_as_nobody_is(self, stranger, administrator):
        theirs = check(f"{HEAD}stranger,training,2025-01-02,Seen", administrator)
        nobodys = check(f"{HEAD}nobody,training,2025-01-02,Seen", administrator)
        assert theirs.lines[0].outcome() == nobodys.lines[0].outcome()

    def test_lines_are_counted_as_an_editor_does(self, clinician, administrator):
        text = f'{HEAD}\nclinician,training,2025-01-02,"a\nb"\n\nnobody,training,2025-01-03,Seen\n'
        assert [line.number for line in check(text, administrator).lines] == [3, 6]

    def test_the_same_line_twice(self, clinician, administrator):
        line = "clinician,training,2025-01-02,Seen\n"
        assert sentences(HEAD + line + line, administrator) == [("the line", "It says the same as line 2.")]

    def test_what_is_on_record_is_left_out(self, clinician, certification, administrator):
        text = f"{HEAD}clinician,certification,{certification.on},Seen"
        assert [line.skipped for line in check(text, administrator).lines] == ["On record already."]
        correct(certification, administrator)
        plan = check(text, administrator)
        assert "Withdrawn as wrong before" in plan.lines[0].skipped
        assert plan.new == []

    def test_columns_in_any_order_and_pasted_from_a_spreadsheet(self, clinician, administrator):
        text = "\ufeffDate\tEvidence\tUser_name\tKind\r\n2025-01-02\tSeen, and kept\tclinician\ttraining\r\n"
        assert [line.evidence for line in check(text, administrator).new] == ["Seen, and kept"]

    @pytest.mark.parametrize(
        ("text", "sentence"),
        [
            ("", "nothing in it"),
            (" \n\n", "nothing in it"),
            (HEAD, "no line below"),
            ("name,kind,date\n", "must name the columns"),
            ("user_name,kind,date,date\n", "must name the columns"),
            (HEAD + 'clinician,"training', "quotation marks"),
            (HEAD + "a,b,c,d\n" * 1001, "more than 1000 lines"),
            (HEAD + "x" * 250_001, "Split it"),
        ],
    )
    def test_what_cannot_be_read(self, administrator, text, sentence):
        with pytest.raises(credential_import.Unreadable, match=sentence):
            check(text, administrator)

    @pytest.mark.parametrize(
        ("content", "sentence"),
        [(HEAD.encode("utf-16"), "not text in UTF-8"), (b"x" * 250_001, "larger than 250 KB")],
    )
    def test_what_cannot_be_decoded(self, content, sentence):
        with pytest.raises(credential_import.Unreadable, match=sentence):
            credential_import.decoded(content)

    def test_a_thousand_lines_take_as_many_queries_as_one(
        self, agency, administrator, django_assert_num_queries
    ):
        User.objects.bulk_create(
            User(username=f"u{number}", name="Invented", role="clinician", agency=agency)
            for number in range(1000)
        )
        lines = [f"u{number},training,2025-01-02,Seen\n" for number in range(1000)]
        for number in (1, 1000):
            with django_assert_num_queries(2):
                assert len(check(HEAD + "".join(lines[:number]), administrator).new) == number


class TestImport:
    @pytest.fixture
    def text(self, clinician, colleague):
        return f"{HEAD}clinician,certification,{days(-3)},One\ncolleague,training,{days(-4)},Two\n"

    def run(self, text, by, seal=None):
        seal = check(text, by).seal(by=by) if seal is None else seal
        return actions.import_credentials(text, seal=seal, by=by)

    def test_all_of_it_with_an_event_for_each(self, text, clinician, administrator):
        assert self.run(text, administrator) == 2
        made = clinician.credentials.get(on=days(-3))
        assert (made.kind, made.evidence, made.recorded_by) == ("certification", "One", administrator)
        events = Event.objects.order_by("pk").values_list("action", flat=True)
        assert list(events) == ["credential.record", "credential.record", "credential.import"]

    def test_twice_changes_nothing(self, text, administrator):
        self.run(text, administrator)
        before = Credential.objects.count()
        with pytest.raises(NotNow, match="nothing new"):
            self.run(text, administrator)
        assert Credential.objects.count() == before

    def test_one_wrong_line_and_nothing_is_done(self, text, administrator):
        before = Credential.objects.count()
        with pytest.raises(NotNow, match="Nothing was recorded"):
            self.run(text + "nobody,training,2025-01-02,Seen\n", administrator)
        assert Credential.objects.count() == before

    def test_not_what_was_not_shown(self, text, agency, administrator):
        other = factories.make_person("administrator", agency=agency)
        seal = check(text, administrator).seal(by=administrator)
        for changed, sealed, by in [
            (text.replace("One", "Won"), seal, administrator),
            (text, seal + "x", administrator),
            (text, "", administrator),
            (text, seal, other),
        ]:
            with pytest.raises(NotNow, match="not what was checked"):
                self.run(changed, by, sealed)

    def test_not_when_the_world_changed_between(self, text, clinician, administrator):
        seal = check(text, administrator).seal(by=administrator)
        actions.record_credential(
            clinician, kind="certification", on=days(-3), evidence="By hand", by=administrator
        )
        before = Credential.objects.count()
        with pytest.raises(NotNow, match="something changed since"):
            self.run(text, administrator, seal)
        assert Credential.objects.count() == before

    def test_by_administrators_only(self, text, supervisor, administrator):
        seal = check(text, administrator).seal(by=administrator)
        with pytest.raises(PermissionDenied):
            self.run(text, supervisor, seal)

    def test_not_by_one_who_was_disabled_meanwhile(self, text, administrator):
        seal = check(text, administrator).seal(by=administrator)
        User.objects.filter(pk=administrator.pk).update(is_active=False)
        with pytest.raises(PermissionDenied):
            self.run(text, administrator, seal)

    def test_a_failed_event_leaves_nothing(self, text, administrator, monkeypatch):
        def fail(*args):
            raise RuntimeError("no record, no act")

        before = Credential.objects.count()
        monkeypatch.setattr("staff.actions.credentials.append", fail)
        with pytest.raises(RuntimeError):
            self.run(text, administrator)
        assert Credential.objects.count() == before


class TestImportPage:
    @pytest.fixture
    def text(self, clinician):
        return f"{HEAD}clinician,certification,{days(-3)},One\n"

    @pytest.fixture(autouse=True)
    def _signed_in(self, client, administrator):
        client.force_login(administrator)

    def confirm(self, client, shown):
        form = next(one for one in forms_of(shown) if "checked" in one.fields)
        return client.post(URL, {name: values[0] for name, values in form.untouched().items() if values})

    @pytest.mark.parametrize("way", ["file", "text"])
    def test_shown_then_done(self, client, clinician, text, way):
        before = Credential.objects.count()
        given = SimpleUploadedFile("people.csv", text.encode()) if way == "file" else text
        shown = client.post(URL, {way: given, "show": "1"})
        assert "Record 1 credential" in shown.content.decode()
        assert Credential.objects.count() == before
        assert self.confirm(client, shown).status_code == 302
        assert clinician.credentials.filter(on=days(-3)).exists()

    def test_not_without_looking(self, client, text):
        before = Credential.objects.count()
        response = client.post(URL, {"text": text})
        assert response.status_code == 409
        assert "See first what would be recorded" in response.content.decode()
        assert Credential.objects.count() == before

    def test_what_changed_meanwhile_is_shown_anew(self, client, clinician, text, administrator):
        shown = client.post(URL, {"text": text, "show": "1"})
        actions.record_credential(
            clinician, kind="certification", on=days(-3), evidence="By hand", by=administrator
        )
        response = self.confirm(client, shown)
        assert response.status_code == 409
        page = response.content.decode()
        assert "something changed since" in page
        assert "On record already." in page

    def test_what_is_wrong_is_said_by_line_and_column(self, client, text):
        page = client.post(URL, {"text": text + "nobody,x,y,z\n", "show": "1"}).content.decode()
        assert "Line 3, user_name: Nobody of your agency has this user name." in page
        assert "Line 3, kind: Write certification or training." in page
        assert "Record 1 credential" not in page

    def test_file_and_text_or_neither(self, client, text):
        file = SimpleUploadedFile("people.csv", text.encode())
        assert "not both" in client.post(URL, {"file": file, "text": text}).content.decode()
        assert "Choose a file" in client.post(URL, {"show": "1"}).content.decode()

    def test_markup_in_a_cell_stays_text(self, client, text):
        page = client.post(URL, {"text": text.replace("One", "<b>One"), "show": "1"}).content.decode()
        assert "<b>One" not in page
        assert "&lt;b&gt;One" in page

    def test_the_template_can_be_filled_in(self, client, clinician, administrator):
        response = client.get("/staff/credentials/template/")
        assert response["Content-Disposition"] == 'attachment; filename="credentials.csv"'
        head = response.content.decode()
        assert check(f"{head}clinician,training,2025-01-02,Seen", administrator).new


CELL = st.one_of(
    st.sampled_from(
        ["clinician", "stranger", "training", "certification", "2025-01-02", "Seen", "", '"', ","]
    ),
    st.text(max_size=12),
)
RIGHT = st.sampled_from(["training", "certification"]).flatmap(
    lambda kind: st.integers(-300, 5).map(lambda n: ["clinician", kind, days(n).isoformat(), "Seen"])
)
ROWS = st.lists(st.one_of(RIGHT, st.lists(CELL, max_size=6)).map(",".join), max_size=6).map(
    lambda rows: (HEAD + "\n".join(rows)).encode("utf-8", "surrogatepass")
)
CONTENTS = st.one_of(ROWS, st.binary(max_size=300), st.binary(max_size=60).map(HEAD.encode().__add__))


# The world is made once: what an example does in it is undone.
@settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
@given(content=CONTENTS)
def test_any_bytes_are_answered_and_nothing_is_half_done(import_world, content):
    client, shown_lines = import_world
    with undone():
        before = Credential.objects.count()
        shown = client.post(URL, {"file": SimpleUploadedFile("x.csv", content), "show": "1"})
        assert shown.status_code == 200
        assert Credential.objects.count() == before
        form = next(one for one in forms_of(shown) if "checked" in one.fields)
        sent = {name: values[0] for name, values in form.untouched().items() if values and values[0]}
        done = client.post(URL, sent)
        assert done.status_code in {200, 302, 409}
        added = Credential.objects.count() - before
        assert added == (shown_lines(shown) if done.status_code == 302 else 0)


@pytest.fixture
def import_world(client, clinician, stranger, administrator):
    client.force_login(administrator)

    def shown_lines(response):
        plan = response.context["plan"]
        return len(plan.new) if plan and not plan.wrong else 0

    return client, shown_lines


@pytest.mark.django_db(transaction=True)
class TestTwoAtOnce:
    def test_the_same_file(self, agency, clinician, administrator):
        other = factories.make_person("administrator", agency=agency)
        text = f"{HEAD}clinician,certification,{days(-3)},One\n"

        def run(by):
            seal = check(text, by).seal(by=by)
            return lambda: actions.import_credentials(text, seal=seal, by=by)

        one_winner(at_once(run(administrator), run(other)))
        assert clinician.credentials.filter(on=days(-3)).count() == 1

    def test_the_same_credential(self, agency, clinician, administrator):
        other = factories.make_person("administrator", agency=agency)

        def put(by):
            return lambda: actions.record_credential(
                clinician, kind="training", on=days(-3), evidence="Seen", by=by
            )

        one_winner(at_once(put(administrator), put(other)))

    def test_withdrawing(self, agency, certification, administrator):
        other = factories.make_person("administrator", agency=agency)
        one_winner(
            at_once(lambda: correct(certification, administrator), lambda: correct(certification, other))
        )
