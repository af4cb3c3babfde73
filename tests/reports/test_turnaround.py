"""A supervisor's turnaround: the numbers against a world counted by hand, and who reads them."""

import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from approvals.models import ItemComment, Step
from cans import obligations
from cans.models import Assessment, Obligation, Waiver
from reports import desk, turnaround
from reports.turnaround import Decision, Figures, Timeliness
from staff.dates import today
from staff.models import Cover, Line
from tests import factories
from tests.factories import days

URL = "/reports/turnaround/"
LAST = datetime.date(2026, 3, 31)
ANXIETY, DEPRESSION, SUPERVISION = "behavioral.anxiety", "behavioral.depression", "caregiver.supervision"


def decision(pk, action, routed, decided, items=()):
    items = frozenset(items)
    return Decision(pk, action, routed, decided, items, frozenset(item.split(".")[0] for item in items))


def on(month, day):
    return datetime.date(2026, month, day)


DECISIONS = [
    decision(1, "approve", on(1, 5), on(1, 5)),
    decision(2, "return", on(1, 30), on(2, 2), [ANXIETY, DEPRESSION]),
    decision(3, "approve", on(2, 10), on(2, 14)),
    decision(4, "return", on(3, 1), on(3, 10), [ANXIETY]),
    decision(5, "approve", None, on(3, 11)),
]


def test_median_slowest_and_return_rate():
    figures = turnaround.figures(DECISIONS)
    assert figures == Figures(decisions=5, returns=2, median=3.5, slowest=9, to_approve=2)
    assert figures.return_rate == 40
    assert turnaround.figures([]) == Figures(decisions=0, returns=0, median=None, slowest=None)
    assert turnaround.figures([]).return_rate is None


@pytest.mark.parametrize(("part", "whole", "expected"), [(1, 3, 33), (2, 3, 67), (1, 8, 13), (0, 4, 0)])
def test_percent(part, whole, expected):
    assert turnaround.percent(part, whole) == expected


def test_every_month_the_ninety_days_touch():
    found = turnaround.by_month(DECISIONS, LAST)
    assert turnaround.first_day(LAST) == on(1, 1)
    assert found == [
        (on(3, 1), Figures(2, 1, 9, 9)),
        (on(2, 1), Figures(2, 1, 3.5, 4, to_approve=4)),
        (on(1, 1), Figures(1, 0, 0, 0, to_approve=0)),
    ]


def test_themes_count_each_return_once_and_end_after_ten():
    assert turnaround.themes(one.items for one in DECISIONS) == [(ANXIETY, 2), (DEPRESSION, 1)]
    assert turnaround.themes(one.domains for one in DECISIONS) == [("behavioral", 2)]
    assert len(turnaround.themes([frozenset(map(str, range(11)))])) == 10


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({}, [4, 3, 2, 1, 5]),
        ({"decision": "return"}, [4, 2]),
        ({"month": "2026-02"}, [3, 2]),
        ({"item": DEPRESSION}, [2]),
        ({"domain": "behavioral", "month": "2026-03"}, [4]),
        ({"item": "\x00"}, []),
    ],
)
def test_the_rows_behind_a_number_the_slowest_first(wanted, found):
    assert [one.pk for one in turnaround.narrowed(DECISIONS, wanted)] == found


def test_timeliness_of_all_that_came_due():
    kept = turnaround.timeliness([(1, True), (1, True), (1, False), (1, None), (2, None)])
    assert kept == {1: Timeliness(2, 1, 1), 2: Timeliness(0, 0, 1)}
    assert (kept[1].due, kept[1].rate, kept[2].rate, Timeliness().rate) == (4, 50, 0, None)


def cans_of(author):
    return factories.make_draft(factories.make_child(factories.make_case(primary=author)), author=author)


def stepped(cans, action, by, ago, **more):
    states = {"submit": ("draft", "submitted"), "reroute": ("submitted", "submitted")}
    states |= {"approve": ("submitted", "approved"), "return": ("submitted", "returned")}
    before, after = states[action]
    reason = "" if action in {"submit", "approve"} else "Said."
    return Step.objects.create(
        assessment=cans,
        action=action,
        by=by,
        at=factories.noon(-ago),
        from_state=before,
        to_state=after,
        reason=reason,
        **more,
    )


def comment(step, *codes):
    sheet = step.assessment.sheets.first()
    for code in codes:
        ItemComment.objects.create(step=step, sheet=sheet, code=code, text="Onlyhere said.")


@pytest.fixture
def decided(clinician, supervisor, other_supervisor):
    """Returned after 5 days, approved 3 days after it was rerouted, and what does not count: another's
    decision, and one of the 91st day."""
    first, second, old = cans_of(clinician), cans_of(clinician), cans_of(clinician)
    stepped(first, "submit", clinician, 20, to_reviewer=supervisor)
    comment(stepped(first, "return", supervisor, 15), ANXIETY, DEPRESSION)
    stepped(first, "submit", clinician, 10, to_reviewer=supervisor)  # and waits
    stepped(second, "submit", clinician, 12, to_reviewer=other_supervisor)
    stepped(second, "reroute", other_supervisor, 6, to_reviewer=supervisor)
    stepped(second, "approve", supervisor, 3)
    stepped(old, "submit", clinician, 95, to_reviewer=supervisor)
    stepped(old, "return", supervisor, 90)
    stepped(old, "submit", clinician, 3, to_reviewer=supervisor)
    stepped(old, "approve", other_supervisor, 2, on_behalf_of=supervisor)
    return first, second


def page_of(client, user, query=""):
    client.force_login(user)
    return client.get(URL + query)


def listed(answer):
    return [step.assessment for _, step in answer.context["rows"]]


def test_the_numbers_of_a_small_world(client, decided, supervisor, other_supervisor):
    first, second = decided
    answer = page_of(client, supervisor)
    assert answer.context["figures"] == Figures(decisions=2, returns=1, median=4, slowest=5, to_approve=3)
    assert listed(answer) == [first, second]
    assert listed(page_of(client, supervisor, "?decision=approve")) == [second]
    assert listed(page_of(client, supervisor, f"?item={ANXIETY}")) == [first]
    assert listed(page_of(client, supervisor, f"?month={days(-200):%Y-%m}")) == []
    named = {kind: rows for kind, _, rows in answer.context["themes"]}
    assert [(key, count) for key, _, count in named["item"]] == [(ANXIETY, 1), (DEPRESSION, 1)]
    assert named["domain"] == [("behavioral", "Behavioral and emotional needs", 1)]
    # As the cover of the first one: counted for who decided, from the submission that came before.
    assert page_of(client, other_supervisor).context["figures"] == Figures(1, 0, 1, 1, to_approve=1)


def test_no_comment_is_on_the_page(client, decided, supervisor):
    assert "Onlyhere" not in page_of(client, supervisor).content.decode()


def test_the_first_of_the_ninety_days_counts(client, clinician, supervisor):
    cans = cans_of(clinician)
    stepped(cans, "approve", supervisor, 89)
    answer = page_of(client, supervisor)
    assert answer.context["figures"] == Figures(1, 0, None, None)
    assert listed(answer) == [cans]


def test_rows_only_of_cases_they_may_open_the_numbers_of_all(client, decided, clinician, supervisor):
    Line.objects.filter(person=clinician).update(ends=days(-1))
    answer = page_of(client, supervisor)
    page = answer.content.decode()
    assert answer.context["figures"].decisions == 2
    assert listed(answer) == []
    assert "2 more are counted above" in page
    assert not any(cans.child.name in page for cans in decided)


def due_dates(person):
    return Obligation.objects.current().filter(case__assignments__person=person)


def family(person, *, opened, submitted=None):
    """One child, whose initial CANS was due 30 days after the opening."""
    case = factories.make_case(primary=person, opened=days(-opened))
    child = factories.make_child(case)
    if submitted is not None:
        factories.make_caregiver(child)
        draft = factories.make_draft(child, author=person, assessed_on=days(-submitted))
        Assessment.objects.filter(pk=draft.pk).update(
            state="submitted",
            reviewer=person.line_on(today()).supervisor,
            submitted_at=factories.noon(-submitted),
            submitted_by=person,
            first_submitted_on=days(-submitted),
        )
        obligations.refresh(case)
    return case


def line(supervisor):
    return {member.person: member for member in desk.line_of(supervisor, today())[0]}


def test_what_came_due_by_person_of_the_line(clinician, colleague, supervisor, coordinator):
    family(clinician, opened=60, submitted=40)
    family(clinician, opened=60, submitted=20)
    family(clinician, opened=40)
    family(clinician, opened=30)  # due today: may still be submitted
    family(clinician, opened=30, submitted=0)
    waived = family(clinician, opened=50)
    child = waived.memberships.get().child
    Waiver.objects.create(
        episode=waived.episodes.get(),
        child=child,
        source=Obligation.objects.current().get(case=waived, kind="initial").source,
        reason="runaway",
        by=coordinator,
    )
    obligations.refresh(waived)
    assert line(supervisor)[clinician].timeliness == Timeliness(on_time=2, late=1, open=1)
    assert line(supervisor)[colleague].timeliness == Timeliness()


def test_a_due_date_is_the_primary_workers_of_that_day(clinician, colleague, supervisor, stranger):
    case = family(clinician, opened=60)  # was due 30 days ago
    case.assignments.update(ends=days(-20))
    factories.assign(case, colleague, starts=days(-20))
    assert line(supervisor)[clinician].timeliness == Timeliness(open=1)
    assert line(supervisor)[colleague].timeliness == Timeliness()
    case.assignments.filter(person=clinician).update(ends=days(-30))
    case.assignments.filter(person=colleague).update(starts=days(-30))
    assert line(supervisor)[clinician].timeliness == Timeliness()
    assert line(supervisor)[colleague].timeliness == Timeliness(open=1)


def test_a_number_of_the_line_opens_its_due_dates(client, clinician, colleague, supervisor):
    early = family(clinician, opened=60, submitted=40)
    late = family(clinician, opened=60, submitted=20)
    missing = family(clinician, opened=40)

    def behind(person, kept=""):
        answer = page_of(client, supervisor, f"?member={person.pk}&kept={kept}")
        return [row.case for row in answer.context["rows"]], answer.context["not_shown"]

    assert behind(clinician, "on_time") == ([early.pk], 0)
    assert behind(clinician, "late") == ([late.pk], 0)
    assert behind(clinician, "open") == ([missing.pk], 0)
    assert behind(clinician) == ([early.pk, late.pk, missing.pk], 0)
    assert behind(clinician, "sideways") == ([], 0)
    assert behind(colleague) == ([], 0)
    # Theirs when it fell due; the case is another line's now.
    late.assignments.update(ends=days(-1))
    assert behind(clinician) == ([early.pk, missing.pk], 1)


def test_who_is_not_of_the_line_has_no_due_dates_here(client, supervisor, stranger):
    family(stranger, opened=60)
    answer = page_of(client, supervisor, f"?member={stranger.pk}")
    assert "member" not in answer.context
    assert answer.context["rows"] == []


def test_credentials_of_the_line_and_covers(client, clinician, colleague, supervisor, other_supervisor):
    clinician.credentials.all().delete()
    factories.certify(clinician, certified=days(-340))
    colleague.credentials.all().delete()
    factories.certify(colleague, certified=days(-500))
    Line.objects.create(person=other_supervisor, supervisor=supervisor, starts=days(-5))
    Cover.objects.create(
        supervisor=supervisor, cover=other_supervisor, starts=days(-9), ends=days(-1), named_by=supervisor
    )
    found = line(supervisor)
    assert [condition.met for condition in found[clinician].pressing] == [True]
    assert [condition.met for condition in found[colleague].pressing] == [False]
    assert found[other_supervisor].pressing == []
    assert (found[clinician].covers, found[other_supervisor].covers) == (None, [])
    page = page_of(client, supervisor).content.decode()
    assert all(words in page for words in ("Lapses soon", "Lapsed"))
    assert page.count("No cover named") == 2
    Cover.objects.create(
        supervisor=supervisor, cover=other_supervisor, starts=days(3), ends=days(9), named_by=supervisor
    )
    assert page_of(client, supervisor).content.decode().count("No cover named") == 1


def test_nothing_yet(client, supervisor):
    page = page_of(client, supervisor).content.decode()
    assert "Nothing was decided in these days" in page
    assert "Nobody is in this line today." in page


@pytest.mark.parametrize("wrong", ["0", "x", "\x00", "9" * 30, "-1"])
def test_a_number_nobody_has(client, supervisor, coordinator, wrong):
    for user in (supervisor, coordinator):
        assert page_of(client, user, f"?supervisor={wrong}").status_code == 404


def test_a_supervisor_reads_only_their_own(client, decided, supervisor, other_supervisor):
    assert page_of(client, supervisor, f"?supervisor={supervisor.pk}").status_code == 200
    answer = page_of(client, supervisor, f"?supervisor={other_supervisor.pk}")
    free = page_of(client, supervisor, "?supervisor=999999")
    assert (answer.status_code, free.status_code) == (404, 404)
    assert other_supervisor.name not in answer.content.decode()


def test_a_coordinator_reads_those_of_agencies_with_cases_in_their_regions(
    client, decided, clinician, supervisor, coordinator
):
    first, _ = decided
    foreign = factories.make_person("supervisor", name="Farah Faraway")
    former = factories.make_person("supervisor", agency=supervisor.agency, name="Former Elsewhere")
    former.is_active = False
    former.save()
    page = page_of(client, coordinator).content.decode()
    assert f'href="?supervisor={supervisor.pk}"' in page
    assert "Farah Faraway" not in page
    assert "Former Elsewhere" not in page
    for nobodys in (foreign, former, clinician):
        assert page_of(client, coordinator, f"?supervisor={nobodys.pk}").status_code == 404
    answer = page_of(client, coordinator, f"?supervisor={supervisor.pk}&decision=return")
    assert listed(answer) == [first]
    assert answer.context["figures"].decisions == 2
    assert f'<option value="{supervisor.pk}" selected>' in answer.content.decode()
    elsewhere = factories.make_coordinator(factories.make_region())
    assert "No supervisors" in page_of(client, elsewhere).content.decode()
    assert page_of(client, elsewhere, f"?supervisor={supervisor.pk}").status_code == 404


def test_a_coordinators_table_says_what_the_page_of_each_says(client, decided, supervisor, coordinator):
    rows = {person: figures for person, figures, _ in page_of(client, coordinator).context["rows"]}
    one = page_of(client, coordinator, f"?supervisor={supervisor.pk}").context["figures"]
    assert rows[supervisor] == one


def test_a_coordinator_is_shown_rows_of_their_regions_only(client, decided, supervisor, coordinator):
    first, second = decided
    region = factories.make_region()
    first.case.region = region
    first.case.save()
    regional = factories.make_coordinator(region)
    answer = page_of(client, regional, f"?supervisor={supervisor.pk}")
    assert listed(answer) == [first]
    assert "1 more is counted above" in answer.content.decode()
    assert second.child.name not in answer.content.decode()


def test_the_way_there(client, clinician, supervisor, coordinator):
    administrator = factories.make_person("administrator", agency=supervisor.agency)
    for user, status in [(clinician, 403), (administrator, 403), (supervisor, 200), (coordinator, 200)]:
        assert page_of(client, user).status_code == status
        if user != administrator:
            assert (URL in client.get("/reports/due/").content.decode()) is (status == 200)
    client.force_login(supervisor)
    assert URL in client.get("/").content.decode()


def _count(client, query):
    with CaptureQueriesContext(connection) as queries:
        client.get(URL + query)
    return len(queries)


@pytest.mark.parametrize("who", ["supervisor", "coordinator", "coordinator for one"])
def test_constant_queries_and_fifty_rows_a_page(
    client, agency, decided, clinician, supervisor, coordinator, who
):
    user = supervisor if who == "supervisor" else coordinator
    query = f"?supervisor={supervisor.pk}" if who == "coordinator for one" else "?page=1"
    page_of(client, user, query)
    before = _count(client, query)
    assert before <= 13
    cans = cans_of(clinician)
    for ago in range(52):
        stepped(cans, "submit", clinician, ago + 1, to_reviewer=supervisor)
        comment(stepped(cans, "return", supervisor, ago), ANXIETY)
        new = factories.make_person("supervisor", agency=agency, supervisor=supervisor)
        Cover.objects.create(
            supervisor=new, cover=supervisor, starts=today(), ends=today(), named_by=supervisor
        )
    assert _count(client, query) == before
    page = client.get(URL + query).context["page"]
    assert len(page.object_list) == 50
    assert page.paginator.count == 54
