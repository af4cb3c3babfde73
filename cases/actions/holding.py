"""What every verb on a case shares: it takes the case's row, tells its story, rings for due dates."""

import datetime
from functools import wraps

from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.dateformat import format as format_date

from audit.actions import hold_chains, record
from cases.models import Case, CaseEvent
from cases.signals import dates_changed
from staff.dates import today
from staff.refusals import NotNow

YEAR = datetime.timedelta(days=366)
FASTER = (
    "Somebody else changed this a moment ago. Look at it as it is now, and repeat what is still "
    "needed; nothing of yours was saved."
)


def one_act(verb):
    """One transaction; what a constraint refuses, or is gone, for somebody was faster becomes a sentence."""

    @wraps(verb)
    def whole(*args, **kwargs):
        try:
            with transaction.atomic():
                return verb(*args, **kwargs)
        except (IntegrityError, ObjectDoesNotExist) as broken:
            raise NotNow(FASTER) from broken

    return whole


def hold(case, version=None):
    """The case as it is now, its row taken for this transaction; acts on one case queue up.

    With the `version` a page showed, a page that is out of date is refused. SQLite has no row
    lock, but there the transaction already holds the only write lock.
    """
    # Without its agency beside it: where that has changed meanwhile, PostgreSQL finds no such pair.
    held = Case.objects.select_for_update(no_key=True).get(pk=case.pk)
    if version is not None and version != held.version:
        raise NotNow(FASTER)
    return held


def hold_with(case, others):
    """number → this case and those others that an act is told in, held with the records of their agencies.
    In the order of their numbers, so that two such acts cannot wait for each other."""
    wanted = {row.pk: row for row in [case, *others]}
    held = {number: hold(wanted[number]) for number in sorted(wanted)}
    hold_chains(*(row.agency_id for row in held.values()))
    return held


def turn_version(case):
    """The case's details or episodes changed: pages that show the old ones are out of date."""
    Case.objects.filter(pk=case.pk).update(version=F("version") + 1)


def same_version(row, version):
    if version is not None and version != row.version:
        raise NotNow(FASTER)


def keep(row):
    """Check every field and constraint of a row, and save it. Raises ValidationError by field."""
    row.full_clean(validate_unique=True)
    row.save()
    return row


def tell(case, kind, sentence, *, by, on=None, reason="", about=None, **detail):
    """The act in the case's own story, and in the audit record."""
    CaseEvent.objects.create(
        case=case, kind=kind, on=on or today(), sentence=sentence[:400], reason=reason[:400], by=by
    )
    subject = f"{about._meta.verbose_name} {about.pk}" if about is not None else f"case {case.pk}"
    plain = {
        name: value.isoformat() if hasattr(value, "isoformat") else value for name, value in detail.items()
    }
    record(f"case.{kind}", by=by, case=case, subject=subject, reason=reason, **plain)


def put_right(row, **facts):
    """Set what is other than on record; each change in words, with what was said before. Not saved yet."""
    changes = []
    for name, value in facts.items():
        old = getattr(row, name)
        if value != old:
            field = row._meta.get_field(name)
            changes.append(
                f"{field.verbose_name} was {_said(field, old)}, corrected to {_said(field, value)}"
            )
            setattr(row, name, value)
    return changes


def _said(field, value):
    if value is None or value == "":
        return "empty"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime.date):
        return written(value)
    return dict(field.flatchoices).get(value, f"“{value}”")


def ring(case, by, because):
    """A date that due dates are computed from has changed."""
    dates_changed.send(sender=Case, case=case, by=by, because=because)


# --- what is wrong with what was typed, by field ------------------------------------------------


def refuse(**wrong):
    """Raise ValidationError for the fields that have a sentence; go on where none has."""
    wrong = {field: sentence for field, sentence in wrong.items() if sentence}
    if wrong:
        raise ValidationError(wrong)


def future(day):
    return "This day has not come yet." if day and day > today() else ""


def far(day):
    """Of what may be planned: a year that was mistyped."""
    return "This is more than a year ahead: check the year." if day and day > today() + YEAR else ""


def birth(day):
    """The program is for children and youth; nobody in it was born so long ago."""
    too_early = day and day < today() - 30 * YEAR
    return "This is more than 30 years ago: check the year." if too_early else future(day)


def before(day, first, what):
    """A sentence when `day` lies before `first`, the day of `what`."""
    return f"This is before {what}, {written(first)}." if day and first and day < first else ""


def after(day, last, what):
    return f"This is after {what}, {written(last)}." if day and last and day > last else ""


def missing(text, sentence="Say why, in a few words."):
    return "" if text and text.strip() else sentence


def unchanged(changes):
    return "" if changes else "This is how it stands already: change what is wrong."


def day_before(day):
    return day - datetime.timedelta(days=1)


def day_after(day):
    return day + datetime.timedelta(days=1)


def written(day):
    """As in the due dates' own sentences: 3 Mar 2025."""
    return format_date(day, "j M Y")
