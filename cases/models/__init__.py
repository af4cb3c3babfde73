"""Case, episode, child, collateral, caregiving, assignment, extension, service.

`starts` and `ends`, `joined` and `left`, `opened` and `closed` are calendar dates in
America/Chicago; the last day counts.
"""

from .cases import STATE_NUMBER, Case, Episode, Extension, may_open
from .emergencies import LASTS, EmergencyAccess, EmergencyNotice
from .people import (
    Adult,
    Caregiving,
    Child,
    ChildStatus,
    Collateral,
    Membership,
    no_child_yet,
)
from .services import Service, ServiceFinding, ServiceKind
from .story import CaseEvent
from .workers import Assignment

__all__ = [
    "LASTS",
    "STATE_NUMBER",
    "Adult",
    "Assignment",
    "Caregiving",
    "Case",
    "CaseEvent",
    "Child",
    "ChildStatus",
    "Collateral",
    "EmergencyAccess",
    "EmergencyNotice",
    "Episode",
    "Extension",
    "Membership",
    "Service",
    "ServiceFinding",
    "ServiceKind",
    "may_open",
    "no_child_yet",
]
