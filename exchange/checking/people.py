"""Checks of children, adults, care and services: the same that the verbs of `cases` make."""

from cans.models import InstrumentVersion
from cases.actions.children import at_once
from cases.actions.holding import after, before, birth, far, future
from cases.models import Adult, Caregiving, Child, ChildStatus, Collateral, Membership, Service

from .cases import known_case, touch
from .plan import HIDDEN
from .record import key_of, stay_key

OF_CHILD = {"name": "child_name", "born": "born", "developmental_disability": "developmental_disability"}
OF_ADULT = {"name": "adult_name", "phone": "phone", "address": "address"}
NOT_JOINED = "The child did not join the case on that day."
BOTH = "This is the number of {} of this case; nobody is both a child and an adult of it."


def children(lines, record):
    for line in lines:
        yield
        case = known_case(line, record)
        child = _child(line, record) if case is not None else None
        if child is not None:
            _stay(line, record, case, child)


def _child(line, record):
    number, there = line["person_number"], record.children.get(line["person_number"])
    if number in record.hidden_people:
        line.say("person_number", HIDDEN)
        return None
    made = Child(person_number=number, **{name: line[column] for name, column in OF_CHILD.items()})
    line.clean(made, OF_CHILD)
    line.say("born", birth(made.born))
    if number in record.adults[line["case_number"]]:
        line.say("person_number", BOTH.format("an adult"))
    elif there is None and number in record.numbered_adults:
        line.say("person_number", "This is the number of an adult on record.")
    told = there is None or record.tells_of(there)
    child = line.meet("children", there, made, OF_CHILD, told=told)
    if child is not None:
        record.children.setdefault(number, child)
    return child


def _stay(line, record, case, child):
    made = Membership(case=case, child=child, **line.values("joined", "left"))
    others = record.stays[child.person_number]
    there = next((one for one in others if one.case is case and one.joined == made.joined), None)
    line.say("joined", future(made.joined) or before(made.joined, child.born, "the child's birth"))
    line.say("left", future(made.left) or before(made.left, made.joined, "the day of joining"))
    if there is None and line.fine and any(_clash(one, made) for one in others):
        line.say("joined", "The child was in a case at that time, and can be in one case at a time.")
    kept = line.meet("stays", there, made, {"left": "left"})
    if kept is made:
        others.append(made)
        touch(line, case)


def _clash(one, made):
    return at_once(one, made.joined, made.left, same_case=one.case is made.case)


def stay_of(line, record, case, day, joined=None):
    """The child's stay in the case that began on the day of joining; without one that of the day, or the
    latest one."""
    stays = [one for one in record.stays.get(line["person_number"], ()) if one.case is case]
    if not stays:
        if (line["case_number"], line["person_number"]) not in record.told_of:
            line.say("person_number", "No child of this case has this number, on record or in this file.")
        return None
    if joined:
        line.say("joined", "" if joined in [one.joined for one in stays] else NOT_JOINED)
        return next((one for one in stays if one.joined == joined), None)
    held = [one for one in stays if one.joined <= day and (one.left is None or day <= one.left)]
    return max(held or stays, key=lambda one: one.joined)


def statuses(lines, record):
    for line in lines:
        yield
        case = known_case(line, record)
        stay = stay_of(line, record, case, line["since"], line["joined"]) if case is not None else None
        if stay is None:
            continue
        made = ChildStatus(
            membership=stay, recorded_by=line.lines.plan.by, **line.values("kind", "value", "since")
        )
        line.clean(made)
        line.say(
            "since",
            future(made.since)
            or before(made.since, stay.child.born, "the child's birth")
            or after(made.since, stay.left, "the day the child left the case"),
        )
        key = (*stay_key(stay), made.kind, made.value, made.since)
        if key in record.statuses:
            line.lines.plan.same["statuses"] += 1
        elif line.meet("statuses", None, made, {}):
            record.statuses.add(key)
            touch(line, case)


def adults(lines, record):
    for line in lines:
        yield
        case = known_case(line, record)
        adult = _adult(line, record, case) if case is not None else None
        if adult is not None:
            _collateral(line, record, case, adult)


def _adult(line, record, case):
    number, here = line["adult_number"], record.adults[case.number]
    if number in record.hidden_people:
        line.say("adult_number", HIDDEN)
        return None
    made = Adult(person_number=number or None, **{name: line[column] for name, column in OF_ADULT.items()})
    line.clean(made, OF_ADULT | {"person_number": "adult_number"})
    there = record.numbered_adults.get(number) if number else here.get(key_of(made))
    if number and any(one.case is case for one in record.stays.get(number, ())):
        line.say("adult_number", BOTH.format("a child"))
    elif number and there is None and number in record.children:
        line.say("adult_number", "This is the number of a child on record.")
    elif number and there is None and key_of(Adult(name=made.name)) in here:
        line.say("adult_number", "An adult of this name is in the case without a number. Add it there first.")
    told = there is None or record.tells_of(there)
    adult = line.meet("adults", there, made, OF_ADULT if told else {"name": "adult_name"}, told=told)
    if adult is not None:
        here[key_of(adult)] = adult
        if number:
            record.numbered_adults[number] = adult
    return adult


def _collateral(line, record, case, adult):
    if line["starts"] is None:
        for column in ("relationship", "ends"):
            line.say(column, "Of a collateral the first day is needed too." if line[column] else "")
        return
    made = Collateral(case=case, adult=adult, **line.values("relationship", "in_home", "starts", "ends"))
    line.clean(made)
    line.say("starts", future(made.starts))
    line.say("ends", future(made.ends) or before(made.ends, made.starts, "the first day"))
    others = record.collaterals[case.number, key_of(adult)]
    there = next((one for one in others if one.starts == made.starts), None)
    if there is None and any(_at_once(one, made) for one in others):
        line.say("starts", "This adult was a collateral of the case at that time already.")
    columns = ("relationship", "in_home", "ends")
    kept = line.meet("collaterals", there, made, {name: name for name in columns})
    if kept is made:
        others.append(made)
        touch(line, case)


def _at_once(one, other):
    """Two times of one thing; on the day one ends, the next may begin."""
    return (one.ends is None or other.starts < one.ends) and (other.ends is None or one.starts < other.ends)


def adult_of(line, record, case):
    """The adult of the case that a line of another sheet names."""
    named = Adult(person_number=line["adult_number"] or None, name=line["adult_name"])
    found = record.adults[case.number].get(key_of(named))
    if found is None:
        column = "adult_number" if named.person_number else "adult_name"
        line.say(column, "No adult of this case is known so, on record or in this file.")
    return found


def caregivers(lines, record):
    for line in lines:
        yield
        case = known_case(line, record)
        stay = stay_of(line, record, case, line["starts"], line["joined"]) if case is not None else None
        adult = adult_of(line, record, case) if stay is not None else None
        if adult is not None:
            _care(line, record, stay, adult)


def _care(line, record, stay, adult):
    made = Caregiving(
        membership=stay, adult=adult, **line.values("role", "relationship", "in_home", "starts", "ends")
    )
    line.clean(made)
    line.say("starts", future(made.starts) or before(made.starts, stay.child.born, "the child's birth"))
    line.say("ends", future(made.ends) or before(made.ends, made.starts, "the first day of care"))
    collateral = record.collaterals.get((stay.case.number, key_of(adult)))
    if made.role == Caregiving.Role.SUBSTITUTE and not collateral:
        line.say("role", "A substitute caregiver is first added to the case as a collateral.")
    if made.ends is None and stay.left is not None:
        line.say("ends", "The child left the case: care of this stay ends by then.")
    line.say("ends", after(made.ends, stay.left, "the day the child left the case"))
    others = record.caregivings[(*stay_key(stay), key_of(adult))]
    there = next((one for one in others if one.starts == made.starts), None)
    if there is None and any(_at_once(one, made) for one in others):
        line.say("starts", "This adult cared for the child at that time already.")
    columns = ("role", "relationship", "in_home", "ends")
    kept = line.meet("caregivings", there, made, {name: name for name in columns})
    if kept is made:
        others.append(made)
        touch(line, stay.case)


def services(lines, record):
    version = InstrumentVersion.objects.filter(active=True).first()
    codes = items_by_name(version.instrument.items) if version else {}
    for line in lines:
        yield
        case = known_case(line, record)
        stay = stay_of(line, record, case, line["starts"], line["joined"]) if case is not None else None
        if stay is not None:
            _service(line, record, stay, codes)


def _service(line, record, stay, items):
    kind = record.kinds.get(line["service"])
    line.say("service", "" if kind else "The service array has none of this name; a coordinator adds it.")
    named = line["findings"].replace(",", " ").split()
    unknown = [one for one in named if one.lower() not in items]
    line.say("findings", f"There is no item {unknown[0][:40]}." if unknown else "")
    if not line.fine:
        return
    made = Service(membership=stay, kind=kind, **line.values("provider", "starts", "ends"))
    made.codes = sorted({items[one.lower()].code for one in named})
    line.clean(made)
    line.say(
        "starts",
        # Of a stay that is named the day of joining may have been corrected since.
        (not line["joined"] and before(made.starts, stay.joined, "the child's joining the case"))
        or after(made.starts, stay.left, "the day the child left the case")
        or far(made.starts),
    )
    line.say("ends", before(made.ends, made.starts, "the first day"))
    line.say("ends", after(made.ends, stay.left, "the day the child left the case"))
    key = (*stay_key(stay), kind.pk, made.provider, made.starts)
    kept = line.meet("services", record.services.get(key), made, {"ends": "ends", "codes": "findings"})
    if kept is not None and record.services.setdefault(key, kept) is made:
        touch(line, stay.case)


def items_by_name(items):
    """Each item by its code, and by its number where it has one."""
    found = {item.code: item for item in items}
    return found | {str(item.number): item for item in items if item.number}
