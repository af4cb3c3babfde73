"""The states of an assessment. Pure, so that the workflow's table needs no database."""

from enum import StrEnum


class State(StrEnum):
    DRAFT = "draft"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    APPROVED = "approved"
    VOIDED = "voided"

    @property
    def label(self) -> str:
        return LABELS[self]


LABELS = {
    State.DRAFT: "Draft",
    State.SUBMITTED: "Submitted",
    State.RETURNED: "Returned for revision",
    State.APPROVED: "Approved",
    State.VOIDED: "Voided",
}
CHOICES = [(state.value, label) for state, label in LABELS.items()]

# In these states the ratings may be worked on; elsewhere the database refuses to change them.
WORKABLE = frozenset({State.DRAFT, State.RETURNED})
OPEN = WORKABLE | {State.SUBMITTED}
