"""The verbs on a case: keyword-only, each one transaction with its event and its audit record.

Each raises PermissionDenied (who), NotNow (when, or somebody was faster) or ValidationError (what was
typed, in sentences by field). Acts on one case queue up behind its row.
"""

from .adults import (
    add_adult,
    check_keeps_adult,
    correct_caregiving,
    correct_collateral,
    edit_adult,
    end_caregiving,
    end_collateral,
)
from .assignments import assign, end_assignment, possible_workers
from .children import (
    add_child,
    check_keeps_child,
    child_leaves,
    correct_stay,
    edit_child,
    join_child,
    record_status,
)
from .emergencies import acknowledge, end_emergency, moment, open_in_emergency
from .episodes import (
    close_episode,
    correct_closing,
    correct_extension,
    correct_opening,
    decide_extension,
    open_episode,
    request_extension,
    undo_closing,
    withdraw_extension,
)
from .records import DETAILS, create_case, edit_case, possible_primaries, transfer
from .services import (
    add_service,
    add_service_kind,
    change_service,
    restore_service_kind,
    retire_service_kind,
)

__all__ = [
    "DETAILS",
    "acknowledge",
    "add_adult",
    "add_child",
    "add_service",
    "add_service_kind",
    "assign",
    "change_service",
    "check_keeps_adult",
    "check_keeps_child",
    "child_leaves",
    "close_episode",
    "correct_caregiving",
    "correct_closing",
    "correct_collateral",
    "correct_extension",
    "correct_opening",
    "correct_stay",
    "create_case",
    "decide_extension",
    "edit_adult",
    "edit_case",
    "edit_child",
    "end_assignment",
    "end_caregiving",
    "end_collateral",
    "end_emergency",
    "join_child",
    "moment",
    "open_episode",
    "open_in_emergency",
    "possible_primaries",
    "possible_workers",
    "record_status",
    "request_extension",
    "restore_service_kind",
    "retire_service_kind",
    "transfer",
    "undo_closing",
    "withdraw_extension",
]
