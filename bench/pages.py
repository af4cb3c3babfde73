"""What is measured: for each page who opens it, what must be in the answer, and how dear it may be.

The limits are multiples of the signed-in view. A page that redirects to the sign-in form, or shows
an empty list, is fast: so every answer is read before any is timed.
"""

import datetime
import json
import re
import uuid
from dataclasses import dataclass, field

from django.db.models import Count
from django.urls import reverse

from cans.facts import sheets_of
from cans.models import Assessment, Obligation, Sheet
from cans.states import State
from cans.views.layout import parts_of
from cases.models import Case
from staff import gate
from staff.dates import today
from staff.models import Role, User

from .visitor import Visitor

A_ROW = r'<th scope="row"'
A_RATING = r'<fieldset class="item '
FULL_PAGE = 50


class WrongAnswer(Exception):
    """What came is not the page: there is nothing to time."""


@dataclass
class Page:
    name: str
    visitor: Visitor
    path: str
    must_hold: str  # a regular expression
    number: int = 1  # how often at the least
    at_most: float | None = None  # times the signed-in view; None without a target

    def ask(self):
        return self.visitor.ask(self.path)

    def check(self, answer):
        found = len(re.findall(self.must_hold, answer.text))
        if answer.status != 200 or found < self.number:
            raise WrongAnswer(
                f"{self.name}: {self.path} answered {answer.status} with {found} of at least "
                f"{self.number} times {self.must_hold!r}"
            )


@dataclass
class SaveOne:
    """One rating, as the scoring page's script sends it: of each item in turn, to and fro, for nobody
    changes one a hundred times."""

    name: str
    visitor: Visitor
    part: object
    at_most: float | None = None
    seen: dict = field(default_factory=dict)
    token: str = ""
    sent: int = 0

    @property
    def path(self):
        return reverse("cans:ratings", args=[self.part.sheet.assessment_id])

    @property
    def code(self):
        return self.part.items[self.sent % self.part.total].code

    def ask(self):
        if not self.token:
            now = json.loads(self.visitor.ask(self.path).text)
            self.token, self.seen = now["csrf"], now["sheets"][str(self.part.sheet.pk)]
        self.sent += 1
        seen = self.seen[self.code]
        value = self.seen[self.code] = "1" if seen != "1" else "2"
        rating = {"sheet": self.part.sheet.pk, "code": self.code, "seen": seen, "value": value}
        batch = {"by": self.visitor.person, "ratings": [rating | {"carried": False}], "notes": []}
        headers = {"X-CSRFToken": self.token, "Idempotency-Key": str(uuid.uuid4())}
        return self.visitor.patch(self.path, json.dumps(batch), **headers)

    def check(self, answer):
        sheet = Sheet.objects.select_related("assessment").get(pk=self.part.sheet.pk)
        stored, wanted = sheet.values[self.code], self.seen[self.code]
        if answer.status != 200 or stored != wanted or json.loads(answer.text)["conflicts"]:
            raise WrongAnswer(f"{self.name}: {answer.status}, and there is {stored}, not {wanted}")


@dataclass
class SaveForm:
    """A section as the plain form sends it, every item of it, one changed each time, to and fro."""

    name: str
    visitor: Visitor
    part: object
    at_most: float | None = None
    form: dict = field(default_factory=dict)

    @property
    def path(self):
        return self.part.url

    @property
    def key(self):
        return f"{self.part.sheet.pk}-{self.part.items[-1].code}"

    def ask(self):
        if not self.form:
            self.form = self._open()
        now = self.form[f"rating-{self.key}"]
        self.form |= {f"seen-{self.key}": now, f"rating-{self.key}": "1" if now != "1" else "2"}
        self.form["sending"] = str(int(self.form["sending"]) + 1)
        return self.visitor.ask(self.path, self.form)

    def check(self, answer):
        wanted = self.form[f"rating-{self.key}"]
        if answer.status != 302 or self._values()[self.part.items[-1].code] != wanted:
            raise WrongAnswer(f"{self.name}: {answer.status}, and the rating was not changed to {wanted}")

    def _open(self):
        page = self.visitor.ask(self.path).text
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)[1]
        values, number = self._values(), self.part.sheet.pk
        rows = [(f"{number}-{item.code}", values[item.code]) for item in self.part.items]
        return {
            "csrfmiddlewaretoken": token,
            "sending": "0",  # each is another one: the same twice from one page would be done once
            **{f"seen-{key}": value for key, value in rows},
            **{f"rating-{key}": value for key, value in rows if value != "."},
            **{f"note-{key}": "" for key, _ in rows},
            f"rating-{self.key}": values[self.part.items[-1].code],
        }

    def _values(self):
        """What stands there, asked outside the time that is measured."""
        return Sheet.objects.select_related("assessment").get(pk=self.part.sheet.pk).values


def signed_in_view():
    return Page("signed-in view: an empty page", _visitor("coordinator"), "/bench/empty/", "nothing but")


def pages():
    """Everything else, each with the busiest person or record there is."""
    yield from _letting_in()
    yield from _scoring()
    yield from _reviewing()
    yield from _coordinating(_visitor("coordinator"))


def _letting_in():
    """An empty page behind the policy and the access rules, without and with the record of reading."""
    draft = _longest_draft()
    author, number = Visitor(draft.author), draft.case_id
    yield Page("an empty page of a case one may see", author, f"/bench/found/{number}/", "nothing but")
    on_record = f"/bench/on-record/{number}/"
    yield Page("the same, the reading on record", author, on_record, "recorded", at_most=1.5)


def _longest_draft():
    return _most_sheets(Assessment.objects.filter(state=State.DRAFT, author__in=gate.cleared()))


def whole_form():
    """The scoring page as people use it: every section and every caregiver."""
    draft = _longest_draft()
    rows = sum(part.total for part in parts_of(sheets_of(draft)))
    path = reverse("cans:continue", args=[draft.pk])
    return Page(f"scoring page: {rows} rows", Visitor(draft.author), path, A_RATING, rows, at_most=2.5)


def _scoring():
    yield whole_form()
    draft = _longest_draft()
    author = Visitor(draft.author)
    parts = parts_of(sheets_of(draft))
    section = max((part for part in parts if part.sheet.adult_id is None), key=lambda part: part.total)
    caregiver = max((part for part in parts if part.sheet.adult_id), key=lambda part: part.total)
    for name, part in [("a section", section), ("a caregiver", caregiver)]:
        rows = part.total
        yield Page(f"scoring page, {name}: {rows} rows", author, part.url, A_RATING, rows, at_most=2.5)
    rows = sum(part.total for part in parts)
    yield Page(f"a CANS to read: {rows} rows", author, draft.get_absolute_url(), section.title)
    yield SaveOne("save one rating", author, section, at_most=1.5)
    yield SaveForm(f"save a section of {section.total}, one changed", author, section)
    yield Page("home of a clinician", author, reverse("home"), draft.child.name)


def _reviewing():
    waiting = Assessment.objects.submitted()
    able = gate.cleared().filter(role=Role.SUPERVISOR, assessments_to_review__in=waiting)
    busiest = able.annotate(number_of=Count("assessments_to_review")).order_by("-number_of", "pk")[0]
    theirs = waiting.filter(reviewer=busiest)
    reviewer, rows, one = Visitor(busiest), min(FULL_PAGE, theirs.count()), _most_sheets(theirs)
    review, approve = (reverse(f"approvals:{step}", args=[one.pk]) for step in ("review", "approve"))
    yield Page(f"approvals queue: {rows} rows", reviewer, reverse("approvals:queue"), A_ROW, rows, at_most=3)
    yield Page("review of a CANS", reviewer, review, approve, at_most=3)
    yield Page("home of a supervisor", reviewer, reverse("home"), reverse("approvals:queue"))


def _coordinating(coordinator):
    rows = min(FULL_PAGE, Obligation.objects.overdue().count())
    overdue = reverse("reports:overdue")
    yield Page(f"overdue, all regions: {rows} rows", coordinator, overdue, A_ROW, rows, at_most=2.5)
    case = Case.objects.annotate(number_of=Count("assessments")).order_by("-number_of", "pk")[0]
    yield Page("case page", coordinator, case.get_absolute_url(), case.number, at_most=3)
    rows = min(FULL_PAGE, Case.objects.count())
    yield Page(f"cases: {rows} rows", coordinator, reverse("cases:list"), A_ROW, rows)
    rows = min(FULL_PAGE, Assessment.objects.open().count())
    yield Page(f"CANS, open: {rows} rows", coordinator, f"{reverse('cans:list')}?show=open", A_ROW, rows)
    due, rows = reverse("reports:due"), min(FULL_PAGE, Obligation.objects.due_between(*_two_weeks()).count())
    yield Page(f"due in 14 days: {rows} rows", coordinator, f"{due}?within=14", A_ROW, rows)
    timely = reverse("reports:timeliness")
    yield Page("timeliness, 12 months", coordinator, timely, "Days to approve", at_most=3)
    opening, changes = reverse("reports:opening"), reverse("reports:change")
    yield Page("opening status, 12 months", coordinator, opening, "Counted by", at_most=3)
    submission = f"{reverse('reports:submission')}?first={today() - datetime.timedelta(days=365)}"
    yield Page("submission, 12 months", coordinator, submission, "Counted by", at_most=3)
    yield Page("change of every item", coordinator, changes, "Needs by domain")
    yield Page("waits too long", coordinator, reverse("reports:waiting"), "Waiting")
    yield Page("turnaround, all supervisors", coordinator, reverse("reports:turnaround"), "Median days")
    yield Page("home of a coordinator", coordinator, reverse("home"), overdue)


def _two_weeks():
    return today(), today() + datetime.timedelta(days=14)


def _most_sheets(assessments):
    found = assessments.select_related("author", "child").annotate(number_of=Count("sheets"))
    return found.order_by("-number_of", "pk")[0]


def _visitor(username):
    return Visitor(User.objects.get(username=username))
