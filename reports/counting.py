"""The numbers of a report, added up from one query, so that they cannot disagree with each other."""

import datetime
from collections import Counter
from dataclasses import dataclass
from itertools import compress

from django.db.models import Case, CharField, Q, Value, When
from django.db.models.functions import Cast, Substr

from staff.dates import today
from staff.models import Agency, Region, User

from .overdue import DESKS, KINDS, REASONS, Credentials, Reason, supervisors_on


@dataclass(frozen=True)
class Band:
    """Days past the due date, both ends counted; the oldest has no end."""

    key: str
    first: int
    last: int | None

    @property
    def label(self):
        return f"{self.first} to {self.last} days" if self.last else f"{self.first} days and more"

    def condition(self, on):
        """The rows whose due dates are this old on that day."""
        newest = Q(due__lte=on - datetime.timedelta(days=self.first))
        return newest & Q(due__gte=on - datetime.timedelta(days=self.last)) if self.last else newest


@dataclass(frozen=True)
class Span(Band):
    """Days until the due date, both ends counted."""

    def condition(self, on):
        return Q(
            due__gte=on + datetime.timedelta(days=self.first),
            due__lte=on + datetime.timedelta(days=self.last),
        )


@dataclass(frozen=True)
class Number:
    """A count, the words for it, and the query string that opens exactly the rows it counts."""

    words: str
    count: int
    query: str
    current: bool = False


YES, NO = "yes", "no"

# What a list is filtered and counted by, and the column or annotation that says it. A supervisor is told
# from the worker: to ask for the line of every row would cost as much as all else.
OF_CASE = {
    "region": "case__region_id",
    "lan": "case__lan",
    "agency": "case__agency_id",
    "supervisor": "worker",
    "clinician": "worker",
}
FACETS = {
    "region": "region_id",
    "lan": "lan",
    "agency": "agency_id",
    "supervisor": "worker",
    "clinician": "worker",
    "kind": "kind",
}
OF_OPEN = FACETS | {"reason": "reason", "desk": "desk"}


@dataclass(frozen=True)
class Scale:
    """What the columns of a list's numbers are: the key in the address, the bands, and all else that it is
    counted by. A band has a key, a label and the condition that puts a row in it on a day. `beside` are
    columns that nothing is filtered by, but that a number of the page is made of."""

    key: str
    bands: tuple
    facets: dict
    beside: tuple = ()

    @property
    def keys(self):
        return (*self.facets, self.key)

    def band(self, key):
        return next(band for band in self.bands if band.key == key)


BANDS = (Band("1-7", 1, 7), Band("8-30", 8, 30), Band("31-60", 31, 60), Band("61", 61, None))
SPANS = (Span("0-14", 0, 14), Span("15-30", 15, 30), Span("31-60", 31, 60))
LATE = Scale("age", BANDS, OF_OPEN)


def ahead(within):
    """Of what falls due within so many days: spans further ahead are not among its rows."""
    spans = tuple(span for span in SPANS if span.first <= within)
    return Scale("ahead", spans, OF_OPEN | {"credentials": "credentials"})


@dataclass(frozen=True)
class Cells:
    """The rows as columns, one a facet, one for the bands of the scale and those beside them: one query, from
    which every number of the page is added up."""

    columns: dict

    def values(self, key):
        """What occurs there at all."""
        return set(self.columns.get(key, ()))

    def total(self, **chosen):
        return self.by(next(iter(self.columns)), **chosen).total()

    def by(self, *keys, **chosen):
        """The number of rows by these keys, among those that fit the rest."""
        of_keys = [self.columns[key] for key in keys]
        if not chosen:
            return Counter(zip(*of_keys, strict=True))
        wanted = tuple(chosen.values())
        fits = [row == wanted for row in zip(*(self.columns[key] for key in chosen), strict=True)]
        return Counter(zip(*(compress(column, fits) for column in of_keys), strict=True))


def count(rows, on=None, scale=LATE, keys=None):
    """These rows by the facets and bands of a scale, or by those of them that are named."""
    on, keys = on or today(), keys or (*scale.keys, *scale.beside)
    return cells(counted(rows, on, scale, keys), on, scale, keys)


def counted(rows, on, scale, keys):
    """The question behind `count`, which makes `cells` of its answer: each column once."""
    return rows.annotate(band=_band(on, scale)).order_by().values_list(*dict.fromkeys(_fields(scale, keys)))


def cells(found, on, scale, keys):
    fields = _fields(scale, keys)
    by_field = dict(zip(dict.fromkeys(fields), zip(*found, strict=True), strict=False))
    columns = {key: by_field.get(field, ()) for key, field in zip(keys, fields, strict=True)}
    if "supervisor" in columns:
        supervisors = supervisors_on(on)
        columns["supervisor"] = tuple(map(supervisors.get, columns["supervisor"]))
    return Cells(columns)


def _fields(scale, keys):
    return ["band" if key == scale.key else scale.facets.get(key, key) for key in keys]


def narrowed(rows, chosen, on=None, scale=LATE):
    """The rows that fit what was chosen: {"region": 3, "age": "8-30", …}; None stands for nobody."""
    on = on or today()
    for key, value in chosen.items():
        if key == scale.key:
            rows = rows.filter(scale.band(value).condition(on))
        elif key == "supervisor":
            rows = rows.filter(_in_line(scale.facets[key], value, on))
        elif value is None:
            rows = rows.filter(**{f"{scale.facets[key]}__isnull": True})
        else:
            rows = rows.filter(**{scale.facets[key]: value})
    return rows


def _in_line(worker, supervisor, on):
    """Those whose worker is in the line of this supervisor; of None, in nobody's, or nobody works there."""
    supervisors = supervisors_on(on)
    if supervisor is None:
        return Q(**{f"{worker}__isnull": True}) | ~Q(**{f"{worker}__in": list(supervisors)})
    return Q(**{f"{worker}__in": [person for person, theirs in supervisors.items() if theirs == supervisor]})


def _band(on, scale):
    return Case(
        *(When(band.condition(on), then=Value(band.key)) for band in scale.bands),
        default=Value(""),
        output_field=CharField(),
    )


def labels(cells, scale=LATE):
    """For each key, value → words, of what may be chosen in these cells; at most three queries."""
    of_people = {key: cells.values(key) for key in ("supervisor", "clinician", "desk")}
    people = names(User, set().union(*of_people.values())) | {None: "Nobody"}
    return {
        "region": names(Region, cells.values("region")),
        "lan": {number: f"LAN {number}" for number in sorted(cells.values("lan"))},
        "agency": names(Agency, cells.values("agency")),
        **{key: {pk: people.get(pk) for pk in found} for key, found in of_people.items()},
        "desk": {pk: DESKS.get(pk) or people[pk] for pk in of_people["desk"]},
        "kind": KINDS,
        "reason": _reasons(cells),
        "credentials": {one.value: one.label for one in Credentials},
        "approved": {YES: "Approved", NO: "Not approved"},
        "month": {month: _month(month) for month in sorted(cells.values("month"), reverse=True)},
        scale.key: {band.key: band.label for band in scale.bands},
    }


def _reasons(cells):
    """What is missed stands in a list of its own, and what is not in none with it."""
    missed = Reason.MISSED in cells.values("reason")
    return {one.value: words for one, words in REASONS.items() if (one is Reason.MISSED) == missed}


def month_of(column):
    """The month of a day as "2026-03". Cut out of the text of it: a function for it would be one of Python's
    on SQLite, called for every row."""
    return Substr(as_text(column), 1, 7)


def as_text(day):
    """A day as "2026-03-01": where there are tens of thousands, making dates of them takes longer than all
    else, and hardly one is shown."""
    return Cast(day, CharField())


def _month(month):
    return f"{datetime.date.fromisoformat(f'{month}-01'):%b %Y}"


def names(model, numbers):
    """number → name of these rows; no query where there are none."""
    wanted = [pk for pk in numbers if pk]
    return dict(model.objects.filter(pk__in=wanted).values_list("pk", "name")) if wanted else {}
