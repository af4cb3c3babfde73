"""What the case page tells, read in one query a table, whatever the number of rows; each is made once."""

from collections import defaultdict
from types import SimpleNamespace

from django.db.models import CharField, Exists, F, OuterRef, Subquery, Value
from django.db.models.functions import Cast, Concat, TruncDate
from django.utils import timezone

from approvals.models import Step
from approvals.workflow import Action
from audit.statements import Found, Given, Kept, Rows
from cans.due import Status, explained
from cans.instrument import months_old
from cans.models import Assessment, InstrumentVersion, Obligation, Sheet
from cans.states import OPEN, State
from cases.models import (
    Adult,
    Case,
    CaseEvent,
    Child,
    ChildStatus,
    Collateral,
    EmergencyAccess,
    Episode,
    Membership,
    Service,
    no_child_yet,
)
from staff.dates import today

from .pages import found_or_404, granted_or_404

# Still to be done, or waiting for somebody: what a person has to look at.
OWED = {Status.DUE, Status.OVERDUE, Status.SUBMITTED, Status.RETURNED, Status.RETURNED_OVERDUE}
KINDS = {
    "initial": "Initial CANS",
    "six_month": "Six-month CANS",
    "extension": "Extension CANS",
    "closing": "Closing CANS",
}
MOST_OBLIGATIONS = 300
MOST_ASSESSMENTS = 100
LATEST_EVENTS = 15


def case_for_page(request, pk):
    """The case with the grant that opens it to this person (or 404), and the instrument in force."""
    case = found_or_404(_CASE, pk)
    case.grant = granted_or_404(request, case)
    return case


def _with_instrument_and_emergency(cases):
    emergencies = EmergencyAccess.objects.filter(case=OuterRef("pk")).order_by("-ends_at")
    return cases.annotate(
        last_emergency=Subquery(emergencies.values("ends_at")[:1]),
        instrument_id=Subquery(InstrumentVersion.objects.filter(active=True).values("pk")[:1]),
        no_child_yet=no_child_yet(),
    )


_CASE = Found(Case, "agency", "region", asked=_with_instrument_and_emergency)


def episodes_of(case):
    """Newest first, each with its extensions."""
    found = {}
    for row in _mapped(_EPISODES, EPISODE, case):
        episode = found.setdefault(
            row["pk"],
            SimpleNamespace(
                pk=row["pk"],
                opened=row["opened"],
                closed=row["closed"],
                authorised_through=row["authorised_through"],
                closing_reason=dict(Episode.Reason.choices).get(row["closing_reason"], ""),
                extensions=[],
            ),
        )
        _add_part(episode.extensions, row, "extensions", EXTENSION)
    return list(found.values())


EXTENSION = ("pk", "requested", "reason", "decided", "granted", "authorised_through", "withdrawn")
EPISODE = (
    "pk",
    "opened",
    "authorised_through",
    "closed",
    "closing_reason",
    *(f"extensions__{name}" for name in EXTENSION),
)
_EPISODES = Rows(
    lambda: (
        Episode.objects.filter(case=Given("case"))
        .order_by("-opened", "-pk", "extensions__requested")
        .values_list(*EPISODE)
    )
)


def children_of(case):
    """One entry a child, with the latest stay and all earlier ones, and who cares for the child."""
    found, stays = {}, {}
    for row in _mapped(_STAYS, STAY, case):
        child = found.setdefault(row["child_id"], _child(row))
        if row["pk"] not in stays:
            stays[row["pk"]] = SimpleNamespace(
                pk=row["pk"],
                joined=row["joined"],
                left=row["left"],
                caregivers=[],
                **{kind: row[kind] for kind in ChildStatus.Kind.values},
            )
            child.stays.append(stays[row["pk"]])
        _add_part(stays[row["pk"]].caregivers, row, "caregivings", CARE)
    for child in found.values():
        child.stay = child.stays[0]
        child.here = child.stay.left is None
        child.caregivers = [care for stay in child.stays for care in stay.caregivers if care.ends is None]
        child.former = [care for stay in child.stays for care in stay.caregivers if care.ends is not None]
    return list(found.values())


def _is_kept(model, of):
    """Whether this case keeps the details of whoever a row is of."""
    return Exists(model.objects.kept_by(Given("case")).filter(pk=OuterRef(of)))


def _latest_status(kind):
    rows = ChildStatus.objects.filter(membership=OuterRef("pk"), kind=kind).order_by("-since", "-pk")
    return Subquery(rows.values("value")[:1])


CARE = ("pk", "adult_id", "adult__name", "role", "relationship", "in_home", "starts", "ends")
STAY = (
    "pk",
    "joined",
    "left",
    "child_id",
    "child__name",
    "child__person_number",
    "child__born",
    "child__developmental_disability",
    "kept",
    *ChildStatus.Kind.values,
    *(f"caregivings__{name}" for name in CARE),
)
_STAYS = Rows(
    lambda: (
        Membership.objects.filter(case=Given("case"))
        .order_by("child__born", "child_id", "-joined", "-pk", "caregivings__adult__name", "caregivings__pk")
        .annotate(kept=_is_kept(Child, "child"))
        .annotate(**{kind: _latest_status(kind) for kind in ChildStatus.Kind.values})
        .values_list(*STAY)
    )
)


def collaterals_of(case):
    return _COLLATERALS.all(case=case.pk)


_COLLATERALS = Kept(
    lambda: (
        Collateral.objects.filter(case=Given("case"))
        .select_related("adult")
        .annotate(kept=_is_kept(Adult, "adult"))
        .order_by("adult__name", "-starts")
    )
)


def assessments_of(case):
    return _ASSESSMENTS.all(case=case.pk)


_ASSESSMENTS = Kept(
    lambda: (
        Assessment.objects.filter(case=Given("case"))
        .select_related("child", "author", "reviewer")
        .order_by("-assessed_on", "-pk")[:MOST_ASSESSMENTS]
    )
)


def tell_assessments(children, assessments):
    """Give each child the latest approved CANS and the open one."""
    replaced = {cans.amends_id for cans in assessments if cans.amends_id and cans.state == State.APPROVED}
    for child in children:
        own = [cans for cans in assessments if cans.child_id == child.pk]
        in_force = (cans for cans in own if cans.state == State.APPROVED and cans.pk not in replaced)
        child.latest = next(in_force, None)
        child.open_cans = next((cans for cans in own if cans.state in OPEN), None)


def tell_unrated(children, case):
    """Mark who cares for a child now and has neither a sheet nor a reason in the child's latest CANS."""
    rated = defaultdict(set)
    for cans, adult in _SHEETS.all(case=case.pk):
        rated[cans].add(adult)
    for child in children:
        cans = child.open_cans or child.latest
        for care in child.caregivers:
            care.unrated = bool(cans) and care.starts <= today() and care.adult_id not in rated[cans.pk]


_SHEETS = Rows(
    lambda: (
        Sheet.objects.filter(assessment__case=Given("case"), adult__isnull=False)
        .exclude(assessment__state=State.VOIDED)
        .order_by()
        .values_list("assessment", "adult")
    )
)


def obligations_of(case):
    """(owed, settled, history): what is owed now, what is over, and due dates that were changed."""
    owed, settled, superseded, followers = [], [], [], defaultdict(list)
    for row in _OBLIGATIONS.all(case=case.pk):
        followers[row.episode_id, row.child_id, row.source].append(row)
        if row.superseded_at is not None:
            superseded.append(row)
            continue
        row.now = row.status()
        row.title = KINDS[row.kind]
        row.sentence = explained(row.why, row.now)
        (owed if row.now in OWED else settled).append(row)
    return owed, settled, _changed_dates(superseded, followers)


_OBLIGATIONS = Kept(
    lambda: (
        Obligation.objects.filter(case=Given("case"))
        .select_related("child", "recorded_by", "waiver")
        .order_by(F("superseded_at").desc(nulls_first=True), "due", "child_id", "pk")[:MOST_OBLIGATIONS]
    )
)


def due_next(owed):
    """child → the earliest thing owed for it."""
    first = {}
    for row in owed:
        first.setdefault(row.child_id, row)
    return first


def services_of(case):
    """Newest first, each with the names of the items it answers."""
    found = {}
    for row in _mapped(_SERVICES, SERVICE, case):
        code = row.pop("findings__code")
        named = {_plain(name): value for name, value in row.items()}
        service = found.setdefault(row["pk"], SimpleNamespace(codes=[], **named))
        if code:
            service.codes.append(code)
    return list(found.values())


SERVICE = (
    "pk",
    "kind__name",
    "provider",
    "starts",
    "ends",
    "membership__child_id",
    "membership__child__name",
    "findings__code",
)
_SERVICES = Rows(
    lambda: (
        Service.objects.filter(membership__case=Given("case"))
        .order_by("-starts", "-pk", "findings__pk")
        .values_list(*SERVICE)
    )
)


def name_findings(services, instrument_id):
    """Item names for the codes that services answer; a code of another version stays as it is."""
    items = InstrumentVersion(pk=instrument_id).instrument.by_code if instrument_id and services else {}
    for service in services:
        service.findings = [items[code].name if code in items else code for code in service.codes]


def timeline_of(case):
    """The case's events and the steps of its CANS as one list, newest first: rows of plain values."""
    events = CaseEvent.objects.filter(case=case).order_by().annotate(who=F("by__name"))
    steps = (
        Step.objects.filter(assessment__case=case)
        .order_by()
        .annotate(
            on=TruncDate("at", tzinfo=timezone.get_default_timezone()),
            kind=Concat(Value("cans:"), F("action"), output_field=CharField()),
            sentence=Concat(
                Value("CANS "),
                Cast("assessment_id", CharField()),
                Value(" of "),
                F("assessment__child__name"),
                output_field=CharField(),
            ),
            who=F("by__name"),
        )
    )
    rows = events.values(*EVENT).union(steps.values(*EVENT), all=True)
    # Many may be written in one moment: without the last two a row could be on two pages and another on none.
    return rows.order_by("-on", "-at", "kind", "-pk")


def latest_events(case):
    """What the page shows of the timeline, and whether there is more."""
    rows = _mapped(_LATEST, EVENT, case)
    return told(rows[:LATEST_EVENTS]), len(rows) > LATEST_EVENTS


EVENT = ("on", "at", "kind", "sentence", "reason", "who", "pk")
_LATEST = Rows(lambda: timeline_of(Given("case"))[: LATEST_EVENTS + 1])


def emergencies_of(case):
    """Who has it open in an emergency now; nothing is asked where `case_for_page` saw none."""
    if case.last_emergency is None or case.last_emergency <= timezone.now():
        return []
    return list(EmergencyAccess.objects.current().filter(case=case).select_related("case", "person"))


def told(rows):
    """Timeline rows with a tone for the page, and a title where the sentence does not say what happened."""
    titles = {f"cans:{act.value}": STEPS[act] for act in Action}
    for row in rows:
        row["title"] = titles.get(row["kind"], "")
        row["tone"] = TONES.get(row["kind"], "")
        row["late"] = timezone.localdate(row["at"]) != row["on"]
    return rows


STEPS = {
    Action.SUBMIT: "CANS submitted",
    Action.APPROVE: "CANS approved",
    Action.RETURN: "CANS returned for revision",
    Action.REROUTE: "CANS rerouted",
    Action.RECALL: "CANS taken back",
    Action.AMEND: "CANS amended",
    Action.VOID: "CANS voided",
}
TONES = {
    "opened": "tone-info",
    "closed": "tone-plum",
    "close_undone": "tone-warn",
    "opening_corrected": "tone-warn",
    "closing_corrected": "tone-warn",
    "extension_corrected": "tone-warn",
    "extension_withdrawn": "tone-warn",
    "transferred": "tone-plum",
    "emergency": "tone-bad",
    "extension": "tone-info",
    "cans:submit": "tone-info",
    "cans:approve": "tone-ok",
    "cans:return": "tone-warn",
    "cans:void": "tone-bad",
}


def age_in_words(born, on=None):
    months = months_old(born=born, on=on or today())
    if months < 24:
        return f"{months} month{'' if months == 1 else 's'} old"
    return f"{months // 12} years old"


def _child(row):
    return SimpleNamespace(
        pk=row["child_id"],
        name=row["child__name"],
        person_number=row["child__person_number"],
        born=row["child__born"],
        age=age_in_words(row["child__born"]),
        developmental_disability=row["child__developmental_disability"],
        kept=row["kept"],
        stays=[],
    )


def _changed_dates(superseded, followers):
    """Superseded rows whose due date is not the one that follows, with the row that follows."""
    changed = []
    for row in superseded:
        later = [
            other
            for other in followers[row.episode_id, row.child_id, row.source]
            if other.recorded_at >= row.superseded_at
        ]
        row.follower = min(later, key=lambda other: other.recorded_at, default=None)
        row.title = KINDS[row.kind]
        if row.follower is None or row.follower.due != row.due:
            changed.append(row)
    return changed


def _mapped(rows, names, case):
    return [dict(zip(names, row, strict=True)) for row in rows.all(case=case.pk)]


def _add_part(parts, row, prefix, fields):
    if row[f"{prefix}__pk"] is not None:
        parts.append(SimpleNamespace(**{_plain(name): row[f"{prefix}__{name}"] for name in fields}))


def _plain(name):
    return name.replace("__", "_")
