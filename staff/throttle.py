"""How often a password may be tried, before any is hashed. Counted in the database, for all processes.

Who tries from outside must not be able to lock somebody out for good: ten tries are counted for each
account from each address. All of an account's tries are counted too, but not from where the person has
signed in before; and nothing is counted for longer than five minutes.
"""

import hashlib

from allauth.account.adapter import get_adapter
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.core.internal import ratelimit
from django.core.cache import cache
from django.shortcuts import render

from audit.sign_in import record_try

# An agency may share one address, so its limit is wide.
RATES = {
    "address": "60/5m/ip",
    "account_there": "10/5m/key",
    "account": "30/5m/key",
}
WAIT = 5 * 60  # seconds
REMEMBERED = 30 * 24 * 60 * 60  # seconds


class Throttle:
    def __init__(self, request, username):
        self.request = request
        self.account = username.strip().casefold()
        self.address = ratelimit.truncate_ip(get_adapter(request).get_client_ip(request))
        self.there = f"{self.account}@{self.address}"
        self.used = []

    def count(self):
        """Count one try, or refuse it: 429 and a page that says how long to wait."""
        self._count("address", None)
        self._count("account_there", self.there)
        if not cache.get(self._known()):
            self._count("account", self.account)

    def forgive(self):
        """The password was right: that was no guess, and this is an address of theirs."""
        for usage in self.used:
            usage.rollback()
        cache.set(self._known(), True, REMEMBERED)

    def _count(self, action, key):
        usage = ratelimit.consume(self.request, app="staff", action=action, config=RATES, key=key)
        if not usage:
            self._tell(action, key)
            raise ImmediateHttpResponse(too_many(self.request))
        self.used.append(usage)

    def _tell(self, limit, key):
        """On record once for each limit that is reached, and not for each try beyond it."""
        of = hashlib.sha256((key or self.address).encode()).hexdigest()
        if cache.add(f"throttled:{limit}:{of}", True, WAIT):
            record_try("sign_in.throttled", self.account, limit=limit)

    def _known(self):
        return f"known-address:{hashlib.sha256(self.there.encode()).hexdigest()}"


def too_many(request):
    response = render(request, "429.html", {"minutes": WAIT // 60}, status=429)
    response["Retry-After"] = str(WAIT)
    return response
