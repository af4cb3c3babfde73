"""The change report: its numbers, and the rows behind each of them."""

from collections import Counter, defaultdict
from dataclasses import dataclass

from django.core.paginator import Paginator
from django.shortcuts import render
from django.views.decorators.http import require_safe

from cans.comparison import Change
from cans.instrument import ItemKind, Subject
from cans.models import InstrumentVersion
from staff.dates import today
from staff.models import Agency, Region
from staff.policy import may_enter, policy
from staff.step_up import step_up

from . import change, definitions
from .counting import Number, names
from .downloads import download, page_of_file
from .forms import ABSENT, IN_ORDER, AsOf, Filters
from .listing import PAGE, Bar, leads
from .readings import note_shown

OF_CHILD = ("years", "status", "agency", "region")
OF_ROWS = ("domain", "item", "change")
# What the numbers are counted by, and how that is called.
COUNTED_BY = {"domain": "Domain", "years": "Age", "status": "Status", "agency": "Agency", "region": "Region"}
A_TIME = 1000  # rows named in one go


@dataclass(frozen=True)
class Line:
    """A domain or an item, with its numbers; `query` opens the domain."""

    words: str
    numbers: list
    query: str = ""


class Report:
    """`query` is the address's own QueryDict, `on` the day it is asked about, None where there is none. The
    numbers follow the filters of the child; the domain, the item and the change choose the rows, and so does
    what lists the children themselves."""

    def __init__(self, user, query, on):
        self.query = query
        pairs = change.pairs(user, on) if on else []
        version = InstrumentVersion.objects.filter(active=True).first()
        self.domains = version.instrument.domains(Subject.CHILD) if version else ()
        self.form = Filters(query, words=self._words(pairs), keys=(*OF_CHILD, *OF_ROWS))
        self.chosen = self.form.chosen()
        self.pairs = [] if self.chosen is None else [pair for pair in pairs if self._fits(pair)]
        self.counted = change.tally(self.pairs)
        self.by = query.get("by") if query.get("by") in COUNTED_BY else next(iter(COUNTED_BY))
        self.children = self.chosen is not None and query.get("show") == "children"

    def _words(self, pairs):
        return {
            "years": change.AGE_WORDS,
            "status": change.STATUS_WORDS,
            "agency": names(Agency, {pair.agency for pair in pairs}),
            "region": names(Region, {pair.region for pair in pairs}),
            "domain": {domain.key: domain.title for domain in self.domains},
            "item": {item.code: item.label for domain in self.domains for item in domain.items},
            "change": change.WORDS,
        }

    def _fits(self, pair):
        return all(getattr(pair, key) == self.chosen[key] for key in OF_CHILD if key in self.chosen)

    @property
    def asked(self):
        """What of the rows is chosen; nothing, and no rows are shown."""
        return {key: self.chosen[key] for key in OF_ROWS if key in self.chosen} if self.chosen else {}

    def rows(self):
        if self.children:
            return self.pairs
        if not self.asked:
            return []
        wanted = Change(self.asked["change"]) if "change" in self.asked else None
        return list(change.rows(self.pairs, self._codes(), wanted))

    def _codes(self):
        return {
            item.code
            for domain in self.domains
            for item in domain.items
            if self.asked.get("domain", domain.key) == domain.key
            and self.asked.get("item", item.code) == item.code
        }

    @property
    def columns(self):
        return change.CHILDREN if self.children else change.COLUMNS

    def shown(self, rows):
        return change.children(rows) if self.children else change.shown(rows)

    def whose(self, rows):
        """(case, child) of each of these rows."""
        pairs = rows if self.children else (pair for pair, *_ in rows)
        return [(pair.case, pair.child) for pair in pairs]

    @property
    def by_words(self):
        return COUNTED_BY[self.by]

    def crossings(self):
        return [(words, leads(self.query, by=key), key == self.by) for key, words in COUNTED_BY.items()]

    def totals(self, kind):
        """By domain of all of them; by anything else of the domain or the item that is chosen."""
        if self.by == "domain":
            return self._numbers(kind, self._sum(kind, self._items(kind)), domain=None, item=None)
        return self._numbers(kind, self._sum(kind, self._chosen_items(kind)))

    def lines(self, kind):
        """A line a domain that has such items; or one an age, a status, an agency, a region."""
        return self._by_domain(kind) if self.by == "domain" else self._by_child(kind)

    def _by_child(self, kind):
        pairs = defaultdict(list)
        for pair in self.pairs:
            pairs[getattr(pair, self.by)].append(pair)
        words, items, found = self._words(self.pairs)[self.by], self._chosen_items(kind), []
        for value in sorted(pairs, key=list(words).index if self.by in IN_ORDER else words.get):
            counted = change.tally(pairs[value])
            numbers = self._numbers(kind, self._sum(kind, items, counted), **{self.by: value})
            found.append(Line(words[value], numbers))
        return found

    def _by_domain(self, kind):
        return [
            Line(
                domain.title,
                self._numbers(kind, self._sum(kind, items), domain=domain.key, item=None),
                self._leads(domain=domain.key, item=None, change=None),
            )
            for domain in self.domains
            if (items := [item for item in domain.items if item.kind is kind])
        ]

    def items(self, kind):
        """A line an item of the domain that is chosen."""
        return [
            Line(item.label, self._numbers(kind, self.counted[item.code], item=item.code))
            for domain in self.domains
            for item in domain.items
            if item.kind is kind and domain.key == self.asked.get("domain")
        ]

    def bars(self, kind):
        """Of the needs there were, the part that is met; of the strengths to build, the part that is."""
        reached, rest = REACHED[kind]
        found = []
        for domain in self.domains:
            counted = self._sum(kind, [item for item in domain.items if item.kind is kind])
            whole = counted[reached] + counted[rest]
            if whole:
                query = self._leads(change=reached, domain=domain.key, item=None)
                found.append(Bar.of_whole(domain.title, counted[reached], whole, query))
        return found

    def all_children(self):
        """How many there are to compare, and where they are listed."""
        query = self._leads(show="children", domain=None, item=None, change=None)
        return Number("children", len(self.pairs), query)

    def _chosen_items(self, kind):
        codes = self._codes()
        return [item for item in self._items(kind) if item.code in codes]

    def _items(self, kind):
        return [item for domain in self.domains for item in domain.items if item.kind is kind]

    def _sum(self, kind, items, counted=None):
        counted = self.counted if counted is None else counted
        return sum((counted[item.code] for item in items), Counter())

    def _numbers(self, kind, counted, **where):
        return [
            Number(change.WORDS[one], counted[one], self._leads(change=one, **where))
            for one in change.COUNTED[kind]
        ]

    def _leads(self, **changes):
        return leads(self.query, **{"show": None, **changes})

    def in_words(self):
        if self.chosen is None:
            return [("Filter", "one that is not in this list, so no row")]
        words = self._words(self.pairs)
        labels = {key: self.form.fields[key].label for key in self.chosen}
        return [(labels[key], words[key].get(value, ABSENT)) for key, value in self.chosen.items()]


# What is looked for, and what else it might have come to.
REACHED = {ItemKind.NEED: (Change.MET, Change.ONGOING), ItemKind.STRENGTH: (Change.BUILT, Change.NONE)}


@policy("report.overdue")
@require_safe
def changes(request):
    as_of = AsOf(request.GET)
    report = Report(request.user, request.GET, as_of.day)
    rows = report.rows()
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    shown = report.shown(page.object_list)
    note_shown("change report", by=request.user, shown=report.whose(page.object_list))
    context = {
        "report": report,
        "form": report.form,
        "page": page,
        "rows": shown,
        "kinds": [_of_kind(report, kind) for kind in change.COUNTED],
        "as_of": as_of,
        "past": as_of.day is not None and as_of.day < today(),
        "definition": definitions.CHANGE,
        "meanings": definitions.CHANGES,
        "domain": next((one.title for one in report.domains if one.key == report.asked.get("domain")), ""),
        "chosen": _chosen_words(report),
        "leads": leads(request.GET),
        "this_page": request.resolver_match.view_name,
        "saved": request.user.saved_views.filter(page=request.resolver_match.view_name),
        "coordinates": may_enter(request.user, "case.coordinate"),
        "reviews": may_enter(request.user, "assessment.review"),
    }
    return render(request, "reports/change.html", context)


def _chosen_words(report):
    """Of which domain or item the numbers by something else are."""
    return ", ".join(words for what, words in report.in_words() if what in ("Domain", "Item"))


def _of_kind(report, kind):
    return {
        "kind": kind.value,
        "heading": HEADINGS[kind],
        "pictured": PICTURED[kind],
        "headings": [change.WORDS[one] for one in change.COUNTED[kind]],
        "totals": report.totals(kind),
        "lines": report.lines(kind),
        "items": report.items(kind),
        "bars": report.bars(kind),
    }


HEADINGS = {ItemKind.NEED: "Needs", ItemKind.STRENGTH: "Strengths"}
PICTURED = {
    ItemKind.NEED: "Needs met, of those there were",
    ItemKind.STRENGTH: "Strengths built, of those to build",
}


@policy("report.overdue")
@require_safe
@step_up
def changes_file(request, file_format):
    as_of = AsOf(request.GET)
    if as_of.day is None:
        return page_of_file(request)
    report = Report(request.user, request.GET, as_of.day)
    found = report.rows()
    rows = [
        row for start in range(0, len(found), A_TIME) for row in report.shown(found[start : start + A_TIME])
    ]
    return download(
        request,
        "change",
        rows,
        report.columns,
        file_format,
        shown=report.whose(found),
        definition=definitions.CHANGE,
        as_of=as_of.day,
        filters=report.in_words(),
    )
