from .account_requests import AccountRequest
from .credentials import Credential
from .mail import Mail
from .people import (
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
