"""Start, the assessment's page, its people, its date, type and sections, its summary, and the list."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from approvals import actions as approvals
from audit.models import Reading
from cans import actions
from cans.facts import dates_of
from cans.models import Assessment, InstrumentVersion, Sheet
from cans.states import State
from cases.views.services import findings_of
from staff.dates import written
from staff.models import Credential
from tests import factories
from tests.approvals.conftest import submit
from tests.factories import days
from tests.reports.conftest import owing

PAGES = ["detail", "summary", "people", "details"]


def child_sheet(draft):
    return draft.sheets.select_related("assessment__case").get(adult=None)


def caregiver_sheet(draft):
    return draft.sheets.select_related("assessment__case", "adult").exclude(adult=None).get()


def page_of(answer):
    """The text of a page, line ends and all spaces as one."""
    return re.sub(r"\s+", " ", answer.content.decode())


@pytest.fixture
def signed_in(client, clinician):
    client.force_login(clinician)
    return client


@pytest.fixture
def parallel(case, agency):
    person = factories.make_person("clinician", agency=agency, name="Pat Parallel", username="parallel")
    factories.assign(case, person, kind="parallel")
    return person


class TestReading:
    @pytest.mark.parametrize("name", PAGES)
    def test_anonymous_strangers_colleagues_and_the_administrator(
        self, client, draft, stranger, colleague, administrator, name
    ):
        address = reverse(f"cans:{name}", args=[draft.pk])
        assert client.get(address).status_code == 302
        for person, status in [(stranger, 404), (colleague, 404), (administrator, 403)]:
            client.force_login(person)
            assert client.get(address).status_code == status
        assert not Reading.objects.exists()

    @pytest.mark.parametrize("name", PAGES)
    @pytest.mark.parametrize("who", ["clinician", "supervisor", "coordinator"])
    def test_those_of_the_case_read_and_it_is_written_down(self, client, submitted, name, who, request):
        person = request.getfixturevalue(who)
        client.force_login(person)
        assert client.get(reverse(f"cans:{name}", args=[submitted.pk])).status_code == 200
        reading = Reading.objects.get()
        assert (reading.reader_number, reading.children) == (person.pk, [submitted.child_id])
        assert reading.grant

    @pytest.mark.parametrize("name", PAGES)
    def test_in_every_state(self, client, approved, clinician, supervisor, coordinator, name):
        client.force_login(supervisor)
        assert client.get(reverse(f"cans:{name}", args=[approved.pk])).status_code == 200
        amendment = approvals.amend(approved, by=supervisor, author=clinician, reason="A wrong item.")
        assert client.get(reverse(f"cans:{name}", args=[amendment.pk])).status_code == 200
        approvals.void(amendment, by=clinician, reason="Not needed.")
        amendment.refresh_from_db()
        assert dates_of(amendment).met == ()
        assert client.get(reverse(f"cans:{name}", args=[amendment.pk])).status_code == 200

    def test_the_number_of_queries_does_not_grow(
        self, signed_in, draft, child, clinician, django_assert_max_num_queries
    ):
        def counted(name):
            with django_assert_max_num_queries(35) as queries:
                assert signed_in.get(reverse(f"cans:{name}", args=[draft.pk])).status_code == 200
            return len(queries)

        signed_in.get(draft.get_absolute_url())  # the instrument is read once per process
        few = [counted(name) for name in PAGES]
        for _ in range(4):
            actions.add_sheet(draft, by=clinician, adult=factories.make_caregiver(child, role="parent"))
        actions.annotate(
            child_sheet(draft), by=clinician, notes={item.code: "A." for item in child_sheet(draft).items}
        )
        assert [counted(name) for name in PAGES] == few


class TestDetail:
    def test_a_draft_shows_what_is_missing_with_links_to_the_controls(self, signed_in, draft):
        page = page_of(signed_in.get(draft.get_absolute_url()))
        assert "Trauma exposure: 13 of 13 not rated yet" in page
        assert f'href="/cans/{draft.pk}/score/#item-{child_sheet(draft).pk}-trauma.sexual-abuse"' in page
        caregiver = caregiver_sheet(draft)
        assert f'href="/cans/{draft.pk}/score/#item-{caregiver.pk}-caregiver.safety"' in page
        assert "0 of 105 rated" in page
        assert "Begin rating" in page

    def test_the_author_whose_certification_lapsed_reads_and_learns_why(self, signed_in, draft, clinician):
        Credential.objects.filter(person=clinician, kind="certification").delete()
        page = page_of(signed_in.get(draft.get_absolute_url()))
        assert "No CANS 2.0 certification is on record." in page
        assert "Begin rating" not in page

    def test_buttons_are_those_of_the_person_and_the_moment(self, client, submitted, supervisor, clinician):
        client.force_login(clinician)
        page = page_of(client.get(submitted.get_absolute_url()))
        assert reverse("approvals:recall", args=[submitted.pk]) in page
        assert "/score/" not in page
        client.force_login(supervisor)
        page = page_of(client.get(submitted.get_absolute_url()))
        assert reverse("approvals:review", args=[submitted.pk]) in page
        assert reverse("approvals:recall", args=[submitted.pk]) not in page
        assert "Only its author takes back a submitted CANS." in page

    def test_a_return_says_what_to_change_and_leads_there(self, client, submitted, supervisor, clinician):
        comment = (child_sheet(submitted), "life.sleep", "Say more.")
        approvals.return_for_revision(submitted, by=supervisor, reason="Two things.", comments=[comment])
        client.force_login(clinician)
        page = page_of(client.get(submitted.get_absolute_url()))
        assert "Returned by Sana Supervisor" in page
        assert f'href="/cans/{submitted.pk}/score/#item-{child_sheet(submitted).pk}-life.sleep"' in page

    def test_taking_over(self, client, draft, parallel, clinician, supervisor):
        address = reverse("cans:take_over", args=[draft.pk])
        client.force_login(supervisor)
        assert client.post(address).status_code == 403
        client.force_login(clinician)
        assert client.post(address).status_code == 409
        client.force_login(parallel)
        assert client.get(address).status_code == 405
        assert "Take over as its author" in page_of(client.get(draft.get_absolute_url()))
        assert client.post(address).status_code == 302
        draft.refresh_from_db()
        assert draft.author == parallel


@pytest.fixture
def other_agency_cans(approved, child, case):
    """The child left the case five days ago for one of another agency, which approved a CANS since."""
    theirs = factories.make_agency("Another Agency")
    supervisor = factories.make_person("supervisor", agency=theirs, name="Theirs Supervises")
    worker = factories.make_person("clinician", agency=theirs, name="Theirs Works", supervisor=supervisor)
    there = factories.make_case(primary=worker, agency=theirs, opened=days(-30))
    case.memberships.filter(child=child).update(left=days(-5))
    there.memberships.create(child=child, joined=days(-5))
    cans = factories.make_draft(child, author=worker, rated="2")
    submit(cans)
    approvals.approve(cans, by=supervisor)
    return cans


class TestStart:
    @pytest.fixture
    def address(self, case, child, caregiver):
        factories.make_instrument()
        return reverse("cans:start", args=[case.pk, child.pk])

    def test_ladder(self, client, address, case, stranger, colleague, administrator, coordinator):
        assert client.get(address).status_code == 302
        for person, status in [(stranger, 404), (colleague, 404), (administrator, 403), (coordinator, 403)]:
            client.force_login(person)
            assert client.get(address).status_code == status
            sent = {"assessed_on": days(0).isoformat(), "type": "initial"}
            assert client.post(address, sent).status_code == status
        assert not Assessment.objects.exists()

    def test_a_child_of_another_case(self, signed_in, case):
        other = factories.make_child(factories.make_case())
        assert signed_in.get(reverse("cans:start", args=[case.pk, other.pk])).status_code == 404

    def test_a_late_one_says_how_late_until_it_is_submitted_and_after(self, signed_in, clinician, supervisor):
        child = owing(clinician, late=9)
        factories.make_caregiver(child)
        factories.make_instrument()
        start = reverse("cans:start", args=[child.memberships.get().case_id, child.pk])
        assert "9 days late</span>" in page_of(signed_in.get(start))
        draft = factories.make_draft(child, author=clinician, rated="1")
        address = draft.get_absolute_url()
        assert "9 days late</span>" in page_of(signed_in.get(address))
        assert "First submitted" not in page_of(signed_in.get(address))
        submit(draft)
        page = page_of(signed_in.get(address))
        assert f"First submitted {written(days(0))}." in page
        assert "9 days late</span>" in page

    def test_one_in_time_says_so_once_it_is_submitted(self, signed_in, submitted):
        page = page_of(signed_in.get(submitted.get_absolute_url()))
        assert f"First submitted {written(days(0))}, in time." in page
        assert "late</span>" not in page

    def test_a_blank_sheet_for_the_visit_before_there_is_a_cans(self, signed_in, address, approved, child):
        """Of whom it would have a sheet for, with the ratings of last time; and nothing is begun by it."""
        assert f'href="{address}blank/?assessed_on={days(0)}"' in page_of(signed_in.get(address))
        page = page_of(signed_in.get(f"{address}blank/?assessed_on={days(0)}"))
        assert "Blank sheet for Robin" in page
        assert "not begun" in page
        assert "Fay Foster-Example" in page
        assert page.count('<tr class="paper-item">') == sum(
            len(sheet.applicable_items) for sheet in approved.sheets.all()
        )
        assert "was 1, watch, prevent" in page
        assert "was 1, watch" not in page_of(signed_in.get(f"{address}blank/?previous=no"))
        reading = Reading.objects.latest("pk")
        assert (reading.page, reading.children) == ("assessment blank", [child.pk])
        assert list(Assessment.objects.all()) == [approved]

    def test_of_a_child_who_moved_on_only_what_is_of_this_case_is_told(
        self, signed_in, address, approved, child, case, clinician, other_agency_cans
    ):
        """What another agency rated since is not theirs to read, of whatever earlier day they begin one."""
        assert signed_in.get(other_agency_cans.get_absolute_url()).status_code == 404
        for page in (f"{address}blank/", f"{address}blank/?assessed_on={days(-9)}"):
            assert "was 2, act" not in page_of(signed_in.get(page))
            assert "was 1, watch, prevent" in page_of(signed_in.get(page))
        begun = actions.start(child, case, by=clinician, assessed_on=days(-9))
        assert begun.based_on == approved
        stay = case.memberships.get(child=child)
        assert "Needs to act on" not in dict(findings_of(stay))

    def test_what_is_of_another_case_is_told_where_the_child_is_now(self, child, other_agency_cans):
        there = other_agency_cans.case
        assert Assessment.objects.latest_approved_of(child, there) == other_agency_cans
        begun = actions.start(child, there, by=other_agency_cans.author, assessed_on=days(0))
        assert begun.based_on == other_agency_cans

    @pytest.mark.parametrize("day", ["", "nonsense", "0001-01-01", "9999-12-31"])
    def test_a_blank_sheet_of_no_day_is_of_today(self, signed_in, address, day):
        assert signed_in.get(f"{address}blank/?assessed_on={day}").status_code == 200

    def test_it_shows_type_dates_and_caregivers_first(self, signed_in, address, case):
        page = page_of(signed_in.get(address))
        opened = case.episodes.get().opened
        assert "<strong>initial</strong> CANS" in page
        assert f"30 days after IPS opened {opened.day} {opened:%b %Y}" in page
        assert "It sets the next six-month date" in page
        assert "Fay Foster-Example" in page
        assert not Assessment.objects.exists()

    def test_for_another_date(self, signed_in, address):
        page = page_of(signed_in.get(address, {"assessed_on": days(-3).isoformat()}))
        assert f'name="assessed_on" value="{days(-3).isoformat()}"' in page

    @pytest.mark.parametrize("day", ["", "yesterday", "2025-02-30", "9999-12-31", "0001-01-01", "a\x00"])
    def test_a_date_that_cannot_be(self, signed_in, address, day):
        answer = signed_in.get(address, {"assessed_on": day})
        assert answer.status_code == 200
        assert "Please check what you entered" in page_of(answer)
        assert "Start this CANS" not in page_of(answer)
        posted = signed_in.post(address, {"assessed_on": day, "type": "initial"})
        assert posted.status_code == 200
        assert "Please check what you entered" in page_of(posted)
        assert not Assessment.objects.exists()

    def test_started(self, signed_in, address, clinician):
        answer = signed_in.post(
            address, {"assessed_on": days(-1).isoformat(), "type": "initial"}, follow=True
        )
        draft = Assessment.objects.get()
        assert (draft.author, draft.assessed_on, draft.sheets.count()) == (clinician, days(-1), 2)
        assert answer.redirect_chain[-1][0] == f"/cans/{draft.pk}/score/"

    def test_a_second_one_leads_to_the_first_and_says_whose_it_is(self, client, address, draft, parallel):
        client.force_login(parallel)
        page = page_of(client.get(address))
        assert "Cleo Clinician wrote it" in page
        assert draft.get_absolute_url() in page
        assert "Start this CANS" not in page
        answer = client.post(address, {"assessed_on": days(0).isoformat(), "type": "initial"}, follow=True)
        assert answer.redirect_chain == [(draft.get_absolute_url(), 302)]
        assert "written by Cleo Clinician" in page_of(answer)
        assert Assessment.objects.count() == 1

    def test_an_open_one_in_a_case_one_may_not_see_is_only_said_to_exist(self, signed_in, draft, address):
        hidden = factories.make_case()
        Assessment.objects.filter(pk=draft.pk).update(case=hidden)
        page = page_of(signed_in.get(address))
        assert "has an open CANS in another case" in page
        assert draft.get_absolute_url() not in page
        answer = signed_in.post(address, {"assessed_on": days(0).isoformat(), "type": "initial"})
        assert answer.status_code == 409
        assert "Ask your coordinator" in page_of(answer)

    def test_without_credentials_it_says_which_and_who_can_fix_it(self, signed_in, address, clinician):
        Credential.objects.filter(person=clinician).delete()
        page = page_of(signed_in.get(address))
        assert "May I enter a CANS?" in page
        assert "Who can fix it" in page
        assert "Start this CANS" not in page
        answer = signed_in.post(address, {"assessed_on": days(0).isoformat(), "type": "initial"})
        assert answer.status_code == 409

    def test_without_an_instrument(self, signed_in, address, case, child):
        InstrumentVersion.objects.update(active=False)
        answer = signed_in.post(address, {"assessed_on": days(0).isoformat(), "type": "initial"})
        assert answer.status_code == 409
        assert "administrator" in page_of(answer)


class TestPeople:
    def post(self, client, draft, name, *args, **sent):
        return client.post(reverse(f"cans:{name}", args=[draft.pk, *args]), sent)

    def test_a_reason_and_back(self, signed_in, draft):
        sheet = caregiver_sheet(draft)
        sent = {f"s{sheet.pk}-reason": "Could not be reached."}
        assert self.post(signed_in, draft, "explain_not_scored", sheet.pk, **sent).status_code == 302
        page = page_of(signed_in.get(reverse("cans:people", args=[draft.pk])))
        assert "Not scored: Could not be reached." in page
        assert "Could not be reached." in page_of(signed_in.get(reverse("cans:summary", args=[draft.pk])))
        assert self.post(signed_in, draft, "score_after_all", sheet.pk).status_code == 302
        assert caregiver_sheet(draft).not_scored_reason == ""

    @pytest.mark.parametrize("reason", ["", "x" * 401, "a\x00b"])
    def test_a_reason_that_says_nothing(self, signed_in, draft, reason):
        sheet = caregiver_sheet(draft)
        sent = {f"s{sheet.pk}-reason": reason}
        answer = self.post(signed_in, draft, "explain_not_scored", sheet.pk, **sent)
        assert answer.status_code == 200
        assert "Please check what you entered" in page_of(answer)
        assert caregiver_sheet(draft).not_scored_reason == ""

    def test_who_joined_since_is_offered_and_added(self, signed_in, draft, child):
        aunt = factories.make_caregiver(child, role="parent", name="Ann Aunt-Example")
        page = page_of(signed_in.get(reverse("cans:people", args=[draft.pk])))
        assert "not in this CANS yet" in page
        assert self.post(signed_in, draft, "add_sheet", adult=aunt.pk).status_code == 302
        assert draft.sheets.filter(adult=aunt).exists()

    def test_an_adult_of_another_case_is_not_a_choice(self, signed_in, draft):
        other = factories.make_caregiver(factories.make_child(factories.make_case()))
        for adult in (other.pk, "x", "", "9" * 30):
            answer = self.post(signed_in, draft, "add_sheet", adult=adult)
            assert answer.status_code == 200
            assert "Please check what you entered" in page_of(answer)
        assert draft.sheets.count() == 2

    def test_only_a_blank_sheet_of_somebody_who_does_not_care_is_removed(self, signed_in, draft, child):
        sheet = caregiver_sheet(draft)
        answer = self.post(signed_in, draft, "drop_sheet", sheet.pk)
        assert answer.status_code == 409
        assert "cares for the child" in page_of(answer)
        child.memberships.get().caregivings.update(ends=days(-1))
        assert self.post(signed_in, draft, "drop_sheet", sheet.pk).status_code == 302
        assert not Sheet.objects.filter(pk=sheet.pk).exists()

    @pytest.mark.parametrize("name", ["explain_not_scored", "score_after_all", "drop_sheet"])
    def test_ladder(self, client, draft, stranger, supervisor, clinician, administrator, name):
        sheet = caregiver_sheet(draft)
        sent = {f"s{sheet.pk}-reason": "A reason."}
        for person, status in [(stranger, 404), (administrator, 403), (supervisor, 403)]:
            client.force_login(person)
            assert self.post(client, draft, name, sheet.pk, **sent).status_code == status
        client.force_login(clinician)
        for foreign in (child_sheet(draft).pk, 10**9):
            assert self.post(client, draft, name, foreign, **sent).status_code == 404

    def test_too_late(self, signed_in, submitted):
        sheet = caregiver_sheet(submitted)
        sent = {f"s{sheet.pk}-reason": "A reason."}
        assert self.post(signed_in, submitted, "explain_not_scored", sheet.pk, **sent).status_code == 409
        assert self.post(signed_in, submitted, "score_after_all", sheet.pk).status_code == 409
        assert self.post(signed_in, submitted, "drop_sheet", sheet.pk).status_code == 409


class TestDetails:
    def post(self, client, draft, name, **sent):
        return client.post(reverse(f"cans:change_{name}", args=[draft.pk]), sent)

    def test_the_date_and_what_it_asks_for(self, signed_in, case, clinician):
        child = factories.make_child(case, born=days(-2190), name="Sixth Birthday-Example")
        draft = factories.make_draft(child, author=clinician, assessed_on=days(0), type="closing")
        answer = signed_in.post(
            reverse("cans:change_date", args=[draft.pk]), {"assessed_on": days(-5).isoformat()}, follow=True
        )
        assert "The type is now initial; it was closing." in page_of(answer)
        draft.refresh_from_db()
        assert draft.assessed_on == days(-5)

    @pytest.mark.parametrize("day", ["", "soon", "9999-12-31", "0001-01-01", "a\x00"])
    def test_a_date_that_cannot_be(self, signed_in, draft, day):
        answer = self.post(signed_in, draft, "date", assessed_on=day)
        assert answer.status_code == 200
        assert "Please check what you entered" in page_of(answer)
        draft.refresh_from_db()
        assert draft.assessed_on == days(0)

    def test_type_and_sections(self, signed_in, draft):
        assert self.post(signed_in, draft, "type", type="extension").status_code == 302
        assert self.post(signed_in, draft, "type", type="yearly").status_code == 200
        assert self.post(signed_in, draft, "sections", early="on").status_code == 302
        draft.refresh_from_db()
        assert (draft.type, draft.early, draft.transition) == ("extension", True, False)
        page = page_of(signed_in.get(draft.get_absolute_url()))
        assert "Early childhood: 15 of 15 not rated yet" in page

    SENT = {
        "date": {"assessed_on": "2025-01-01"},
        "type": {"type": "closing"},
        "sections": {"early": "on"},
    }

    @pytest.mark.parametrize("name", SENT)
    def test_ladder(self, client, submitted, stranger, supervisor, clinician, administrator, name):
        before = Assessment.objects.filter(pk=submitted.pk).values().get()
        people = [(stranger, 404), (administrator, 403), (supervisor, 403), (clinician, 409)]
        sent = self.SENT[name] | ({"assessed_on": days(-1).isoformat()} if name == "date" else {})
        for person, status in people:
            client.force_login(person)
            assert self.post(client, submitted, name, **sent).status_code == status
        assert Assessment.objects.filter(pk=submitted.pk).values().get() == before


class TestSummary:
    def test_what_was_found_what_changed_and_the_dates(self, client, approved, clinician, child):
        draft = factories.make_draft(child, author=clinician, rated="1", type="reassessment")
        actions.rate(
            child_sheet(draft),
            by=clinician,
            ratings=[("life.sleep", "1", "3", False), ("risk.runaway", "1", "2", False)],
        )
        client.force_login(clinician)
        page = page_of(client.get(reverse("cans:summary", args=[draft.pk])))
        assert "Act now (1)" in page
        assert "1, watch, prevent" in page
        assert "(new need)" in page
        assert "69 of 71 ratings are the same." in page
        assert "Six-month CANS, due" in page
        assert f'action="{reverse("approvals:submit", args=[draft.pk])}"' in page
        assert f'name="version" value="{draft.version}"' in page

    def test_submit_is_there_although_something_is_missing(self, signed_in, draft):
        page = page_of(signed_in.get(reverse("cans:summary", args=[draft.pk])))
        assert f"Submit CANS {draft.pk}" in page
        assert "disabled" not in page
        assert "What is missing" in page

    def test_warnings_are_answered_and_then_it_is_ready(self, signed_in, ready_draft, clinician):
        actions.rate(child_sheet(ready_draft), by=clinician, ratings=[("risk.suicide-risk", "1", "2", False)])
        address = reverse("cans:summary", args=[ready_draft.pk])
        page = page_of(signed_in.get(address))
        name = re.search(r'<textarea id="[^"]+" name="(answer-[^"]+)"', page).group(1)
        assert "1 warning to answer" in page
        signed_in.post(reverse("cans:answer", args=[ready_draft.pk]), {name: "The plan is in the file."})
        page = page_of(signed_in.get(address))
        assert "Ready to submit" in page
        assert "The plan is in the file." in page

    def test_a_page_from_before_keeps_its_own_answers_and_no_others(self, signed_in, ready_draft, clinician):
        """Somebody else has answered one of two since: the other one is kept, and neither is emptied."""
        strengths = [one.code for one in ready_draft.instrument.child_items if one.kind == "strength"]
        zeros = [
            (code, "1", "0", False) for code in strengths if child_sheet(ready_draft).values[code] == "1"
        ]
        rated = [("risk.suicide-risk", "1", "2", False), *zeros]
        actions.rate(child_sheet(ready_draft), by=clinician, ratings=rated)
        plan, none = "warning:safety-plan:risk.suicide-risk", "warning:every-strength-0"
        sent = {f"seen-answer-{key}": "" for key in (plan, none)}
        actions.answer_warnings(ready_draft, by=clinician, answers={plan: "In the file."})
        address = reverse("cans:answer", args=[ready_draft.pk])
        sent |= {f"answer-{plan}": "", f"answer-{none}": "All new to them."}
        assert signed_in.post(address, sent).status_code == 302
        kept = {plan: "In the file.", none: "All new to them."}
        assert dict(ready_draft.answers.values_list("key", "text")) == kept
        answer = signed_in.post(address, sent | {f"answer-{plan}": "With us."})
        assert answer.status_code == 400
        page = page_of(answer)
        assert "Meanwhile somebody wrote here: “In the file.”" in page
        assert ">With us.</textarea>" in page
        assert f'name="seen-answer-{plan}" value="In the file."' in page
        assert dict(ready_draft.answers.values_list("key", "text")) == kept

    def test_what_was_typed_to_a_warning_that_is_gone_is_shown(self, signed_in, ready_draft):
        sent = {"answer-warning:invented": "In the blue folder."}
        answer = signed_in.post(reverse("cans:answer", args=[ready_draft.pk]), sent)
        assert "not there any more. You had typed: “In the blue folder.”" in page_of(answer)

    def test_answers_that_cannot_be_kept(self, signed_in, ready_draft, clinician):
        actions.rate(child_sheet(ready_draft), by=clinician, ratings=[("risk.suicide-risk", "1", "2", False)])
        address = reverse("cans:answer", args=[ready_draft.pk])
        name = "answer-warning:safety-plan:risk.suicide-risk"
        for sent in ({name: "x" * 2001}, {name: "a\x00"}, {"answer-warning:invented": "Kept?"}):
            answer = signed_in.post(address, sent)
            assert answer.status_code == 400
        assert not ready_draft.answers.exists()

    def test_answering_ladder(self, client, submitted, stranger, supervisor, administrator, clinician):
        address = reverse("cans:answer", args=[submitted.pk])
        for person, status in [(stranger, 404), (administrator, 403), (supervisor, 403), (clinician, 409)]:
            client.force_login(person)
            assert client.post(address, {}).status_code == status

    def test_a_reader_who_may_not_submit_is_told_why(self, client, ready_draft, supervisor):
        client.force_login(supervisor)
        page = page_of(client.get(reverse("cans:summary", args=[ready_draft.pk])))
        assert "Only a worker who is assigned to this case" in page
        assert "Submit CANS" not in page


class TestList:
    def test_mine_open_then_all(self, client, submitted, parallel, clinician, supervisor, stranger):
        address = reverse("cans:list")
        shown = f'href="{submitted.get_absolute_url()}"'
        client.force_login(clinician)
        assert shown in page_of(client.get(address))
        client.force_login(parallel)
        assert shown not in page_of(client.get(address))
        assert shown in page_of(client.get(address, {"show": "all"}))
        client.force_login(stranger)
        assert shown not in page_of(client.get(address, {"show": "all"}))
        approvals.approve(submitted, by=supervisor)
        client.force_login(clinician)
        assert shown not in page_of(client.get(address, {"show": "open"}))
        assert shown in page_of(client.get(address, {"show": "all"}))

    @pytest.mark.parametrize("query", ["?page=0", "?page=x", "?page=999", "?show=%00", "?show=mine&page=-1"])
    def test_odd_addresses(self, signed_in, draft, query):
        assert signed_in.get(reverse("cans:list") + query).status_code == 200

    def test_roles_and_queries(self, client, case, clinician, administrator, coordinator):
        def counted():
            with CaptureQueriesContext(connection) as queries:
                assert client.get(reverse("cans:list"), {"show": "open"}).status_code == 200
            return len(queries)

        client.force_login(administrator)
        assert client.get(reverse("cans:list")).status_code == 403
        client.force_login(coordinator)
        for _ in range(3):
            factories.make_draft(factories.make_child(case), author=clinician)
        few = counted()
        for _ in range(27):
            factories.make_draft(factories.make_child(case), author=clinician)
        assert counted() == few <= 8


def test_the_state_named_on_the_page(signed_in, submitted):
    assert State(submitted.state).label in page_of(signed_in.get(submitted.get_absolute_url()))
