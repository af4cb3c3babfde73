"""The refusals that are not Django's own: wrong moment, and somebody else was faster.

Not yours is Http404 by the queryset, wrong role is PermissionDenied; both are Django's.
"""


class NotNow(Exception):
    """The person may do this, but not at this moment. Its text is a sentence fit to show (409)."""
