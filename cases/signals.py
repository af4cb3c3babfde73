"""The one doorbell that rings against the one-way street: `cans` listens and keeps the due dates."""

from django.dispatch import Signal

# Sent inside the transaction that changed a date the due dates are computed from,
# with `case`, `by` (a person, or None for a command) and `because` (a sentence).
dates_changed = Signal()
