"""What stands beside a page: what the help has about it, without a query for each page.

Each process keeps what is shown for a minute: in the one where somebody edits it is new at once,
in the others a minute later.
"""

import time
from dataclasses import dataclass, field

from django.template.loader import render_to_string
from django.utils.safestring import mark_safe

from staff.dates import today

from .models import Entry

KEPT_FOR = 60  # seconds
HOME = "home"
FOLDED = (Entry.Kind.QUESTION, Entry.Kind.RESOURCE, Entry.Kind.CONTACT)


@dataclass
class Kept:
    until: float
    entries: list = field(default_factory=list)
    html: dict = field(default_factory=dict)


_kept = Kept(until=0)


def beside(place):
    """HTML for a page, and "" for most."""
    kept, day = _now(), today()
    if (place, day) not in kept.html:
        kept.html[place, day] = _rendered(kept.entries, place, day)
    return kept.html[place, day]


def forget():
    """Something was edited: whoever asks next reads it anew."""
    global _kept
    _kept = Kept(until=0)


def _now():
    global _kept
    if _kept.until < time.monotonic():
        rows = Entry.objects.filter(shown=True)
        columns = rows.order_by("-starts", "position", "title").only(
            "slug", "kind", "title", "summary", "places", "starts", "ends", "position", "shown"
        )
        _kept = Kept(until=time.monotonic() + KEPT_FOR, entries=list(columns))
    return _kept


def _rendered(entries, place, day):
    """Every notice is on the home page too, whatever page it is about."""
    here = [one for one in entries if one.starts <= day and (one.ends is None or day <= one.ends)]
    notices = [
        one for one in here if one.kind == Entry.Kind.NOTICE and (place == HOME or place in one.places)
    ]
    guides = _about(here, place, Entry.Kind.GUIDE)
    more = [one for kind in FOLDED for one in _about(here, place, kind)]
    if not notices and not guides and not more:
        return ""
    html = render_to_string("guidance/_beside.html", {"notices": notices, "guides": guides, "more": more})
    # Plain ASCII, as the pages are that stand beside it: they are encoded a hundred times as fast.
    return mark_safe(html.strip().encode("ascii", "xmlcharrefreplace").decode())  # noqa: S308  (a template's)


def _about(entries, place, kind):
    found = [one for one in entries if one.kind == kind and place in one.places]
    return sorted(found, key=lambda one: (one.position, one.title))
