"""A list as one person asked for it: their rows, their filters, the numbers and where each leads."""

from dataclasses import dataclass

from django.core.paginator import Paginator

from . import counting, rows
from .forms import NOBODY, Filters

PAGE = 50
CROSSINGS = {
    "reason": "Why",
    "region": "Region",
    "agency": "Agency",
    "supervisor": "Supervisor",
    "clinician": "Clinician",
}


@dataclass(frozen=True)
class Number:
    """A count, the words for it, and the query string that opens exactly the rows it counts."""

    words: str
    count: int
    query: str
    current: bool = False


class Listing:
    """`query` is the address's own QueryDict. Where a filter asks for what is not there, the list is
    empty and the form says so: it never shows more than was asked for."""

    def __init__(self, found, query, *, keys=(*counting.FACETS, "age"), groups=rows.GROUPS, on=None):
        self.on, self.query, self.groups = on, query, groups
        self.cells = counting.count(found, on)
        self.words = counting.labels(self.cells)
        self.form = Filters(query, words=self.words, keys=keys)
        self.chosen = self.form.chosen()
        self.sort = _known(query.get("sort", ""), rows.ORDERS) or "due"
        self.by = query.get("by") if query.get("by") in CROSSINGS else "reason"
        self.found = found.none() if self.chosen is None else counting.narrowed(found, self.chosen, on)

    @property
    def total(self):
        return 0 if self.chosen is None else self.cells.total(**self.chosen)

    def page(self):
        ordered = rows.in_order(self.found, self.sort)
        pages = Paginator(ordered, PAGE)
        pages.count = self.total  # added up already
        page = pages.get_page(self.query.get("page"))
        page.object_list = rows.shown(page.object_list, self.on) if self.total else []
        return page

    def all_rows(self):
        return rows.shown(rows.in_order(self.found, self.sort), self.on)

    def ages(self):
        """The number of rows in each band, all other filters kept."""
        if self.chosen is None:
            return []
        others = _without(self.chosen, "age")
        counted = self.cells.by("age", **others)
        return [
            Number(
                band.label,
                counted[(band.key,)],
                self.leads(age=band.key),
                self.chosen.get("age") == band.key,
            )
            for band in counting.BANDS
        ] + [Number("in all", sum(counted.values()), self.leads(age=None), "age" not in self.chosen)]

    def crossing(self):
        """One line a region, agency, person or reason: its words, its bands, its sum."""
        if self.chosen is None:
            return []
        counted = self.cells.by(self.by, "age", **_without(self.chosen, "age", self.by))
        words = self.words[self.by]
        lines = sorted({value for value, _ in counted}, key=lambda value: (value is None, words[value]))
        return [(words[value], self._line(counted, value)) for value in lines]

    def _line(self, counted, value):
        here = {self.by: NOBODY if value is None else value}
        in_bands = [
            Number(band.label, counted[value, band.key], self.leads(**here, age=band.key))
            for band in counting.BANDS
        ]
        total = sum(number.count for number in in_bands)
        return [*in_bands, Number("in all", total, self.leads(**here, age=None))]

    def leads(self, **changes):
        """The query string of the same list with these filters set, or taken away where None."""
        query = self.query.copy()
        for key, value in {"page": None, **changes}.items():
            if value is None:
                query.pop(key, None)
            else:
                query[key] = value
        return query.urlencode()

    @property
    def columns(self):
        return [column for group in self.groups for column in group]

    @property
    def bands(self):
        return counting.BANDS

    @property
    def crossing_words(self):
        return CROSSINGS[self.by]

    def crossings(self):
        return [(words, self.leads(by=key), key == self.by) for key, words in CROSSINGS.items()]


def _known(sort, orders):
    return sort if sort.removeprefix("-") in orders else ""


def _without(chosen, *keys):
    return {key: value for key, value in chosen.items() if key not in keys}
