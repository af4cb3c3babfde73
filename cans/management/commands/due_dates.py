"""`manage.py due_dates < scenarios.json`: the due-date rules, for people who want to check them."""

import json
import re
import sys
from collections import Counter
from datetime import date
from itertools import pairwise

from django.core.management.base import BaseCommand

from cans.due import Cans, Episode, Extension, Status, Stay, explained, obligations, on_time, status

EARLIEST, LATEST = date(1900, 1, 1), date(2199, 12, 31)
RETURNED = {Status.RETURNED, Status.RETURNED_OVERDUE}


class Command(BaseCommand):
    help = (
        "Reads scenarios as a JSON list on standard input and prints the same list with the obligations of "
        "each child. Facts are taken as given; 'today' only decides the status. Needs no database. "
        "A malformed scenario gets a sentence on standard error, and exit status 2."
    )
    requires_system_checks = []

    def handle(self, *args, **options):
        problems = []
        scenarios = read_scenarios(sys.stdin.buffer.read(), problems.append)
        if problems:
            self.stderr.write("\n".join(problems))
            raise SystemExit(2)
        answers = [raw | {"obligations": answer(**facts)} for raw, facts in scenarios]
        self.stdout.write(json.dumps(answers, indent=2))


# --- from JSON to facts -------------------------------------------------------------------------


def read_scenarios(text, complain):
    """Pairs of a scenario as it came and the arguments for `answer`. What is wrong is complained of,
    a sentence each, and the pair then means nothing."""
    try:
        scenarios = _parsed(text)
    except ValueError as why:
        complain(f"Standard input {why}.")
        return []
    return [(raw, _scenario(raw, at, complain)) for at, raw in enumerate(scenarios, start=1)]


def _parsed(text):
    try:
        scenarios = json.loads(text.decode("utf-8-sig"), object_pairs_hook=_without_doubles)
    except UnicodeDecodeError:
        raise ValueError("is not UTF-8 text") from None
    except RecursionError:
        raise ValueError("is nested too deep to be scenarios") from None
    except ValueError as why:
        raise ValueError(f"is not JSON: {why}") from None
    if not isinstance(scenarios, list):
        raise ValueError(f"must be a list of scenarios, not {_kind_of(scenarios)}")
    return scenarios


def _without_doubles(pairs):
    for key, times in Counter(key for key, _ in pairs).items():
        if times > 1:
            raise ValueError(f"the key {_quoted(key)} stands {times} times in one object")
    return dict(pairs)


def _scenario(raw, at, complain):
    name = raw.get("name") if isinstance(raw, dict) else None
    label = f"Scenario {at} ({_quoted(name)})" if isinstance(name, str) else f"Scenario {at}"

    def say(where, sentence):
        complain(f"{label}, {where}: {sentence}" if where else f"{label}: {sentence}")

    facts = _object(
        raw,
        "",
        say,
        required={"name": _text, "today": _date, "episodes": _list_of(_episode)},
        optional={"assessments": _list_of(_assessment)},
    )
    episodes, assessments = facts["episodes"] or [], facts["assessments"] or []
    _check_episodes_follow(episodes, say)
    _check_children_known(episodes, assessments, say)
    return {"today": facts["today"], "episodes": episodes, "assessments": assessments}


def _episode(raw, where, say):
    facts = _object(
        raw,
        where,
        say,
        required={"opened": _date, "children": _list_of(_child)},
        optional={"closed": _date, "close_undone": _true_or_false, "extensions": _list_of(_extension)},
    )
    _check_order(facts, "opened", "closed", where, say)
    if facts["close_undone"]:
        facts["closed"] = None
    _check_stays_apart(facts["children"] or [], where, say)
    _check_extensions_within(facts, where, say)
    return facts | {"where": where}


def _child(raw, where, say):
    facts = _object(raw, where, say, required={"name": _text}, optional={"joined": _date, "left": _date})
    _check_order(facts, "joined", "left", where, say)
    return facts | {"where": where}


def _extension(raw, where, say):
    return _object(raw, where, say, required={"requested": _date}, optional={}) | {"where": where}


def _assessment(raw, where, say):
    facts = _object(
        raw,
        where,
        say,
        required={"child": _text, "assessed": _date},
        optional={"first_submitted": _date, "approved": _date, "returned": _date},
    )
    _check_order(facts, "assessed", "first_submitted", where, say)
    for step in ("approved", "returned"):
        if facts[step] and not raw.get("first_submitted"):
            say(f"{where}.{step}", f"a CANS cannot be {step} without 'first_submitted'.")
        _check_order(facts, "first_submitted", step, where, say)
    if facts["approved"] and facts["returned"]:
        say(f"{where}.returned", "leave it out once the CANS was resubmitted; this one is approved.")
    return facts | {"where": where}


# --- one value at a time ------------------------------------------------------------------------


def _object(raw, where, say, *, required, optional):
    """Every known key with what was read, None for what is absent, null or wrong."""
    known = required | optional
    if not isinstance(raw, dict):
        say(where, f"must be an object, not {_kind_of(raw)}.")
        return dict.fromkeys(known)
    for key in sorted(raw.keys() - known.keys()):
        say(where, f"unknown key {_quoted(key)}; known are {', '.join(known)}.")
    for key in required:
        if key not in raw:
            say(where, f"'{key}' is missing.")
    facts = {}
    for key, read in known.items():
        absent = key not in raw or (raw[key] is None and key in optional)
        facts[key] = None if absent else read(raw[key], f"{where}.{key}".lstrip("."), say)
    return facts


def _list_of(read):
    def read_list(raw, where, say):
        if not isinstance(raw, list):
            return say(where, f"must be a list, not {_kind_of(raw)}.")
        return [read(each, f"{where}[{at}]", say) for at, each in enumerate(raw)]

    return read_list


def _text(raw, where, say):
    if not isinstance(raw, str) or not raw.strip():
        return say(where, f"must be some text, not {_shown(raw)}.")
    return raw


def _true_or_false(raw, where, say):
    if not isinstance(raw, bool):
        return say(where, f"must be true or false, not {_shown(raw)}.")
    return raw


def _date(raw, where, say):
    if not isinstance(raw, str) or not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", raw):
        return say(where, f"must be a date written YYYY-MM-DD, not {_shown(raw)}.")
    try:
        day = date.fromisoformat(raw)
    except ValueError:
        return say(where, f"{raw} is not a day of the calendar.")
    if not EARLIEST <= day <= LATEST:
        return say(where, f"{raw} is not between {EARLIEST} and {LATEST}.")
    return day


def _kind_of(raw):
    kinds = {dict: "an object", list: "a list", str: "text", bool: "true or false", type(None): "null"}
    return kinds.get(type(raw), "a number")


def _shown(raw):
    return _quoted(raw) if isinstance(raw, str) else _kind_of(raw)


def _quoted(text):
    return json.dumps(text if len(text) <= 60 else text[:57] + "...", ensure_ascii=False)


# --- facts that do not go together --------------------------------------------------------------


def _check_order(facts, first, then, where, say):
    if facts[first] and facts[then] and facts[then] < facts[first]:
        say(f"{where}.{then}", f"{facts[then]} is before '{first}', {facts[first]}.")


def _check_stays_apart(children, where, say):
    rows = [child for child in children if child["name"]]
    rows.sort(key=lambda child: (child["name"], child["joined"] or date.min, child["left"] or date.max))
    for before, after in pairwise(rows):
        if before["name"] == after["name"] and not _ends_by(before["left"], after["joined"]):
            child = _quoted(after["name"])
            say(after["where"], f"{child} joins here while still in the case by {before['where']}.")


def _check_extensions_within(facts, where, say):
    for extension in facts["extensions"] or []:
        requested = extension["requested"]
        if not requested or not facts["opened"]:
            continue
        if requested < facts["opened"]:
            say(
                f"{extension['where']}.requested",
                f"{requested} is before the episode opened, {facts['opened']}.",
            )
        if facts["closed"] and requested > facts["closed"]:
            say(
                f"{extension['where']}.requested",
                f"{requested} is after the episode closed, {facts['closed']}.",
            )


def _check_episodes_follow(episodes, say):
    begun = [episode for episode in episodes if episode["opened"]]
    begun.sort(key=lambda episode: (episode["opened"], episode["closed"] or date.max))
    for before, after in pairwise(begun):
        if not _ends_by(before["closed"], after["opened"]):
            until = f"until {before['closed']}" if before["closed"] else "still open"
            say(f"{after['where']}.opened", f"{after['opened']} overlaps {before['where']}, {until}.")
        elif before["opened"] == after["opened"]:
            say(f"{after['where']}.opened", f"{before['where']} opened on {after['opened']} as well.")


def _ends_by(end, start):
    return end is not None and start is not None and end <= start


def _check_children_known(episodes, assessments, say):
    known = {child["name"] for episode in episodes for child in episode["children"] or []}
    for assessment in assessments:
        if assessment["child"] and assessment["child"] not in known:
            child = _quoted(assessment["child"])
            say(f"{assessment['where']}.child", f"no episode has a child {child}.")


# --- from facts to answers ----------------------------------------------------------------------


def answer(*, today, episodes, assessments):
    names = sorted({child["name"] for episode in episodes for child in episode["children"]})
    return [_row(name, o, today) for name in names for o in _owed_by(name, episodes, assessments)]


def _owed_by(name, episodes, assessments):
    theirs = [_episode_of(name, episode) for episode in episodes]
    cans = [
        Cans(
            key=each["where"],
            assessed=each["assessed"],
            first_submitted=each["first_submitted"],
            approved=each["approved"],
            returned=each["returned"],
        )
        for each in assessments
        if each["child"] == name
    ]
    return obligations(theirs, cans)


def _episode_of(name, episode):
    return Episode(
        key=episode["where"],
        opened=episode["opened"],
        closed=episode["closed"],
        stays=tuple(
            Stay(child["where"], child["joined"], child["left"])
            for child in episode["children"]
            if child["name"] == name
        ),
        extensions=tuple(Extension(each["where"], each["requested"]) for each in episode["extensions"] or []),
    )


def _row(child, o, today):
    now = status(o, today)
    row = {
        "child": child,
        "kind": o.kind.value,
        "due": o.due.isoformat(),
        "work_by": o.work_by.isoformat(),
        "status": now.value,
        "on_time": on_time(o),
    }
    if o.target is not None:
        row["target"] = o.target.isoformat()
    if now in RETURNED:
        row["fix_by"] = o.fix_by.isoformat()
    return row | {"why": explained(o.why, now)}
