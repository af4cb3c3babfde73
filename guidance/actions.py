"""The only writers of the program's help."""

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.text import slugify

from audit.actions import record
from staff.models import Role
from staff.refusals import NotNow

from . import beside
from .models import Earlier, Entry

FASTER = "Somebody else edited this while you had it open. Nothing of yours was saved over it."
RESERVED = {"add"}  # an address of its own


@transaction.atomic
def add_entry(*, by, **content):
    """Write a new entry. Returns it, with an address made from its title."""
    _only_a_coordinator(by)
    entry = Entry(slug=_free_slug(content["title"]), edited_at=timezone.now(), edited_by=by, **content)
    try:
        with transaction.atomic():
            entry.save()
    except IntegrityError:
        raise NotNow("Somebody else wrote an entry of this title a moment ago. Save again.") from None
    record("help.added", by=by, subject=f"help {entry.slug}", kind=str(entry.kind))
    transaction.on_commit(beside.forget)
    return entry


@transaction.atomic
def edit_entry(entry, *, by, version, **content):
    """Replace the text that the person saw, if it still stands; what stood before is kept."""
    _only_a_coordinator(by)
    changed = Entry.objects.filter(pk=entry.pk, version=version).update(
        **content, version=F("version") + 1, edited_at=timezone.now(), edited_by=by
    )
    if not changed:
        raise NotNow(FASTER)
    before = entry.content
    Earlier.objects.create(entry=entry, version=version, content=before, replaced_by=by)
    fields = sorted(name for name, value in content.items() if value != before[name])
    record("help.edited", by=by, subject=f"help {entry.slug}", version=version + 1, fields=fields)
    transaction.on_commit(beside.forget)


@transaction.atomic
def load_entries(entries):
    """Add those whose address is not there yet; returns how many. What stands is never touched."""
    there = set(Entry.objects.values_list("slug", flat=True))
    new = [Entry(**one) for one in entries if one["slug"] not in there]
    if new:
        Entry.objects.bulk_create(new)
        record("help.loaded", by=None, subject="help", entries=[entry.slug for entry in new])
        transaction.on_commit(beside.forget)
    return len(new)


def _only_a_coordinator(by):
    if by.role != Role.COORDINATOR:
        raise PermissionDenied("Only a coordinator edits the program's help.")


def _free_slug(title):
    wanted = slugify(title)[:50].strip("-") or "entry"
    taken = RESERVED | set(Entry.objects.filter(slug__startswith=wanted).values_list("slug", flat=True))
    names = [wanted, *(f"{wanted}-{number}" for number in range(2, len(taken) + 3))]
    return next(name for name in names if name not in taken)
