"""All that somebody holds, or many cases, to others: rehearsed, then done as one, by the verbs there are."""

import pytest
from django.urls import reverse
from django.utils import timezone

from approvals import handover
from approvals.models import Step
from audit.models import Event
from cans.models import Assessment
from cans.permissions import check_can_score
from cases.models import Assignment, CaseEvent
from staff.dates import written
from staff.models import Cover, Line
from tests import factories
from tests.factories import days

pytestmark = pytest.mark.django_db
PAGE = reverse("cases:reassign")


@pytest.fixture
def agency():
    return factories.make_agency()


@pytest.fixture
def coordinator():
    return factories.make_coordinator()


@pytest.fixture
def supervisor(agency):
    return factories.make_person("supervisor", agency=agency)


@pytest.fixture
def other(agency):
    return factories.make_person("supervisor", agency=agency)


@pytest.fixture
def leaver(agency, supervisor):
    return factories.make_person("clinician", agency=agency, supervisor=supervisor)


@pytest.fixture
def heir(agency, supervisor):
    return factories.make_person("clinician", agency=agency, supervisor=supervisor)


@pytest.fixture
def cases(leaver):
    found = [factories.make_case(primary=leaver) for _ in range(3)]
    for case in found:
        factories.make_child(case)
    return found


def chosen(form_of, **more):
    """What the page would send, with everything that is checked on it."""
    form = form_of.context["form"]
    keys = [held.key for held, _, checked in form.lines if checked]
    return {"chosen": keys, "last_day": days(0), "reason": "Leaves the agency."} | more


def of(person):
    return f"{PAGE}?person={person.pk}"


def rehearsed(client, address, **more):
    sent = chosen(client.get(address), **more)
    return client.post(address, sent | {"show": "1"}), sent


def confirm(client, address, sent, shown):
    return client.post(address, sent | {"seen": shown.context["seen"], "confirm": "1"})


def assigned(person):
    return Assignment.objects.carrying().filter(person=person, ends=None).count()


def test_a_leaver_in_one_pass(client, coordinator, leaver, heir, cases):
    factories.make_draft(cases[0].memberships.get().child, author=leaver)
    client.force_login(coordinator)
    shown, sent = rehearsed(client, of(leaver), assignment=heir.pk)
    assert shown.status_code == 200
    assert [one.refused for one in shown.context["outcomes"]] == ["", "", ""]
    assert (assigned(leaver), assigned(heir), CaseEvent.objects.count()) == (3, 0, 0)
    assert not Event.objects.filter(action="handover").exists()
    done = confirm(client, of(leaver), sent, shown)
    assert done.status_code == 200
    assert b"Handed over" in done.content
    assert (assigned(leaver), assigned(heir)) == (0, 3)
    assert set(Assignment.objects.filter(person=heir, ends=None).values_list("starts", flat=True)) == {
        days(1)
    }
    event = Event.objects.get(action="handover")
    assert len(event.detail["rows"]) == 3
    assert Event.objects.filter(action="case.assigned").count() == 7  # beside the leaver, for what is begun


# --- what was begun goes with the case ----------------------------------------------------------------


@pytest.fixture
def begun(leaver, cases):
    return factories.make_draft(cases[0].memberships.get().child, author=leaver)


def test_what_was_begun_goes_to_the_heir(client, coordinator, leaver, heir, cases, begun):
    """Said line by line before and after, and nothing is left with the one who leaves."""
    client.force_login(coordinator)
    shown, sent = rehearsed(client, of(leaver), assignment=heir.pk)
    said = f"The CANS of {begun.child} that {leaver} began goes to {heir}, from now on."
    assert said in shown.content.decode()
    begun.refresh_from_db()
    assert begun.author == leaver
    done = confirm(client, of(leaver), sent, shown)
    assert said in done.content.decode()
    begun.refresh_from_db()
    assert begun.author == heir
    assert Assignment.objects.get(person=heir, kind="parallel").ends == days(0)
    assert "unfinished CANS" not in client.get(of(leaver)).content.decode()
    act = Event.objects.get(action="assessment.hand_over")
    assert (act.actor_number, act.detail) == (coordinator.pk, {"to": heir.pk})
    check_can_score(heir, begun)


def test_a_returned_cans_goes_too_and_what_was_submitted_stays(
    client, coordinator, leaver, heir, supervisor, cases
):
    found = []
    for case in cases[:2]:
        child = case.memberships.get().child
        factories.make_caregiver(child)
        found.append(factories.make_draft(child, author=leaver, rated="1"))
        handover.actions.submit(found[-1], by=leaver)
    returned, waits = found
    handover.actions.return_for_revision(returned, by=supervisor, reason="Look again.")
    client.force_login(coordinator)
    shown, sent = rehearsed(client, of(leaver), assignment=heir.pk)
    confirm(client, of(leaver), sent, shown)
    assert [Assessment.objects.get(pk=one.pk).author for one in (returned, waits)] == [heir, leaver]


def test_an_heir_who_already_works_on_the_case_gets_no_more_than_it(
    client, coordinator, leaver, heir, cases, begun
):
    factories.assign(cases[0], heir, kind="parallel")
    client.force_login(coordinator)
    shown, sent = rehearsed(client, of(leaver), assignment=heir.pk)
    assert "beside" not in shown.content.decode().split("<tbody>")[1]
    confirm(client, of(leaver), sent, shown)
    begun.refresh_from_db()
    assert begun.author == heir
    assert Assignment.objects.filter(case=cases[0], person=heir).count() == 2


def test_an_heir_without_credentials_is_marked_and_the_cans_is_kept(
    client, coordinator, agency, leaver, heir, cases, begun
):
    """Their lapse is said before; the cases go over all the same, and the CANS is handed over later."""
    heir.credentials.filter(kind="certification").delete()
    client.force_login(coordinator)
    text = client.get(of(leaver)).content.decode()
    assert f"{heir} (may not enter a CANS today)" in text
    shown, sent = rehearsed(client, of(leaver), assignment=heir.pk)
    text = shown.content.decode()
    assert text.count(f"{heir} may not enter a CANS on {written(days(1))}: no CANS 2.0 certification.") == 3
    assert f"The CANS of {begun.child} that {leaver} began is kept in their name" in text
    assert confirm(client, of(leaver), sent, shown).status_code == 200
    begun.refresh_from_db()
    assert (begun.author, assigned(heir)) == (leaver, 3)
    assert not Assignment.objects.filter(kind="parallel").exists()

    (left,) = client.get(of(leaver)).context["form"].rows
    assert (left.kind, left.row) == ("draft", begun)
    refused, _ = rehearsed(client, of(leaver), draft=heir.pk)
    assert "does not work on this case today" in refused.content.decode()
    other = factories.make_person("clinician", agency=agency)
    factories.assign(cases[0], other, kind="parallel")
    shown, sent = rehearsed(client, of(leaver), draft=other.pk)
    assert confirm(client, of(leaver), sent, shown).status_code == 200
    begun.refresh_from_db()
    assert begun.author == other
    assert client.get(of(leaver)).context["form"].rows == []


def test_a_reviewer_without_credentials_is_told_of(client, coordinator, supervisor, other, leaver, cases):
    child = cases[0].memberships.get().child
    factories.make_caregiver(child)
    handover.actions.submit(factories.make_draft(child, author=leaver, rated="1"), by=leaver)
    other.credentials.all().delete()
    client.force_login(coordinator)
    shown, _ = rehearsed(client, of(supervisor), review=other.pk)
    assert (
        f"{other} may not enter a CANS on {written(days(0))}: no CANS 2.0 certification, "
        "no training in CANS functionality." in shown.content.decode()
    )


def test_what_was_begun_somewhere_else_is_not_shown(client, leaver, heir, cases, begun):
    """A supervisor whose line no longer works on the case hands over nothing of it."""
    Assignment.objects.filter(case=cases[0]).update(person=factories.make_person("clinician"))
    client.force_login(leaver.lines.get().supervisor)
    assert {held.kind for held in client.get(of(leaver)).context["form"].rows} == {"assignment"}


def test_what_is_shown_of_each(client, coordinator, leaver, cases):
    factories.make_draft(cases[0].memberships.get().child, author=leaver)
    client.force_login(coordinator)
    text = client.get(of(leaver)).content.decode()
    assert text.count("1 child ") == 3
    assert text.count("1 begun CANS") == 1
    assert text.count("next due") == 3


def test_one_goes_to_somebody_else(client, coordinator, leaver, heir, other, cases):
    client.force_login(coordinator)
    row = Assignment.objects.get(case=cases[1])
    address = of(leaver)
    shown, sent = rehearsed(client, address, assignment=heir.pk, **{f"assignment-{row.pk}": other.pk})
    confirm(client, address, sent, shown)
    assert (assigned(heir), assigned(other)) == (2, 1)


def test_one_refused_is_all_refused(client, coordinator, leaver, heir, other, cases):
    """The verb's own sentence beside the line, and nothing done."""
    row = Assignment.objects.get(case=cases[1])
    client.force_login(coordinator)
    shown, sent = rehearsed(client, of(leaver), assignment=heir.pk, **{f"assignment-{row.pk}": "nobody"})
    assert [bool(one.refused) for one in shown.context["outcomes"]].count(True) == 1
    assert "An open case keeps a primary worker" in shown.content.decode()
    assert b'name="confirm"' not in shown.content
    answer = confirm(client, of(leaver), sent, shown)
    assert answer.status_code == 409
    assert (assigned(leaver), CaseEvent.objects.count()) == (3, 0)


def test_what_was_handed_over_before_is_marked_and_not_chosen_again(client, coordinator, leaver, heir, cases):
    client.force_login(coordinator)
    soon = {"last_day": days(9)}
    shown, sent = rehearsed(client, of(leaver), assignment=heir.pk, **soon)
    two = [key for key in sent["chosen"] if key.startswith("assignment")][:2]
    sent["chosen"] = two
    shown = client.post(of(leaver), sent | {"show": "1"})
    assert confirm(client, of(leaver), sent, shown).status_code == 200
    page = client.get(of(leaver))
    chosen = {held.key for held, _, checked in page.context["form"].lines if checked}
    assert chosen.isdisjoint(two)
    assert len(chosen) == 1
    assert page.content.decode().count("Their last day is set already") == 2


def test_what_changed_since_is_told_and_nothing_done(client, coordinator, leaver, heir, cases):
    client.force_login(coordinator)
    shown, sent = rehearsed(client, of(leaver), assignment=heir.pk)
    row = Assignment.objects.get(case=cases[0])
    row.ends = days(9)
    row.save()
    answer = confirm(client, of(leaver), sent, shown)
    assert answer.status_code == 409
    assert answer.context["changed"] == [
        f"{cases[0].name}, case {cases[0].number}: primary worker: changed since."
    ]
    assert assigned(heir) == 0
    assert confirm(client, of(leaver), sent, answer).status_code == 200
    assert assigned(heir) == 3
    again = confirm(client, of(leaver), sent, answer)
    assert (again.status_code, Event.objects.filter(action="handover").count()) == (409, 1)


def test_what_is_gone_since_is_told(client, coordinator, leaver, heir, cases):
    client.force_login(coordinator)
    shown, sent = rehearsed(client, of(leaver), assignment=heir.pk)
    Assignment.objects.filter(case=cases[0]).update(ends=days(-1))
    answer = confirm(client, of(leaver), sent, shown)
    assert answer.status_code == 409
    assert "1 of those you chose cannot be handed over any more" in answer.content.decode()
    assert assigned(heir) == 0


def test_reviews_cover_and_the_cases_of_a_supervisor(
    client, coordinator, supervisor, other, leaver, heir, cases
):
    child = cases[0].memberships.get().child
    factories.make_caregiver(child)
    cans = factories.make_draft(child, author=leaver, rated="1")
    handover.actions.submit(cans, by=leaver)
    third = factories.make_person("supervisor", agency=supervisor.agency)
    Cover.objects.create(supervisor=third, cover=supervisor, starts=days(-3), ends=days(5), named_by=third)
    client.force_login(coordinator)
    shown, sent = rehearsed(client, of(supervisor), review=other.pk, cover=other.pk)
    assert [one.held.kind for one in shown.context["outcomes"]] == ["review", "cover"]
    assert Step.objects.filter(action="reroute").count() == 0
    assert confirm(client, of(supervisor), sent, shown).status_code == 200
    cans.refresh_from_db()
    assert cans.reviewer == other
    assert Step.objects.get(action="reroute").reason == "Leaves the agency."
    assert Cover.objects.get(cover=other).ends == days(5)
    assert Cover.objects.get(cover=supervisor).ends == days(-1)


def test_the_people_of_a_line_by_the_administrator(client, agency, supervisor, other, leaver, heir):
    client.force_login(factories.make_person("administrator", agency=agency))
    shown, sent = rehearsed(client, of(supervisor), line=other.pk)
    assert {one.held.kind for one in shown.context["outcomes"]} == {"line"}
    assert confirm(client, of(supervisor), sent, shown).status_code == 200
    assert Line.objects.filter(supervisor=other, starts=days(1), ends=None).count() == 2
    assert Line.objects.filter(supervisor=supervisor, ends=None).count() == 0


def test_the_result_says_who_hands_over_the_rest(client, coordinator, supervisor, other, leaver, heir, cases):
    """Of a supervisor who leaves: the line is the administrator's to hand over."""
    factories.assign(factories.make_case(agency=supervisor.agency), supervisor)
    client.force_login(coordinator)
    shown, sent = rehearsed(client, of(supervisor), assignment=other.pk)
    text = confirm(client, of(supervisor), sent, shown).content.decode()
    assert f"2 people are in the line of {supervisor}." in text
    assert f"The administrator of {supervisor.agency} hands over the people in a line" in text
    client.force_login(factories.make_person("administrator", agency=supervisor.agency))
    shown, sent = rehearsed(client, of(supervisor), line=other.pk)
    text = confirm(client, of(supervisor), sent, shown).content.decode()
    assert f"{supervisor} has 1 assignment on cases." in text
    assert f'href="/staff/{supervisor.pk}/"' in text


def test_many_cases_to_one_worker(client, supervisor, leaver, heir, cases):
    client.force_login(supervisor)
    address = f"{PAGE}?q=Invented"
    page = client.get(address)
    rows = [held.key for held, _, checked in page.context["form"].lines if not checked]
    assert len(rows) == 3
    sent = {"chosen": rows[:2], "last_day": days(0), "reason": "Shared out.", "assignment": heir.pk}
    shown = client.post(address, sent | {"show": "1"})
    assert confirm(client, address, sent, shown).status_code == 200
    assert (assigned(leaver), assigned(heir)) == (1, 2)


def assert_hidden(answer, person):
    text = answer.content.decode()
    assert "Choose somebody whose work you may hand over." in text
    assert person.name not in text
    assert answer.context["form"].rows == []


def test_each_sees_only_what_is_theirs_to_hand_over(client, supervisor, other, leaver, cases):
    """Another supervisor of the agency does not find the leaver; another region not the cases."""
    client.force_login(other)
    assert_hidden(client.get(of(leaver)), leaver)
    assert client.get(f"{PAGE}?q=Invented").context["form"].rows == []
    client.force_login(factories.make_coordinator(factories.make_region()))
    assert_hidden(client.get(of(leaver)), leaver)
    client.force_login(leaver)
    assert client.get(of(leaver)).status_code == 403


def test_somebody_of_another_agency_is_no_choice(client, coordinator, leaver, cases):
    stranger = factories.make_person("clinician")
    client.force_login(coordinator)
    answer, _ = rehearsed(client, of(leaver), assignment=stranger.pk)
    assert answer.status_code == 400
    assert "Choose one." in answer.content.decode()


def test_what_is_missing_is_said_and_what_was_typed_is_kept(client, coordinator, leaver, cases):
    client.force_login(coordinator)
    answer, _ = rehearsed(client, of(leaver))
    text = answer.content.decode()
    assert answer.status_code == 400
    assert "All cases to: Say who takes over." in text
    assert "Leaves the agency." in text
    empty = client.post(of(leaver), {})
    assert (empty.status_code, b"Choose at least one" in empty.content) == (400, True)
    assert client.get(f"{PAGE}?person=nobody").context["form"].rows == []


def test_the_choices_can_be_changed(client, coordinator, leaver, heir, cases):
    client.force_login(coordinator)
    shown, _ = rehearsed(client, of(leaver), assignment=heir.pk)
    hidden = {}
    for name, value in shown.context["form"].sent:
        hidden.setdefault(name, []).append(value)
    back = client.post(of(leaver), hidden | {"edit": "1"})
    assert back.status_code == 200
    assert f'<option value="{heir.pk}" selected>' in back.content.decode()
    assert sum(checked for _, _, checked in back.context["form"].lines) == 3


def test_two_hundred_rows_cost_no_more_queries(client, coordinator, leaver, django_assert_max_num_queries):
    for _ in range(4):
        factories.make_child(factories.make_case(primary=leaver))
    client.force_login(coordinator)
    client.get(of(leaver))
    with django_assert_max_num_queries(99) as few:
        client.get(of(leaver))
    for _ in range(6):
        factories.make_child(factories.make_case(primary=leaver))
    with django_assert_max_num_queries(len(few.captured_queries)):
        client.get(of(leaver))


def test_the_way_from_the_list_of_cases_keeps_its_filter(client, supervisor, leaver, cases):
    client.force_login(supervisor)
    assert (
        f'href="{PAGE}?q=Invented"'
        in client.get(f"{reverse('cases:list')}?q=Invented&page=1").content.decode()
    )
    page = client.get(reverse("staff:person", args=[leaver.pk])).content.decode()
    assert f'href="{of(leaver)}"' in page
    client.force_login(leaver)
    assert PAGE not in client.get(reverse("cases:list")).content.decode()


def test_the_leaver_is_not_among_those_who_take_over(client, coordinator, leaver, heir, cases):
    client.force_login(coordinator)
    text = client.get(of(leaver)).content.decode().split("For all that is chosen")[1]
    assert f'<option value="{heir.pk}">' in text
    assert f'<option value="{leaver.pk}">' not in text


def test_a_coordinator_hands_over_what_is_of_their_regions(client, supervisor, leaver, cases):
    """One agency works in two regions: its people are found, the cases and reviews of the other are not."""
    region = factories.make_region()
    here = factories.make_case(primary=leaver, region=region)
    waits_elsewhere = factories.make_draft(cases[0].memberships.get().child, author=leaver)
    factories.make_caregiver(waits_elsewhere.child)
    Assessment.objects.filter(pk=waits_elsewhere.pk).update(
        state="submitted",
        reviewer=supervisor,
        submitted_at=timezone.now(),
        submitted_by=leaver,
        first_submitted_on=days(0),
    )
    client.force_login(factories.make_coordinator(region))
    rows = client.get(of(leaver)).context["form"].rows
    assert [held.row.case for held in rows] == [here]
    assert client.get(of(supervisor)).context["form"].rows == []
