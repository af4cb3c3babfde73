"""Any number of invented cases with years of history, for measurements."""

import datetime
import itertools

from staff.dates import today
from staff.models import Agency, Credential, Line, Region, Role, User

from .names import COUNTIES, FAMILIES, GIVEN, LANS
from .writing import AdultStory, CansStory, ChildStory, FamilyStory

CASES_A_CLINICIAN = 20
CLINICIANS_A_SUPERVISOR = 6
CASES_AN_AGENCY = 500
FIRST_NUMBER = 50_000_000
NO_PASSWORD = "!"  # nobody can sign in as them  # noqa: S105  (not a password: Django's mark for none)


class History:
    """Agencies with their people, then families one after another, by a seeded chance."""

    def __init__(self, rng, count, by):
        self.rng = rng
        self.count = count
        self.by = by
        self.teams = []  # (agency, region, clinician, supervisor)

    def make_people(self):
        """One agency for every 500 cases, with a team of six for every 120. Nobody can sign in."""
        regions = list(Region.objects.all())
        for number in range(1, 1 + -(-self.count // CASES_AN_AGENCY)):
            agency = Agency.objects.create(name=f"Invented Agency {number}")
            region = regions[number % len(regions)]
            clinicians = -(-min(self.count, CASES_AN_AGENCY) // CASES_A_CLINICIAN)
            self._make_teams(agency, region, clinicians)

    def families(self):
        for number in range(self.count):
            agency, region, clinician, supervisor = self.teams[number % len(self.teams)]
            yield self._family(FIRST_NUMBER + number, agency, region, clinician, supervisor)

    def _make_teams(self, agency, region, clinicians):
        supervisors = -(-clinicians // CLINICIANS_A_SUPERVISOR)
        people = User.objects.bulk_create(
            User(
                username=f"{role}-{agency.pk}-{number}",
                name=f"{self.rng.choice(GIVEN)} {self.rng.choice(FAMILIES)}",
                role=role,
                agency=agency,
                password=NO_PASSWORD,
            )
            for role, count in [(Role.SUPERVISOR, supervisors), (Role.CLINICIAN, clinicians)]
            for number in range(1, count + 1)
        )
        leaders, workers = people[:supervisors], people[supervisors:]
        began = today() - datetime.timedelta(days=2000)
        pairs = list(zip(workers, itertools.cycle(leaders), strict=False))
        Line.objects.bulk_create(Line(person=p, supervisor=s, starts=began) for p, s in pairs)
        Credential.objects.bulk_create(
            Credential(person=person, kind=kind, on=on, recorded_by=self.by)
            for person in people
            for kind, on in [
                ("certification", today() - datetime.timedelta(days=self.rng.randrange(1, 375))),
                ("training", began),
            ]
        )
        self.teams += [(agency, region, clinician, supervisor) for clinician, supervisor in pairs]

    def _family(self, number, agency, region, clinician, supervisor):
        rng = self.rng
        name = rng.choice(FAMILIES)
        opened = today() - datetime.timedelta(days=rng.randrange(10, 1000))
        lasts = rng.randrange(150, 900)
        closed = opened + datetime.timedelta(days=lasts)
        closed = closed if closed < today() else None
        children = [
            self._child(name, opened, closed, clinician, supervisor) for _ in range(rng.choice((1, 2, 2, 3)))
        ]
        everyone = list(range(len(children)))
        adults = [AdultStory(f"{rng.choice(GIVEN)} Carewell", "substitute", "foster parent", everyone)]
        if rng.random() < 0.5:
            adults.append(
                AdultStory(f"{rng.choice(GIVEN)} {name}", "parent", "mother", everyone, in_home=False)
            )
        return FamilyStory(
            number=str(number),
            name=name,
            agency=agency,
            region=region,
            county=rng.choice(COUNTIES[region.name]),
            lan=rng.choice(LANS[region.name]),
            episodes=[(opened, opened + datetime.timedelta(days=960), closed, "stable" if closed else "")],
            assignments=[(clinician, "primary", opened, None, "")],
            children=children,
            adults=adults,
        )

    def _child(self, family, opened, closed, clinician, supervisor):
        rng = self.rng
        born = opened - datetime.timedelta(days=rng.randrange(365, 6200))
        child = ChildStory(
            name=f"{rng.choice(GIVEN)} {family}",
            born=born,
            joined=opened,
            statuses=[("placement", rng.choice(("Foster home", "Relative's home", "At home")), opened)],
        )
        child.cans = list(self._cans(opened, closed, clinician, supervisor))
        return child

    def _cans(self, opened, closed, clinician, supervisor):
        """Mostly in time, the last at times still under way: 7.5 a case on average."""
        days = self._days(opened, closed)
        for day in days:
            last = day == days[-1]
            type = "initial" if day == days[0] else "closing" if closed and last else "reassessment"
            steps = list(self._steps(day, last, clinician, supervisor))
            yield CansStory(assessed=day, author=clinician, steps=steps, type=type)

    def _days(self, opened, closed):
        """Every three to five months. One closing in ten lacks its CANS; of those still open, one child
        in thirty has not been assessed since half the time."""
        rng = self.rng
        day, days = opened + datetime.timedelta(days=rng.randrange(5, 40)), []
        while day <= (closed or today()):
            days.append(day)
            day += datetime.timedelta(days=rng.randrange(79, 151))
        if closed and rng.random() < 0.9:
            closing = closed - datetime.timedelta(days=rng.randrange(0, 25))
            return [day for day in days if (closing - day).days > 20] + [closing]
        return days[: -(-len(days) // 2)] if not closed and rng.random() < 0.03 else days

    def _steps(self, assessed, last, clinician, supervisor):
        """What another CANS followed was decided; the last may wait, or be returned, or be a draft."""
        submitted = assessed + datetime.timedelta(days=self.rng.randrange(0, 9))
        decided = submitted + datetime.timedelta(days=self.rng.randrange(0, 12))
        if submitted > today():
            return
        yield "submit", submitted, clinician, "", supervisor
        if decided <= today() or not last:
            yield "approve", min(decided, today()), supervisor, "", None
        elif self.rng.random() < 0.2:
            yield "return", today(), supervisor, "An invented reason: two ratings lack their story.", None
