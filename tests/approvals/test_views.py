"""The ladder of every page of this room: anonymous, stranger, wrong role, wrong moment, stale page, missing
input, success. A refusal changes nothing."""

import pytest
from django.contrib.messages import get_messages
from django.urls import reverse

from approvals import actions
from audit.models import Reading
from cans.actions import rate as rate_items
from cans.models import Assessment
from cans.states import State
from staff.models import Mail, User
from tests import factories
from tests.factories import days

from .conftest import name_cover, rate, snapshot, submit, write_in

VERBS = ["submit", "approve", "return", "reroute", "recall", "amend", "void"]
REASON = {"reason": "An invented reason."}
# What a good form says besides its version; `to` and `author` are filled in by the test.
GOOD = {
    "submit": {},
    "approve": {},
    "return": REASON,
    "reroute": REASON,
    "recall": {},
    "amend": REASON,
    "void": REASON,
}
# Who the act is for, and whether it starts from a draft, a submitted or an approved CANS.
FOR = {
    "submit": ("clinician", "draft"),
    "approve": ("supervisor", "submitted"),
    "return": ("supervisor", "submitted"),
    "reroute": ("supervisor", "submitted"),
    "recall": ("clinician", "submitted"),
    "amend": ("supervisor", "approved"),
    "void": ("clinician", "draft"),
}
WRONG_ROLES = {
    "review": ["clinician", "coordinator", "administrator"],
    "submit": ["coordinator", "administrator"],
    "approve": ["clinician", "coordinator", "administrator"],
    "return": ["clinician", "coordinator", "administrator"],
    "reroute": ["administrator"],
    "recall": ["coordinator", "administrator"],
    "amend": ["clinician", "administrator"],
    "void": ["administrator"],
}


@pytest.fixture
def people(clinician, supervisor, other_supervisor, stranger, foreign_supervisor, coordinator, administrator):
    return {
        "clinician": clinician,
        "supervisor": supervisor,
        "other supervisor": other_supervisor,
        "stranger": stranger,
        "foreign supervisor": foreign_supervisor,
        "coordinator": coordinator,
        "administrator": administrator,
    }


@pytest.fixture
def cans(ready_draft, clinician, supervisor):
    def bring_to(state):
        if state in {"submitted", "approved"}:
            actions.submit(ready_draft, by=clinician)
        if state == "approved":
            actions.approve(ready_draft, by=supervisor)
        return ready_draft

    return bring_to


def url(name, pk):
    return reverse(f"approvals:{name}", args=[pk])


def data(verb, assessment, people, **fields):
    choice = {"reroute": {"to": people["other supervisor"].pk}, "amend": {"author": people["clinician"].pk}}
    return {"version": assessment.version} | GOOD[verb] | choice.get(verb, {}) | fields


def said(response):
    return [str(message) for message in get_messages(response.wsgi_request)]


class TestTheLadder:
    @pytest.mark.parametrize("verb", ["review", *VERBS])
    @pytest.mark.parametrize("method", ["get", "post"])
    def test_anonymous_is_sent_to_sign_in(self, verb, method, client, cans):
        assessment = cans("submitted")
        before = snapshot()
        response = getattr(client, method)(url(verb, assessment.pk))
        assert response.status_code == 302
        assert response.url.startswith(reverse("account_login"))
        assert snapshot() == before

    @pytest.mark.parametrize("verb", ["review", *VERBS])
    @pytest.mark.parametrize("who", ["stranger", "foreign supervisor"])
    def test_who_may_not_see_it_learns_nothing(self, verb, who, client, cans, people):
        assessment = cans(FOR.get(verb, (0, "submitted"))[1])
        person = people[who]
        if person.role in WRONG_ROLES[verb]:
            person = people["foreign supervisor"]
        client.force_login(person)
        before = snapshot()
        theirs, free = client.get(url(verb, assessment.pk)), client.get(url(verb, 999_999))
        assert (theirs.status_code, free.status_code) == (404, 404)
        assert theirs.content == free.content
        if verb != "review":
            fields = data(verb, assessment, people)
            assert client.post(url(verb, assessment.pk), fields).status_code == 404
        assert snapshot() == before
        assert not Reading.objects.exists()

    @pytest.mark.parametrize(("verb", "role"), [(v, r) for v, roles in WRONG_ROLES.items() for r in roles])
    @pytest.mark.parametrize("method", ["get", "post"])
    def test_the_wrong_role(self, verb, role, method, client, cans, people):
        assessment = cans("submitted")
        client.force_login(people[role])
        before = snapshot()
        assert getattr(client, method)(url(verb, assessment.pk)).status_code == 403
        assert snapshot() == before

    @pytest.mark.parametrize("verb", VERBS)
    def test_the_right_role_and_not_the_person(self, verb, client, cans, people, case, agency, contributor):
        """They see the case, and the step is not theirs: 403 with the sentence, on the page too."""
        assessment = cans(FOR[verb][1])
        person = contributor  # assigned, wrote nothing
        if verb in {"approve", "return", "amend"}:
            person = people["other supervisor"]
            grant = "review" if verb == "amend" else "parallel"
            factories.assign(case, person, kind=grant)
        client.force_login(person)
        before = snapshot()
        response = client.post(url(verb, assessment.pk), data(verb, assessment, people))
        assert response.status_code == 403
        assert b"Only " in response.content
        if verb not in {"submit", "approve"}:
            assert client.get(url(verb, assessment.pk)).status_code == 403
        assert snapshot() == before

    @pytest.mark.parametrize("verb", VERBS)
    def test_the_wrong_moment(self, verb, client, cans, people):
        """A page that was right when it was opened: the CANS has been decided since."""
        who, state = FOR[verb]
        assessment = cans("submitted" if state == "draft" else "approved" if state == "submitted" else state)
        if state == "approved":
            actions.void(assessment, by=people["coordinator"], reason="The wrong child.")
        client.force_login(people[who])
        before = snapshot()
        response = client.post(url(verb, assessment.pk), data(verb, assessment, people))
        assert response.status_code == 409
        assert b"now, so it cannot be" in response.content
        for typed in GOOD[verb].values():
            assert typed.encode() in response.content
        assert snapshot() == before
        if verb not in {"submit", "approve"}:
            assert client.get(url(verb, assessment.pk)).status_code == 409

    @pytest.mark.parametrize(
        ("verb", "version"),
        [
            *((verb, "7") for verb in VERBS),
            *(("approve", odd) for odd in ("0", "-1", "abc", "", "²", "9" * 30)),
        ],
    )
    def test_a_stale_page(self, verb, version, client, cans, people):
        who, state = FOR[verb]
        assessment = cans(state)
        client.force_login(people[who])
        before = snapshot()
        response = client.post(url(verb, assessment.pk), data(verb, assessment, people, version=version))
        assert response.status_code == 409
        assert b"Somebody else changed this CANS a moment ago" in response.content
        for typed in GOOD[verb].values():
            assert typed.encode() in response.content
        assert snapshot() == before

    @pytest.mark.parametrize("verb", ["approve", "return", "reroute", "recall", "amend", "void"])
    def test_a_form_without_its_version_is_stale(self, verb, client, cans, people):
        who, state = FOR[verb]
        assessment = cans(state)
        client.force_login(people[who])
        fields = data(verb, assessment, people)
        del fields["version"]
        assert client.post(url(verb, assessment.pk), fields).status_code == 409

    @pytest.mark.parametrize("verb", ["return", "reroute", "amend", "void"])
    @pytest.mark.parametrize("reason", ["", "   ", "x" * 2001, "a\x00b"])
    def test_missing_or_unfit_input(self, verb, reason, client, cans, people):
        who, state = FOR[verb]
        assessment = cans(state)
        client.force_login(people[who])
        before = snapshot()
        response = client.post(url(verb, assessment.pk), data(verb, assessment, people, reason=reason))
        assert response.status_code == 200
        assert response.context["form"].errors["reason"]
        assert b'id="id_reason_error"' in response.content
        if reason == "x" * 2001:
            assert reason.encode() in response.content
        assert snapshot() == before

    @pytest.mark.parametrize("verb", VERBS)
    def test_success(self, verb, client, cans, people):
        who, state = FOR[verb]
        assessment = cans(state)
        client.force_login(people[who])
        if verb not in {"submit", "approve"}:
            page = client.get(url(verb, assessment.pk))
            assert page.status_code == 200
            assert f'name="version" value="{assessment.version}"'.encode() in page.content
        response = client.post(url(verb, assessment.pk), data(verb, assessment, people))
        assert response.status_code == 302
        assert assessment.steps.last().action == verb
        assert len(said(response)) == 1
        follow = client.get(response.url)
        assert follow.status_code == 200

    def test_a_number_beyond_every_number(self, client, supervisor):
        client.force_login(supervisor)
        assert client.get(f"/approvals/{10**30}/").status_code == 404

    @pytest.mark.parametrize("verb", ["submit", "approve"])
    def test_an_act_is_never_a_link(self, verb, client, cans, people):
        assessment = cans(FOR[verb][1])
        client.force_login(people[FOR[verb][0]])
        before = snapshot()
        response = client.get(url(verb, assessment.pk))
        there = (
            reverse("cans:summary", args=[assessment.pk])
            if verb == "submit"
            else url("review", assessment.pk)
        )
        assert (response.status_code, response.url) == (302, there)
        assert snapshot() == before


class TestChoices:
    def test_reroute_offers_only_who_may_take_it(
        self, client, submitted, supervisor, other_supervisor, foreign_supervisor, make_supervisor
    ):
        gone, lapsed, away = make_supervisor(), make_supervisor(credentials=False), make_supervisor()
        gone.is_active = False
        gone.save()
        name_cover(away, other_supervisor, 0, 3)
        client.force_login(supervisor)
        page = client.get(url("reroute", submitted.pk))
        field = page.context["form"].fields["to"]
        assert set(field.queryset) == {other_supervisor, lapsed, away}
        labels = {str(value): label for value, label in field.choices}
        assert labels[str(other_supervisor.pk)] == "Otto Other"
        assert "away until" in labels[str(away.pk)]
        assert "covered by Otto Other" in labels[str(away.pk)]
        assert "certification or training is missing" in labels[str(lapsed.pk)]

    @pytest.mark.parametrize("to", ["", "abc", "0", str(10**30)])
    def test_reroute_to_nobody(self, to, client, submitted, supervisor, other_supervisor):
        client.force_login(supervisor)
        before = snapshot()
        page = client.post(url("reroute", submitted.pk), {"version": submitted.version, "to": to, **REASON})
        assert page.status_code == 200
        assert page.context["form"].errors["to"]
        assert snapshot() == before

    def test_reroute_to_somebody_who_was_not_offered(self, client, submitted, supervisor, foreign_supervisor):
        client.force_login(supervisor)
        fields = {"version": submitted.version, "to": foreign_supervisor.pk, **REASON}
        page = client.post(url("reroute", submitted.pk), fields)
        assert page.context["form"].errors["to"]

    def test_nobody_to_reroute_to(self, client, submitted, supervisor):
        client.force_login(supervisor)
        assert b"Nobody else may review it" in client.get(url("reroute", submitted.pk)).content

    def test_amend_offers_the_assigned(self, client, approved, clinician, colleague, supervisor, contributor):
        client.force_login(supervisor)
        page = client.get(url("amend", approved.pk))
        assert set(page.context["form"].fields["author"].queryset) == {clinician, contributor}

    def test_the_only_one_who_may_take_it_is_chosen(
        self, client, submitted, supervisor, other_supervisor, make_supervisor
    ):
        client.force_login(supervisor)
        chosen = f'value="{other_supervisor.pk}" required id="id_to_0" checked'
        assert chosen in client.get(url("reroute", submitted.pk)).content.decode()
        make_supervisor()
        assert "checked" not in client.get(url("reroute", submitted.pk)).content.decode()

    def test_nobody_to_amend_it(self, client, approved, case, coordinator):
        case.assignments.all().delete()
        client.force_login(coordinator)
        assert b"Nobody is assigned to this case today" in client.get(url("amend", approved.pk)).content


class TestReturn:
    def boxes(self, submitted):
        child = submitted.sheets.get(adult=None)
        adult = submitted.sheets.exclude(adult=None).get()
        return f"comment-{child.pk}-life.sleep", f"comment-{adult.pk}-{adult.applicable_items[0].code}"

    def test_comments_by_item_and_person(self, client, submitted, supervisor):
        client.force_login(supervisor)
        first, second = self.boxes(submitted)
        fields = {"version": submitted.version, first: " Why 1? ", second: "Say more.", **REASON}
        response = client.post(url("return", submitted.pk), fields)
        assert "with 2 comments" in said(response)[0]
        step = submitted.steps.get(action="return")
        assert [c.text for c in step.comments.order_by("sheet")] == ["Why 1?", "Say more."]

    def test_every_rated_item_has_its_box(self, client, submitted, supervisor):
        client.force_login(supervisor)
        page = client.get(url("return", submitted.pk)).content.decode()
        items = sum(len(sheet.applicable_items) for sheet in submitted.sheets.all())
        assert page.count('<textarea id="comment-') == items

    def test_what_was_typed_stays_on_a_refusal(self, client, submitted, supervisor, cover):
        actions.approve(submitted, by=cover)
        client.force_login(supervisor)
        first, second = self.boxes(submitted)
        fields = {"version": 2, first: "Why 1?\nAnd <why>?", second: "Say more.", **REASON}
        response = client.post(url("return", submitted.pk), fields)
        assert response.status_code == 409
        page = response.content.decode()
        assert "Why 1?\nAnd &lt;why&gt;?" in page
        assert "Say more." in page
        assert "An invented reason." in page

    @pytest.mark.parametrize("text", ["x" * 2001, "a\x00b"])
    def test_an_unfit_comment_is_said_beside_it_and_the_rest_is_kept(
        self, text, client, submitted, supervisor
    ):
        client.force_login(supervisor)
        first, second = self.boxes(submitted)
        before = snapshot()
        fields = {"version": submitted.version, first: text, second: "Say more.", **REASON}
        response = client.post(url("return", submitted.pk), fields)
        assert response.status_code == 200
        page = response.content.decode()
        assert f'id="{first}_error"' in page
        assert "Say more." in page
        assert snapshot() == before

    def test_boxes_that_are_not_of_this_cans_are_ignored(self, client, submitted, supervisor):
        client.force_login(supervisor)
        fields = {"version": submitted.version, "comment-0-life.sleep": "?", "comment-x": "?", **REASON}
        client.post(url("return", submitted.pk), fields)
        assert not submitted.steps.get(action="return").comments.exists()

    def test_the_second_time_it_shows_the_first(self, client, submitted, supervisor, clinician):
        sheet = submitted.sheets.get(adult=None)
        comment = (sheet, "life.sleep", "Why <1>?")
        actions.return_for_revision(submitted, by=supervisor, reason="Look <again>.", comments=[comment])
        number = submitted.steps.get(action="return").comments.get().pk
        actions.answer_comments(submitted, by=clinician, answers={number: "They sleep <now>."})
        actions.submit(submitted, by=clinician)
        client.force_login(supervisor)
        page = client.get(url("return", submitted.pk)).content.decode()
        assert "Returned before, by Sana Supervisor" in page
        assert "“Look &lt;again&gt;.”" in page
        row = page[page.index(f'id="change-{sheet.pk}-life.sleep"') :].split("</li>")[0]
        assert (
            "Said before: “Why &lt;1&gt;?” <strong>Cleo Clinician:</strong> “They sleep &lt;now&gt;.”" in row
        )
        assert page.count("Said before:") == 1

    def test_it_is_a_reading_of_the_record(self, client, submitted, supervisor):
        client.force_login(supervisor)
        client.get(url("return", submitted.pk))
        assert Reading.objects.get().page == "approvals.return"

    def test_who_wrote_in_it_is_told_to_reroute_it(self, client, ready_draft, clinician, supervisor, cover):
        write_in(ready_draft, cover)
        actions.submit(ready_draft, by=clinician)
        client.force_login(cover)
        for name in ("return", "approve"):
            response = client.post(url(name, ready_draft.pk), {"version": 2, **REASON})
            assert response.status_code == 403
            assert b"somebody else must review it. Reroute it." in response.content


class TestWhatIsSaidAndWhereItGoes:
    def test_approve_names_the_child_and_what_it_settled(self, client, submitted, supervisor):
        client.force_login(supervisor)
        response = client.post(url("approve", submitted.pk), {"version": submitted.version})
        (sentence,) = said(response)
        assert sentence.startswith(
            "Approved: Robin Plainly-Invented's initial CANS. It settles the initial CANS due "
        )
        assert " The next is due " in sentence
        assert response.url == reverse("approvals:queue")

    def test_a_return_goes_to_whoever_goes_on_with_it(
        self, client, submitted, case, supervisor, clinician, colleague
    ):
        """The primary worker of a case that its author left: said, mailed and on their own page."""
        case.assignments.filter(person=clinician).update(ends=days(-1))
        factories.assign(case, colleague)
        User.objects.update(email="somebody@example.org")
        client.force_login(supervisor)
        page = client.get(url("return", submitted.pk)).content.decode()
        assert "Cleo Clinician, who wrote it, has left the case: Coll Colleague" in page
        response = client.post(url("return", submitted.pk), {"version": submitted.version, **REASON})
        assert said(response)[0].startswith("Returned to Coll Colleague: ")
        assert "Cleo Clinician, who wrote it, has left the case." in said(response)[0]
        assert Mail.objects.get(kind=Mail.Kind.RETURNED).person == colleague
        client.force_login(colleague)
        home = client.get("/").content.decode()
        assert "Returned to you" in home
        assert "Begun by Cleo Clinician, who left the case: take it over." in home
        client.force_login(clinician)
        assert "Returned to you" not in client.get("/").content.decode()

    def test_a_return_to_nobody_says_so(self, client, submitted, case, supervisor, coordinator):
        case.assignments.filter(kind="primary").update(ends=days(-1))
        User.objects.update(email="somebody@example.org")
        response_to = {"version": submitted.version, **REASON}
        client.force_login(supervisor)
        response = client.post(url("return", submitted.pk), response_to)
        assert "it has no primary worker; the coordinator names one" in said(response)[0]
        assert not Mail.objects.exists()

    def test_what_was_typed_stays_with_who_has_no_way_to_it_any_more(
        self, client, submitted, supervisor, other_supervisor
    ):
        """Not told from a number that nothing has."""
        actions.reroute(submitted, by=supervisor, to=other_supervisor, reason="Away.")
        actions.approve(submitted, by=other_supervisor)
        client.force_login(other_supervisor)
        typed = {"version": 2, "reason": "Look at <sleep> again.", "child_name": "Nobody Here"}
        gone, free = (client.post(url("return", pk), typed) for pk in (submitted.pk, 987_654))
        assert (gone.status_code, free.status_code) == (404, 404)
        page = gone.content.decode()
        assert "Look at &lt;sleep&gt; again.</textarea>" in page
        assert "Nobody Here" not in page
        assert page == free.content.decode()

    def test_who_decides_while_the_reviewer_is_away_is_said(self, client, ready_draft, clinician, cover):
        client.force_login(clinician)
        response = client.post(url("submit", ready_draft.pk), {"version": 1})
        assert "now waits for Sana Supervisor. Cass Cover stands in for them through " in said(response)[0]

    def test_taking_a_resubmission_back_keeps_the_first_day(self, client, submitted, supervisor, clinician):
        client.force_login(clinician)
        first = client.post(url("recall", submitted.pk), {"version": submitted.version})
        assert "is a draft again, as if never submitted." in said(first)[0]
        actions.submit(submitted, by=clinician)
        actions.return_for_revision(submitted, by=supervisor, reason="Look again.")
        actions.submit(submitted, by=clinician)
        again = client.post(url("recall", submitted.pk), {"version": submitted.version})
        assert "Its first submission, of " in said(again)[-1]
        assert "Submit it again by " in client.get("/").content.decode()

    def test_voiding_an_amendment_owes_nothing_again(
        self, client, approved, clinician, supervisor, coordinator
    ):
        draft = actions.amend(approved, by=supervisor, author=clinician, reason="A wrong item.")
        submit(draft)
        actions.approve(draft, by=supervisor)
        client.force_login(coordinator)
        page = client.get(url("void", draft.pk)).content.decode()
        assert f"CANS {approved.pk}, which it amends, is in force again" in page
        assert "owed again" not in page

    def test_return_names_the_day_to_fix_it_by(self, client, submitted, supervisor):
        client.force_login(supervisor)
        response = client.post(url("return", submitted.pk), {"version": submitted.version, **REASON})
        assert said(response)[0].startswith(
            "Returned to Cleo Clinician: Robin Plainly-Invented's initial CANS."
        )
        assert "To be resubmitted by " in said(response)[0]
        assert response.url == reverse("approvals:queue")

    def test_the_coordinator_goes_back_to_the_cans(self, client, submitted, coordinator, other_supervisor):
        client.force_login(coordinator)
        fields = {"version": submitted.version, "to": other_supervisor.pk, **REASON}
        response = client.post(url("reroute", submitted.pk), fields)
        assert said(response) == [
            "Robin Plainly-Invented's initial CANS now waits for Otto Other. No due date has moved."
        ]
        assert response.url == submitted.get_absolute_url()

    def test_a_reviewer_from_outside_the_line_leaves_the_case_with_the_decision(
        self, client, submitted, supervisor, other_supervisor
    ):
        actions.reroute(submitted, by=supervisor, to=other_supervisor, reason="Away.")
        client.force_login(other_supervisor)
        response = client.post(url("approve", submitted.pk), {"version": submitted.version}, follow=True)
        assert response.status_code == 200
        assert response.redirect_chain[-1][0] == reverse("approvals:queue")
        assert client.get(url("review", submitted.pk)).status_code == 404

    def test_an_amendment_is_opened(self, client, approved, clinician, supervisor):
        client.force_login(supervisor)
        fields = {"version": approved.version, "author": clinician.pk, **REASON}
        response = client.post(url("amend", approved.pk), fields)
        draft = Assessment.objects.get(amends=approved)
        assert response.url == draft.get_absolute_url()
        assert said(response)[0].startswith(f"CANS {draft.pk} is open for Cleo Clinician to amend.")

    def test_an_approved_amendment_says_what_it_settles(self, client, approved, clinician, supervisor):
        draft = actions.amend(approved, by=supervisor, author=clinician, reason="A wrong item.")
        submit(draft)
        client.force_login(supervisor)
        response = client.post(url("approve", draft.pk), {"version": draft.version})
        assert "It settles the initial CANS due" in said(response)[0]

    def test_why_it_is_amended_is_read_by_its_author_and_its_reviewer(
        self, client, approved, clinician, supervisor
    ):
        first = actions.amend(approved, by=supervisor, author=clinician, reason="The first reason.")
        actions.void(first, by=clinician, reason="Not so.")
        draft = actions.amend(approved, by=supervisor, author=clinician, reason="A <wrong> item.")
        client.force_login(clinician)
        home = client.get("/").content.decode()
        assert f"It amends CANS {approved.pk}: its page says why." in home
        assert f'href="{draft.get_absolute_url()}"' in home
        assert "“A &lt;wrong&gt; item.”" in client.get(draft.get_absolute_url()).content.decode()
        submit(draft)
        client.force_login(supervisor)
        page = client.get(url("review", draft.pk)).content.decode()
        assert "“A &lt;wrong&gt; item.”" in page
        assert "The first reason." not in page
        assert f"It takes the place of CANS {approved.pk}, which stays readable." in page
        actions.approve(draft, by=supervisor)

    def test_an_unready_draft_is_not_submitted(self, client, draft, clinician):
        client.force_login(clinician)
        response = client.post(url("submit", draft.pk), {"version": draft.version}, follow=True)
        assert response.redirect_chain == [(f"/cans/{draft.pk}/summary/#missing", 303)]
        page = response.content.decode()
        assert "This CANS is not ready to submit" in page
        assert "Sleep (39) has no rating yet." in page

    def test_an_answer_typed_beside_submit_is_kept_though_it_is_not_ready(self, client, draft, clinician):
        child_sheet = draft.sheets.get(adult=None)
        rate_items(child_sheet, by=clinician, ratings=[("risk.suicide-risk", ".", "2", False)])
        client.force_login(clinician)
        answer = {"answer-warning:safety-plan:risk.suicide-risk": "The plan is on the fridge."}
        response = client.post(url("submit", draft.pk), {"version": draft.version, **answer})
        assert response.status_code == 303
        assert not draft.steps.exists()
        assert draft.answers.get().text == "The plan is on the fridge."

    def test_the_same_form_sent_again_submits_it_once_nothing_is_missing(
        self, client, ready_draft, clinician
    ):
        """Its answers were kept the first time, which is an act, and yet it was not done."""
        sheet = ready_draft.sheets.get(adult=None)
        rate(ready_draft, "risk.suicide-risk", "2")
        rate(ready_draft, "life.sleep", ".")
        client.force_login(clinician)
        answer = {"answer-warning:safety-plan:risk.suicide-risk": "The plan is on the fridge."}
        sent = {"csrfmiddlewaretoken": "t" * 64, "version": ready_draft.version, **answer}
        assert client.post(url("submit", ready_draft.pk), sent).status_code == 303
        rate_items(sheet, by=clinician, ratings=[("life.sleep", ".", "1", False)])
        assert client.post(url("submit", ready_draft.pk), sent)["Location"] == f"/cans/{ready_draft.pk}/"
        assert ready_draft.steps.count() == 1

    def test_submitting_twice_from_two_windows(self, client, ready_draft, clinician):
        client.force_login(clinician)
        first = client.post(url("submit", ready_draft.pk), {"version": 1})
        second = client.post(url("submit", ready_draft.pk), {"version": 1})
        assert (first.status_code, second.status_code) == (302, 409)
        assert ready_draft.steps.count() == 1


def test_reading_marks_it_opened_once_and_is_recorded(client, submitted, case, child, supervisor):
    client.force_login(supervisor)
    for _ in range(2):
        assert client.get(url("review", submitted.pk)).status_code == 200
    submitted.refresh_from_db()
    assert submitted.opened_by == supervisor
    readings = Reading.objects.order_by("pk")
    assert readings.count() == 2
    row = readings.first()
    assert (row.page, row.case_number, row.children) == ("approvals.review", case.pk, [child.pk])
    assert row.grant.startswith("routing ")


def test_a_supervisor_of_the_line_reads_what_waits_for_another_and_does_not_open_it(
    client, submitted, supervisor, other_supervisor
):
    actions.reroute(submitted, by=supervisor, to=other_supervisor, reason="Away.")
    client.force_login(supervisor)
    page = client.get(url("review", submitted.pk))
    assert page.status_code == 200
    assert b"Only the supervisor it is routed to" in page.content
    assert b"Approve CANS" not in page.content
    submitted.refresh_from_db()
    assert submitted.opened_at is None


@pytest.mark.parametrize("state", ["draft", "approved"])
def test_nothing_to_review(state, client, cans, supervisor):
    assessment = cans(state)
    client.force_login(supervisor)
    response = client.get(url("review", assessment.pk))
    assert response.url == assessment.get_absolute_url()
    assert "There is nothing to review" in said(response)[0]
    assert not Reading.objects.exists()


def test_a_reviewer_without_credentials_reads_and_is_told_why_not(client, submitted, supervisor):
    supervisor.credentials.all().delete()
    client.force_login(supervisor)
    page = client.get(url("review", submitted.pk))
    assert b"No CANS 2.0 certification is on record" in page.content
    assert b"Approve CANS" not in page.content


@pytest.mark.parametrize("method", ["put", "delete", "patch"])
@pytest.mark.parametrize("name", ["review", *VERBS])
def test_other_methods(method, name, client, submitted, supervisor):
    client.force_login(supervisor)
    assert getattr(client, method)(url(name, submitted.pk)).status_code == 405


def test_state_is_not_a_field_of_any_form(client, draft, clinician, supervisor):
    """Whatever a form is given besides, only its own fields move."""
    rate(draft, "life.sleep", "2")
    client.force_login(clinician)
    fields = {"version": draft.version, "state": "approved", "author": supervisor.pk, **REASON}
    client.post(url("void", draft.pk), fields)
    draft.refresh_from_db()
    assert (draft.state, draft.author) == (State.VOIDED, clinician)
