"""Plausible ratings by chance, complete and within the instrument's rules."""

from dataclasses import dataclass

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


@dataclass(frozen=True)
class Places:
    """Of one kind of sheet: the positions to rate by kind, those that may change from one CANS to the
    next, and those that stay at 0."""

    size: int
    by_kind: dict
    changing: list
    calm: list


def places(instrument, *, adult, substitute, early, transition):
    items = (
        applicable_caregiver_items(instrument, substitute=substitute)
        if adult
        else applicable_child_items(instrument, early=early, transition=transition)
    )
    return Places(
        size=len(instrument.caregiver_items if adult else instrument.child_items),
        by_kind={kind: [i.position for i in items if i.kind == kind] for kind in WEIGHTS},
        changing=[
            i.position
            for i in items
            if i.kind != ItemKind.EXPOSURE
            and i.window != Window.BIRTH
            and i.code not in SUICIDE_AND_SELF_HARM
        ],
        calm=[i.position for i in items if i.code in SUICIDE_AND_SELF_HARM],
    )


def ratings(rng, there, *, before=None):
    """A sheet's text. With `before`, about one item in eight has moved, mostly for the better."""
    text = [UNRATED] * there.size
    for kind, positions in there.by_kind.items():
        for position, value in zip(
            positions, rng.choices("0123", WEIGHTS[kind], k=len(positions)), strict=True
        ):
            text[position] = value
    for position in there.calm:
        text[position] = "0"
    if before:
        for positions in there.by_kind.values():
            for position in positions:
                if before[position] != UNRATED:
                    text[position] = before[position]
        for position in rng.sample(there.changing, max(1, len(there.changing) // 8)):
            step = rng.choice((-1, -1, 1))
            text[position] = str(min(3, max(0, int(text[position]) + step)))
    return "".join(text)


def half_of(text):
    """The same sheet with the second half not yet rated."""
    middle = len(text) // 2
    return text[:middle] + UNRATED * (len(text) - middle)
