"""`manage.py due_dates`: what it answers, and the sentences it has for what is wrong."""

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import call_command

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def run(monkeypatch):
    """Runs the command on scenarios, or on raw bytes; gives the answer, the complaints, the exit status."""

    def run_command(given):
        text = given if isinstance(given, bytes) else json.dumps(given).encode()
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text)))
        out, err = io.StringIO(), io.StringIO()
        try:
            call_command("due_dates", stdout=out, stderr=err)
        except SystemExit as ended:
            assert out.getvalue() == ""
            return None, err.getvalue().splitlines(), ended.code
        assert err.getvalue() == ""
        return json.loads(out.getvalue()), [], 0

    return run_command


@pytest.fixture
def refused(run):
    """The complaints about one scenario, which must be refused."""

    def complaints(scenario):
        answer, sentences, code = run([scenario])
        assert answer is None
        assert code == 2
        return sentences

    return complaints


def scenario(*, episode=None, assessments=None, **more):
    return {
        "name": "the Larkspur family",
        "today": "2025-04-03",
        "episodes": [
            {"opened": "2025-03-03", "children": [{"name": "Ash"}], "extensions": []} | (episode or {})
        ],
        "assessments": assessments if assessments is not None else [],
    } | more


def test_a_child_without_a_cans(run):
    given = scenario()
    answer, _, _ = run([given])
    assert answer == [
        given
        | {
            "obligations": [
                {
                    "child": "Ash",
                    "kind": "initial",
                    "due": "2025-04-02",
                    "work_by": "2025-04-02",
                    "status": "overdue",
                    "on_time": None,
                    "why": "Due Wed 2 Apr 2025: 30 days after IPS opened 3 Mar 2025.",
                }
            ]
        }
    ]


def test_target_for_closing_only_and_fix_by_while_returned_only(run):
    returned = {
        "child": "Ash",
        "assessed": "2025-03-10",
        "first_submitted": "2025-03-31",
        "returned": "2025-04-03",
    }
    ([found], _, _) = run([scenario(episode={"closed": "2025-03-20"}, assessments=[returned])])
    rows = {row["kind"]: row for row in found["obligations"]}
    assert {kind: row.get("target") for kind, row in rows.items()} == {
        "initial": None,
        "closing": "2025-03-20",
        "six_month": None,
    }
    assert {kind: row.get("fix_by") for kind, row in rows.items()} == {
        "initial": "2025-04-10",
        "closing": "2025-04-19",
        "six_month": None,
    }
    assert {kind: row["status"] for kind, row in rows.items()} == {
        "initial": "returned",
        "closing": "returned",
        "six_month": "cancelled",
    }
    assert rows["initial"]["on_time"] is True
    assert rows["six_month"]["why"].endswith("Cancelled: IPS closed 20 Mar 2025.")


def test_fix_by_stays_when_it_is_past(run):
    returned = {"child": "Ash", "assessed": "2025-03-10", "first_submitted": "2025-04-04"}
    given = scenario(assessments=[returned | {"returned": "2025-04-07"}], today="2025-05-01")
    ([found], _, _) = run([given])
    initial = found["obligations"][0]
    assert (initial["status"], initial["fix_by"], initial["on_time"]) == (
        "returned_overdue",
        "2025-04-14",
        False,
    )


def test_approved(run):
    approved = {"child": "Ash", "assessed": "2025-03-10", "first_submitted": "2025-03-12"}
    ([found], _, _) = run([scenario(assessments=[approved | {"approved": "2025-03-14"}])])
    assert [(row["kind"], row["status"]) for row in found["obligations"]] == [
        ("initial", "met"),
        ("six_month", "due"),
    ]


def test_a_closing_that_was_undone_leaves_none(run):
    given = scenario(episode={"closed": "2025-03-20", "close_undone": True})
    ([found], _, _) = run([given])
    assert [row["kind"] for row in found["obligations"]] == ["initial"]
    ([found], _, _) = run([scenario(episode={"closed": "2025-03-20", "close_undone": False})])
    assert [row["kind"] for row in found["obligations"]] == ["initial", "closing"]


def test_a_missed_extension_says_so(run):
    ([found], _, _) = run([scenario(episode={"extensions": [{"requested": "2025-04-02"}]})])
    extension, initial = found["obligations"]
    assert (extension["kind"], initial["kind"]) == ("extension", "initial")
    assert extension["status"] == "missed"
    assert extension["why"].endswith("Missed: no such CANS was submitted by then.")


def test_in_order_of_child_due_date_and_kind(run):
    children = [
        {"name": "Wren", "joined": "2025-03-10"},
        {"name": "Ash", "left": "2025-03-12"},
        {"name": "Ash", "joined": "2025-04-01"},
        {"name": "Wren", "joined": "2025-03-04", "left": "2025-03-08"},
    ]
    cans = {"child": "Ash", "assessed": "2025-03-05", "first_submitted": "2025-03-05"}
    ([found], _, _) = run([scenario(episode={"children": children}, assessments=[cans])])
    assert [(row["child"], row["due"], row["kind"]) for row in found["obligations"]] == [
        ("Ash", "2025-04-02", "initial"),
        ("Ash", "2025-05-01", "initial"),
        ("Ash", "2025-09-05", "six_month"),
        ("Wren", "2025-04-03", "initial"),
        ("Wren", "2025-04-09", "initial"),
    ]


def test_each_child_has_its_own_cans_and_each_episode_its_own_children(run):
    second = {"opened": "2025-06-01", "children": [{"name": "Briar"}]}
    given = scenario(episode={"closed": "2025-05-01", "children": [{"name": "Ash"}, {"name": "Briar"}]})
    given["episodes"].insert(0, second)
    given["assessments"] = [
        {"child": "Ash", "assessed": "2025-04-20", "first_submitted": "2025-04-20"},
        {"child": "Briar", "assessed": "2025-06-02", "first_submitted": "2025-06-02"},
    ]
    ([found], _, _) = run([given])
    assert [(row["child"], row["kind"], row["due"], row["status"]) for row in found["obligations"]] == [
        ("Ash", "initial", "2025-04-02", "submitted"),
        ("Ash", "closing", "2025-05-31", "submitted"),
        ("Ash", "six_month", "2025-10-20", "cancelled"),
        ("Briar", "initial", "2025-04-02", "overdue"),
        ("Briar", "closing", "2025-05-31", "due"),
        ("Briar", "initial", "2025-07-01", "submitted"),
        ("Briar", "six_month", "2025-12-02", "due"),
    ]


def test_what_may_be_left_out_or_null(run):
    bare = {"name": "bare", "today": "2025-04-03", "episodes": []}
    answer, _, _ = run([bare])
    assert answer == [bare | {"obligations": []}]
    nulls = scenario(
        episode={
            "closed": None,
            "close_undone": None,
            "extensions": None,
            "children": [{"name": "Ash", "joined": None, "left": None}],
        },
        assessments=[
            {"child": "Ash", "assessed": "2025-03-05", "first_submitted": None, "approved": None}
            | {"returned": None}
        ],
    )
    ([found], _, _) = run([nulls])
    assert [row["status"] for row in found["obligations"]] == ["overdue"]
    assert run([]) == ([], [], 0)


def test_days_that_touch_are_no_overlap(run):
    given = scenario(
        episode={
            "closed": "2025-05-01",
            "extensions": [{"requested": "2025-03-03"}, {"requested": "2025-05-01"}],
            "children": [
                {"name": "Ash", "joined": "2025-03-03", "left": "2025-03-03"},
                {"name": "Ash", "joined": "2025-03-03"},
            ],
        },
        assessments=[
            {"child": "Ash", "assessed": "2025-03-03", "first_submitted": "2025-03-03"}
            | {"approved": "2025-03-03"},
            {"child": "Ash", "assessed": "2025-04-03", "first_submitted": "2025-04-03"}
            | {"returned": "2025-04-03"},
        ],
    )
    given["episodes"].append({"opened": "2025-05-01", "closed": "2025-05-01", "children": []})
    _, complaints, code = run([given])
    assert (complaints, code) == ([], 0)


WRONG_VALUES = {
    "today is missing": ({"today": ...}, "'today' is missing."),
    "today is null": ({"today": None}, "today: must be a date written YYYY-MM-DD, not null."),
    "name is missing": ({"name": ...}, "'name' is missing."),
    "name is a number": ({"name": 7}, "name: must be some text, not a number."),
    "name is blank": ({"name": "  "}, 'name: must be some text, not "  ".'),
    "episodes is missing": ({"episodes": ...}, "'episodes' is missing."),
    "episodes is an object": ({"episodes": {}}, "episodes: must be a list, not an object."),
    "an episode is text": ({"episodes": ["2025-03-03"]}, "episodes[0]: must be an object, not text."),
    "assessments is true": ({"assessments": True}, "assessments: must be a list, not true or false."),
    "an assessment is a list": ({"assessments": [[]]}, "assessments[0]: must be an object, not a list."),
    "unknown key": (
        {"tomorrow": 1},
        'unknown key "tomorrow"; known are name, today, episodes, assessments.',
    ),
}


@pytest.mark.parametrize(("changes", "sentence"), WRONG_VALUES.values(), ids=WRONG_VALUES)
def test_wrong_at_the_top(refused, changes, sentence):
    given = {key: value for key, value in (scenario() | changes).items() if value is not ...}
    (complaint,) = refused(given)
    assert complaint.startswith("Scenario 1")
    assert complaint.endswith(sentence)
    if isinstance(given.get("name"), str):
        assert '("the Larkspur family")' in complaint or given["name"].isspace()


WRONG_DATES = {
    "2025-02-30": "2025-02-30 is not a day of the calendar.",
    "2025-13-01": "2025-13-01 is not a day of the calendar.",
    "20250303": 'must be a date written YYYY-MM-DD, not "20250303".',
    "2025-W10-1": 'must be a date written YYYY-MM-DD, not "2025-W10-1".',
    "2025-03-03T00:00": 'must be a date written YYYY-MM-DD, not "2025-03-03T00:00".',
    " 2025-03-03": 'must be a date written YYYY-MM-DD, not " 2025-03-03".',
    "2025-03-03\n": 'must be a date written YYYY-MM-DD, not "2025-03-03\\n".',
    "٢٠٢٥-٠٣-٠٣": 'must be a date written YYYY-MM-DD, not "٢٠٢٥-٠٣-٠٣".',
    "": 'must be a date written YYYY-MM-DD, not "".',
    "x" * 100: f'must be a date written YYYY-MM-DD, not "{"x" * 57}...".',
    "1899-12-31": "1899-12-31 is not between 1900-01-01 and 2199-12-31.",
    "9999-12-31": "9999-12-31 is not between 1900-01-01 and 2199-12-31.",
}


@pytest.mark.parametrize(
    ("text", "sentence"), WRONG_DATES.items(), ids=[ascii(text)[:20] for text in WRONG_DATES]
)
def test_dates_that_are_none(refused, text, sentence):
    assert refused(scenario(today=text)) == [f'Scenario 1 ("the Larkspur family"), today: {sentence}']


def test_a_date_that_is_a_number(refused):
    assert refused(scenario(today=20250403))[0].endswith(
        "today: must be a date written YYYY-MM-DD, not a number."
    )


WRONG_EPISODES = {
    "no opening": ({"opened": ...}, "episodes[0]: 'opened' is missing."),
    "no children": ({"children": ...}, "episodes[0]: 'children' is missing."),
    "unknown key": (
        {"close": "2025-04-01"},
        'episodes[0]: unknown key "close"; known are opened, children, closed, close_undone, extensions.',
    ),
    "closed before opened": (
        {"closed": "2025-03-02"},
        "episodes[0].closed: 2025-03-02 is before 'opened', 2025-03-03.",
    ),
    "undone in words": (
        {"close_undone": "yes"},
        'episodes[0].close_undone: must be true or false, not "yes".',
    ),
    "a child without a name": ({"children": [{}]}, "episodes[0].children[0]: 'name' is missing."),
    "a child that is a name": (
        {"children": ["Ash"]},
        "episodes[0].children[0]: must be an object, not text.",
    ),
    "left before joined": (
        {"children": [{"name": "Ash", "joined": "2025-04-02", "left": "2025-04-01"}]},
        "episodes[0].children[0].left: 2025-04-01 is before 'joined', 2025-04-02.",
    ),
    "joined twice": (
        {"children": [{"name": "Ash", "joined": "2025-04-02"}, {"name": "Ash", "left": "2025-05-01"}]},
        'episodes[0].children[0]: "Ash" joins here while still in the case by episodes[0].children[1].',
    ),
    "joined again without having left": (
        {"children": [{"name": "Ash"}, {"name": "Ash", "joined": "2025-04-02"}]},
        'episodes[0].children[1]: "Ash" joins here while still in the case by episodes[0].children[0].',
    ),
    "an extension without a date": (
        {"extensions": [{}]},
        "episodes[0].extensions[0]: 'requested' is missing.",
    ),
    "an extension before the opening": (
        {"extensions": [{"requested": "2025-03-02"}]},
        "episodes[0].extensions[0].requested: 2025-03-02 is before the episode opened, 2025-03-03.",
    ),
    "an extension after the closing": (
        {"closed": "2025-04-01", "extensions": [{"requested": "2025-04-02"}]},
        "episodes[0].extensions[0].requested: 2025-04-02 is after the episode closed, 2025-04-01.",
    ),
}


@pytest.mark.parametrize(("changes", "sentence"), WRONG_EPISODES.values(), ids=WRONG_EPISODES)
def test_wrong_in_an_episode(refused, changes, sentence):
    given = scenario(episode=changes)
    given["episodes"][0] = {key: value for key, value in given["episodes"][0].items() if value is not ...}
    assert refused(given) == [f'Scenario 1 ("the Larkspur family"), {sentence}']


def test_undoing_the_closing_lifts_its_limit_on_extensions(run):
    later = {"closed": "2025-04-01", "close_undone": True, "extensions": [{"requested": "2025-04-02"}]}
    assert run([scenario(episode=later)])[2] == 0


OVERLAPS = {
    "still open": ({}, "still open"),
    "closed later": ({"closed": "2025-05-02"}, "until 2025-05-02"),
    "closing undone": ({"closed": "2025-04-02", "close_undone": True}, "still open"),
}


@pytest.mark.parametrize(("changes", "until"), OVERLAPS.values(), ids=OVERLAPS)
def test_episodes_that_overlap(refused, changes, until):
    given = scenario(episode=changes)
    given["episodes"].insert(0, {"opened": "2025-05-01", "children": []})
    assert refused(given) == [
        f'Scenario 1 ("the Larkspur family"), episodes[0].opened: 2025-05-01 overlaps episodes[1], {until}.'
    ]


def test_no_two_episodes_open_on_one_day(refused):
    given = scenario(episode={"closed": "2025-03-03"})
    given["episodes"].append({"opened": "2025-03-03", "children": []})
    assert refused(given) == [
        'Scenario 1 ("the Larkspur family"), episodes[1].opened: episodes[0] opened on 2025-03-03 as well.'
    ]


SUBMITTED = {"child": "Ash", "assessed": "2025-03-10", "first_submitted": "2025-03-12"}
WRONG_ASSESSMENTS = {
    "no child": ({"child": ...}, ": 'child' is missing."),
    "an unknown child": ({"child": "Rowan"}, '.child: no episode has a child "Rowan".'),
    "no assessed-on date": ({"assessed": ...}, ": 'assessed' is missing."),
    "submitted before assessed": (
        {"first_submitted": "2025-03-09"},
        ".first_submitted: 2025-03-09 is before 'assessed', 2025-03-10.",
    ),
    "approved but never submitted": (
        {"first_submitted": ..., "approved": "2025-03-14"},
        ".approved: a CANS cannot be approved without 'first_submitted'.",
    ),
    "returned but never submitted": (
        {"first_submitted": None, "returned": "2025-03-14"},
        ".returned: a CANS cannot be returned without 'first_submitted'.",
    ),
    "approved before submitted": (
        {"approved": "2025-03-11"},
        ".approved: 2025-03-11 is before 'first_submitted', 2025-03-12.",
    ),
    "returned before submitted": (
        {"returned": "2025-03-11"},
        ".returned: 2025-03-11 is before 'first_submitted', 2025-03-12.",
    ),
    "approved and still returned": (
        {"approved": "2025-03-14", "returned": "2025-03-13"},
        ".returned: leave it out once the CANS was resubmitted; this one is approved.",
    ),
    "a misspelled key": (
        {"aproved": "2025-03-14"},
        ': unknown key "aproved"; known are child, assessed, first_submitted, approved, returned.',
    ),
}


@pytest.mark.parametrize(("changes", "sentence"), WRONG_ASSESSMENTS.values(), ids=WRONG_ASSESSMENTS)
def test_wrong_in_an_assessment(refused, changes, sentence):
    assessment = {key: value for key, value in (SUBMITTED | changes).items() if value is not ...}
    assert refused(scenario(assessments=[assessment])) == [
        f'Scenario 1 ("the Larkspur family"), assessments[0]{sentence}'
    ]


def test_a_wrong_date_of_submission_is_complained_of_once(refused):
    assessment = SUBMITTED | {"first_submitted": "soon", "approved": "2025-03-14"}
    (complaint,) = refused(scenario(assessments=[assessment]))
    assert complaint.endswith(
        'assessments[0].first_submitted: must be a date written YYYY-MM-DD, not "soon".'
    )


def test_every_problem_of_every_scenario_gets_its_sentence(run):
    bad = scenario(today="now", episode={"opened": "2025-02-29"})
    answer, complaints, code = run([scenario(), bad, 3])
    assert (answer, code) == (None, 2)
    assert complaints == [
        'Scenario 2 ("the Larkspur family"), today: must be a date written YYYY-MM-DD, not "now".',
        'Scenario 2 ("the Larkspur family"), episodes[0].opened: 2025-02-29 is not a day of the calendar.',
        "Scenario 3: must be an object, not a number.",
    ]


NOT_SCENARIOS = {
    "nothing": (b"", "is not JSON: "),
    "no JSON": (b"[{'name': 1}]", "is not JSON: "),
    "an endless number": (b"[" + b"9" * 5000 + b"]", "is not JSON: "),
    "not UTF-8": (b'["\xff"]', "is not UTF-8 text."),
    "one scenario without its list": (b"{}", "must be a list of scenarios, not an object."),
    "null": (b"null", "must be a list of scenarios, not null."),
    "a key twice": (
        b'[{"today": "2025-04-01", "today": "2025-05-01"}]',
        'is not JSON: the key "today" stands 2 times in one object.',
    ),
    "too deep": (b"[" * 100_000, "is nested too deep to be scenarios."),
}


@pytest.mark.parametrize(("text", "sentence"), NOT_SCENARIOS.values(), ids=NOT_SCENARIOS)
def test_what_is_no_list_of_scenarios(run, text, sentence):
    answer, (complaint,), code = run(text)
    assert (answer, code) == (None, 2)
    assert complaint.startswith(f"Standard input {sentence}")
    assert complaint.endswith(".")


def test_names_in_any_script_survive(run):
    given = scenario(
        name="familia Peñasco \ud83c",
        episode={"children": [{"name": "Zoë"}]},
        assessments=[SUBMITTED | {"child": "Zoë"}],
    )
    ([found], _, _) = run(b"\xef\xbb\xbf" + json.dumps([given]).encode())
    assert (found["name"], found["obligations"][0]["child"]) == (given["name"], "Zoë")


def at_a_prompt(text):
    """As people run it, with a database that cannot be there."""
    return subprocess.run(
        [sys.executable, "manage.py", "due_dates"],
        cwd=ROOT,
        env=os.environ | {"DATABASE_URL": "postgres://nobody@127.0.0.1:1/nowhere"},
        input=text,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_needs_no_database():
    done = at_a_prompt(json.dumps([scenario()]))
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)[0]["obligations"][0]["due"] == "2025-04-02"


def test_exit_status_and_where_the_sentence_goes():
    done = at_a_prompt(json.dumps([scenario(today="2025-02-30")]))
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        'Scenario 1 ("the Larkspur family"), today: 2025-02-30 is not a day of the calendar.\n'
    )
