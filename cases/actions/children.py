"""Children: join, leave, and what is dated about them."""

from cases.models import Caregiving, CaseEvent, Child, ChildStatus, Membership
from cases.permissions import Act, check_can
from staff.refusals import NotNow

from .adults import check_not_an_adult
from .holding import (
    FASTER,
    after,
    before,
    birth,
    day_before,
    future,
    hold,
    hold_with,
    keep,
    missing,
    one_act,
    refuse,
    ring,
    same_version,
    tell,
    written,
)

FACTS = ("person_number", "name", "born", "developmental_disability")


@one_act
def add_child(case, *, by, joined, **facts):
    """A child who is not on record yet, and joins this case."""
    case = hold(case)
    check_can(by, Act.WORK, case)
    refuse(born=birth(facts["born"]))
    check_not_an_adult(case, facts["person_number"])
    child = keep(Child(**{name: facts[name] for name in FACTS}))
    return _join(case, child, joined, by)


@one_act
def join_child(case, *, by, child, joined):
    """A child on record joins the case, or joins it again: a new stay.

    One case at a time. From a case without open IPS the child leaves the day before, because that
    case may be out of sight of whoever opens this one.
    """
    stays = child.memberships.filter(left__isnull=True).select_related("case")
    held = hold_with(case, [stay.case for stay in stays])
    case = held[case.pk]
    check_can(by, Act.PEOPLE, case)
    check_not_an_adult(case, child.person_number)
    for stay in child.memberships.filter(left__isnull=True).exclude(case=case):
        if stay.case_id not in held:
            raise NotNow(FASTER)
        _release(stay, held[stay.case_id], joined, by)
    return _join(case, child, joined, by)


@one_act
def child_leaves(stay, *, by, left, reason=""):
    """The child leaves the case: caregiving and services of this stay end the same day, and with them
    being a collateral for whoever was one to care for this child."""
    case, stay = _hold_stay(stay, by)
    if stay.left is not None:
        raise NotNow(f"{stay.child} left this case on {written(stay.left)} already.")
    _check_stay(case, stay, stay.joined, left)
    stay.left = left
    keep(stay)
    _end_with(stay)
    tell(
        case,
        CaseEvent.Kind.CHILD,
        f"{stay.child} left the case.",
        by=by,
        on=left,
        reason=reason,
        about=stay,
        left=left,
    )
    ring(case, by, f"A child left the case {written(left)}")
    return stay


@one_act
def correct_stay(stay, *, by, joined, left, reason, version=None):
    """Correct the days of joining and leaving; without `left` the child did not leave."""
    case, stay = _hold_stay(stay, by, Act.CORRECT)
    same_version(stay, version)
    refuse(reason=missing(reason))
    _check_stay(case, stay, joined, left)
    old = f"from {written(stay.joined)}" + (f" to {written(stay.left)}" if stay.left else "")
    stay.joined, stay.left = joined, left
    keep(stay)
    _end_with(stay)
    new = f"from {written(joined)}" + (f" to {written(left)}" if left else "")
    sentence = f"{stay.child}: the stay in the case was {old}, corrected to {new}."
    tell(
        case,
        CaseEvent.Kind.CHILD,
        sentence,
        by=by,
        on=joined,
        reason=reason,
        about=stay,
        joined=joined,
        left=left,
    )
    ring(case, by, f"A child's stay was corrected to {new}: {reason}")
    return stay


@one_act
def edit_child(child, *, by, case, version=None, **facts):
    """Correct what is on record about the child; `case` is the one it is done in."""
    case = hold(case)
    check_can(by, Act.WORK, case)
    check_keeps_child(case, child)
    child = Child.objects.select_for_update(no_key=True).get(pk=child.pk)
    same_version(child, version)
    changed = [name for name in FACTS if name in facts and getattr(child, name) != facts[name]]
    if not changed:
        return child
    for name in changed:
        setattr(child, name, facts[name])
    refuse(born=birth(child.born) or _after_joining(case, child))
    check_not_an_adult(case, child.person_number)
    child.version += 1
    keep(child)
    names = ", ".join(str(child._meta.get_field(name).verbose_name) for name in changed)
    tell(case, CaseEvent.Kind.CHILD, f"{child}: corrected {names}.", by=by, about=child, fields=changed)
    return child


def check_keeps_child(case, child):
    """A child's details are corrected where the child is."""
    if not Child.objects.kept_by(case).filter(pk=child.pk).exists():
        raise NotNow(f"{child} is in another case now. Who works there keeps these details.")


def _after_joining(case, child):
    """Of a case before this one the day is not told."""
    first = child.memberships.order_by("joined").first()
    if first is None or first.case_id == case.pk:
        return after(child.born, first and first.joined, "the day of joining")
    return "This is after the child joined an earlier case." if child.born > first.joined else ""


@one_act
def record_status(stay, *, by, kind, value, since):
    """Placement, permanency goal or legal status from a day on; the earlier ones stay."""
    case, stay = _hold_stay(stay, by)
    refuse(
        since=future(since)
        or before(since, stay.child.born, "the child's birth")
        or after(since, stay.left, "the day the child left the case"),
    )
    status = keep(ChildStatus(membership=stay, kind=kind, value=value, since=since, recorded_by=by))
    sentence = f"{stay.child}: {status.get_kind_display().lower()} is {value}."
    tell(case, CaseEvent.Kind.STATUS, sentence, by=by, on=since, about=status, status=kind, since=since)
    return status


def _join(case, child, joined, by):
    stay = Membership(case=case, child=child, joined=joined)
    _check_stay(case, stay, joined, None)
    keep(stay)
    again = child.memberships.filter(case=case).count() > 1
    tell(
        case,
        CaseEvent.Kind.CHILD,
        f"{child} joined the case{' again' if again else ''}.",
        by=by,
        on=joined,
        about=stay,
        joined=joined,
    )
    ring(case, by, f"A child joined the case {written(joined)}")
    return stay


def _release(stay, old_case, joined, by):
    latest = old_case.episodes.first()
    if latest is None or latest.closed is None or joined <= max(latest.closed, stay.joined):
        raise NotNow(
            f"{stay.child} is in another case, and can be in one at a time. Ask your coordinator, who can "
            "see which."
        )
    stay.left = day_before(joined)
    keep(stay)
    _end_with(stay)
    sentence = f"{stay.child} left the case, by joining another."
    tell(old_case, CaseEvent.Kind.CHILD, sentence, by=by, on=stay.left, about=stay, left=stay.left)
    ring(old_case, by, f"A child left the case {written(stay.left)}")


def _hold_stay(stay, by, act=Act.WORK):
    case = hold(stay.case)
    check_can(by, act, case)
    return case, Membership.objects.select_related("child").get(pk=stay.pk)


def _check_stay(case, stay, joined, left):
    child = stay.child
    refuse(
        joined=future(joined)
        or before(joined, child.born, "the child's birth")
        or _elsewhere(case, stay, joined, left),
        left=future(left) or before(left, joined, "the day of joining") or (left and _goes_on(stay, left)),
    )


def _elsewhere(case, stay, joined, left):
    for other in stay.child.memberships.exclude(pk=stay.pk):
        here = other.case_id == case.pk
        if here and other.joined == joined:  # a stay is known by its first day, here and in a whole case
            return f"{stay.child} joined this case that day already: correct that stay."
        if at_once(other, joined, left, same_case=here):
            until = f"to {written(other.left)}" if other.left else "on"
            where = f"in this case from {written(other.joined)} {until}" if here else "in another case"
            return f"{stay.child} was {where} at that time, and can be in one case at a time."
    return ""


def at_once(other, joined, left, *, same_case):
    """One case at a time; within one case a child may leave and rejoin on one day."""
    begins_before = left is None or (other.joined < left if same_case else other.joined <= left)
    ends_after = other.left is None or (other.left > joined if same_case else other.left >= joined)
    return begins_before and ends_after


def _goes_on(stay, left):
    """What begins after the last day has to be corrected first."""
    if stay.pk is None:
        return ""
    care = stay.caregivings.filter(starts__gt=left).select_related("adult").first()
    if care:
        return f"{care.adult} is recorded as caring from {written(care.starts)}, after this day."
    service = stay.services.filter(starts__gt=left).select_related("kind").first()
    if service:
        return f"{service.kind} is recorded from {written(service.starts)}, after this day."
    return ""


def _end_with(stay):
    if stay.left is not None:
        stay.caregivings.filter(ends__isnull=True).update(ends=stay.left)
        stay.services.exclude(ends__lte=stay.left).update(ends=stay.left)
        _only_for(stay).update(ends=stay.left)


def _only_for(stay):
    """The collaterals who were substitute caregivers of this stay to its end, and care for nobody else
    here: they go with the child, and what is written of them since is not told here."""
    case = stay.case
    caring = stay.caregivings.filter(role=Caregiving.Role.SUBSTITUTE, ends=stay.left)
    others = Caregiving.objects.filter(membership__case=case, ends__isnull=True)
    here = case.collaterals.filter(ends__isnull=True, starts__lte=stay.left, adult__in=caring.values("adult"))
    return here.exclude(adult__in=others.values("adult"))
