"""Is the record as it was written? Walks every chain in constant memory, and holds it against what
was said outside the database. Whatever is wrong comes with the first row it is wrong of.
"""

from dataclasses import dataclass, field

from django.conf import settings

from . import anchors
from .chain import OF_EVENT, OF_READING, START, Digest, Fault, Run, reading_fault
from .models import Chain, Event, Reading
from .sealing import chains_of

PAGE = 2000
EVENT_COLUMNS = [*OF_EVENT, "previous", "mac", "pk"]
READING_COLUMNS = [*OF_READING, "mac", "pk"]


@dataclass
class Report:
    """Of one chain. `events` and `sealed` are how many were read, `waiting` the readings not sealed yet."""

    chain: int
    events: int = 0
    sealed: int = 0
    waiting: int = 0
    last_seal: int = 0
    event_fault: Fault | None = None
    reading_fault: Fault | None = None
    anchored: int = 0  # the highest number that was said outside, of an event

    @property
    def is_whole(self):
        return self.event_fault is None and self.reading_fault is None

    def wrong_event(self, fault):
        """Keeps the first, by number."""
        if self.event_fault is None or fault.number < self.event_fault.number:
            self.event_fault = fault

    def wrong_reading(self, fault):
        """The first too; the later of two about one number, which knows more than the end of a seal."""
        if self.reading_fault is None or fault.number <= self.reading_fault.number:
            self.reading_fault = fault


@dataclass
class Outcome:
    reports: dict = field(default_factory=dict)  # chain → Report
    problems: list = field(default_factory=list)  # sentences about no chain: of the file of anchors

    @property
    def is_whole(self):
        return not self.problems and all(report.is_whole for report in self.reports.values())


def verify(anchor_files=None):
    """`anchor_files` are copies that were kept elsewhere; without them it is AUDIT_ANCHORS."""
    outcome = Outcome()
    numbers = {*Chain.objects.values_list("number", flat=True), *chains_of(Event), *chains_of(Reading)}
    for number in sorted(numbers):
        outcome.reports[number] = check_chain(number, settings.AUDIT_KEYS)
    for path in anchor_files or [settings.AUDIT_ANCHORS]:
        check_anchors(path, outcome)
    for report in outcome.reports.values():
        _compare_end(report)
    return outcome


def check_chain(number, keys):
    report, run = Report(number), Run(keys)
    before = _head(number)
    for row in _pages(Event.objects.filter(chain=number).order_by("seq", "pk"), EVENT_COLUMNS, "seq"):
        if fault := run.follow(row) or _beside(before, run):
            report.wrong_event(fault)
            break
        report.events += 1
        if row["kind"] == Event.Kind.SEAL:
            _check_seal(report, row, keys)
    else:
        if fault := _ends_well(run, before, _head(number)):
            report.wrong_event(fault)
    _check_waiting(report, keys)
    return report


def _head(number):
    """(number, mac) of the last event, as the head of the chain has it."""
    return Chain.objects.filter(number=number).values_list("seq", "mac").first() or (0, START)


def _beside(before, run):
    if run.seq == before[0] and run.mac != before[1]:
        return Fault(run.seq, "is not the one that the head of the chain names")
    return None


def _ends_well(run, before, now):
    """Events may have been added meanwhile; but none before the head, and none after it."""
    if run.seq < before[0]:
        gone = before[0] - run.seq
        return Fault(run.seq + 1, f"is missing: the last {gone} were deleted")
    if run.seq > now[0]:
        return Fault(now[0] + 1, "is there, and the head of the chain does not know it")
    return None


def _check_seal(report, row, keys):
    """The readings that a seal covers are there, as they were, and no others."""
    seal, digest = row["detail"], Digest()
    if seal["after"] != report.last_seal:
        report.wrong_event(Fault(row["seq"], "seals readings that do not follow the last ones sealed"))
    covered = Reading.objects.filter(chain=report.chain, pk__gt=seal["after"], pk__lte=seal["last"])
    for reading in _pages(covered.order_by("pk"), READING_COLUMNS, "pk"):
        digest.add(reading["mac"])
        if what := reading_fault(keys, reading):
            report.wrong_reading(Fault(reading["pk"], what))
    report.sealed += digest.count
    report.last_seal = seal["last"]
    if (digest.count, digest.text) != (seal["count"], seal["digest"]):
        what = f"ends what event {row['seq']} sealed: {seal['count']} readings then, {digest.count} now"
        report.wrong_reading(Fault(seal["last"], what))


def _check_waiting(report, keys):
    waiting = Reading.objects.filter(chain=report.chain, pk__gt=report.last_seal).order_by("pk")
    for reading in _pages(waiting, READING_COLUMNS, "pk"):
        report.waiting += 1
        if what := reading_fault(keys, reading):
            report.wrong_reading(Fault(reading["pk"], what))


def _pages(rows, columns, key):
    """Every row, so many at a time, by its number: never more than a page in memory."""
    page = rows
    while True:
        found = list(page.values(*columns)[:PAGE])
        yield from found
        if len(found) < PAGE:
            return
        last = found[-1]
        page = rows.filter(**{f"{key}__gte": last[key]}).exclude(**{key: last[key], "pk__lte": last["pk"]})


def check_anchors(path, outcome):
    """Every line of the file against the database; the file knows what is no longer there."""
    try:
        for batch, unreadable in anchors.batches(path):
            _check_batch(batch, outcome)
            outcome.problems += [f"Line {number} of {path} is no anchor." for number in unreadable[:1]]
    except OSError as why:
        outcome.problems.append(
            f"The anchors cannot be read ({why}): a cut-off end, or an old backup, would not be found."
        )
    for report in outcome.reports.values():
        _compare_end(report)


def _check_batch(batch, outcome):
    said = {}
    for anchor in batch:
        report = outcome.reports.setdefault(anchor.chain, Report(anchor.chain))
        said.setdefault((anchor.kind, anchor.chain), []).append(anchor)
        if anchor.kind == "event":
            report.anchored = max(report.anchored, anchor.number)
    for (kind, chain), anchored in said.items():
        compare = _compare_events if kind == "event" else _compare_readings
        compare(outcome.reports[chain], anchored)


def _compare_events(report, anchored):
    """Of those that are there; what is missing is found by the numbers."""
    numbers = [anchor.number for anchor in anchored]
    there = dict(Event.objects.filter(chain=report.chain, seq__in=numbers).values_list("seq", "mac"))
    for anchor in anchored:
        if there.get(anchor.number, anchor.mac) != anchor.mac:
            report.wrong_event(Fault(anchor.number, f"is another than was anchored {anchor.at}: rewritten"))


def _compare_readings(report, anchored):
    numbers = [anchor.number for anchor in anchored]
    there = dict(Reading.objects.filter(chain=report.chain, pk__in=numbers).values_list("pk", "mac"))
    for anchor in anchored:
        if anchor.number not in there:
            report.wrong_reading(Fault(anchor.number, f"is missing: it was there {anchor.at}"))
        elif there[anchor.number] != anchor.mac:
            what = f"is another than was anchored {anchor.at}: rewritten"
            report.wrong_reading(Fault(anchor.number, what))


def _compare_end(report):
    """An old backup is whole in itself; only what was said outside knows how much is missing."""
    last = last_number(report.chain)
    if report.anchored > last:
        gone = report.anchored - last
        report.wrong_event(Fault(last + 1, f"is missing: restored to event {last}, {gone} missing"))


def last_number(chain):
    return Event.objects.filter(chain=chain).order_by("-seq").values_list("seq", flat=True).first() or 0
