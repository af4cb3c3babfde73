"""The verbs about people: accounts, roles, lines, cover, credentials, and the program's own decisions."""

from .account_requests import confirm_account, decline_request, file_request, open_account
from .accounts import add_person, change_person, disable_person, enable_person, hand_over_password
from .backups import name_backup
from .covers import end_cover, name_cover, possible_covers
from .credentials import correct_credential, import_credentials, record_credential
from .lines import possible_supervisors, set_line
from .mail import set_own_address, want_desk_digest, want_digest
from .regions import end_region, grant_region
from .roles import change_role
from .settings import set_policy
from .sign_in import reset_sign_in
from .switches import switch

__all__ = [
    "add_person",
    "change_person",
    "change_role",
    "confirm_account",
    "correct_credential",
    "decline_request",
    "disable_person",
    "enable_person",
    "end_cover",
    "end_region",
    "file_request",
    "grant_region",
    "hand_over_password",
    "import_credentials",
    "name_backup",
    "name_cover",
    "open_account",
    "possible_covers",
    "possible_supervisors",
    "record_credential",
    "reset_sign_in",
    "set_line",
    "set_own_address",
    "set_policy",
    "switch",
    "want_desk_digest",
    "want_digest",
]
