"""Calendar arithmetic of the due dates, and how a date is written. Pure; a day is a plain date."""

import calendar
from datetime import date, timedelta
from functools import cache, lru_cache

import holidays

_DAY = timedelta(days=1)
_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_FIRST_WEEKEND_DAY = 5


@cache
def _holidays(year: int) -> frozenset[date]:
    """The state's holidays of a year; kept, because building them costs more than all the rest."""
    return frozenset(holidays.country_holidays("US", subdiv="IL", years=year))


def is_working_day(day: date) -> bool:
    return day.weekday() < _FIRST_WEEKEND_DAY and day not in _holidays(day.year)


@lru_cache(maxsize=16384)
def work_by(day: date) -> date:
    """The last working day on or before `day`."""
    while not is_working_day(day):
        day -= _DAY
    return day


@lru_cache(maxsize=16384)
def add_working_days(day: date, n: int) -> date:
    """The n-th working day after `day`, which itself does not count."""
    for _ in range(n):
        day += _DAY
        while not is_working_day(day):
            day += _DAY
    return day


def add_months(day: date, n: int) -> date:
    """The same day n months on, or the month's last day where it is shorter."""
    years, month = divmod(day.month - 1 + n, 12)
    year, month = day.year + years, month + 1
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


def written(day: date) -> str:
    """3 Mar 2025, in English whatever the server's locale."""
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def written_with_weekday(day: date) -> str:
    return f"{_WEEKDAYS[day.weekday()]} {written(day)}"
