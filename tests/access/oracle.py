"""Who may see and do what, written a second time: plain Python over plain rows, after the program's own
tables of people, credentials and workflow. It knows no database and nothing of the application's code.

Answers are "yes", "who" (never theirs: 403 or 404) and "when" (theirs, but not now: 409).
"""

import datetime
from dataclasses import dataclass, field

FOUR_HOURS = datetime.timedelta(hours=4)
YES, WHO, WHEN = "yes", "who", "when"
CARRYING = ("primary", "parallel")


@dataclass
class Person:
    role: str  # clinician, supervisor, coordinator, administrator, or ""
    agency: int | None
    active: bool = True


@dataclass
class Dated:
    """A line, a cover, an assignment, a region: from a first day through a last, which counts."""

    starts: datetime.date
    ends: datetime.date | None
    who: int
    whom: int | None = None  # the person led or covered; the region, None for all
    case: int | None = None
    kind: str = ""

    def holds(self, day):
        return self.starts <= day and (self.ends is None or day <= self.ends)


@dataclass
class Case:
    agency: int
    region: int


@dataclass
class Emergency:
    case: int
    who: int
    starts: datetime.datetime
    ends: datetime.datetime


@dataclass
class Cans:
    case: int
    child: int
    state: str
    author: int
    wrote: list = field(default_factory=list)
    reviewer: int | None = None
    opened: bool = False
    amends: int | None = None


@dataclass
class Credential:
    who: int
    kind: str
    on: datetime.date


@dataclass
class Tie:
    """A child or an adult, by place, who belongs to a case today or once did; `how` of an adult."""

    who: int
    case: int
    how: str = ""


@dataclass
class Request:
    """For an account, of an agency, by somebody; `opened` is whose account it became."""

    agency: int
    by: int
    opened: int | None = None


@dataclass
class World:
    day: datetime.date
    now: datetime.datetime
    people: list
    cases: list
    lines: list
    covers: list
    regions: list
    assignments: list
    emergencies: list
    cans: list
    credentials: list
    gate: bool = True
    stays: list = field(default_factory=list)
    adults: list = field(default_factory=list)
    requests: list = field(default_factory=list)
    lists: list = field(default_factory=list)  # of the state's dates: who uploaded each
    waived: list = field(default_factory=list)  # of the due date of each case: whether it is

    # --- what somebody is to a case

    def carried_by(self, who, case, kinds=CARRYING):
        return [
            number
            for number, row in enumerate(self.assignments)
            if row.who == who and row.case == case and row.kind in kinds and row.holds(self.day)
        ]

    def lines_of(self, who):
        return [
            (number, row) for number, row in enumerate(self.lines) if row.who == who and row.holds(self.day)
        ]

    def grants(self, who, case):
        """The rows that open a case to somebody, as (name, number)."""
        person = self.people[who]
        if not person.active:
            return set()
        if person.role == "coordinator":
            return self._by_region(who, case)
        if person.role not in ("clinician", "supervisor"):
            return set()
        found = {("assignment", number) for number in self.carried_by(who, case)}
        found |= {("routing", number) for number in self.carried_by(who, case, ("review",))}
        if person.role == "supervisor":
            found |= {
                ("line", number) for number, row in self.lines_of(who) if self.carried_by(row.whom, case)
            }
            found |= self._by_cover(who, case)
        return found

    def _by_region(self, who, case):
        return {
            ("region", number)
            for number, row in enumerate(self.regions)
            if row.who == who and row.holds(self.day) and row.whom in (None, self.cases[case].region)
        }

    def _by_cover(self, who, case):
        """What waits for somebody they cover."""
        return {
            ("cover", number)
            for number, row in enumerate(self.covers)
            if row.who == who and row.holds(self.day) and self.carried_by(row.whom, case, ("review",))
        }

    def emergency(self, who, case):
        """Four hours from its start at most, by the clock; only in a case of the person's agency."""
        person = self.people[who]
        if not person.active or person.role not in ("clinician", "supervisor"):
            return set()
        return {
            ("emergency", number)
            for number, row in enumerate(self.emergencies)
            if row.who == who
            and row.case == case
            and person.agency == self.cases[case].agency
            and row.starts <= self.now < min(row.ends, row.starts + FOUR_HOURS)
        }

    def reads(self, who, case):
        return bool(self.grants(who, case) or self.emergency(who, case))

    def knows(self, who, ties, one):
        """A child or an adult is read with any case they were ever of."""
        return any(self.reads(who, tie.case) for tie in ties if tie.who == one)

    def takes_along(self, who, ties, one):
        """Into another case; an emergency opens a case to read only."""
        return any(self.grants(who, tie.case) for tie in ties if tie.who == one)

    def finds(self, who, case):
        """By name and number only: for the agency's administrator."""
        person = self.people[who]
        if person.role == "administrator":
            return person.active and person.agency == self.cases[case].agency
        return self.reads(who, case)

    def carries(self, who, case):
        person = self.people[who]
        return (
            person.active and person.role in ("clinician", "supervisor") and bool(self.carried_by(who, case))
        )

    def leads(self, who, case):
        """Supervises somebody who carries it, or is a supervisor and its primary worker."""
        person = self.people[who]
        if not person.active or person.role != "supervisor":
            return False
        if self.carried_by(who, case, ("primary",)):
            return True
        return any(self.carried_by(row.whom, case) for _, row in self.lines_of(who))

    def coordinates(self, who, case):
        return self.people[who].role == "coordinator" and self.reads(who, case)

    def may(self, who, act, case):
        carries, leads = self.carries(who, case), self.leads(who, case)
        coordinates = self.coordinates(who, case)
        primary = carries and bool(self.carried_by(who, case, ("primary",)))
        return {
            "work": carries or leads,
            "correct": carries or leads or coordinates,
            "people": carries or leads or coordinates,
            "add_worker": primary or leads or coordinates,
            "set_primary": leads or coordinates,
            "coordinate": coordinates,
        }[act]

    def sees_request(self, who, number):
        """The administrator all of the agency, a supervisor their own and those of their line."""
        person, asked = self.people[who], self.requests[number]
        if not person.active or person.agency is None or person.agency != asked.agency:
            return False
        if person.role == "supervisor":
            led = {row.whom for _, row in self.lines_of(who)}
            return asked.by == who or asked.opened in led
        return person.role == "administrator"

    def waives(self, who, case):
        if not self.coordinates(who, case):
            return WHO
        return WHEN if self.waived[case] else YES

    def withdraws(self, who, case):
        if not self.coordinates(who, case):
            return WHO
        return YES if self.waived[case] else WHEN

    def sees_person(self, who, other):
        """The administrator everybody of the agency, a supervisor the people in their line."""
        person = self.people[who]
        if not person.active:
            return False
        if person.role == "administrator":
            return self.people[other].agency == person.agency
        return person.role == "supervisor" and any(row.whom == other for _, row in self.lines_of(who))

    # --- may I enter a CANS?

    def cleared(self, who):
        if not self.people[who].active or not self.gate:
            return self.people[who].active
        own = [row for row in self.credentials if row.who == who and row.on <= self.day]
        certified = any(row.kind == "certification" and self._still_valid(row.on) for row in own)
        return certified and any(row.kind == "training" for row in own)

    def _still_valid(self, certified):
        """Through the anniversary; 29 February through 28 February. None from before CANS 2.0."""
        if certified < datetime.date(2018, 2, 25):
            return False
        last = (certified.year + 1, certified.month, certified.day)
        last = (last[0], 2, 28) if last[1:] == (2, 29) else last
        return (self.day.year, self.day.month, self.day.day) <= last

    # --- the CANS

    def start(self, who, case):
        if not self.carries(who, case):
            return WHO
        return YES if self.cleared(who) else WHEN

    def score(self, who, number):
        cans = self.cans[number]
        if not self.carries(who, cans.case):
            return WHO
        return YES if cans.state in ("draft", "returned") and self.cleared(who) else WHEN

    def take_over(self, who, number):
        answer = self.score(who, number)
        return WHEN if answer == YES and self.cans[number].author == who else answer

    def wrote(self, who, number):
        return who == self.cans[number].author or who in self.cans[number].wrote

    def turns(self, who, number):
        """What somebody is to a CANS today."""
        cans, person = self.cans[number], self.people[who]
        found = set()
        if self.wrote(who, number) and self.carries(who, cans.case):
            found.add("author")
        if self._reviews(who, cans):
            found.add("reviewer")
        if person.role == "supervisor" and (self.carries(who, cans.case) or self.leads(who, cans.case)):
            found.add("supervisor")
            if not any(self._decides(other, number) for other in range(len(self.people))):
                found.add("last resort")
        if self.coordinates(who, cans.case):
            found.add("coordinator")
        return found

    def _decides(self, who, number):
        """May decide it and is here: nobody stands in for them today."""
        away = any(row.whom == who and row.holds(self.day) for row in self.covers)
        return (
            not away
            and self._reviews(who, self.cans[number])
            and not self.wrote(who, number)
            and self.cleared(who)
        )

    def _reviews(self, who, cans):
        person = self.people[who]
        if person.role != "supervisor" or person.agency != self.cases[cans.case].agency:
            return False
        covered = {row.whom for row in self.covers if row.who == who and row.holds(self.day)}
        return cans.reviewer is not None and (cans.reviewer == who or cans.reviewer in covered)

    def step(self, who, verb, number):
        """The workflow's table: from which state, by whom, and what else."""
        cans, person = self.cans[number], self.people[who]
        if not person.active:
            return WHO
        turns = self.turns(who, number)
        by = WORKFLOW[verb].get(cans.state)
        if by is None:
            ever = set().union(*WORKFLOW[verb].values())
            was_reviewer = person.role == "supervisor" and "reviewer" in ever
            return WHEN if was_reviewer or turns & ever else WHO
        if not turns & by or (verb in ("approve", "return") and self.wrote(who, number)):
            return WHO
        if verb == "recall" and cans.opened:
            return WHEN
        if cans.state == "approved" and not self._in_force(verb, number):
            return WHEN
        if verb in ("submit", "approve", "return") and not self.cleared(who):
            return WHEN
        return YES

    def _in_force(self, verb, number):
        """Nothing that amends it, open or approved; and to amend, no other open CANS of the child."""
        if any(one.amends == number and one.state != "voided" for one in self.cans):
            return False
        open_one = any(
            one.child == self.cans[number].child and one.state in ("draft", "returned", "submitted")
            for one in self.cans
        )
        return not (verb == "amend" and open_one)


WORKFLOW = {
    "submit": {"draft": {"author"}, "returned": {"author"}},
    "approve": {"submitted": {"reviewer"}},
    "return": {"submitted": {"reviewer"}},
    "reroute": {"submitted": {"author", "reviewer", "coordinator", "last resort"}},
    "recall": {"submitted": {"author"}},
    "amend": {"approved": {"supervisor", "coordinator"}},
    "void": {
        "draft": {"author", "supervisor"},
        "returned": {"author", "supervisor"},
        "approved": {"coordinator"},
    },
}
