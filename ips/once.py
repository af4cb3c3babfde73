"""A form that is sent twice is done once: by a double click, by Back and again, or because the answer
to the first never arrived.

Every page we show writes a CSRF token into its forms that is masked anew each time, so the token,
the address and what was typed together name one sending: an idempotency key that no page has to
carry apart. A script sends a header `Idempotency-Key` instead. What was changed before it was sent
again is another sending, and is done.
"""

import hashlib

from django.contrib import messages
from django.db import transaction
from django.shortcuts import redirect

from audit.models import Event

from .models import Sent

FIELD = "csrfmiddlewaretoken"


class OnceMiddleware:
    """The last of all, so that the row of a sending and what the view does are one transaction."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        token = _token(request)
        if not token or not request.user.is_authenticated:
            return self.get_response(request)
        with transaction.atomic():
            # Of two at once the second waits here for the first to end.
            sent, is_first = Sent.objects.get_or_create(person=request.user, digest=_digest(request, token))
            if is_first:
                return self._done(request, sent)
        messages.info(request, "This was sent twice, and done once. To do it again, open its page anew.")
        return redirect(sent.led_to)

    def _done(self, request, sent):
        """Done is what is on record as an act and led on; anything else may be sent again as it is, also
        where a part of it was kept (NotDone)."""
        before = Event.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
        response = self.get_response(request)
        acts = Event.objects.filter(pk__gt=before, actor_number=sent.person_id, kind=Event.Kind.ACT)
        if response.status_code >= 500:
            transaction.set_rollback(True)
        elif response.status_code == 302 and acts.exists():
            Sent.objects.filter(pk=sent.pk).update(led_to=response["Location"])
        else:
            Sent.objects.filter(pk=sent.pk).delete()
        return response


def _token(request):
    if request.method != "POST":
        return ""
    return request.headers.get("Idempotency-Key") or request.POST.get(FIELD, "")


def _digest(request, token):
    """Of all that was sent, each part with its length, so that no two sendings run into one."""
    digest = hashlib.sha256()
    parts = [token, request.get_full_path()]
    for name, values in request.POST.lists():
        if name != FIELD:
            parts += [name, str(len(values)), *values]
    for name, files in request.FILES.lists():
        parts += [name, *(_digest_of_file(file) for file in files)]
    for part in parts:
        encoded = part.encode("utf-8", "surrogatepass")
        digest.update(b"%d:%s" % (len(encoded), encoded))
    return digest.hexdigest()


def _digest_of_file(file):
    digest = hashlib.sha256()
    for chunk in file.chunks():
        digest.update(chunk)
    file.seek(0)
    return digest.hexdigest()
