"""Random values at every form, every query and every number in an address: a sentence, never a crash.

Each example is sent in a savepoint that is rolled back, so that all begin in the same world.
"""

import logging
import re
import unicodedata
from dataclasses import replace
from urllib.parse import quote, urlencode

import pytest
import time_machine
from django.apps import apps
from django.test import Client
from django.urls import resolve
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from cans.models import Sheet
from staff.credential_import import check

from . import forms_world
from .factories import days
from .forms_world import undone
from .html_forms import Field, forms_of, whole
from .nonsense import filled, fitting, numbers, texts

# The world takes long to build: once, in one of the processes that share the tests.
pytestmark = [pytest.mark.django_db, pytest.mark.once, pytest.mark.xdist_group("bad input")]

ANSWERS = {200, 302, 303, 400, 403, 404, 405, 409, 413}
ROUTES = {route.pattern: route for route in forms_world.routes()}
# Where another person changed an item meanwhile, the rest of the page is saved: partly done, and 409.
SAVES_IN_PART = {"cans/<int:pk>/score/", "cans/<int:pk>/score/<slug:section>/"}
ONLY_SHOWS = {"cans/<int:pk>/family/"}  # what was chosen is shown, and nothing is stored
SAYS_IT_IS_DONE = {"import/"}  # on the page itself, which has begun by then
# What the page carries, hidden, once a file was checked.
CARRIED = dict.fromkeys(("import/", "import/people/"), ("name", "content", "checked"))
LOOKS = "show"  # a button that asks for an answer and changes nothing: without a mistake, no sentence
WRONG = re.compile(r'class="errors"|class="errorlist|role="alert"|class="alert alert-(warning|error)')
IN_QUERIES = ("page", "q", "sort", "show", "by", "within", "status", "role", "assessed_on", "agency", "age")
# A hundred addresses share a profile's examples: 5 each in an ordinary run, thousands in the long proof.
shared = settings(max_examples=max(5, settings.default.max_examples // 5))
NUMBERS_OF_NOTHING = [0, 2**31 - 1, 2**31, 2**63 - 1, 2**63, 2**70, 10**400, 10**5000]


class Tried:
    """The world, one signed-in browser a role, and every form that these roles find in it."""

    def __init__(self):
        self.world = forms_world.build()
        self.browsers = {role: Client() for role in self.world.people}
        for role, person in self.world.people.items():
            self.browsers[role].force_login(person)
        self.posted, self.asked = {}, {}
        for route in ROUTES.values():
            for place in forms_world.places(route, self.world.ours):
                for role in self.roles_for(route):
                    with undone():
                        answer = self.browsers[role].get(route.path(**place))
                    self._collect(role, answer)
        for pattern, names in CARRIED.items():
            for fields in self.posted[pattern].values():
                fields.update({name: Field(name, "hidden", [""]) for name in names})
        self.before = forms_world.stored()
        self.elsewhere = self._numbers_elsewhere()

    def roles_for(self, route):
        return [role for role in self.browsers if route.roles is None or role in route.roles]

    def _collect(self, role, answer):
        for form in forms_of(answer):
            path = form.action.split("?")[0]
            route = resolve(path).route
            kept = self.posted if form.method == "post" else self.asked
            kept.setdefault(route, {})[role, path] = form.fields

    def _numbers_elsewhere(self):
        theirs = self.world.theirs
        rows = [
            theirs.case,
            theirs.clinician,
            theirs.supervisor,
            theirs.adult,
            theirs.agency,
            theirs.extension,
        ]
        rows += [*theirs.children[:1], *theirs.cans.values()]
        return sorted({str(row.pk) for row in rows})

    def targets(self, route):
        """(role, path, fields): where no form is shown, too late or not theirs, as a like page has it."""
        known = self.posted.get(route.pattern, {})
        for place in forms_world.places(route, self.world.ours):
            path = route.path(**place)
            for role in self.roles_for(route):
                yield role, path, known.get((role, path)) or _borrowed(known, path, place)


def _borrowed(known, path, place):
    """The fields as a like page has them: of the same section, and without what bears a row's number."""
    section = str(place.get("section", "")).split("-")[0]
    like = (fields for (_, other), fields in known.items() if section in other)
    found = {}
    for name, one in next(like, {}).items():
        if (sheet := place.get("sheet_pk")) is not None:
            name = re.sub(r"^s\d+-", f"s{sheet}-", name)
        if not re.search(r"^\w+-\d+-|_\d+$", name):
            found[name] = replace(one, name=name)
    return found


@pytest.fixture(scope="module")
def tried(django_db_setup, django_db_blocker):
    logging.disable(logging.CRITICAL)
    # The clock stands still: what a request does is undone, and so nobody would be seen to be active.
    with django_db_blocker.unblock(), undone(), time_machine.travel(timezone.now(), tick=False):
        yield Tried()
    logging.disable(logging.NOTSET)


def post(browser, path, sent):
    if any(not isinstance(value, str) for values in sent.values() for value in values):
        return whole(browser.post(path, sent))
    form = {"content_type": "application/x-www-form-urlencoded"}
    return whole(browser.post(path, urlencode(sent, doseq=True), **form))


def is_plain(text):
    return all(unicodedata.category(one) != "Cc" or one in "\r\n" for one in text)


def folded(text):
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()


def assert_kept(answer, sent, fields):
    """What was written is still in its field: the last value, where one was sent more than once."""
    there = {}
    for form in forms_of(answer):
        for name, one in form.fields.items():
            there.setdefault(name, set()).update(map(folded, one.values))
    for name, one in fields.items():
        if one.is_written and sent.get(name) and is_plain(sent[name][-1]):
            written = folded(sent[name][-1])
            assert not written or written in there.get(name, ()), f"{name}: {written!r} is gone"


def is_signed_in(answer):
    """Or the answer says nothing of the page that was asked for."""
    return "/accounts/" not in answer.get("Location", "")


def assert_sound(answer, sent, fields):
    assert answer.status_code in ANSWERS
    assert is_signed_in(answer)
    if answer.status_code in {200, 400, 409}:
        assert LOOKS in sent or WRONG.search(answer.content.decode()), "refused without a sentence"
        assert_kept(answer, sent, fields)


@pytest.mark.parametrize("pattern", ROUTES)
@shared
@given(data=st.data())
def test_random_values_in_every_form(tried, pattern, data):
    targets = list(tried.targets(ROUTES[pattern]))
    role, path, fields = data.draw(st.sampled_from(targets))
    sent = data.draw(filled(fields, tried.elsewhere))
    with undone():
        with forms_world.writes() as written:
            answer = post(tried.browsers[role], path, sent)
        assert_sound(answer, sent, fields)
        if answer.status_code not in {302, 303} and not (
            pattern in SAVES_IN_PART and answer.status_code == 409
        ):
            assert forms_world.differences(tried.before, forms_world.stored(written)) == []


# Lists, and the pages of a record that are asked something.
ASKED = [
    *(pattern for pattern, route in ROUTES.items() if not forms_world.integer_parameters(route)),
    "cases/<int:pk>/timeline/",
    "cases/<int:pk>/children/find/",
    "cases/<int:pk>/adults/find/",
    "cans/start/<int:case_pk>/<int:child_pk>/",
    "cans/<int:pk>/details/",
    "cans/<int:pk>/blank/",
]
# A fetch is counted, and its moment kept.
NOTED = {"calendar/<str:secret>.ics": {"django_cache", "reports_feed"}}


@pytest.mark.parametrize("pattern", ASKED)
@shared
@given(data=st.data())
def test_random_values_in_every_query(tried, pattern, data):
    """Filters, sorting and pages of lists; other pages take no notice of them."""
    route = ROUTES[pattern]
    role = data.draw(st.sampled_from(tried.roles_for(route)))
    path = route.path(**data.draw(st.sampled_from(forms_world.places(route, tried.world.ours))))
    fields = tried.asked.get(pattern, {}).get((role, path), {})
    names = st.sampled_from([*fields, *IN_QUERIES])
    value = st.one_of(texts, numbers, st.sampled_from(tried.elsewhere))
    query = data.draw(st.dictionaries(names, st.lists(value, max_size=2), max_size=4))
    known = data.draw(st.lists(st.sampled_from(sorted(fields)), max_size=2, unique=True)) if fields else []
    for name in known:
        query[name] = [data.draw(st.sampled_from(fields[name].options or ["Plainly"]))]
    with undone(), forms_world.writes() as written:
        answer = tried.browsers[role].get(f"{path}?{urlencode(query, doseq=True)}")
    assert answer.status_code in ANSWERS
    assert is_signed_in(answer)
    assert written <= NOTED.get(pattern, set())


@pytest.mark.parametrize("pattern", [p for p in ROUTES if forms_world.integer_parameters(ROUTES[p])])
def test_numbers_of_nothing_in_every_address(tried, pattern):
    """Also those too large for a database column, or for a number."""
    route = ROUTES[pattern]
    role = tried.roles_for(route)[-1]
    place = forms_world.places(route, tried.world.ours)[0]
    for name in forms_world.integer_parameters(route):
        for number in NUMBERS_OF_NOTHING:
            path = route.path(**place | {name: f"{number:d}" if number < 10**100 else "1" + "0" * 4999})
            for method in ("get", "post"):
                with undone():
                    answer = getattr(tried.browsers[role], method)(path)
                assert answer.status_code in {403, 404, 405}, (method, path[:80], answer.status_code)


@pytest.mark.parametrize("pattern", [p for p in ROUTES if "<slug:" in p or "<str:" in p])
@shared
@given(word=st.one_of(texts, numbers))
def test_any_word_in_an_address(tried, pattern, word):
    route = ROUTES[pattern]
    place = forms_world.places(route, tried.world.ours)[0]
    name = next(name for name in ("guide", "section", "name", "code", "secret") if name in place)
    path = route.path(**place | {name: quote(word[:200], safe="")})
    with undone():
        answer = tried.browsers[tried.roles_for(route)[0]].get(path)
    assert answer.status_code in {200, 302, 404}
    assert is_signed_in(answer)


def every_column(theirs):
    """Each name that a column of any model bears, with a value that would tell."""
    of_kind = {
        "BooleanField": "true",
        "DateField": "2020-02-02",
        "CharField": "approved",
        "TextField": "approved",
    }
    return {
        name: [of_kind.get(one.get_internal_type(), theirs)]
        for model in apps.get_models()
        for one in model._meta.concrete_fields
        for name in (one.name, one.attname)
    }


def choices(ours, coordinator):
    """What a careful person must choose besides, in the forms that `fitting` alone does not fill in."""
    cover = {"cover": [ours.other.pk], "starts": [days(20)], "ends": [days(21)]}
    lines = f"user_name,kind,date,evidence\n{ours.clinician.username},training,{days(-4)},Seen"
    checked = check(lines, by=ours.administrator).seal(by=ours.administrator)
    sibling = Sheet.objects.filter(assessment=ours.cans["submitted"], adult=ours.adult)
    return {
        "cans/<int:pk>/people/<int:sheet_pk>/confirm/": {"source": [sibling.get().pk]},
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
        "cases/<int:pk>/episodes/<int:episode_pk>/correct-opening/": {"opened": [days(-52)]},
        "cases/<int:pk>/episodes/<int:episode_pk>/correct-closing/": {"closed": [days(-4)]},
        "cases/<int:pk>/assignments/add/": {"person": [ours.colleague.pk], "kind": ["parallel"]},
        "cases/emergency/": {"number": [ours.unknown.number], "reason": ["Invented: the child ran away."]},
        "staff/cover/": cover | {"supervisor": [ours.supervisor.pk]},
        "staff/<int:pk>/line/": {"supervisor": [ours.other.pk]},
        "staff/credentials/import/": {"file": [], "text": [lines], "checked": [checked]},
        "staff/settings/<slug:name>/": {"since": [days(3)]},
        "reports/doubt/upload/": forms_world.STATES_LIST,
        "import/people/": forms_world.people_to_import(ours.administrator),
        "import/": forms_world.importable(ours, by=coordinator),
    }


def moved(before, after):
    """What an act did, row by row and column by column, without moments and the numbers of new rows."""
    found = []
    for label, rows in after.items():
        if label == "ips.sent":  # what was sent, not what it did
            continue
        columns = [one for one in apps.get_model(label)._meta.concrete_fields if is_told(one)]
        for key in rows.keys() | before[label].keys():
            old, new = before[label].get(key, {}), rows.get(key, {})
            told = {
                one.attname: told_value(one, new, before)
                for one in columns
                if old.get(one.attname) != new.get(one.attname)
            }
            if told:
                found.append((label, key if old else "new", sorted(told.items())))
    return sorted(found, key=str)


def is_told(column):
    # Of a due date: they name the rows it came from, new ones too. A password is made up, and salted;
    # of the address of a calendar, which is made up too, the digest.
    kept_apart = {"source", "inputs", "why", "password", "digest"}
    return column.get_internal_type() != "DateTimeField" and column.name not in kept_apart


def told_value(column, row, before):
    value = row.get(column.attname)
    if column.is_relation:
        return value if value in before[column.related_model._meta.label_lower] else "new" * bool(value)
    return "new" if column.primary_key else value


def outcome(tried, pattern, role, path, fields, unlisted):
    """The status, and what moved, when the form is filled in with care and something is slipped in."""
    sent = {name: fitting(one) for name, one in fields.items() if one.kind != "button"}
    chosen = choices(tried.world.ours, tried.world.coordinator).get(pattern, {})
    sent |= {name: [str(value) for value in values] for name, values in chosen.items() if name in fields}
    with undone():
        with forms_world.writes() as written:
            answer = post(tried.browsers[role], path, sent | unlisted)
        return answer.status_code, moved(tried.before, forms_world.stored(written))


def was_done(pattern, status, rows):
    if pattern in SAYS_IT_IS_DONE:
        return status == 200 and bool(rows)
    return status == (200 if pattern in ONLY_SHOWS else 302)


@pytest.mark.parametrize("pattern", ROUTES)
def test_only_the_fields_of_a_form_move(tried, pattern):
    """The name of every column of every model, posted beside what a careful person fills in."""
    columns = every_column(tried.elsewhere[-1])
    accepted = False
    for (role, path), fields in list(tried.posted.get(pattern, {}).items())[:6]:
        unlisted = {name: value for name, value in columns.items() if name not in fields}
        if pattern in SAVES_IN_PART:
            del unlisted["note"]  # a note to no item of the page: refused, and rightly
        expected = outcome(tried, pattern, role, path, fields, {})
        got = outcome(tried, pattern, role, path, fields, unlisted)
        assert got == expected, (role, path)
        accepted = accepted or was_done(pattern, *expected)
    assert accepted == (pattern in tried.posted), "a form that nobody could fill in tells nothing"
