"""Plausible ratings by chance, complete and within the instrument's rules."""

from functools import lru_cache

from cans.instrument import (
    UNRATED,
    ItemKind,
    Window,
    applicable_caregiver_items,
    applicable_child_items,
)

WEIGHTS = {
    ItemKind.NEED: (52, 28, 15, 5),
    ItemKind.STRENGTH: (15, 35, 30, 20),
    ItemKind.EXPOSURE: (55, 25, 14, 6),
}
SUICIDE_AND_SELF_HARM = ("risk.suicide-risk", "risk.self-mutilation")


@lru_cache(maxsize=16)
def _places(instrument, adult, substitute, early, transition):
    """The positions to rate, by kind, and those that may change from one CANS to the next."""
    items = (
        applicable_caregiver_items(instrument, substitute=substitute)
        if adult
        else applicable_child_items(instrument, early=early, transition=transition)
    )
    by_kind = {kind: [i.position for i in items if i.kind == kind] for kind in WEIGHTS}
    changing = [
        i.position
        for i in items
        if i.kind != ItemKind.EXPOSURE and i.window != Window.BIRTH and i.code not in SUICIDE_AND_SELF_HARM
    ]
    calm = [i.position for i in items if i.code in SUICIDE_AND_SELF_HARM]
    return by_kind, changing, calm


def ratings(rng, instrument, *, adult=False, substitute=False, early=False, transition=False, before=None):
    """A sheet's text. With `before`, about one item in eight has moved, mostly for the better."""
    by_kind, changing, calm = _places(instrument, adult, substitute, early, transition)
    size = len(instrument.caregiver_items if adult else instrument.child_items)
    text = [UNRATED] * size
    for kind, positions in by_kind.items():
        for position, value in zip(
            positions, rng.choices("0123", WEIGHTS[kind], k=len(positions)), strict=True
        ):
            text[position] = value
    for position in calm:
        text[position] = "0"
    if before:
        for position in [p for positions in by_kind.values() for p in positions]:
            if before[position] != UNRATED:
                text[position] = before[position]
        for position in rng.sample(changing, max(1, len(changing) // 8)):
            step = rng.choice((-1, -1, 1))
            text[position] = str(min(3, max(0, int(text[position]) + step)))
    return "".join(text)


def half_of(text):
    """The same sheet with the second half not yet rated."""
    middle = len(text) // 2
    return text[:middle] + UNRATED * (len(text) - middle)
