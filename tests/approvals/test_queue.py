"""What waits for whom, why, in which order; and what was decided."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from approvals import actions
from approvals.permissions import check_can
from approvals.queue import lately_decided, waiting_for
from approvals.workflow import Action
from cans.models import Assessment
from cans.permissions import refusal
from cases.models import Case
from staff.models import Line, PolicySetting
from tests import factories
from tests.factories import days

from .conftest import name_cover, submit, write_in

QUEUE = "/approvals/"


def make_submitted(clinician, *, opened=-20, assessed=0, submitted=0, to=None, name=None):
    """A submitted CANS of a case of its own, opened, assessed and submitted that many days from today."""
    case = factories.make_case(primary=clinician, opened=days(opened))
    child = factories.make_child(case, name=name)
    draft = factories.make_draft(child, author=clinician, rated="1", assessed_on=days(assessed))
    actions.submit(draft, by=clinician)
    if submitted:
        Assessment.objects.filter(pk=draft.pk).update(submitted_at=factories.noon(submitted))
    if to:
        actions.reroute(draft, by=clinician, to=to, reason="An invented reason.")
    return draft


def waiting(person):
    return [Assessment.objects.get(pk=row.pk) for row in waiting_for(person)]


def row(person):
    (only,) = waiting_for(person)
    return only


class TestWhoseQueue:
    EXPECTED = {
        "supervisor": 1,
        "cover today": 1,
        "cover today who wrote in it": 1,  # to reroute it
        "cover today without credentials": 1,
        "cover until yesterday": 0,
        "cover from tomorrow": 0,
        "supervisor of another team, who covers the cover": 0,
        "cover today of another agency": 0,
    }

    @pytest.mark.parametrize("who", EXPECTED)
    def test_it_waits_for(self, who, world, ready_draft):
        actions.submit(ready_draft, by=world["author"])
        assert len(waiting(world[who])) == self.EXPECTED[who]

    def test_only_while_it_is_submitted(self, submitted, clinician, supervisor):
        assert waiting(supervisor) == [submitted]
        actions.return_for_revision(submitted, by=supervisor, reason="Look again.")
        assert waiting(supervisor) == []

    def test_cover_is_resolved_when_the_queue_is_read(self, submitted, supervisor, other_supervisor):
        assert waiting(other_supervisor) == []
        cover = name_cover(supervisor, other_supervisor, 0, 0)
        assert waiting(other_supervisor) == [submitted]
        assert waiting_for(other_supervisor, days(1)) == []
        cover.delete()
        assert waiting(other_supervisor) == []

    def test_what_waits_can_be_opened(self, world, ready_draft):
        actions.submit(ready_draft, by=world["author"])
        for who, number in self.EXPECTED.items():
            seen = Case.objects.visible_to(world[who]).filter(pk=ready_draft.case_id).exists()
            assert seen or not number, who


class TestWhoMayDecide:
    @pytest.mark.parametrize("enforced", [True, False])
    def test_as_the_one_check_has_it(self, enforced, world, ready_draft, coordinator):
        if not enforced:
            PolicySetting.objects.create(
                name=PolicySetting.Name.ENTRY_GATE,
                value="no",
                since=days(0),
                set_by=coordinator,
                reason="Invented.",
            )
        actions.submit(ready_draft, by=world["author"])
        found = set()
        for who, number in TestWhoseQueue.EXPECTED.items():
            may = not refusal(check_can, world[who], Action.APPROVE, ready_draft)
            assert [one.may_decide for one in waiting_for(world[who])] == [may] * number, who
            found.add(may)
        assert found == {True, False}

    def test_the_queue_says_so(self, client, submitted, supervisor):
        client.force_login(supervisor)
        said = "You may not approve or return today"
        assert said not in client.get(QUEUE).content.decode()
        supervisor.credentials.all().delete()
        page = client.get(QUEUE).content.decode()
        assert said in page
        assert "No CANS 2.0 certification is on record." in page


class TestWhy:
    def page(self, client, person):
        client.force_login(person)
        return " ".join(client.get(QUEUE).content.decode().split())

    def test_my_line(self, client, submitted, supervisor):
        assert "Cleo Clinician is in your line" in self.page(client, supervisor)

    def test_rerouted(self, client, submitted, supervisor, other_supervisor):
        actions.reroute(submitted, by=supervisor, to=other_supervisor, reason="Away.")
        assert "Rerouted to you by Sana Supervisor" in self.page(client, other_supervisor)

    def test_cover(self, client, submitted, supervisor, cover):
        assert "You cover for Sana Supervisor until" in self.page(client, cover)

    def move_line(self, clinician, to=None):
        clinician.lines.all().delete()
        if to:
            Line.objects.create(person=clinician, supervisor=to, starts=days(0))

    def test_was_in_my_line(self, client, clinician, supervisor, other_supervisor):
        """The line as it was on the day of the submission, whatever it is today."""
        make_submitted(clinician, submitted=-3)
        clinician.lines.update(ends=days(-1))
        Line.objects.create(person=clinician, supervisor=other_supervisor, starts=days(0))
        assert row(supervisor).why == "line"
        assert "Cleo Clinician was in your line when it was submitted" in self.page(client, supervisor)

    def test_another_line(self, client, ready_draft, clinician, supervisor, other_supervisor):
        write_in(ready_draft, supervisor)
        actions.submit(ready_draft, by=clinician)
        said = "Cleo Clinician is in another line; it came to you when it was submitted"
        assert row(other_supervisor).why == "other"
        assert said in self.page(client, other_supervisor)

    def test_no_line(self, client, submitted, clinician, supervisor):
        self.move_line(clinician)
        assert row(supervisor).why == "other"
        said = "Cleo Clinician has no supervisor; it came to you when it was submitted"
        assert said in self.page(client, supervisor)

    def test_a_line_moved_since_says_nothing_of_its_supervisor(
        self, client, submitted, clinician, supervisor, other_supervisor
    ):
        self.move_line(clinician, to=other_supervisor)
        assert "is in another line; it came to you" in self.page(client, supervisor)

    def test_wrote_in_it(self, client, ready_draft, clinician, supervisor, cover):
        write_in(ready_draft, cover)
        actions.submit(ready_draft, by=clinician)
        assert "You wrote in it: reroute it" in self.page(client, cover)
        assert "You wrote in it" not in self.page(client, supervisor)

    def test_resubmitted(self, client, submitted, clinician, supervisor):
        assert "Resubmitted" not in self.page(client, supervisor)
        actions.return_for_revision(submitted, by=supervisor, reason="Look again.")
        actions.submit(submitted, by=clinician)
        assert "Resubmitted" in self.page(client, supervisor)

    def test_due_with_its_reason(self, client, submitted, supervisor):
        page = self.page(client, supervisor)
        assert "Due in 10 days" in page
        assert "30 days after IPS opened" in page
        assert "Case 9" in page

    @pytest.mark.parametrize(
        ("opened", "words"),
        [
            (-30, "Due today"),
            (-31, "Was due yesterday"),
            (-29, "Due in 1 day "),
            (-40, "Was due 10 days ago"),
        ],
    )
    def test_days_to_due_in_words(self, opened, words, client, clinician, supervisor):
        make_submitted(clinician, opened=opened)
        page = self.page(client, supervisor)
        assert words in page
        assert ("Submitted late" in page) == (opened < -30)

    def test_submitted_on_time_and_the_date_passed_since(self, client, clinician, supervisor):
        draft = make_submitted(clinician, opened=-40, assessed=-11)
        Assessment.objects.filter(pk=draft.pk).update(first_submitted_on=days(-11))
        from cans.obligations import refresh

        refresh(draft.case)
        assert "Submitted on time" in self.page(client, supervisor)


class TestWaiting:
    def test_days_since_the_submission_and_with_the_present_reviewer(
        self, clinician, supervisor, other_supervisor
    ):
        make_submitted(clinician, submitted=-6, to=other_supervisor)
        found = row(other_supervisor)
        assert (found.days_waiting, found.days_with_reviewer) == (6, 0)

    def test_an_amendment_has_no_date_of_its_own(self, client, approved, clinician, supervisor):
        draft = actions.amend(approved, by=supervisor, author=clinician, reason="A wrong item.")
        submit(draft)
        assert row(supervisor).days_to_due is None
        client.force_login(supervisor)
        assert b"No due date of its own" in client.get(QUEUE).content

    def test_the_strictest_of_several_obligations(self, clinician, supervisor):
        """One CANS meets the initial and the closing date; the initial one is the stricter."""
        case = factories.make_case(primary=clinician, opened=days(-20), closed=days(-1))
        draft = factories.make_draft(
            factories.make_child(case), author=clinician, rated="1", assessed_on=days(-2)
        )
        submit(draft)
        assert row(supervisor).due_on == days(10)


class TestOrder:
    def test_by_due_date_then_by_how_long_it_waits(self, clinician, supervisor):
        late = make_submitted(clinician, opened=-10)
        young = make_submitted(clinician, opened=-20, submitted=-1)
        old = make_submitted(clinician, opened=-20, submitted=-4)
        past = make_submitted(clinician, opened=-40)
        assert waiting(supervisor) == [past, old, young, late]

    def test_what_has_no_date_comes_last(self, approved, clinician, supervisor):
        amendment = actions.amend(approved, by=supervisor, author=clinician, reason="A wrong item.")
        submit(amendment)
        other = make_submitted(clinician, opened=-1)
        assert waiting(supervisor) == [other, amendment]


class TestPage:
    @pytest.mark.parametrize("role", ["clinician", "coordinator", "administrator"])
    def test_it_is_a_supervisors(self, role, client, clinician, coordinator, administrator):
        people = {"clinician": clinician, "coordinator": coordinator, "administrator": administrator}
        client.force_login(people[role])
        assert client.get(QUEUE).status_code == 403

    def test_anonymous(self, client, db):
        assert client.get(QUEUE).url.startswith(reverse("account_login"))

    def test_empty_says_what_comes_and_what_to_do(self, client, supervisor):
        client.force_login(supervisor)
        page = client.get(QUEUE).content
        assert b"Nothing waits for your review" in page
        assert reverse("staff:cover").encode() in page

    @pytest.mark.parametrize("page", ["0", "-1", "99", "abc", "", "9" * 30])
    def test_any_page_number(self, page, client, submitted, supervisor):
        client.force_login(supervisor)
        assert b"Robin Plainly-Invented" in client.get(QUEUE, {"page": page}).content

    def test_fifty_a_page(self, client, clinician, supervisor, monkeypatch):
        monkeypatch.setattr("approvals.views.PAGE_SIZE", 2)
        for _ in range(3):
            make_submitted(clinician)
        client.force_login(supervisor)
        assert len(client.get(QUEUE).context["page"]) == 2
        assert len(client.get(QUEUE, {"page": 2}).context["page"]) == 1

    def test_a_name_is_text(self, client, clinician, supervisor):
        make_submitted(clinician, name="<script>alert(1)</script>")
        client.force_login(supervisor)
        assert b"<script>alert" not in client.get(QUEUE).content

    def test_as_many_queries_for_thirty_as_for_three(
        self, client, clinician, supervisor, cover, other_supervisor
    ):
        counts = []
        for number in (3, 27):
            for _ in range(number):
                draft = make_submitted(clinician)
                actions.approve(make_submitted(clinician), by=cover)
            actions.return_for_revision(draft, by=cover, reason="Look again.")
            actions.submit(draft, by=clinician)
            client.force_login(cover)
            client.get(QUEUE)
            with CaptureQueriesContext(
                connection,
            ) as queries:
                page = client.get(QUEUE)
            assert len(page.context["page"]) >= number
            counts.append(len(queries))
        assert counts[0] == counts[1] <= 4, counts


class TestDecided:
    def test_newest_first_and_only_mine(self, submitted, clinician, supervisor, cover, other_supervisor):
        actions.return_for_revision(submitted, by=supervisor, reason="Look again.")
        actions.submit(submitted, by=clinician)
        actions.approve(submitted, by=cover)
        assert [step.action for step in lately_decided(supervisor)] == ["return"]
        assert [step.action for step in lately_decided(cover)] == []  # the case is not theirs any more

    def test_not_a_case_that_left(self, client, submitted, supervisor, other_supervisor):
        actions.reroute(submitted, by=supervisor, to=other_supervisor, reason="Away.")
        actions.approve(submitted, by=other_supervisor)
        client.force_login(other_supervisor)
        page = client.get(QUEUE).content
        assert b"Robin Plainly-Invented" not in page
        assert b"Nothing that you may still open." in page
        client.force_login(supervisor)
        assert b"Rerouted" in client.get(QUEUE).content


@pytest.fixture
def many(clinician, supervisor, cover, other_supervisor, agency):
    """One of each kind in `cover`'s queue, by what it is."""
    own = factories.make_person("clinician", agency=agency, name="Olga Own", supervisor=cover)
    back = make_submitted(clinician, opened=-5, name="Back Invented")
    actions.return_for_revision(back, by=supervisor, reason="Look again.")
    actions.submit(back, by=clinician)
    return {
        "covered, overdue": make_submitted(clinician, opened=-40, name="Late Invented"),
        "covered, soon": make_submitted(clinician, opened=-25, name="Soon Invented"),
        "covered, came back": back,
        "rerouted": make_submitted(clinician, opened=-20, to=cover, name="Sent Invented"),
        "line": make_submitted(own, opened=-15, name="Line Invented"),
    }


class TestFilter:
    EXPECTED = {
        "": ["covered, overdue", "covered, soon", "rerouted", "line", "covered, came back"],
        "why=cover": ["covered, overdue", "covered, soon", "covered, came back"],
        "why=rerouted": ["rerouted"],
        "why=line": ["line"],
        "why=other": [],
        "due=overdue": ["covered, overdue"],
        "due=soon": ["covered, soon"],
        "resubmitted=on": ["covered, came back"],
        "why=cover&due=soon": ["covered, soon"],
        "order=resubmitted": ["covered, came back", "covered, overdue", "covered, soon", "rerouted", "line"],
        "order=resubmitted&why=line": ["line"],
        "why=nonsense": [],
        "author=0": [],
        "author=x": [],
    }

    def test_each(self, client, many, cover):
        client.force_login(cover)
        for query, names in self.EXPECTED.items():
            page = client.get(f"{QUEUE}?{query}")
            assert [row.pk for row in page.context["page"]] == [many[name].pk for name in names], query
            assert page.context["page"].paginator.count == len(names), query
            said = f"{len(names)} CANS wait" if names else "Nothing like that waits for you"
            assert said in page.content.decode(), query
            narrows = bool(names) and query not in {"", "order=resubmitted"}
            assert (", of those asked for." in page.content.decode()) is narrows, query

    def test_by_author_of_those_who_wait(self, client, many, cover):
        client.force_login(cover)
        page = client.get(QUEUE, {"author": many["line"].author_id})
        assert [row.pk for row in page.context["page"]] == [many["line"].pk]
        choices = page.context["form"].fields["author"].choices
        assert [name for _, name in choices] == ["Anybody", "Cleo Clinician", "Olga Own"]

    def test_what_is_asked_for_goes_along(self, client, many, cover):
        client.force_login(cover)
        page = client.get(QUEUE, {"why": "cover", "page": "1", "x": "<y>"}).content.decode()
        assert f'href="/approvals/{many["covered, soon"].pk}/?why=cover"' in page
        assert "<y>" not in page

    def test_the_same_number_everywhere(self, client, many, cover, supervisor, foreign_supervisor):
        name_cover(supervisor, foreign_supervisor, 0, 0)  # of another agency: nothing of it is theirs
        for person in (cover, supervisor, foreign_supervisor):
            client.force_login(person)
            queue = client.get(QUEUE)
            number = queue.context["page"].paginator.count
            assert len(queue.context["page"]) == number == len(waiting_for(person))
            assert client.get("/").context["waiting"]["number"] == number
            for row in queue.context["page"]:
                review = client.get(f"/approvals/{row.pk}/")
                assert review.context["place"].total == number


class TestPlace:
    def review(self, client, cans, query=""):
        return client.get(f"/approvals/{cans.pk}/{query}")

    def test_its_number_and_its_neighbors(self, client, many, cover):
        client.force_login(cover)
        page = self.review(client, many["covered, soon"], "?why=cover")
        place = page.context["place"]
        assert (place.number, place.total) == (2, 3)
        text = " ".join(page.content.decode().split())
        assert "2 of 3 that wait for you, of those asked for" in text
        for name, words in (
            ("covered, overdue", "Previous: Late Invented"),
            ("covered, came back", "Next: Back Invented"),
        ):
            assert f'href="/approvals/{many[name].pk}/?why=cover"' in text
            assert words in text

    def test_back_from_the_return_page_it_is_still_narrowed(self, client, many, cover):
        client.force_login(cover)
        pk = many["covered, soon"].pk
        self.review(client, many["covered, soon"], "?why=cover")
        page = client.get(f"/approvals/{pk}/return/?why=cover").content.decode()
        assert page.count(f'href="/approvals/{pk}/?why=cover"') == 2
        assert f'href="{QUEUE}?why=cover"' in page

    def test_nor_does_the_reroute_page_lose_it(self, client, many, cover, clinician):
        pk = many["covered, soon"].pk
        for person, back in ((cover, f"/approvals/{pk}/?why=cover"), (clinician, f"/cans/{pk}/")):
            client.force_login(person)
            page = client.get(f"/approvals/{pk}/reroute/?why=cover").content.decode()
            assert f'<a class="button button-quiet" href="{back}">Cancel</a>' in page
            assert (f'href="{QUEUE}?why=cover"' in page) is (person == cover)

    def test_none_where_the_filter_leaves_it_out(self, client, many, cover):
        client.force_login(cover)
        assert self.review(client, many["line"], "?why=cover").context["place"] is None

    def test_a_decision_leads_to_the_queue_and_links_to_the_next_then_to_those_before(
        self, client, many, cover
    ):
        client.force_login(cover)
        soon, back, late = (many[f"covered, {one}"] for one in ("soon", "came back", "overdue"))
        for cans, onward, link in (
            (
                soon,
                f"{QUEUE}?why=cover",
                f'<a href="/approvals/{back.pk}/?why=cover">Next: Back Invented</a>',
            ),
            (
                back,
                f"{QUEUE}?why=cover",
                f'<a href="/approvals/{late.pk}/?why=cover">Next: Late Invented</a>',
            ),
            (late, QUEUE, ""),
        ):
            cans.refresh_from_db()
            answer = client.post(f"/approvals/{cans.pk}/approve/?why=cover", {"version": cans.version})
            assert answer.url == onward
            said = client.get(onward).content.decode()
            assert f"Approved: {cans.child.name}" in said
            assert link in said
            assert ("Next: " in said) == bool(link)

    @pytest.mark.parametrize("step", ["return", "reroute"])
    def test_so_do_the_other_two(self, step, client, many, cover, make_supervisor):
        client.force_login(cover)
        cans, following = many["rerouted"], many["line"]
        cans.refresh_from_db()
        data = {"version": cans.version, "reason": "An invented reason."}
        if step == "reroute":
            data["to"] = make_supervisor().pk
        answer = client.post(f"/approvals/{cans.pk}/{step}/", data)
        assert answer.url == QUEUE
        assert (
            f'<a href="/approvals/{following.pk}/">Next: Line Invented</a>'
            in client.get(QUEUE).content.decode()
        )

    def test_a_decision_opens_no_other_cans(self, client, many, cover):
        """Its author may recall the next one until somebody chose to read it."""
        client.force_login(cover)
        cans = many["covered, overdue"]
        client.post(f"/approvals/{cans.pk}/approve/", {"version": cans.version}, follow=True)
        assert not Assessment.objects.filter(opened_at__isnull=False).exclude(pk=cans.pk).exists()

    def test_a_name_in_the_link_is_text(self, client, clinician, supervisor):
        first = make_submitted(clinician, opened=-20, name="First Invented")
        make_submitted(clinician, opened=-10, name="<b>Bold</b>")
        client.force_login(supervisor)
        page = client.post(f"/approvals/{first.pk}/approve/", {"version": first.version}, follow=True)
        assert "Next: &lt;b&gt;Bold&lt;/b&gt;</a>" in page.content.decode()

    def test_a_refused_decision_leads_nowhere(self, client, many, cover):
        client.force_login(cover)
        answer = client.post(f"/approvals/{many['line'].pk}/approve/", {"version": "0"})
        assert answer.status_code == 409
