"""Two agencies with a record of every kind, and the concrete addresses of every page about them.

For the tests that walk all pages: access, bad input, paging.
"""

import re
from base64 import b64encode
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import SimpleNamespace

from django.apps import apps
from django.db import connection, transaction
from django.urls import URLPattern, get_resolver

from approvals import actions as approvals
from cans.instrument import SHIPPED
from cans.loading import load_instrument
from cans.models import Obligation, Sheet
from cases import actions as cases
from cases.models import Adult, Case, Service, ServiceFinding, ServiceKind
from exchange import people as people_import
from guidance.actions import load_entries
from guidance.management.commands.load_help import shipped
from reports.actions import make_feed, save_view
from staff import actions as people
from staff.models import Cover, PolicySetting, Role, User
from staff.policy import POLICIES, declared_policy

from . import factories
from .factories import days
from .importing import checked

WRITING = re.compile(r'(?:INSERT(?: OR \w+)? INTO|UPDATE|DELETE FROM) "(\w+)"')
PARAMETER = re.compile(r"<(?:(\w+):)?(\w+)>")


@dataclass(frozen=True)
class Route:
    """One line of the urls modules, by its whole pattern: "cases/<int:pk>/edit/"."""

    pattern: str
    view: object

    @property
    def parameters(self):
        return [name for _, name in PARAMETER.findall(self.pattern)]

    @property
    def policy(self):
        return declared_policy(self.view)

    @property
    def roles(self):
        return POLICIES[self.policy]

    @property
    def room(self):
        return self.pattern.split("/")[0]

    def path(self, **values):
        return "/" + PARAMETER.sub(lambda found: str(values[found[2]]), self.pattern)


def routes():
    """Every address but those of one's own sign-in: tests/sign_in has these, each by itself."""
    found = [Route(pattern, view) for pattern, view in _walk(get_resolver().url_patterns)]
    return [route for route in found if not route.pattern.startswith("accounts/")]


def _walk(patterns, before=""):
    for one in patterns:
        here = before + str(one.pattern)
        if isinstance(one, URLPattern):
            yield here, one.callback
        else:
            yield from _walk(one.url_patterns, here)


@dataclass
class World:
    """`ours` is the first agency's, `theirs` the second's: each with its people, cases and CANS."""

    ours: SimpleNamespace
    theirs: SimpleNamespace
    coordinator: object
    people: dict = field(default_factory=dict)

    @property
    def children_and_adults(self):
        """The names and numbers of our family's people, which an administrator has no use for."""
        adults = Adult.objects.filter(caregivings__membership__case__agency=self.ours.agency).distinct()
        return [text for row in [*self.ours.children, *adults] for text in (row.name, row.person_number)]

    @property
    def secrets(self):
        """What must never reach somebody who may not see our family."""
        cases = Case.objects.filter(agency=self.ours.agency)
        return ["Onlyhere", *self.children_and_adults, *cases.values_list("number", flat=True)]


@contextmanager
def undone():
    """What happens meanwhile has not happened."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def build():
    load_entries(shipped())
    region = factories.make_region("Invented Region")
    factories.make_instrument()
    load_instrument(SHIPPED.read_text(encoding="utf-8"), label="Another sheet", by=None, activate=False)
    kept = ServiceKind.objects.create(name="Invented Respite")
    ServiceKind.objects.create(name="Invented and retired", active=False)
    ours = _agency("Northfield Invented Services", region, kept, "Onlyhere Plainly-Invented")
    theirs = _agency("Southfield Invented Services", region, kept, "Elsewhere-Made-Up")
    coordinator = factories.make_coordinator(name="Cora Coordinator", username="coordinator")
    PolicySetting.objects.create(
        name="entry_gate", value="yes", since=days(-9), reason="Invented.", set_by=coordinator
    )
    roles = [*Role.values[:2], "administrator"]
    by_role = {role: getattr(ours, role) for role in roles} | {"coordinator": coordinator}
    return World(ours, theirs, coordinator, by_role)


def _agency(name, region, service_kind, family):
    """An agency with a team, an open case with a CANS in every state, and a closed case."""
    agency = factories.make_agency(name)
    supervisor = factories.make_person("supervisor", agency=agency)
    other = factories.make_person("supervisor", agency=agency)
    clinician = factories.make_person("clinician", agency=agency, supervisor=supervisor)
    parallel = factories.make_person("clinician", agency=agency)
    colleague = factories.make_person("clinician", agency=agency, supervisor=supervisor)
    administrator = factories.make_person("administrator", agency=agency)
    case = factories.make_case(primary=clinician, region=region, opened=days(-50), name=family)
    factories.assign(case, parallel, kind="parallel", starts=days(-9))
    closed = factories.make_case(
        primary=clinician, region=region, opened=days(-90), closed=days(-5), name=f"{family} closed"
    )
    extension = cases.request_extension(case.episodes.get(), by=clinician, requested=days(-3))
    children = [
        factories.make_child(case, name=f"{given} {family}", age=age, joined=days(-50))
        for given, age in [("Ann", 3), ("Ben", 9), ("Cid", 10), ("Dee", 15), ("Eve", 8), ("Flo", 7)]
    ]
    last = factories.make_child(closed, name=f"Gus {family}")
    adult = factories.make_caregiver(children[0], name=f"Fay {family}")
    for child in [*children[1:], last]:
        factories.make_caregiver(child, adult=adult)
    other_adult = factories.make_caregiver(last, name=f"Hal {family}")
    service = Service.objects.create(
        membership=children[0].memberships.get(), kind=service_kind, provider="Nobody", starts=days(-3)
    )
    ServiceFinding.objects.create(service=service, code="life.sleep")
    cover = Cover.objects.create(
        supervisor=supervisor, cover=other, starts=days(0), ends=days(5), named_by=supervisor
    )
    disabled = factories.make_person("clinician", agency=agency, supervisor=supervisor)
    User.objects.filter(pk=disabled.pk).update(is_active=False)
    return SimpleNamespace(
        agency=agency,
        region=region,
        supervisor=supervisor,
        other=other,
        clinician=clinician,
        parallel=parallel,
        colleague=colleague,
        administrator=administrator,
        case=case,
        closed=closed,
        unknown=factories.make_case(primary=parallel, region=region, name=f"{family} unknown"),
        extension=extension,
        children=[*children, last],
        adult=adult,
        other_adult=other_adult,
        cover=cover,
        calendar=make_feed(by=clinician),
        saved=save_view(by=clinician, page="reports:overdue", name="Invented view", query="")[0],
        disabled=disabled,
        requests=_requests(agency, supervisor, administrator),
        cans=_cans(children, clinician, supervisor),
    )


def _requests(agency, supervisor, administrator):
    """One that waits for the administrator, one whose account waits to be confirmed."""
    asked = [factories.make_account_request(supervisor) for _ in range(2)]
    people.open_account(
        asked[1], username=f"opened.{agency.pk}", name=asked[1].name, email="", by=administrator
    )
    return asked


def _cans(children, clinician, supervisor):
    """One in each state; the last child has none, so that one can be started."""

    def submitted(child):
        cans = factories.make_draft(child, author=clinician, rated="1", assessed_on=days(-2))
        approvals.submit(cans, by=clinician)
        return cans

    draft = factories.make_draft(children[0], author=clinician, assessed_on=days(-2))
    waiting, returned, approved = (submitted(child) for child in children[1:4])
    sheet = returned.sheets.get(adult=None)
    approvals.return_for_revision(
        returned, by=supervisor, reason="Look again.", comments=[(sheet, sheet.items[0].code, "This one.")]
    )
    approvals.approve(approved, by=supervisor)
    voided = factories.make_draft(children[4], author=clinician)
    approvals.void(voided, by=clinician, reason="A duplicate.")
    return {
        "draft": draft,
        "submitted": waiting,
        "returned": returned,
        "approved": approved,
        "voided": voided,
    }


STATES_LIST = {"file": [], "text": ["case_number,opened\nA-77,2025-03-03"]}


def importable(side, *, by):
    """What the page of an import sends, when this coordinator confirms a new case of this side."""
    names = "case_number,case_name,agency,county,region,lan,referred_on,referral_source,opened"
    names += ",authorised_through,primary_worker"
    cells = ["A-77", "Plainly Invented", side.agency.name, "Cook", side.region.name, "7", days(-30), "Nobody"]
    cells += [days(-20), days(90), side.clinician.username]
    content = f"{names}\n{','.join(map(str, cells))}".encode()
    seal = checked([("cases.csv", content)], by=by).seal()
    return {"file": [], "receiver": [""], "content": [b64encode(content).decode()], "checked": [seal]}


def people_to_import(administrator):
    """What the page of an import of people sends, when this administrator confirms one."""
    content = b"user_name,name,role\ninvented.other,Plainly Invented,supervisor"
    seal = people_import.checked("people.csv", content, by=administrator).seal()
    return {"file": [], "content": [b64encode(content).decode()], "checked": [seal]}


def places(route, side):
    """Every concrete address of a route about one side's records, as values by parameter."""
    found = [{}]
    for name in route.parameters:
        found = [one | {name: value} for one in found for value in _values(route, name, side, one)]
    return found


def _values(route, name, side, chosen):
    """What a parameter may be; `chosen` are those before it in the address."""
    case = chosen.get("case_pk", chosen.get("pk"))
    of_case = {
        "episode_pk": lambda: _keys("cases.Episode", case=case),
        "extension_pk": lambda: _keys("cases.Extension", episode__case=case),
        "child_pk": lambda: _children(route, side, case),
        "stay_pk": lambda: _keys("cases.Membership", case=case)[:2],
        "service_pk": lambda: _keys("cases.Service", membership__case=case),
        "adult_pk": lambda: [side.adult.pk, side.other_adult.pk],
        "collateral_pk": lambda: _keys("cases.Collateral", case=case),
        "caregiving_pk": lambda: _keys("cases.Caregiving", membership__case=case)[:2],
        "assignment_pk": lambda: _keys("cases.Assignment", case=case, kind__in=["primary", "parallel"]),
        "case_pk": lambda: [side.case.pk, side.closed.pk],
        "kind_pk": lambda: _keys("cases.ServiceKind", name__startswith="Invented"),
        "obligation_pk": lambda: list(
            Obligation.objects.unsettled().filter(case=side.case).values_list("pk", flat=True)[:4]
        ),
        "sheet_pk": lambda: _keys("cans.Sheet", assessment=chosen.get("pk"), adult__isnull=False),
        "code": lambda: ["caregiver.safety"],
        "section": lambda: _sections(chosen.get("pk")),
        "request_pk": lambda: [asked.pk for asked in side.requests],
        "credential_pk": lambda: _keys("staff.Credential", person=chosen.get("pk"))[:1],
        "guide": lambda: ["doing-a-cans"],
        "secret": lambda: [side.calendar],
        "name": lambda: PolicySetting.Name.values,
    }
    if name != "pk":
        return of_case[name]()
    if route.room in {"cases", "audit"}:
        return [side.case.pk, side.closed.pk]
    if route.pattern.startswith("reports/views/"):
        return [side.saved.pk]
    if "instrument" in route.pattern:
        return _keys("cans.InstrumentVersion")
    if route.pattern.endswith("/enable/"):
        return [side.disabled.pk]
    if route.room == "staff":
        return [side.cover.pk] if "cover" in route.pattern else [side.clinician.pk, side.supervisor.pk]
    return [one.pk for one in side.cans.values()]


def _children(route, side, case):
    """One with a draft, one without a CANS, one of the closed case. One joins a case from another."""
    shown = {side.children[place].pk for place in (0, 5, 6)}
    here = shown & set(_keys("cases.Child", memberships__case=case))
    return sorted(shown - here if route.pattern.endswith("/join/") else here)


def _keys(label, **which):
    return sorted(set(apps.get_model(label).objects.filter(**which).values_list("pk", flat=True)))


def _sections(pk):
    caregivers = Sheet.objects.filter(assessment=pk, adult__isnull=False)
    return ["trauma", *(f"caregiver-{sheet.pk}" for sheet in caregivers)]


# The record of acts, of reading and of sessions grows with every request; it is not what is tested.
NOT_STATE = {"audit.event", "audit.chain", "audit.reading", "sessions.session", "staff.session"}


def stored(tables=None):
    """Every row of every table, or of these tables: by model and number."""
    return {
        model._meta.label_lower: {row["id"]: row for row in model.objects.order_by().values()}
        for model in apps.get_models()
        if model._meta.label_lower not in NOT_STATE and (tables is None or model._meta.db_table in tables)
    }


@contextmanager
def writes():
    """The tables that something tries to write to meanwhile, without the records that always grow."""
    found = set()
    growing = {apps.get_model(label)._meta.db_table for label in NOT_STATE}

    def note(execute, sql, *rest):
        written = WRITING.match(sql)
        if written and written[1] not in growing:
            found.add(written[1])
        return execute(sql, *rest)

    with connection.execute_wrapper(note):
        yield found


def differences(before, after):
    """What two of them do not share, in words; the second may be of fewer tables."""
    return [
        f"{label} {key}: {before[label].get(key)} -> {after[label].get(key)}"
        for label in after
        for key in before[label].keys() | after[label].keys()
        if before[label].get(key) != after[label].get(key)
    ]


def integer_parameters(route):
    return [name for kind, name in PARAMETER.findall(route.pattern) if kind == "int"]
