"""Checks of past CANS: days, people, and every rating. That all of an old CANS was rated is not asked."""

import hashlib
from collections import defaultdict
from dataclasses import dataclass, field

from approvals.workflow import Action
from cans import readiness
from cans.instrument import UNRATED, Applies, Subject, age_domains, applying_to_caregiver
from cans.models import Assessment, InstrumentVersion, Sheet
from cans.states import OPEN, State
from cases.actions.holding import before, future
from cases.models import Caregiving
from staff.dates import today
from staff.models import Role, User
from staff.policy import WORKERS

from .cases import NOT_OPENED, SEVERAL, known_case, touch
from .people import adult_of, items_by_name, stay_of
from .plan import OTHERWISE
from .record import key_of, stay_key

RATINGS = {"0": "0", "1": "1", "2": "2", "3": "3", "": UNRATED, "-": UNRATED, ".": UNRATED}
RATINGS |= dict.fromkeys(["n", "na", "n/a"], "n") | dict.fromkeys(["u", "unknown"], "u")
OF_CHILDS_LINE = ("type", "author", "submitted_on", "approved_by", "approved_on")
WINDOWS = {"early": Applies.EARLY, "transition": Applies.TRANSITION}


@dataclass
class PastSheet:
    adult: object
    ratings: str
    substitute: bool = False
    not_scored_reason: str = ""
    notes: dict = field(default_factory=dict)

    @property
    def said(self):
        return self.ratings, self.not_scored_reason


@dataclass
class PastCans:
    line: object
    stay: object
    episode: object
    columns: object
    assessed_on: object
    which: int
    type: str
    author: object
    approver: object
    submitted_on: object
    approved_on: object
    first_approved_on: object
    sheets: dict = field(default_factory=dict)  # adult's key, or "" for the child → PastSheet
    early: bool = False
    transition: bool = False
    decisions: list = field(default_factory=list)
    row: object = None

    @property
    def child(self):
        return self.stay.child


def cans(lines, record):
    """The child's lines first: an adult's belongs to one of them."""
    versions = _Versions(lines)
    past, of_adults = {}, []
    for line in lines:
        if line["adult_name"] or line["adult_number"]:
            of_adults.append(line)
        else:
            yield
            _of_child(line, record, versions, past)
    for line in of_adults:
        yield
        _of_adult(line, record, past)
    record.past_cans = past


class _Versions:
    """The instrument of each line, with the columns of the file as it has them."""

    def __init__(self, lines):
        self.lines, self.found = lines, {}

    def of(self, line):
        """None, and a sentence, where there is no such instrument or it has no such item."""
        label = line["instrument"]
        if label not in self.found:
            asked = {"label": label} if label else {"active": True}
            version = InstrumentVersion.objects.filter(**asked).first()
            self.found[label] = version and _Columns(self.lines, version)
        columns = self.found[label]
        if columns is None:
            line.say("instrument", f"No instrument {label} is loaded: an administrator does that first.")
        elif columns.unknown:
            line.say("the line", f"There is no column or item {columns.unknown[0][:40]}.")
        return columns if line.fine else None


class _Columns:
    """The columns of items: which item each is of, by subject."""

    def __init__(self, lines, version):
        self.version = version
        whole = version.instrument
        named = items_by_name(whole.items)
        self.unknown = [name for name in lines.table.items if name not in named]
        found = [(name, place, named[name]) for name, place in lines.table.items.items() if name in named]
        self.of_child = [one for one in found if one[2].subject is Subject.CHILD]
        self.of_adult = [one for one in found if one[2].subject is Subject.CAREGIVER]
        self.sizes = {"": len(whole.child_items), "adult": len(whole.caregiver_items)}

    def ratings(self, line, *, adult):
        """The ratings of a line as one text, and (column, item) of those that have one."""
        mine, others = (self.of_adult, self.of_child) if adult else (self.of_child, self.of_adult)
        cells, text, rated = line.row.cells, [UNRATED] * self.sizes["adult" if adult else ""], []
        for name, place, item in mine:
            if cells[place]:
                value = RATINGS.get(cells[place].lower())
                if value is None or (value != UNRATED and not item.allows(value)):
                    line.say(name, f"{item.name} cannot be rated {cells[place][:20]}.")
                elif value != UNRATED:
                    text[item.position] = value
                    rated.append((name, item))
        for name, place, item in others:
            if cells[place]:
                of = "a child" if adult else "a caregiver"
                line.say(name, f"{item.name} is an item of {of}; leave it empty on this line.")
        return "".join(text), rated


def _of_child(line, record, versions, past):
    case = known_case(line, record)
    stay = stay_of(line, record, case, line["assessed_on"]) if case is not None else None
    for column in OF_CHILDS_LINE:
        line.say(column, "" if line[column] else "Write this on the child's line of a CANS.")
    line.say("role", line["role"] and "Leave this empty on the child's line.")
    line.say("not_scored_reason", line["not_scored_reason"] and "The child is always scored.")
    columns = versions.of(line)
    if stay is None or not line.fine:
        return
    episode = _episode(line, record.episodes[case.number])
    author, approver = (person_of(line, record, case, column) for column in ("author", "approved_by"))
    if episode is None or author is None or approver is None:
        return
    if author is approver:
        line.say("approved_by", "Nobody approves what they wrote.")
    text, rated = columns.ratings(line, adult=False)
    if line.fine and not rated:
        line.say("the line", "Nothing is rated on this line.")
    one = PastCans(
        line=line,
        stay=stay,
        episode=episode,
        columns=columns,
        assessed_on=line["assessed_on"],
        which=line["which"] or 1,
        type=line["type"],
        author=author,
        approver=approver,
        submitted_on=line["submitted_on"],
        approved_on=line["approved_on"],
        first_approved_on=line["first_approved_on"] or line["approved_on"],
        sheets={"": PastSheet(None, text)},
    )
    _say_days(line, one)
    _set_windows(line, one, rated)
    key = _key(line)
    if past.setdefault(key, one) is not one:
        line.say("assessed_on", f"This CANS is in line {past[key].line.row.line} already.")


def _episode(line, episodes):
    """The one it says, or the latest by its day."""
    if line["opened"]:
        line.say("opened", "" if line["opened"] in [one.opened for one in episodes] else NOT_OPENED)
        return next((one for one in episodes if one.opened == line["opened"]), None)
    opened = [one for one in episodes if one.opened <= line["assessed_on"]]
    line.say("assessed_on", "" if opened else "IPS had not been opened in this case by this day.")
    return max(opened, key=lambda one: one.opened, default=None)


def _key(line):
    return line["case_number"], line["person_number"], line["assessed_on"], line["which"] or 1


def _say_days(line, one):
    line.say("submitted_on", before(one.submitted_on, one.assessed_on, "the assessment"))
    line.say("approved_on", before(one.approved_on, one.submitted_on, "the submission"))
    line.say("approved_on", before(one.approved_on, line["first_approved_on"], "the first approval"))
    line.say("first_approved_on", before(line["first_approved_on"], one.submitted_on, "the submission"))
    line.say("approved_on", future(one.approved_on))
    if not line["opened"]:  # or else its days were asked there, and an opening or a stay corrected since
        _say_dates(line, one)


def _say_dates(line, one):
    facts = readiness.Facts(
        child=readiness.SheetFacts(key="", name=one.child.name, ratings={}),
        born=one.child.born,
        developmental_disability=one.child.developmental_disability,
        assessed_on=one.assessed_on,
        today=today(),
        early=False,
        transition=False,
        opened=one.episode.opened,
        joined=max(one.stay.joined, one.episode.opened),
        left=one.stay.left,
        closed=one.episode.closed,
    )
    for problem in readiness.date_errors(facts):
        line.say("assessed_on", problem.sentence)


def _set_windows(line, one, rated):
    """As the file has it, for an age may be corrected later, and one who leaves a domain out leaves ratings
    there; or else the age domains that had to be rated that day, and those that were."""
    applying = {item.applies for _, item in rated}
    early, transition = age_domains(
        born=one.child.born,
        developmental_disability=one.child.developmental_disability,
        assessed_on=one.assessed_on,
    )
    one.early = _said(line, "early", early or WINDOWS["early"] in applying)
    one.transition = _said(line, "transition", transition or WINDOWS["transition"] in applying)


def _said(line, column, found):
    return line[column] == "yes" if line[column] else found


def person_of(line, record, case, column):
    """Somebody of the agency; who has no account gets one that is closed, for the name."""
    name = line[column]
    found = record.workers.called(case.agency, name)
    if len(found) > 1:
        line.say(column, SEVERAL)
        return None
    if found and found[0].role not in WORKERS:
        line.say(column, "This is nobody who scores or approves a CANS.")
        return None
    if found:
        return found[0]
    known = hashlib.sha256(f"{case.agency.pk} {name}".encode()).hexdigest()[:16]
    person = User(
        username=f"past.{known}",
        name=name,
        role=Role.CLINICIAN,
        agency=case.agency,
        is_active=False,
        must_change_password=True,
    )
    person.set_unusable_password()
    line.clean(person, {"name": column})
    record.workers.add(person)
    line.lines.plan.new["people"].append(person)
    return person


def _of_adult(line, record, past):
    for column in (*OF_CHILDS_LINE, "opened", "first_approved_on", "instrument", *WINDOWS):
        line.say(column, line[column] and "Leave this empty on a caregiver's line.")
    case = known_case(line, record)
    one = past.get(_key(line))
    if case is None:
        return
    if one is None:
        line.say("assessed_on", "There is no child's line of this CANS in the file, or it is wrong.")
        return
    adult = adult_of(line, record, case)
    if adult is None:
        return
    role = _role_on(record, one, adult)
    line.say("adult_name", "" if role else "This adult does not care for the child, here or on record.")
    text, rated = one.columns.ratings(line, adult=True)
    substitute = (line["role"] or role) == Caregiving.Role.SUBSTITUTE
    applying = applying_to_caregiver(substitute=substitute)
    for name, item in rated:
        # Where it is said as what they were rated, what was rated before that was put right stands beside it.
        fits = line["role"] or item.applies in applying
        line.say(name, "" if fits else f"{item.name} is not rated of a parent.")
    if not rated and not line["not_scored_reason"]:
        line.say("not_scored_reason", "Rate this adult, or say why they were not scored.")
    sheet = PastSheet(adult, text, substitute, line["not_scored_reason"])
    line.clean(Sheet(not_scored_reason=sheet.not_scored_reason, ratings=text, size=len(text)))
    if one.sheets.setdefault(key_of(adult), sheet) is not sheet:
        line.say("adult_name", "This adult is in this CANS twice.")


def _role_on(record, one, adult):
    """As what the adult cared for the child in the case that day, or at another time."""
    stays = [stay for stay in record.stays[one.child.person_number] if stay.case is one.stay.case]
    cares = [care for stay in stays for care in record.caregivings[(*stay_key(stay), key_of(adult))]]
    held = [care for care in cares if care.starts <= one.assessed_on <= (care.ends or one.assessed_on)]
    return next((care.role for care in held or cares), None)


def notes(lines, record):
    """Of CANS in the same file: what is on record already keeps the notes it has."""
    for line in lines:
        yield
        one = _named_cans(line, record)
        if one is not None:
            _note(line, record, one)


def _named_cans(line, record):
    case = known_case(line, record)
    if case is None:
        return None
    one = record.past_cans.get(_key(line))
    line.say("assessed_on", "" if one else "There is no such CANS in the file, or it is wrong.")
    return one


def _note(line, record, one):
    whole = one.columns.version.instrument
    has_adult = line["adult_name"] or line["adult_number"]
    adult = adult_of(line, record, one.stay.case) if has_adult else None
    sheet = one.sheets.get(key_of(adult) if adult else "")
    item = items_by_name(whole.caregiver_items if adult else whole.child_items).get(line["item"].lower())
    line.say("adult_name", "" if sheet else "This adult has no line in that CANS.")
    line.say("item", "" if item else "That person is not rated on such an item.")
    if line.fine and sheet.notes.setdefault(item.code, line["note"]) is not line["note"]:
        line.say("item", "There are two notes on this item.")


def decisions(lines, record):
    """The steps of CANS in the same file, where there was more than a submission and an approval."""
    found = {}
    for line in lines:
        yield
        one = _named_cans(line, record)
        if one is None:
            continue
        by = person_of(line, record, one.stay.case, "decided_by")
        if line["action"] == Action.RETURN and not line["reason"]:
            line.say("reason", "Say why it was returned.")
        if by is not None and line.fine:
            one.decisions.append((line["action"], line["decided_on"], by, line["reason"]))
            found[id(one)] = one, line
    for one, line in found.values():
        line.say("action", _wrong_steps(one))


def _wrong_steps(one):
    """Turn and turn about, from the first submission to the approval that the child's line names."""
    actions, decided, people, _ = zip(*one.decisions, strict=True)
    turns = [Action.SUBMIT if place % 2 == 0 else Action.RETURN for place in range(len(actions) - 1)]
    if list(actions) != [*turns, Action.APPROVE] or len(actions) % 2:
        return "The steps do not follow each other: submit, return, submit again, approve."
    if list(decided) != sorted(decided) or decided[0] < one.submitted_on or decided[-1] != one.approved_on:
        return "The days of the steps do not follow each other, or are not those of the CANS."
    if people[-1] is not one.approver or one.author in people[1::2]:
        return "The steps name other people than the CANS does, or somebody who decided on their own."
    return ""


def compare(plan, record):
    """With what is on record; and no child may have a CANS under way, which those before it would lock."""
    past = record.past_cans
    children = {one.child.pk: one.child for one in past.values() if one.child.pk}
    kept, sheets, under_way = defaultdict(list), defaultdict(list), set()
    wanted = list(children)
    for start in range(0, len(wanted), 2_000):
        some = wanted[start : start + 2_000]
        # Not prefetched: Django asks for the sheets of each by itself, and SQLite takes no thousand of these.
        for sheet in Sheet.objects.filter(assessment__child__in=some).select_related("adult"):
            sheets[sheet.assessment_id].append(sheet)
        rows = Assessment.objects.filter(child__in=some).exclude(state=State.VOIDED)
        for row in rows.select_related("author", "approved_by"):
            kept[row.child_id, row.assessed_on].append(row)
            if row.state in OPEN:
                under_way.add(row.child_id)
    for key, one in past.items():
        yield
        there = [row for row in kept[one.child.pk, one.assessed_on] if one.child.pk]
        replaced = {row.amends_id for row in there if row.state == State.APPROVED}
        approved = [row for row in there if row.state == State.APPROVED and row.case_id == one.stay.case.pk]
        in_force = sorted((row for row in approved if row.pk not in replaced), key=lambda row: row.pk)
        if len(in_force) >= one.which:
            _say_differences(plan, one, in_force[one.which - 1], sheets)
        elif there and not in_force:
            one.line.say("assessed_on", "A CANS of this day is on record, and not approved in this case.")
        elif one.child.pk in under_way:
            one.line.say("person_number", "This child has a CANS under way. It is decided or voided first.")
        elif one.line.fine:
            plan.new["cans"].append(one)
            touch(one.line, record.cases[key[0]])


def _say_differences(plan, one, row, sheets):
    same = {
        "type": (row.type, one.type),
        "author": (row.author, one.author),
        "approved_by": (row.approved_by, one.approver),
        "submitted_on": (row.first_submitted_on, one.submitted_on),
    }
    for column, (kept, here) in same.items():
        one.line.say(column, "" if kept == here else OTHERWISE.format(f"“{kept}”"))
    stored = {
        key_of(sheet.adult) if sheet.adult else "": (sheet.ratings, sheet.not_scored_reason)
        for sheet in sheets[row.pk]
    }
    if stored != {key: sheet.said for key, sheet in one.sheets.items()}:
        one.line.say("the line", OTHERWISE.format("rated otherwise"))
    plan.same["cans"] += one.line.fine
