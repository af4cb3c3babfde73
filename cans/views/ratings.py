"""Saving while somebody rates: small batches in JSON from the scoring page's script (static/js/scoring).

A save does not look the assessment up as pages do: the verb asks what it must, and only who is refused
is told like anybody else whether there is such a CANS at all.
"""

import hashlib
from functools import wraps

from django.core.exceptions import PermissionDenied, RequestDataTooBig, ValidationError
from django.db import models, transaction
from django.http import Http404, JsonResponse
from django.middleware.csrf import get_token
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from cans import actions, batch
from cans.facts import sheets_of
from cans.instrument import words
from cans.models import Assessment, Note, RatingChange
from ips.models import Sent
from staff.policy import policy
from staff.refusals import NotNow

from .reading import ASSESSMENT_TO_SCORE, find, note_reading

SOMEBODY_ELSE = "Somebody else has signed in since this page was opened: what is on it was not saved."


def told_in_json(view):
    """A script cannot show the page with which we refuse a person."""

    @wraps(view)
    def guarded(request, pk):
        try:
            return view(request, pk)
        except PermissionDenied as why:
            return JsonResponse({"problem": str(why), "reason": "role"}, status=403)
        except NotNow as why:
            return JsonResponse({"problem": str(why)}, status=409)

    return guarded


@told_in_json
@policy("assessment.score")
@require_http_methods(["GET", "PATCH"])
def ratings(request, pk):
    return _save(request, pk) if request.method == "PATCH" else _as_they_are(request, pk)


def _save(request, pk):
    try:
        sent = batch.read(_body(request), request.META.get("HTTP_IDEMPOTENCY_KEY", ""))
    except batch.Unreadable as why:
        return JsonResponse({"problem": str(why), "items": {}}, status=400)
    if sent.by != request.user.pk:
        return JsonResponse({"problem": SOMEBODY_ELSE, "reason": "person"}, status=403)
    try:
        saved = _stored(request, pk, sent)
    except ValidationError as wrong:
        items = {name: " ".join(said) for name, said in wrong.message_dict.items()}
        return JsonResponse({"problem": "Nothing of this was saved.", "items": items}, status=400)
    except (PermissionDenied, NotNow):
        find(request, pk, ASSESSMENT_TO_SCORE)  # not theirs to see: 404, as if it were not there
        raise
    answer = {
        "saved_at": _clock(timezone.now()),
        "conflicts": _conflicts(saved.conflicts),
        "notes_apart": _notes_apart(saved.notes_apart),
    }
    return JsonResponse(answer)


def _body(request):
    try:
        return request.body
    except RequestDataTooBig:
        raise batch.Unreadable("This is too much to save at once.") from None


def _stored(request, pk, sent):
    """A rating's history knows under which key it was set; that notes were, a row of its own must say."""
    if not sent.notes:
        return _save_batch(request, pk, sent, sent_before=False)
    digest = hashlib.sha256(f"{request.path} {sent.key}".encode()).hexdigest()
    with transaction.atomic():
        _, is_first = Sent.objects.get_or_create(person=request.user, digest=digest)
        return _save_batch(request, pk, sent, sent_before=not is_first)


def _save_batch(request, pk, sent, *, sent_before):
    if pk > models.BigAutoField.MAX_BIGINT:
        raise Http404
    batch = {"ratings": sent.ratings, "notes": sent.notes, "sending": sent.key}
    try:
        return actions.save(pk, by=request.user, sent_before=sent_before, **batch)
    except Assessment.DoesNotExist:
        raise Http404 from None


def _conflicts(conflicts):
    """What stands there instead, in words, and who set it when."""
    if not conflicts:
        return []
    last = _last_changes(conflicts)
    found = []
    for sheet, conflict in conflicts:
        change = last.get((sheet, conflict.item.position))  # an amendment begins with ratings without one
        found.append(
            {
                "sheet": sheet,
                "code": conflict.item.code,
                "value": conflict.there,
                "words": words(conflict.item, conflict.there),
                "by": str(change.by) if change else "",
                "at": _clock(change.at) if change else "",
            }
        )
    return found


def _last_changes(conflicts):
    changes = RatingChange.objects.filter(
        sheet__in={sheet for sheet, _ in conflicts},
        position__in={conflict.item.position for _, conflict in conflicts},
    )
    return {(one.sheet_id, one.position): one for one in changes.select_related("by").order_by("pk")}


def _notes_apart(apart):
    if not apart:
        return []
    notes = Note.objects.filter(sheet__in={sheet for sheet, _, _ in apart}).select_related("by")
    written_by = {(note.sheet_id, note.code): str(note.by) for note in notes}
    return [
        {"sheet": sheet, "code": code, "text": text, "by": written_by.get((sheet, code), "")}
        for sheet, code, text in apart
    ]


def _clock(moment):
    return f"{timezone.localtime(moment):%-I:%M %p %Z}"


def _as_they_are(request, pk):
    """To look again: after signing in anew, after a conflict, and when the page comes back into sight."""
    assessment = find(request, pk, ASSESSMENT_TO_SCORE)
    sheets = sheets_of(assessment)
    note_reading(request, "assessment ratings", assessment)
    answer = {
        "by": request.user.pk,
        "csrf": get_token(request),
        "sheets": {
            str(sheet.pk): {item.code: sheet.value(item) for item in sheet.applicable_items}
            for sheet in sheets
        },
        "notes": {str(sheet.pk): {note.code: note.text for note in sheet.notes.all()} for sheet in sheets},
    }
    return JsonResponse(answer)
