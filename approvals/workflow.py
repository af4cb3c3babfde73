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
    SUPERVISOR = "supervisor"
    COORDINATOR = "coordinator"
    LAST_RESORT = "last resort"

    @property
    def meaning(self) -> str:
        return MEANINGS[self]


MEANINGS = {
    Turn.AUTHOR: "wrote any of it, and is assigned to the case today (primary or parallel)",
    Turn.REVIEWER: "the supervisor it is routed to, or their cover today, of the case's agency",
    Turn.SUPERVISOR: "a supervisor of somebody assigned to the case today, or one who carries it",
    Turn.COORDINATOR: "a coordinator of the case's region today",
    Turn.LAST_RESORT: "a supervisor, as above, while nobody who is here today may decide it",
}


@dataclass(frozen=True)
class Transition:
    """`to` is None where the assessment stays as it is and a new draft is made (amend).

    `condition` says in words what approvals.permissions asks besides.
    """

    sources: frozenset[State]
    to: State | None
    turns: frozenset[Turn]
    needs_reason: bool = False
    needs_credentials: bool = False
    condition: str = ""


def _row(
    sources: set[State],
    to: State | None,
    *turns: Turn,
    reason: bool = False,
    credentials: bool = False,
    condition: str = "",
) -> Transition:
    return Transition(frozenset(sources), to, frozenset(turns), reason, credentials, condition)


NOT_THE_WRITER = "never someone who wrote any of it"

# One action may have two rows where who may do it depends on the state it starts from (void).
TRANSITIONS: tuple[tuple[Action, Transition], ...] = (
    (
        Action.SUBMIT,
        _row(
            {State.DRAFT, State.RETURNED},
            State.SUBMITTED,
            Turn.AUTHOR,
            credentials=True,
            condition="when it is ready",
        ),
    ),
    (
        Action.APPROVE,
        _row({State.SUBMITTED}, State.APPROVED, Turn.REVIEWER, credentials=True, condition=NOT_THE_WRITER),
    ),
    (
        Action.RETURN,
        _row(
            {State.SUBMITTED},
            State.RETURNED,
            Turn.REVIEWER,
            reason=True,
            credentials=True,
            condition=NOT_THE_WRITER,
        ),
    ),
    (
        Action.REROUTE,
        _row(
            {State.SUBMITTED},
            State.SUBMITTED,
            Turn.AUTHOR,
            Turn.REVIEWER,
            Turn.COORDINATOR,
            Turn.LAST_RESORT,
            reason=True,
            condition="to another active supervisor of the agency who wrote none of it",
        ),
    ),
    (
        Action.RECALL,
        _row({State.SUBMITTED}, State.DRAFT, Turn.AUTHOR, condition="until a reviewer has opened it"),
    ),
    (
        Action.AMEND,
        _row(
            {State.APPROVED},
            None,
            Turn.SUPERVISOR,
            Turn.COORDINATOR,
            reason=True,
            condition="the one in force; for a named worker assigned to the case",
        ),
    ),
    (
        Action.VOID,
        _row({State.DRAFT, State.RETURNED}, State.VOIDED, Turn.AUTHOR, Turn.SUPERVISOR, reason=True),
    ),
    (
        Action.VOID,
        _row({State.APPROVED}, State.VOIDED, Turn.COORDINATOR, reason=True, condition="the one in force"),
    ),
)


def transition(action: Action, state: str) -> Transition | None:
    """The row for this action from this state, or None where there is none."""
    for named, row in TRANSITIONS:
        if named is action and state in row.sources:
            return row
    return None


def printed() -> str:
    """The table and its diagram in Markdown, as docs/workflow.md holds it."""
    lines = [
        "# The workflow of a CANS",
        "",
        "Printed from `approvals/workflow.py` by `python manage.py print_workflow`; a test compares them.",
        "",
        "| step | from | to | who | reason | credentials | and |",
        "|---|---|---|---|---|---|---|",
    ]
    for action, row in TRANSITIONS:
        lines.append(
            f"| {action.label} | {_words(row.sources)} | {row.to.value if row.to else 'a new draft'} "
            f"| {_words(row.turns)} | {'yes' if row.needs_reason else ''} "
            f"| {'yes' if row.needs_credentials else ''} | {row.condition} |"
        )
    lines += ["", *(f"- **{turn.value}**: {turn.meaning}" for turn in Turn)]
    lines += ["", "```mermaid", "stateDiagram-v2", "    [*] --> draft: start"]
    for action, row in TRANSITIONS:
        for source in sorted(row.sources):
            target, label = (row.to.value, "") if row.to else ("draft", ", as a new CANS")
            lines.append(f"    {source.value} --> {target}: {action.label.lower()}{label}")
    lines += ["    approved --> [*]", "    voided --> [*]", "```", ""]
    return "\n".join(lines)


def _words(names: frozenset[State] | frozenset[Turn]) -> str:
    return ", ".join(sorted(name.value for name in names))
