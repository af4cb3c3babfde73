"""One's own open due dates as a calendar. It leaves the house unattended, and lies in calendars that
others may see: no name, and of a case only its number in our address, which asks to sign in."""

import datetime

from django.conf import settings
from django.db.models import Q
from django.urls import reverse
from django.utils.crypto import salted_hmac
from icalendar import Calendar, Event

from cans import due
from cans.models import Obligation
from cases.models import Assignment
from staff.dates import today, written
from staff.models import User
from staff.policy import may_enter

from .models import Feed
from .overdue import KINDS, explained

AHEAD = datetime.timedelta(days=366)
EVERY = datetime.timedelta(hours=6)  # how often a calendar program is asked to fetch
FIELDS = ("case", "kind", "due", "work_by", "episode", "child", "source", "recorded_at")


def feed_at(digest):
    """The feed of this address, if its owner may still have one."""
    feed = Feed.objects.select_related("person__agency").filter(digest=digest, person__is_active=True).first()
    return feed if feed and may_enter(feed.person, "calendar") else None


def due_dates(person, on=None):
    """What is open in the cases they or their line carry, and what is on their own desk."""
    on = on or today()
    team = Q(person=person) | Q(person__in=User.objects.in_line_of(person, on).values("pk"))
    carried = Assignment.objects.current(on).carrying().filter(team).values("case")
    missed = Q(kind=due.Kind.EXTENSION, met_by__isnull=True, due__lt=on)
    owed = Obligation.objects.visible_to(person, on).unsettled().filter(due__lte=on + AHEAD).exclude(missed)
    return explained(owed).filter(Q(case__in=carried) | Q(desk=person.pk)).order_by("due", "pk")


def as_calendar(rows):
    """The text of the feed, the same until a date changes."""
    calendar = Calendar()
    calendar.add("PRODID", "-//IPS CANS//Due dates//EN")
    calendar.add("VERSION", "2.0")
    calendar.add("METHOD", "PUBLISH")
    calendar.add("X-WR-CALNAME", "CANS due dates")
    calendar.add("REFRESH-INTERVAL", EVERY, parameters={"VALUE": "DURATION"})
    calendar.add("X-PUBLISHED-TTL", "PT6H")
    for row in rows.values(*FIELDS):
        calendar.add_component(_event(row))
    return calendar.to_ical()


def _event(row):
    link = settings.SITE_URL + reverse("cases:detail", args=[row["case"]])
    event = Event()
    event.add("UID", _uid(row))
    event.add("DTSTAMP", row["recorded_at"].astimezone(datetime.UTC))
    event.add("DTSTART", row["due"])
    event.add("DTEND", row["due"] + datetime.timedelta(days=1))
    event.add("SUMMARY", f"CANS due ({KINDS[row['kind']].lower()})")
    event.add("DESCRIPTION", f"Work by {written(row['work_by'])}. Whose it is, after signing in: {link}")
    event.add("URL", link)
    event.add("TRANSP", "TRANSPARENT")
    return event


def _uid(row):
    """Of what is owed, not of the row that says so: a date that moves moves in the calendar too."""
    owed = f"{row['episode']}:{row['child']}:{row['source']}"
    host = settings.SITE_URL.partition("://")[2].partition(":")[0]
    return f"{salted_hmac('calendar', owed).hexdigest()[:32]}@{host}"
