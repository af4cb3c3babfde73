"""What the access matrix is about: a case open, closed and transferred, and a CANS in every state.

`places` gives each address its concrete values by state, `Forms` what a careful person would send.
"""

import re
from contextlib import contextmanager
from dataclasses import dataclass

from django.db import connection

from approvals import actions as approvals
from cans import obligations
from cans.instrument import UNRATED
from cans.models import Contribution, Obligation, Sheet
from cans.siblings import siblings_of
from cases import actions as cases
from cases.models import (
    Adult,
    Caregiving,
    Child,
    Collateral,
    EmergencyAccess,
    EmergencyNotice,
    Extension,
    Membership,
    Service,
    ServiceFinding,
    ServiceKind,
)
from cases.views.case import move_with_reviews
from staff.credential_import import check
from tests import factories, forms_world
from tests.approvals.conftest import submit
from tests.factories import days
from tests.html_forms import forms_of
from tests.nonsense import fitting

from . import actors

OF_CASE = ["open", "closed", "transferred", "stale"]
OF_CANS = [
    "draft",
    "submitted",
    "rerouted",
    "returned",
    "approved",
    "amended",
    "voided",
    "transferred",
    "stale",
]
NO_STATE = ["any"]
# What has a version of its own; all else of a case has the case's.
VERSIONED = {
    "/<int:child_pk>/edit/": Child,
    "/<int:adult_pk>/edit/": Adult,
    "/<int:stay_pk>/correct/": Membership,
    "/<int:collateral_pk>/correct/": Collateral,
    "/<int:caregiving_pk>/correct/": Caregiving,
    "/<int:service_pk>/change/": Service,
}
PARENT = "Pia"
KINDS = ["Invented Respite", "Invented and retired"]
# Who shows us the forms: each page's from the first who is let in.
LET_IN = ["assigned", "supervisor", "region", "administrator", "wrote_in_it", "received_it"]
LET_IN += ["rerouted_to", "in_emergency"]


@dataclass
class World:
    base: forms_world.World
    people: dict
    cases: dict
    cans: dict

    def place(self, route, state):
        """The values of an address in this state; None where there is no such record."""
        place = {}
        for name in route.parameters:
            value = self._value(route, name, state)
            if value is None:
                return None
            place[name] = value
        return place

    def case(self, state):
        return self.cases["open" if state in {"stale", "any"} else state]

    def assessment(self, state):
        return self.cans["submitted" if state == "stale" else state]

    def _value(self, route, name, state):
        if name in OF_A_CASE:
            return OF_A_CASE[name](self.case(state), route)
        if name == "sheet_pk":
            return _sheet(self.assessment(state), route)
        if name == "kind_pk":
            return ServiceKind.objects.get(active=not route.pattern.endswith("/restore/"), name__in=KINDS).pk
        if name == "request_pk":
            return self.base.ours.requests[route.pattern.endswith("/confirm/")].pk
        if name == "pk":
            return self._pk(route, state)
        return forms_world.places(route, self.base.ours)[0][name]

    def _pk(self, route, state):
        kind = kind_of(route)
        if kind == "case":
            return self.case(state).pk
        if kind == "cans":
            return self.assessment(state).pk
        if "emergency/notices" in route.pattern:
            return EmergencyNotice.objects.get(person=self.people["administrator"]).pk
        if "emergency/" in route.pattern:
            return EmergencyAccess.objects.get(person=self.people["in_emergency"], case=self.case("open")).pk
        if route.pattern.endswith("/enable/"):
            return self.base.ours.disabled.pk
        if route.pattern.endswith("/role/"):
            return self.people["unassigned"].pk  # who holds nothing that another role could not hold
        return forms_world.places(route, self.base.ours)[0]["pk"]

    def batch(self, state, *, by):
        """What the scoring page's script sends: one rating of the child, where another stands."""
        sheet = Sheet.objects.select_related("assessment").get(assessment=self.assessment(state), adult=None)
        item = sheet.applicable_items[0]
        rating = {"sheet": sheet.pk, "code": item.code, "seen": sheet.value(item), "carried": False}
        rating["value"] = "2" if rating["seen"] != "2" else "1"
        return {"by": by.pk if by else 0, "ratings": [rating], "notes": []}

    @property
    def children(self):
        """Names and numbers of the families' children and adults: nothing that an administrator reads."""
        ours = self.cases.values()
        adults = Adult.objects.filter(caregivings__membership__case__in=ours)
        children = Child.objects.filter(memberships__case__in=ours)
        return sorted({text for row in [*adults, *children] for text in (row.name, row.person_number)})

    @property
    def secrets(self):
        """What must never reach somebody who may not see our families."""
        return ["Onlyhere", *self.children, *(case.number for case in self.cases.values())]


def kind_of(route):
    """What an address is about: a case, a CANS, or neither of them."""
    pattern = route.pattern
    if re.match(r"cases/<int:pk>/|cans/start/|reports/waive/|audit/cases/", pattern):
        return "case"
    if re.match(r"(cans|approvals)/<int:pk>/", pattern):
        return "cans"
    return "other"


def states_of(route):
    return {"case": OF_CASE, "cans": OF_CANS, "other": NO_STATE}[kind_of(route)]


def _first(rows):
    return rows.order_by("pk").values_list("pk", flat=True).first()


def _sheet(cans, route):
    """A caregiver's; of those that are dropped the blank one of somebody who cares no more."""
    blank = Sheet.objects.filter(assessment=cans, adult__name__startswith=PARENT)
    return (route.pattern.endswith("/drop/") and _first(blank)) or _sheet_of(cans)


def _child(case, route):
    """A child who left may join again; else one without a CANS."""
    here = Child.objects.filter(memberships__case=case)
    if route.pattern.endswith("/join/"):
        return _first(here.filter(memberships__left__isnull=False))
    return _first(here.exclude(assessments__isnull=False)) or _first(here)


def _adult(case, route):
    """A parent who is no collateral yet may become one."""
    if route.pattern.endswith("/use/"):
        return _first(Adult.objects.filter(caregivings__membership__case=case, name__startswith=PARENT))
    return _first(Adult.objects.filter(collaterals__case=case))


OF_A_CASE = {
    "case_pk": lambda case, route: case.pk,
    "child_pk": _child,
    "episode_pk": lambda case, route: _first(case.episodes),
    "extension_pk": lambda case, route: _first(case.episodes.get().extensions),
    "stay_pk": lambda case, route: _first(case.memberships),
    "service_pk": lambda case, route: _first(Service.objects.filter(membership__case=case)),
    "adult_pk": _adult,
    "collateral_pk": lambda case, route: _first(case.collaterals),
    "caregiving_pk": lambda case, route: _first(case.memberships.first().caregivings),
    "assignment_pk": lambda case, route: _first(case.assignments.filter(kind="primary", ends=None)),
    "obligation_pk": lambda case, route: _first(
        Obligation.objects.unsettled().filter(case=case, child=OF_A_CASE["child_pk"](case, route))
    ),
}


def build():
    base = forms_world.build()
    ours, people = base.ours, actors.make(base)
    write = _Writing(people, base)
    cans = dict(ours.cans) | {
        "rerouted": write.rerouted(factories.make_child(ours.case, name="Rae Onlyhere")),
        "amended": write.amended(factories.make_child(ours.case, name="Ada Onlyhere")),
    }
    moved = _moved(ours)
    for case in (ours.case, ours.closed, moved):
        actors.give(people, case)
        parent = _left_with_parent(case)
    # One sheet more than the draft has caregivers, and below one caregiver more than it has sheets.
    Sheet.objects.create(assessment=cans["draft"], adult=parent, size=34, ratings=UNRATED * 34)
    cans["transferred"] = write.submitted(Child.objects.get(memberships__case=moved, name__startswith="Tom"))
    for one in cans.values():
        write.together(one)
    approvals.reroute(
        cans["rerouted"], by=people["region"], to=people["rerouted_to"], reason="Away this week."
    )
    move_with_reviews(
        moved,
        by=people["region"],
        agency=base.theirs.agency,
        supervisor=people["received_it"],
        reason="The family moved.",
    )
    factories.make_caregiver(cans["draft"].child, name="Ida Onlyhere")
    _tell(people, ours.case)
    found = {"open": ours.case, "closed": ours.closed, "transferred": moved}
    for case in found.values():
        case.refresh_from_db()
    for one in cans.values():
        one.refresh_from_db()
    return World(base, people, found, cans)


class _Writing:
    def __init__(self, people, base):
        self.people, self.base = people, base

    def submitted(self, child):
        factories.make_caregiver(child, adult=self.base.ours.adult)
        cans = factories.make_draft(child, author=self.people["assigned"], rated="1", assessed_on=days(-2))
        approvals.submit(cans, by=self.people["assigned"])
        return cans

    def rerouted(self, child):
        return self.submitted(child)

    def amended(self, child):
        first = self.submitted(child)
        approvals.approve(first, by=self.people["supervisor"])
        second = approvals.amend(
            first, by=self.people["supervisor"], author=self.people["assigned"], reason="A wrong item."
        )
        submit(second)
        approvals.approve(second, by=self.people["supervisor"])
        return first

    def together(self, cans):
        """Who wrote in it besides the author; rows as the verbs leave them."""
        Contribution.objects.bulk_create(
            Contribution(assessment=cans, person=self.people[name])
            for name in ("lapsed", "untrained", "wrote_in_it", "pending", "disabled")
        )


def _moved(ours):
    """A case that will be transferred, and what the closed one lacks besides."""
    moved = factories.make_case(
        primary=ours.clinician, region=ours.region, opened=days(-60), name="Onlyhere moved"
    )
    factories.make_child(moved, name="Una Onlyhere")
    factories.make_child(moved, name="Tom Onlyhere")
    factories.make_caregiver(moved.memberships.first().child, adult=ours.adult)
    cases.request_extension(moved.episodes.get(), by=ours.clinician, requested=days(-3))
    Extension.objects.create(
        episode=ours.closed.episodes.get(), requested=days(-20), requested_by=ours.clinician
    )
    kind = Service.objects.first().kind
    for case in (moved, ours.closed):
        service = Service.objects.create(
            membership=case.memberships.first(), kind=kind, provider="Nobody", starts=days(-20)
        )
        ServiceFinding.objects.create(service=service, code="life.sleep")
    return moved


def _left_with_parent(case):
    child = factories.make_child(case, name="Lou Onlyhere")
    parent = factories.make_caregiver(child, name=f"{PARENT} Onlyhere", role="parent")
    for row, last_day in [(child.memberships.get(), "left"), (parent.caregivings.get(), "ends")]:
        setattr(row, last_day, days(-12))
        row.save()
    obligations.refresh(case)
    return parent


def _tell(people, case):
    access = EmergencyAccess.objects.get(person=people["in_emergency"], case=case)
    for name in ("administrator", "supervisor"):
        EmergencyNotice.objects.create(access=access, person=people[name])


class Forms:
    """What a careful person would send, as the pages ask for it; where none is shown, as elsewhere."""

    def __init__(self, world, browsers, routes):
        self.world, self.browsers, self.shown = world, browsers, {}
        self.patterns = {re.compile(_matching(route.pattern)): route.pattern for route in routes}
        for route in routes:
            for state in states_of(route):
                if state not in {"stale", "transferred"} and route.pattern not in self.shown:
                    place = world.place(route, state)
                    if place is not None:
                        self._look(route.path(**place))

    def _look(self, path):
        for name in LET_IN:
            with forms_world.undone():
                answer = self.browsers[name].get(path)
            if answer.status_code == 200:
                for form in forms_of(answer):
                    self._keep(form)
                return

    def _keep(self, form):
        path = form.action.split("?")[0]
        for expression, pattern in self.patterns.items():
            if form.method == "post" and expression.fullmatch(path):
                self.shown.setdefault(pattern, {}).setdefault(path, form.fields)

    def body(self, route, state, *, exact):
        """`exact`: as the page itself asks for it now, which matters where it will be accepted."""
        place = self.world.place(route, state)
        path = route.path(**place)
        known = self.shown.setdefault(route.pattern, {})
        if exact and path not in known:
            self._look(path)
        fields = known.get(path) or _borrowed(next(iter(known.values()), {}), place)
        sent = {name: fitting(one) for name, one in fields.items() if one.kind != "button"}
        sent.pop("csrfmiddlewaretoken", None)
        chosen = chosen_in(self.world, state).get(route.pattern, {})
        sent |= {name: [str(value) for value in values] for name, values in chosen.items()}
        if "version" in sent and (version := self._version(route, state)) is not None:
            sent["version"] = [str(version)]
        return sent

    def _version(self, route, state):
        kind = kind_of(route)
        if kind == "other":
            return None
        row = self.world.case(state) if kind == "case" else self.world.assessment(state)
        place = self.world.place(route, state)
        for end, model in VERSIONED.items():
            if kind == "case" and route.pattern.endswith(end):
                row = model.objects.get(pk=place[re.search(r"\w+_pk", end)[0]])
        return row.version - (state == "stale")


def _matching(pattern):
    return "/" + re.sub(r"<int:\w+>", r"\\d+", re.sub(r"<slug:\w+>", r"[\\w-]+", pattern))


def _borrowed(fields, place):
    """The fields of a like page, without what bears the number of a row of that one."""
    found = {}
    for name, one in fields.items():
        if "sheet_pk" in place:
            name = re.sub(r"^s\d+-", f"s{place['sheet_pk']}-", name)
        if not re.search(r"^\w+-\d+-|_\d+$", name) or name.startswith("s"):
            found[name] = one
    return found


def chosen_in(world, state):
    """What a careful person must choose besides: by pattern, where the first choice would be refused."""
    people, ours, theirs = world.people, world.base.ours, world.base.theirs
    here, away = (theirs, ours) if state == "transferred" else (ours, theirs)
    lines = f"user_name,kind,date,evidence\n{people['assigned'].username},training,{days(-4)},Seen"
    return {
        "cans/<int:pk>/people/<int:sheet_pk>/confirm/": {"source": _sibling(world, state)},
        "cases/new/": {"primary": [people["other_team"].pk]},
        "cases/<int:pk>/transfer/": {"agency": [away.agency.pk], "supervisor": [away.supervisor.pk]},
        "cases/<int:pk>/extensions/<int:extension_pk>/decide/": {
            "granted": ["no"],
            "authorised_through": [""],
        },
        "cases/<int:pk>/extensions/<int:extension_pk>/correct/": {
            "reason": ["The family was away."],
            "authorised_through": [""],
        },
        "cases/<int:pk>/collaterals/<int:collateral_pk>/correct/": {"relationship": ["Friend"], "ends": [""]},
        "cases/<int:pk>/caregivings/<int:caregiving_pk>/correct/": {"relationship": ["friend"], "ends": [""]},
        "cases/<int:pk>/episodes/<int:episode_pk>/correct-opening/": {"opened": [days(-56)]},
        "cases/<int:pk>/episodes/<int:episode_pk>/correct-closing/": {"closed": [days(-4)]},
        "cases/<int:pk>/assignments/add/": {"person": [here.colleague.pk], "kind": ["parallel"]},
        "cases/emergency/": {
            "number": [world.case("open").number],
            "reason": ["Nobody else can be reached tonight."],
        },
        "approvals/<int:pk>/reroute/": {
            "to": [theirs.other.pk if here is theirs else people["other_team"].pk]
        },
        "approvals/<int:pk>/amend/": {"author": [people["assigned"].pk]},
        "staff/add/": {"username": ["invented.new"], "email": ["invented.new@example.org"]},
        "staff/<int:pk>/line/": {"supervisor": [ours.other.pk]},
        "staff/credentials/import/": {
            "file": [],
            "text": [lines],
            "checked": [check(lines, by=people["administrator"]).seal(by=people["administrator"])],
        },
        "reports/doubt/upload/": forms_world.STATES_LIST,
        "import/people/": forms_world.people_to_import(people["administrator"]),
        "import/": forms_world.importable(ours, by=people["region"]),
        "staff/cover/": {
            "supervisor": [people["supervisor"].pk],
            "cover": [people["other_team"].pk],
            "starts": [days(20)],
            "ends": [days(21)],
        },
        "staff/cover/backup/": {
            "rise-supervisor": [people["supervisor"].pk],
            "rise-backup": [people["other_team"].pk],
        },
        "staff/settings/<slug:name>/": {"since": [days(3)]},
    }


def _sibling(world, state):
    """The sheet that a button of the page would name, of the caregiver whom the addresses are about."""
    if state not in world.cans:
        return []
    sheet = Sheet.objects.select_related("assessment", "adult").get(pk=_sheet_of(world.cans[state]))
    return [source.pk for _, source, _ in siblings_of([sheet]).get(sheet.pk, ())][:1]


def _sheet_of(cans):
    return _first(Sheet.objects.filter(assessment=cans, adult__isnull=False))


@contextmanager
def watched():
    """What is written meanwhile: the tables, without the records that always grow, and the denials."""
    seen = Seen(set())

    def note(execute, sql, params, *rest):
        written = forms_world.WRITING.match(sql)
        if written and written[1] not in GROWING:
            seen.tables.add(written[1])
        if written and written[1] == "audit_event":
            seen.denials += sum(value == "denial" for value in params)
        return execute(sql, params, *rest)

    with connection.execute_wrapper(note):
        yield seen


# The records that grow with every request.
GROWING = {"audit_event", "audit_chain", "audit_reading", "staff_session", "django_session"}


@dataclass
class Seen:
    tables: set
    denials: int = 0
