"""The author's answers to a return: who gives them when, what counts as seen to, and what stays."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction

from approvals import actions
from approvals.history import last_return, steps_of, told
from approvals.models import CommentAnswer
from approvals.review import review_of
from audit.models import Event
from cans import actions as cans_actions
from cans.models import Assessment
from staff.refusals import NotNow
from tests import factories

from .conftest import rate
from .test_review_page import submit

SLEEP, LIVING = "life.sleep", "life.living-situation"


@pytest.fixture
def returned(submitted, supervisor):
    """With a comment each on Living Situation and Sleep, in the form's order."""
    sheet = submitted.sheets.get(adult=None)
    actions.return_for_revision(
        submitted,
        by=supervisor,
        reason="Please look again.",
        comments=[(sheet, SLEEP, "Nightmares?"), (sheet, LIVING, "Is it sure?")],
    )
    return submitted


def comment_on(assessment, code):
    return last_return(steps_of(assessment)).comments.get(code=code)


def answer(assessment, by, **texts):
    """By the item's short name: sleep="…" or living="…"."""
    codes = {"sleep": SLEEP, "living": LIVING}
    answers = {comment_on(assessment, codes[name]).pk: text for name, text in texts.items()}
    actions.answer_comments(assessment, by=by, answers=answers)


def stored():
    return list(CommentAnswer.objects.order_by("pk").values("comment", "text", "by"))


def refused():
    return pytest.raises(IntegrityError)


class TestVerb:
    def test_what_another_answered_meanwhile_is_not_overwritten(self, returned, clinician):
        key = comment_on(returned, SLEEP).pk
        answer(returned, clinician, sleep="Once a month.")
        with pytest.raises(ValidationError, match="wrote here: “Once a month"):
            actions.answer_comments(returned, by=clinician, answers={key: "Never."}, seen={key: ""})
        assert [row["text"] for row in stored()] == ["Once a month."]

    def test_kept_put_otherwise_and_taken_back_each_recorded(self, returned, clinician):
        answer(returned, clinician, sleep=" Twice a month,\r\nby the diary. ", living="Yes.")
        assert [row["text"] for row in stored()] == ["Twice a month,\nby the diary.", "Yes."]
        answer(returned, clinician, sleep="Once a month.", living="Yes.")
        assert [row["text"] for row in stored()] == ["Once a month.", "Yes."]
        answer(returned, clinician, living=" ")
        assert [row["text"] for row in stored()] == ["Once a month."]
        answer(returned, clinician, sleep="Once a month.")
        events = Event.objects.filter(action="assessment.answer_comments").order_by("pk")
        sleep, living = comment_on(returned, SLEEP).pk, comment_on(returned, LIVING).pk
        assert [event.detail["comments"] for event in events] == [[sleep, living], [sleep], [living]]

    def test_whoever_answers_wrote_in_it(self, returned, contributor):
        answer(returned, contributor, sleep="By me.")
        assert stored()[0]["by"] == contributor.pk
        assert returned.contributions.filter(person=contributor).exists()

    def test_not_who_does_not_carry_the_case(self, returned, supervisor):
        with pytest.raises(PermissionDenied):
            answer(returned, supervisor, sleep="Mine.")
        assert stored() == []

    def test_not_without_credentials(self, returned, clinician):
        clinician.credentials.all().delete()
        with pytest.raises(NotNow, match="certification"):
            answer(returned, clinician, sleep="Mine.")
        assert stored() == []

    def test_not_once_it_is_submitted_again(self, returned, clinician):
        submit(returned)
        with pytest.raises(NotNow, match="submitted"):
            answer(returned, clinician, sleep="Late.")

    def test_again_after_it_was_taken_back(self, returned, clinician):
        submit(returned)
        actions.recall(returned, by=clinician)
        answer(returned, clinician, sleep="Now.")
        assert len(stored()) == 1

    def test_only_comments_of_the_last_return(self, returned, clinician, supervisor):
        first = comment_on(returned, SLEEP)
        submit(returned)
        actions.return_for_revision(returned, by=supervisor, reason="Again.")
        with pytest.raises(ValidationError, match="not one of the last return"):
            actions.answer_comments(returned, by=clinician, answers={first.pk: "Old."})

    def test_not_a_comment_of_another_cans(self, returned, clinician, supervisor, case):
        other = factories.make_draft(factories.make_child(case), author=clinician, rated="1")
        submit(other)
        step = actions.return_for_revision(
            other, by=supervisor, reason="Why?", comments=[(other.sheets.first(), SLEEP, "Why?")]
        )
        with pytest.raises(ValidationError, match="not one of the last return"):
            actions.answer_comments(returned, by=clinician, answers={step.comments.get().pk: "Not mine."})

    @pytest.mark.parametrize("text", ["x" * 2001, "a\x00b"])
    def test_not_what_cannot_be_kept_and_then_none_of_them(self, returned, clinician, text):
        with pytest.raises(ValidationError):
            answer(returned, clinician, sleep="Fine.", living=text)
        assert stored() == []


class TestDatabase:
    """What was handed over stays, whoever asks the database itself."""

    def all_refused(self, comment, clinician):
        answers = CommentAnswer.objects.filter(comment__step=comment.step)
        with refused(), transaction.atomic():
            answers.update(text="Otherwise.")
        with refused(), transaction.atomic():
            answers._raw_delete(answers.db)
        with refused(), transaction.atomic():
            CommentAnswer.objects.create(comment=comment, text="Late.", by=clinician)

    def test_while_it_waits_and_after_approval(self, returned, clinician, supervisor):
        answer(returned, clinician, sleep="So it was.")
        unanswered = comment_on(returned, LIVING)
        submit(returned)
        self.all_refused(unanswered, clinician)
        actions.approve(returned, by=supervisor)
        self.all_refused(unanswered, clinician)

    def test_after_the_next_return(self, returned, clinician, supervisor):
        answer(returned, clinician, sleep="So it was.")
        unanswered = comment_on(returned, LIVING)
        submit(returned)
        actions.return_for_revision(returned, by=supervisor, reason="Again.")
        self.all_refused(unanswered, clinician)

    def test_never_empty(self, returned, clinician):
        with refused(), transaction.atomic():
            CommentAnswer.objects.create(comment=comment_on(returned, SLEEP), text="", by=clinician)


class TestReviewer:
    def since(self, assessment):
        return review_of(assessment, returned=last_return(steps_of(assessment))).since_returned

    def seen_to(self, assessment):
        return {row.item.code: row.asked.seen_to for row in self.since(assessment).commented}

    def test_in_words_by_rating_or_by_note(self, returned, clinician):
        assert self.seen_to(returned) == {LIVING: False, SLEEP: False}
        answer(returned, clinician, living="It is.")
        assert self.seen_to(returned) == {LIVING: True, SLEEP: False}
        cans_actions.annotate(returned.sheets.get(adult=None), by=clinician, notes={SLEEP: "By the diary."})
        assert self.seen_to(returned) == {LIVING: True, SLEEP: True}
        answer(returned, clinician, living="")
        rate(returned, LIVING, "2")
        assert self.seen_to(returned) == {LIVING: True, SLEEP: True}

    def test_a_rating_set_back_is_not_seen_to(self, returned):
        rate(returned, SLEEP, "2")
        rate(returned, SLEEP, "1")
        assert self.seen_to(returned) == {LIVING: False, SLEEP: False}

    def test_a_comment_on_somebody_who_is_not_scored_any_more_is_still_told(
        self, submitted, supervisor, clinician
    ):
        sheet = submitted.sheets.exclude(adult=None).get()
        item = sheet.applicable_items[0]
        actions.return_for_revision(
            submitted, by=supervisor, reason="Why?", comments=[(sheet, item.code, "Who told you?")]
        )
        cans_actions.explain_not_scored(sheet, by=clinician, reason="Away.")
        row = self.since(submitted).commented[0]
        assert (row.asked.comment.text, row.asked.rated, row.asked.seen_to) == ("Who told you?", False, True)

    def test_the_review_tells_each_comment_with_its_answer_and_what_is_untouched(
        self, client, returned, clinician, supervisor
    ):
        answer(returned, clinician, living="It is: I saw the lease.")
        rate(returned, SLEEP, "3")
        rate(returned, "trauma.neglect", "2")
        submit(returned)
        client.force_login(supervisor)
        page = client.get(f"/approvals/{returned.pk}/").content.decode()
        assert "“It is: I saw the lease.”" in page
        assert "Changed besides (1)" in page
        total = sum(len(sheet.applicable_items) for sheet in returned.sheets.all())
        assert f"Of the items nobody named, {total - 3} are untouched" in page

    def test_comment_and_answer_stay_on_the_page_of_the_approved_one(
        self, client, returned, clinician, supervisor
    ):
        answer(returned, clinician, sleep="Twice a month.")
        submit(returned)
        actions.approve(returned, by=supervisor)
        client.force_login(clinician)
        page = client.get(f"/cans/{returned.pk}/").content.decode()
        assert (
            page.count("Nightmares?") == page.count("Twice a month.") == 2
        )  # at the item, and in the history
        comment = next(one.comments for one in told(returned) if one.comments)[0]
        assert (comment.text, comment.answer.text) == ("Nightmares?", "Twice a month.")


class TestPages:
    def url(self, returned):
        return f"/cans/{returned.pk}/answers/"

    def test_the_walk_and_what_is_not_seen_to(self, client, returned, clinician):
        client.force_login(clinician)
        sheet = returned.sheets.get(adult=None).pk
        first, second = f"#item-{sheet}-{LIVING}", f"#item-{sheet}-{SLEEP}"
        scoring = client.get(f"/cans/{returned.pk}/score/").content.decode()
        assert f'data-land="{first[1:]}"' in scoring
        assert scoring.index("Comment 1 of 2") < scoring.index("Comment 2 of 2")
        assert scoring.count(first) == scoring.count(second) == 1
        for address in ("", "summary/"):
            page = client.get(f"/cans/{returned.pk}/{address}").content.decode()
            assert page.index(first) < page.index(second)
            assert page.count("Not seen to yet") == 2
            assert "2 of 2 comments are not seen to yet" in page

        rate(returned, LIVING, "2")
        scoring = client.get(f"/cans/{returned.pk}/score/").content.decode()
        assert f'data-land="{second[1:]}"' in scoring
        summary = client.get(f"/cans/{returned.pk}/summary/").content.decode()
        assert "Rating changed" in summary
        assert "1 of 2 comments is not seen to yet" in summary

    def test_answering_and_what_was_answered_is_there_again(self, client, returned, clinician):
        client.force_login(clinician)
        name = f"comment_{comment_on(returned, SLEEP).pk}"
        answer = client.post(self.url(returned), {name: "By the diary."})
        assert (answer.status_code, answer["Location"]) == (302, f"/cans/{returned.pk}/summary/")
        assert "By the diary.</textarea>" in client.get(self.url(returned)).content.decode()

    def test_what_cannot_be_kept_is_kept_on_the_page_with_why(self, client, returned, clinician):
        client.force_login(clinician)
        sleep, living = (comment_on(returned, code).pk for code in (SLEEP, LIVING))
        answer = client.post(
            self.url(returned), {f"comment_{sleep}": "y" * 2001, f"comment_{living}": "Yes."}
        )
        page = answer.content.decode()
        assert answer.status_code == 400
        assert page.count("Keep it to 2000 characters; this has 2001.") == 2
        assert "y" * 2001 in page
        assert "Yes.</textarea>" in page
        assert stored() == []

    def test_a_late_answer_is_refused_and_stays_on_the_page(self, client, returned, clinician):
        name = f"comment_{comment_on(returned, SLEEP).pk}"
        submit(returned)
        client.force_login(clinician)
        answer = client.post(self.url(returned), {name: "Late."})
        assert answer.status_code == 409
        assert "Late.</textarea>" in answer.content.decode()
        assert stored() == []

    def test_nothing_to_answer(self, client, ready_draft, clinician):
        client.force_login(clinician)
        for method in (client.get, client.post):
            answer = method(self.url(ready_draft))
            assert answer.status_code == 409
            assert "never returned" in answer.content.decode()

    def test_a_return_without_comments(self, client, submitted, clinician, supervisor):
        actions.return_for_revision(submitted, by=supervisor, reason="Look again.")
        client.force_login(clinician)
        assert "The reviewer named no item." in client.get(self.url(submitted)).content.decode()

    def test_comments_of_an_earlier_return_are_no_part_of_the_walk(
        self, client, returned, clinician, supervisor
    ):
        submit(returned)
        actions.return_for_revision(returned, by=supervisor, reason="Again.")
        client.force_login(clinician)
        page = client.get(f"/cans/{returned.pk}/score/").content.decode()
        assert "Nightmares?" in page
        assert "Comment 1 of" not in page

    def test_what_is_not_seen_to_does_not_hold_up_the_submission(self, client, returned, clinician):
        answer(returned, clinician, sleep="By the diary.")
        client.force_login(clinician)
        page = client.get(f"/cans/{returned.pk}/summary/").content.decode()
        assert "1 of 2 comments is not seen to yet" in page
        sent = client.post(f"/approvals/{returned.pk}/submit/", {"version": returned.version})
        assert sent.status_code == 302
        assert Assessment.objects.get(pk=returned.pk).state == "submitted"
