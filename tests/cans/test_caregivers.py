"""Who began or ceased to care for the child since a draft began."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from approvals import actions as approvals
from cans import actions
from cans.caregivers import Moved, caregiver_changes
from cans.facts import readiness_of, sheets_of
from cans.models import Assessment
from cases.models import Caregiving, Collateral
from tests import factories
from tests.factories import days


def kinds(draft):
    return [(change.kind, change.adult.name) for change in caregiver_changes(draft, sheets_of(draft))]


@pytest.fixture
def draft(child, caregiver, clinician):
    """A draft about five days ago."""
    return factories.make_draft(child, author=clinician, assessed_on=days(-5))


def test_nothing_changed(draft):
    assert kinds(draft) == []


@pytest.mark.parametrize(
    ("starts", "kind"),
    [(-20, Moved.MISSING), (-5, Moved.MISSING), (-4, Moved.JOINED_LATER), (0, Moved.JOINED_LATER)],
)
def test_who_joined(draft, child, starts, kind):
    factories.make_caregiver(child, name="Ann Aunt-Example", starts=days(starts))
    assert kinds(draft) == [(kind, "Ann Aunt-Example")]


def test_who_comes_tomorrow_or_came_and_went_is_not_pointed_out(draft, child):
    factories.make_caregiver(child, starts=days(1))
    gone = factories.make_caregiver(child, starts=days(-4))
    Caregiving.objects.filter(adult=gone).update(ends=days(-2))
    assert kinds(draft) == []


@pytest.mark.parametrize(
    ("ends", "expected"),
    [(-6, [Moved.NOT_CARING]), (-5, [Moved.LEFT_LATER]), (-1, [Moved.LEFT_LATER]), (0, [])],
)
def test_who_left(draft, caregiver, ends, expected):
    Caregiving.objects.filter(adult=caregiver).update(ends=days(ends))
    assert [kind for kind, _ in kinds(draft)] == expected


def test_who_left_and_came_back_cares(draft, caregiver, child):
    Caregiving.objects.filter(adult=caregiver).update(ends=days(-4))
    factories.make_caregiver(child, adult=caregiver, starts=days(-1))
    assert kinds(draft) == []


def test_a_written_reason_has_seen_to_it(draft, caregiver, clinician):
    Caregiving.objects.filter(adult=caregiver).update(ends=days(-1))
    actions.explain_not_scored(draft.sheets.get(adult=caregiver), by=clinician, reason="Moved away.")
    assert kinds(draft) == []


def test_not_once_it_is_submitted(submitted, caregiver):
    Caregiving.objects.filter(adult=caregiver).update(ends=days(-6))
    assert kinds(submitted) == []


def test_one_query_and_said_with_what_to_do_where_it_matters(client, draft, caregiver, child, clinician):
    Caregiving.objects.filter(adult=caregiver).update(ends=days(-1))
    factories.make_caregiver(child, name="Ann Aunt-Example", starts=days(-5))
    sheets = sheets_of(draft)
    with CaptureQueriesContext(connection) as queries:
        joined, left = caregiver_changes(draft, sheets)
    assert len(queries) == 1
    assert joined.url == reverse("cans:people", args=[draft.pk]) + "#missing"
    assert left.url == reverse("cans:people", args=[draft.pk]) + f"#sheet-{left.sheet.pk}"
    client.force_login(clinician)
    for name in ("people", "summary"):
        page = re.sub(r"\s+", " ", client.get(reverse(f"cans:{name}", args=[draft.pk])).content.decode())
        for change in (joined, left):
            assert change.sentence in page
            assert change.to_do in page


def test_who_joined_later_is_added_by_moving_the_day(client, draft, child, clinician):
    factories.make_caregiver(child, name="Ann Aunt-Example", starts=days(-3))
    [later] = caregiver_changes(draft, sheets_of(draft))
    details = reverse("cans:details", args=[draft.pk])
    assert later.url == f"{details}?assessed_on={days(-3).isoformat()}#date"
    client.force_login(clinician)
    assert f'value="{days(-3).isoformat()}"' in client.get(later.url).content.decode()
    moved = client.post(
        reverse("cans:change_date", args=[draft.pk]), {"assessed_on": days(-3).isoformat()}, follow=True
    )
    assert moved.request["PATH_INFO"] == reverse("cans:people", args=[draft.pk])
    assert [care.adult.name for care in moved.context["missing"]] == ["Ann Aunt-Example"]


def test_where_the_day_cannot_be_moved_the_next_cans_rates_them(draft, child, caregiver, supervisor):
    factories.fill(draft)
    approvals.submit(draft, by=draft.author)
    approvals.return_for_revision(draft, by=supervisor, reason="Look again.")
    Assessment.objects.filter(pk=draft.pk).update(first_submitted_on=days(-4))
    draft.refresh_from_db()
    for starts, moved in [(-4, True), (-3, False)]:
        Caregiving.objects.exclude(adult=caregiver).delete()
        factories.make_caregiver(child, starts=days(starts))
        [later] = caregiver_changes(draft, sheets_of(draft))
        assert ("assessed_on" in later.url) is moved
        assert ("move its day" in later.to_do) is moved


def warned(draft):
    return [problem.key for problem in readiness_of(draft) if problem.severity == "warning"]


class TestCareThatIsNotRecorded:
    """The draft is about five days ago."""

    @pytest.mark.parametrize(("ends", "asked"), [(-6, True), (-5, False)])
    def test_whether_anybody_cares_is_asked_of_the_day(self, draft, caregiver, ends, asked):
        Collateral.objects.all().update(in_home=False)
        Caregiving.objects.filter(adult=caregiver).update(ends=days(ends))
        assert warned(draft) == (["warning:nobody-cares"] if asked else [])

    @pytest.mark.parametrize(
        ("changed", "asked"),
        [
            ({}, True),
            ({"in_home": False}, False),
            ({"starts": days(-5)}, True),
            ({"starts": days(-4)}, False),
            ({"ends": days(-5)}, True),
            ({"ends": days(-6)}, False),
        ],
    )
    def test_who_lives_in_the_home_that_day_and_cares_for_nobody(self, draft, child, changed, asked):
        fran = factories.make_caregiver(child, name="Fran Foster-Example")
        Caregiving.objects.filter(adult=fran).delete()
        Collateral.objects.filter(adult=fran).update(**changed)
        assert warned(draft) == ([f"warning:at-home:adult-{fran.pk}"] if asked else [])

    def test_not_who_cares_for_a_sibling(self, draft, case):
        factories.make_caregiver(factories.make_child(case), name="Ann Aunt-Example")
        assert warned(draft) == []

    def test_who_cared_for_a_sibling_until_then_is_asked_about(self, draft, case):
        aunt = factories.make_caregiver(factories.make_child(case), name="Ann Aunt-Example")
        Caregiving.objects.filter(adult=aunt).update(ends=days(-6))
        assert warned(draft) == [f"warning:at-home:adult-{aunt.pk}"]

    def test_nor_a_collateral_of_another_case(self, draft, clinician):
        other = factories.make_child(factories.make_case(primary=clinician))
        factories.make_caregiver(other)
        Caregiving.objects.filter(membership__child=other).delete()
        assert warned(draft) == []

    def test_it_is_answered_on_the_summary_and_leads_to_the_case(self, client, draft, caregiver, clinician):
        Caregiving.objects.filter(adult=caregiver).delete()
        draft.sheets.filter(adult=caregiver).delete()
        client.force_login(clinician)
        summary = reverse("cans:summary", args=[draft.pk])
        page = " ".join(client.get(summary).content.decode().split())
        for sentence in ("Nobody is recorded as caring for", f"{caregiver.name} lives in the home"):
            assert f"{sentence}" in page
        assert page.count(f'<a href="{draft.case.get_absolute_url()}">Go to the case</a>') == 2
        answers = {f"answer-{key}": "A lodger, and a group home." for key in warned(draft)}
        client.post(reverse("cans:answer", args=[draft.pk]), answers)
        answered = [problem.answered for problem in readiness_of(draft) if problem.severity == "warning"]
        assert answered == [True, True]


def test_the_page_does_not_say_that_nobody_cares_beside_who_does(client, draft, caregiver, clinician):
    people = reverse("cans:people", args=[draft.pk])
    client.force_login(clinician)
    draft.sheets.filter(adult=caregiver).delete()
    page = client.get(people).content.decode()
    assert "not in this CANS yet" in page
    assert "Nobody is recorded" not in page
    Caregiving.objects.filter(adult=caregiver).delete()
    assert "Nobody is recorded" in client.get(people).content.decode()
