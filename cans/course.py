"""How a child's domains went from CANS to CANS: items counted as everywhere, ratings never added up."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from .comparison import Profile, profile_by_section
from .instrument import Item, ItemKind, sections

# What is counted of a kind of item, and how it is called.
COUNTED: Mapping[ItemKind, tuple[str, Callable[[Profile], int]]] = {
    ItemKind.NEED: ("actionable needs", lambda profile: len(profile.actionable)),
    ItemKind.STRENGTH: ("usable strengths", lambda profile: len(profile.usable)),
    ItemKind.EXPOSURE: ("exposures", lambda profile: len(profile.present)),
}
# Of the drawing: from CANS to CANS on the average, around it, from none to the highest.
STEP, EDGE, HEIGHT = 24, 4, 24


@dataclass(frozen=True)
class Rated:
    """What was to rate for the child in one CANS, how it was rated, and the day it is about."""

    items: Sequence[Item]
    ratings: Mapping[str, str]
    on: date


@dataclass(frozen=True)
class Line:
    """One domain, oldest CANS first; None where the domain was not rated.

    `highest` is the highest count of all lines: drawn on one scale, they can be compared. Along it go the
    days: what lies far apart stands far apart.
    """

    title: str
    counted: str
    counts: tuple[int | None, ...]
    days: tuple[date, ...]
    highest: int

    @property
    def last(self) -> int | None:
        return self.counts[-1]

    @property
    def words(self) -> str:
        return ", ".join("not rated" if count is None else str(count) for count in self.counts)

    @property
    def width(self) -> int:
        return (len(self.counts) - 1) * STEP + 2 * EDGE

    @property
    def height(self) -> int:
        return HEIGHT + 2 * EDGE

    @property
    def path(self) -> str:
        """The line as an SVG path, broken where the domain was not rated."""
        path, drawn = "", False
        for point in self._points:
            if point:
                path += f"{'L' if drawn else 'M'}{point}"
            drawn = bool(point)
        return path

    @property
    def dots(self) -> str:
        return "".join(f"M{point}h0" for point in self._points if point)

    @property
    def _points(self) -> list[str]:
        """One for each CANS, empty where the domain was not rated."""
        return [
            ""
            if count is None
            else f"{EDGE + self._across(day)} {EDGE + HEIGHT - round(HEIGHT * count / self.highest)}"
            for day, count in zip(self.days, self.counts, strict=True)
        ]

    def _across(self, day: date) -> int:
        whole = (self.days[-1] - self.days[0]).days
        return round((self.width - 2 * EDGE) * (day - self.days[0]).days / whole) if whole else 0


def lines(course: Sequence[Rated]) -> tuple[Line, ...]:
    """One for each kind of item in each domain that the last CANS rates, in the form's order."""
    if not course:
        return ()
    profiles = [profile_by_section(rated.items, rated.ratings) for rated in course]
    found = []
    for section in sections(course[-1].items):
        for kind in dict.fromkeys(item.kind for item in section.items):
            counted, number = COUNTED[kind]
            counts = (number(one[section.key]) if section.key in one else None for one in profiles)
            found.append((section.title, counted, tuple(counts)))
    highest = max((count or 0 for *_, counts in found for count in counts), default=0) or 1
    days = tuple(rated.on for rated in course)
    return tuple(Line(title, counted, counts, days, highest) for title, counted, counts in found)
