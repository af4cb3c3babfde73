"""Readings are sealed into their chain many at a time: an event says how many there were, from which
number through which, and keeps the digest of their macs.
"""

import datetime

from django.db import transaction
from django.db.models import Min
from django.utils import timezone

from .actions import append, entry, hold_chains
from .chain import Digest
from .models import Event, Reading

# Longer than any transaction may last, so that no reading with a lower number is still under way.
SETTLED = datetime.timedelta(minutes=5)
BATCH = 5000


def seal_all(now=None):
    """Seal what is settled, in every chain. Returns how many readings were sealed."""
    before = (now or timezone.now()) - SETTLED
    sealed = 0
    for chain in chains_of(Reading):
        while count := _seal(chain, before):
            sealed += count
    return sealed


def chains_of(model):
    """The numbers of the chains that have rows, one after another by the index."""
    number = model.objects.order_by("chain").values_list("chain", flat=True).first()
    while number is not None:
        yield number
        later = model.objects.filter(chain__gt=number)
        number = later.order_by("chain").values_list("chain", flat=True).first()


def sealed_through(chain):
    """The number of the last reading of this chain that a seal covers."""
    seals = Event.objects.filter(chain=chain, kind=Event.Kind.SEAL).order_by("-seq")
    detail = seals.values_list("detail", flat=True).first()
    return detail["last"] if detail else 0


@transaction.atomic
def _seal(chain, before):
    """One batch. Whoever seals at the same time waits for the head, and finds these sealed."""
    hold_chains(chain)
    after = sealed_through(chain)
    waiting = Reading.objects.filter(chain=chain, pk__gt=after)
    unsettled = waiting.filter(at__gte=before).aggregate(first=Min("pk"))["first"]
    if unsettled is not None:
        waiting = waiting.filter(pk__lt=unsettled)
    rows = list(waiting.order_by("pk").values_list("pk", "mac")[:BATCH])
    if not rows:
        return 0
    digest, last = Digest(), rows[-1][0]
    for _, mac in rows:
        digest.add(mac)
    seal = {"after": after, "last": last, "count": digest.count, "digest": digest.text}
    subject = f"readings {rows[0][0]} to {last}"
    append(chain, [entry("readings.seal", seal, by=None, subject=subject, kind=Event.Kind.SEAL)])
    return digest.count
