"""The refusals that are not Django's own: wrong moment, and somebody else was faster.

Not yours is Http404 by the queryset, wrong role is PermissionDenied; both are Django's.
"""

from django.http import HttpResponseRedirect


class NotNow(Exception):
    """The person may do this, but not at this moment. Its text is a sentence fit to show (409)."""


class NotDone(HttpResponseRedirect):
    """Leads to the page that says what is lacking. Unlike a redirect after an act, the same form may be
    sent again once that is mended."""

    status_code = 303
