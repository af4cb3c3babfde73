"""Every page, as every role finds it by following links: it opens, is accessible, fits, is quiet."""

import os
import re
from html import unescape
from urllib.parse import urldefrag, urljoin, urlsplit

import pytest
from django.db import connection
from django.test import Client
from django.urls import get_resolver, resolve, reverse
from playwright.sync_api import expect

from cases.actions import request_extension
from cases.models import Case
from exchange.doubt import keep_list
from guidance.actions import load_entries
from guidance.management.commands.load_help import shipped
from staff.actions import disable_person, name_cover
from staff.dates import today
from staff.models import User
from staff.policy import EVERYONE, POLICIES, declared_policy
from tests import factories

from .conftest import NARROW, WIDE, axe_findings, sideways

# An ordinary run looks at a coordinator's pages; the proofs at everybody's, with other rows and in the dark.
CLOSELY = os.environ.get("HYPOTHESIS_PROFILE") in {"short", "proof"}
ROLES = ["clinician", "supervisor", "coordinator", "admin"]
ROLE_OF = {one: one for one in ROLES} | {"admin": "administrator"}
# The second of their role: the same pages with other rows, so what differs by its rows is looked at.
SECONDS = ["supervisor2", "clinician.b"]
PEOPLE = [*ROLES, *SECONDS] if CLOSELY else ROLES
# These differ from state to state: more of them are opened, and two for each person are looked at.
MANY_FACED = {
    "cases:detail",
    "cases:child",
    "cans:detail",
    "cans:summary",
    "cans:siblings",
    "approvals:review",
    "staff:person",
}
SEARCHES = {"cases:find_child": "?q=er", "cases:find_adult": "?q=er"}
DOWNLOADS = {
    "cans:keying",
    "cases:export",
    "exchange:people_template",
    "exchange:template",
    "staff:credential_template",
}
LINK = re.compile(r'<a\s[^>]*?href="([^"]*)"')

# No link of a signed-in person leads here, each with its reason.
SIGNED_OUT = {
    "account_login": {},
    "account_inactive": {},
    "socialaccount_login_cancelled": {},
}
SIGNED_IN = {
    "account_logout": {},  # the header's button ends the session without asking
    "staff:confirmed": {},  # the end of a second tab
    "signed_in": {},  # the end of a sign-in in a second window
}
LEADS_ON = {
    "approvals:submit": "to the summary",
    "approvals:approve": "to the review",
}
# The pages of those who have a second factor, or a directory: test_sign_in.py looks at them.
SECOND_FACTOR = {
    "mfa_authenticate",
    "mfa_deactivate_totp",
    "mfa_edit_webauthn",
    "mfa_generate_recovery_codes",
    "mfa_login_webauthn",
    "mfa_reauthenticate",
    "mfa_reauthenticate_webauthn",
    "mfa_remove_webauthn",
    "mfa_view_recovery_codes",
    "single_sign_on",
    "single_sign_on_callback",
}
FOR_MACHINES = {"healthz", "calendar", "session", "cans:ratings"}
FIRST_PAGES = {"home", "cases:list", "cans:list", "approvals:queue", "reports:overdue", "staff:people"}

# Forms that each role sends off with nothing in them.
FORMS = {
    "clinician": [
        "cases:create",
        "cases:assign",
        "cases:extend",
        "cases:close",
        "cases:add_child?",
        "cases:add_adult?",
        "cases:leave",
        "cases:status",
        "cases:add_service",
        "cans:details",
        "approvals:void",
    ],
    "supervisor": [
        "approvals:return",
        "approvals:reroute",
        "approvals:amend",
        "staff:cover",
        "staff:file_request",
        "cases:end_assignment",
    ],
    "coordinator": [
        "exchange:import",
        "doubt:upload",
        "cases:transfer",
        "cases:correct_opening",
        "cases:correct_closing",
        "cases:service_array",
        "reports:waive?",
        "guidance:add",
    ],
    "admin": [
        "staff:credential",
        "staff:add_person",
        "staff:change_person",
        "staff:change_role",
        "staff:set_line",
        "staff:disable_person",
        "staff:enable_person",
        "staff:correct_credential",
        "staff:import_credentials",
        "exchange:people",
        "staff:open_account",
        "staff:decline_request",
        "cans:load_instrument",
        "account_change_password",
    ],
}


@pytest.fixture
def world(sample, monkeypatch):
    """The sample, and what it lacks: help, an extension to decide, a cover, a long timeline, doubt."""
    load_entries(shipped())
    people = {person.username: person for person in User.objects.all()}
    for username in ("clinician", "clinician.b"):
        # All that are open, so that each role comes by one that is not decided.
        for case in Case.objects.listed_to(people[username]).filter(episodes__closed=None):
            request_extension(
                case.episodes.latest("opened"),
                by=people[username],
                requested=today(),
                reason="The child was ill, and the CANS comes next week.",
            )
    name_cover(
        people["supervisor"],
        cover=people["supervisor2"],
        by=people["supervisor"],
        starts=today(),
        ends=factories.days(3),
    )
    gone = factories.make_person(
        "clinician", agency=people["admin"].agency, name="Tansy Away", username="away"
    )
    disable_person(gone, reason="Left the agency.", by=people["admin"])
    case = Case.objects.visible_to(people["coordinator"]).first()
    keep_list(
        "list.csv",
        f"case_number,opened\n{case.number},2020-02-02".encode(),
        as_of=today(),
        sha256="0" * 64,
        by=people["coordinator"],
    )
    monkeypatch.setattr("cases.views.story.LATEST_EVENTS", 3)
    return people


@pytest.mark.proof
@pytest.mark.parametrize(
    "username",
    [who if who == "coordinator" else pytest.param(who, marks=pytest.mark.closely) for who in PEOPLE],
)
def test_every_page(username, world, open_browser):
    found, wrong = follow_links(world[username])
    mine = {name: paths for name, paths in found.items() if is_looked_at(name, username)}
    reader = Reader(open_browser(world[username]))
    for path in chosen(mine, turn=PEOPLE.index(username)):
        wrong += reader.read(path)
    for name in FORMS.get(username, []):
        wrong += reader.send_empty(found[name][0])
    assert wrong == []


@pytest.mark.parametrize("names", [SIGNED_OUT, SIGNED_IN], ids=["signed out", "signed in"])
def test_pages_that_no_link_leads_to(names, clinician, open_browser, transactional_db):
    reader = Reader(open_browser(clinician if names is SIGNED_IN else None))
    wrong = [reader.read(reverse(name, kwargs=parameters)) for name, parameters in names.items()]
    assert [fault for faults in wrong for fault in faults] == []


@pytest.mark.closely
def test_no_page_is_out_of_reach(world):
    found = {role: {name.removesuffix("?") for name in follow_links(world[role])[0]} for role in ROLES}
    reached = set().union(*found.values())
    looked_at = {name for role, names in found.items() for name in names if is_looked_at(name, role)}
    assert {name for name in reached - looked_at if not is_download(name)} == set()
    excused = {*SIGNED_OUT, *SIGNED_IN, *LEADS_ON, *SECOND_FACTOR, *FOR_MACHINES}
    assert excused & reached == set()
    missed = {
        name
        for name, parameters in patterns_of(get_resolver())
        if name not in reached | excused and answers_get(name, parameters)
    }
    assert missed == set()


@pytest.mark.parametrize("role", ["clinician", "supervisor", "coordinator", "administrator"])
def test_first_pages_with_nothing_on_them(role, open_browser, transactional_db):
    """The first day of somebody who has no case, no line and nobody to look after."""
    if role == "coordinator":
        person = factories.make_coordinator()
    else:
        person = factories.make_person(role, credentials=False)
    found, wrong = follow_links(person)
    reader = Reader(open_browser(person))
    for name in FIRST_PAGES & found.keys():
        wrong += reader.read(found[name][0])
    assert wrong == []


class Reader:
    """Opens pages one after another and says what is wrong with each."""

    def __init__(self, page):
        self.page = page
        self.said = []
        self.opened = set()
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.said.append(f"script: {error}"))

    def _hear(self, message):
        if message.type in ("error", "warning"):
            self.said.append(f"console: {message.text}")

    def _is_new(self, kind):
        """A page of many faces has the same colours in each of them, a form its errors."""
        seen = kind in self.opened
        self.opened.add(kind)
        return CLOSELY and not seen

    def read(self, path):
        self.said.clear()
        response = self.page.goto(path)
        dark = self._is_new(resolve(urlsplit(path).path).view_name)
        faults = look_at(self.page, dark) if response.status == 200 else [f"status {response.status}"]
        return [f"{path}: {fault}" for fault in faults + self.said]

    def send_empty(self, path):
        """The form of the page comes back and says what is missing."""
        self.page.goto(path)
        asks = self.page.locator("input:not([type=hidden]), textarea, select")
        form = self.page.locator("main form[method=post]").filter(has=asks).first
        for field in form.locator("input:is([type=text],[type=date],[type=search]), textarea").all():
            if field.is_visible():
                field.fill("")
        form.locator("button").last.click()
        expect(self.page.locator("main [aria-invalid=true], main .errors").first).to_be_visible()
        self.said.clear()
        faults = look_at(self.page, dark=self._is_new("sent empty"))
        if not self.page.title().startswith("Error: "):
            faults.append("the title does not say that something is wrong")
        return [f"{path} sent empty: {fault}" for fault in faults]


def follow_links(person):
    """URL name → addresses, from the home page on; and a sentence for every link that leads nowhere.

    What a query asks of a page, a filter or a search, counts as a page of its own: "cases:list?".
    """
    client = Client()
    client.force_login(person)
    found, wrong = {}, []
    ahead, seen = ["/"], {"/"}
    for path in ahead:
        name = resolve(urlsplit(path).path).view_name + ("?" if "?" in path else "")
        opened = found.setdefault(name, [])
        if len(opened) == (10 if name in MANY_FACED else 2):
            continue
        opened.append(path)
        response = client.get(path)
        if response.status_code == 302:  # an address that leads on, as "go on rating" does
            links = [response["Location"]]
        elif response.status_code == 200:
            links = (
                []
                if is_download(name.removesuffix("?"))
                else map(unescape, LINK.findall(response.content.decode()))
            )
        else:
            links = []
            wrong.append(f"{path}: {response.status_code}")
        links = [urldefrag(urljoin(path, link)).url for link in links]
        if name in SEARCHES:
            links.append(path + SEARCHES[name])
        new = [link for link in dict.fromkeys(links) if link.startswith("/") and link not in seen]
        ahead += new
        seen.update(new)
    return found, wrong


def is_looked_at(name, username):
    """A page looks alike to all whose door it is, so the first of them looks at it; some differ."""
    plain = name.removesuffix("?")
    if plain in MANY_FACED | FIRST_PAGES:
        return True
    roles = roles_of(plain)
    return username == next(one for one in ROLES if ROLE_OF[one] in roles)


def roles_of(name):
    parameters = {name: list(keys) for name, keys in patterns_of(get_resolver())}[name]
    view = resolve(reverse(name, kwargs=dict.fromkeys(parameters, 1))).func
    return POLICIES.get(declared_policy(view), EVERYONE)


def chosen(found, *, turn):
    """What is looked at: of each pattern one, by turns another one, and two where they differ."""
    for name, paths in found.items():
        plain = name.removesuffix("?")
        if not is_download(plain) and (plain == name or plain in SEARCHES):
            start = turn % len(paths)
            yield from [*paths[start:], *paths[:start]][: 2 if CLOSELY and name in MANY_FACED else 1]


def is_download(name):
    """A file, and no page."""
    return name in DOWNLOADS or name.endswith(("_csv", "_xlsx"))


def look_at(page, dark=True):
    """Everything that is wrong with the page that is open, at both widths and in both colour schemes."""
    page.wait_for_load_state()  # which a click does not
    wrong = []
    if page.locator("h1").count() != 1:
        wrong.append(f"{page.locator('h1').count()} h1")
    if not page.title().removesuffix("· IPS CANS").strip():
        wrong.append("no title")
    if connection.vendor == "postgresql":
        # It looks as it does on SQLite, where it is looked at: here it is opened, sent off and listened to.
        return wrong
    wrong += axe_findings(page) + sideways(page)
    if dark:
        page.emulate_media(color_scheme="dark")
        wrong += [f"dark: {fault}" for fault in axe_findings(page, rules=["color-contrast"])]
        page.emulate_media(color_scheme="light")
    page.set_viewport_size(NARROW)
    wrong += [f"narrow: {fault}" for fault in sideways(page)]
    page.set_viewport_size(WIDE)
    return wrong


def patterns_of(resolver, namespace=""):
    """(URL name, its parameters) of every address there is."""
    for pattern in resolver.url_patterns:
        if hasattr(pattern, "url_patterns"):
            yield from patterns_of(pattern, f"{pattern.namespace}:" if pattern.namespace else namespace)
        else:
            yield namespace + pattern.name, list(pattern.pattern.converters)


def answers_get(name, parameters):
    """Whether it is a page: an act answers 405 to whoever's role may do it."""
    path = reverse(name, kwargs=dict.fromkeys(parameters, 1))
    answers = set()
    for role in ROLES:
        client = Client()
        client.force_login(User.objects.get(username=role))
        answers.add(client.get(path).status_code)
    return 405 not in answers
