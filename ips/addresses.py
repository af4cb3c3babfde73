"""Which case an address is about, by the number in it, whoever asks."""

from cans.models import Assessment, Obligation
from cases.models import Case

HIGHEST = 2**63 - 1  # that a row's number may be
# By the beginning of the pattern: the number's name in it, and the row of which it is the number.
OF_A_CASE = (
    ("cases/<int:pk>/", "pk", Case),
    ("audit/cases/<int:pk>/", "pk", Case),
    ("cans/start/<int:case_pk>/", "case_pk", Case),
    ("cans/<int:pk>/", "pk", Assessment),
    ("approvals/<int:pk>/", "pk", Assessment),
    ("reports/waive/<int:obligation_pk>/", "obligation_pk", Obligation),
)


def case_of(match):
    """The case, if there is one; None where the address is about none."""
    for beginning, name, model in OF_A_CASE:
        if match.route.startswith(beginning) and match.kwargs[name] <= HIGHEST:
            found = model.objects.filter(pk=match.kwargs[name])
            return Case.objects.filter(pk__in=found.values("pk" if model is Case else "case")).first()
    return None
