from django.shortcuts import render
from django.views.decorators.http import require_safe

from .policy import policy


@policy("account")
@require_safe
def confirmed(request):
    """Where a second tab ends in which somebody proved who they are; the first still holds their form."""
    return render(request, "staff/confirmed.html")
