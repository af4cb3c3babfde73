"""Who is let in where: every address, and thirteen people who must not get in, or not any further.

The answers are written here by hand. 403 is the wrong door, 405 the wrong method, 404 "not yours".
"""

import logging
import re

import pytest
from django.test import Client

from cases.models import Assignment, Case
from staff.models import Cover, Line, RegionGrant, User

from . import factories, forms_world
from .factories import days
from .forms_world import undone
from .html_forms import forms_of
from .nonsense import fitting

pytestmark = pytest.mark.django_db

# Roles: c clinician, s supervisor, k coordinator, a administrator, n none (a platform superuser).
EVERYONE, READERS, WORKERS = "cskan", "csk", "cs"

# pattern: what it is about; methods; the roles whose door it is; and what GET answers to the case's
# clinician, their supervisor, the coordinator, and the supervisor's cover while a CANS waits.
# about "family": one case's record; "record": who opened it; "person", "cover": of an agency; "own": the
# reader's own lists.
TABLE = """
/                                                     own     G   cskan  200 200 200 200
/help/                                                own     G   cskan  200 200 200 200
/help/faq/                                            own     G   cskan  200 200 200 200
/help/<slug:guide>/                                   own     G   cskan  200 200 200 200
/healthz                                              public  G   cskan  200 200 200 200
/cases/                                               own     G   cska   200 200 200 200
/cases/new/                                           own     GP  cs     200 200 403 200
/cases/emergency/                                     own     GP  cs     200 200 403 200
/cases/emergency/<int:pk>/end/                        person  P   cs     405 405 403 405
/cases/emergency/notices/<int:pk>/acknowledge/        person  P   sa     403 405 403 405
/cases/services/                                      own     GP  k      403 403 200 403
/cases/services/<int:kind_pk>/retire/                 own     P   k      403 403 405 403
/cases/services/<int:kind_pk>/restore/                own     P   k      403 403 405 403
/cases/<int:pk>/                                      family  G   csk    200 200 200 200
/cases/<int:pk>/edit/                                 family  GP  cs     200 200 403 403
/cases/<int:pk>/timeline/                             family  G   csk    200 200 200 200
/cases/<int:pk>/transfer/                             family  GP  k      403 403 200 403
/cases/<int:pk>/reopen/                               family  GP  cs     200 200 403 403
/cases/<int:pk>/episodes/<int:episode_pk>/extend/     family  GP  cs     200 200 403 403
/cases/<int:pk>/episodes/<int:episode_pk>/close/      family  GP  cs     200 200 403 403
/cases/<int:pk>/episodes/<int:episode_pk>/undo-closing/ family GP cs     200 200 403 403
/cases/<int:pk>/episodes/<int:episode_pk>/correct-opening/ family GP k   403 403 200 403
/cases/<int:pk>/extensions/<int:extension_pk>/decide/ family  GP  cs     200 200 403 403
/cases/<int:pk>/children/find/                        family  G   csk    200 200 200 403
/cases/<int:pk>/children/new/                         family  GP  cs     200 200 403 403
/cases/<int:pk>/children/<int:child_pk>/              family  G   csk    200 200 200 200
/cases/<int:pk>/children/<int:child_pk>/edit/         family  GP  cs     200 200 403 403
/cases/<int:pk>/children/<int:child_pk>/join/         family  GP  csk    200 200 200 403
/cases/<int:pk>/children/<int:child_pk>/leave/        family  GP  cs     200 200 403 403
/cases/<int:pk>/children/<int:child_pk>/status/       family  GP  cs     200 200 403 403
/cases/<int:pk>/children/<int:child_pk>/services/add/ family  GP  cs     200 200 403 403
/cases/<int:pk>/stays/<int:stay_pk>/correct/          family  GP  cs     200 200 403 403
/cases/<int:pk>/services/<int:service_pk>/change/     family  GP  cs     200 200 403 403
/cases/<int:pk>/adults/find/                          family  G   csk    200 200 200 403
/cases/<int:pk>/adults/new/                           family  GP  cs     200 200 403 403
/cases/<int:pk>/adults/<int:adult_pk>/use/            family  GP  csk    200 200 200 403
/cases/<int:pk>/adults/<int:adult_pk>/edit/           family  GP  cs     200 200 403 403
/cases/<int:pk>/collaterals/<int:collateral_pk>/end/  family  GP  cs     200 200 403 403
/cases/<int:pk>/caregivings/<int:caregiving_pk>/end/  family  GP  cs     200 200 403 403
/cases/<int:pk>/assignments/add/                      family  GP  csk    200 200 200 403
/cases/<int:pk>/assignments/<int:assignment_pk>/end/  family  GP  csk    403 200 200 403
/cans/                                                own     G   csk    200 200 200 200
/cans/start/<int:case_pk>/<int:child_pk>/             family  GP  cs     200 200 403 200
/cans/instrument/                                     own     G   cskan  200 200 200 200
/cans/instrument/load/                                own     GP  a      403 403 403 403
/cans/instrument/<int:pk>/                            own     G   cskan  200 200 200 200
/cans/instrument/<int:pk>/activate/                   own     P   a      403 403 403 403
/cans/<int:pk>/                                       family  G   csk    200 200 200 200
/cans/<int:pk>/take-over/                             family  P   cs     405 405 403 405
/cans/<int:pk>/score/                                 family  G   cs     302 302 403 302
/cans/<int:pk>/score/<slug:section>/                  family  GP  cs     409 403 403 403
/cans/<int:pk>/summary/                               family  G   csk    200 200 200 200
/cans/<int:pk>/summary/answers/                       family  P   cs     405 405 403 405
/cans/<int:pk>/people/                                family  G   csk    200 200 200 200
/cans/<int:pk>/people/add/                            family  P   cs     405 405 403 405
/cans/<int:pk>/people/<int:sheet_pk>/reason/          family  P   cs     405 405 403 405
/cans/<int:pk>/people/<int:sheet_pk>/score/           family  P   cs     405 405 403 405
/cans/<int:pk>/people/<int:sheet_pk>/drop/            family  P   cs     405 405 403 405
/cans/<int:pk>/details/                               family  G   csk    200 200 200 200
/cans/<int:pk>/details/date/                          family  P   cs     405 405 403 405
/cans/<int:pk>/details/type/                          family  P   cs     405 405 403 405
/cans/<int:pk>/details/sections/                      family  P   cs     405 405 403 405
/approvals/                                           own     G   s      403 200 403 200
/approvals/<int:pk>/                                  family  G   s      403 200 403 200
/approvals/<int:pk>/submit/                           family  GP  cs     302 302 403 302
/approvals/<int:pk>/approve/                          family  GP  s      403 302 403 302
/approvals/<int:pk>/return/                           family  GP  s      403 200 403 200
/approvals/<int:pk>/reroute/                          family  GP  csk    200 200 200 200
/approvals/<int:pk>/recall/                           family  GP  cs     200 403 403 403
/approvals/<int:pk>/amend/                            family  GP  sk     403 409 409 403
/approvals/<int:pk>/void/                             family  GP  csk    409 409 409 403
/reports/overdue/                                     own     G   csk    200 200 200 200
/reports/overdue/csv/                                 own     G   csk    200 200 200 200
/reports/due/                                         own     G   csk    200 200 200 200
/reports/due/csv/                                     own     G   csk    200 200 200 200
/reports/waive/<int:obligation_pk>/                   family  GP  k      403 403 200 403
/audit/                                               own     G   ska    403 200 200 200
/audit/refusals/                                      own     G   a      403 403 403 403
/audit/cases/<int:pk>/                                record  G   ska    403 200 200 200
/staff/                                               own     G   sa     403 200 403 200
/staff/me/                                            own     G   cskan  200 200 200 200
/staff/confirmed/                                     own     G   cskan  200 200 200 200
/staff/cover/                                         own     GP  sk     403 200 200 200
/staff/cover/<int:pk>/end/                            cover   P   sk     403 405 405 405
/staff/settings/                                      own     G   k      403 403 200 403
/staff/settings/<slug:name>/                          own     GP  k      403 403 200 403
/staff/add/                                           own     GP  a      403 403 403 403
/staff/credentials/import/                            own     GP  a      403 403 403 403
/staff/credentials/template/                          own     G   a      403 403 403 403
/staff/requests/                                      own     G   sa     403 200 403 200
/staff/requests/new/                                  own     GP  s      403 200 403 200
/staff/requests/<int:request_pk>/                     person  G   sa     403 200 403 404
/staff/requests/<int:request_pk>/open/                person  GP  a      403 403 403 403
/staff/requests/<int:request_pk>/decline/             person  GP  a      403 403 403 403
/staff/requests/<int:request_pk>/confirm/             person  P   s      403 405 403 405
/staff/<int:pk>/                                      person  G   sa     403 200 403 404
/staff/<int:pk>/change/                               person  GP  a      403 403 403 403
/staff/<int:pk>/role/                                 person  GP  a      403 403 403 403
/staff/<int:pk>/line/                                 person  GP  a      403 403 403 403
/staff/<int:pk>/disable/                              person  GP  a      403 403 403 403
/staff/<int:pk>/enable/                               person  GP  a      403 403 403 403
/staff/<int:pk>/password/                             person  P   a      403 403 403 403
/staff/<int:pk>/credentials/<int:credential_pk>/correct/ person GP a     403 403 403 403
/staff/<int:pk>/reset-sign-in/                        person  GP  a      403 403 403 403
/staff/<int:pk>/credential/                           person  GP  a      403 403 403 403
"""


class Row:
    def __init__(self, line):
        pattern, self.about, methods, self.doors, *inside = line.split()
        self.pattern = pattern[1:]
        self.methods = {{"G": "get", "P": "post"}[letter] for letter in methods}
        self.inside = dict(
            zip(["clinician", "supervisor", "coordinator", "cover"], map(int, inside), strict=True)
        )

    def refusal(self, letter, method):
        """What a stranger gets who has this role; None where the page is theirs too."""
        if self.about == "public":
            return None
        if letter not in self.doors:
            return 403
        if method not in self.methods:
            return 405
        return None if self.about == "own" else 404


ROWS = {row.pattern: row for row in map(Row, TABLE.strip().splitlines())}
ROUTES = {route.pattern: route for route in forms_world.routes()}


def outsiders(ours, theirs):
    """Those whose path to the family's case is missing, over, or still to come; by name, with their role."""
    team = {"agency": ours.agency, "supervisor": ours.supervisor}

    def clinician(**assignment):
        person = factories.make_person("clinician", **team)
        if assignment:
            Assignment.objects.create(case=ours.case, person=person, **assignment)
        return person

    def supervisor(**cover):
        person = factories.make_person("supervisor", agency=ours.agency)
        if cover:
            cover.setdefault("supervisor", ours.supervisor)
            Cover.objects.create(cover=person, named_by=ours.supervisor, **cover)
        return person

    def line(**dates):
        person = supervisor()
        Line.objects.create(person=ours.clinician, supervisor=person, **dates)
        return person

    ended = factories.make_coordinator(factories.make_region(), name="Invented Ended")
    RegionGrant.objects.create(coordinator=ended, region=ours.region, starts=days(-60), ends=days(-1))
    reviewed = supervisor()
    factories.assign(ours.case, reviewed, kind="review", starts=days(-9), ends=days(-1))
    superuser = User.objects.create_superuser("root", password="a password for tests", name="Invented Root")
    return {
        "clinician of another agency": ("c", theirs.clinician),
        "colleague of the team": ("c", clinician()),
        "assignment ended yesterday": ("c", clinician(kind="parallel", starts=days(-9), ends=days(-1))),
        "assignment starts tomorrow": ("c", clinician(kind="parallel", starts=days(1))),
        "supervisor of another agency": ("s", theirs.supervisor),
        "supervisor of another team": ("s", supervisor()),
        "line ended yesterday": ("s", line(starts=days(-400), ends=days(-1))),
        "line starts tomorrow": ("s", line(starts=days(1), ends=days(30))),
        "cover ended yesterday": ("s", supervisor(starts=days(-9), ends=days(-1))),
        "cover starts tomorrow": ("s", supervisor(starts=days(1), ends=days(9))),
        "covers one for whom nothing waits": (
            "s",
            supervisor(supervisor=ours.other, starts=days(-1), ends=days(1)),
        ),
        "decided yesterday": ("s", reviewed),
        "coordinator of another region": ("k", factories.make_coordinator(factories.make_region())),
        "region ended yesterday": ("k", ended),
        "administrator of the agency": ("a", ours.administrator),
        "administrator of another agency": ("a", theirs.administrator),
        "superuser without a role": ("n", superuser),
    }


NAMES = [
    "clinician of another agency",
    "colleague of the team",
    "assignment ended yesterday",
    "assignment starts tomorrow",
    "supervisor of another agency",
    "supervisor of another team",
    "line ended yesterday",
    "line starts tomorrow",
    "cover ended yesterday",
    "cover starts tomorrow",
    "covers one for whom nothing waits",
    "decided yesterday",
    "coordinator of another region",
    "region ended yesterday",
    "administrator of the agency",
    "administrator of another agency",
    "superuser without a role",
]


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker):
    logging.disable(logging.CRITICAL)
    with django_db_blocker.unblock(), undone():
        made = forms_world.build()
        made.outsiders = outsiders(made.ours, made.theirs)
        assert list(made.outsiders) == NAMES
        yield made
    logging.disable(logging.NOTSET)


def place_of(route, side):
    """The case that is open, the CANS that waits for its supervisor."""
    found = forms_world.places(route, side)
    waiting = side.cans["submitted"].pk
    is_cans = route.room in {"cans", "approvals"} and "instrument" not in route.pattern
    return next((one for one in found if one.get("pk") == waiting), found[0]) if is_cans else found[0]


def browser_of(person):
    browser = Client()
    browser.force_login(person)
    return browser


def test_every_address_has_a_row():
    assert ROWS.keys() == ROUTES.keys()


@pytest.mark.parametrize("who", ["clinician", "supervisor", "coordinator", "cover"])
def test_those_whose_case_it_is_get_in(world, who):
    """Without this the refusals below would prove nothing."""
    ours = world.ours
    person = {"coordinator": world.coordinator, "cover": ours.other}.get(who) or getattr(ours, who)
    found = {}
    for pattern, route in ROUTES.items():
        with undone():
            found[pattern] = browser_of(person).get(route.path(**place_of(route, ours))).status_code
    assert found == {pattern: row.inside[who] for pattern, row in ROWS.items()}


@pytest.mark.parametrize("who", NAMES)
def test_outsiders_find_nothing_and_change_nothing(world, who):
    letter, person = world.outsiders[who]
    wrong = []
    with undone():
        browser = browser_of(person)
        for pattern, route in ROUTES.items():
            path = route.path(**place_of(route, world.ours))
            for method in ("get", "post"):
                wrong += attempt(
                    browser, method, path, expected(ROWS[pattern], letter, method, who), world, letter
                )
    assert wrong == []


def expected(row, letter, method, who):
    """The administrator of the agency keeps its people, and the record of its cases, not the cases."""
    if who == "administrator of the agency" and row.about in {"person", "record"} and letter in row.doors:
        return None if method in row.methods else 405
    return row.refusal(letter, method)


def attempt(browser, method, path, status, world, letter):
    """What is wrong with the answer, in words. Where the page is theirs, only what it shows is looked at."""
    with undone(), forms_world.writes() as written:
        answer = getattr(browser, method)(path)
    body = answer.content.decode() + str(answer.headers)
    names = world.children_and_adults if letter == "a" else world.secrets
    said = [f"{method} {path} shows {name}" for name in names if name in body]
    if status is None:
        return said if method == "post" or answer.status_code == 200 else [*said, f"{method} {path}: closed"]
    if answer.status_code != status:
        said.append(f"{method} {path}: {answer.status_code}, not {status}")
    return said + [f"{method} {path} writes to {table}" for table in sorted(written)]


@pytest.mark.parametrize("who", ["anonymous", "inactive", "made inactive while signed in"])
def test_without_an_account_everything_leads_to_signing_in(world, who):
    with undone():
        browser = Client()
        if who != "anonymous":
            person = world.ours.clinician
            if who == "inactive":
                User.objects.filter(pk=person.pk).update(is_active=False)
            browser.force_login(person)
            User.objects.filter(pk=person.pk).update(is_active=False)
        before = forms_world.stored()
        for pattern, route in ROUTES.items():
            if ROWS[pattern].about == "public":
                continue
            path = route.path(**place_of(route, world.ours))
            for answer in (browser.get(path), browser.post(path)):
                assert answer.status_code == 302, path
                assert answer.url == f"/accounts/login/?next={path}"
                assert not any(name in answer.content.decode() for name in world.secrets)
        assert forms_world.differences(before, forms_world.stored()) == []


FREE = 987_654_321  # no row of any kind has this number
TOKEN = re.compile(rb'name="csrfmiddlewaretoken" value="\w+"')


def told(answer, *numbers):
    """All that the answer tells, but for the number that was asked for."""
    body = TOKEN.sub(b"", answer.content)
    headers = {name: value for name, value in answer.headers.items() if name != "Set-Cookie"}
    for number in numbers:
        body = re.sub(rb"(?<=/)%d(?=/)" % number, b"N", body)
        headers = {name: re.sub(rf"(?<=/){number}(?=/)", "N", value) for name, value in headers.items()}
    headers.pop("Content-Length", None)
    return answer.status_code, body, headers


def reader_of(route, theirs):
    """Somebody of the other agency whose door it is, so that only the number is refused."""
    if set(ROWS[route.pattern].doors) & set("cs"):
        return theirs.clinician if "c" in ROWS[route.pattern].doors else theirs.supervisor
    return theirs.administrator if ROWS[route.pattern].about == "person" else None


@pytest.mark.parametrize("pattern", [p for p in ROWS if ROWS[p].about not in {"own", "public"}])
def test_a_foreign_number_answers_as_a_free_one(world, pattern):
    """Byte for byte: alone in the address, and behind a number of one's own."""
    route = ROUTES[pattern]
    foreign, own = place_of(route, world.ours), place_of(route, world.theirs)
    person = reader_of(route, world.theirs) or world.outsiders["coordinator of another region"][1]
    for name in forms_world.integer_parameters(route):
        for start in (foreign, own):
            places = [start | {name: foreign[name]}, start | {name: FREE}]
            for method in {"get", "post"} & set(ROWS[pattern].methods):
                with undone():
                    browser = browser_of(person)
                    answers = [getattr(browser, method)(route.path(**place)) for place in places]
                found, free = (told(answer, foreign[name], FREE) for answer in answers)
                assert found[0] == 404
                assert found == free


@pytest.mark.parametrize("who", ["clinician", "supervisor", "coordinator"])
def test_a_foreign_number_in_a_form_answers_as_a_free_one(world, who):
    """In every choice of every form that the other agency's people find about their own case."""
    ours, theirs = world.ours, world.theirs
    rows = [ours.supervisor, ours.clinician, ours.adult, ours.children[0], ours.case, ours.agency]
    tried = 0
    with undone():
        region = factories.make_region("Invented region of theirs")
        Case.objects.filter(agency=theirs.agency).update(region=region)
        person = factories.make_coordinator(region) if who == "coordinator" else getattr(theirs, who)
        browser = browser_of(person)
        for route in ROUTES.values():
            page = browser.get(route.path(**place_of(route, theirs)))
            assert who == "coordinator" or not named_in(page, [ours.supervisor, ours.clinician, ours.other])
            for form in forms_of(page):
                for one in form.fields.values():
                    if is_choice(one) and not form.action.startswith("/accounts/"):
                        for number in sorted({row.pk for row in rows if str(row.pk) not in one.options}):
                            assert_told_alike(browser, form, one.name, number)
                            tried += 1
    assert tried > 15


def named_in(page, people):
    """A page that offers somebody's name offers their number. A coordinator may transfer to anybody."""
    body = page.content.decode()
    return [person.name for person in people if re.search(rf"{person.name}\b", body)]


def is_choice(one):
    """Among rows, that is; not a rating, and not yes or no."""
    return one.kind in {"select", "radio"} and not one.name.startswith("rating-")


def assert_told_alike(browser, form, name, number):
    sent = {field: fitting(one) for field, one in form.fields.items() if one.kind != "button"}
    answers = []
    for value in (number, FREE):
        with undone():
            send = browser.post if form.method == "post" else browser.get
            answer = send(form.action, sent | {name: [str(value)]})
        body = TOKEN.sub(b"", answer.content)
        answers.append((answer.status_code, re.sub(rb"\b%d is not one of" % value, b"N", body)))
    found, free = answers
    assert found == free, (form.action, name, number)
