"""What is on record of the cases and people that a file names, as far as its sender may see it."""

from collections import defaultdict
from itertools import islice

from cases.models import (
    Adult,
    Assignment,
    Caregiving,
    Case,
    Child,
    ChildStatus,
    Collateral,
    Episode,
    Extension,
    Membership,
    Service,
    ServiceKind,
)
from exchange.waived import day_of, waivers_of
from staff.dates import in_force, today
from staff.models import Agency, Region, RegionGrant, Role, User

AT_ONCE = 5_000  # numbers in one question


class Record:
    """Rows by the numbers people know them by. New rows of the file are put in beside them.

    Rows of one case share its object, whether it is stored already or not.
    """

    def __init__(self, by, case_numbers, person_numbers):
        self.by = by
        self.agencies = {row.name: row for row in Agency.objects.all()}
        self.regions = {row.name: row for row in _regions_of(by)}
        self.kinds = {row.name: row for row in ServiceKind.objects.all()}
        self.workers = _Workers()
        self.coordinators = defaultdict(list)
        for row in User.objects.filter(role=Role.COORDINATOR):
            self.coordinators[row.name].append(row)
        self.newly_open = []  # (line, case)
        self.told_of = set()  # numbers of cases, and of case and child, with a line of their own in the file
        self.past_cans = {}
        self._find_cases(case_numbers)
        self._find_people(person_numbers)
        self.waivers = self._waivers()

    def _find_cases(self, numbers):
        visible = Case.objects.visible_to(self.by).select_related("agency", "region")
        self.cases = {row.number: row for row in _chunked(visible, "number", numbers)}
        there = _chunked(Case.objects.values_list("number", flat=True), "number", numbers)
        self.hidden_cases = set(there) - set(self.cases)
        by_pk = self.by_pk = {row.pk: row for row in self.cases.values()}
        self.episodes = defaultdict(list)
        self.extensions, self.assignments = {}, defaultdict(list)
        episodes = {}
        for row in _chunked(Episode.objects.order_by("opened"), "case_id", by_pk):
            row.case = by_pk[row.case_id]
            episodes[row.pk] = row
            self.episodes[row.case.number].append(row)
        for row in _chunked(Extension.objects.standing(), "episode_id", episodes):
            episode = episodes[row.episode_id]
            self.extensions[episode.case.number, episode.opened, row.requested] = row
        for row in _chunked(Assignment.objects.carrying().select_related("person"), "case_id", by_pk):
            self.assignments[by_pk[row.case_id].number].append(row)

    def _waivers(self):
        numbers, found = iter(self.by_pk), {}
        while chunk := list(islice(numbers, AT_ONCE)):
            for row, cause in waivers_of(chunk):
                of = (row.episode.case.number, row.child.person_number, row.episode.opened, cause)
                found[(*of, day_of(row.at))] = row
        return found

    def _find_people(self, numbers):
        children, adults = Child.objects.visible_to(self.by), Adult.objects.visible_to(self.by)
        self.children = {row.person_number: row for row in _chunked(children, "person_number", numbers)}
        self.numbered_adults = {row.person_number: row for row in _chunked(adults, "person_number", numbers)}
        everybody = [
            *_chunked(Child.objects.values_list("person_number", flat=True), "person_number", numbers),
            *_chunked(Adult.objects.values_list("person_number", flat=True), "person_number", numbers),
        ]
        self.hidden_people = set(everybody) - set(self.children) - set(self.numbered_adults)
        self._find_stays()
        self._find_adults()
        self._find_kept()

    def _find_kept(self):
        """Of children and adults, the numbers of those whose details the sender's cases keep."""
        cases = Case.objects.visible_to(self.by).values("pk")
        adults = {row.pk for here in self.adults.values() for row in here.values()}
        adults |= {row.pk for row in self.numbered_adults.values()}
        children = [row.pk for row in self.children.values()]
        self.kept = {
            Adult: set(_chunked(_pks(Adult.objects.kept_within(cases)), "pk", adults)),
            Child: set(_chunked(_pks(Child.objects.kept_within(cases)), "pk", children)),
        }

    def tells_of(self, person):
        """Whether the sender may be told what is on record of a child or an adult: not once they moved on
        to a case out of sight."""
        return person.pk is None or person.pk in self.kept[type(person)]

    def _find_stays(self):
        children = {row.pk: row for row in self.children.values()}
        self.stays, self.statuses, self.services = defaultdict(list), set(), {}
        found = {}
        for row in _chunked(Membership.objects.order_by("joined"), "child_id", children):
            row.child = children[row.child_id]
            self.stays[row.child.person_number].append(row)
            if row.case_id in self.by_pk:
                row.case = self.by_pk[row.case_id]
                found[row.pk] = row
        for row in _chunked(ChildStatus.objects.all(), "membership_id", found):
            self.statuses.add((*stay_key(found[row.membership_id]), row.kind, row.value, row.since))
        for row in _chunked(Service.objects.prefetch_related("findings"), "membership_id", found):
            row.codes = sorted(one.code for one in row.findings.all())
            self.services[(*stay_key(found[row.membership_id]), row.kind_id, row.provider, row.starts)] = row

    def _find_adults(self):
        self.adults, self.collaterals = defaultdict(dict), defaultdict(list)
        self.caregivings = defaultdict(list)
        for row in _chunked(Collateral.objects.select_related("adult"), "case_id", self.by_pk):
            adult = self._adult_of(self.by_pk[row.case_id].number, row)
            self.collaterals[self.by_pk[row.case_id].number, key_of(adult)].append(row)
        cares = Caregiving.objects.select_related("adult", "membership__case", "membership__child")
        for row in _chunked(cares, "membership__case_id", self.by_pk):
            adult = self._adult_of(row.membership.case.number, row)
            self.caregivings[(*stay_key(row.membership), key_of(adult))].append(row)

    def _adult_of(self, number, row):
        adult = self.numbered_adults.get(row.adult.person_number, row.adult)
        row.adult = self.adults[number].setdefault(key_of(adult), adult)
        return row.adult


class _Workers:
    """The people of each agency, by user name and by name."""

    def __init__(self):
        self.by_username, self.by_name = {}, defaultdict(list)
        for row in User.objects.filter(agency__isnull=False):
            self.by_username[row.agency_id, row.username] = row
            self.by_name[row.agency_id, row.name].append(row)

    def called(self, agency, text):
        """Everybody of the agency whom this may mean: the one with the user name, or those so named."""
        known = self.by_username.get((agency.pk, text))
        return [known] if known else self.by_name.get((agency.pk, text), [])

    def add(self, person):
        self.by_username[person.agency_id, person.username] = person
        self.by_name[person.agency_id, person.name].append(person)


def key_of(adult):
    """How an adult is known within a case: by number, or by name where there is none."""
    return adult.person_number or f"name {adult.name.casefold()}"


def stay_key(stay):
    """How a stay is known: by the case's number, the child's and the day of joining."""
    return stay.case.number, stay.child.person_number, stay.joined


def _regions_of(user):
    """The coordinator's, today."""
    grants = RegionGrant.objects.filter(in_force(today()), coordinator=user)
    if grants.filter(region__isnull=True).exists():
        return Region.objects.all()
    return Region.objects.filter(pk__in=grants.values("region"))


def _pks(rows):
    return rows.values_list("pk", flat=True)


def _chunked(rows, column, wanted):
    """The rows whose column is one of those wanted, a few thousand at a time."""
    wanted = iter(wanted)
    while chunk := list(islice(wanted, AT_ONCE)):
        yield from rows.filter(**{f"{column}__in": chunk})
