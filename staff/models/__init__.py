from .account_requests import AccountRequest
from .credentials import Credential
from .mail import Mail
from .people import (
    AccountStatus,
    Agency,
    Backup,
    Cover,
    DeskDigest,
    Line,
    PersonManager,
    Region,
    RegionGrant,
    Role,
    Session,
    Switch,
    User,
)
from .settings import PolicySetting

__all__ = [
    "AccountRequest",
    "AccountStatus",
    "Agency",
    "Backup",
    "Cover",
    "Credential",
    "DeskDigest",
    "Line",
    "Mail",
    "PersonManager",
    "PolicySetting",
    "Region",
    "RegionGrant",
    "Role",
    "Session",
    "Switch",
    "User",
]
