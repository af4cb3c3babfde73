from .account_requests import AccountRequest
from .credentials import Credential
from .mail import Mail
from .people import (
    Agency,
    Cover,
    Line,
    PersonManager,
    Region,
    RegionGrant,
    Role,
    Session,
    User,
)
from .settings import PolicySetting

__all__ = [
    "AccountRequest",
    "Agency",
    "Cover",
    "Credential",
    "Line",
    "Mail",
    "PersonManager",
    "PolicySetting",
    "Region",
    "RegionGrant",
    "Role",
    "Session",
    "User",
]
