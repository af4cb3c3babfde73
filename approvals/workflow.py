"""The workflow as a table: no queries, no HTTP. docs/workflow.md is printed from it."""

from dataclasses import dataclass
from enum import StrEnum

from cans.states import State


class Action(StrEnum):
    SUBMIT = "submit"
    APPROVE = "approve"
    RETURN = "return"
    REROUTE = "reroute"
    RECALL = "recall"
    AMEND = "amend"
    VOID = "void"

    @property
    def label(self) -> str:
        return LABELS[self]


LABELS = {
    Action.SUBMIT: "Submit",
    Action.APPROVE: "Approve",
    Action.RETURN: "Return for revision",
    Action.REROUTE: "Reroute",
    Action.RECALL: "Recall",
    Action.AMEND: "Amend",
    Action.VOID: "Void",
}


class Turn(StrEnum):
    """What a person must be to an assessment for a step to be theirs."""

    AUTHOR = "author"
    REVIEWER = "reviewer"
    SUPERVISOR = "supervisor of the line"
    COORDINATOR = "coordinator"


@dataclass(frozen=True)
class Transition:
    """`to` is None where the assessment stays as it is and a new draft is made (amend)."""

    sources: frozenset[State]
    to: State | None
    turns: frozenset[Turn]
    needs_reason: bool = False
    needs_credentials: bool = False


def _row(
    sources: set[State], to: State | None, *turns: Turn, reason: bool = False, credentials: bool = False
) -> Transition:
    return Transition(frozenset(sources), to, frozenset(turns), reason, credentials)


# One action may have two rows where who may do it depends on the state it starts from (void).
TRANSITIONS: tuple[tuple[Action, Transition], ...] = (
    (Action.SUBMIT, _row({State.DRAFT, State.RETURNED}, State.SUBMITTED, Turn.AUTHOR, credentials=True)),
    (Action.APPROVE, _row({State.SUBMITTED}, State.APPROVED, Turn.REVIEWER, credentials=True)),
    (Action.RETURN, _row({State.SUBMITTED}, State.RETURNED, Turn.REVIEWER, reason=True, credentials=True)),
    (
        Action.REROUTE,
        _row({State.SUBMITTED}, State.SUBMITTED, Turn.AUTHOR, Turn.REVIEWER, Turn.COORDINATOR, reason=True),
    ),
    (Action.RECALL, _row({State.SUBMITTED}, State.DRAFT, Turn.AUTHOR)),
    (Action.AMEND, _row({State.APPROVED}, None, Turn.SUPERVISOR, Turn.COORDINATOR, reason=True)),
    (
        Action.VOID,
        _row({State.DRAFT, State.RETURNED}, State.VOIDED, Turn.AUTHOR, Turn.SUPERVISOR, reason=True),
    ),
    (Action.VOID, _row({State.APPROVED}, State.VOIDED, Turn.COORDINATOR, reason=True)),
)


def transition(action: Action, state: str) -> Transition | None:
    """The row for this action from this state, or None where there is none."""
    for named, row in TRANSITIONS:
        if named is action and state in row.sources:
            return row
    return None


def actions_from(state: str) -> list[Action]:
    """What can be done at all to an assessment in this state, in the table's order."""
    return [action for action, row in TRANSITIONS if state in row.sources]


def printed() -> str:
    """The table and its diagram in Markdown, as docs/workflow.md holds it."""
    lines = [
        "# The workflow of a CANS",
        "",
        "Printed from `approvals/workflow.py` by `python manage.py print_workflow`; a test compares them.",
        "",
        "| step | from | to | who | reason | credentials |",
        "|---|---|---|---|---|---|",
    ]
    for action, row in TRANSITIONS:
        lines.append(
            f"| {action.label} | {_words(row.sources)} | {row.to.value if row.to else 'a new draft'} "
            f"| {_words(row.turns)} | {'yes' if row.needs_reason else ''} "
            f"| {'yes' if row.needs_credentials else ''} |"
        )
    lines += ["", "```mermaid", "stateDiagram-v2", "    [*] --> draft: start"]
    for action, row in TRANSITIONS:
        for source in sorted(row.sources):
            target = row.to.value if row.to else "draft"
            lines.append(f"    {source.value} --> {target}: {action.label.lower()}")
    lines += ["    approved --> [*]", "    voided --> [*]", "```", ""]
    return "\n".join(lines)


def _words(names: frozenset[State] | frozenset[Turn]) -> str:
    return ", ".join(sorted(name.value for name in names))
