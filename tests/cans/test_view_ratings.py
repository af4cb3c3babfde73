"""Saving in small batches: every answer, each guard by a person whom it alone stops, nothing set twice."""

import json
import uuid

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from approvals import actions as approvals
from audit.models import Event, Reading
from cans import actions
from cans.models import Assessment, Contribution, Note, RatingChange, Sheet
from cases.models import LASTS, EmergencyAccess
from staff import gate
from staff.models import Credential, PolicySetting, User
from tests import factories
from tests.factories import days
from tests.racing import at_once

NUMBING, ADJUSTMENT = "stress.numbing", "stress.adjustment-to-trauma"
SAFETY = "caregiver.safety"


def url(draft):
    return reverse("cans:ratings", args=[draft.pk])


def child_sheet(draft):
    return Sheet.objects.select_related("assessment__case").get(assessment=draft, adult=None)


def caregiver_sheet(draft):
    return Sheet.objects.select_related("assessment__case", "adult").get(
        assessment=draft, adult__isnull=False
    )


def rating(sheet, code, seen, value, carried=False):
    return {"sheet": sheet.pk, "code": code, "seen": seen, "value": value, "carried": carried}


def note(sheet, code, seen, text):
    return {"sheet": sheet.pk, "code": code, "seen": seen, "text": text}


def sent(person, ratings=(), notes=()):
    return {"by": person.pk, "ratings": list(ratings), "notes": list(notes)}


def new_key():
    return str(uuid.uuid4())


class Browser(Client):
    """Sends batches as the scoring page's script does."""

    def send(self, draft, body, key=None):
        body = body if isinstance(body, str | bytes) else json.dumps(body)
        headers = {"Idempotency-Key": new_key() if key is None else key}
        return self.patch(url(draft), body, content_type="application/json", headers=headers)

    def rate(self, draft, person, *ratings, key=None):
        return self.send(draft, sent(person, ratings), key)


@pytest.fixture
def browser(clinician):
    return signed_in(clinician)


def signed_in(person):
    browser = Browser()
    browser.force_login(person)
    return browser


@pytest.fixture
def parallel(case, agency):
    person = factories.make_person("clinician", agency=agency, name="Pat Parallel", username="parallel")
    factories.assign(case, person, kind="parallel")
    return person


def acts():
    return Event.objects.filter(action__startswith="assessment.")


def assert_nothing_stored(draft):
    assert set(child_sheet(draft).ratings) == {"."}
    assert not RatingChange.objects.exists()
    assert not Note.objects.exists()
    assert not acts().exists()


class TestSaving:
    def test_a_rating_its_history_and_its_event(self, browser, draft, clinician):
        key = new_key()
        answer = browser.rate(draft, clinician, rating(child_sheet(draft), NUMBING, ".", "2"), key=key)
        assert answer.status_code == 200
        told = answer.json()
        assert (told["conflicts"], told["notes_apart"]) == ([], [])
        assert told["saved_at"].endswith(("AM CST", "PM CST", "AM CDT", "PM CDT"))
        assert child_sheet(draft).values[NUMBING] == "2"
        change = RatingChange.objects.get()
        assert (change.before, change.after, change.carried, change.by) == (".", "2", False, clinician)
        assert (change.sending, change.confirmed_from, change.at is not None) == (key, None, True)
        draft.refresh_from_db()
        assert (draft.worked_by, draft.worked_at is not None) == (clinician, True)
        assert acts().get().detail == {
            "sheets": [child_sheet(draft).pk],
            "items": 1,
            "carried": 0,
            "notes": 0,
        }

    def test_a_batch_over_two_sheets_with_a_note_is_one_event(self, browser, draft, clinician):
        child, caregiver = child_sheet(draft), caregiver_sheet(draft)
        code = caregiver.applicable_items[-1].code
        ratings = [
            rating(child, NUMBING, ".", "2"),
            rating(child, ADJUSTMENT, ".", "u"),
            rating(caregiver, code, ".", "0"),
        ]
        written = [note(child, NUMBING, "", "Says little.\r\nLooks away. ")]
        assert browser.send(draft, sent(clinician, ratings, written)).status_code == 200
        assert (child_sheet(draft).values[NUMBING], child_sheet(draft).values[ADJUSTMENT]) == ("2", "u")
        assert caregiver_sheet(draft).values[code] == "0"
        assert Note.objects.get().text == "Says little.\nLooks away."
        (event,) = acts()
        assert event.action == "assessment.rate"
        assert (event.detail["sheets"], event.detail["items"], event.detail["notes"]) == (
            sorted([child.pk, caregiver.pk]),
            3,
            1,
        )

    def test_a_rating_is_taken_back(self, browser, ready_draft, clinician):
        browser.rate(ready_draft, clinician, rating(child_sheet(ready_draft), NUMBING, "1", "."))
        assert child_sheet(ready_draft).values[NUMBING] == "."

    def test_a_note_alone_is_annotated_and_an_empty_one_removed(self, browser, draft, clinician):
        sheet = child_sheet(draft)
        assert (
            browser.send(draft, sent(clinician, notes=[note(sheet, NUMBING, "", "A note.")])).status_code
            == 200
        )
        assert acts().get().action == "assessment.annotate"
        assert (
            browser.send(draft, sent(clinician, notes=[note(sheet, NUMBING, " A note.", " ")])).status_code
            == 200
        )
        assert not Note.objects.exists()

    def test_whoever_writes_for_the_first_time_is_counted_once(self, draft, parallel):
        browser, sheet = signed_in(parallel), child_sheet(draft)
        for seen, value in (".1", "12", "23"):
            assert browser.rate(draft, parallel, rating(sheet, NUMBING, seen, value)).status_code == 200
        assert Contribution.objects.filter(assessment=draft, person=parallel).count() == 1

    def test_on_a_returned_one(self, browser, submitted, supervisor, clinician):
        approvals.return_for_revision(submitted, by=supervisor, reason="Look again.")
        answer = browser.rate(submitted, clinician, rating(child_sheet(submitted), NUMBING, "1", "2"))
        assert answer.status_code == 200
        assert child_sheet(submitted).values[NUMBING] == "2"


class TestConflicts:
    def test_what_stands_there_is_told_and_the_rest_is_stored(self, browser, draft, clinician, parallel):
        sheet = child_sheet(draft)
        actions.rate(child_sheet(draft), by=parallel, ratings=[(NUMBING, ".", "1", False)])
        answer = browser.rate(
            draft, clinician, rating(sheet, NUMBING, ".", "3"), rating(sheet, ADJUSTMENT, ".", "0")
        )
        (conflict,) = answer.json()["conflicts"]
        assert conflict.pop("at").split(" ")[1] in {"AM", "PM"}
        assert conflict == {
            "sheet": sheet.pk,
            "code": NUMBING,
            "value": "1",
            "words": "1, watch, prevent",
            "by": "Pat Parallel",
        }
        values = child_sheet(draft).values
        assert (answer.status_code, values[NUMBING], values[ADJUSTMENT]) == (200, "1", "0")
        assert RatingChange.objects.count() == 2

    def test_who_means_the_same_has_no_conflict(self, browser, draft, clinician, parallel):
        actions.rate(child_sheet(draft), by=parallel, ratings=[(NUMBING, ".", "3", False)])
        answer = browser.rate(draft, clinician, rating(child_sheet(draft), NUMBING, ".", "3"))
        assert answer.json()["conflicts"] == []
        assert RatingChange.objects.count() == 1

    def test_nothing_counts_as_stored_that_is_not_there(self, browser, draft, clinician, parallel):
        """Seen and wanted are the same; by now something else stands there."""
        actions.rate(child_sheet(draft), by=parallel, ratings=[(NUMBING, ".", "1", False)])
        answer = browser.rate(draft, clinician, rating(child_sheet(draft), NUMBING, "2", "2"))
        assert [one["value"] for one in answer.json()["conflicts"]] == ["1"]

    def test_a_copied_rating_has_no_last_change(self, browser, approved, supervisor, clinician):
        draft = approvals.amend(approved, by=supervisor, author=clinician, reason="A wrong item.")
        answer = browser.rate(draft, clinician, rating(child_sheet(draft), NUMBING, ".", "2"))
        (conflict,) = answer.json()["conflicts"]
        assert (conflict["value"], conflict["by"], conflict["at"]) == ("1", "", "")

    @pytest.mark.parametrize(("there", "by"), [("Theirs.", "Pat Parallel"), ("", "")])
    def test_a_note_that_is_another_by_now_stays(self, browser, draft, clinician, parallel, there, by):
        sheet = child_sheet(draft)
        actions.annotate(sheet, by=parallel, notes={NUMBING: there, ADJUSTMENT: "Kept."})
        answer = browser.send(draft, sent(clinician, notes=[note(sheet, NUMBING, "Seen.", "Mine.")]))
        assert answer.json()["notes_apart"] == [{"sheet": sheet.pk, "code": NUMBING, "text": there, "by": by}]
        assert set(Note.objects.values_list("text", flat=True)) == {there, "Kept."} - {""}


class TestSentAgain:
    def test_it_answers_as_the_first_and_sets_nothing(self, browser, draft, clinician):
        key, one = new_key(), rating(child_sheet(draft), NUMBING, ".", "2")
        first, again = (browser.rate(draft, clinician, one, key=key) for _ in range(2))
        assert (first.status_code, again.status_code) == (200, 200)
        assert again.json()["conflicts"] == []
        assert RatingChange.objects.count() == 1
        assert acts().count() == 1

    def test_not_when_somebody_else_set_it_back_in_between(self, browser, draft, clinician, parallel):
        """It stands as the first sending found it, and still must not be set a second time."""
        key, sheet = new_key(), child_sheet(draft)
        one = rating(sheet, NUMBING, ".", "2")
        browser.rate(draft, clinician, one, key=key)
        actions.rate(child_sheet(draft), by=parallel, ratings=[(NUMBING, "2", ".", False)])
        answer = browser.rate(draft, clinician, one, key=key.upper())
        assert child_sheet(draft).values[NUMBING] == "."
        (conflict,) = answer.json()["conflicts"]
        assert (conflict["value"], conflict["by"]) == (".", "Pat Parallel")
        assert browser.rate(draft, clinician, one).json()["conflicts"] == []  # another key is another wish
        assert child_sheet(draft).values[NUMBING] == "2"

    def test_nor_a_note(self, browser, draft, clinician, parallel):
        key, sheet = new_key(), child_sheet(draft)
        body = sent(clinician, notes=[note(sheet, NUMBING, "", "Mine.")])
        browser.send(draft, body, key)
        assert browser.send(draft, body, key).json()["notes_apart"] == []
        actions.annotate(sheet, by=parallel, notes={NUMBING: ""})
        assert [one["text"] for one in browser.send(draft, body, key).json()["notes_apart"]] == [""]
        assert not Note.objects.exists()
        browser.send(draft, body)
        assert Note.objects.get().text == "Mine."

    def test_the_same_key_for_another_item_is_another_rating(self, browser, draft, clinician):
        key, sheet = new_key(), child_sheet(draft)
        for code in (NUMBING, ADJUSTMENT):
            assert browser.rate(draft, clinician, rating(sheet, code, ".", "2"), key=key).status_code == 200
        assert RatingChange.objects.count() == 2

    def test_what_was_refused_was_not_sent(self, browser, draft, clinician):
        """A batch that was refused whole is stored when it comes again under its key, put right."""
        key, sheet = new_key(), child_sheet(draft)
        body = sent(clinician, [rating(sheet, NUMBING, ".", "9")], [note(sheet, NUMBING, "", "Mine.")])
        assert browser.send(draft, body, key).status_code == 400
        body["ratings"] = []
        assert browser.send(draft, body, key).json()["notes_apart"] == []
        assert Note.objects.get().text == "Mine."


class TestCarried:
    @pytest.fixture
    def next_draft(self, approved, clinician):
        return factories.make_draft(approved.child, author=clinician)

    def test_as_in_the_last_approved_one(self, browser, next_draft, clinician):
        child, caregiver = child_sheet(next_draft), caregiver_sheet(next_draft)
        code = caregiver.applicable_items[0].code
        answer = browser.rate(
            next_draft,
            clinician,
            rating(child, NUMBING, ".", "1", carried=True),
            rating(caregiver, code, ".", "1", carried=True),
        )
        assert answer.status_code == 200
        assert list(RatingChange.objects.values_list("carried", flat=True).order_by("-pk")[:2]) == [
            True,
            True,
        ]
        assert acts().latest("pk").detail["carried"] == 2

    @pytest.mark.parametrize(("seen", "value"), [(".", "2"), ("1", ".")])
    def test_another_rating_is_not_carried(self, browser, next_draft, clinician, seen, value):
        sheet = child_sheet(next_draft)
        if seen != ".":
            actions.rate(sheet, by=clinician, ratings=[(NUMBING, ".", seen, False)])
        before = RatingChange.objects.count()
        answer = browser.rate(next_draft, clinician, rating(sheet, NUMBING, seen, value, carried=True))
        assert answer.status_code == 400
        assert "last approved CANS" in answer.json()["items"][f"{sheet.pk}-{NUMBING}"]
        assert RatingChange.objects.count() == before

    def test_nothing_is_carried_from_somebody_who_was_not_scored(
        self, browser, next_draft, clinician, approved
    ):
        """The other adult's ratings are no precedent for this one."""
        stranger = factories.make_caregiver(next_draft.child, name="New Newcomer-Example", starts=days(-1))
        sheet = actions.add_sheet(next_draft, by=clinician, adult=stranger)
        code = sheet.applicable_items[0].code
        answer = browser.rate(next_draft, clinician, rating(sheet, code, ".", "1", carried=True))
        assert answer.status_code == 400
        assert f"{sheet.pk}-{code}" in answer.json()["items"]

    def test_nothing_is_carried_into_the_first_one(self, browser, draft, clinician):
        answer = browser.rate(draft, clinician, rating(child_sheet(draft), NUMBING, ".", "1", carried=True))
        assert answer.status_code == 400
        assert_nothing_stored(draft)


class TestWho:
    """Each is stopped by one guard alone."""

    def test_nobody_signed_in_is_told_in_json(self, draft, clinician):
        answer = Browser().rate(draft, clinician, rating(child_sheet(draft), NUMBING, ".", "1"))
        assert answer.status_code == 401
        assert "signed out" in answer.json()["problem"]

    def test_without_the_token_it_is_not_from_our_page(self, draft, clinician):
        browser = Browser(enforce_csrf_checks=True)
        browser.force_login(clinician)
        one = rating(child_sheet(draft), NUMBING, ".", "1")
        answer = browser.rate(draft, clinician, one)
        assert (answer.status_code, answer.json()["reason"]) == (403, "csrf")
        assert_nothing_stored(draft)
        token = browser.get(url(draft)).json()["csrf"]
        headers = {"X-CSRFToken": token, "Idempotency-Key": new_key()}
        body = json.dumps(sent(clinician, [one]))
        answer = browser.patch(url(draft), body, content_type="application/json", headers=headers)
        assert answer.status_code == 200

    def test_somebody_else_signed_in_meanwhile(self, draft, clinician, parallel):
        answer = signed_in(parallel).rate(draft, clinician, rating(child_sheet(draft), NUMBING, ".", "1"))
        assert (answer.status_code, answer.json()["reason"]) == (403, "person")
        assert_nothing_stored(draft)
        assert Event.objects.filter(kind=Event.Kind.DENIAL).count() == 1

    @pytest.mark.parametrize("who", ["stranger", "colleague", "other_supervisor"])
    def test_not_theirs_is_not_there(self, draft, who, request):
        person = request.getfixturevalue(who)
        browser, one = signed_in(person), rating(child_sheet(draft), NUMBING, ".", "1")
        free = Assessment(pk=987_654_321)
        told = [browser.rate(place, person, one) for place in (draft, free, Assessment(pk=10**30))]
        assert [answer.status_code for answer in told] == [404] * 3
        assert [browser.get(url(place)).status_code for place in (draft, free)] == [404] * 2
        assert told[0].content == told[1].content
        assert_nothing_stored(draft)
        draft.refresh_from_db()
        assert draft.worked_by is None

    def test_who_may_read_it_does_not_rate(self, draft, supervisor):
        answer = signed_in(supervisor).rate(draft, supervisor, rating(child_sheet(draft), NUMBING, ".", "1"))
        assert (answer.status_code, answer.json()["reason"]) == (403, "role")
        assert "assigned" in answer.json()["problem"]
        assert_nothing_stored(draft)

    def test_in_an_emergency_one_reads(self, draft, colleague):
        EmergencyAccess.objects.create(
            case=draft.case,
            person=colleague,
            reason="Invented.",
            ends_at=timezone.now() + LASTS,
        )
        browser = signed_in(colleague)
        assert (
            browser.rate(draft, colleague, rating(child_sheet(draft), NUMBING, ".", "1")).status_code == 403
        )
        assert browser.get(url(draft)).status_code == 200

    @pytest.mark.parametrize("who", ["coordinator", "administrator"])
    def test_another_role(self, draft, who, request):
        person = request.getfixturevalue(who)
        answer = signed_in(person).rate(draft, person, rating(child_sheet(draft), NUMBING, ".", "1"))
        assert (answer.status_code, answer.json()["reason"]) == (403, "role")
        assert_nothing_stored(draft)

    def test_a_reviewer_by_routing_does_not_rate(self, draft, other_supervisor):
        factories.assign(draft.case, other_supervisor, kind="review")
        browser = signed_in(other_supervisor)
        answer = browser.rate(draft, other_supervisor, rating(child_sheet(draft), NUMBING, ".", "1"))
        assert answer.status_code == 403
        assert_nothing_stored(draft)

    @pytest.mark.parametrize(("shift", "status"), [(0, 200), (-1, 404)])
    def test_to_the_last_day_of_an_assignment(self, draft, agency, shift, status):
        person = factories.make_person("clinician", agency=agency)
        factories.assign(draft.case, person, kind="parallel", starts=days(-9), ends=days(shift))
        answer = signed_in(person).rate(draft, person, rating(child_sheet(draft), NUMBING, ".", "1"))
        assert answer.status_code == status


class TestWhen:
    """409 with a sentence, and nothing stored."""

    def test_once_it_is_submitted(self, browser, submitted, clinician):
        answer = browser.rate(submitted, clinician, rating(child_sheet(submitted), NUMBING, "1", "2"))
        assert (answer.status_code, "submitted" in answer.json()["problem"]) == (409, True)
        assert child_sheet(submitted).values[NUMBING] == "1"

    @pytest.mark.parametrize(
        ("kind", "on", "status"),
        [
            ("certification", -365, 200),
            ("certification", -367, 409),
            ("certification", 1, 409),
            ("training", 0, 200),
            ("training", 1, 409),
        ],
    )
    def test_with_credentials_that_hold_today(self, browser, draft, clinician, kind, on, status):
        Credential.objects.filter(person=clinician, kind=kind).update(on=days(on))
        answer = browser.rate(draft, clinician, rating(child_sheet(draft), NUMBING, ".", "1"))
        assert answer.status_code == status
        if status == 409:
            assert answer.json()["problem"].endswith(".")
            assert_nothing_stored(draft)

    def test_a_withdrawn_credential_does_not_count(self, browser, draft, clinician, administrator):
        Credential.objects.filter(person=clinician, kind="training").update(
            withdrawn_at="2026-01-05T00:00Z", withdrawn_by=administrator, withdrawn_reason="Invented."
        )
        answer = browser.rate(draft, clinician, rating(child_sheet(draft), NUMBING, ".", "1"))
        assert (answer.status_code, "training" in answer.json()["problem"]) == (409, True)

    def test_where_the_program_does_not_ask_for_them(self, browser, draft, clinician, coordinator):
        Credential.objects.filter(person=clinician).delete()
        set_by = {"set_by": coordinator, "reason": "Invented.", "name": "entry_gate"}
        PolicySetting.objects.create(value="no", since=days(0), **set_by)
        one = rating(child_sheet(draft), NUMBING, ".", "1")
        assert browser.rate(draft, clinician, one).status_code == 200
        PolicySetting.objects.all().delete()
        PolicySetting.objects.create(value="no", since=days(1), **set_by)
        assert browser.rate(draft, clinician, one).status_code == 409


@pytest.mark.parametrize("enforced", [True, False])
def test_the_gate_lets_in_whom_it_does_not_refuse(clinician, coordinator, enforced, db):
    """The narrow question and the sentences, on the days around each change, active and disabled."""
    PolicySetting.objects.create(
        name="entry_gate",
        value="yes" if enforced else "no",
        since=days(-900),
        reason="Invented.",
        set_by=coordinator,
    )
    Credential.objects.filter(person=clinician).delete()
    factories.certify(clinician, certified=days(-500), trained=days(-480))
    factories.certify(clinician, certified=days(-100), trained=days(-90))
    for active in (True, False):
        User.objects.filter(pk=clinician.pk).update(is_active=active)
        person = User.objects.get(pk=clinician.pk)
        for shift in (-501, -500, -481, -480, -136, -135, -134, -101, -100, 0, 264, 265, 266, 267):
            found = gate.lets_in(person, days(shift))
            assert found == (gate.refusals(person, days(shift)) == []), (active, shift)
            assert found == gate.cleared(days(shift)).filter(pk=person.pk).exists(), (active, shift)


NO_BATCHES = [
    "",
    "{",
    "null",
    "[]",
    '"text"',
    b"\xff\xfe\x00",
    "[" * 100_000,
    '{"by": ' + "9" * 5000 + "}",
    "{}",
    '{"by": "PERSON", "ratings": [], "notes": []}',
    '{"by": true, "ratings": [], "notes": []}',
    '{"by": PERSON}',
    '{"by": PERSON, "ratings": [], "notes": []}',
    '{"by": PERSON, "ratings": {}, "notes": []}',
    '{"by": PERSON, "ratings": [], "notes": "x"}',
    '{"by": PERSON, "ratings": [null], "notes": []}',
    '{"by": PERSON, "ratings": [[]], "notes": []}',
    '{"by": PERSON, "ratings": [{}], "notes": []}',
    '{"by": PERSON, "notes": [{"sheet": SHEET, "code": "stress.numbing", "seen": "", "text": null}]}',
    '{"by": PERSON, "notes": [{"sheet": SHEET, "code": "stress.numbing", "seen": 3, "text": "x"}]}',
]
OF_ANOTHER_TYPE = [
    {"sheet": "12"},
    {"sheet": True},
    {"sheet": 1.0},
    {"sheet": None},
    {"code": 7},
    {"code": ["stress.numbing"]},
    {"seen": None},
    {"value": 2},
    {"carried": 1},
    {"carried": None},
    {"more": "x"},
]
WRONG_ITEMS = [
    ({"code": "stress.no-such"}, "no item"),
    ({"code": SAFETY}, "no item"),
    ({"code": "early.motor"}, "no item"),
    ({"code": "\x00"}, "no item"),
    ({"code": "\ud800"}, "no item"),
    ({"value": "4"}, "Choose a rating"),
    ({"value": ""}, "Choose a rating"),
    ({"value": "12"}, "Choose a rating"),
    ({"value": "\x00"}, "Choose a rating"),
    ({"value": "\ud800"}, "Choose a rating"),
    ({"value": "n"}, "cannot be N/A"),
    ({"seen": ""}, "which rating you saw"),
    ({"seen": "01"}, "which rating you saw"),
    ({"sheet": 987_654_321}, "not part of this CANS"),
    ({"sheet": -1}, "not part of this CANS"),
    ({"sheet": 10**40}, "not part of this CANS"),
]


class TestWhatIsWrong:
    @pytest.mark.parametrize(
        "key", ["", "1", "not-a-uuid", "12345678-1234-1234-1234-12345678901", "\x00" * 36]
    )
    def test_without_a_key_it_cannot_be_sent_again(self, browser, draft, clinician, key):
        answer = browser.rate(draft, clinician, rating(child_sheet(draft), NUMBING, ".", "1"), key=key)
        assert (answer.status_code, "Idempotency-Key" in answer.json()["problem"]) == (400, True)
        assert_nothing_stored(draft)

    def test_not_as_a_batch_is(self, browser, draft, clinician):
        sheet = child_sheet(draft)
        for body in NO_BATCHES:
            if isinstance(body, str):
                body = body.replace("PERSON", str(clinician.pk)).replace("SHEET", str(sheet.pk))
            answer = browser.send(draft, body)
            assert answer.status_code == 400, body[:99]
            assert answer.json()["problem"].endswith("."), body[:99]
        assert_nothing_stored(draft)

    def test_a_field_of_another_type(self, browser, draft, clinician):
        for wrong in OF_ANOTHER_TYPE:
            answer = browser.rate(draft, clinician, rating(child_sheet(draft), NUMBING, ".", "1") | wrong)
            assert (answer.status_code, "Number 1" in answer.json()["problem"]) == (400, True), wrong
        assert_nothing_stored(draft)

    def test_one_wrong_item_is_named_and_nothing_is_stored(self, browser, draft, clinician):
        sheet = child_sheet(draft)
        for wrong, sentence in WRONG_ITEMS:
            bad = rating(sheet, NUMBING, ".", "1") | wrong
            answer = browser.rate(draft, clinician, rating(sheet, ADJUSTMENT, ".", "1"), bad)
            assert answer.status_code == 400, wrong
            assert answer.json()["problem"].endswith(".")
            ((name, said),) = answer.json()["items"].items()
            assert name == f"{bad['sheet']}-{bad['code']}"
            assert sentence in said, wrong
        assert_nothing_stored(draft)

    @pytest.mark.parametrize(
        ("wrong", "sentence"),
        [
            ({"text": "x" * 4001}, "4000 characters"),
            ({"text": "a \x00"}, "cannot be kept"),
            ({"text": "a \udfff"}, "cannot be kept"),
            ({"code": SAFETY}, "no item"),
            ({"sheet": 987_654_321}, "not part of this CANS"),
        ],
    )
    def test_a_note(self, browser, draft, clinician, wrong, sentence):
        sheet = child_sheet(draft)
        bad = note(sheet, NUMBING, "\ud800", "A note.") | wrong
        answer = browser.send(draft, sent(clinician, [rating(sheet, NUMBING, ".", "1")], [bad]))
        assert answer.status_code == 400
        assert sentence in answer.json()["items"][f"{bad['sheet']}-{bad['code']}"]
        assert_nothing_stored(draft)

    def test_another_cans_sheet(self, browser, draft, clinician, case):
        other = factories.make_draft(factories.make_child(case), author=clinician)
        answer = browser.rate(draft, clinician, rating(child_sheet(other), NUMBING, ".", "1"))
        assert "not part of this CANS" in str(answer.json()["items"])
        assert_nothing_stored(other)

    def test_a_caregiver_who_is_not_scored(self, browser, draft, clinician):
        sheet = caregiver_sheet(draft)
        code = sheet.applicable_items[0].code
        actions.explain_not_scored(sheet, by=clinician, reason="Away for work.")
        answer = browser.rate(draft, clinician, rating(sheet, code, ".", "1"))
        assert "Away for work." in answer.json()["items"][f"{sheet.pk}-{code}"]
        assert set(caregiver_sheet(draft).ratings) == {"."}

    def test_an_item_twice_at_once(self, browser, draft, clinician):
        sheet = child_sheet(draft)
        answer = browser.rate(draft, clinician, *(rating(sheet, NUMBING, ".", value) for value in "12"))
        assert "twice" in answer.json()["items"][f"{sheet.pk}-{NUMBING}"]
        assert_nothing_stored(draft)

    def test_more_than_fifty(self, browser, draft, clinician):
        sheet = child_sheet(draft)
        codes = [item.code for item in sheet.applicable_items]
        ratings = [rating(sheet, code, ".", "1") for code in codes[:51]]
        answer = browser.rate(draft, clinician, *ratings)
        assert (answer.status_code, "50" in answer.json()["problem"]) == (400, True)
        assert_nothing_stored(draft)
        assert browser.rate(draft, clinician, *ratings[:50]).status_code == 200
        assert RatingChange.objects.count() == 50

    @pytest.mark.parametrize("size", [1024 * 1024, 3 * 1024 * 1024])
    def test_too_large(self, browser, draft, clinician, size):
        answer = browser.send(draft, json.dumps(sent(clinician)) + " " * size)
        assert (answer.status_code, "too much" in answer.json()["problem"]) == (400, True)

    @pytest.mark.parametrize("method", ["post", "put", "delete"])
    def test_another_method(self, browser, draft, method):
        assert getattr(browser, method)(url(draft)).status_code == 405


class TestLookingAgain:
    def test_ratings_and_notes_as_they_are(self, browser, draft, clinician):
        child, caregiver = child_sheet(draft), caregiver_sheet(draft)
        actions.rate(child, by=clinician, ratings=[(NUMBING, ".", "2", False)])
        actions.annotate(caregiver, by=clinician, notes={caregiver.items[0].code: "A note."})
        answer = browser.get(url(draft))
        told = answer.json()
        assert (answer.status_code, told["by"], len(told["csrf"]) > 30) == (200, clinician.pk, True)
        assert told["sheets"].keys() == {str(child.pk), str(caregiver.pk)}
        assert told["sheets"][str(child.pk)][NUMBING] == "2"
        assert told["sheets"][str(child.pk)].keys() == {item.code for item in child.applicable_items}
        assert told["notes"] == {str(child.pk): {}, str(caregiver.pk): {caregiver.items[0].code: "A note."}}
        assert answer["Cache-Control"] == "no-store"

    def test_it_is_on_record_as_a_reading(self, browser, draft, clinician, child):
        browser.get(url(draft))
        reading = Reading.objects.get(page="assessment ratings")
        assert (reading.reader_number, reading.case_number, reading.children) == (
            clinician.pk,
            draft.case_id,
            [child.pk],
        )

    def test_what_is_submitted_can_be_looked_at(self, browser, submitted):
        assert browser.get(url(submitted)).status_code == 200


class TestCost:
    """What a save asks does not grow with what is there."""

    def queries(self, act):
        with CaptureQueriesContext(
            connection,
        ) as asked:
            assert act().status_code == 200
        return len([one for one in asked if not one["sql"].startswith(("BEGIN", "SAVEPOINT", "RELEASE"))])

    def test_one_rating(self, browser, draft, clinician):
        sheet, values = child_sheet(draft), iter("1231")
        seen, costs = ".", []
        for value in values:
            one = rating(sheet, NUMBING, seen, value)
            costs.append(self.queries(lambda one=one: browser.rate(draft, clinician, one)))
            seen = value
            factories.make_child(draft.case)
        assert set(costs[1:]) == {10}  # the first counts the person among those who wrote in it

    def test_each_further_rating_is_one_update(self, browser, draft, clinician):
        sheet = child_sheet(draft)
        codes = [item.code for item in sheet.applicable_items]
        browser.rate(draft, clinician, rating(sheet, codes[0], ".", "1"))
        batch = [rating(sheet, code, ".", "1") for code in codes[1:41]]
        one = self.queries(lambda: browser.rate(draft, clinician, batch[0]))
        assert self.queries(lambda: browser.rate(draft, clinician, *batch[1:])) == one + len(batch) - 2

    def test_looking_again(self, browser, draft, clinician):
        browser.get(url(draft))
        first = self.queries(lambda: browser.get(url(draft)))
        caregiver = factories.make_caregiver(draft.child, name="Another Adult-Example", starts=days(-9))
        actions.add_sheet(draft, by=clinician, adult=caregiver)
        assert self.queries(lambda: browser.get(url(draft))) == first


@pytest.mark.django_db(transaction=True)
class TestAtOnce:
    def test_the_same_sending_twice(self, draft, clinician):
        """The answer to the first is slow, and the page sends again."""
        key, sheet = new_key(), child_sheet(draft)
        body = sent(clinician, [rating(sheet, NUMBING, ".", "2")], [note(sheet, NUMBING, "", "Mine.")])
        browsers = [signed_in(clinician) for _ in range(4)]
        answers = at_once(*(lambda one=one: one.send(draft, body, key) for one in browsers))
        assert [answer.status_code for answer in answers] == [200] * 4
        assert all(answer.json()["conflicts"] == answer.json()["notes_apart"] == [] for answer in answers)
        assert RatingChange.objects.count() == 1
        assert acts().count() == 1
        assert Note.objects.get().text == "Mine."

    def test_two_people_on_one_item(self, draft, clinician, parallel):
        sheet = child_sheet(draft)
        people = [(clinician, "1"), (parallel, "3")]
        browsers = {person: signed_in(person) for person, _ in people}
        answers = at_once(
            *(
                lambda person=person, value=value: browsers[person].rate(
                    draft, person, rating(sheet, NUMBING, ".", value)
                )
                for person, value in people
            )
        )
        told = [answer.json()["conflicts"] for answer in answers]
        assert sorted(map(len, told)) == [0, 1]
        kept = child_sheet(draft).values[NUMBING]
        assert kept == people[told.index([])][1]
        assert [one["value"] for conflicts in told for one in conflicts] == [kept]

    def test_a_save_and_the_submission(self, ready_draft, clinician, parallel):
        sheet, browser = child_sheet(ready_draft), signed_in(parallel)
        outcomes = at_once(
            lambda: approvals.submit(Assessment.objects.get(pk=ready_draft.pk), by=clinician),
            lambda: browser.rate(ready_draft, parallel, rating(sheet, NUMBING, "1", "2")),
        )
        ready_draft.refresh_from_db()
        assert ready_draft.state == "submitted"
        assert outcomes[1].status_code in {200, 409}
        assert (child_sheet(ready_draft).values[NUMBING] == "2") == (outcomes[1].status_code == 200)

    def test_without_a_record_nothing_is_saved(self, draft, clinician, monkeypatch):
        browser = signed_in(clinician)
        browser.raise_request_exception = False
        monkeypatch.setattr("audit.actions.event_mac", lambda *given: 1 / 0)
        answer = browser.rate(draft, clinician, rating(child_sheet(draft), NUMBING, ".", "1"))
        assert answer.status_code == 500
        assert_nothing_stored(draft)
