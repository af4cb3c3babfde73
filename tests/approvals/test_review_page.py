"""What the reviewer reads, in which order: what changed, for whom, and what the author says to it."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from approvals import actions
from approvals.history import steps_of, told
from approvals.review import review_of
from cans.actions import answer_warnings
from cans.days import written
from cans.models import Note
from cases.models import Caregiving, Collateral, Membership
from tests import factories
from tests.factories import days

from .conftest import rate, submit


@pytest.fixture
def again(approved, child, clinician):
    """The next CANS of the child, rated like the approved one; each test changes what it is about."""
    return factories.make_draft(child, author=clinician, rated="1", type="reassessment")


def groups(person):
    return {group.title: [row.item.code for row in group.rows] for group in person.groups}


def rest(person):
    return [row.item.code for group in person.rest for row in group.rows]


class TestFirst:
    """Without an approved CANS: what it found comes first."""

    def test_what_was_found_and_the_rest(self, ready_draft):
        rate(ready_draft, "life.sleep", "3")
        rate(ready_draft, "strengths.family", "0")
        child, caregiver = review_of(submit(ready_draft)).people
        found = groups(child)
        assert found["Actionable needs"] == ["life.sleep"]
        assert len(found["Trauma exposures"]) == 13
        assert "strengths.family" in found["Usable strengths"]
        assert "life.school-achievement" not in str(found)
        assert (
            len(found["Trauma exposures"]) + len(found["Usable strengths"]) + 1 + len(rest(child))
            == child.total
        )
        assert groups(caregiver) == {}
        assert len(rest(caregiver)) == caregiver.total == 34

    def test_it_says_so(self, client, submitted, supervisor):
        client.force_login(supervisor)
        page = client.get(f"/approvals/{submitted.pk}/").content.decode()
        assert "A first CANS" in page
        assert "Nothing actionable, no exposure and no usable strength." in page  # of the caregiver


class TestChanges:
    def test_by_kind_in_order(self, again):
        rate(again, "life.sleep", "2")
        rate(again, "strengths.family", "3")
        rate(again, "trauma.neglect", "3")
        rate(again, "life.living-situation", "0")
        child, caregiver = review_of(submit(again)).people
        assert groups(child) == {
            "Newly actionable": ["life.sleep"],
            "Strengths lost": ["strengths.family"],
            "Other changes": ["trauma.neglect", "life.living-situation"],
        }
        assert (child.carried, child.total) == (child.total - 4, child.total)
        assert groups(caregiver) == {}

    def test_dropped_and_built(self, again, supervisor, child, clinician):
        rate(again, "life.sleep", "3")
        rate(again, "life.living-situation", "2")
        rate(again, "strengths.family", "2")
        actions.approve(submit(again), by=supervisor)
        third = factories.make_draft(child, author=clinician, rated="1", type="reassessment")
        rate(third, "life.living-situation", "3")
        found = review_of(submit(third)).people[0]
        assert groups(found) == {
            "No longer actionable": ["life.sleep"],
            "Strengths built": ["strengths.family"],
            "Other changes": ["life.living-situation"],
        }
        by_code = {row.item.code: row for row in found.rows}
        assert by_code["life.sleep"].change == "dropped"
        assert by_code["life.sleep"].from_words == "3, act now"
        assert by_code["life.living-situation"].change_words == "Still actionable, higher"

    @pytest.mark.parametrize(
        ("before", "after", "group", "words"),
        [
            ("u", "3", "Newly actionable", "Actionable"),
            ("1", "u", "Other changes", "Changed"),
            ("3", "u", "Other changes", "Changed"),
            ("3", "2", "Other changes", "Still actionable, lower"),
            ("2", "2", None, None),
        ],
    )
    def test_a_need(self, before, after, group, words, approved, again, supervisor, child, clinician):
        rate(again, "life.sleep", before)
        rate(again, "life.living-situation", "0")
        actions.approve(submit(again), by=supervisor)
        third = factories.make_draft(child, author=clinician, rated="1", type="reassessment")
        rate(third, "life.sleep", after)
        found = review_of(submit(third)).people[0]
        assert ("life.sleep" in groups(found).get(group, ())) == (group is not None)
        row = next(row for row in found.rows if row.item.code == "life.sleep")
        if group is None:
            assert "life.sleep" in rest(found)
            assert row.flag == "Actionable"
        else:
            assert row.change_words == words

    def test_nothing_changed(self, client, again, supervisor):
        submit(again)
        client.force_login(supervisor)
        page = " ".join(client.get(f"/approvals/{again.pk}/").content.decode().split())
        assert page.count("No rating differs from last time.") == 2
        assert "The same rating as then:" in page

    def test_everybody_in_order_and_every_item_once(self, again):
        review = review_of(submit(again))
        assert [person.role for person in review.people] == ["the child", "substitute caregiver"]
        assert len(review.rows) == review.total
        assert len({row.code for person in review.people for row in person.rows}) == review.total

    def test_a_caregiver_who_was_not_rated_before(self, approved, child, clinician):
        mother = factories.make_caregiver(child, role="parent", name="Mona Invented")
        draft = factories.make_draft(child, author=clinician, rated="1", type="reassessment")
        sheet = draft.sheets.get(adult=mother)
        code = sheet.applicable_items[0].code
        rate(draft, code, "2", adult=mother)
        person = next(p for p in review_of(submit(draft)).people if p.name == "Mona Invented")
        assert not person.compared
        assert person.role == "caregiver"
        assert groups(person) == {"Actionable needs": [code]}
        assert person.rows[0].from_words == ""

    def test_ratings_follow_the_person_not_the_place(self, approved, child, clinician, caregiver):
        """Another caregiver, earlier in the alphabet: Fay is still compared with Fay."""
        factories.make_caregiver(child, name="Abe Earlier-Example")
        draft = factories.make_draft(child, author=clinician, rated="1", type="reassessment")
        people = {person.name: person for person in review_of(submit(draft)).people}
        assert people["Fay Foster-Example"].compared
        assert not people["Abe Earlier-Example"].compared

    def test_who_is_not_scored_and_who_left(self, client, approved, child, clinician, caregiver, supervisor):
        mother = factories.make_caregiver(child, role="parent", name="Mona Invented")
        Caregiving.objects.filter(adult=caregiver).delete()
        Collateral.objects.filter(adult=caregiver).delete()
        draft = factories.make_draft(child, author=clinician, rated="1", type="reassessment")
        draft.sheets.filter(adult=mother).update(not_scored_reason="Cannot be reached.")
        review = review_of(submit(draft))
        assert review.no_longer_rated == ["Fay Foster-Example"]
        assert review.people[1].rows == []
        client.force_login(supervisor)
        page = client.get(f"/approvals/{draft.pk}/").content.decode()
        assert "Not scored: “Cannot be reached.”" in page
        assert "Fay Foster-Example was rated then" in page
        assert "Mona Invented" in client.get(f"/approvals/{draft.pk}/return/").content.decode()

    def test_an_amendment_is_compared_with_what_it_amends(self, client, approved, clinician, supervisor):
        draft = actions.amend(approved, by=supervisor, author=clinician, reason="A wrong item.")
        rate(draft, "life.sleep", "2")
        review = review_of(submit(draft))
        assert review.base == approved
        assert groups(review.people[0]) == {"Newly actionable": ["life.sleep"]}
        client.force_login(supervisor)
        assert b"Changes since the CANS it amends" in client.get(f"/approvals/{draft.pk}/").content

    def test_a_note_stands_beside_its_item(self, again):
        rate(again, "life.sleep", "2")
        Note.objects.create(
            sheet=again.sheets.get(adult=None), code="life.sleep", text="An invented note.", by=again.author
        )
        child = review_of(submit(again)).people[0]
        assert child.groups[0].rows[0].note == "An invented note."


class TestWarnings:
    def test_with_the_authors_answers(self, client, again, supervisor):
        rate(again, "trauma.neglect", "0")
        (warned, *_) = review_of(submit(again)).warnings
        assert "although exposures count over a lifetime" in warned.sentence
        assert warned.answer.startswith("An invented answer to: warning:exposure-lower")
        client.force_login(supervisor)
        page = client.get(f"/approvals/{again.pk}/").content.decode()
        assert "An invented answer to: warning:exposure-lower" in page

    def test_a_safety_plan_note_answers_by_being_there(self, ready_draft):
        rate(ready_draft, "risk.suicide-risk", "2")
        Note.objects.create(
            sheet=ready_draft.sheets.get(adult=None),
            code="risk.suicide-risk",
            text="The plan.",
            by=ready_draft.author,
        )
        assert review_of(submit(ready_draft)).warnings == []

    def test_the_same_as_readiness_says(self, again):
        from cans.facts import readiness_of

        submit(again)
        expected = [p.sentence for p in readiness_of(again) if p.severity == "warning"]
        assert [warned.sentence for warned in review_of(again).warnings] == expected != []

    def test_where_nothing_is_amended_the_reviewer_reads_why(self, client, approved, clinician, supervisor):
        draft = actions.amend(approved, by=supervisor, author=clinician, reason="A wrong item.")
        key = f"warning:repeats:{approved.pk}"
        answer_warnings(draft, by=clinician, answers={key: "Only a note was wrong."})
        actions.submit(draft, by=clinician)
        client.force_login(supervisor)
        page = client.get(f"/approvals/{draft.pk}/").content.decode()
        assert f"Every rating is the same as in CANS {approved.pk}, which this one amends." in page
        assert "Only a note was wrong." in page

    def test_care_that_is_not_recorded_is_asked_about_here_too(self, child, clinician):
        lodger = factories.make_caregiver(child, name="Lola Lodger-Example")
        Caregiving.objects.filter(adult=lodger).delete()
        draft = submit(factories.make_draft(child, author=clinician, rated="1"))
        nobody, at_home = review_of(draft).warnings
        assert nobody.sentence.startswith(f"Nobody is recorded as caring for {child.name}")
        assert nobody.answer == "An invented group home."
        assert at_home.sentence.startswith("Lola Lodger-Example lives in the home")
        assert at_home.answer == f"An invented answer to: warning:at-home:adult-{lodger.pk}"

    def test_who_began_to_care_since_is_said(self, client, submitted, child, supervisor):
        factories.make_caregiver(child, name="Nora New-Example", starts=days(0))
        client.force_login(supervisor)
        page = client.get(f"/approvals/{submitted.pk}/").content.decode()
        assert "Not yet rated" in page
        assert "Nora New-Example cares for" in page


class TestCourse:
    """The child's CANS before this one, in a line for each domain."""

    @pytest.fixture
    def child(self, clinician):
        case = factories.make_case(primary=clinician, opened=days(-800), name="Plainly-Invented")
        return factories.make_child(case, name="Robin Plainly-Invented")

    @pytest.fixture
    def approve(self, child, clinician, supervisor):
        """An approved CANS of that day, with this rating of one need and nothing else to act on."""

        def make(day, sleep, amends=None):
            draft = factories.make_draft(
                child, author=clinician, assessed_on=days(day), rated="1", amends=amends
            )
            rate(draft, "life.sleep", sleep)
            actions.approve(submit(draft), by=supervisor)
            return draft

        return make

    @pytest.fixture
    def read(self, child, clinician):
        def make(**fields):
            draft = factories.make_draft(child, author=clinician, rated="1", assessed_on=days(-1), **fields)
            return review_of(draft).course

        return make

    def line(self, course):
        return next(line for line in course.lines if line.title == "Life domain functioning")

    def test_none_for_a_first_one(self, client, submitted, supervisor):
        client.force_login(supervisor)
        page = client.get(f"/approvals/{submitted.pk}/")
        assert page.context["course"] is None
        assert b"over the last" not in page.content

    def test_the_last_three_and_this_one_oldest_first(self, approve, read):
        _, *last = [
            approve(day, sleep) for day, sleep in ((-700, "3"), (-500, "0"), (-300, "2"), (-100, "3"))
        ]
        course = read()
        assert list(course.cans[:-1]) == last
        assert self.line(course).counts == (0, 1, 1, 0)

    def test_of_one_day_the_later_one_is_the_later(self, approve, read):
        approve(-500, "0")
        approve(-500, "2")
        assert self.line(read()).counts == (0, 1, 0)

    def test_what_is_in_force_and_not_what_was_amended(self, approve, read):
        wrong = approve(-500, "2")
        right = approve(-500, "0", amends=wrong)
        assert list(read().cans[:-1]) == [right]

    def test_an_amendment_stands_in_the_place_of_what_it_amends(self, approve, read):
        before, amended = approve(-500, "2"), approve(-300, "2")
        assert list(read(amends=amended).cans[:-1]) == [before]

    def test_none_assessed_later(self, approve, child, clinician):
        before, _ = approve(-500, "2"), approve(-100, "2")
        draft = factories.make_draft(child, author=clinician, rated="1", assessed_on=days(-300))
        course = review_of(draft).course
        assert list(course.cans[:-1]) == [before]

    def test_of_another_case_only_what_it_is_compared_with(self, approve, read, child, clinician):
        _, compared = approve(-500, "2"), approve(-300, "3")
        other = factories.make_case(primary=clinician, opened=days(-200), name="Also-Invented")
        Membership.objects.filter(child=child).update(left=days(-201))
        Membership.objects.create(case=other, child=child, joined=days(-200))
        course = read()
        assert course.cans[-1].case == other
        assert list(course.cans[:-1]) == [compared]

    def test_on_the_page_as_lines_and_as_a_table(self, client, approve, child, clinician, supervisor):
        approve(-300, "2")
        draft = submit(factories.make_draft(child, author=clinician, rated="1", type="reassessment"))
        client.force_login(supervisor)
        page = " ".join(client.get(f"/approvals/{draft.pk}/").content.decode().split())
        assert "Robin Plainly-Invented over the last 2 CANS" in page
        assert 'role="img" aria-label="Life domain functioning, actionable needs: 1, 0"' in page
        said = f'data-label="{written(days(-300))}">1</td>'
        assert said in page


class TestSteps:
    def test_who_had_it_how_long(self, submitted, supervisor, other_supervisor):
        actions.reroute(submitted, by=supervisor, to=other_supervisor, reason="Away.")
        steps = steps_of(submitted)
        steps[0].at = factories.noon(-6)
        first, second = told(submitted, steps)
        assert (first.days, first.waits) == (6, False)
        assert (second.days, second.waits) == (0, True)

    def test_every_event_is_shown(self, client, submitted, clinician, supervisor, cover, other_supervisor):
        sheet = submitted.sheets.get(adult=None)
        actions.return_for_revision(
            submitted, by=cover, reason="Please look again.", comments=[(sheet, "life.sleep", "Why 1?")]
        )
        actions.submit(submitted, by=clinician)
        actions.recall(submitted, by=clinician)
        actions.submit(submitted, by=clinician)
        actions.reroute(submitted, by=clinician, to=other_supervisor, reason="Sana is away.")
        client.force_login(other_supervisor)
        page = " ".join(client.get(f"/approvals/{submitted.pk}/").content.decode().split())
        for words in (
            "<strong>Started</strong> by Cleo Clinician",
            "<strong>Submitted</strong> by Cleo Clinician to Sana Supervisor",
            "<strong>Returned for revision</strong> by Cass Cover, who covered for Sana Supervisor",
            "“Please look again.”",
            "“Why 1?”",
            "<strong>Taken back</strong> by Cleo Clinician",
            "<strong>Rerouted</strong> by Cleo Clinician, from Sana Supervisor to Otto Other",
            "With you for 0 days",
        ):
            assert words in page, words

    def test_the_fragment_for_other_pages(self, submitted, supervisor, rf):
        from django.template.loader import render_to_string

        with CaptureQueriesContext(connection) as queries:
            html = render_to_string("approvals/_steps.html", {"assessment": submitted, "user": supervisor})
        assert "With you for 0 days, not opened yet" in html
        assert len(queries) <= 3


LIMITS = {"": 11, "return/": 12, "reroute/": 12}


class TestQueries:
    def measured(self, client, url):
        client.get(url)  # the first reading marks it opened
        with CaptureQueriesContext(connection) as queries:
            assert client.get(url).status_code == 200
        return len(queries)

    def fill(self, draft, number):
        """Notes and changes on that many items."""
        sheet = draft.sheets.get(adult=None)
        for item in sheet.applicable_items[:number]:
            rate(draft, item.code, "0" if item.kind == "exposure" else "2")
            Note.objects.create(sheet=sheet, code=item.code, text="An invented note.", by=draft.author)
        return sheet

    @pytest.mark.parametrize("page", LIMITS)
    def test_as_many_for_thirty_rows_as_for_three(self, page, client, agency, supervisor, clinician):
        counts = []
        for number in (3, 30):
            case = factories.make_case(primary=clinician)
            child = factories.make_child(case)
            for _ in range(1 + number // 10):
                factories.make_caregiver(child)
            first = factories.make_draft(child, author=clinician, rated="1")
            actions.approve(submit(first), by=supervisor)
            draft = factories.make_draft(child, author=clinician, rated="1", type="reassessment")
            self.fill(draft, number)
            submit(draft)
            for _ in range(number):
                factories.make_person("supervisor", agency=agency)
            client.force_login(supervisor)
            counts.append(self.measured(client, f"/approvals/{draft.pk}/{page}"))
        assert counts[0] == counts[1] <= LIMITS[page], counts

    def test_a_resubmission_costs_the_comments_and_the_history(self, client, supervisor, clinician):
        counts = []
        for number in (3, 30):
            case = factories.make_case(primary=clinician)
            draft = factories.make_draft(factories.make_child(case), author=clinician, rated="1")
            submit(draft)
            sheet = draft.sheets.get(adult=None)
            comments = [(sheet, item.code, "Why?") for item in sheet.applicable_items[:number]]
            actions.return_for_revision(draft, by=supervisor, reason="Look again.", comments=comments)
            self.fill(draft, number)
            submit(draft)
            client.force_login(supervisor)
            counts.append(self.measured(client, f"/approvals/{draft.pk}/"))
        assert counts[0] == counts[1] <= 12, counts
