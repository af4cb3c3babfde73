"""Adults of a case: collaterals, and who cares for which child."""

from django.core.exceptions import ValidationError
from django.db.models import Q

from cases.models import Adult, Caregiving, Case, CaseEvent, Child, Collateral, Membership
from cases.permissions import Act, check_can
from staff.refusals import NotNow

from .holding import (
    after,
    before,
    future,
    hold,
    hold_with,
    keep,
    missing,
    one_act,
    put_right,
    refuse,
    same_version,
    tell,
    unchanged,
    written,
)

FACTS = ("person_number", "name", "phone", "address")


@one_act
def add_adult(case, *, by, adult, collateral=None, cares=()):
    """Tie an adult to the case. An unsaved one is recorded first.

    `collateral` holds relationship, in_home and starts, and is empty for a parent who is a member of
    the family or an adult who is tied to the case already. Each of `cares` holds membership, role,
    relationship, in_home and starts; what is wrong there is told by field and stay ("starts_12").
    """
    case = hold(case)
    check_can(by, Act.PEOPLE, case)
    check_not_a_child(case, adult.person_number)
    if adult.pk is None:
        keep(adult)
    if collateral:
        _add_collateral(case, adult, by, **collateral)
    for care in cares:
        try:
            _add_caregiving(case, adult, by, **care)
        except ValidationError as wrong:
            raise _of_child(wrong, care["membership"]) from None
    if not collateral and not cares:
        refuse(cares="Say for which child this adult cares, or add them as a collateral.")
    return adult


@one_act
def edit_adult(adult, *, by, case, version=None, **facts):
    """Correct what is on record of an adult. Other cases that they are tied to now are told of it too."""
    held = hold_with(case, _cases_of(adult))
    case = held[case.pk]
    check_can(by, Act.WORK, case)
    check_keeps_adult(case, adult)
    adult = Adult.objects.select_for_update(no_key=True).get(pk=adult.pk)
    same_version(adult, version)
    changed = [name for name in FACTS if name in facts and getattr(adult, name) != facts[name]]
    if not changed:
        return adult
    for name in changed:
        setattr(adult, name, facts[name])
    check_not_a_child(case, adult.person_number)
    adult.version += 1
    keep(adult)
    names = ", ".join(str(adult._meta.get_field(name).verbose_name) for name in changed)
    for row in held.values():
        sentence = f"{adult}: corrected {names}."
        tell(row, CaseEvent.Kind.COLLATERAL, sentence, by=by, about=adult, fields=changed)
    return adult


def check_keeps_adult(case, adult):
    """How to reach somebody is read and corrected where they are tied to a case now."""
    if not Adult.objects.kept_by(case).filter(pk=adult.pk).exists():
        raise NotNow(f"{adult} is tied to another case now. Who works there keeps these details.")


def _cases_of(adult):
    """Those the adult is tied to now."""
    ties = Q(collaterals__adult=adult, collaterals__ends__isnull=True)
    ties |= Q(memberships__caregivings__adult=adult, memberships__caregivings__ends__isnull=True)
    return Case.objects.filter(ties)


@one_act
def end_collateral(collateral, *, by, ends):
    """The adult is no collateral of the case any more; what they do as substitute caregiver ends too."""
    case = hold(collateral.case)
    check_can(by, Act.WORK, case)
    collateral = case.collaterals.select_related("adult").get(pk=collateral.pk)
    adult = collateral.adult
    if collateral.ends is not None:
        raise NotNow(f"{adult} was a collateral until {written(collateral.ends)} already.")
    cares = Caregiving.objects.filter(
        membership__case=case, adult=adult, role=Caregiving.Role.SUBSTITUTE, ends__isnull=True
    )
    later = cares.filter(starts__gt=ends).first()
    refuse(
        ends=future(ends)
        or before(ends, collateral.starts, "the begin date")
        or before(ends, later and later.starts, "the first day of care")
    )
    cares.update(ends=ends)
    collateral.ends = ends
    keep(collateral)
    sentence = f"{adult} is no longer a collateral."
    tell(case, CaseEvent.Kind.COLLATERAL, sentence, by=by, on=ends, about=collateral, ends=ends)
    return collateral


@one_act
def end_caregiving(care, *, by, ends):
    case = hold(care.membership.case)
    check_can(by, Act.WORK, case)
    care = Caregiving.objects.select_related("adult", "membership__child").get(pk=care.pk)
    if care.ends is not None:
        raise NotNow(f"{care.adult} cared for {care.membership.child} until {written(care.ends)} already.")
    refuse(ends=future(ends) or before(ends, care.starts, "the first day of care"))
    care.ends = ends
    keep(care)
    sentence = f"{care.adult} no longer cares for {care.membership.child}."
    tell(case, CaseEvent.Kind.CAREGIVING, sentence, by=by, on=ends, about=care, ends=ends)
    return care


@one_act
def correct_collateral(collateral, *, by, relationship, in_home, starts, ends, reason, version=None):
    """Correct how and from when to when somebody is a collateral; without `ends` they still are."""
    case = hold(collateral.case)
    check_can(by, Act.CORRECT, case)
    collateral = case.collaterals.select_related("adult").get(pk=collateral.pk)
    same_version(collateral, version)
    others = case.collaterals.filter(adult=collateral.adult).exclude(pk=collateral.pk)
    changes = put_right(collateral, relationship=relationship, in_home=in_home, starts=starts, ends=ends)
    refuse(
        starts=future(starts) or _at_once(others, starts, ends, "This adult was a collateral"),
        ends=future(ends) or before(ends, starts, "the begin date") or _still_needed(collateral, others),
        reason=missing(reason) or unchanged(changes),
    )
    keep(collateral)
    sentence = f"{collateral.adult} as a collateral: {'; '.join(changes)}."
    about = {"about": collateral, "starts": starts, "ends": ends}
    tell(case, CaseEvent.Kind.COLLATERAL, sentence, by=by, on=starts, reason=reason, **about)
    return collateral


@one_act
def correct_caregiving(care, *, by, role, relationship, in_home, starts, ends, reason, version=None):
    """Correct as what, and from when to when, an adult cares for a child; without `ends` they still do.

    The start may lie before the child joined the case, as where a caregiving is added.
    """
    case = hold(care.membership.case)
    check_can(by, Act.CORRECT, case)
    care = Caregiving.objects.select_related("adult", "membership__child").get(pk=care.pk)
    same_version(care, version)
    stay, adult = care.membership, care.adult
    others = stay.caregivings.filter(adult=adult).exclude(pk=care.pk)
    changes = put_right(care, role=role, relationship=relationship, in_home=in_home, starts=starts, ends=ends)
    refuse(
        role=_no_collateral(case, care),
        starts=future(starts)
        or before(starts, stay.child.born, "the child's birth")
        or after(starts, stay.left, "the day the child left the case")
        or _at_once(others, starts, ends, f"This adult cared for {stay.child}"),
        ends=future(ends)
        or before(ends, starts, "the first day of care")
        or after(ends, stay.left, "the day the child left the case")
        or (f"{stay.child} left the case on {written(stay.left)}." if stay.left and not ends else ""),
        reason=missing(reason) or unchanged(changes),
    )
    keep(care)
    sentence = f"{adult}, who cares for {stay.child}: {'; '.join(changes)}."
    about = {"about": care, "role": role, "starts": starts, "ends": ends}
    tell(case, CaseEvent.Kind.CAREGIVING, sentence, by=by, on=starts, reason=reason, **about)
    return care


def check_not_a_child(case, person_number):
    """Nobody is a child and an adult of one case."""
    children = Child.objects.filter(memberships__case=case, person_number=person_number)
    refuse(
        person_number="This is the number of a child of this case; nobody is both."
        if person_number and children.exists()
        else ""
    )


def check_not_an_adult(case, person_number):
    adults = Adult.objects.filter(person_number=person_number)
    here = adults.filter(collaterals__case=case) | adults.filter(caregivings__membership__case=case)
    refuse(
        person_number="This is the number of an adult of this case; nobody is both." if here.exists() else ""
    )


def _add_collateral(case, adult, by, *, relationship, in_home, starts):
    ended = case.collaterals.filter(adult=adult, ends__isnull=False)
    refuse(starts=future(starts) or _at_once(ended, starts, None, "This adult was a collateral"))
    row = keep(Collateral(case=case, adult=adult, relationship=relationship, in_home=in_home, starts=starts))
    sentence = f"{adult} added as a collateral: {relationship}."
    tell(case, CaseEvent.Kind.COLLATERAL, sentence, by=by, on=starts, about=row, starts=starts)


def _add_caregiving(case, adult, by, *, membership, role, relationship, in_home, starts):
    stay = Membership.objects.select_related("child").get(pk=membership.pk, case=case)
    cares = stay.caregivings.filter(adult=adult)
    now = cares.filter(ends__isnull=True).first()
    if role == Caregiving.Role.SUBSTITUTE and not _is_collateral(case, adult):
        refuse(role="A substitute caregiver is first added to the case as a collateral.")
    if stay.left is not None:
        raise NotNow(f"{stay.child} left the case on {written(stay.left)}.")
    if now:
        raise NotNow(f"{adult} already cares for {stay.child}, since {written(now.starts)}.")
    refuse(
        starts=future(starts)
        or before(starts, stay.child.born, "the child's birth")
        or _at_once(cares, starts, None, f"This adult cared for {stay.child}")
    )
    care = keep(
        Caregiving(
            membership=stay, adult=adult, role=role, relationship=relationship, in_home=in_home, starts=starts
        )
    )
    sentence = f"{adult} cares for {stay.child} as {care.get_role_display().lower()} ({relationship})."
    tell(case, CaseEvent.Kind.CAREGIVING, sentence, by=by, on=starts, about=care, role=role, starts=starts)


def _of_child(wrong, stay):
    return ValidationError({f"{field}_{stay.pk}": found for field, found in wrong.error_dict.items()})


def _is_collateral(case, adult):
    return case.collaterals.filter(adult=adult, ends__isnull=True).exists()


def _no_collateral(case, care):
    """A substitute is a collateral as long as they care."""
    ties = case.collaterals.filter(adult=care.adult)
    if care.role != Caregiving.Role.SUBSTITUTE or _until(ties, care.ends).exists():
        return ""
    return "A substitute caregiver is a collateral of the case as long as they care. Put that right first."


def _still_needed(collateral, others):
    if collateral.ends is None:
        return ""
    cares = Caregiving.objects.filter(
        membership__case=collateral.case, adult=collateral.adult, role=Caregiving.Role.SUBSTITUTE
    ).select_related("membership__child")
    for care in cares:
        if not _until(others, care.ends).exists() and (care.ends is None or care.ends > collateral.ends):
            until = f"until {written(care.ends)}" if care.ends else "still"
            return f"They are the substitute caregiver of {care.membership.child} {until}. End that first."
    return ""


def _until(rows, day):
    """Those that have not ended before this day; without one, those that have not ended."""
    lasting = Q(ends__isnull=True)
    return rows.filter(lasting | Q(ends__gte=day) if day else lasting)


def _at_once(others, starts, ends, what):
    """One may end on the day on which the next begins. Each is known by its first day."""
    for other in others:
        together = (ends is None or other.starts < ends) and (other.ends is None or other.ends > starts)
        if together or other.starts == starts:
            until = f" until {written(other.ends)}" if other.ends else ""
            return f"{what} from {written(other.starts)}{until} already."
    return ""
