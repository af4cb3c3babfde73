"""Who asks, in a question that is made once for everybody of a role (see audit/statements.py)."""

from dataclasses import dataclass

from django.db.models import DateTimeField
from django.utils import timezone

from audit.statements import Given

NOW = Given("now", DateTimeField())


@dataclass(frozen=True)
class Anybody:
    """Stands for a person where a queryset asks what somebody may see. What differs from one of a role to
    the next is given when it is asked: see `asked_by`."""

    role: str
    is_active: bool = True
    pk = Given("person")
    agency_id = Given("agency")

    @classmethod
    def like(cls, user):
        return cls(user.role, user.is_active)


def asked_by(user):
    return {"person": user.pk, "agency": user.agency_id, "now": timezone.now()}
