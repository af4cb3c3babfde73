"""How far something long has come: a generator of Progress, whose return value is what it was done for."""

from typing import NamedTuple

EVERY = 2_000  # lines from one to the next


class Progress(NamedTuple):
    doing: str
    done: int
    total: int | None = None  # where it is known

    def __str__(self):
        of = "" if self.total is None else f" of {self.total:,}"
        return f"{self.doing}: {self.done:,}{of}"

    @property
    def is_last(self):
        return self.done == self.total


def finished(going, tell=lambda progress: None):
    """What it was done for."""
    while True:
        try:
            tell(next(going))
        except StopIteration as end:
            return end.value


def counted(doing, rows, total):
    """The rows are gone through for what is done at each."""
    for done, _ in enumerate(rows, start=1):
        if done % EVERY == 0 and done < total:
            yield Progress(doing, done, total)
    if total:
        yield Progress(doing, total, total)
