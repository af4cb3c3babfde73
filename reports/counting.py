"""The numbers of a report, added up from one query, so that they cannot disagree with each other."""

import datetime
from collections import Counter
from dataclasses import dataclass

from django.db.models import Case, CharField, Count, Q, Value, When

from staff.dates import today
from staff.models import Agency, Region, User

from .overdue import KINDS, REASONS


@dataclass(frozen=True)
class Band:
    """An age in days past the due date, both ends counted; the oldest has no end."""

    key: str
    first: int
    last: int | None

    @property
    def label(self):
        return f"{self.first} to {self.last} days" if self.last else f"{self.first} days and more"

    def due_dates(self, on):
        """The due dates that are this old on that day."""
        newest = Q(due__lte=on - datetime.timedelta(days=self.first))
        return newest & Q(due__gte=on - datetime.timedelta(days=self.last)) if self.last else newest


BANDS = (Band("1-7", 1, 7), Band("8-30", 8, 30), Band("31-60", 31, 60), Band("61", 61, None))

# What a list is filtered and counted by, and the column or annotation that says it.
FACETS = {
    "region": "region_id",
    "agency": "agency_id",
    "supervisor": "supervisor",
    "clinician": "worker",
    "kind": "kind",
    "reason": "reason",
}


@dataclass(frozen=True)
class Cells:
    """How many rows there are by region, agency, supervisor, clinician, reason and age: one query,
    from which every number of the page is added up."""

    counted: Counter
    keys: tuple = (*FACETS, "age")

    def values(self, key):
        """What occurs there at all."""
        at = self.keys.index(key)
        return {cell[at] for cell in self.counted}

    def total(self, **chosen):
        return sum(number for cell, number in self.counted.items() if self._fits(cell, chosen))

    def by(self, *keys, **chosen):
        """The number of rows by these keys, among those that fit the rest."""
        at, found = [self.keys.index(key) for key in keys], Counter()
        for cell, number in self.counted.items():
            if self._fits(cell, chosen):
                found[tuple(cell[place] for place in at)] += number
        return found

    def _fits(self, cell, chosen):
        return all(cell[self.keys.index(key)] == value for key, value in chosen.items())


def count(rows, on=None):
    on = on or today()
    counted = Counter()
    cells = rows.annotate(age=_band(on)).values_list(*FACETS.values(), "age")
    for *cell, number in cells.annotate(number=Count("pk")).order_by():
        counted[tuple(cell)] += number
    return Cells(counted)


def narrowed(rows, chosen, on=None):
    """The rows that fit what was chosen: {"region": 3, "age": "8-30", …}; None stands for nobody."""
    on = on or today()
    for key, value in chosen.items():
        if key == "age":
            rows = rows.filter(next(band for band in BANDS if band.key == value).due_dates(on))
        elif value is None:
            rows = rows.filter(**{f"{FACETS[key]}__isnull": True})
        else:
            rows = rows.filter(**{FACETS[key]: value})
    return rows


def _band(on):
    return Case(
        *(When(band.due_dates(on), then=Value(band.key)) for band in BANDS),
        default=Value(""),
        output_field=CharField(),
    )


def labels(cells):
    """For each key, value → words, of what may be chosen in these cells; at most three queries."""
    people = names(User, cells.values("supervisor") | cells.values("clinician")) | {None: "Nobody"}
    return {
        "region": names(Region, cells.values("region")),
        "agency": names(Agency, cells.values("agency")),
        "supervisor": {pk: people[pk] for pk in cells.values("supervisor")},
        "clinician": {pk: people[pk] for pk in cells.values("clinician")},
        "kind": KINDS,
        "reason": {reason.value: words for reason, words in REASONS.items()},
        "age": {band.key: band.label for band in BANDS},
    }


def names(model, numbers):
    """number → name of these rows; no query where there are none."""
    wanted = [pk for pk in numbers if pk]
    return dict(model.objects.filter(pk__in=wanted).values_list("pk", "name")) if wanted else {}
