"""The due-date rules against a second reading of them, which counts single days on its fingers.

Nothing here uses the arithmetic of `cans.due` or of its calendar: holidays are spelled out from the
statutes, months are walked, and time in a case is a set of days.
"""

from datetime import date, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from cans import due
from cans.due import Cans, Episode, Extension, Stay

ONE = timedelta(days=1)
MONDAY, TUESDAY, THURSDAY, SATURDAY, SUNDAY = 0, 1, 3, 5, 6


# --- a calendar -----------------------------------------------------------------------------------


def days_of(year):
    return [date(year, 1, 1) + ONE * n for n in range(366) if (date(year, 1, 1) + ONE * n).year == year]


def weekdays_in(year, month, weekday):
    return [day for day in days_of(year) if day.month == month and day.weekday() == weekday]


def observed(day):
    """A federal holiday on a Saturday is kept on Friday, one on a Sunday on Monday."""
    return {SATURDAY: day - ONE, SUNDAY: day + ONE}.get(day.weekday(), day)


def days_off(year):
    off = {
        observed(date(year, 1, 1)),
        weekdays_in(year, 1, MONDAY)[2],  # Martin Luther King
        observed(date(year, 2, 12)),  # Lincoln
        weekdays_in(year, 2, MONDAY)[2],  # Washington
        weekdays_in(year, 3, MONDAY)[0],  # Pulaski
        weekdays_in(year, 5, MONDAY)[-1],  # Memorial
        observed(date(year, 6, 19)),
        observed(date(year, 7, 4)),
        weekdays_in(year, 9, MONDAY)[0],  # Labor
        weekdays_in(year, 10, MONDAY)[1],  # Columbus
        observed(date(year, 11, 11)),
        weekdays_in(year, 11, THURSDAY)[3],  # Thanksgiving
        observed(date(year, 12, 25)),
        observed(date(year + 1, 1, 1)),
    }
    if year % 2 == 0:
        off.add(weekdays_in(year, 11, MONDAY)[0] + ONE)  # Election Day
    return off


YEARS = range(2023, 2036)
EVERY_DAY_OFF = set().union(*(days_off(year) for year in YEARS))
WORKING = [
    day for year in YEARS for day in days_of(year) if day.weekday() < SATURDAY and day not in EVERY_DAY_OFF
]
WORKING_SET = set(WORKING)
LAST_WORKING = {}
_last = None
for _day in (day for year in YEARS for day in days_of(year)):
    _last = _day if _day in WORKING_SET else _last
    LAST_WORKING[_day] = _last


def count_on(day, n):
    for _ in range(n):
        day += ONE
    return day


def half_a_year_on(day):
    """Turn the month's page six times, then look for the day, or the last one there is."""
    year, month = day.year, day.month
    for _ in range(6):
        month += 1
        if month == 13:
            year, month = year + 1, 1
    for number in range(day.day, 0, -1):
        try:
            return date(year, month, number)
        except ValueError:
            continue
    raise AssertionError("every month has a first day")


ALL_STARTS = [day for year in range(2024, 2034) for day in days_of(year)]


@pytest.mark.parametrize("year", range(2024, 2034))
def test_every_opening_of_ten_years(year):
    for opened in days_of(year):
        (initial,) = due.obligations([Episode(1, opened, None, (Stay(1),))], [])
        expected = count_on(opened, 30)
        assert (initial.due, initial.work_by) == (expected, LAST_WORKING[expected])


@pytest.mark.parametrize("year", range(2024, 2034))
def test_every_assessed_on_date_of_ten_years(year):
    for assessed in days_of(year):
        whole = Episode(1, assessed, None, (Stay(1),))
        _initial, six = due.obligations([whole], [Cans(1, assessed, assessed)])
        expected = half_a_year_on(assessed)
        assert (six.kind, six.due, six.work_by) == ("six_month", expected, LAST_WORKING[expected])


@pytest.mark.parametrize("year", range(2024, 2034))
def test_five_working_days_after_every_return_of_ten_years(year):
    for returned in days_of(year):
        expected = [day for day in WORKING if returned < day <= returned + ONE * 20][4]
        assert due.add_working_days(returned, 5) == expected
        assert due.work_by(returned) == LAST_WORKING[returned]


def test_the_list_of_days_is_whole():
    assert len(ALL_STARTS) == 3653


# --- a second reading of the rules ----------------------------------------------------------------

SPAN = 800
FIRST = date(2024, 1, 1)


def spell(start, end):
    return {start + ONE * n for n in range((end - start).days + 1)}


def runs_of(episode):
    """Each unbroken time in the episode: its first stay's key, its days, its last day or None."""
    horizon = FIRST + ONE * (SPAN * 2)
    runs = []
    for stay in sorted(episode.stays, key=lambda s: (s.joined or date.min, s.left or date.max)):
        start = stay.joined if stay.joined and stay.joined > episode.opened else episode.opened
        days = spell(start, stay.left or horizon)
        if not days & spell(episode.opened, episode.closed or horizon):
            continue
        if runs and runs[-1]["days"] & days:
            runs[-1]["days"] |= days
            runs[-1]["left"] = stay.left
        else:
            runs.append({"key": stay.key, "days": days, "left": stay.left, "start": start})
    return runs


def read_again(episodes, assessments):
    """The same rules in the order of the specification's sentences: a set of plain tuples."""
    found = set()
    theirs = sorted((e for e in episodes if runs_of(e)), key=lambda e: e.opened)
    submitted = sorted(
        (c for c in assessments if c.first_submitted), key=lambda c: (c.assessed, c.first_submitted, c.key)
    )
    for episode in theirs:
        for run in runs_of(episode):
            belongs = [c for c in submitted if belongs_to(c, episode, run, theirs)]
            found |= read_run(episode, run, belongs)
    return found


def belongs_to(cans, episode, run, theirs):
    latest = [e for e in theirs if e.opened <= cans.assessed][-1:]
    too_late = episode.closed is not None and cans.assessed > count_on(episode.closed, 30)
    return latest == [episode] and cans.assessed in run["days"] and not too_late


def read_run(episode, run, belongs):
    found = {("initial", f"initial:{run['key']}", count_on(run["start"], 30), first_of(belongs), False, None)}
    for at, cans in enumerate(belongs):
        next_due = half_a_year_on(cans.assessed)
        meets = first_of(belongs[at + 1 :])
        after_closing = episode.closed is not None and next_due > episode.closed
        after_leaving = run["left"] is not None and next_due > run["left"]
        cancelled = meets is None and (after_closing or after_leaving)
        found.add(("six_month", f"six_month:{cans.key}", next_due, meets, cancelled, None))
    for extension in episode.extensions:
        asked = extension.requested
        if asked in run["days"] and (episode.closed is None or asked <= episode.closed):
            window = {asked - ONE * n for n in range(31)}
            fits = [c for c in belongs if c.assessed in window and not c.first_submitted > asked]
            source = f"extension:{extension.key}:{run['key']}"
            found.add(("extension", source, asked, first_of(fits), False, None))
    if episode.closed is not None and episode.closed in run["days"]:
        window = {episode.closed + ONE * n for n in range(-30, 31)}
        fits = [c for c in belongs if c.assessed in window]
        latest = count_on(episode.closed, 30)
        found.add(("closing", f"closing:{run['key']}", latest, first_of(fits), False, episode.closed))
    return found


def first_of(assessments):
    return assessments[0].key if assessments else None


def status_again(kind, due_on, cans, cancelled, today):
    if cans is None:
        if cancelled:
            return "cancelled"
        past = "missed" if kind == "extension" else "overdue"
        return past if due_on < today else "due"
    if cans.approved:
        return "met"
    if not cans.returned:
        return "submitted"
    after_return = [day for day in WORKING if day > cans.returned]
    fix_by = sorted([due_on, after_return[4]])[1]
    return "returned_overdue" if fix_by < today else "returned"


# --- random worlds --------------------------------------------------------------------------------

moments = st.integers(0, SPAN).map(lambda n: FIRST + ONE * n)
near = st.sampled_from([-31, -30, -29, -1, 0, 1, 29, 30, 31])


@st.composite
def worlds(draw):
    """One child: up to three episodes one after another, stays with gaps, requests, CANS around all of
    the dates that matter."""
    cuts = sorted(draw(st.lists(moments, min_size=1, max_size=6)))
    stays = draw(stays_apart())
    episodes = []
    for at in range(0, len(cuts), 2):
        opened, closed = cuts[at], cuts[at + 1] if at + 1 < len(cuts) else None
        until = closed or FIRST + ONE * SPAN
        asked = draw(st.lists(st.dates(opened, max(opened, until)), max_size=2))
        extensions = tuple(Extension(f"{at}.{n}", day) for n, day in enumerate(asked))
        episodes.append(Episode(at, opened, closed, stays, extensions))
    assume(len({e.opened for e in episodes}) == len(episodes))
    matter = [day for e in episodes for day in (e.opened, e.closed, *(x.requested for x in e.extensions))]
    matter += [day for stay in stays for day in (stay.joined, stay.left)]
    edges = st.builds(lambda day, n: day + ONE * n, st.sampled_from([d for d in matter if d]), near)
    assessed = draw(st.lists(st.one_of(moments, edges), max_size=7))
    return episodes, [draw(a_cans(key, day)) for key, day in enumerate(assessed)]


@st.composite
def stays_apart(draw):
    cuts = sorted(draw(st.lists(moments, max_size=5)))
    stays = []
    if draw(st.booleans()) or not cuts:
        stays.append(Stay("from the opening", None, cuts.pop(0) if cuts else None))
    for at in range(0, len(cuts), 2):
        stays.append(Stay(f"stay {at}", cuts[at], cuts[at + 1] if at + 1 < len(cuts) else None))
    return tuple(stays)


@st.composite
def a_cans(draw, key, assessed):
    if draw(st.integers(0, 9)) == 0:
        return Cans(key, assessed)
    submitted = assessed + ONE * draw(st.integers(0, 45))
    decided = submitted + ONE * draw(st.integers(0, 20))
    return draw(
        st.sampled_from(
            [
                Cans(key, assessed, submitted),
                Cans(key, assessed, submitted, approved=decided),
                Cans(key, assessed, submitted, returned=decided),
            ]
        )
    )


@given(worlds())
def test_obligations_of_any_child(world):
    episodes, assessments = world
    found = due.obligations(episodes, assessments)
    assert {(o.kind, o.source, o.due, o.met_by, o.cancelled, o.target) for o in found} == read_again(*world)
    assert len({(o.episode, o.source) for o in found}) == len(found)
    assert found == sorted(found, key=lambda o: (o.due, str(o.kind)))


@given(worlds(), st.integers(-10, SPAN + 400).map(lambda n: FIRST + ONE * n))
def test_statuses_of_any_child_on_any_day(world, today):
    episodes, assessments = world
    by_key = {cans.key: cans for cans in assessments}
    for o in due.obligations(episodes, assessments):
        cans = by_key.get(o.met_by)
        assert due.status(o, today) == status_again(o.kind, o.due, cans, o.cancelled, today)
        assert due.on_time(o) == (cans and cans.first_submitted <= o.due)
        assert (o.submitted_on, o.met_on) == ((cans.first_submitted, cans.approved) if cans else (None, None))
        assert o.work_by == LAST_WORKING[o.due]


@given(worlds(), moments, st.integers(0, 40))
def test_starting_tells_what_submitting_then_does(world, assessed, days):
    episodes, assessments = world
    today = assessed + ONE * days
    told = due.cans_meets(episodes, assessments, assessed, today)
    does = read_again(episodes, [*assessments, Cans(len(assessments), assessed, today)])
    key = len(assessments)
    assert {(o.kind, o.due) for o in told.obligations} == {(o[0], o[2]) for o in does if o[3] == key}
    sets = [o[2] for o in does if o[1] == f"six_month:{key}" and o[3] is None and not o[4]]
    assert told.next_six_month == (sets[0] if sets else None)


@given(worlds(), moments)
def test_a_cans_outside_every_episode_changes_nothing(world, assessed):
    episodes, assessments = world
    assume(due.episode_of(episodes, assessed) is None)
    stray = Cans("stray", assessed, assessed)
    assert due.obligations(episodes, [*assessments, stray]) == due.obligations(episodes, assessments)


@given(worlds(), moments)
def test_what_nothing_meets_knows_the_days_of_a_cans_that_would(world, assessed):
    episodes, assessments = world
    for o in due.obligations(episodes, assessments):
        if o.met_by is not None:
            assert (o.assessed_from, o.assessed_through) == (None, None)
            continue
        today = assessed if o.kind == due.Kind.EXTENSION else FIRST + ONE * 2 * SPAN
        told = due.cans_meets(episodes, assessments, assessed, today)
        within = o.assessed_from <= assessed <= (o.assessed_through or date.max)
        assert within == ((o.episode, o.source) in {(met.episode, met.source) for met in told.obligations})
