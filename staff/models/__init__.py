from .account_requests import AccountRequest
from .credentials import Credential
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
    "PersonManager",
    "PolicySetting",
    "Region",
    "RegionGrant",
    "Role",
    "Session",
    "User",
]
