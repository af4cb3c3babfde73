"""The scoring pages: the ladder of who and when, bad input, two people, and the way without JavaScript."""

import re

import pytest
from django.urls import reverse

from approvals import actions as approvals
from audit.models import Event, Reading
from cans import actions
from cans.facts import readiness_of
from cans.models import Note, RatingChange
from staff.actions import switch
from staff.models import Credential, Switch
from tests import factories

ADJUSTMENT = "stress.adjustment-to-trauma"
NUMBING = "stress.numbing"


def url(draft, section="stress"):
    return reverse("cans:score", args=[draft.pk, section])


def child_sheet(draft):
    return draft.sheets.select_related("assessment__case").get(adult=None)


def typed(draft, section="stress", **more):
    """What a browser sends when nothing was touched: what was seen, what is checked, the notes."""
    sheet = child_sheet(draft)
    sent = {}
    for item in sheet.applicable_items:
        if item.section == section:
            sent[f"seen-{item.code}"] = sheet.value(item)
            sent[f"note-{item.code}"] = ""
            if sheet.value(item) != ".":
                sent[f"rating-{item.code}"] = sheet.value(item)
    return of_sheet(sheet, sent | more)


def of_sheet(sheet, sent):
    """The fields by item code, named as on the page: by sheet and item."""
    return {re.sub(r"^(\w+)-(?=[a-z]+\.)", rf"\1-{sheet.pk}-", name): text for name, text in sent.items()}


@pytest.fixture
def signed_in(client, clinician):
    client.force_login(clinician)
    return client


@pytest.fixture
def parallel(case, agency):
    person = factories.make_person("clinician", agency=agency, name="Pat Parallel", username="parallel")
    factories.assign(case, person, kind="parallel")
    return person


class TestLadder:
    def test_anonymous_signs_in_first(self, client, draft):
        for answer in (client.get(url(draft)), client.post(url(draft), {})):
            assert answer.status_code == 302
            assert "/accounts/login/" in answer["Location"]

    @pytest.mark.parametrize("who", ["stranger", "colleague"])
    def test_not_theirs_is_not_there(self, client, draft, who, request):
        client.force_login(request.getfixturevalue(who))
        for answer in (client.get(url(draft)), client.post(url(draft), typed(draft))):
            assert answer.status_code == 404
        assert client.get(reverse("cans:score", args=[10**18, "stress"])).status_code == 404

    @pytest.mark.parametrize("who", ["administrator", "coordinator", "supervisor"])
    def test_those_who_only_read_or_not_even_that_do_not_rate(self, client, draft, who, request):
        client.force_login(request.getfixturevalue(who))
        sent = typed(draft, **{f"rating-{NUMBING}": "2"})
        assert client.get(url(draft)).status_code == 403
        assert client.post(url(draft), sent).status_code == 403
        assert not RatingChange.objects.exists()

    def test_the_reviewer_it_is_routed_to_only_reads(self, client, submitted, other_supervisor, supervisor):
        approvals.reroute(submitted, by=supervisor, to=other_supervisor, reason="Away.")
        client.force_login(other_supervisor)
        assert client.post(url(submitted), typed(submitted)).status_code == 403
        assert client.get(reverse("cans:detail", args=[submitted.pk])).status_code == 200

    def test_once_submitted_it_is_too_late_and_what_was_chosen_is_still_there(self, signed_in, submitted):
        assert signed_in.get(url(submitted)).status_code == 409
        sent = typed(submitted, **{f"rating-{NUMBING}": "3", f"note-{NUMBING}": "Something typed."})
        answer = signed_in.post(url(submitted), sent)
        assert answer.status_code == 409
        assert "submitted; its ratings cannot change" in answer.content.decode()
        assert "Something typed." in answer.content.decode()
        assert child_sheet(submitted).values[NUMBING] == "1"

    def test_credentials_that_lapsed(self, signed_in, draft, clinician):
        Credential.objects.filter(person=clinician).delete()
        answer = signed_in.post(url(draft), typed(draft, **{f"rating-{NUMBING}": "3"}))
        assert answer.status_code == 409
        assert "certification" in answer.content.decode()

    @pytest.mark.parametrize("section", ["no-such", "early", "transition", "caregiver-0", "safety"])
    def test_a_section_this_cans_does_not_have(self, signed_in, draft, section):
        assert signed_in.get(url(draft, section)).status_code == 404


class TestSaving:
    def test_saved_with_history_event_and_reading(self, signed_in, draft, clinician):
        sent = typed(draft, **{f"rating-{NUMBING}": "2", f"note-{ADJUSTMENT}": "Seen in class."})
        answer = signed_in.post(url(draft), sent)
        assert answer.status_code == 302
        assert answer["Location"] == url(draft)
        assert child_sheet(draft).values[NUMBING] == "2"
        change = RatingChange.objects.get()
        assert (change.before, change.after, change.by) == (".", "2", clinician)
        assert Note.objects.get().text == "Seen in class."
        assert Event.objects.filter(action="assessment.rate").count() == 1
        page = signed_in.get(url(draft)).content.decode()
        assert "saved at" in page
        assert "1 of 6 rated here" in page
        reading = Reading.objects.latest("pk")
        assert (reading.reader_number, reading.case_number) == (clinician.pk, draft.case_id)
        assert reading.grant.startswith("assignment ")

    def test_nothing_touched_writes_nothing(self, signed_in, draft):
        assert signed_in.post(url(draft), typed(draft)).status_code == 302
        assert not RatingChange.objects.exists()
        assert not Event.objects.filter(action__in=["assessment.rate", "assessment.annotate"]).exists()

    def test_nothing_is_preselected(self, signed_in, draft):
        assert " checked" not in signed_in.get(url(draft)).content.decode()

    def test_a_rating_is_taken_back(self, signed_in, ready_draft):
        sent = typed(ready_draft, **{f"clear-{NUMBING}": "1"})
        signed_in.post(url(ready_draft), sent)
        assert child_sheet(ready_draft).values[NUMBING] == "."

    @pytest.mark.parametrize(
        ("button", "lands"),
        [
            ("section", "score/strengths/#item-{}-strengths.family"),
            ("missing", "score/trauma/#item-{}-trauma.sexual-abuse"),
        ],
    )
    def test_where_the_buttons_lead(self, signed_in, draft, button, lands):
        answer = signed_in.post(url(draft), typed(draft, next=button))
        assert answer["Location"] == f"/cans/{draft.pk}/{lands.format(child_sheet(draft).pk)}"

    def test_after_the_last_section_comes_the_summary(self, signed_in, ready_draft):
        last = ready_draft.sheets.exclude(adult=None).get()
        address = url(ready_draft, f"caregiver-{last.pk}")
        page = signed_in.get(address).content.decode()
        assert "Save and see the summary" in page
        answer = signed_in.post(address, {"next": "section"})
        assert answer["Location"] == reverse("cans:summary", args=[ready_draft.pk])

    def test_coming_back_lands_on_the_first_item_without_a_rating(self, signed_in, draft, clinician):
        sheet = child_sheet(draft)
        trauma = [item.code for item in sheet.applicable_items if item.section == "trauma"]
        actions.rate(sheet, by=clinician, ratings=[(code, ".", "0", False) for code in trauma])
        page = signed_in.get(reverse("cans:continue", args=[draft.pk])).content.decode()
        assert f'data-land="item-{sheet.pk}-{ADJUSTMENT}"' in page

    def test_when_all_is_rated_it_lands_nowhere_and_the_summary_is_at_hand(self, signed_in, ready_draft):
        page = signed_in.get(reverse("cans:continue", args=[ready_draft.pk])).content.decode()
        assert 'data-land=""' in page
        assert f'href="{reverse("cans:summary", args=[ready_draft.pk])}"' in page

    def test_the_previous_rating_is_said_in_words(self, client, approved, clinician):
        draft = factories.make_draft(approved.child, author=clinician)
        client.force_login(clinician)
        page = client.get(url(draft)).content.decode()
        assert "Was 1, watch, prevent, on " in page

    def test_who_rates_blind_reads_none_with_scripts_or_without(self, client, approved, clinician):
        draft = factories.make_draft(approved.child, author=clinician)
        switch(Switch.LAST_RATINGS, False, by=clinician)
        client.force_login(clinician)
        for address in (url(draft), reverse("cans:continue", args=[draft.pk])):
            page = client.get(address).content.decode()
            assert ">Was 1" not in page
            assert 'data-words="Was 1, watch, prevent, on ' in page, "for the button that shows them"

    def test_the_reviewers_comment_stands_at_its_item(self, client, submitted, supervisor, clinician):
        comment = (child_sheet(submitted), NUMBING, "Why 1, after the visit?")
        approvals.return_for_revision(submitted, by=supervisor, reason="See inside.", comments=[comment])
        client.force_login(clinician)
        page = client.get(url(submitted)).content.decode()
        assert "Why 1, after the visit?" in page
        # Where it was returned, at the item, and in the history.
        detail = client.get(reverse("cans:detail", args=[submitted.pk])).content.decode()
        assert detail.count("Why 1, after") == 3


class TestTwoPeople:
    def test_the_same_item_shows_both_and_the_rest_is_saved(self, signed_in, draft, parallel):
        sent = typed(draft, **{f"rating-{NUMBING}": "1", f"rating-{ADJUSTMENT}": "3"})
        actions.rate(child_sheet(draft), by=parallel, ratings=[(NUMBING, ".", "2", False)])
        answer = signed_in.post(url(draft), sent)
        page = answer.content.decode()
        assert answer.status_code == 409
        assert "“2, act”" in page
        assert "“1, watch, prevent”" in page
        assert child_sheet(draft).values[NUMBING] == "2"
        assert child_sheet(draft).values[ADJUSTMENT] == "3"
        seen = re.search(rf'name="seen-\d+-{NUMBING}" value="(.)"', page).group(1)
        again = typed(draft, **{f"rating-{NUMBING}": "1", f"seen-{NUMBING}": seen})
        assert signed_in.post(url(draft), again).status_code == 302
        assert child_sheet(draft).values[NUMBING] == "1"

    def test_the_same_note_shows_both(self, signed_in, draft, parallel):
        sent = typed(draft, **{f"note-{NUMBING}": "My words.\r\nTwo lines."})
        actions.annotate(child_sheet(draft), by=parallel, notes={NUMBING: "Their words."})
        answer = signed_in.post(url(draft), sent)
        page = answer.content.decode()
        assert answer.status_code == 409
        assert "Their words." in page
        assert "My words." in page
        assert Note.objects.get().text == "Their words."
        again = typed(
            draft, **{f"note-{NUMBING}": "My words.\r\nTwo lines.", f"noteseen-{NUMBING}": "Their words."}
        )
        assert signed_in.post(url(draft), again).status_code == 302
        assert Note.objects.get().text == "My words.\nTwo lines."

    def test_different_items_merge(self, signed_in, draft, parallel):
        sent = typed(draft, **{f"rating-{ADJUSTMENT}": "3"})
        actions.rate(child_sheet(draft), by=parallel, ratings=[(NUMBING, ".", "2", False)])
        assert signed_in.post(url(draft), sent).status_code == 302
        values = child_sheet(draft).values
        assert (values[NUMBING], values[ADJUSTMENT]) == ("2", "3")


class TestBadInput:
    @pytest.mark.parametrize(
        "sent",
        [
            {f"rating-{NUMBING}": "9"},
            {f"rating-{NUMBING}": "\x00"},
            {f"rating-{NUMBING}": ""},
            {f"rating-{NUMBING}": "n"},
            {f"rating-{NUMBING}": "2", f"seen-{NUMBING}": ""},
            {f"rating-{NUMBING}": "2", f"seen-{NUMBING}": "zz"},
            {"rating-life.sleep": "2", "seen-life.sleep": "."},
            {"rating-caregiver.safety": "2", "seen-caregiver.safety": "."},
            {"rating-<script>": "2"},
            {"note-no\x00such": "x"},
            {f"note-{NUMBING}": "a\x00b"},
            {f"note-{NUMBING}": "x" * 4001},
        ],
    )
    def test_a_sentence_nothing_saved_what_was_typed_kept(self, signed_in, draft, sent):
        whole = typed(draft, **{f"rating-{ADJUSTMENT}": "3", f"note-{ADJUSTMENT}": "Kept words."}) | sent
        answer = signed_in.post(url(draft), whole)
        page = answer.content.decode()
        assert answer.status_code == 400
        assert "Nothing was saved" in page
        assert "Kept words." in page
        assert "<script>" not in page
        assert not RatingChange.objects.exists()
        assert not Note.objects.exists()

    def test_a_rating_that_was_seen_nowhere(self, signed_in, draft):
        answer = signed_in.post(url(draft), of_sheet(child_sheet(draft), {f"rating-{NUMBING}": "2"}))
        assert answer.status_code == 400
        assert "which rating you saw" in answer.content.decode()


class TestSpeed:
    def counted(self, client, address, django_assert_max_num_queries, most):
        client.get(address)  # the instrument is read once per process
        with django_assert_max_num_queries(most) as counted:
            assert client.get(address).status_code == 200
        return len(counted)

    def test_twelve_queries_whatever_the_size(
        self, client, approved, clinician, child, django_assert_max_num_queries
    ):
        draft = factories.make_draft(child, author=clinician)
        client.force_login(clinician)
        few = self.counted(client, url(draft), django_assert_max_num_queries, 12)
        for _ in range(4):
            actions.add_sheet(draft, by=clinician, adult=factories.make_caregiver(child, role="parent"))
        notes = {item.code: "A note." for item in child_sheet(draft).applicable_items}
        actions.annotate(child_sheet(draft), by=clinician, notes=notes)
        assert self.counted(client, url(draft), django_assert_max_num_queries, 12) == few

    @pytest.mark.parametrize("page", ["whole", "section"])
    def test_what_a_reviewer_said_is_asked_about_in_no_more(
        self, client, approved, supervisor, clinician, child, page, django_assert_max_num_queries
    ):
        returned = factories.make_draft(child, author=clinician, rated="1", type="reassessment")
        answers = {warning.key: "So it is." for warning in readiness_of(returned)}
        actions.answer_warnings(returned, by=clinician, answers=answers)
        approvals.submit(returned, by=clinician)
        comments = [(child_sheet(returned), item.code, "Why?") for item in child_sheet(returned).items[:9]]
        approvals.return_for_revision(returned, by=supervisor, reason="See inside.", comments=comments)
        client.force_login(clinician)
        address = url(returned) if page == "section" else reverse("cans:continue", args=[returned.pk])
        self.counted(client, address, django_assert_max_num_queries, 12)


def test_the_largest_family_is_saved_as_one_form(signed_in, draft, child, clinician):
    """More fields than Django takes by itself."""
    for number in range(8):
        adult = factories.make_caregiver(child, name=f"Relative {number} Plainly-Invented")
        actions.add_sheet(draft, by=clinician, adult=adult)
    address = reverse("cans:continue", args=[draft.pk])
    page = signed_in.get(address).content.decode()
    sent = dict(re.findall(r'name="(seen-[^"]+)" value="([^"]+)"', page))
    rows = [name.removeprefix("seen-") for name in sent]
    sent |= {f"rating-{row}": "1" for row in rows} | {f"note-{row}": "" for row in rows}
    assert len(sent) > 1000
    assert signed_in.post(address, sent).status_code == 302
    assert all(set(sheet.ratings) <= {"1", "."} for sheet in draft.sheets.all())
    assert RatingChange.objects.count() == len(rows)


class TestCaregiversWhoMoved:
    """Said of the whole CANS on each of its pages, whichever sheets the page shows."""

    @pytest.fixture(params=["whole", "section of the child", "their own"])
    def address(self, request, draft):
        sheet = draft.sheets.exclude(adult=None).get()
        return {
            "whole": reverse("cans:continue", args=[draft.pk]),
            "section of the child": url(draft, "trauma"),
            "their own": url(draft, f"caregiver-{sheet.pk}"),
        }[request.param]

    def test_nobody_is_missing_who_has_a_sheet(self, signed_in, address):
        assert "Caregivers changed" not in signed_in.get(address).content.decode()

    def test_who_is_not_scored_has_a_sheet(self, signed_in, draft, child, clinician):
        other = factories.make_caregiver(child, name="Gwen Later-Example")
        sheet = actions.add_sheet(draft, by=clinician, adult=other)
        actions.explain_not_scored(sheet, by=clinician, reason="Away at sea.")
        for address in (reverse("cans:continue", args=[draft.pk]), url(draft)):
            assert "Caregivers changed" not in signed_in.get(address).content.decode()

    def test_who_has_none_is_named(self, signed_in, address, child):
        factories.make_caregiver(child, name="Gwen Later-Example")
        page = signed_in.get(address).content.decode()
        assert "Gwen Later-Example cares for" in page
        assert page.count("and has no sheet in this CANS") == 1
        way = '<a class="small" href="#caregivers-changed">'  # one lands on an item, far below what says so
        assert (way in page) == ("data-save-url" in page)


def test_the_whole_way_with_plain_forms(signed_in, child, case, caregiver):
    """Start, rate every section as the page asks, and see that nothing is missing."""
    factories.make_instrument()
    started = signed_in.post(
        reverse("cans:start", args=[case.pk, child.pk]),
        {"assessed_on": factories.days(0).isoformat(), "type": "initial"},
        follow=True,
    )
    address, page = started.redirect_chain[-1][0].split("#")[0], started.content.decode()
    for _ in range(20):
        sent = dict(re.findall(r'name="(seen-[^"]+)" value="([^"]+)"', page)) | {"next": "section"}
        sent |= {name.replace("seen-", "rating-"): "1" for name in sent if name.startswith("seen-")}
        answer = signed_in.post(address, sent, follow=True)
        address, page = answer.redirect_chain[-1][0].split("#")[0], answer.content.decode()
        if "summary" in address:
            break
    assert "Ready to submit" in page
    assert "approvals" in page


class TestWaysOn:
    @pytest.mark.parametrize(
        ("wish", "leads"),
        [
            ("strengths", "/score/strengths/"),
            ("summary", "/summary/"),
            ("nowhere", "/score/stress/"),
        ],
    )
    def test_every_way_on_saves_first(self, signed_in, draft, wish, leads):
        sent = typed(draft, **{f"rating-{NUMBING}": "2", "next": wish})
        response = signed_in.post(url(draft), sent)
        assert response.url.partition("#")[0].endswith(leads)
        assert child_sheet(draft).values[NUMBING] == "2"

    def test_a_returned_cans_opens_at_what_the_reviewer_asks_about(
        self, client, submitted, supervisor, clinician
    ):
        comment = (child_sheet(submitted), NUMBING, "Why 1?")
        approvals.return_for_revision(submitted, by=supervisor, reason="See inside.", comments=[comment])
        client.force_login(clinician)
        page = client.get(reverse("cans:continue", args=[submitted.pk])).content.decode()
        assert f'data-land="item-{child_sheet(submitted).pk}-{NUMBING}"' in page
        summary = client.get(reverse("cans:summary", args=[submitted.pk])).content.decode()
        assert "Submit it again by" in summary


def test_another_day_is_looked_at_before_a_cans_of_it_is_begun(signed_in, child, case):
    start = reverse("cans:start", args=[case.pk, child.pk])
    factories.make_instrument()
    chosen = {"assessed_on": factories.days(-3).isoformat(), "type": "initial"}
    shown = {"shown": factories.days(0).isoformat()}
    answer = signed_in.post(start, chosen | shown)
    assert answer.status_code == 200
    assert "You chose another day" in answer.content.decode()
    assert not child.assessments.exists()
    signed_in.post(start, chosen | {"shown": chosen["assessed_on"]})
    assert child.assessments.get().assessed_on == factories.days(-3)
