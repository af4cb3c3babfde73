"""Worlds at random: as plain rows for the oracle, and the same rows in the database."""

import datetime

from django.utils import timezone

from cans.models import Assessment, Contribution, Obligation, Waiver
from cases.models import (
    Adult,
    Assignment,
    Caregiving,
    Case,
    Child,
    Collateral,
    EmergencyAccess,
    Episode,
    Membership,
)
from exchange.models import StateList
from staff.dates import today
from staff.models import (
    AccountRequest,
    Agency,
    Cover,
    Credential,
    Line,
    PolicySetting,
    Region,
    RegionGrant,
    User,
)

from . import oracle

ROLES = ["clinician", "clinician", "clinician", "supervisor", "supervisor", "supervisor", "coordinator"]
OTHER_ROLES = ["clinician", "supervisor", "coordinator", "administrator", ""]
STATES = ["draft", "submitted", "submitted", "returned", "approved", "approved", "voided"]
OPEN = {"draft", "submitted", "returned"}
# Around today, where each rule turns; and long ago.
EDGES = [-400, -2, -1, 0, 0, 0, 1, 2]


class Drawn:
    """Draws one world; `random` is hypothesis's own, so that a failing one is made small."""

    def __init__(self, random):
        self.random, self.day, self.now = random, today(), timezone.now().replace(microsecond=0)

    def world(self):
        people = [self._person(role) for role in [*ROLES, self.random.choice(OTHER_ROLES)]]
        cases = [oracle.Case(self._agency(), self._number(2)) for _ in range(2)]
        world = oracle.World(
            self.day,
            self.now,
            people,
            cases,
            lines=self._lines(people),
            covers=self._some(5, lambda: self._pair(people, "supervisor", "supervisor")),
            regions=self._some(3, lambda: self._region(people)),
            assignments=self._some(7, lambda: self._assignment(people)),
            emergencies=self._some(3, lambda: self._emergency(people)),
            cans=[],
            credentials=self._credentials(people),
            gate=self.random.random() < 0.9,
        )
        world.cans = self._cans(world)
        self._families_and_papers(world)
        return world

    def _families_and_papers(self, world):
        """Two children a case, each perhaps of the other one too; adults of a case, of both or of none."""
        once = [oracle.Tie(child, 1 - child // 2) for child in range(4) if self.random.random() < 0.2]
        world.stays = [oracle.Tie(child, child // 2) for child in range(4)] + once
        hows = ("collateral", "caregiver")
        ties = [(adult, case, how) for adult in range(3) for case in range(2) for how in hows]
        world.adults = [oracle.Tie(*tie) for tie in ties if self.random.random() < 0.2]
        opened = [None, *range(len(world.people))]
        self.random.shuffle(opened)
        workers = [n for n, one in enumerate(world.people) if one.role in ("supervisor", "clinician")]
        world.requests = [
            oracle.Request(self._agency(), self.random.choice(workers), opened.pop())
            for _ in range(self._number(4))
        ]
        world.lists = [self._of_role(world.people, "coordinator") for _ in range(self._number(2))]
        world.waived = [self.random.random() < 0.4 for _ in world.cases]

    def _number(self, below):
        return self.random.randrange(below)

    def _agency(self):
        return 0 if self.random.random() < 0.8 else 1

    def _some(self, most, make):
        return [made for _ in range(self._number(most + 1)) if (made := make()) is not None]

    def _person(self, role):
        agency = None if role in ("coordinator", "") else self._agency()
        return oracle.Person(role, agency, active=self.random.random() < 0.9)

    def _of_role(self, people, *roles):
        return self.random.choice([n for n, one in enumerate(people) if one.role in roles])

    def _dates(self, *, endless=True):
        starts = self.random.choice(EDGES)
        if endless and self.random.random() < 0.5:
            return {"starts": self._on(starts), "ends": None}
        return {"starts": self._on(starts), "ends": self._on(max(starts, self.random.choice(EDGES)))}

    def _on(self, days):
        return self.day + datetime.timedelta(days=days)

    def _lines(self, people):
        """One that has no last day a person, at most; besides any number that have."""
        found, endless = [], set()
        for _ in range(self._number(6)):
            row = self._pair(people, "supervisor", "clinician", "supervisor", endless=True)
            if row is not None and not (row.ends is None and row.whom in endless):
                endless |= {row.whom} if row.ends is None else set()
                found.append(row)
        return found

    def _pair(self, people, role, *others, endless=False):
        who, whom = self._of_role(people, role), self._of_role(people, *others)
        return None if who == whom else oracle.Dated(**self._dates(endless=endless), who=who, whom=whom)

    def _region(self, people):
        which = self.random.choice([None, 0, 1])
        return oracle.Dated(**self._dates(), who=self._of_role(people, "coordinator"), whom=which)

    def _assignment(self, people):
        """Dated to an end, so that any number of a kind may lie side by side."""
        kind = self.random.choice(["primary", "parallel", "parallel", "review"])
        who = self._of_role(people, "clinician", "supervisor")
        return oracle.Dated(**self._dates(endless=False), who=who, case=self._number(2), kind=kind)

    def _emergency(self, people):
        """Around the moments when it begins and ends; one given back early, one that says too long."""
        minutes = self.random.choice([-300, -240, -239, -100, 0, 5])
        starts = self.now + datetime.timedelta(minutes=minutes)
        lasts = datetime.timedelta(minutes=self.random.choice([1, 100, 240, 240, 600]))
        who = self._of_role(people, "clinician", "supervisor", "coordinator")
        return oracle.Emergency(self._number(2), who, starts, starts + lasts)

    def _credentials(self, people):
        found = []
        for who in range(len(people)):
            for kind, ages in [
                ("certification", [1, 200, 364, 365, 366, 367, -1]),
                ("training", [1, 900, 0, -1]),
            ]:
                if self.random.random() < 0.85:
                    found.append(oracle.Credential(who, kind, self._on(-self.random.choice(ages))))
        return found

    def _cans(self, world):
        """A child has one open CANS at most; what is submitted waits for a supervisor with a review grant."""
        found, open_children = [], set()
        for _ in range(1 + self._number(4)):
            one = self._one_cans(world, found)
            if one.state in OPEN and one.child in open_children:
                continue
            open_children |= {one.child} if one.state in OPEN else set()
            found.append(one)
        return found

    def _one_cans(self, world, before):
        workers = ("clinician", "supervisor")
        case, state = self._number(2), self.random.choice(STATES)
        author = self._of_role(world.people, *workers)
        wrote = sorted({self._of_role(world.people, *workers) for _ in range(self._number(3))} - {author})
        one = oracle.Cans(case, 2 * case + self._number(2), state, author, wrote)
        if state == "submitted":
            reviewer = self._of_role(world.people, "supervisor")
            if reviewer == author:
                one.state = "draft"
            else:
                one.reviewer, one.opened = reviewer, self.random.random() < 0.3
                world.assignments.append(
                    oracle.Dated(self.day, self.day, who=reviewer, case=case, kind="review")
                )
        approved = [
            n for n, other in enumerate(before) if other.state == "approved" and other.child == one.child
        ]
        if approved and self.random.random() < 0.5:
            one.amends = self.random.choice(approved)
        return one


class Stored:
    """The rows of a world in the database, in the oracle's order; `numbers` of them by kind."""

    def __init__(self, world, instrument):
        self.world, now = world, world.now
        self.agencies = Agency.objects.bulk_create(Agency(name=f"Random Agency {n}") for n in range(2))
        self.regions = Region.objects.bulk_create(Region(name=f"Random Region {n}") for n in range(2))
        self.people = User.objects.bulk_create(
            User(
                username=f"random{n}",
                name=f"Random {n}",
                role=one.role,
                agency=None if one.agency is None else self.agencies[one.agency],
                is_active=one.active,
            )
            for n, one in enumerate(world.people)
        )
        clerk = User.objects.create(username="random-clerk", name="Random Clerk")
        self.cases = Case.objects.bulk_create(
            Case(
                number=f"R-{n}",
                name=f"Random {n}",
                agency=self.agencies[one.agency],
                county="Cook",
                region=self.regions[one.region],
                lan=1,
                referred_on=world.day,
            )
            for n, one in enumerate(world.cases)
        )
        self._store_grants(clerk)
        self._store_cans(instrument, clerk, now)
        self._store_families()
        self._store_papers(clerk, now)
        PolicySetting.objects.create(
            name="entry_gate",
            value="yes" if world.gate else "no",
            since=world.day,
            reason="Random.",
            set_by=clerk,
        )

    def _dates(self, row):
        return {"starts": row.starts, "ends": row.ends}

    def _store_grants(self, clerk):
        world, people = self.world, self.people
        self.numbers = {
            "line": Line.objects.bulk_create(
                Line(person=people[row.whom], supervisor=people[row.who], **self._dates(row))
                for row in world.lines
            ),
            "cover": Cover.objects.bulk_create(
                Cover(supervisor=people[row.whom], cover=people[row.who], named_by=clerk, **self._dates(row))
                for row in world.covers
            ),
            "region": RegionGrant.objects.bulk_create(
                RegionGrant(
                    coordinator=people[row.who],
                    region=None if row.whom is None else self.regions[row.whom],
                    **self._dates(row),
                )
                for row in world.regions
            ),
            "assignment": Assignment.objects.bulk_create(
                Assignment(
                    case=self.cases[row.case], person=people[row.who], kind=row.kind, **self._dates(row)
                )
                for row in world.assignments
            ),
            "emergency": EmergencyAccess.objects.bulk_create(
                EmergencyAccess(
                    case=self.cases[row.case],
                    person=people[row.who],
                    reason="Random.",
                    starts_at=row.starts,
                    ends_at=row.ends,
                )
                for row in world.emergencies
            ),
        }
        self.numbers["routing"] = self.numbers["assignment"]
        Credential.objects.bulk_create(
            Credential(person=people[row.who], kind=row.kind, on=row.on, recorded_by=clerk)
            for row in world.credentials
        )

    def _store_cans(self, instrument, clerk, now):
        world, day = self.world, self.world.day
        episodes = Episode.objects.bulk_create(
            Episode(case=case, opened=day, authorised_through=day) for case in self.cases
        )
        self.children = children = Child.objects.bulk_create(
            Child(person_number=f"RC-{n}", name=f"Random Child {n}", born=day) for n in range(4)
        )
        self.cans = []
        for one in world.cans:
            done = {"at": now, "by": clerk}
            self.cans.append(
                Assessment.objects.create(
                    child=children[one.child],
                    case=self.cases[one.case],
                    instrument_version=instrument,
                    type="initial",
                    assessed_on=day,
                    early=False,
                    transition=False,
                    state=one.state,
                    author=self.people[one.author],
                    started_by=self.people[one.author],
                    reviewer=None if one.reviewer is None else self.people[one.reviewer],
                    amends=None if one.amends is None else self.cans[one.amends],
                    first_submitted_on=day if one.state in ("submitted", "approved", "returned") else None,
                    **_moment("opened", one.opened, done),
                    **_moment("submitted", one.state in ("submitted", "approved", "returned"), done),
                    **_moment("returned", one.state == "returned", done),
                    **_moment("approved", one.state == "approved", done),
                    **_moment("voided", one.state == "voided", done),
                )
            )
        Contribution.objects.bulk_create(
            Contribution(assessment=cans, person=self.people[who])
            for cans, one in zip(self.cans, world.cans, strict=True)
            for who in one.wrote
        )
        waivers = [
            Waiver.objects.create(episode=episode, child=child, source="initial", reason="other", by=clerk)
            if waived
            else None
            for episode, child, waived in zip(episodes, children[::2], world.waived, strict=True)
        ]
        self.obligations = Obligation.objects.bulk_create(
            Obligation(
                waiver=waiver,
                case=case,
                episode=episode,
                child=child,
                agency=case.agency,
                region=case.region,
                lan=case.lan,
                opened=episode.opened,
                kind="initial",
                source="initial",
                due=day,
                work_by=day,
                recorded_at=now,
            )
            for case, episode, child, waiver in zip(self.cases, episodes, children[::2], waivers, strict=True)
        )

    def _store_families(self):
        """All for a day, so that any number may lie side by side."""
        day = self.world.day
        stays = Membership.objects.bulk_create(
            Membership(case=self.cases[tie.case], child=self.children[tie.who], joined=day, left=day)
            for tie in self.world.stays
        )
        self.adults = Adult.objects.bulk_create(Adult(name=f"Random Adult {n}") for n in range(3))
        said = {"relationship": "Random", "starts": day, "ends": day}
        first = {stay.case_id: stay for stay in reversed(stays)}
        rows = {"collateral": [], "caregiver": []}
        for tie in self.world.adults:
            case, adult = self.cases[tie.case], self.adults[tie.who]
            if tie.how == "collateral":
                rows[tie.how].append(Collateral(case=case, adult=adult, **said))
            else:
                row = Caregiving(membership=first[case.pk], adult=adult, role="parent", **said)
                rows[tie.how].append(row)
        Collateral.objects.bulk_create(rows["collateral"])
        Caregiving.objects.bulk_create(rows["caregiver"])

    def _store_papers(self, clerk, now):
        done = {"opened_at": now, "opened_by": clerk}
        self.requests = AccountRequest.objects.bulk_create(
            AccountRequest(
                agency=self.agencies[one.agency],
                name="Random",
                phone="0",
                needed_from=self.world.day,
                reason="Random.",
                requested_by=self.people[one.by],
                **({} if one.opened is None else done | {"person": self.people[one.opened]}),
            )
            for one in self.world.requests
        )
        self.lists = StateList.objects.bulk_create(
            StateList(file_name="Random", sha256="", as_of=self.world.day, by=self.people[who])
            for who in self.world.lists
        )

    def named(self, grant):
        """What the application calls a row that the oracle knows by kind and place."""
        kind, number = grant
        return f"{kind} {self.numbers[kind][number].pk}"


def _moment(name, happened, done):
    return {f"{name}_{part}": value if happened else None for part, value in done.items()}
