"""IPS open, extended, closed, undone, opened again, and corrected opening and closing dates.

Closing ends nothing else: children stay in the case and workers stay assigned, because the closing
CANS may be rated for 30 days more. It is never blocked by a CANS.
"""

from cases.models import CaseEvent, Episode, Extension
from cases.permissions import Act, check_can
from staff.dates import today
from staff.refusals import NotNow

from .holding import (
    after,
    before,
    future,
    hold,
    keep,
    missing,
    one_act,
    put_right,
    refuse,
    ring,
    tell,
    turn_version,
    unchanged,
    written,
)


def check_opening(opened, authorised_through, last=None):
    refuse(
        opened=future(opened) or _too_soon_after(last, opened),
        authorised_through=before(authorised_through, opened, "the opening"),
    )


@one_act
def open_episode(case, *, by, opened, authorised_through, version=None):
    """Open IPS again: a new episode, from the day of the last closing on."""
    case = hold(case, version)
    check_can(by, Act.WORK, case)
    last = case.episodes.first()
    if last and last.closed is None:
        raise NotNow(f"IPS is open in this case already, since {written(last.opened)}.")
    check_opening(opened, authorised_through, last)
    episode = keep(Episode(case=case, opened=opened, authorised_through=authorised_through))
    turn_version(case)
    tell(
        case,
        CaseEvent.Kind.OPENED,
        f"IPS opened{' again' if last else ''}, authorised through {written(authorised_through)}.",
        by=by,
        on=opened,
        about=episode,
        opened=opened,
    )
    ring(case, by, f"IPS opened {written(opened)}")
    return episode


@one_act
def request_extension(episode, *, by, requested, reason="", version=None):
    """Ask for more time. The CANS is owed by that day, whatever is decided."""
    case, episode = _hold_open(episode, by, version)
    refuse(requested=future(requested) or before(requested, episode.opened, "the opening"))
    extension = keep(Extension(episode=episode, requested=requested, reason=reason, requested_by=by))
    turn_version(case)
    tell(
        case,
        CaseEvent.Kind.EXTENSION,
        f"Extension requested on {written(requested)}.",
        by=by,
        on=requested,
        reason=reason,
        about=extension,
        requested=requested,
    )
    ring(case, by, f"Extension requested {written(requested)}")
    return extension


@one_act
def decide_extension(extension, *, by, decided, granted, authorised_through=None, version=None):
    """Record the department's decision. It moves no due date."""
    case, extension = _hold_request(extension, by, version, Act.WORK)
    if extension.decided:
        raise NotNow(f"This request was decided on {written(extension.decided)} already.")
    episode = extension.episode
    refuse(
        decided=future(decided) or before(decided, extension.requested, "the request"),
        authorised_through=_new_end(authorised_through, episode) if granted else "",
    )
    extension.decided, extension.granted = decided, granted
    extension.authorised_through = authorised_through if granted else None
    keep(extension)
    if granted:
        episode.authorised_through = authorised_through
        keep(episode)
    turn_version(case)
    result = f"granted, through {written(authorised_through)}" if granted else "denied"
    tell(
        case,
        CaseEvent.Kind.DECIDED,
        f"The extension requested on {written(extension.requested)} was {result}.",
        by=by,
        on=decided,
        about=extension,
        granted=granted,
    )
    return extension


@one_act
def correct_extension(
    extension,
    *,
    by,
    requested,
    granted,
    because,
    reason="",
    decided=None,
    authorised_through=None,
    otherwise_through=None,
    version=None,
):
    """Correct a request and its decision, which is none where `granted` is None.

    IPS is authorised through the last day granted. The day said at the opening is not kept beside it, so
    where a grant is taken back and no other is left, `otherwise_through` says it again.
    """
    case, extension = _hold_request(extension, by, version, Act.COORDINATE)
    episode, before_this, was_granted = extension.episode, extension.requested, extension.granted
    grants = episode.extensions.standing().filter(granted=True).exclude(pk=extension.pk)
    taken_back = was_granted and not granted and not grants.exists()
    wrong_end = _corrected_end(authorised_through, requested, episode, grants, was_granted) if granted else ""
    changes = put_right(
        extension,
        requested=requested,
        granted=granted,
        decided=None if granted is None else decided,
        authorised_through=authorised_through if granted else None,
        reason=reason,
    )
    refuse(
        requested=future(requested)
        or before(requested, episode.opened, "the opening")
        or after(requested, episode.closed, "the closing"),
        decided=("" if granted is None or decided else "Say on which day it was decided.")
        or future(extension.decided)
        or before(extension.decided, requested, "the request"),
        authorised_through=wrong_end,
        otherwise_through=_end_at_opening(otherwise_through, episode) if taken_back else "",
        because=missing(because) or unchanged(changes),
    )
    keep(extension)
    ends = [*grants.values_list("authorised_through", flat=True), extension.authorised_through]
    if last := otherwise_through if taken_back else max(filter(None, ends), default=None):
        changes += put_right(episode, authorised_through=last)
        keep(episode)
    turn_version(case)
    sentence = f"The extension requested on {written(before_this)}: {'; '.join(changes)}."
    kind, about = CaseEvent.Kind.EXTENSION_CORRECTED, {"about": extension, "corrected": changes}
    tell(case, kind, sentence, by=by, on=requested, reason=because, **about)
    if requested != before_this:
        moved = f"from {written(before_this)} to {written(requested)}"
        ring(case, by, f"Extension request corrected {moved}: {because}")
    return extension


@one_act
def withdraw_extension(extension, *, by, because, version=None):
    """Take back a request made by mistake: it is kept, and no CANS is owed for it, nor counted as met."""
    case, extension = _hold_request(extension, by, version, Act.COORDINATE)
    if extension.decided:
        raise NotNow(
            f"This request was decided on {written(extension.decided)}. If that is a mistake too, correct it "
            "to not decided first."
        )
    refuse(because=missing(because))
    extension.withdrawn = today()
    keep(extension)
    turn_version(case)
    sentence = f"The extension request of {written(extension.requested)} was withdrawn."
    kind = CaseEvent.Kind.EXTENSION_WITHDRAWN
    tell(case, kind, sentence, by=by, reason=because, about=extension, requested=extension.requested)
    ring(case, by, f"{sentence} {because}")
    return extension


@one_act
def close_episode(episode, *, by, closed, closing_reason, note="", version=None):
    """Close IPS with a reason."""
    case, episode = _hold_open(episode, by, version)
    refuse(
        closed=_cannot_close(episode, closed),
        closing_reason="" if closing_reason in Episode.Reason.values else "Choose a reason.",
        note=missing(note, "Say which reason.") if closing_reason == Episode.Reason.OTHER else "",
    )
    episode.closed, episode.closing_reason = closed, closing_reason
    keep(episode)
    turn_version(case)
    tell(
        case,
        CaseEvent.Kind.CLOSED,
        f"IPS closed: {episode.get_closing_reason_display().lower()}.",
        by=by,
        on=closed,
        reason=note,
        about=episode,
        closed=closed,
        closing_reason=closing_reason,
    )
    ring(case, by, f"IPS closed {written(closed)}")
    return episode


@one_act
def undo_closing(episode, *, by, reason, version=None):
    """Take back a closing made in error: the episode goes on as if it had not been closed."""
    case = hold(episode.case, version)
    check_can(by, Act.CORRECT, case)
    episode = case.episodes.get(pk=episode.pk)
    if episode.closed is None:
        raise NotNow("This episode is open; there is no closing to undo.")
    if case.episodes.first() != episode:
        raise NotNow("IPS was opened again later, so this closing cannot be undone.")
    refuse(reason=missing(reason))
    closed, episode.closed, episode.closing_reason = episode.closed, None, ""
    keep(episode)
    turn_version(case)
    tell(
        case,
        CaseEvent.Kind.CLOSE_UNDONE,
        f"The closing on {written(closed)} was undone.",
        by=by,
        reason=reason,
        about=episode,
        closed=closed,
    )
    ring(case, by, f"The closing on {written(closed)} was undone")
    return episode


@one_act
def correct_opening(episode, *, by, opened, reason, authorised_through=None, version=None):
    """Correct the opening date and the end of the authorisation said with it; without one, that stays.

    Due dates are computed again and keep the old ones as history. Children recorded as joining by the old
    opening date were there from the opening, and move back with it where they were in no other case then.
    """
    case = hold(episode.case, version)
    check_can(by, Act.COORDINATE, case)
    episode = case.episodes.get(pk=episode.pk)
    old, old_end = episode.opened, episode.authorised_through
    through = authorised_through or old_end
    earlier = case.episodes.filter(opened__lt=old).first()
    later = case.episodes.filter(opened__gt=old).last()
    first_request = episode.extensions.standing().first()
    refuse(
        opened=("This is the opening date already." if (opened, through) == (old, old_end) else "")
        or future(opened)
        or _too_soon_after(earlier, opened)
        or after(opened, episode.closed, "the closing")
        or ("IPS opened again that day." if later and opened == later.opened else "")
        or after(opened, first_request and first_request.requested, "an extension request")
        or ("" if earlier else before(opened, case.referred_on, "the referral")),
        authorised_through=before(through, opened, "the opening")
        or (_granted_since(episode) if through != old_end else ""),
        reason=missing(reason),
    )
    episode.opened, episode.authorised_through = opened, through
    keep(episode)
    turn_version(case)
    _move_back_with(case, old, opened, by=by, reason=reason)
    if through != old_end:
        sentence = f"Authorised through {written(old_end)}, corrected to {written(through)}."
        kind, ends = CaseEvent.Kind.OPENING_CORRECTED, [old_end.isoformat(), through.isoformat()]
        tell(case, kind, sentence, by=by, on=opened, reason=reason, about=episode, authorised_through=ends)
    if opened != old:
        kind = CaseEvent.Kind.OPENING_CORRECTED
        _tell_corrected(case, kind, old, opened, by=by, about=episode, reason=reason)
    return episode


@one_act
def correct_closing(episode, *, by, closed, reason, version=None):
    """Correct the closing date; due dates are computed again and keep the old ones as history."""
    case = hold(episode.case, version)
    check_can(by, Act.COORDINATE, case)
    episode = case.episodes.get(pk=episode.pk)
    if episode.closed is None:
        raise NotNow("This episode is open; there is no closing date to correct.")
    later = case.episodes.filter(opened__gt=episode.opened).last()
    refuse(
        closed=("This is the closing date already." if closed == episode.closed else "")
        or _cannot_close(episode, closed)
        or after(closed, later and later.opened, "the next opening"),
        reason=missing(reason),
    )
    old, episode.closed = episode.closed, closed
    keep(episode)
    turn_version(case)
    _tell_corrected(case, CaseEvent.Kind.CLOSING_CORRECTED, old, closed, by=by, about=episode, reason=reason)
    return episode


def _tell_corrected(case, kind, old, new, *, by, about, reason):
    sentence = f"{kind.label} from {written(old)} to {written(new)}"
    dates = [old.isoformat(), new.isoformat()]
    tell(case, kind, f"{sentence}.", by=by, on=new, reason=reason, about=about, dates=dates)
    ring(case, by, f"{sentence}: {reason}")


def _cannot_close(episode, closed):
    last_request = episode.extensions.standing().last()
    return (
        future(closed)
        or before(closed, episode.opened, "the opening")
        or before(closed, last_request and last_request.requested, "an extension request")
    )


def _move_back_with(case, old, opened, *, by, reason):
    stays = case.memberships.filter(joined__gt=opened, joined__lte=old).exclude(left__lt=old)
    for stay in stays.select_related("child"):
        elsewhere = stay.child.memberships.exclude(pk=stay.pk).filter(joined__lte=stay.joined)
        if stay.child.born <= opened and not elsewhere.exclude(left__lt=opened).exists():
            old_joined, stay.joined = stay.joined, opened
            stay.save(update_fields=["joined"])
            dates = [old_joined.isoformat(), opened.isoformat()]
            moved = f"joined {written(old_joined)}, moved back to {written(opened)} with the opening."
            kind, sentence = CaseEvent.Kind.CHILD, f"{stay.child}: {moved}"
            tell(case, kind, sentence, by=by, on=opened, reason=reason, about=stay, joined=dates)


def _hold_open(episode, by, version):
    case = hold(episode.case, version)
    check_can(by, Act.WORK, case)
    episode = case.episodes.get(pk=episode.pk)
    if episode.closed is not None:
        raise NotNow(f"IPS was closed on {written(episode.closed)}; open it again first.")
    return case, episode


def _hold_request(extension, by, version, act):
    case = hold(extension.episode.case, version)
    check_can(by, act, case)
    extension = Extension.objects.select_related("episode").get(pk=extension.pk)
    if extension.withdrawn:
        raise NotNow(f"This request was withdrawn on {written(extension.withdrawn)}.")
    return case, extension


def _too_soon_after(earlier, opened):
    """IPS may open again on the day it closed; but each episode has an opening day of its own, for a CANS
    belongs to the latest episode opened by its day."""
    if earlier is None:
        return ""
    if opened == earlier.opened:
        return "IPS opened that day already; undo its closing instead."
    return before(opened, earlier.closed, "the last closing")


def _new_end(through, episode):
    if through is None:
        return "Say through which day it was granted."
    if through <= episode.authorised_through:
        return f"This must be later than the end now, {written(episode.authorised_through)}."
    return ""


def _corrected_end(through, requested, episode, grants, was_granted):
    """Each grant goes further than the one requested before it, and the first further than the opening."""
    if through is None or not (was_granted or grants.exists()):
        return _new_end(through, episode)
    earlier = grants.filter(requested__lt=requested).last()
    later = grants.filter(requested__gt=requested).first()
    if earlier and through <= earlier.authorised_through:
        return f"This must be later than the grant before, through {written(earlier.authorised_through)}."
    if later and through >= later.authorised_through:
        return f"This must be earlier than the grant after, through {written(later.authorised_through)}."
    return before(through, episode.opened, "the opening")


def _end_at_opening(through, episode):
    if through is None:
        return "No grant is left: say through which day IPS was authorised at the opening."
    return before(through, episode.opened, "the opening")


def _granted_since(episode):
    """The last day granted holds, and it is corrected where it was said."""
    granted = episode.extensions.standing().filter(granted=True).last()
    return granted and (
        f"It comes from the extension requested on {written(granted.requested)}: correct that one instead."
    )
