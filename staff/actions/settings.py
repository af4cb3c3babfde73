from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from audit.actions import record
from staff.dates import today
from staff.models import PolicySetting, Role
from staff.refusals import NotNow


@transaction.atomic
def set_policy(name, *, value, since, reason, by):
    """Decide one of the program's own settings, from a later day on. Returns the setting.

    It never reaches back, so no stored due date has to change.
    """
    if by.role != Role.COORDINATOR:
        raise PermissionDenied("Only a coordinator decides the program's settings.")
    if value not in PolicySetting.CHOICES[name]:
        raise NotNow("That is not one of the values this setting may have.")
    if since <= today():
        raise NotNow("A setting changes from tomorrow or later; it cannot reach back.")
    try:
        with transaction.atomic():
            setting = PolicySetting.objects.create(
                name=name, value=value, since=since, reason=reason, set_by=by
            )
    except IntegrityError:
        raise NotNow("This setting already changes on that day. Choose another day.") from None
    record("policy.set", by=by, subject=name, value=value, since=since.isoformat(), reason=reason)
    return setting
