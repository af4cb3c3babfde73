"""A dozen invented families that show a CANS in every state, on any day the sample is loaded."""

import datetime

from cases.models import ServiceKind
from staff.dates import today
from staff.models import Agency, Region

from .people import FIRST, SECOND
from .writing import AdultStory, CansStory, ChildStory, FamilyStory

LOOK_AGAIN = "Two ratings do not fit what you told me in supervision; please look at them again."


def _day(offset):
    """The day that many days from today; negative is past."""
    return today() + datetime.timedelta(days=offset)


def _born(years, months=0):
    """A date of birth for somebody who is that old, and a month more."""
    return today() - datetime.timedelta(days=round(365.25 * years + 30.4 * (months + 1)))


def _submitted(day, by, to):
    return ("submit", day, by, "", to)


def _approved(assessed, author, reviewer, **fields):
    """A CANS submitted two days after the assessment and approved three days later."""
    return CansStory(
        assessed=_day(assessed),
        author=author,
        steps=[
            _submitted(_day(assessed + 2), author, reviewer),
            ("approve", _day(assessed + 5), reviewer, "", None),
        ],
        **fields,
    )


class Stories:
    """The families of the first agency's two teams, then one of the second agency."""

    def __init__(self, people):
        self.people = people
        self.clinician, self.supervisor = people["clinician"], people["supervisor"]
        self.other_supervisor = people["supervisor2"]
        self.number = 40021000

    def all(self):
        return [
            self.draft_siblings(),
            self.overdue(),
            self.six_month_due_soon(),
            self.returned(),
            self.waiting_for_the_supervisor(),
            self.rerouted(),
            self.extended(),
            self.closing(),
            self.reopened(),
            self.lapsed_certification(),
            self.voided_and_started_again(),
            self.second_agency(),
        ]

    def draft_siblings(self):
        """Siblings who share a caregiver; one under six with a draft, one not yet begun."""
        family = self._family("Brackenfern", -20, parallel=self.people["clinician2"])
        family.children = [
            self._child("Hazel Brackenfern", _born(4, 3), -20),
            self._child("Robin Brackenfern", _born(9), -20),
        ]
        family.children[0].cans = [
            CansStory(assessed=_day(-2), author=self.clinician, type="initial", half=True)
        ]
        family.adults = [
            AdultStory("Olive Fosterling", "substitute", "foster parent", [0, 1]),
            AdultStory("Myrtle Brackenfern", "parent", "mother", [0, 1], in_home=False),
        ]
        return family

    def overdue(self):
        family = self._family("Candlewick", -52)
        family.children = [self._child("Basil Candlewick", _born(7), -52)]
        family.adults = [AdultStory("Rue Candlewick", "substitute", "grandparent", [0])]
        return family

    def six_month_due_soon(self):
        """A youth over 14½ whose six months end in five days; services answer two findings."""
        family = self._family("Dovetailor", -200)
        family.children = [self._child("Rowan Dovetailor", _born(15, 8), -200)]
        family.children[0].cans = [_approved(-176, self.clinician, self.supervisor, type="initial")]
        therapy, tutoring = (
            ServiceKind.objects.get_or_create(name=name)[0] for name in ("Individual therapy", "Tutoring")
        )
        family.children[0].services = [
            (therapy, "Sample Street Counseling", _day(-160), ["behavioral.anxiety"]),
            (tutoring, "Invented Tutors", _day(-120), ["life.school-achievement"]),
        ]
        family.adults = [AdultStory("Tansy Carewell", "substitute", "aunt", [0])]
        return family

    def returned(self):
        family = self._family("Elderflowers", -34)
        family.children = [self._child("Marigold Elderflowers", _born(11), -34)]
        family.children[0].cans = [
            CansStory(
                assessed=_day(-9),
                author=self.clinician,
                type="initial",
                steps=[
                    _submitted(_day(-7), self.clinician, self.supervisor),
                    ("return", _day(-3), self.supervisor, LOOK_AGAIN, None),
                ],
                comments={
                    "life.sleep": "You described nightmares most nights. Does the rating still fit?",
                    "strengths.optimism": "What did you see that shows it?",
                },
            )
        ]
        family.adults = [AdultStory("Fennel Elderflowers", "parent", "father", [0])]
        return family

    def waiting_for_the_supervisor(self):
        """A second CANS with changes to look at, and a sibling's first one beside it."""
        family = self._family("Fiddlehead", -215)
        family.children = [
            self._child("Clover Fiddlehead", _born(8), -215),
            self._child("Thyme Fiddlehead", _born(12), -26),
        ]
        family.children[0].cans = [
            _approved(-190, self.clinician, self.supervisor, type="initial"),
            CansStory(
                assessed=_day(-12),
                author=self.clinician,
                steps=[_submitted(_day(-6), self.clinician, self.supervisor)],
            ),
        ]
        family.children[1].cans = [
            CansStory(
                assessed=_day(-5),
                author=self.clinician,
                type="initial",
                steps=[_submitted(_day(-1), self.clinician, self.supervisor)],
            )
        ]
        family.adults = [AdultStory("Bryony Keeperly", "substitute", "foster parent", [0, 1])]
        return family

    def rerouted(self):
        family = self._family("Gooseberry", -45)
        family.children = [self._child("Pear Gooseberry", _born(6, 6), -45)]
        family.children[0].cans = [
            CansStory(
                assessed=_day(-20),
                author=self.clinician,
                type="initial",
                steps=[
                    _submitted(_day(-18), self.clinician, self.supervisor),
                    (
                        "reroute",
                        _day(-4),
                        self.supervisor,
                        "I am at a hearing this week.",
                        self.other_supervisor,
                    ),
                ],
            )
        ]
        family.adults = [AdultStory("Sorrel Gooseberry", "parent", "mother", [0])]
        return family

    def extended(self):
        family = self._family("Honeysucklet", -178, through=30)
        family.children = [self._child("Quince Honeysucklet", _born(10), -178)]
        family.children[0].cans = [
            _approved(-160, self.clinician, self.supervisor, type="initial"),
            _approved(-16, self.clinician, self.supervisor, type="extension"),
        ]
        family.extensions = [(0, _day(-6), _day(-2), True, _day(120))]
        family.adults = [AdultStory("Larch Homeward", "substitute", "uncle", [0])]
        return family

    def closing(self):
        """Closed ten days ago; the closing CANS is still owed."""
        family = self._family("Inglenook", -150, closed=-10)
        family.children = [self._child("Teasel Inglenook", _born(13), -150)]
        family.children[0].cans = [_approved(-130, self.clinician, self.supervisor, type="initial")]
        family.adults = [AdultStory("Linnet Inglenook", "parent", "mother", [0])]
        return family

    def reopened(self):
        """Closed last year with a CANS at the end, and opened anew two weeks ago."""
        family = self._family("Juniperish", -620, closed=-380)
        family.episodes.append((_day(-14), _day(166), None, ""))
        family.children = [self._child("Wren Juniperish", _born(9, 5), -620)]
        family.children[0].cans = [
            _approved(-600, self.clinician, self.supervisor, type="initial"),
            _approved(-425, self.clinician, self.supervisor),
            _approved(-385, self.clinician, self.supervisor, type="closing"),
        ]
        family.adults = [AdultStory("Anise Juniperish", "substitute", "grandparent", [0])]
        return family

    def lapsed_certification(self):
        """A draft whose author's certification lapsed; the due date does not move for it."""
        clinician3 = self.people["clinician3"]
        family = self._family("Kettlewick", -64, primary=clinician3)
        family.children = [self._child("Almond Kettlewick", _born(5, 2), -64)]
        family.children[0].cans = [
            CansStory(assessed=_day(-36), author=clinician3, type="initial", half=True)
        ]
        family.adults = [AdultStory("Pepper Kettlewick", "parent", "father", [0])]
        return family

    def voided_and_started_again(self):
        family = self._family("Lavenderly", -40)
        family.children = [self._child("Clementine Lavenderly-Featherstonehaugh-Example", _born(16, 2), -40)]
        family.children[0].cans = [
            CansStory(
                assessed=_day(-30),
                author=self.clinician,
                type="initial",
                half=True,
                steps=[("void", _day(-29), self.clinician, "Started for the wrong date.", None)],
            ),
            _approved(-28, self.clinician, self.supervisor, type="initial"),
        ]
        family.adults = [AdultStory("Mallow Lavenderly", "parent", "mother", [0])]
        return family

    def second_agency(self):
        author, reviewer = self.people["clinician.b"], self.people["supervisor.b"]
        family = self._family("Nettlebed", -70, primary=author, agency=SECOND, region="Northern")
        family.children = [
            self._child("Cherry Nettlebed", _born(8, 4), -70),
            self._child("Linden Nettlebed", _born(3, 4), -70),
        ]
        family.children[0].cans = [_approved(-50, author, reviewer, type="initial")]
        family.children[1].cans = [CansStory(assessed=_day(-44), author=author, type="initial", half=True)]
        family.adults = [AdultStory("Petal Nettlebed", "parent", "mother", [0, 1])]
        return family

    def _family(
        self,
        name,
        opened,
        *,
        closed=None,
        through=None,
        primary=None,
        parallel=None,
        agency=FIRST,
        region="Cook",
    ):
        self.number += 37
        primary = primary or self.clinician
        assignments = [(primary, "primary", _day(opened), None, "")]
        if parallel:
            assignments.append((parallel, "parallel", _day(opened + 3), None, "sibling visits"))
        return FamilyStory(
            number=str(self.number),
            name=name,
            agency=Agency.objects.get(name=agency),
            region=Region.objects.get(name=region),
            county={"Cook": "Cook", "Northern": "Winnebago"}[region],
            lan={"Cook": 41, "Northern": 52}[region],
            episodes=[
                (
                    _day(opened),
                    _day(opened + 180 if through is None else through),
                    closed and _day(closed),
                    "stable" if closed else "",
                )
            ],
            assignments=assignments,
            children=[],
            adults=[],
        )

    def _child(self, name, born, joined):
        return ChildStory(
            name=name,
            born=born,
            joined=_day(joined),
            statuses=[
                ("placement", "Foster home", _day(joined)),
                ("goal", "Return home within 12 months", _day(joined)),
                ("legal", "Temporary custody", _day(joined)),
            ],
        )
