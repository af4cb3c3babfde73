"""The due-date rules one by one, each with dates a reader can check on a calendar."""

from datetime import date, timedelta
from types import SimpleNamespace

import pytest

from cans import due
from cans.due import Cans, Episode, Extension, Kind, Policy, Status, Stay

OPENED = date(2025, 3, 3)
ALWAYS = Stay("stay")
DEFAULT = (Policy(),)


def day(text):
    return date.fromisoformat(text)


def episode(opened=OPENED, closed=None, *, stays=(ALWAYS,), extensions=(), key="episode"):
    asked = tuple(Extension(f"x{at}", requested) for at, requested in enumerate(extensions, start=1))
    return Episode(key, opened, closed, tuple(stays), asked)


def cans(assessed, submitted=None, approved=None, returned=None, key="cans"):
    """Submitted the day it was assessed, unless something else is said."""
    assessed = day(assessed)
    submitted = day(submitted) if submitted else assessed
    return Cans(key, assessed, submitted, approved and day(approved), returned and day(returned))


def draft(assessed, key="draft"):
    return Cans(key, day(assessed))


def owed(episodes, assessments=(), policies=DEFAULT):
    episodes = [episodes] if isinstance(episodes, Episode) else episodes
    return due.obligations(episodes, list(assessments), policies)


def only(kind, obligations):
    (found,) = [o for o in obligations if o.kind == kind]
    return found


def all_of(kind, obligations):
    return [o for o in obligations if o.kind == kind]


class TestEdgeCases:
    """The rows of the table in the specification."""

    def test_opens_3_march(self):
        (initial,) = owed(episode(day("2025-03-03")))
        assert initial.kind == Kind.INITIAL
        assert initial.due == day("2025-04-02")
        assert initial.why == "Due Wed 2 Apr 2025: 30 days after IPS opened 3 Mar 2025."

    def test_opens_4_june_due_on_a_holiday(self):
        (initial,) = owed(episode(day("2025-06-04")))
        assert (initial.due, initial.work_by) == (day("2025-07-04"), day("2025-07-03"))

    def test_assessed_31_august_clamped_to_28_february(self):
        six = only(Kind.SIX_MONTH, owed(episode(day("2025-08-01")), [cans("2025-08-31")]))
        assert (six.due, six.work_by) == (day("2026-02-28"), day("2026-02-27"))
        assert six.why == (
            "Due Sat 28 Feb 2026: 6 months after the CANS assessed on 31 Aug 2025, "
            "counted to the end of the shorter month."
        )

    def test_assessed_31_august_before_a_leap_year(self):
        six = only(Kind.SIX_MONTH, owed(episode(day("2023-08-01")), [cans("2023-08-31")]))
        assert six.due == day("2024-02-29")

    def test_one_cans_meets_initial_and_closing_of_a_short_episode(self):
        short = episode(day("2025-03-01"), day("2025-03-20"))
        found = owed(short, [cans("2025-03-10")])
        initial, closing = only(Kind.INITIAL, found), only(Kind.CLOSING, found)
        assert (initial.due, initial.met_by) == (day("2025-03-31"), "cans")
        assert (closing.due, closing.target, closing.met_by) == (day("2025-04-19"), day("2025-03-20"), "cans")
        meets = due.cans_meets([short], [], day("2025-03-10"), day("2025-03-12"))
        assert [o.kind for o in meets.obligations] == [Kind.INITIAL, Kind.CLOSING]
        assert meets.strictest == day("2025-03-31")
        assert meets.next_six_month is None

    def test_extension_cans_sets_the_next_six_month_date(self):
        first, second = cans("2025-02-10", key=1), cans("2025-07-10", key=2)
        found = owed(episode(day("2025-02-01"), extensions=[day("2025-07-10")]), [first, second])
        assert only(Kind.EXTENSION, found).met_by == 2
        by_first, by_second = all_of(Kind.SIX_MONTH, found)
        assert (by_first.due, by_first.met_by) == (day("2025-08-10"), 2)
        assert (by_second.due, by_second.met_by) == (day("2026-01-10"), None)

    def test_six_month_after_the_closing_is_cancelled_and_still_listed(self):
        found = owed(episode(day("2025-03-03"), day("2025-08-01")), [cans("2025-03-10")])
        six = only(Kind.SIX_MONTH, found)
        assert six.cancelled
        assert six.due == day("2025-09-10")
        assert six.why == (
            "Was due Wed 10 Sep 2025: 6 months after the CANS assessed on 10 Mar 2025. "
            "Cancelled: IPS closed 1 Aug 2025."
        )

    def test_six_month_returns_if_the_closing_is_undone(self):
        found = owed(episode(day("2025-03-03"), None), [cans("2025-03-10")])
        assert not only(Kind.SIX_MONTH, found).cancelled
        assert all_of(Kind.CLOSING, found) == []

    def test_reopened_has_a_new_initial(self):
        first = episode(day("2025-01-02"), day("2025-05-01"), key=1)
        second = episode(day("2025-09-01"), key=2)
        initials = all_of(Kind.INITIAL, owed([first, second], [cans("2025-01-10")]))
        assert [(o.episode, o.due, o.met_by) for o in initials] == [
            (1, day("2025-02-01"), "cans"),
            (2, day("2025-10-01"), None),
        ]

    def test_a_child_who_joins_later_has_an_initial_of_its_own(self):
        joined = Stay("later", joined=day("2025-05-10"))
        (initial,) = owed(episode(stays=[joined]))
        assert initial.due == day("2025-06-09")
        assert initial.why == "Due Mon 9 Jun 2025: 30 days after the child joined the case 10 May 2025."
        (sibling,) = owed(episode())
        assert sibling.due == day("2025-04-02")

    def test_submitted_in_time_and_approved_later(self):
        initial = only(
            Kind.INITIAL, owed(episode(), [cans("2025-03-28", submitted="2025-03-28", approved="2025-04-09")])
        )
        assert due.on_time(initial) is True
        assert (initial.met_on - initial.submitted_on).days == 12
        assert due.status(initial, day("2025-05-01")) == Status.MET

    def test_a_return_keeps_the_first_submission_on_time(self):
        returned = cans("2025-03-20", submitted="2025-03-31", returned="2025-04-03")
        initial = only(Kind.INITIAL, owed(episode(), [returned]))
        assert due.on_time(initial) is True
        assert initial.fix_by == day("2025-04-10")
        assert due.status(initial, day("2025-04-10")) == Status.RETURNED
        assert due.status(initial, day("2025-04-11")) == Status.RETURNED_OVERDUE

    def test_submitted_late_and_approved_the_same_day(self):
        late = cans("2025-04-01", submitted="2025-04-07", approved="2025-04-07")
        initial = only(Kind.INITIAL, owed(episode(), [late]))
        assert due.on_time(initial) is False
        assert initial.late_by == 5
        assert due.status(initial, day("2025-04-07")) == Status.MET


class TestDays:
    @pytest.mark.parametrize(
        ("on", "expected"),
        [
            ("2025-04-02", "2025-04-02"),
            ("2025-03-03", "2025-02-28"),  # Casimir Pulaski Day is a Monday
            ("2025-02-12", "2025-02-11"),  # Lincoln's Birthday
            ("2026-07-05", "2026-07-02"),  # Sunday; the 4th is Saturday, observed on Friday
            ("2022-01-01", "2021-12-30"),  # New Year's Day 2022 is observed in 2021
            ("2024-11-05", "2024-11-04"),  # Election Day
        ],
    )
    def test_work_by(self, on, expected):
        assert due.work_by(day(on)) == day(expected)

    @pytest.mark.parametrize(
        ("after", "n", "expected"),
        [
            ("2025-04-03", 5, "2025-04-10"),
            ("2025-04-03", 0, "2025-04-03"),
            ("2025-04-05", 1, "2025-04-07"),
            ("2025-07-03", 1, "2025-07-07"),
            ("2025-12-31", 2, "2026-01-05"),
        ],
    )
    def test_add_working_days(self, after, n, expected):
        assert due.add_working_days(day(after), n) == day(expected)

    @pytest.mark.parametrize(
        ("start", "n", "expected"),
        [
            ("2025-06-30", 6, "2025-12-30"),
            ("2025-07-31", 6, "2026-01-31"),
            ("2025-12-01", 1, "2026-01-01"),
            ("2025-03-31", -1, "2025-02-28"),
            ("2025-01-15", -1, "2024-12-15"),
            ("2024-02-29", 12, "2025-02-28"),
        ],
    )
    def test_add_months(self, start, n, expected):
        assert due.add_months(day(start), n) == day(expected)


class TestInitial:
    def test_met_by_the_first_submitted_by_assessed_on_date(self):
        later, earlier = cans("2025-03-20", key="later"), cans("2025-03-10", "2025-03-25", key="earlier")
        assert only(Kind.INITIAL, owed(episode(), [later, earlier])).met_by == "earlier"

    def test_assessed_on_one_day_the_first_submission_goes_first(self):
        second = cans("2025-03-10", "2025-03-25", key="second")
        first = cans("2025-03-10", "2025-03-12", key="first")
        assert only(Kind.INITIAL, owed(episode(), [second, first])).met_by == "first"

    @pytest.mark.parametrize(("submitted", "late_by"), [("2025-04-02", 0), ("2025-04-03", 1)])
    def test_the_due_day_counts_in_full(self, submitted, late_by):
        initial = only(Kind.INITIAL, owed(episode(), [cans("2025-03-10", submitted)]))
        assert due.on_time(initial) is (late_by == 0)
        assert initial.late_by == late_by

    def test_a_draft_meets_and_starts_nothing(self):
        (initial,) = owed(episode(), [draft("2025-03-10")])
        assert initial.met_by is None
        assert due.on_time(initial) is None
        assert initial.late_by == 0

    def test_is_never_cancelled(self):
        gone = Stay("stay", left=day("2025-03-05"))
        (initial, _closing) = owed(episode(closed=day("2025-03-05"), stays=[gone]))
        assert not initial.cancelled
        assert due.status(initial, day("2025-04-03")) == Status.OVERDUE

    def test_a_child_in_the_case_before_the_opening_starts_with_it(self):
        (initial,) = owed(episode(stays=[Stay("stay", joined=day("2024-11-01"))]))
        assert initial.due == day("2025-04-02")
        assert "IPS opened" in initial.why

    def test_without_any_cans_there_is_no_six_month_date(self):
        assert [o.kind for o in owed(episode())] == [Kind.INITIAL]


class TestWhichCansCounts:
    def test_the_day_the_child_joins_counts_and_the_day_before_does_not(self):
        joined = episode(stays=[Stay("stay", joined=day("2025-05-10"))])
        assert only(Kind.INITIAL, owed(joined, [cans("2025-05-10")])).met_by == "cans"
        assert owed(joined, [cans("2025-05-09")]) == owed(joined)

    def test_the_day_the_child_leaves_counts_and_the_day_after_does_not(self):
        left = episode(stays=[Stay("stay", left=day("2025-05-10"))])
        assert only(Kind.INITIAL, owed(left, [cans("2025-05-10")])).met_by == "cans"
        assert owed(left, [cans("2025-05-11")]) == owed(left)

    def test_thirty_days_after_the_closing_count_and_the_next_does_not(self):
        closed = episode(closed=day("2025-06-01"))
        assert only(Kind.INITIAL, owed(closed, [cans("2025-07-01")])).met_by == "cans"
        assert owed(closed, [cans("2025-07-02")]) == owed(closed)

    def test_before_the_opening_counts_for_nothing(self):
        assert owed(episode(), [cans("2025-03-02")]) == owed(episode())

    def test_after_the_closing_the_reopening_takes_it(self):
        episodes = [episode(key=1, closed=day("2025-06-01")), episode(day("2025-06-10"), key=2)]
        initials = all_of(Kind.INITIAL, owed(episodes, [cans("2025-06-10")]))
        assert [o.met_by for o in initials] == [None, "cans"]
        initials = all_of(Kind.INITIAL, owed(episodes, [cans("2025-06-09")]))
        assert [o.met_by for o in initials] == ["cans", None]

    def test_reopened_on_the_day_of_closing_the_later_episode_takes_it(self):
        same_day = day("2025-06-01")
        episodes = [episode(same_day, key=2), episode(key=1, closed=same_day)]
        assert due.episode_of(episodes, same_day) == 2
        assert due.episode_of(episodes, day("2025-05-31")) == 1

    def test_opened_closed_and_reopened_on_one_day(self):
        episodes = [episode(key="open"), episode(key="shut", closed=OPENED)]
        assert due.episode_of(episodes, OPENED) == "open"

    def test_episode_of_a_day_outside(self):
        closed = episode(closed=day("2025-06-01"))
        assert due.episode_of([closed], day("2025-03-02")) is None
        assert due.episode_of([closed], day("2025-07-01")) == "episode"
        assert due.episode_of([closed], day("2025-07-02")) is None

    @pytest.mark.parametrize(
        "stay",
        [
            Stay("early", left=day("2025-03-02")),
            Stay("late", joined=day("2025-06-02")),
        ],
    )
    def test_a_stay_beside_the_episode_owes_nothing(self, stay):
        assert owed(episode(closed=day("2025-06-01"), stays=[stay]), [cans("2025-06-05")]) == []

    @pytest.mark.parametrize(
        "stay",
        [
            Stay("left on the opening day", left=OPENED),
            Stay("joined on the closing day", joined=day("2025-06-01")),
        ],
    )
    def test_a_stay_that_touches_the_episode_owes_an_initial(self, stay):
        assert only(Kind.INITIAL, owed(episode(closed=day("2025-06-01"), stays=[stay])))


class TestRejoining:
    BEFORE = Stay("before", left=day("2025-05-01"))
    AGAIN = Stay("again", joined=day("2025-07-01"))

    def test_begins_anew(self):
        both = episode(stays=[self.AGAIN, self.BEFORE])
        found = owed(both, [cans("2025-03-10", key=1), cans("2025-07-10", key=2)])
        first, second = all_of(Kind.INITIAL, found)
        assert (first.source, first.met_by) == ("initial:before", 1)
        assert (second.source, second.due, second.met_by) == ("initial:again", day("2025-07-31"), 2)
        assert [o.cancelled for o in all_of(Kind.SIX_MONTH, found)] == [True, False]

    def test_a_cans_between_the_stays_counts_for_neither(self):
        both = episode(stays=[self.BEFORE, self.AGAIN])
        assert owed(both, [cans("2025-06-01")]) == owed(both)

    def test_leaving_and_rejoining_on_one_day_is_staying(self):
        again = Stay("again", joined=day("2025-05-01"))
        both = episode(closed=day("2025-12-01"), stays=[again, self.BEFORE], extensions=[day("2025-05-01")])
        alone = episode(closed=day("2025-12-01"), stays=[Stay("before")], extensions=[day("2025-05-01")])
        rated = [cans("2025-04-20"), cans("2025-05-01", key=2)]
        assert owed(both, rated) == owed(alone, rated)

    def test_the_day_after_is_a_new_stay(self):
        again = Stay("again", joined=day("2025-05-02"))
        assert len(all_of(Kind.INITIAL, owed(episode(stays=[self.BEFORE, again])))) == 2

    def test_a_stay_within_a_stay_changes_nothing(self):
        within = Stay("within", joined=day("2025-04-01"), left=day("2025-04-10"))
        assert owed(episode(stays=[ALWAYS, within])) == owed(episode())
        assert owed(episode(stays=[self.BEFORE, within]), [cans("2025-04-20")]) == owed(
            episode(stays=[self.BEFORE]), [cans("2025-04-20")]
        )


class TestSixMonth:
    def test_due_on_the_closing_day_is_not_cancelled(self):
        found = owed(episode(closed=day("2025-09-10")), [cans("2025-03-10")])
        assert not only(Kind.SIX_MONTH, found).cancelled

    def test_due_on_the_day_the_child_leaves_is_not_cancelled(self):
        for left, cancelled in (("2025-09-10", False), ("2025-09-09", True)):
            found = owed(episode(stays=[Stay("stay", left=day(left))]), [cans("2025-03-10")])
            assert only(Kind.SIX_MONTH, found).cancelled is cancelled

    def test_a_child_who_left_says_so(self):
        found = owed(
            episode(closed=day("2025-07-01"), stays=[Stay("stay", left=day("2025-06-01"))]),
            [cans("2025-03-10")],
        )
        assert only(Kind.SIX_MONTH, found).why.endswith("Cancelled: the child left the case 1 Jun 2025.")

    def test_a_child_who_left_with_or_after_the_closing_was_ended_by_it(self):
        for left in ("2025-07-01", "2025-07-08"):
            found = owed(
                episode(closed=day("2025-07-01"), stays=[Stay("stay", left=day(left))]), [cans("2025-03-10")]
            )
            assert only(Kind.SIX_MONTH, found).why.endswith("Cancelled: IPS closed 1 Jul 2025.")

    def test_left_between_the_due_date_and_nothing_is_still_owed(self):
        found = owed(
            episode(closed=day("2026-01-01"), stays=[Stay("stay", left=day("2025-10-01"))]),
            [cans("2025-03-10")],
        )
        assert not only(Kind.SIX_MONTH, found).cancelled

    def test_met_after_all_it_is_not_cancelled(self):
        found = owed(
            episode(closed=day("2025-08-01")), [cans("2025-03-10", key=1), cans("2025-08-20", key=2)]
        )
        met, started = all_of(Kind.SIX_MONTH, found)
        assert (met.met_by, met.cancelled) == (2, False)
        assert (started.met_by, started.cancelled) == (None, True)

    def test_due_dates_run_from_the_assessed_on_date_however_late_it_was_submitted(self):
        late = cans("2025-03-10", submitted="2025-05-20")
        assert only(Kind.SIX_MONTH, owed(episode(), [late])).due == day("2025-09-10")

    def test_the_next_cans_in_another_episode_does_not_meet_it(self):
        episodes = [episode(closed=day("2025-09-20"), key=1), episode(day("2025-10-01"), key=2)]
        found = owed(episodes, [cans("2025-03-10", key=1), cans("2025-10-05", key=2)])
        first, second = all_of(Kind.SIX_MONTH, found)
        assert (first.episode, first.source, first.met_by) == (1, "six_month:1", None)
        assert (second.episode, second.source) == (2, "six_month:2")


class TestExtension:
    @pytest.mark.parametrize(
        ("assessed", "submitted", "met"),
        [
            ("2025-07-10", "2025-07-10", True),
            ("2025-06-10", "2025-07-01", True),
            ("2025-06-09", "2025-07-01", False),
            ("2025-07-01", "2025-07-11", False),
        ],
    )
    def test_assessed_in_the_thirty_days_and_submitted_by_the_request(self, assessed, submitted, met):
        asked = episode(extensions=[day("2025-07-10")])
        extension = only(Kind.EXTENSION, owed(asked, [cans(assessed, submitted)]))
        assert extension.due == day("2025-07-10")
        assert extension.met_by == ("cans" if met else None)

    def test_the_first_such_cans_meets_it(self):
        rated = [cans("2025-06-01", key=1), cans("2025-06-20", key=2), cans("2025-07-01", key=3)]
        asked = episode(extensions=[day("2025-07-10")])
        assert only(Kind.EXTENSION, owed(asked, rated)).met_by == 2

    def test_missed_only_once_the_request_date_is_past(self):
        extension = only(Kind.EXTENSION, owed(episode(extensions=[day("2025-07-10")])))
        assert due.status(extension, day("2025-07-10")) == Status.DUE
        assert due.status(extension, day("2025-07-11")) == Status.MISSED
        assert due.explained(extension.why, Status.MISSED) == (
            "Due Thu 10 Jul 2025: an extension was requested that day, and asks for a CANS assessed from "
            "10 Jun 2025 and submitted by the request. Missed: no such CANS was submitted by then."
        )

    @pytest.mark.parametrize(
        ("stay", "owes"),
        [
            (Stay("stay", joined=day("2025-07-10")), True),
            (Stay("stay", joined=day("2025-07-11")), False),
            (Stay("stay", left=day("2025-07-10")), True),
            (Stay("stay", left=day("2025-07-09")), False),
        ],
    )
    def test_owed_for_a_child_in_the_case_that_day(self, stay, owes):
        found = owed(episode(stays=[stay], extensions=[day("2025-07-10")]))
        assert len(all_of(Kind.EXTENSION, found)) == owes

    def test_each_request_is_owed(self):
        found = owed(episode(extensions=[day("2025-07-10"), day("2026-01-10")]))
        assert [o.source for o in all_of(Kind.EXTENSION, found)] == ["extension:x1:stay", "extension:x2:stay"]

    def test_a_request_outside_the_episode_is_not_owed(self):
        asked = [day("2025-03-02"), day("2025-03-03"), day("2025-06-01"), day("2025-06-02")]
        found = all_of(Kind.EXTENSION, owed(episode(closed=day("2025-06-01"), extensions=asked)))
        assert [o.due for o in found] == asked[1:3]


class TestClosing:
    @pytest.mark.parametrize(
        ("assessed", "met"),
        [("2025-05-01", False), ("2025-05-02", True), ("2025-07-01", True), ("2025-07-02", False)],
    )
    def test_assessed_thirty_days_either_side(self, assessed, met):
        closing = only(Kind.CLOSING, owed(episode(closed=day("2025-06-01")), [cans(assessed)]))
        assert (closing.target, closing.due) == (day("2025-06-01"), day("2025-07-01"))
        assert closing.met_by == ("cans" if met else None)

    def test_the_first_such_cans_meets_it(self):
        rated = [cans("2025-04-01", key=1), cans("2025-05-20", key=2), cans("2025-06-01", key=3)]
        assert only(Kind.CLOSING, owed(episode(closed=day("2025-06-01")), rated)).met_by == 2

    @pytest.mark.parametrize(
        ("stay", "owes"),
        [
            (Stay("stay", joined=day("2025-06-01")), True),
            (Stay("stay", joined=day("2025-06-02")), False),
            (Stay("stay", left=day("2025-06-01")), True),
            (Stay("stay", left=day("2025-05-31")), False),
        ],
    )
    def test_owed_for_a_child_in_the_case_at_the_closing(self, stay, owes):
        found = owed(episode(closed=day("2025-06-01"), stays=[stay]))
        assert len(all_of(Kind.CLOSING, found)) == owes

    def test_explains_itself_and_marks_what_was_rated_after(self):
        closed = episode(closed=day("2025-06-01"))
        why = (
            "Due Tue 1 Jul 2025: 30 days after IPS closed 1 Jun 2025, the target; "
            "a CANS assessed from 2 May 2025 meets it."
        )
        assert only(Kind.CLOSING, owed(closed)).why == why
        assert only(Kind.CLOSING, owed(closed, [cans("2025-06-01")])).why == why
        assert only(Kind.CLOSING, owed(closed, [cans("2025-06-05")])).why == (
            f"{why} Rated after the closing date, on 5 Jun 2025."
        )

    def test_only_closing_has_a_target(self):
        found = owed(episode(closed=day("2025-06-01"), extensions=[day("2025-05-01")]), [cans("2025-03-10")])
        assert {o.kind for o in found if o.target} == {Kind.CLOSING}


class TestStatus:
    def of(self, today="2025-04-02", *, waived=False, **facts):
        row = {
            "kind": "initial",
            "due": day("2025-04-02"),
            "submitted_on": None,
            "met_on": None,
            "fix_by": None,
            "cancelled": False,
        }
        return due.status(SimpleNamespace(**row | facts), day(today), waived=waived)

    def test_due_through_the_due_day_and_overdue_after(self):
        assert self.of("2025-04-02") == "due"
        assert self.of("2025-04-03") == "overdue"

    def test_submitted_is_not_overdue_whatever_the_day(self):
        assert self.of("2025-06-01", submitted_on=day("2025-05-01")) == "submitted"

    def test_missed_for_a_stored_row_of_plain_text(self):
        assert self.of("2025-04-03", kind="extension") == "missed"

    def test_cancelled_before_and_after_its_day(self):
        assert self.of("2025-04-01", kind="six_month", cancelled=True) == "cancelled"
        assert self.of("2025-04-03", kind="six_month", cancelled=True) == "cancelled"

    def test_a_waiver_stays_a_waiver(self):
        assert self.of("2025-04-03", waived=True) == "waived"
        submitted = {"submitted_on": day("2025-05-01"), "met_on": day("2025-05-02")}
        assert self.of("2025-06-01", waived=True, **submitted) == "waived"

    def test_sentences_of_the_waived_and_of_the_rest(self):
        assert due.explained("Due.", Status.WAIVED) == "Due. Waived by a coordinator."
        assert {due.explained("Due.", s) for s in Status if s not in {"waived", "missed"}} == {"Due."}


class TestFixBy:
    def initial(self, policies=DEFAULT, **steps):
        return only(Kind.INITIAL, owed(episode(), [cans("2025-03-10", **steps)], policies))

    def test_is_the_due_date_when_that_is_later(self):
        assert self.initial(returned="2025-03-12").fix_by == day("2025-04-02")

    def test_is_gone_once_resubmitted_or_approved(self):
        assert self.initial().fix_by is None
        assert self.initial(returned="2025-04-03", approved="2025-04-09").fix_by is None

    def test_each_obligation_has_its_own(self):
        short = episode(day("2025-03-01"), day("2025-03-20"))
        found = owed(short, [cans("2025-03-10", returned="2025-04-03")])
        assert only(Kind.INITIAL, found).fix_by == day("2025-04-10")
        assert only(Kind.CLOSING, found).fix_by == day("2025-04-19")

    def test_the_policy_in_force_on_the_day_of_the_return(self):
        policies = [Policy(), Policy(fix_by_working_days=2, since=day("2025-04-04"))]
        for order in (policies, policies[::-1]):
            assert self.initial(order, returned="2025-04-03").fix_by == day("2025-04-10")
            assert self.initial(order, returned="2025-04-04").fix_by == day("2025-04-08")


class TestPolicy:
    SUBMITTED = Policy(six_month_anchor="submitted", since=date(2025, 6, 1))

    def six_month(self, assessed, policies):
        six = only(Kind.SIX_MONTH, owed(episode(), [cans(assessed, "2025-06-30")], policies))
        return six.due, six.why

    def test_the_anchor_follows_the_assessed_on_date(self):
        policies = (Policy(), self.SUBMITTED)
        assert self.six_month("2025-05-31", policies)[0] == day("2025-11-30")
        assert self.six_month("2025-06-01", policies) == (
            day("2025-12-30"),
            "Due Tue 30 Dec 2025: 6 months after the CANS assessed on 1 Jun 2025 "
            "was submitted on 30 Jun 2025.",
        )

    def test_the_first_policy_covers_the_days_before_it(self):
        later = Policy(since=date(2026, 1, 1))
        assert self.six_month("2025-05-20", (later, self.SUBMITTED))[0] == day("2025-12-30")

    def test_without_policies_the_defaults_hold(self):
        assert self.six_month("2025-05-20", ())[0] == day("2025-11-20")


class TestStarting:
    def ask(self, assessed, *episodes, assessments=(), today="2025-12-01"):
        return due.cans_meets(episodes, list(assessments), day(assessed), day(today))

    def test_a_first_cans(self):
        meets = self.ask("2025-03-10", episode(), today="2025-04-03")
        assert [o.kind for o in meets.obligations] == [Kind.INITIAL]
        assert meets.next_six_month == day("2025-09-10")
        assert due.on_time(meets.obligations[0]) is False
        assert due.propose_type(meets.obligations) == "initial"

    def test_a_second_is_a_reassessment(self):
        meets = self.ask("2025-09-01", episode(), assessments=[cans("2025-03-10")])
        assert [(o.kind, o.due) for o in meets.obligations] == [(Kind.SIX_MONTH, day("2025-09-10"))]
        assert due.propose_type(meets.obligations) == "reassessment"
        assert meets.next_six_month == day("2026-03-01")

    def test_an_extension(self):
        asked = episode(extensions=[day("2025-07-10")])
        meets = self.ask("2025-07-05", asked, assessments=[cans("2025-03-10")], today="2025-07-10")
        assert {o.kind for o in meets.obligations} == {Kind.SIX_MONTH, Kind.EXTENSION}
        assert due.propose_type(meets.obligations) == "extension"

    def test_a_closing_goes_before_an_extension(self):
        both = episode(closed=day("2025-07-20"), extensions=[day("2025-07-10")])
        meets = self.ask("2025-07-05", both, assessments=[cans("2025-03-10")], today="2025-07-10")
        assert due.propose_type(meets.obligations) == "closing"
        assert meets.next_six_month is None

    def test_the_first_is_initial_whatever_else_it_meets(self):
        meets = self.ask("2025-03-10", episode(closed=day("2025-03-20")))
        assert due.propose_type(meets.obligations) == "initial"

    def test_meeting_nothing(self):
        meets = self.ask("2025-03-01", episode())
        assert (meets.obligations, meets.strictest, meets.next_six_month) == ((), None, None)
        assert due.propose_type(meets.obligations) == "reassessment"

    def test_an_older_one_sets_no_date_that_a_later_one_has_met(self):
        meets = self.ask("2025-03-10", episode(), assessments=[cans("2025-09-01")])
        assert [o.kind for o in meets.obligations] == [Kind.INITIAL]
        assert meets.next_six_month is None


class TestTheList:
    def test_is_sorted_by_due_date_then_kind(self):
        opened = day("2025-03-03")
        ended = episode(opened, day("2025-09-10"), extensions=[day("2025-04-02"), day("2025-09-10")])
        found = [(o.due, o.kind.value) for o in owed(ended, [cans("2025-03-10")])]
        assert found == [
            (day("2025-04-02"), "extension"),
            (day("2025-04-02"), "initial"),
            (day("2025-09-10"), "extension"),
            (day("2025-09-10"), "six_month"),
            (day("2025-10-10"), "closing"),
        ]

    def test_does_not_depend_on_the_order_of_the_facts(self):
        episodes = [episode(key=1, closed=day("2025-06-01")), episode(day("2025-08-01"), key=2)]
        rated = [
            cans("2025-03-10", key=1),
            cans("2025-05-20", key=2),
            cans("2025-08-05", key=3),
            draft("2026-01-01"),
        ]
        assert owed(episodes, rated) == owed(episodes[::-1], rated[::-1])

    def test_sources_are_unique_within_an_episode(self):
        stays = [Stay(1, left=day("2025-05-01")), Stay(2, joined=day("2025-05-20"))]
        whole = episode(closed=day("2025-12-01"), stays=stays, extensions=[day("2025-04-10")])
        found = owed(whole, [cans("2025-03-10", key=1), cans("2025-04-10", key=2), cans("2025-06-10", key=3)])
        assert [o.source for o in found if o.kind != Kind.SIX_MONTH] == [
            "initial:1",
            "extension:x1:1",
            "initial:2",
            "closing:2",
        ]
        assert len({o.source for o in found}) == len(found)

    def test_every_sentence_fits_where_it_is_stored(self):
        whole = episode(day("2025-09-20"), day("2026-09-20") - timedelta(90), extensions=[day("2025-09-30")])
        found = owed(
            whole, [cans("2025-09-30")], [Policy(six_month_anchor="submitted", since=day("2025-01-01"))]
        )
        assert max(len(due.explained(o.why, s)) for o in found for s in Status) < 300
