"""The family summary: plain words, no ratings, and only what somebody ticked."""

import re

import pytest
from django.urls import reverse

from audit.models import Event
from cans import actions
from cans.facts import sheets_of
from cans.family import Part, lines_of, plain_words
from cans.instrument import SHIPPED, parse
from tests.html_forms import forms_of

JARGON = re.compile(r"\d|trauma|dysregulat|functioning|somati|maladaptive|assess|rating|CANS", re.IGNORECASE)


def page_of(answer):
    return re.sub(r"\s+", " ", answer.content.decode())


def paper(answer):
    """What is printed, and nothing around it."""
    found = re.search(r'<div class="paper .*?</div>', page_of(answer))
    return found.group(0) if found else ""


@pytest.fixture
def address(draft, clinician):
    """One rating in every part, of the child and of a caregiver."""
    sheet = draft.sheets.get(adult=None)
    given = {
        "strengths.family": "0",
        "strengths.optimism": "2",
        "life.sleep": "3",
        "risk.runaway": "2",
        "life.legal": "1",
        "trauma.neglect": "1",
        "behavioral.substance-use": "2",
        "life.medical": "0",
        "life.physical": "u",
    }
    actions.rate(sheet, by=clinician, ratings=[(code, ".", value, False) for code, value in given.items()])
    caregiver = draft.sheets.exclude(adult=None).get()
    actions.rate(caregiver, by=clinician, ratings=[("caregiver.supervision", ".", "2", False)])
    return reverse("cans:family", args=[draft.pk])


@pytest.fixture
def signed_in(client, clinician):
    client.force_login(clinician)
    return client


def offered(client, address):
    (form,) = [form for form in forms_of(client.get(address)) if "parts" in form.fields]
    return form.fields


def untouched(client, address):
    fields = offered(client, address)
    return {name: one.values for name, one in fields.items() if one.kind != "button"}


def test_every_item_has_plain_words():
    items, _ = parse(SHIPPED.read_text(encoding="utf-8"))
    assert plain_words().keys() == {item.code for item in items}
    assert [words for words in plain_words().values() if JARGON.search(words)] == []


def test_where_each_rating_belongs(draft, address):
    found = {part: [line.words for line in held] for part, held in lines_of(sheets_of(draft)).items()}
    assert found == {
        Part.WELL: ["Family members who stand by each other"],
        Part.WORK: ["Sleep", "Alcohol and drugs", "Running away", "Keeping an eye on the child"],
        Part.BUILD: ["Hope for the future"],
        Part.WATCH: ["Courts and the law"],
        Part.PAST: ["Not being looked after"],
    }


def test_what_is_sensitive_waits_for_a_tick_and_says_so(signed_in, address):
    fields = offered(signed_in, address)
    assert [value.split("-", 1)[1] for value in fields["work"].values] == ["life.sleep"]
    assert fields["past"].values == []
    page = page_of(signed_in.get(address))
    assert "Not ticked to begin with: alcohol or drugs, risk, about an adult." in page
    assert "Running away (risk)" in page


def test_only_what_is_ticked_is_printed_without_ratings(signed_in, address, draft):
    answer = signed_in.post(address, untouched(signed_in, address))
    printed = paper(answer)
    assert answer.status_code == 200
    assert "<li>Sleep</li>" in printed
    for absent in ("Running away", "Keeping an eye", "Not being looked after", "(risk)", "act now", "CANS"):
        assert absent not in printed, absent
    assert "4 left out" in page_of(answer)
    assert "This is a draft and may still change." in printed
    assert not Event.objects.filter(action__startswith="assessment.family").exists()


def test_a_section_and_single_lines_are_left_out(signed_in, address):
    sent = untouched(signed_in, address)
    every = offered(signed_in, address)["work"].options
    sent |= {"parts": ["work"], "work": [every[0], every[-1]]}
    printed = paper(signed_in.post(address, sent))
    assert re.findall(r"<li>(.*?)</li>", printed) == ["Sleep", "Keeping an eye on the child"]
    assert "<h3>Fay Foster-Example</h3>" in printed
    assert "What is going well" not in printed


@pytest.mark.parametrize(
    "wrong",
    [
        {"parts": []},
        {"parts": ["all"]},
        {"work": ["0-life.sleep"]},
        {"work": ["a\x00"], "well": ["x" * 5000]},
    ],
)
def test_bad_choices_are_told_and_print_nothing(signed_in, address, wrong):
    answer = signed_in.post(address, untouched(signed_in, address) | wrong)
    assert answer.status_code == 400
    assert paper(answer) == ""
    assert "Please check what you entered" in page_of(answer)


def test_nothing_rated_yet(signed_in, draft):
    address = reverse("cans:family", args=[draft.pk])
    assert "Nothing to tell yet" in page_of(signed_in.get(address))
    assert signed_in.post(address, {"parts": ["work"]}).status_code == 400


def test_an_approved_one_is_no_draft(client, approved, supervisor):
    client.force_login(supervisor)
    address = reverse("cans:family", args=[approved.pk])
    assert "draft" not in paper(client.post(address, untouched(client, address)))


def test_who_is_not_scored_is_not_told_of(signed_in, address, draft, clinician):
    caregiver = draft.sheets.exclude(adult=None).get()
    actions.explain_not_scored(caregiver, by=clinician, reason="Away.")
    assert "about an adult" not in page_of(signed_in.get(address))


def test_ladder(client, address, stranger, administrator):
    for person, status in [(stranger, 404), (administrator, 403)]:
        client.force_login(person)
        assert client.post(address, {}).status_code == status
