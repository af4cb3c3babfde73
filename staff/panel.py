"""What the gate says about one person, as pages show it."""

from dataclasses import dataclass

from . import gate
from .dates import today
from .models import User
from .policy import WORKERS


@dataclass(frozen=True)
class Panel:
    """`enforced` is off while the program lets people in without credentials; the dates still show."""

    person: User
    conditions: tuple
    enforced: bool

    @property
    def works(self):
        """Does this role work on CANS at all?"""
        return self.person.role in WORKERS

    @property
    def may(self):
        met = all(condition.met for condition in self.conditions) if self.enforced else self.person.is_active
        return self.works and met

    @property
    def certification(self):
        return self.conditions[0]

    @property
    def warnings(self):
        return [text for condition in self.conditions if (text := condition.warning(today()))]

    @property
    def urgent(self):
        """Does something lapse within 30 days? At 60 it is said, at 30 it is pressed, at 7 it alarms."""
        return any(self._left(condition) <= gate.WARN_DAYS[1] for condition in self.conditions)

    @property
    def alarming(self):
        return any(self._left(condition) <= gate.WARN_DAYS[2] for condition in self.conditions)

    def _left(self, condition):
        left = condition.days_left(today())
        return gate.WARN_DAYS[0] + 1 if left is None else left


def panel(person, enforced=None):
    """`person` with credentials loaded costs no query where `enforced` is given."""
    if enforced is None:
        enforced = gate.gate_enforced(today())
    return Panel(person, gate.conditions(person), enforced)
