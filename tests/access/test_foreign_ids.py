"""Another agency's numbers, offered wherever a number is taken, answer byte for byte as a free one."""

import logging
import os
import re

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from cans.models import Obligation
from cases.models import Case
from staff.models import Role
from tests import factories, forms_world
from tests.forms_world import undone
from tests.html_forms import forms_of
from tests.nonsense import fitting

pytestmark = [pytest.mark.django_db, pytest.mark.once, pytest.mark.xdist_group("foreign ids")]
ROUTES = {route.pattern: route for route in forms_world.routes()}
LONG = os.environ.get("HYPOTHESIS_PROFILE") in {"short", "proof"}
# An ordinary run takes every so many of the probes.
EVERY = 1 if LONG else 60
FREE = 987_654_321  # no row of any kind has this number
IN_PASSING = {"Set-Cookie", "Content-Length"}
TOKEN = re.compile(rb'name="csrfmiddlewaretoken" value="\w+"')
CLOCK = re.compile(rb' data-(idle|left)="\d+"')  # seconds until the sign-in ends


class Strangers:
    """The other agency's people, signed in, and everything of ours that has a number."""

    def __init__(self):
        self.world = forms_world.build()
        ours, theirs = self.world.ours, self.world.theirs
        region = factories.make_region("Invented region of theirs")
        Case.objects.filter(agency=theirs.agency).update(region=region)
        Obligation.objects.filter(agency=theirs.agency).update(region=region)
        self.people = {
            Role.CLINICIAN: theirs.clinician,
            Role.SUPERVISOR: theirs.supervisor,
            Role.COORDINATOR: factories.make_coordinator(region),
            Role.ADMINISTRATOR: theirs.administrator,
        }
        self.browsers = {role: Client() for role in self.people}
        for role, person in self.people.items():
            self.browsers[role].force_login(person)
        self.numbers = sorted(set().union(*_numbers_of(ours).values()))
        # By the name under which a list is asked for it.
        of_people = sorted(_numbers_of(ours)["people"])
        self.asked = {
            "agency": [ours.agency.pk],
            "region": [ours.region.pk],
            "case": [ours.case.pk, ours.closed.pk],
            "child": [child.pk for child in ours.children],
            **dict.fromkeys(["supervisor", "clinician", "reader", "person", "author", "primary"], of_people),
        }

    def doors(self, route):
        return [role for role in self.people if role in route.roles]


def _numbers_of(side):
    people = [side.supervisor, side.other, side.clinician, side.parallel, side.colleague]
    rows = [side.case, side.closed, side.agency, side.adult, side.other_adult, side.extension, side.cover]
    return {
        "people": {person.pk for person in [*people, side.administrator]},
        "rows": {row.pk for row in [*rows, *side.children, *side.cans.values(), *side.requests]},
    }


@pytest.fixture(scope="module")
def strangers(django_db_setup, django_db_blocker):
    logging.disable(logging.CRITICAL)
    # Nobody's session ends, and no page counts down, while one answer is compared with another.
    with time_machine.travel(timezone.now(), tick=False), django_db_blocker.unblock(), undone():
        yield Strangers()
    logging.disable(logging.NOTSET)


def answered(ask, number, browsers):
    """Status, headers and body. What an answer before still had to say, the next page would say: each begins
    without it."""
    for browser in browsers:
        browser.cookies.pop("messages", None)
    with undone():
        answer = ask(number)
        body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    headers = {name: value for name, value in answer.headers.items() if name not in IN_PASSING}
    return answer.status_code, CLOCK.sub(b"", TOKEN.sub(b"", body)), headers


def told(answer, numbers):
    """All that it tells; each of these numbers reads N, wherever it stands."""
    status, body, headers = answer
    for number in numbers:
        body = re.sub(rb"\b%d\b" % number, b"N", body)
        headers = {name: re.sub(rf"\b{number}\b", "N", value) for name, value in headers.items()}
    return status, body, headers


def apart(probes, browsers):
    """What was tried where the answers to a number of ours and to a free one can be told apart. Probes with
    the same `ask` follow each other, and what a free one gets is asked once for all of them."""
    found, free_of = [], {}
    for said, ask, number in probes:
        if ask not in free_of:
            free_of = {ask: answered(ask, FREE, browsers)}
        both = (answered(ask, number, browsers), free_of[ask])
        if told(both[0], (number, FREE)) != told(both[1], (number, FREE)):
            found.append(said)
    return found


def thinned(probes):
    return [probe for place, probe in enumerate(probes) if place % EVERY == 0]


def in_addresses(strangers):
    """Alone in the address, and behind a number of one's own."""
    for route in ROUTES.values():
        if (
            route.roles is None
            or "services" in route.pattern.split("/")[1:2]
            or "instrument" in route.pattern
        ):
            continue  # made for the whole program: nobody's
        own = forms_world.places(route, strangers.world.theirs)
        foreign = forms_world.places(route, strangers.world.ours)
        for name in forms_world.integer_parameters(route):
            for start in [*own[:2], *foreign[:2]] if len(route.parameters) > 1 else own[:1]:
                of_ours = sorted({place[name] for place in foreign})[:8]
                numbers = [one for one in of_ours if one not in {place[name] for place in own}]
                yield from _asked_by_each(strangers, route, start, name, numbers)


def _asked_by_each(strangers, route, start, name, numbers):
    for role in strangers.doors(route):
        for method in ("get", "post"):

            def ask(one, role=role, method=method):
                return getattr(strangers.browsers[role], method)(route.path(**start | {name: one}))

            for number in numbers:
                yield f"{method} {route.pattern} {name} by {role}", ask, number


def in_queries(strangers):
    """Filters, lists and exports: whatever may be asked for, by every name a filter has anywhere."""
    pages = [route for route in ROUTES.values() if not route.parameters and route.roles is not None]
    for route in pages:
        path = route.path()
        for role in strangers.doors(route):
            for name, numbers in strangers.asked.items():

                def ask(one, role=role, name=name, path=path):
                    return strangers.browsers[role].get(path, {name: one})

                for number in numbers:
                    yield f"/{route.pattern}?{name} by {role}", ask, number


def in_forms(strangers):
    """In every choice of every form that they find about their own."""
    for route in ROUTES.values():
        if route.roles is None:
            continue
        for role in strangers.doors(route):
            for place in forms_world.places(route, strangers.world.theirs)[:2]:
                with undone():
                    page = strangers.browsers[role].get(route.path(**place))
                for form in forms_of(page):
                    yield from _in_form(strangers, role, form)


def _in_form(strangers, role, form):
    sent = {field: fitting(one) for field, one in form.fields.items() if one.kind != "button"}
    for one in form.fields.values():
        is_choice = one.kind in {"select", "radio"} and not one.name.startswith("rating-")
        if is_choice and not form.action.startswith("/accounts/"):

            def ask(offered, name=one.name):
                for value in sent.values():
                    for file in value:
                        if hasattr(file, "seek"):
                            file.seek(0)  # it was read to its end
                send = getattr(strangers.browsers[role], form.method)
                return send(form.action, sent | {name: [str(offered)]})

            for number in strangers.numbers:
                if str(number) not in one.options:
                    yield f"{form.method} {form.action} {one.name} by {role}", ask, number


PLACES = {"addresses": (in_addresses, 2500), "queries": (in_queries, 2800), "forms": (in_forms, 800)}


@pytest.mark.proof
@pytest.mark.parametrize("where", PLACES)
def test_a_foreign_number_is_not_told_from_a_free_one(strangers, where):
    """More than 5,000 in all, where all are tried."""
    probes, least = PLACES[where]
    tried = thinned(probes(strangers))
    assert apart(tried, strangers.browsers.values())[:30] == []
    assert len(tried) >= least // EVERY
