"""How a child's domains went from CANS to CANS: items counted as everywhere, ratings never added up."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from .comparison import Profile, profile_by_section
from .instrument import Item, ItemKind, sections

# What is counted of a kind of item, and how it is called.
COUNTED: Mapping[ItemKind, tuple[str, Callable[[Profile], int]]] = {
    ItemKind.NEED: ("actionable needs", lambda profile: len(profile.actionable)),
    ItemKind.STRENGTH: ("usable strengths", lambda profile: len(profile.usable)),
    ItemKind.EXPOSURE: ("exposures", lambda profile: len(profile.present)),
}
STEP, EDGE, HEIGHT = 24, 4, 24  # of the drawing: from CANS to CANS, around it, from none to the highest


@dataclass(frozen=True)
class Rated:
    """What was to rate for the child in one CANS, and how it was rated."""

    items: Sequence[Item]
    ratings: Mapping[str, str]


@dataclass(frozen=True)
class Line:
    """One domain, oldest CANS first; None where the domain was not rated.

    `highest` is the highest count of all lines: drawn on one scale, they can be compared.
    """

    title: str
    counted: str
    counts: tuple[int | None, ...]
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
            else f"{EDGE + at * STEP} {EDGE + HEIGHT - round(HEIGHT * count / self.highest)}"
            for at, count in enumerate(self.counts)
        ]


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
    return tuple(Line(title, counted, counts, highest) for title, counted, counts in found)
