"""A list as one person asked for it: their rows, their filters, the numbers and where each leads."""

from dataclasses import dataclass

from django.core.paginator import Paginator

from . import counting, definitions, rows
from .counting import Number
from .forms import ABSENT, IN_ORDER, LABELS, NOBODY, Filters
from .overdue import Credentials

PAGE = 50
CROSSINGS = {
    "month": "Month",
    "reason": "Why",
    "desk": "Desk",
    "region": "Region",
    "lan": "LAN",
    "agency": "Agency",
    "supervisor": "Supervisor",
    "clinician": "Clinician",
    "credentials": "Credentials",
}


@dataclass(frozen=True)
class Bar:
    """One bar of a picture: its words, its length in percent, what it says, and the query string of the rows
    that it stands for, where there are any."""

    words: str
    percent: int
    says: str
    query: str = ""

    @classmethod
    def of_whole(cls, words, part, whole, query):
        """As long as its part of the whole."""
        percent = round(100 * part / whole)
        return cls(words, percent, f"{part} of {whole}, {percent}%", query if part else "")


class Listing:
    """`query` is the address's own QueryDict, `on` the day it is asked about. Where a filter asks for what
    is not there, the list is empty and the form says so: it never shows more than was asked for."""

    def __init__(
        self,
        found,
        query,
        *,
        scale=counting.LATE,
        groups=rows.GROUPS,
        orders=rows.ORDERS,
        numbers=rows.NUMBERS,
        shown=rows.shown,
        on=None,
    ):
        self.on, self.query, self.scale, self.groups, self.shown = on, query, scale, groups, shown
        self.orders, self.usual_sort, self.numbers = orders, next(iter(orders)), numbers
        self.cells = counting.count(found, on, scale)
        self.words = counting.labels(self.cells, scale)
        self.form = Filters(query, words=self.words, keys=scale.keys)
        self.chosen = self.form.chosen()
        self.sort = _known(query.get("sort", ""), {key for *_, key in self.columns if key}) or self.usual_sort
        self.usual_by = next(iter(self.crossed_by))
        self.by = query.get("by") if query.get("by") in self.crossed_by else self.usual_by
        self.found = found.none() if self.chosen is None else counting.narrowed(found, self.chosen, on, scale)

    @property
    def total(self):
        return 0 if self.chosen is None else self.cells.total(**self.chosen)

    def page(self):
        ordered = rows.in_order(self.found, self.sort, self.orders)
        pages = Paginator(ordered, PAGE)
        pages.count = self.total  # added up already
        page = pages.get_page(self.query.get("page"))
        page.object_list = self.shown(page.object_list, self.on) if self.total else []
        return page

    def all_rows(self):
        return self.shown(rows.in_order(self.found, self.sort, self.orders), self.on)

    def in_bands(self):
        """The number of rows in each band, all other filters kept."""
        if self.chosen is None:
            return []
        key = self.scale.key
        counted = self.cells.by(key, **_without(self.chosen, key))
        return [
            Number(
                band.label,
                counted[(band.key,)],
                self.leads(**{key: band.key}),
                self.chosen.get(key) == band.key,
            )
            for band in self.bands
        ] + [Number("in all", sum(counted.values()), self.leads(**{key: None}), key not in self.chosen)]

    def how_many(self, **beside):
        """Of how many children, cases or episodes its rows are: words → the number of what differs in that
        column beside; it leads to the rows in an order that keeps them together."""
        if self.chosen is None:
            return {}
        return {
            words: Number(words, len(self.cells.by(column, **self.chosen)), self.leads(sort=key))
            for words, (column, key) in beside.items()
        }

    def bars(self):
        """The bands as bars, the longest of them whole."""
        numbers = self.in_bands()[:-1]
        most = max((number.count for number in numbers), default=0)
        return [
            Bar(
                number.words,
                round(100 * number.count / most),
                str(number.count),
                number.query if number.count else "",
            )
            for number in numbers
            if most
        ]

    def writers(self):
        """The number of rows whose writer may no longer enter them when they are due, by how it stands."""
        if self.chosen is None:
            return []
        counted = self.cells.by("credentials", **_without(self.chosen, "credentials"))
        return [
            Number(
                one.label.lower(),
                counted[(one.value,)],
                self.leads(credentials=one.value),
                self.chosen.get("credentials") == one.value,
            )
            for one in (Credentials.LAPSING, Credentials.LAPSED)
        ]

    def crossing(self):
        """One line a region, agency, person, reason or month: its value, its words, its bands and sum."""
        if self.chosen is None:
            return []
        key = self.scale.key
        counted = self.cells.by(self.by, key, **_without(self.chosen, key, self.by))
        words = self.words[self.by]
        there = {value for value, _ in counted}
        lines = [value for value in words if value in there]
        if self.by not in IN_ORDER:
            lines.sort(key=lambda value: (value is None, words[value]))
        return [(value, words[value], self._line(counted, value)) for value in lines]

    def _line(self, counted, value):
        key = self.scale.key
        in_bands = [
            Number(band.label, counted[value, band.key], self.leads_to(value, **{key: band.key}))
            for band in self.bands
        ]
        total = sum(number.count for number in in_bands)
        return [*in_bands, Number("in all", total, self.leads_to(value, **{key: None}))]

    def leads_to(self, value, **changes):
        """The query string of the rows of one line of the crossing."""
        return self.leads(**{self.by: NOBODY if value is None else value}, **changes)

    def leads(self, **changes):
        """The query string of the same list with these filters set, or taken away where None."""
        return leads(self.query, **changes)

    def in_words(self):
        """What the rows were narrowed to and sorted by, for whoever no longer has the address."""
        if self.chosen is None:
            return [("Filter", "one that is not in this list, so no row")]
        by = [(LABELS[key], self.words[key].get(value, ABSENT)) for key, value in self.chosen.items()]
        return [*by, ("Sorted by", self._sorted_by())]

    def _sorted_by(self):
        key = self.sort.removeprefix("-")
        heading = next(heading for heading, _, sorts in self.columns if sorts == key)
        return f"{heading}, from last to first" if self.sort.startswith("-") else heading

    def definitions(self):
        return definitions.words(self.columns)

    @property
    def columns(self):
        return [column for group in self.groups for column in group]

    @property
    def columns_of_file(self):
        return [*self.columns, *self.numbers]

    @property
    def bands(self):
        return self.scale.bands

    @property
    def crossed_by(self):
        return {key: words for key, words in CROSSINGS.items() if key in self.scale.facets}

    @property
    def crossing_words(self):
        return CROSSINGS[self.by]

    def crossings(self):
        return [(words, self.leads(by=key), key == self.by) for key, words in self.crossed_by.items()]


def leads(query, **changes):
    """The query string of an address with these set, or taken away where None; its first page."""
    query = query.copy()
    for key, value in {"page": None, **changes}.items():
        if value is None:
            query.pop(key, None)
        else:
            query[key] = value
    return query.urlencode()


def _known(sort, orders):
    return sort if sort.removeprefix("-") in orders else ""


def _without(chosen, *keys):
    return {key: value for key, value in chosen.items() if key not in keys}
