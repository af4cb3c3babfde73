import itertools

from django.core.management.base import BaseCommand, CommandError

from cans import obligations
from cases.models import Case

CHUNK = 500  # cases; each chunk is one transaction and a constant number of queries


class Command(BaseCommand):
    help = (
        "Computes every case's due dates anew and stores what differs. With --check nothing is changed: "
        "each difference is printed, and one or more make the command fail."
    )

    def add_arguments(self, parser):
        parser.add_argument("--check", action="store_true", help="only say what differs")

    def handle(self, *, check, **options):
        cases = rows = 0
        numbers = Case.objects.order_by("pk").values_list("pk", flat=True)
        for chunk in _in_chunks(numbers.iterator(chunk_size=CHUNK)):
            cases += len(chunk)
            rows += self._differences(chunk) if check else self._rebuild(chunk)
        if check and rows:
            raise CommandError(f"{rows} of the stored due dates of {cases} cases differ from the rules.")
        done = "equal to the rules" if check else f"rebuilt; {rows} rows superseded or added"
        self.stdout.write(f"Due dates of {cases} cases: {done}.")

    def _rebuild(self, chunk):
        return obligations.refresh_many(chunk, because="Due dates rebuilt by command")

    def _differences(self, chunk):
        sentences = list(_sentences(*obligations.differences(chunk)))
        for sentence in sentences:
            self.stdout.write(sentence)
        return len(sentences)


def _in_chunks(numbers):
    while chunk := list(itertools.islice(numbers, CHUNK)):
        yield chunk


def _sentences(stored, wanted):
    """One sentence a due date. Numbers only: the output may end up in a log, where no name belongs."""
    missing = {_identity(row): row for row in wanted}
    for row in stored:
        should = missing.pop(_identity(row), None)
        if should is None:
            yield f"{_named(row)} is stored, due {row.due}, and is not owed."
        else:
            yield f"{_named(row)} differs: {'; '.join(_changes(row, should))}."
    for row in missing.values():
        yield f"{_named(row)} is owed, due {row.due}, and is not stored."


def _identity(row):
    return row.episode_id, row.child_id, row.source


def _named(row):
    return f"Case {row.case_id}, child {row.child_id}, episode {row.episode_id}, {row.source}"


def _changes(row, should):
    for name in obligations.FACTS:
        is_now, should_be = getattr(row, name), getattr(should, name)
        if is_now != should_be:
            yield f"{name} is {is_now}, should be {should_be}"
