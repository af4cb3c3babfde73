"""Loading an instrument version from its file: checked first, whole or not at all."""

from django.db import transaction

from audit.actions import record

from .instrument import Instrument, parse
from .models import InstrumentVersion, Item


class BadInstrument(Exception):
    """The file cannot be loaded; `problems` says what is wrong, line by line."""

    def __init__(self, problems):
        self.problems = problems
        super().__init__("; ".join(problem.sentence for problem in problems))


@transaction.atomic
def load_instrument(text, *, label, by, activate=False):
    """Keep a new version of the instrument. Raises BadInstrument. Returns the version."""
    items, problems = parse(text)
    if problems:
        raise BadInstrument(problems)
    version = InstrumentVersion.objects.create(label=label, source=text, loaded_by=by)
    Item.objects.bulk_create(
        Item(
            version=version,
            subject=item.subject.value,
            position=item.position,
            code=item.code,
            number=item.number,
            name=item.name,
            domain=item.domain,
            kind=item.kind.value,
        )
        for item in Instrument(label, tuple(items)).items
    )
    record("instrument.load", by=by, subject=f"instrument {version.pk}", items=len(items))
    if activate:
        activate_instrument(version, by=by)
    return version


@transaction.atomic
def activate_instrument(version, *, by):
    """Score new assessments on this version from now on; those begun stay with theirs."""
    list(InstrumentVersion.objects.select_for_update().order_by("pk").values("pk"))  # one after the other
    InstrumentVersion.objects.filter(active=True).update(active=False)
    InstrumentVersion.objects.filter(pk=version.pk).update(active=True)
    version.active = True
    record("instrument.activate", by=by, subject=f"instrument {version.pk}")
