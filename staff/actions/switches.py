from django.core.exceptions import PermissionDenied
from django.db import transaction

from audit.actions import record
from staff.models import Switch, User
from staff.policy import WORKERS


@transaction.atomic
def switch(which, on, *, by):
    """Decide for oneself how the pages of a CANS work, on every computer. ValueError where there is no
    such switch."""
    which = Switch(which)
    if by.role not in WORKERS:
        raise PermissionDenied("Only who scores or reviews has this switch.")
    if User.objects.filter(pk=by.pk).exclude(**{which: on}).update(**{which: on}):
        words = "on" if on else "off"
        record("person.switch", by=by, subject=f"person {by.pk}", switch=which.label, switched=words)
