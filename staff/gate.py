"""May I enter a CANS? Three conditions for all staff who work on CANS."""

import datetime
from collections import defaultdict
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Subquery
from django.utils import timezone

from audit.statements import Given, Question

from .dates import today, written
from .models import Credential, PolicySetting, User

# The day CANS 2.0 came into force: no certification from before it counts (program FAQ).
CANS_2_START = datetime.date(2018, 2, 25)
WARN_DAYS = (60, 30, 7)
GATE = PolicySetting.Name.ENTRY_GATE


def valid_through(certified):
    """The last day of a certification: its anniversary; for 29 February, 28 February."""
    try:
        return certified.replace(year=certified.year + 1)
    except ValueError:
        return datetime.date(certified.year + 1, 2, 28)


def earliest_valid(on):
    """The oldest certification date that still holds on this day: `valid_through` turned round."""
    try:
        a_year_before = on.replace(year=on.year - 1)
    except ValueError:
        a_year_before = datetime.date(on.year - 1, 3, 1)
    return max(a_year_before, CANS_2_START)


def certified_on(on, person="pk"):
    """For querysets: does the person at this path hold a certification that is valid that day?"""
    return _certified(earliest_valid(on), on, OuterRef(person))


def _certified(earliest, on, person):
    return Exists(
        Credential.objects.valid().filter(
            person=person, kind=Credential.Kind.CERTIFICATION, on__gte=earliest, on__lte=on
        )
    )


def trained_on(on, person="pk"):
    """For querysets: had the person at this path taken the training by that day?"""
    return _trained(on, OuterRef(person))


def _trained(on, person):
    return Exists(Credential.objects.valid().filter(person=person, kind=Credential.Kind.TRAINING, on__lte=on))


@dataclass(frozen=True)
class Condition:
    name: str
    met: bool
    since: datetime.date | None
    through: datetime.date | None
    sentence: str
    who_can_fix: str

    def days_left(self, on):
        """Days until it lapses, or None where it does not lapse or is not met."""
        return (self.through - on).days if self.met and self.through else None

    def warning(self, on):
        """A sentence when it lapses within 60 days; more pressing at 30 and at 7."""
        left = self.days_left(on)
        if left is None or left > WARN_DAYS[0]:
            return ""
        when = "today" if left == 0 else "tomorrow" if left == 1 else f"in {left} days"
        return f"Your {self.name} lapses {when}. Book your recertification now."


def conditions(person, on=None):
    """The three conditions for this person that day, each with its date and who can fix it."""
    on = on or today()
    newest = {}
    for credential in person.credentials.all():
        if credential.withdrawn_at is None and credential.on <= on:
            newest.setdefault(credential.kind, credential.on)
    return (
        _certification(newest.get(Credential.Kind.CERTIFICATION), on),
        _training(newest.get(Credential.Kind.TRAINING)),
        _account(person),
    )


def pressing(person, on=None):
    """Those of the conditions that are not met that day, or lapse within 60 days."""
    on = on or today()
    return [one for one in conditions(person, on) if not one.met or one.warning(on)]


def lacks(person, on=None):
    """What keeps this person from entering a CANS that day, or will once it lapses, for others to read."""
    on = on or today()
    found = []
    for condition in conditions(person, on):
        name = condition.name[0].upper() + condition.name[1:]
        if condition.through:
            lapse = "lapses" if condition.met else "lapsed"
            found.append(f"{name} {lapse} after {written(condition.through)}.")
        elif not condition.met:
            found.append(f"{name}: none that counts.")
    return found


def refusals(person, on=None):
    """Why this person may not enter a CANS that day, in sentences; empty when they may."""
    on = on or today()
    if not gate_enforced(on):
        return [] if person.is_active else [_account(person).sentence]
    return [condition.sentence for condition in conditions(person, on) if not condition.met]


def lacking(person, on=None):
    """The names of what this person lacks that day; empty when they may. For whoever reads about them."""
    on = on or today()
    unmet = [one.name for one in conditions(person, on) if not one.met]
    return unmet if gate_enforced(on) or not person.is_active else []


def lets_in(person, on=None):
    """Whether `refusals` would be empty: what every save waits for, without the sentences."""
    on = on or today()
    return is_let_in(*LETS_IN.first(person=person.pk, day=on, earliest=earliest_valid(on)))


STANDING = ("is_active", "certified", "trained", "decided")


def standing():
    """For questions that ask more of a person too: how they stand, with `person`, `day` and `earliest`."""
    return User.objects.filter(pk=Given("person")).annotate(**stands()).order_by()


def stands():
    """The same beside the rows of another question, but for whether the account is active."""
    person, day = Given("person"), Given("day")
    return {
        "certified": _certified(Given("earliest"), day, person),
        "trained": _trained(day, person),
        "decided": Subquery(_decided(day)),
    }


def is_let_in(active, certified, trained, decided):
    """What `standing` says, decided."""
    return bool(active and ((certified and trained) or not _enforced(decided)))


def _decided(day):
    return PolicySetting.objects.decided_by(GATE, day).values_list("value")[:1]


LETS_IN = Question(lambda: standing().values_list(*STANDING))
DECIDED = Question(lambda: _decided(Given("day")))


def cleared(on=None):
    """For querysets: the people who may enter a CANS that day, as `refusals` has it one by one."""
    on = on or today()
    people = User.objects.active()
    return people.filter(certified_on(on), trained_on(on)) if gate_enforced(on) else people


def lapsing(on=None, within=WARN_DAYS[0]):
    """For querysets: those whom the gate lets through that day, but whose certification lapses within
    so many days: they get a warning."""
    on = on or today()
    return cleared(on).exclude(certified_on(on + datetime.timedelta(days=within + 1)))


def last_days(on, within):
    """The last day of each certification that lapses within so many days: day → the people's numbers.
    None where nobody is asked for one."""
    if not gate_enforced(on):
        return {}
    newest = Credential.objects.valid().filter(
        person__in=lapsing(on, within).values("pk"), kind=Credential.Kind.CERTIFICATION, on__lte=on
    )
    found = {}
    for person, certified in newest.order_by("on").values_list("person", "on"):
        found[person] = valid_through(certified)
    by_day = defaultdict(list)
    for person, day in found.items():
        by_day[day].append(person)
    return dict(by_day)


def gate_enforced(on):
    decided = DECIDED.first(day=on)
    return _enforced(decided[0] if decided else None)


def _enforced(decided):
    """Is it, by what was decided? None where nobody has."""
    return (decided or PolicySetting.DEFAULTS[GATE]) == "yes"


def _certification(certified, on):
    name = "CANS 2.0 certification"
    fix = "You, through the department's training centre; your agency's administrator records it."
    if certified is None:
        return Condition(name, False, None, None, "No CANS 2.0 certification is on record.", fix)
    through = valid_through(certified)
    if certified < CANS_2_START:
        sentence = f"Your certification of {written(certified)} is for an earlier version of the CANS."
        return Condition(name, False, certified, None, sentence, fix)
    if on > through:
        sentence = f"Your CANS 2.0 certification lapsed after {written(through)}."
        return Condition(name, False, certified, through, sentence, fix)
    sentence = f"Certified {written(certified)}, valid through {written(through)}."
    return Condition(name, True, certified, through, sentence, fix)


def _training(taken):
    name = "training in CANS functionality"
    fix = "You, through the department's training centre; your agency's administrator records it."
    if taken is None:
        return Condition(name, False, None, None, "No training in CANS functionality is on record.", fix)
    return Condition(name, True, taken, None, f"Taken {written(taken)}.", fix)


def _account(person):
    name = "active account"
    fix = "Your supervisor, who files the account request; your agency's administrator opens it."
    if not person.is_active:
        return Condition(name, False, None, None, "This account is not active.", fix)
    since = timezone.localdate(person.date_joined)
    return Condition(name, True, since, None, f"Active since {written(since)}.", fix)
