"""Acts and readings as one list, newest first: the numbers of a page of it, then its rows."""

import datetime
from itertools import chain

from django.db.models import CharField, OuterRef, Subquery, Value

from audit.models import Event, Reading
from cases.models import Case, Child
from staff.models import Role

from . import words

# How long after opening a record an act still counts as done on that grant: as long as a sign-in lasts.
SITTING = datetime.timedelta(hours=12)


def both(events, readings):
    """Keys only, so that the two tables need no columns in common."""
    columns = ("at", "table", "pk")
    acts = events.order_by().annotate(table=Value("event", output_field=CharField()))
    opened = readings.order_by().annotate(table=Value("reading", output_field=CharField()))
    return acts.values(*columns).union(opened.values(*columns), all=True).order_by("-at", "table", "-pk")


def told(keys, user):
    """The rows behind the keys, in words: always as many queries, however many rows."""
    keys = list(keys)
    events = _events([key["pk"] for key in keys if key["table"] == "event"])
    wanted = [key["pk"] for key in keys if key["table"] == "reading"]
    before = [event.opened_before for event in events.values() if event.opened_before]
    readings = Reading.objects.in_bulk([*wanted, *before])
    rows = [
        _act(events[key["pk"]], readings) if key["table"] == "event" else _opening(readings[key["pk"]])
        for key in keys
    ]
    _name(rows, user)
    return rows


def _events(pks):
    """With the number of the same person's last opening of the case, which names their grant."""
    opened = Reading.objects.filter(
        reader_number=OuterRef("actor_number"), case_number=OuterRef("case_number"), at__lte=OuterRef("at")
    )
    before = Subquery(opened.order_by("-at", "-pk").values("pk")[:1])
    return Event.objects.annotate(opened_before=before).in_bulk(pks)


def _act(event, readings):
    before = readings.get(event.opened_before)
    under = before.grant if before and event.at - before.at <= SITTING else ""
    return {
        "at": event.at,
        "who": event.actor_label,
        "what": words.act(event.action),
        "about": words.subject(event.subject, event.detail) if not event.subject.startswith("case ") else "",
        "grant": "Nothing" if event.kind == Event.Kind.DENIAL else words.grant(under),
        "case_number": event.case_number,
        "shown": [],
    }


def _opening(reading):
    return {
        "at": reading.at,
        "who": reading.reader_label,
        "what": words.page(reading.page),
        "about": "",
        "grant": words.grant(reading.grant),
        "case_number": reading.case_number,
        "shown": reading.children,
    }


def _name(rows, user):
    """Put the case with each row, and the children who were shown; an administrator sees no child."""
    listed = Case.objects.listed_to(user)
    cases = listed.only("number", "name").in_bulk({row["case_number"] for row in rows})
    shown = set() if user.role == Role.ADMINISTRATOR else set(chain(*(row["shown"] for row in rows)))
    names = dict(Child.objects.filter(pk__in=shown, memberships__case__in=cases).values_list("pk", "name"))
    for row in rows:
        row["case"] = cases.get(row["case_number"])
        row["children"] = ", ".join(names[pk] for pk in row["shown"] if pk in names)
